//! Refunds: reserve first, then ask the provider, always with the same number.

use super::cashier::Cashier;
use super::change::Change;
use super::channel::{ChannelError, RefundRequest, RemoteRefund};
use super::error::Error;
use super::orders::{Nonce, OrderKey};
use super::records::{OrderBundle, Payment, Refund, TaskKind, TimelineKind};
use super::store::{StoreError, Unique, Write};
use crate::model::{Amount, AppId, CaseAnswer, CaseId, CaseStatus, EventType, OrderStatus, RefundNo, RefundStatus, RefundedPart};

/// A checked request for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundInput {
    /// Limits the order to this app's.
    pub app_id: Option<AppId>,
    pub order: OrderKey,
    pub out_refund_no: String,
    pub amount: Amount,
    pub reason: String,
    pub notify_url: Option<String>,
    /// `api` or a staff id.
    pub requested_by: String,
    pub nonce: Option<Nonce>,
}

/// How a caller names a refund.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundKey {
    pub refund_no: Option<String>,
    pub out_refund_no: Option<String>,
}

/// What is left to refund of an order's payment.
#[must_use]
pub fn refundable(bundle: &OrderBundle) -> Amount {
    paying(bundle).map_or(Amount::ZERO, left)
}

fn paying(bundle: &OrderBundle) -> Option<&Payment> {
    bundle.payments.iter().find(|p| p.pays_order)
}

pub(super) fn left(payment: &Payment) -> Amount {
    payment.received.unwrap_or(payment.amount).checked_sub(payment.refund_reserved).unwrap_or(Amount::ZERO)
}

impl Cashier {
    /// Asks for a refund, or gives the one that the same call made before. The provider is called before this returns,
    /// unless the caller goes away; its answer may still be "in progress".
    ///
    /// # Errors
    /// `NotPaid`, `RefundTooMuch`, `Differs`, `NotFound`; `Store(Taken(Nonce))` for a replay.
    pub async fn request_refund(&self, input: RefundInput) -> Result<Refund, Error> {
        let this = self.clone();
        let task = tokio::spawn(async move {
            let (refund, new) = this.reserve_refund(&input).await?;
            if new { this.push_or_leave(refund).await } else { Ok(refund) }
        });
        task.await.map_err(|e| Error::Internal(e.to_string()))?
    }

    /// A refund of this app.
    ///
    /// # Errors
    /// `Missing` without a number; `NotFound` for an unknown or foreign one.
    pub async fn find_refund(&self, app_id: &AppId, key: &RefundKey) -> Result<Refund, Error> {
        let store = &self.inner.store;
        let found = match (&key.refund_no, &key.out_refund_no) {
            (Some(no), _) => match RefundNo::parse(no) {
                Ok(no) => store.refund(&no).await?,
                Err(_) => None,
            },
            (None, Some(out)) => store.refund_by_out_no(app_id, out).await?,
            (None, None) => return Err(Error::missing("refund_no")),
        };
        found
            .filter(|r| &r.app_id == app_id)
            .filter(|r| key.out_refund_no.as_ref().is_none_or(|out| out == &r.out_refund_no))
            .ok_or(Error::NotFound { what: "refund" })
    }

    async fn reserve_refund(&self, input: &RefundInput) -> Result<(Refund, bool), Error> {
        let mut nonce = input.nonce.clone();
        loop {
            let bundle = match self.find_order(input.app_id.as_ref(), &input.order).await {
                Ok(bundle) => bundle,
                Err(e) => {
                    if let Some(app_id) = &input.app_id {
                        self.spend_nonce(app_id, nonce.as_ref()).await?;
                    }
                    return Err(e);
                }
            };
            let app_id = bundle.order.app_id.clone();
            if let Some(existing) = self.inner.store.refund_by_out_no(&app_id, &input.out_refund_no).await? {
                self.spend_nonce(&app_id, nonce.as_ref()).await?;
                return same_refund(existing, input, &bundle).map(|r| (r, false));
            }
            if bundle.order.status != OrderStatus::Paid {
                self.spend_nonce(&app_id, nonce.as_ref()).await?;
                return Err(Error::NotPaid);
            }
            let Some(payment) = paying(&bundle).cloned() else {
                return Err(Error::Internal(format!("order {} is paid by no payment", bundle.order.order_no)));
            };
            let app = self.app_of(&bundle.order).await?;
            let refund = Refund {
                out_refund_no: input.out_refund_no.clone(),
                notify_url: input.notify_url.clone(),
                ..self.new_refund(&payment, input.amount, &input.reason, &input.requested_by)?
            };
            let mut change = Change::new(self, &app, bundle);
            if let Some(nonce) = &nonce {
                change.write(nonce.write(&app_id));
            }
            self.write_refund(&mut change, &refund, &input.requested_by);
            let before = serde_json::json!({ "refundable": left(&payment) });
            let after = serde_json::json!({ "order_no": payment.order_no, "amount": refund.amount, "reason": refund.reason });
            change.audit(&input.requested_by, "refund.create", refund.refund_no.as_str(), before, after);
            match change.commit().await {
                Ok(_) => return Ok((refund, true)),
                Err(Error::Store(StoreError::TooMuch)) => {
                    self.spend_nonce(&app_id, nonce.as_ref()).await?;
                    return Err(Error::RefundTooMuch { left: left(&payment).fen() });
                }
                Err(Error::Store(StoreError::Taken(Unique::OutRefundNo))) => {
                    // The same call won the race; its nonce is its own.
                    self.spend_nonce(&app_id, nonce.take().as_ref()).await?;
                }
                Err(Error::Store(StoreError::Stale)) => {}
                Err(e) => return Err(e),
            }
        }
    }

    pub(super) fn new_refund(&self, payment: &Payment, amount: Amount, reason: &str, by: &str) -> Result<Refund, Error> {
        let refund_no = RefundNo::parse(&self.inner.world.number()).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Refund {
            out_refund_no: refund_no.to_string(),
            refund_no,
            app_id: payment.app_id.clone(),
            order_no: Some(payment.order_no.clone()),
            pay_no: payment.pay_no.clone(),
            case_id: None,
            amount,
            reason: reason.to_owned(),
            notify_url: None,
            requested_by: by.to_owned(),
            created_at: self.now(),
            status: RefundStatus::Created,
            provider_refund_no: None,
            error_code: None,
            error_message: None,
            succeeded_at: None,
        })
    }

    /// Reservation, row, history and the task that pushes it, should this process die now.
    pub(super) fn write_refund(&self, change: &mut Change<'_>, refund: &Refund, actor: &str) {
        change.new_refund(refund.clone());
        change.note(
            TimelineKind::RefundRequested,
            actor,
            Some(refund.refund_no.as_str()),
            &[("amount", refund.amount.fen().to_string())],
        );
        let first = self.inner.settings.plans.refund_s.first().copied().unwrap_or(30);
        change.write(Write::Schedule(self.task_in(TaskKind::PushRefund, refund.refund_no.as_str(), first, 0)));
    }

    /// Pushes once; an unclear end is left to the worker.
    pub(super) async fn push_or_leave(&self, refund: Refund) -> Result<Refund, Error> {
        match self.push_refund(&refund.refund_no).await {
            Ok(refund) => Ok(refund),
            Err(Error::ProviderUnclear | Error::Channel(_)) => {
                Ok(self.inner.store.refund(&refund.refund_no).await?.unwrap_or(refund))
            }
            Err(e) => Err(e),
        }
    }

    /// Submits a refund, or asks for its state when it was submitted before.
    ///
    /// # Errors
    /// `ProviderUnclear`: nobody knows, the reservation stays.
    pub(super) async fn push_refund(&self, refund_no: &RefundNo) -> Result<Refund, Error> {
        let absent = Error::NotFound { what: "refund" };
        let Some(refund) = self.inner.store.refund(refund_no).await? else { return Err(absent) };
        if !refund.status.is_open() {
            return Ok(refund);
        }
        let payment = self.inner.store.payment(&refund.pay_no).await?.ok_or(Error::NotFound { what: "payment" })?;
        let channel = self.channel(&payment.channel_id, payment.channel_version).await?;
        let request = self.refund_request(&refund, &payment);
        let remote = if refund.status == RefundStatus::Created {
            channel.refund(&request).await
        } else {
            match channel.query_refund(&request).await {
                // It never arrived: the same number again.
                Ok(RemoteRefund::Unknown) => channel.refund(&request).await,
                // Only the answer to a submission can be a no: whoever may not ask learns nothing about a refund that is
                // under way.
                Err(e @ (ChannelError::Refused { .. } | ChannelError::Credentials { .. })) => {
                    Err(ChannelError::Unclear(e.to_string()))
                }
                other => other,
            }
        };
        let remote = match remote {
            Ok(remote) => remote,
            Err(ChannelError::Refused { code, message }) => RemoteRefund::Failed { code, message },
            // The call was never made, or the provider did not let us in: no money moved.
            Err(ChannelError::Credentials { field, problem }) => {
                RemoteRefund::Failed { code: "CHANNEL_CREDENTIALS".to_owned(), message: format!("{field}: {problem}") }
            }
            Err(ChannelError::Unclear(reason) | ChannelError::NotSent(reason)) => {
                tracing::warn!(refund_no = %refund_no, reason, "a refund had no clear end");
                self.settle_refund(refund_no, &RemoteRefund::Processing { provider_refund_no: None }).await?;
                return Err(Error::ProviderUnclear);
            }
            Err(e) => return Err(e.into()),
        };
        self.settle_refund(refund_no, &remote).await?;
        self.inner.store.refund(refund_no).await?.ok_or(Error::NotFound { what: "refund" })
    }

    /// Applies what a provider said about a refund.
    ///
    /// # Errors
    /// Storage errors; then nothing was changed.
    pub(super) async fn settle_refund(&self, refund_no: &RefundNo, remote: &RemoteRefund) -> Result<(), Error> {
        let absent = || Error::NotFound { what: "refund" };
        let known = self.inner.store.refund(refund_no).await?.ok_or_else(absent)?;
        let order_no = known.order_no.ok_or_else(|| Error::Internal("a refund without an order".into()))?;
        loop {
            let bundle = self.inner.store.bundle(&order_no).await?.ok_or(Error::NotFound { what: "order" })?;
            // Decided by the state that the commit makes sure of, and by no other read.
            let refund = bundle.refunds.iter().find(|r| &r.refund_no == refund_no).cloned().ok_or_else(absent)?;
            if !refund.status.is_open() {
                return Ok(());
            }
            let app = self.app_of(&bundle.order).await?;
            let mut change = Change::new(self, &app, bundle);
            match remote {
                RemoteRefund::Unknown => return Ok(()),
                RemoteRefund::Processing { provider_refund_no } => {
                    let number = provider_refund_no.clone().or_else(|| refund.provider_refund_no.clone());
                    if refund.status == RefundStatus::Processing && number == refund.provider_refund_no {
                        return Ok(());
                    }
                    change.refund(refund_no, |r| {
                        r.status = RefundStatus::Processing;
                        r.provider_refund_no = number;
                    });
                }
                RemoteRefund::Succeeded { provider_refund_no, succeeded_at } => {
                    let at = succeeded_at.unwrap_or_else(|| self.now());
                    self.refund_succeeded(&mut change, &refund, provider_refund_no.clone(), at)?;
                }
                RemoteRefund::Failed { code, message } => self.refund_failed(&mut change, &refund, code, message),
            }
            match change.commit().await {
                Err(Error::Store(StoreError::Stale)) => {}
                Err(e) => return Err(e),
                Ok(_) => return Ok(()),
            }
        }
    }

    fn refund_succeeded(&self, change: &mut Change<'_>, refund: &Refund, number: Option<String>, at: i64) -> Result<(), Error> {
        let mut after = refund.clone();
        after.status = RefundStatus::Succeeded;
        after.provider_refund_no = number.or(after.provider_refund_no);
        after.succeeded_at = Some(at);
        let saved = after.clone();
        change.refund(&refund.refund_no, move |r| *r = saved);
        change.note(
            TimelineKind::RefundSucceeded,
            "provider",
            Some(refund.refund_no.as_str()),
            &[("amount", refund.amount.fen().to_string())],
        );
        change.write(Write::Unschedule { kind: TaskKind::PushRefund, about: refund.refund_no.to_string() });
        if let Some(case_id) = &refund.case_id {
            self.case_refunded(change, case_id, refund, at);
        } else {
            let order = &change.bundle.order;
            let total = order.refunded_amount.checked_add(refund.amount);
            let total = total
                .filter(|t| *t <= order.amount)
                .ok_or_else(|| Error::Internal(format!("order {} would have more refunded than paid", order.order_no)))?;
            change.order(|o| {
                o.refunded_amount = total;
                o.refund_status = if total == o.amount { RefundedPart::Full } else { RefundedPart::Partial };
            });
        }
        change.refund_event(EventType::RefundSucceeded, &after);
        Ok(())
    }

    fn case_refunded(&self, change: &mut Change<'_>, case_id: &CaseId, refund: &Refund, at: i64) {
        let resolved = change.case(case_id, |c| {
            c.status = CaseStatus::Resolved;
            c.answer = Some(CaseAnswer::Refund);
            c.resolved_at = Some(at);
            c.resolved_by = Some(refund.requested_by.clone());
        });
        if let Some(case) = resolved {
            change.note(
                TimelineKind::CaseResolved,
                &refund.requested_by,
                Some(case_id.as_str()),
                &[("answer", "refund".to_owned())],
            );
            change.case_event(EventType::CaseResolved, &case);
        }
    }

    fn refund_failed(&self, change: &mut Change<'_>, refund: &Refund, code: &str, message: &str) {
        let mut after = refund.clone();
        after.status = RefundStatus::Failed;
        after.error_code = Some(code.to_owned());
        after.error_message = Some(message.to_owned());
        let saved = after.clone();
        change.refund(&refund.refund_no, move |r| *r = saved);
        change.write(Write::ReleaseRefund { pay_no: refund.pay_no.clone(), amount: refund.amount });
        change.note(TimelineKind::RefundFailed, "provider", Some(refund.refund_no.as_str()), &[("code", code.to_owned())]);
        change.write(Write::Unschedule { kind: TaskKind::PushRefund, about: refund.refund_no.to_string() });
        if let Some(case_id) = &refund.case_id {
            // Open again for another answer.
            let _ = change.case(case_id, |c| c.refund_no = None);
        }
        change.refund_event(EventType::RefundFailed, &after);
    }

    /// Whether a refund was asked for so long that staff must look.
    pub(super) fn refund_is_stuck(&self, refund: &Refund) -> bool {
        self.now() - refund.created_at > self.inner.settings.plans.refund_give_up_s * 1000
    }

    fn refund_request(&self, refund: &Refund, payment: &Payment) -> RefundRequest {
        RefundRequest {
            refund_no: refund.refund_no.to_string(),
            pay_no: payment.pay_no.to_string(),
            method: payment.method,
            payer: payment.payer.clone(),
            provider_trade_no: payment.provider_trade_no.clone(),
            provider_data: payment.provider_data.clone(),
            provider_refund_no: refund.provider_refund_no.clone(),
            paid_amount: payment.received.unwrap_or(payment.amount),
            amount: refund.amount,
            reason: refund.reason.clone(),
            notify_url: format!("{}/notify/{}/refund", self.inner.settings.public_url, payment.channel_id),
            paid_at: payment.paid_at,
            created_at: refund.created_at,
            now_ms: self.now(),
        }
    }
}

/// The existing refund of a repeated call, or in what the call differs.
fn same_refund(existing: Refund, input: &RefundInput, bundle: &OrderBundle) -> Result<Refund, Error> {
    let pairs = [
        ("order_no", existing.order_no.as_ref() == Some(&bundle.order.order_no)),
        ("amount", existing.amount == input.amount),
        ("reason", existing.reason == input.reason),
        ("notify_url", existing.notify_url == input.notify_url),
    ];
    let fields: Vec<&'static str> = pairs.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect();
    if fields.is_empty() { Ok(existing) } else { Err(Error::Differs { fields }) }
}
