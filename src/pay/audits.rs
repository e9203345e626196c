//! Refunds as a provider sees them: it asks whether one may be, and it names them by a number of its own.
//!
//! One of ours was decided when it was asked for. One that the payer asked for at the provider is decided by the app's rule
//! or by staff; approved, it becomes a refund of ours that the provider has under way already.

use super::cashier::Cashier;
use super::change::Change;
use super::channel::Verdict;
use super::error::Error;
use super::records::{App, ChannelRecord, OrderBundle, Payment, Refund, RefundAudit, TimelineKind};
use super::refunds::left;
use super::store::{PageRequest, RefundFilter, StoreError, Unique, Write};
use crate::model::{Amount, AuditDecision, AuditRule, CaseId, CaseStatus, PayNo, RefundNo, RefundStatus};

/// Refunds looked at when a provider's number is searched for; two channels may use the same one.
const NAMESAKES: i64 = 50;
/// The reason of a refund that the payer asked for at the provider.
const REASON: &str = "asked for at the provider";

/// Which refund of ours a provider's number stands for.
enum Meant<'a> {
    Known(&'a Refund),
    /// The only open one whose number at the provider we never heard, since the reply to our call was lost.
    Unnamed(&'a Refund),
    /// Several could be meant, or a reply that will name one is still on its way: the provider asks again.
    Unclear,
    None,
}

/// `asked`: what is written about a refund of this number that was not ours when it was asked about.
fn meant<'a>(bundle: &'a OrderBundle, pay_no: &PayNo, number: &str, asked: Option<&RefundAudit>) -> Meant<'a> {
    let of_payment = || bundle.refunds.iter().filter(|r| &r.pay_no == pay_no);
    if let Some(refund) = of_payment().find(|r| r.provider_refund_no.as_deref() == Some(number)) {
        return Meant::Known(refund);
    }
    if asked.is_some() {
        return Meant::None;
    }
    let mut unnamed = of_payment().filter(|r| r.status.is_open() && r.provider_refund_no.is_none());
    match (unnamed.next(), unnamed.next()) {
        (Some(refund), None) if refund.status != RefundStatus::Created => Meant::Unnamed(refund),
        (Some(_), _) => Meant::Unclear,
        (None, _) => Meant::None,
    }
}

/// What could go back of a payment now: what is left of the order's own, or the money of its open case.
fn takeable(bundle: &OrderBundle, payment: &Payment) -> Option<(Amount, Option<CaseId>)> {
    let left = left(payment);
    if payment.pays_order {
        return Some((left, None)).filter(|(left, _)| !left.is_zero());
    }
    let is_its = |case: &&super::records::Case| {
        case.pay_no.as_ref() == Some(&payment.pay_no) && case.status == CaseStatus::Open && case.refund_no.is_none()
    };
    let case = bundle.cases.iter().find(is_its)?;
    (!case.amount.is_zero() && case.amount <= left).then(|| (case.amount, Some(case.case_id.clone())))
}

/// What approving a refund of this payment would send back now; `None` where it cannot be approved.
#[must_use]
pub fn approvable(bundle: &OrderBundle, pay_no: &str) -> Option<Amount> {
    let payment = bundle.payments.iter().find(|p| p.pay_no.as_str() == pay_no)?;
    takeable(bundle, payment).map(|(amount, _)| amount)
}

impl Cashier {
    /// Whether a refund may be that the provider asks about.
    ///
    /// # Errors
    /// Storage errors; then nothing was changed.
    pub(super) async fn audit_refund(
        &self,
        record: &ChannelRecord,
        pay_no: &str,
        provider_refund_no: &str,
    ) -> Result<Verdict, Error> {
        loop {
            match self.try_audit(record, pay_no, provider_refund_no).await {
                // Somebody else decided about this order in between, or wrote the same question down: look again.
                Err(Error::Store(StoreError::Stale | StoreError::TooMuch | StoreError::Taken(Unique::RefundAudit))) => {}
                other => return other,
            }
        }
    }

    async fn try_audit(&self, record: &ChannelRecord, pay_no: &str, number: &str) -> Result<Verdict, Error> {
        let asked = self.inner.store.refund_audit_by_no(&record.channel_id, number).await?;
        let Some(payment) = self.payment_of_channel(pay_no, record).await? else {
            return self.ask_about_stranger(record, pay_no, number, asked).await;
        };
        let (app, bundle) = self.reload(&payment.pay_no).await?;
        match meant(&bundle, &payment.pay_no, number, asked.as_ref()) {
            Meant::Known(refund) if refund.status == RefundStatus::Failed => Ok(Verdict::Reject),
            Meant::Known(refund) => Ok(Verdict::Approve(refund.amount)),
            Meant::Unnamed(refund) => {
                let (refund_no, amount) = (refund.refund_no.clone(), refund.amount);
                let mut change = Change::new(self, &app, bundle);
                change.refund(&refund_no, |r| {
                    r.status = RefundStatus::Processing;
                    r.provider_refund_no = Some(number.to_owned());
                });
                change.commit().await?;
                Ok(Verdict::Approve(amount))
            }
            Meant::Unclear => Ok(Verdict::Undecided),
            Meant::None => self.decide_by_rule(record, &app, bundle, &payment.pay_no, number, asked).await,
        }
    }

    /// The payer asked the provider. The app's rule is asked each time until there is a verdict.
    async fn decide_by_rule(
        &self,
        record: &ChannelRecord,
        app: &App,
        bundle: OrderBundle,
        pay_no: &PayNo,
        number: &str,
        asked: Option<RefundAudit>,
    ) -> Result<Verdict, Error> {
        let Some(payment) = bundle.payments.iter().find(|p| &p.pay_no == pay_no).cloned() else {
            return Ok(Verdict::Undecided);
        };
        match asked.as_ref().and_then(|a| a.decision) {
            Some(AuditDecision::Reject) => return Ok(Verdict::Reject),
            // Its refund would have been found by the number.
            Some(AuditDecision::Approve) => return Ok(Verdict::Undecided),
            None => {}
        }
        let takeable = takeable(&bundle, &payment);
        let decision = match app.settings.refund_audit_rule {
            AuditRule::Ask => None,
            // Money that we do not know of, or that went back, is for staff to look at.
            AuditRule::Approve => takeable.is_some().then_some(AuditDecision::Approve),
            AuditRule::Reject => Some(AuditDecision::Reject),
        };
        if asked.is_some() && decision.is_none() {
            return Ok(Verdict::Undecided);
        }
        let is_new = asked.is_none();
        let audit = asked.unwrap_or_else(|| RefundAudit {
            order_no: Some(payment.order_no.clone()),
            app_id: Some(payment.app_id.clone()),
            amount: takeable.as_ref().map_or(Amount::ZERO, |(amount, _)| *amount),
            ..self.question(record, payment.pay_no.as_str(), number)
        });
        let mut change = Change::new(self, app, bundle);
        let verdict = self.write_verdict(&mut change, &payment, audit, is_new, decision, "rule")?;
        change.commit().await?;
        Ok(verdict)
    }

    /// A payment that we know nothing of: staff can say no, and nobody can say yes.
    async fn ask_about_stranger(
        &self,
        record: &ChannelRecord,
        pay_no: &str,
        number: &str,
        asked: Option<RefundAudit>,
    ) -> Result<Verdict, Error> {
        match asked {
            Some(RefundAudit { decision: Some(AuditDecision::Reject), .. }) => Ok(Verdict::Reject),
            Some(_) => Ok(Verdict::Undecided),
            None => {
                let audit = RefundAudit { app_id: record.app_id.clone(), ..self.question(record, pay_no, number) };
                self.commit(None, vec![Write::InsertRefundAudit(Box::new(audit))]).await?;
                Ok(Verdict::Undecided)
            }
        }
    }

    fn question(&self, record: &ChannelRecord, pay_no: &str, number: &str) -> RefundAudit {
        RefundAudit {
            audit_id: self.inner.world.number(),
            channel_id: record.channel_id.clone(),
            provider_refund_no: number.to_owned(),
            pay_no: pay_no.chars().take(128).collect(),
            order_no: None,
            app_id: None,
            asked_at: self.now(),
            amount: Amount::ZERO,
            decision: None,
            refund_no: None,
            decided_by: None,
            decided_at: None,
        }
    }

    /// Everything that a verdict, or the question alone, leaves behind. Approving reserves the money under a refund of ours
    /// that is under way at the provider: its outcome settles it, and nobody submits it again.
    fn write_verdict(
        &self,
        change: &mut Change<'_>,
        payment: &Payment,
        mut audit: RefundAudit,
        is_new: bool,
        decision: Option<AuditDecision>,
        by: &str,
    ) -> Result<Verdict, Error> {
        let verdict = match decision {
            None => Verdict::Undecided,
            Some(AuditDecision::Reject) => Verdict::Reject,
            Some(AuditDecision::Approve) => {
                let nothing = || Error::Conflict("nothing of this payment can be sent back now".into());
                let (amount, case_id) = takeable(&change.bundle, payment).ok_or_else(nothing)?;
                let mut refund = self.new_refund(payment, amount, REASON, by)?;
                refund.status = RefundStatus::Processing;
                refund.provider_refund_no = Some(audit.provider_refund_no.clone());
                refund.case_id.clone_from(&case_id);
                if let Some(case_id) = &case_id {
                    change.case(case_id, |c| c.refund_no = Some(refund.refund_no.clone()));
                }
                self.write_refund(change, &refund, by);
                audit.amount = amount;
                audit.refund_no = Some(refund.refund_no.clone());
                Verdict::Approve(amount)
            }
        };
        if decision.is_some() {
            audit.decision = decision;
            audit.decided_by = Some(by.to_owned());
            audit.decided_at = Some(self.now());
        }
        let word = decision.map_or("ask", AuditDecision::as_str);
        let actor = if decision.is_some() { by } else { "provider" };
        let facts = [("verdict", word.to_owned()), ("amount", audit.amount.fen().to_string())];
        change.note(TimelineKind::RefundAudited, actor, Some(audit.provider_refund_no.as_str()), &facts);
        change.pin();
        let audit = Box::new(audit);
        change.write(if is_new { Write::InsertRefundAudit(audit) } else { Write::DecideRefundAudit(audit) });
        Ok(verdict)
    }

    /// The verdict of staff on a refund that the provider asked about.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it is decided already or nothing can go back.
    pub async fn decide_audit(&self, audit_id: &str, decision: AuditDecision, actor: &str) -> Result<(), Error> {
        loop {
            let absent = Error::NotFound { what: "refund" };
            let audit = self.inner.store.refund_audit(audit_id).await?.ok_or(absent)?;
            if audit.decision.is_some() {
                return Err(Error::Conflict("the refund is decided already".into()));
            }
            match self.try_decide(audit, decision, actor).await {
                Err(Error::Store(StoreError::Stale | StoreError::TooMuch)) => {}
                other => return other,
            }
        }
    }

    async fn try_decide(&self, mut audit: RefundAudit, decision: AuditDecision, actor: &str) -> Result<(), Error> {
        let (before, after) = (serde_json::json!({ "decision": null }), serde_json::json!({ "decision": decision }));
        let id = audit.audit_id.clone();
        let Some(order_no) = audit.order_no.clone() else {
            if decision == AuditDecision::Approve {
                return Err(Error::Conflict("nothing of this payment can be sent back now".into()));
            }
            audit.decision = Some(decision);
            audit.decided_by = Some(actor.to_owned());
            audit.decided_at = Some(self.now());
            let entry = self.audit(actor, "refund.audit", &id, Some(before), Some(after));
            return Ok(self.commit(None, vec![Write::DecideRefundAudit(Box::new(audit)), entry]).await?);
        };
        let bundle = self.inner.store.bundle(&order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        let payment = bundle.payments.iter().find(|p| p.pay_no.as_str() == audit.pay_no).cloned();
        let payment = payment.ok_or(Error::NotFound { what: "payment" })?;
        let app = self.app_of(&bundle.order).await?;
        let mut change = Change::new(self, &app, bundle);
        self.write_verdict(&mut change, &payment, audit, false, Some(decision), actor)?;
        change.audit(actor, "refund.audit", &id, before, after);
        change.commit().await.map(|_| ())
    }

    /// The refund of this channel that the provider's number stands for.
    ///
    /// # Errors
    /// Storage errors.
    pub(super) async fn refund_by_provider_no(
        &self,
        record: &ChannelRecord,
        pay_no: Option<&str>,
        provider_refund_no: &str,
    ) -> Result<Option<RefundNo>, Error> {
        if let Some(pay_no) = pay_no {
            let Some(payment) = self.payment_of_channel(pay_no, record).await? else { return Ok(None) };
            let asked = self.inner.store.refund_audit_by_no(&record.channel_id, provider_refund_no).await?;
            let (_, bundle) = self.reload(&payment.pay_no).await?;
            return Ok(match meant(&bundle, &payment.pay_no, provider_refund_no, asked.as_ref()) {
                Meant::Known(refund) | Meant::Unnamed(refund) => Some(refund.refund_no.clone()),
                Meant::Unclear | Meant::None => None,
            });
        }
        let filter = RefundFilter { number: Some(provider_refund_no.to_owned()), ..RefundFilter::default() };
        let page = PageRequest { limit: NAMESAKES, ..PageRequest::default() };
        for refund in self.inner.store.refunds(&filter, &page).await?.items {
            let is_its = refund.provider_refund_no.as_deref() == Some(provider_refund_no);
            if is_its && self.payment_of_channel(refund.pay_no.as_str(), record).await?.is_some() {
                return Ok(Some(refund.refund_no));
            }
        }
        Ok(None)
    }
}
