//! One attempt: its number, the call to the provider, and what is kept of the answer.

use super::cashier::Cashier;
use super::change::Change;
use super::channel::{ChannelError, NextStep, Remote, StartRequest, Started};
use super::error::Error;
use super::offers::{Offered, facts_of};
use super::orders::Nonce;
use super::records::{App, Order, OrderBundle, Payment, TaskKind, TimelineKind};
use super::settle::Source;
use super::start::Start;
use super::store::{StoreError, Write};
use crate::model::{Amount, OrderStatus, PayNo, PaymentStatus};
use std::collections::BTreeMap;

/// How the call to a provider ended.
pub(super) enum Called {
    Started(Box<Payment>),
    Failed(ChannelError),
}

impl Cashier {
    /// Gives the attempt its number, before anybody outside hears of it.
    ///
    /// # Errors
    /// `Stale` when somebody was first.
    pub(super) async fn begin(
        &self,
        bundle: OrderBundle,
        start: &Start,
        offer: &Offered,
        nonce: Option<&Nonce>,
    ) -> Result<(OrderBundle, Payment), Error> {
        let order = &bundle.order;
        let now = self.now();
        let limits = self.inner.factory.declaration(offer.channel.kind).map(|d| d.limits);
        let lifetime = limits.map_or(i64::MAX / 2000, |l| l.code_lifetime_s);
        let payment = Payment {
            pay_no: PayNo::parse(&self.inner.world.number()).map_err(|e| Error::Internal(e.to_string()))?,
            order_no: order.order_no.clone(),
            app_id: order.app_id.clone(),
            channel_id: offer.channel.channel_id.clone(),
            channel_version: offer.channel.version,
            method: start.method,
            amount: order.amount,
            client_ip: start.client_ip.clone(),
            created_at: now,
            expires_at: order.expires_at.min(now + lifetime * 1000),
            status: PaymentStatus::Created,
            pays_order: false,
            next: None,
            code_expires_at: None,
            provider_data: BTreeMap::new(),
            provider_trade_no: None,
            payer: None,
            received: None,
            error_code: None,
            error_message: None,
            verified_by: None,
            paid_at: None,
            refund_reserved: Amount::ZERO,
        };
        let app = self.app_of(order).await?;
        let spent = nonce.map(|n| n.write(&order.app_id));
        let mut change = Change::new(self, &app, bundle);
        spent.into_iter().for_each(|write| change.write(write));
        change.order(|o| {
            o.status = OrderStatus::Paying;
            o.method = Some(start.method);
            o.pay_no = Some(payment.pay_no.clone());
        });
        change.note(
            TimelineKind::PaymentStarted,
            &start.actor,
            Some(payment.pay_no.as_str()),
            &[("method", start.method.to_string()), ("channel", payment.channel_id.to_string())],
        );
        change.new_payment(payment.clone());
        // Due even if this process dies before the provider answers.
        let first = if start.method.is_bar() { 5 } else { self.inner.settings.plans.query_s.first().copied().unwrap_or(30) };
        change.write(Write::Schedule(self.task_in(TaskKind::QueryPayment, payment.pay_no.as_str(), first, 0)));
        let bundle = change.commit().await?;
        Ok((bundle, payment))
    }

    /// Asks the provider to start an attempt, and keeps what the payer must do.
    ///
    /// # Errors
    /// Storage errors. What the provider said is no error here.
    pub(super) async fn call_provider(&self, bundle: &OrderBundle, payment: &Payment, start: &Start) -> Result<Called, Error> {
        let app = self.app_of(&bundle.order).await?;
        let channel = match self.channel(&payment.channel_id, payment.channel_version).await {
            Ok(channel) => channel,
            Err(Error::Channel(broken)) => return Ok(Called::Failed(broken)),
            Err(e) => {
                self.end_unstarted(&payment.pay_no, "channel", &e.to_string()).await?;
                return Err(e);
            }
        };
        let request = self.request(&app, &bundle.order, payment, start, self.min_lifetime(payment).await?);
        match channel.start(&request).await {
            Ok(started) => {
                let payment = self.keep_started(app, bundle.clone(), &payment.pay_no, started, start).await?;
                Ok(Called::Started(Box::new(payment)))
            }
            Err(trouble) => Ok(Called::Failed(trouble)),
        }
    }

    fn request(&self, app: &App, order: &Order, payment: &Payment, start: &Start, min_lifetime_s: i64) -> StartRequest {
        let settings = &self.inner.settings;
        let client_ip = start.client_ip.clone().or_else(|| payment.client_ip.clone()).or_else(|| order.client_ip.clone());
        StartRequest {
            pay_no: payment.pay_no.to_string(),
            method: payment.method,
            amount: payment.amount,
            subject: order.subject.clone(),
            body: order.body.clone(),
            notify_url: format!("{}/notify/{}/pay", settings.public_url, payment.channel_id),
            return_url: format!("{}/return/{}", settings.public_url, payment.pay_no),
            checkout_url: self.checkout_url(&order.token),
            public_url: settings.public_url.clone(),
            merchant_name: app.name.clone(),
            created_at: payment.created_at,
            // Where the provider wants more time than is left it gets its minimum, and we close in time.
            deadline: payment.expires_at.max(payment.created_at + min_lifetime_s * 1000),
            now_ms: self.now(),
            client_ip: client_ip.unwrap_or_else(|| "127.0.0.1".to_owned()),
            auth_code: start.auth_code.clone(),
            facts: facts_of(order, start),
        }
    }

    /// The shortest life, in seconds, that the channel of a payment may give it.
    async fn min_lifetime(&self, payment: &Payment) -> Result<i64, Error> {
        let slots = self.inner.offers.get(&payment.app_id).await;
        let offered =
            slots.and_then(|all| all.iter().find(|s| s.channel.channel_id == payment.channel_id).map(|s| s.channel.kind));
        let kind = match offered {
            Some(kind) => Some(kind),
            None => self.inner.store.channel(&payment.channel_id).await?.map(|r| r.kind),
        };
        Ok(kind.and_then(|kind| self.inner.factory.declaration(kind)).map_or(0, |d| d.limits.min_lifetime_s))
    }

    /// Keeps what the payer must do. The order as it was before the call is tried first: usually nothing came in between,
    /// and its version tells.
    async fn keep_started(
        &self,
        app: App,
        bundle: OrderBundle,
        pay_no: &PayNo,
        started: Started,
        start: &Start,
    ) -> Result<Payment, Error> {
        let Started { next, code_expires_at, provider_data, paid } = started;
        let (mut app, mut bundle) = (app, bundle);
        let kept = loop {
            let mut change = Change::new(self, &app, bundle);
            let mut kept = false;
            change.payment(pay_no, |p| {
                // News may have been faster than the answer; then only the facts are kept.
                if p.status.is_open() {
                    p.status = PaymentStatus::Pending;
                    p.next = Some(next.clone());
                    p.code_expires_at = code_expires_at;
                    kept = true;
                }
                p.provider_data.extend(provider_data.clone());
            });
            if kept {
                change.note(
                    TimelineKind::PaymentPending,
                    &start.actor,
                    Some(pay_no.as_str()),
                    &[("next", step_word(&next).to_owned())],
                );
            }
            match change.commit().await {
                Err(Error::Store(StoreError::Stale)) => (app, bundle) = self.reload(pay_no).await?,
                Err(e) => return Err(e),
                Ok(after) => break after.payments.into_iter().find(|p| &p.pay_no == pay_no),
            }
        };
        if let (None, Some(payment)) = (&paid, kept) {
            return Ok(payment);
        }
        if let Some(paid) = paid {
            self.settle(pay_no, &Remote::Paid(paid), Source::Reply).await?;
        }
        self.inner.store.payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })
    }

    pub(super) async fn keep_unclear(&self, pay_no: &PayNo) -> Result<(), Error> {
        self.change_payment(pay_no, |change, _| {
            change.payment(pay_no, |p| {
                if p.status == PaymentStatus::Created {
                    p.status = PaymentStatus::Pending;
                }
            });
            change.note(TimelineKind::ProviderUnclear, "provider", Some(pay_no.as_str()), &[]);
            true
        })
        .await
    }

    pub(super) async fn after_unclear(&self, pay_no: &PayNo) -> Result<Payment, Error> {
        let payment = self.inner.store.payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })?;
        if payment.status == PaymentStatus::Succeeded { Ok(payment) } else { Err(Error::ProviderUnclear) }
    }

    /// A definite no from the provider.
    pub(super) async fn end_failed(&self, pay_no: &PayNo, code: &str, message: &str) -> Result<(), Error> {
        let remote = Remote::Failed { code: code.to_owned(), message: message.to_owned() };
        self.settle(pay_no, &remote, Source::Reply).await?;
        Ok(())
    }

    /// The provider never got the payment: it is closed, and nothing needs closing there.
    pub(super) async fn end_unstarted(&self, pay_no: &PayNo, code: &str, message: &str) -> Result<(), Error> {
        self.change_payment(pay_no, |change, payment| {
            if !payment.status.is_open() {
                return false;
            }
            change.payment(pay_no, |p| {
                p.status = PaymentStatus::Closed;
                p.error_code = Some(code.to_owned());
                p.error_message = Some(message.to_owned());
            });
            change.note(TimelineKind::PaymentClosed, "worker", Some(pay_no.as_str()), &[("code", code.to_owned())]);
            self.stop_asking(change, pay_no);
            true
        })
        .await
    }

    /// Changes a payment as it stands now, again when somebody else was first. Nothing is changed where `edit` says so.
    pub(super) async fn change_payment(
        &self,
        pay_no: &PayNo,
        mut edit: impl FnMut(&mut Change<'_>, &Payment) -> bool,
    ) -> Result<(), Error> {
        loop {
            let (app, bundle) = self.reload(pay_no).await?;
            let payment = bundle.payments.iter().find(|p| &p.pay_no == pay_no).cloned();
            let payment = payment.ok_or(Error::NotFound { what: "payment" })?;
            let mut change = Change::new(self, &app, bundle);
            if !edit(&mut change, &payment) {
                return Ok(());
            }
            match change.commit().await {
                Err(Error::Store(StoreError::Stale)) => {}
                other => return other.map(drop),
            }
        }
    }

    pub(super) async fn reload(&self, pay_no: &PayNo) -> Result<(App, OrderBundle), Error> {
        let payment = self.inner.store.payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })?;
        let bundle = self.inner.store.bundle(&payment.order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        Ok((self.app_of(&bundle.order).await?, bundle))
    }
}

fn step_word(next: &NextStep) -> &'static str {
    match next {
        NextStep::Qr { .. } => "qr",
        NextStep::Redirect { .. } => "redirect",
        NextStep::Form { .. } => "form",
        NextStep::Invoke { .. } => "invoke",
        NextStep::Wait => "wait",
        NextStep::Done => "done",
    }
}
