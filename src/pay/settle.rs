//! Where news about a payment ends, whatever brought it: a notice, a query, a synchronous reply. The same news may come
//! twice, late and in any order; only the first has an effect.

use super::ask::REVERSING;
use super::cashier::Cashier;
use super::change::Change;
use super::channel::{Paid, PaymentRef, Remote};
use super::error::Error;
use super::records::{App, Case, NoticeRow, OrderBundle, Payment, TaskKind, TimelineKind};
use super::states::{self, Money};
use super::store::{StoreError, Unique, Write};
use crate::model::{
    AppId, CaseId, CaseKind, CaseRule, CaseStatus, ChannelId, EventType, OrderStatus, PayNo, PaymentStatus, VerifiedBy,
};

/// What became of the news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The order is paid now.
    Paid,
    /// A case was opened.
    Case,
    /// The payment ended without money.
    Ended,
    /// Not believed as it is: the provider is asked again.
    Asked,
    /// Nothing new.
    Nothing,
}

impl Settled {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "applied",
            Self::Case => "case",
            Self::Ended => "ended",
            Self::Asked => "asked",
            Self::Nothing => "duplicate",
        }
    }
}

/// Who brought the news.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// The raw notice is stored in the same transaction.
    Notice(Option<&'a NoticeRow>),
    /// The answer to a question that was asked about the payment in this state.
    Query { of: &'a Payment },
    /// The reply to the very call.
    Reply,
}

impl Source<'_> {
    fn verified_by(self) -> VerifiedBy {
        match self {
            Self::Notice(_) => VerifiedBy::Notice,
            Self::Query { .. } => VerifiedBy::Query,
            Self::Reply => VerifiedBy::Reply,
        }
    }

    /// A reversal gives back what was paid before it, so of such a payment only a question asked after the reversal's end
    /// tells whether there is money.
    fn is_older_than_reversal(self, payment: &Payment) -> bool {
        let asked_after = matches!(self, Self::Query { of } if is_reversing(of) && !of.status.is_open());
        is_reversing(payment) && !asked_after
    }
}

fn is_reversing(payment: &Payment) -> bool {
    payment.provider_data.contains_key(REVERSING)
}

impl Cashier {
    /// Applies what a provider said about a payment of ours.
    ///
    /// # Errors
    /// Storage errors; then nothing was changed.
    pub(super) async fn settle(&self, pay_no: &PayNo, remote: &Remote, source: Source<'_>) -> Result<Settled, Error> {
        let bundle = self.inner.store.bundle_of_payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })?;
        self.settle_in(bundle, pay_no, remote, source).await
    }

    /// The same for whoever has just read the payment's order. Should it have changed since, it is read again.
    ///
    /// # Errors
    /// As [`Cashier::settle`].
    pub(super) async fn settle_in(
        &self,
        mut bundle: OrderBundle,
        pay_no: &PayNo,
        remote: &Remote,
        source: Source<'_>,
    ) -> Result<Settled, Error> {
        let by = source.verified_by();
        loop {
            let order_no = bundle.order.order_no.clone();
            let app = self.app_of(&bundle.order).await?;
            let mut change = Change::new(self, &app, bundle);
            let settled = match remote {
                Remote::Paid(paid) => self.take_money(&mut change, &app, pay_no, paid, source)?,
                other => self.take_end(&mut change, pay_no, other, by),
            };
            if by == VerifiedBy::Query && !change.writes.is_empty() {
                change.note(
                    TimelineKind::QueryAnswered,
                    "provider",
                    Some(pay_no.as_str()),
                    &[("result", settled.as_str().to_owned())],
                );
            }
            if let Source::Notice(Some(row)) = source {
                let mut row = row.clone();
                row.result = settled.as_str().to_owned();
                row.order_no = Some(order_no.clone());
                change.note(
                    TimelineKind::NoticeReceived,
                    "provider",
                    Some(pay_no.as_str()),
                    &[("result", row.result.clone()), ("notice", row.id.clone())],
                );
                change.write(Write::InsertNotice(Box::new(row)));
            }
            if change.writes.is_empty() {
                return Ok(settled);
            }
            match change.commit().await {
                Ok(_) => return Ok(settled),
                // Somebody else decided about this order in between, or opened the same case: look again.
                Err(Error::Store(StoreError::Stale | StoreError::Taken(Unique::PayingPayment | Unique::Case))) => {}
                Err(e) => return Err(e),
            }
            let absent = || Error::Internal(format!("payment {pay_no} has no order"));
            bundle = self.inner.store.bundle(&order_no).await?.ok_or_else(absent)?;
        }
    }

    fn take_money(
        &self,
        change: &mut Change<'_>,
        app: &App,
        pay_no: &PayNo,
        paid: &Paid,
        source: Source<'_>,
    ) -> Result<Settled, Error> {
        let by = source.verified_by();
        let Some(payment) = change.bundle.payments.iter().find(|p| &p.pay_no == pay_no).cloned() else {
            return Err(Error::Internal(format!("payment {pay_no} is not in its order")));
        };
        if source.is_older_than_reversal(&payment) {
            // While the reversal has no end yet, whoever carries it out asks.
            if !payment.status.is_open() && by != VerifiedBy::Query {
                change.write(Write::Schedule(self.task_at(TaskKind::QueryPayment, pay_no.as_str(), self.now(), 0)));
            }
            return Ok(Settled::Asked);
        }
        let fits = paid.amount == payment.amount;
        let same_trade = payment.provider_trade_no.as_deref() == Some(paid.trade_no.as_str());
        match states::on_money(change.bundle.order.status, payment.status, fits, same_trade) {
            Money::Known => Ok(Settled::Nothing),
            Money::PaysOrder => {
                self.pay_order(change, &payment, paid, by);
                Ok(Settled::Paid)
            }
            Money::Unexpected(kind) => self.open_case(change, app, &payment, paid, by, kind),
        }
    }

    /// The one place where an order becomes paid.
    pub(super) fn pay_order(&self, change: &mut Change<'_>, payment: &Payment, paid: &Paid, by: VerifiedBy) {
        let now = self.now();
        let paid_at = paid.paid_at.unwrap_or(now);
        change.payment(&payment.pay_no, |p| {
            receive(p, paid, by, paid_at);
            p.pays_order = true;
        });
        change.order(|o| {
            o.status = OrderStatus::Paid;
            o.close_reason = None;
            o.closed_at = None;
            o.method = Some(payment.method);
            o.pay_no = Some(payment.pay_no.clone());
            o.paid_at = Some(paid_at);
        });
        let order_no = change.order_no();
        change.note(
            TimelineKind::PaymentSucceeded,
            "provider",
            Some(payment.pay_no.as_str()),
            &[("amount", paid.amount.fen().to_string()), ("trade_no", paid.trade_no.clone()), ("by", by.to_string())],
        );
        change.note(TimelineKind::OrderPaid, "provider", Some(payment.pay_no.as_str()), &[]);
        change.order_event(EventType::OrderPaid);
        change.write(Write::Unschedule { kind: TaskKind::ExpireOrder, about: order_no.to_string() });
        self.stop_asking(change, &payment.pay_no);
        let rivals: Vec<PayNo> = change
            .bundle
            .payments
            .iter()
            .filter(|p| p.status.is_open() && p.pay_no != payment.pay_no)
            .map(|p| p.pay_no.clone())
            .collect();
        for rival in rivals {
            change.write(Write::Schedule(self.task_at(TaskKind::ClosePayment, rival.as_str(), now, 0)));
        }
    }

    /// Money that nobody awaited: recorded on its payment, and a case for the rest.
    fn open_case(
        &self,
        change: &mut Change<'_>,
        app: &App,
        payment: &Payment,
        paid: &Paid,
        by: VerifiedBy,
        kind: CaseKind,
    ) -> Result<Settled, Error> {
        let known = change
            .bundle
            .cases
            .iter()
            .any(|c| c.kind == kind && c.pay_no.as_ref() == Some(&payment.pay_no) && c.provider_trade_no == paid.trade_no);
        if known {
            return Ok(Settled::Nothing);
        }
        let now = self.now();
        // A second trade on a payment that has succeeded leaves that payment as it is.
        if payment.status != PaymentStatus::Succeeded {
            let paid_at = paid.paid_at.unwrap_or(now);
            change.payment(&payment.pay_no, |p| {
                receive(p, paid, by, paid_at);
                if kind == CaseKind::AmountMismatch {
                    p.status = PaymentStatus::Failed;
                    p.error_code = Some(CaseKind::AmountMismatch.to_string());
                }
            });
            self.stop_asking(change, &payment.pay_no);
            // A notice may have been wrong where the provider's own book is right: look again.
            let watch = self.inner.settings.plans.watch_s.first().copied();
            if let Some(seconds) = watch.filter(|_| kind == CaseKind::AmountMismatch) {
                change.write(Write::Schedule(self.task_in(TaskKind::WatchPayment, payment.pay_no.as_str(), seconds, 0)));
            }
        }
        let case = Case {
            case_id: CaseId::parse(&self.inner.world.id("case")).map_err(|e| Error::Internal(e.to_string()))?,
            kind,
            app_id: Some(app.app_id.clone()),
            channel_id: payment.channel_id.clone(),
            order_no: Some(change.order_no()),
            pay_no: Some(payment.pay_no.clone()),
            claimed_no: payment.pay_no.to_string(),
            provider_trade_no: paid.trade_no.clone(),
            amount: paid.amount,
            created_at: now,
            status: CaseStatus::Open,
            answer: None,
            refund_no: None,
            resolved_at: None,
            resolved_by: None,
        };
        change.note(
            TimelineKind::CaseOpened,
            "provider",
            Some(case.case_id.as_str()),
            &[("kind", kind.to_string()), ("amount", paid.amount.fen().to_string())],
        );
        if rule_for(app, kind) != CaseRule::Ask && payment.status != PaymentStatus::Succeeded {
            change.write(Write::Schedule(self.task_at(TaskKind::AnswerCase, case.case_id.as_str(), now, 0)));
        }
        change.new_case(case);
        Ok(Settled::Case)
    }

    fn take_end(&self, change: &mut Change<'_>, pay_no: &PayNo, remote: &Remote, by: VerifiedBy) -> Settled {
        let Some(payment) = change.bundle.payments.iter().find(|p| &p.pay_no == pay_no) else { return Settled::Nothing };
        let Some(to) = states::on_no_money(payment.status, remote) else { return Settled::Nothing };
        let (kind, code, message) = match remote {
            Remote::Failed { code, message } => (TimelineKind::PaymentFailed, Some(code.clone()), Some(message.clone())),
            _ => (TimelineKind::PaymentClosed, None, None),
        };
        change.payment(pay_no, |p| {
            p.status = to;
            p.error_code.clone_from(&code);
            p.error_message = message;
        });
        change.note(kind, "provider", Some(pay_no.as_str()), &[("by", by.to_string()), ("code", code.unwrap_or_default())]);
        self.stop_asking(change, pay_no);
        // A code that is out in the world may still be paid: keep an eye on it.
        let watch = self.inner.settings.plans.watch_s.first().copied();
        if let Some(seconds) = watch.filter(|_| to == PaymentStatus::Closed) {
            change.write(Write::Schedule(self.task_in(TaskKind::WatchPayment, pay_no.as_str(), seconds, 0)));
        }
        Settled::Ended
    }

    pub(super) fn stop_asking(&self, change: &mut Change<'_>, pay_no: &PayNo) {
        for kind in [TaskKind::QueryPayment, TaskKind::ClosePayment, TaskKind::WatchPayment] {
            change.write(Write::Unschedule { kind, about: pay_no.to_string() });
        }
    }

    /// Money for a number we never gave out: a case without an order.
    ///
    /// # Errors
    /// Storage errors.
    pub(super) async fn settle_unknown(
        &self,
        channel_id: &ChannelId,
        channel_app: Option<&AppId>,
        claimed_no: &str,
        paid: &Paid,
        notice: Option<&NoticeRow>,
    ) -> Result<Settled, Error> {
        let now = self.now();
        let case = Case {
            case_id: CaseId::parse(&self.inner.world.id("case")).map_err(|e| Error::Internal(e.to_string()))?,
            kind: CaseKind::UnknownOrder,
            app_id: channel_app.cloned(),
            channel_id: channel_id.clone(),
            order_no: None,
            pay_no: None,
            claimed_no: claimed_no.chars().take(128).collect(),
            provider_trade_no: paid.trade_no.clone(),
            amount: paid.amount,
            created_at: now,
            status: CaseStatus::Open,
            answer: None,
            refund_no: None,
            resolved_at: None,
            resolved_by: None,
        };
        let row = |result: Settled| {
            notice.map(|row| {
                let mut row = row.clone();
                row.result = result.as_str().to_owned();
                Write::InsertNotice(Box::new(row))
            })
        };
        let mut writes = vec![Write::InsertCase(Box::new(case.clone()))];
        writes.extend(self.event_without_order(EventType::CaseOpened, &case).await?);
        writes.extend(row(Settled::Case));
        match self.inner.store.commit(writes).await {
            Ok(()) => Ok(Settled::Case),
            Err(StoreError::Taken(Unique::Case)) => {
                self.inner.store.commit(row(Settled::Nothing).into_iter().collect()).await?;
                Ok(Settled::Nothing)
            }
            Err(e) => Err(e.into()),
        }
    }

    pub(super) fn payment_ref(&self, payment: &Payment) -> PaymentRef {
        PaymentRef {
            pay_no: payment.pay_no.to_string(),
            method: payment.method,
            amount: payment.amount,
            payer: payment.payer.clone(),
            provider_trade_no: payment.provider_trade_no.clone(),
            provider_data: payment.provider_data.clone(),
            created_at: payment.created_at,
            now_ms: self.now(),
        }
    }
}

/// The payment's side of arrived money.
fn receive(payment: &mut Payment, paid: &Paid, by: VerifiedBy, paid_at: i64) {
    payment.status = PaymentStatus::Succeeded;
    payment.provider_trade_no = Some(paid.trade_no.clone());
    payment.payer.clone_from(&paid.payer);
    payment.received = Some(paid.amount);
    payment.verified_by = Some(by);
    payment.paid_at = Some(paid_at);
    payment.error_code = None;
    payment.error_message = None;
    payment.provider_data.remove(REVERSING);
}

/// The app's default answer to a kind of case.
pub(super) fn rule_for(app: &App, kind: CaseKind) -> CaseRule {
    match kind {
        CaseKind::Late => app.settings.late_rule,
        CaseKind::Duplicate => app.settings.duplicate_rule,
        CaseKind::AmountMismatch | CaseKind::UnknownOrder => CaseRule::Ask,
    }
}

/// The latest attempt of an order.
#[must_use]
pub fn latest(bundle: &OrderBundle) -> Option<&Payment> {
    bundle.payments.iter().max_by(|a, b| a.pay_no.cmp(&b.pay_no))
}
