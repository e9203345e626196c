//! Answering cases: money that arrived where none was awaited goes back, is accepted, or is settled elsewhere.

use super::cashier::Cashier;
use super::change::Change;
use super::channel::Paid;
use super::error::Error;
use super::records::{Case, TimelineKind};
use super::settle::rule_for;
use super::store::{StoreError, Write};
use crate::model::{CaseAnswer, CaseId, CaseKind, CaseRule, CaseStatus, EventType, OrderStatus, VerifiedBy};

/// The answers that staff may give to a case now.
#[must_use]
pub fn answers_of(case: &Case) -> Vec<CaseAnswer> {
    if case.status == CaseStatus::Resolved || case.refund_no.is_some() {
        return Vec::new();
    }
    match (&case.order_no, case.kind) {
        (Some(_), CaseKind::Late) => vec![CaseAnswer::Refund, CaseAnswer::Accept, CaseAnswer::None],
        (Some(_), _) => vec![CaseAnswer::Refund, CaseAnswer::None],
        (None, _) => vec![CaseAnswer::None],
    }
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
            if case.status == CaseStatus::Resolved || case.refund_no.is_some() {
                return Err(Error::Conflict("the case is answered already".into()));
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
                (CaseAnswer::Refund, None) => {
                    return Err(Error::invalid("answer", "must be none: refund this money in the provider's console"));
                }
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

    async fn accept_late(&self, case: &Case, actor: &str) -> Result<(), Error> {
        let order_no = case.order_no.as_ref().ok_or(Error::NotFound { what: "order" })?;
        let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        match bundle.order.status {
            OrderStatus::Closed => {}
            OrderStatus::Paid => return Err(Error::AlreadyPaid),
            status => return Err(Error::Conflict(format!("the order is {status}"))),
        }
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

    async fn settle_outside(&self, case: &Case, actor: &str) -> Result<(), Error> {
        let Some(order_no) = &case.order_no else {
            let mut after = case.clone();
            self.mark_resolved(&mut after, CaseAnswer::None, actor);
            let (was, now) = (serde_json::json!({ "status": case.status }), serde_json::json!({ "answer": CaseAnswer::None }));
            let audit = self.audit(actor, "case.answer", case.case_id.as_str(), Some(was), Some(now));
            let write = Write::SaveCase { case: Box::new(after), was: case.status };
            return Ok(self.commit(None, vec![write, audit]).await?);
        };
        let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        let app = self.app_of(&bundle.order).await?;
        let mut change = Change::new(self, &app, bundle);
        self.resolve(&mut change, &case.case_id, CaseAnswer::None, actor);
        change.commit().await.map(|_| ())
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
