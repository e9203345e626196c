//! Answering cases: money that arrived where none was awaited goes back, is accepted, or is settled elsewhere.

use super::cashier::Cashier;
use super::change::{self, Change};
use super::channel::Paid;
use super::error::Error;
use super::objects;
use super::records::{App, Case, OrderBundle, Payment, Refund, TimelineKind};
use super::refunds::left;
use super::settle::rule_for;
use super::store::{StoreError, Write};
use crate::model::{CaseAnswer, CaseId, CaseKind, CaseRule, CaseStatus, EventType, OrderStatus, VerifiedBy};

/// Why the money of a case cannot be sent back from here.
const NOT_OURS_TO_REFUND: &str = "must be none: refund this money in the provider's console";

/// The answers that staff may give to a case now; `payment` is the case's own, where there is one.
#[must_use]
pub fn answers_of(case: &Case, payment: Option<&Payment>) -> Vec<CaseAnswer> {
    if is_answered(case) {
        return Vec::new();
    }
    let mut answers = Vec::new();
    if payment.is_some_and(|p| holds_money_of(p, case)) {
        answers.push(CaseAnswer::Refund);
        answers.extend((case.kind == CaseKind::Late).then_some(CaseAnswer::Accept));
    }
    answers.push(CaseAnswer::None);
    answers
}

fn is_answered(case: &Case) -> bool {
    case.status == CaseStatus::Resolved || case.refund_no.is_some()
}

/// Whether a refund of the payment would send back the money of the case, and not money that pays the order or belongs to
/// another trade under the same number.
fn holds_money_of(payment: &Payment, case: &Case) -> bool {
    !payment.pays_order && payment.provider_trade_no.as_ref() == Some(&case.provider_trade_no)
}

/// A case that nobody has answered, in the state that the commit will make sure of.
///
/// # Errors
/// `Conflict` when it is answered; `NotFound`.
fn open_case_in<'a>(bundle: &'a OrderBundle, case_id: &CaseId) -> Result<&'a Case, Error> {
    let case = bundle.cases.iter().find(|c| &c.case_id == case_id).ok_or(Error::NotFound { what: "case" })?;
    if is_answered(case) { Err(answered()) } else { Ok(case) }
}

fn answered() -> Error {
    Error::Conflict("the case is answered already".into())
}

impl Cashier {
    /// Answers an open case. `Accept` makes the closed order paid after all; `Refund` sends the money back and resolves
    /// the case when the provider has done it; `None` records that it was settled outside.
    ///
    /// # Errors
    /// `Conflict` when it is answered already; `Invalid` for an answer that this case cannot have.
    pub async fn answer_case(&self, case_id: &CaseId, answer: CaseAnswer, actor: &str) -> Result<Case, Error> {
        loop {
            let case = self.inner.store.case(case_id).await?.ok_or(Error::NotFound { what: "case" })?;
            if is_answered(&case) {
                return Err(answered());
            }
            let done = match (answer, &case.order_no) {
                (CaseAnswer::None, _) => self.settle_outside(&case, actor).await,
                (CaseAnswer::Accept, Some(_)) if case.kind == CaseKind::Late => self.accept_late(&case, actor).await,
                (CaseAnswer::Accept, _) => return Err(Error::invalid("answer", "can be accept for late money only")),
                (CaseAnswer::Refund, Some(order_no)) => {
                    let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
                    let app = self.app_of(&bundle.order).await?;
                    match self.refund_case(&app, bundle, case_id, actor).await {
                        Ok(refund) => self.push_or_leave(refund).await.map(|_| ()),
                        Err(e) => Err(e),
                    }
                }
                (CaseAnswer::Refund, None) => return Err(Error::invalid("answer", NOT_OURS_TO_REFUND)),
            };
            match done {
                Ok(()) => return self.inner.store.case(case_id).await?.ok_or(Error::NotFound { what: "case" }),
                Err(Error::Store(StoreError::Stale)) => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Carries out the app's rule for a case.
    ///
    /// # Errors
    /// As `answer_case`.
    pub(super) async fn answer_by_rule(&self, case_id: &CaseId) -> Result<(), Error> {
        let Some(case) = self.inner.store.case(case_id).await? else { return Ok(()) };
        let Some(app_id) = case.app_id.as_ref().filter(|_| case.status == CaseStatus::Open && case.refund_no.is_none()) else {
            return Ok(());
        };
        let Some(app) = self.app_with_keys(app_id).await? else { return Ok(()) };
        let answer = match rule_for(&app.app, case.kind) {
            CaseRule::Ask => return Ok(()),
            CaseRule::Refund => CaseAnswer::Refund,
            CaseRule::Accept => CaseAnswer::Accept,
        };
        match self.answer_case(case_id, answer, "rule").await {
            Ok(_) | Err(Error::Conflict(_)) => Ok(()),
            // The order found another payment meanwhile: what was late is now a duplicate, which goes back.
            Err(Error::AlreadyPaid) => self.answer_case(case_id, CaseAnswer::Refund, "rule").await.map(|_| ()),
            Err(e) => Err(e),
        }
    }

    /// Refunds the money of a case; the refund is no part of the order's own.
    ///
    /// # Errors
    /// `RefundTooMuch` when it was refunded already; storage errors.
    async fn refund_case(&self, app: &App, bundle: OrderBundle, case_id: &CaseId, actor: &str) -> Result<Refund, Error> {
        let case = open_case_in(&bundle, case_id)?.clone();
        let payment = bundle.payments.iter().find(|p| Some(&p.pay_no) == case.pay_no.as_ref()).cloned();
        let payment = payment.filter(|p| holds_money_of(p, &case));
        let payment = payment.ok_or_else(|| Error::invalid("answer", NOT_OURS_TO_REFUND))?;
        let mut refund = self.new_refund(&payment, case.amount, case.kind.as_str(), actor)?;
        refund.case_id = Some(case_id.clone());
        let mut change = Change::new(self, app, bundle);
        change.case(case_id, |c| c.refund_no = Some(refund.refund_no.clone()));
        self.write_refund(&mut change, &refund, actor);
        let (before, after) = (
            serde_json::json!({ "status": case.status }),
            serde_json::json!({ "answer": "refund", "refund_no": refund.refund_no }),
        );
        change.audit(actor, "case.answer", case_id.as_str(), before, after);
        change.commit().await.map_err(|e| match e {
            Error::Store(StoreError::TooMuch) => Error::RefundTooMuch { left: left(&payment).fen() },
            other => other,
        })?;
        Ok(refund)
    }

    pub(super) async fn accept_late(&self, case: &Case, actor: &str) -> Result<(), Error> {
        let order_no = case.order_no.as_ref().ok_or(Error::NotFound { what: "order" })?;
        let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        match bundle.order.status {
            OrderStatus::Closed => {}
            OrderStatus::Paid => return Err(Error::AlreadyPaid),
            status => return Err(Error::Conflict(format!("the order is {status}"))),
        }
        open_case_in(&bundle, &case.case_id)?;
        let payment = bundle.payments.iter().find(|p| Some(&p.pay_no) == case.pay_no.as_ref()).cloned();
        let payment = payment.ok_or(Error::NotFound { what: "payment" })?;
        let app = self.app_of(&bundle.order).await?;
        let paid = Paid {
            trade_no: case.provider_trade_no.clone(),
            amount: case.amount,
            payer: payment.payer.clone(),
            paid_at: payment.paid_at,
        };
        let by = payment.verified_by.unwrap_or(VerifiedBy::Query);
        let mut change = Change::new(self, &app, bundle);
        self.pay_order(&mut change, &payment, &paid, by);
        self.resolve(&mut change, &case.case_id, CaseAnswer::Accept, actor);
        change.commit().await.map(|_| ())
    }

    pub(super) async fn settle_outside(&self, case: &Case, actor: &str) -> Result<(), Error> {
        let Some(order_no) = &case.order_no else {
            let mut after = case.clone();
            self.mark_resolved(&mut after, CaseAnswer::None, actor);
            let (was, now) = (serde_json::json!({ "status": case.status }), serde_json::json!({ "answer": CaseAnswer::None }));
            let audit = self.audit(actor, "case.answer", case.case_id.as_str(), Some(was), Some(now));
            let mut writes = self.event_without_order(EventType::CaseResolved, &after).await?;
            writes.extend([Write::SaveCase { case: Box::new(after), was: case.status }, audit]);
            return Ok(self.commit(None, writes).await?);
        };
        let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        open_case_in(&bundle, &case.case_id)?;
        let app = self.app_of(&bundle.order).await?;
        let mut change = Change::new(self, &app, bundle);
        self.resolve(&mut change, &case.case_id, CaseAnswer::None, actor);
        change.commit().await.map(|_| ())
    }

    /// What tells the app of a case that belongs to no order, if the app wants to hear.
    ///
    /// # Errors
    /// Storage errors.
    pub(super) async fn event_without_order(&self, kind: EventType, case: &Case) -> Result<Vec<Write>, Error> {
        let Some(app_id) = &case.app_id else { return Ok(Vec::new()) };
        let Some(app) = self.app_with_keys(app_id).await? else { return Ok(Vec::new()) };
        let Some(url) = app.app.settings.notify_url.clone() else { return Ok(Vec::new()) };
        Ok(change::event_writes(self, &app.app, None, kind, case.case_id.to_string(), url, objects::case_json(case, None)))
    }

    fn resolve(&self, change: &mut Change<'_>, case_id: &CaseId, answer: CaseAnswer, actor: &str) {
        if let Some(case) = change.case(case_id, |c| self.mark_resolved(c, answer, actor)) {
            change.note(TimelineKind::CaseResolved, actor, Some(case_id.as_str()), &[("answer", answer.to_string())]);
            change.case_event(EventType::CaseResolved, &case);
            let (before, after) = (serde_json::json!({ "status": CaseStatus::Open }), serde_json::json!({ "answer": answer }));
            change.audit(actor, "case.answer", case_id.as_str(), before, after);
        }
    }

    fn mark_resolved(&self, case: &mut Case, answer: CaseAnswer, actor: &str) {
        case.status = CaseStatus::Resolved;
        case.answer = Some(answer);
        case.resolved_at = Some(self.now());
        case.resolved_by = Some(actor.to_owned());
    }
}
