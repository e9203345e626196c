//! Asking a provider about a payment, and closing it there.
//!
//! To close a bar code is to reverse it, which gives back money that has arrived already. So the provider's book is asked
//! first, and the payment is marked before the call: until that has a clear end, news of money says nothing about whether
//! the money stayed.

use super::cashier::Cashier;
use super::channel::{ChannelError, Closing, Remote};
use super::error::Error;
use super::records::{Payment, Task, TaskKind};
use super::settle::Source;
use super::store::Write;
use crate::model::{PayNo, PaymentStatus};

/// Marks a payment, in its provider's facts, from before its reversal on; it stays when the reversal has closed it.
pub(super) const REVERSING: &str = "reversing";

impl Cashier {
    /// Asks the provider about a payment and applies the answer.
    ///
    /// # Errors
    /// `ProviderUnclear`, `ProviderRefused`: nothing changed.
    pub(super) async fn ask_payment(&self, pay_no: &PayNo, actor: &str) -> Result<(), Error> {
        let payment = self.payment(pay_no).await?;
        let channel = self.channel(&payment.channel_id, payment.channel_version).await?;
        let remote = channel.query(&self.payment_ref(&payment)).await?;
        tracing::debug!(pay_no = %pay_no, actor, remote = remote_word(&remote), "provider answered a query");
        self.settle(pay_no, &remote, Source::Query { of: &payment }).await?;
        Ok(())
    }

    /// The same for the worker, as often as the channel may be asked.
    ///
    /// # Errors
    /// As `ask_payment`.
    pub(super) async fn ask_in_turn(&self, pay_no: &PayNo) -> Result<(), Error> {
        self.inner.budget.workers_turn(&self.payment(pay_no).await?.channel_id).await;
        self.ask_payment(pay_no, "worker").await
    }

    /// Closes one payment at its provider and here.
    ///
    /// # Errors
    /// `AlreadyPaid` when the provider has the money (applied already); `ProviderUnclear` otherwise.
    pub(super) async fn close_payment_now(&self, pay_no: &PayNo, actor: &str) -> Result<(), Error> {
        let payment = self.payment(pay_no).await?;
        if !payment.status.is_open() {
            return Ok(());
        }
        let reverses = payment.method.is_bar();
        if reverses {
            self.ask_payment(pay_no, actor).await?;
            // The worker comes back by the row it is at; for others one is made, should they die or hear nothing.
            let first = self.inner.settings.plans.close_s.first().copied().unwrap_or(5);
            let again = (actor != "worker").then(|| self.task_in(TaskKind::ClosePayment, pay_no.as_str(), first, 1));
            let set = |p: &mut Payment| p.provider_data.insert(REVERSING.to_owned(), "1".to_owned()).is_none();
            if !self.mark(pay_no, set, again).await? {
                return self.what_became_of(pay_no).await;
            }
        }
        let channel = self.channel(&payment.channel_id, payment.channel_version).await?;
        tracing::debug!(pay_no = %pay_no, actor, "closing a payment at its provider");
        let refusal = match channel.close(&self.payment_ref(&payment)).await {
            Ok(Closing::Closed) => return self.settle(pay_no, &Remote::Closed, Source::Reply).await.map(|_| ()),
            Ok(Closing::NotYet(_)) => return Err(Error::ProviderUnclear),
            Err(e) if !reverses || matches!(e, ChannelError::Unclear(_)) => return Err(e.into()),
            Ok(Closing::AlreadyPaid) => Error::ProviderUnclear,
            Err(e) => e.into(),
        };
        if reverses {
            // It did not happen. News that came meanwhile were not believed.
            self.mark(pay_no, |p| p.provider_data.remove(REVERSING).is_some(), None).await?;
        }
        self.ask_payment(pay_no, actor).await?;
        match self.what_became_of(pay_no).await {
            Err(Error::ProviderUnclear) => Err(refusal),
            other => other,
        }
    }

    async fn payment(&self, pay_no: &PayNo) -> Result<Payment, Error> {
        self.inner.store.payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })
    }

    async fn what_became_of(&self, pay_no: &PayNo) -> Result<(), Error> {
        match self.payment(pay_no).await?.status {
            PaymentStatus::Succeeded => Err(Error::AlreadyPaid),
            status if status.is_open() => Err(Error::ProviderUnclear),
            _ => Ok(()),
        }
    }

    /// Changes an open payment's mark, and what is due then; whether it is open.
    async fn mark(&self, pay_no: &PayNo, change_mark: impl Fn(&mut Payment) -> bool, due: Option<Task>) -> Result<bool, Error> {
        let mut open = false;
        self.change_payment(pay_no, |change, payment| {
            open = payment.status.is_open();
            let mut changed = false;
            if open {
                change.payment(pay_no, |p| changed = change_mark(p));
                due.iter().for_each(|task| change.write(Write::Schedule(task.clone())));
            }
            changed
        })
        .await?;
        Ok(open)
    }
}

fn remote_word(remote: &Remote) -> &'static str {
    match remote {
        Remote::Paid(_) => "paid",
        Remote::Pending => "pending",
        Remote::Unknown => "unknown",
        Remote::Closed => "closed",
        Remote::Failed { .. } => "failed",
    }
}
