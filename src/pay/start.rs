//! Starting a payment: choosing the channel, giving the number, calling the provider, keeping what the payer must do.

use super::cashier::Cashier;
use super::change::Change;
use super::channel::{ChannelError, NextStep, Remote, StartRequest, Started};
use super::error::Error;
use super::records::{App, ChannelRecord, Order, OrderBundle, Payment, TaskKind, TimelineKind};
use super::secret::Secret;
use super::store::{StoreError, Write};
use crate::model::{Amount, Method, OrderNo, OrderStatus, PayNo, PaymentStatus, VerifiedBy};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A method that an order's app can offer, with the channel that would serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub method: Method,
    pub channel: ChannelRecord,
    /// Fen.
    pub min: i64,
    pub max: i64,
    /// Whether the order's amount is within the limits.
    pub available: bool,
    /// Facts that the order or the call must bring.
    pub needs: &'static [&'static str],
}

/// A request to start a payment.
#[derive(Debug, Clone)]
pub struct Start {
    pub method: Method,
    pub auth_code: Option<Secret<String>>,
    /// The call's own facts, over those of the order's `extra`.
    pub facts: BTreeMap<String, String>,
    pub client_ip: Option<String>,
    /// `api`, `payer` or a staff id.
    pub actor: String,
}

/// A start that lost its caller is taken over after this long.
const TAKE_OVER_MS: i64 = 15_000;
/// How long a second caller waits for the first one's answer.
const WAIT_STEP: Duration = Duration::from_millis(100);
const WAIT_STEPS: u32 = 120;

/// What to do with the attempts that exist already.
enum Plan {
    /// This one still serves.
    Reuse(Box<Payment>),
    /// Somebody is starting this very one.
    Await,
    /// Its start had no clear end: start it again, with the same number.
    Resume(Box<Payment>),
    /// Close these first, then begin.
    Begin(Vec<PayNo>),
}

/// Which bar-code method a payer's code belongs to, by its prefix and length.
///
/// WeChat: 18 digits from 10 to 15. Alipay: 16 to 24 digits from 25 to 30. QQ: 18 digits from 91.
#[must_use]
pub fn bar_method(auth_code: &str) -> Option<Method> {
    if !auth_code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let prefix: u8 = auth_code.get(..2)?.parse().ok()?;
    match (prefix, auth_code.len()) {
        (10..=15, 18) => Some(Method::WechatMicropay),
        (25..=30, 16..=24) => Some(Method::AlipayBar),
        (91, 18) => Some(Method::QqMicropay),
        _ => None,
    }
}

impl Cashier {
    /// What an order can be paid with, in the app's order. Methods that need an `auth_code` or an app are included.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn methods_of(&self, order: &Order) -> Result<Vec<Offered>, Error> {
        let store = self.inner.store.clone();
        let app_id = order.app_id.clone();
        let load = async move { store.channels_of_app(&app_id).await.map(Arc::new) };
        let channels = self.inner.offers.try_get_with_by_ref(&order.app_id, load).await;
        let channels = channels.map_err(|e| Error::Store(StoreError::Unavailable(e.to_string())))?;
        let mut offered: Vec<Offered> = Vec::new();
        for channel in channels.iter() {
            let Some(declaration) = self.inner.factory.declaration(channel.kind) else { continue };
            for spec in declaration.methods {
                let asked = order.methods.is_empty() || order.methods.contains(&spec.method);
                if !asked || !channel.methods.contains(&spec.method) {
                    continue;
                }
                let available = (spec.min..=spec.max).contains(&order.amount.fen());
                let entry = Offered {
                    method: spec.method,
                    channel: channel.clone(),
                    min: spec.min,
                    max: spec.max,
                    available,
                    needs: spec.needs,
                };
                match offered.iter_mut().find(|o| o.method == spec.method) {
                    None => offered.push(entry),
                    // The app's order decides, but a channel that can take the amount beats one that cannot.
                    Some(first) if !first.available && available => *first = entry,
                    Some(_) => {}
                }
            }
        }
        Ok(offered)
    }

    /// Starts a payment, or gives the one that still serves. Runs to its end even when the caller goes away.
    ///
    /// # Errors
    /// `MethodUnavailable`, `AmountLimits`, `Missing` (a fact), `AlreadyPaid`, `Closed`, `ProviderRefused`,
    /// `ProviderUnclear` (the payment stays pending and is asked for).
    pub async fn start_payment(&self, order_no: &OrderNo, start: Start) -> Result<Payment, Error> {
        let (this, order_no) = (self.clone(), order_no.clone());
        let task = tokio::spawn(async move { this.start_to_the_end(&order_no, &start).await });
        task.await.map_err(|e| Error::Internal(e.to_string()))?
    }

    async fn start_to_the_end(&self, order_no: &OrderNo, start: &Start) -> Result<Payment, Error> {
        let mut resumed = false;
        for _ in 0..WAIT_STEPS {
            let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
            let now = self.now();
            match bundle.order.status {
                OrderStatus::Paid => return Err(Error::AlreadyPaid),
                OrderStatus::Closed => return Err(Error::Closed),
                OrderStatus::Created | OrderStatus::Paying if bundle.order.expires_at <= now => return Err(Error::Closed),
                OrderStatus::Created | OrderStatus::Paying => {}
            }
            match self.plan(&bundle, start.method, now) {
                Plan::Reuse(payment) => return Ok(*payment),
                Plan::Await => tokio::time::sleep(WAIT_STEP).await,
                Plan::Resume(payment) => match self.call_provider(&bundle, &payment, start).await {
                    // The old number may be closed there already, by a close that died before we heard of it. That is
                    // the old attempt's end and no word about a new one.
                    Err(Error::ProviderRefused { .. }) if !resumed => resumed = true,
                    result => return result,
                },
                Plan::Begin(rivals) => {
                    // Checked first: a start that cannot work must not cost the payer the attempt that does.
                    let offer = self.choose(&bundle.order, start).await?;
                    if !rivals.is_empty() {
                        self.close_rivals(&rivals, &start.actor).await?;
                        continue;
                    }
                    match self.begin(bundle, start, &offer).await {
                        Err(Error::Store(StoreError::Stale)) => {}
                        Err(e) => return Err(e),
                        Ok((bundle, payment)) => return self.call_provider(&bundle, &payment, start).await,
                    }
                }
            }
        }
        Err(Error::ProviderUnclear)
    }

    fn plan(&self, bundle: &OrderBundle, method: Method, now: i64) -> Plan {
        let reuse_ms = self.inner.settings.plans.code_reuse_s * 1000;
        let open = || bundle.payments.iter().filter(|p| p.status.is_open());
        // Rivals that would not close are asked again by the worker; they must not block the payer for ever.
        let closing = |p: &Payment| p.provider_data.contains_key("closing");
        if let Some(same) = open().filter(|p| p.method == method && !closing(p)).max_by(|a, b| a.pay_no.cmp(&b.pay_no)) {
            let alive = same.code_expires_at.unwrap_or(same.expires_at) - now >= reuse_ms;
            match (same.status, &same.next) {
                (_, Some(_)) if alive => return Plan::Reuse(Box::new(same.clone())),
                (PaymentStatus::Created, None) if now - same.created_at < TAKE_OVER_MS => return Plan::Await,
                // A bar code is spent by its first try: never send it twice.
                (_, None) if method.is_bar() => return Plan::Reuse(Box::new(same.clone())),
                (_, None) if alive => return Plan::Resume(Box::new(same.clone())),
                _ => {}
            }
        }
        Plan::Begin(open().filter(|p| !closing(p)).map(|p| p.pay_no.clone()).collect())
    }

    /// Closes the attempts that a new one replaces. One that cannot be closed now is left to the worker; should it be
    /// paid as well, it becomes a case.
    async fn close_rivals(&self, rivals: &[PayNo], actor: &str) -> Result<(), Error> {
        for rival in rivals {
            match self.close_payment_now(rival, actor).await {
                Ok(()) => {}
                Err(Error::ProviderUnclear | Error::ProviderRefused { .. } | Error::Channel(_)) => {
                    self.mark_closing(rival).await?;
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    async fn mark_closing(&self, pay_no: &PayNo) -> Result<(), Error> {
        let Some(mut payment) = self.inner.store.payment(pay_no).await?.filter(|p| p.status.is_open()) else { return Ok(()) };
        let was = payment.status;
        payment.provider_data.insert("closing".to_owned(), "1".to_owned());
        let first = self.inner.settings.plans.close_s.first().copied().unwrap_or(5);
        let task = self.task_in(TaskKind::ClosePayment, pay_no.as_str(), first, 1);
        let writes = vec![Write::SavePayment { payment: Box::new(payment), was }, Write::Schedule(task)];
        match self.inner.store.commit(writes).await {
            Ok(()) | Err(StoreError::Stale) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// The channel for a method, or why there is none.
    async fn choose(&self, order: &Order, start: &Start) -> Result<Offered, Error> {
        let offered = self.methods_of(order).await?;
        let offer = offered.into_iter().find(|o| o.method == start.method).ok_or(Error::MethodUnavailable)?;
        if !offer.available {
            return Err(Error::AmountLimits { min: offer.min, max: offer.max });
        }
        let facts = facts_of(order, start);
        // The code is no fact: it is spent by one try and kept nowhere.
        let missing = offer.needs.iter().find(|n| **n != "auth_code" && facts.get(**n).is_none_or(String::is_empty));
        if let Some(missing) = missing {
            return Err(Error::missing(*missing));
        }
        if start.method.is_bar() && start.auth_code.is_none() {
            return Err(Error::missing("auth_code"));
        }
        Ok(offer)
    }

    /// Gives the attempt its number, before anybody outside hears of it.
    async fn begin(&self, bundle: OrderBundle, start: &Start, offer: &Offered) -> Result<(OrderBundle, Payment), Error> {
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
        let mut change = Change::new(self, &app, bundle);
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

    async fn call_provider(&self, bundle: &OrderBundle, payment: &Payment, start: &Start) -> Result<Payment, Error> {
        let app = self.app_of(&bundle.order).await?;
        let channel = match self.channel(&payment.channel_id, payment.channel_version).await {
            Ok(channel) => channel,
            Err(e) => {
                self.end_unstarted(&payment.pay_no, "channel", &e.to_string()).await?;
                return Err(e);
            }
        };
        let request = self.request(&app, &bundle.order, payment, start, self.min_lifetime(payment).await?);
        match channel.start(&request).await {
            Ok(started) => self.keep_started(app, bundle.clone(), &payment.pay_no, started, start).await,
            Err(ChannelError::Unclear(reason)) => {
                tracing::warn!(pay_no = %payment.pay_no, channel = %payment.channel_id, reason, "starting a payment had no clear end");
                self.keep_unclear(&payment.pay_no).await?;
                // The provider may know it, and may even have the money.
                let _ = self.ask_payment(&payment.pay_no, "worker").await;
                self.after_unclear(&payment.pay_no).await
            }
            Err(e) => {
                let error = Error::from(e);
                let (code, message) = match &error {
                    Error::ProviderRefused { code, message } => (code.clone(), message.clone()),
                    other => ("not_started".to_owned(), other.to_string()),
                };
                self.end_unstarted(&payment.pay_no, &code, &message).await?;
                Err(error)
            }
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
        let offers = self.inner.offers.get(&payment.app_id).await;
        let offered = offers.and_then(|all| all.iter().find(|c| c.channel_id == payment.channel_id).map(|c| c.kind));
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
            self.settle(pay_no, &Remote::Paid(paid), VerifiedBy::Reply, None).await?;
        }
        self.inner.store.payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })
    }

    async fn keep_unclear(&self, pay_no: &PayNo) -> Result<(), Error> {
        loop {
            let (app, bundle) = self.reload(pay_no).await?;
            let mut change = Change::new(self, &app, bundle);
            change.payment(pay_no, |p| {
                if p.status == PaymentStatus::Created {
                    p.status = PaymentStatus::Pending;
                }
            });
            change.note(TimelineKind::ProviderUnclear, "provider", Some(pay_no.as_str()), &[]);
            match change.commit().await {
                Err(Error::Store(StoreError::Stale)) => {}
                Err(e) => return Err(e),
                Ok(_) => return Ok(()),
            }
        }
    }

    async fn after_unclear(&self, pay_no: &PayNo) -> Result<Payment, Error> {
        let payment = self.inner.store.payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })?;
        if payment.status == PaymentStatus::Succeeded { Ok(payment) } else { Err(Error::ProviderUnclear) }
    }

    /// The provider never got the payment: it ends here, and nothing needs closing there.
    async fn end_unstarted(&self, pay_no: &PayNo, code: &str, message: &str) -> Result<(), Error> {
        let remote = Remote::Failed { code: code.to_owned(), message: message.to_owned() };
        self.settle(pay_no, &remote, VerifiedBy::Reply, None).await?;
        Ok(())
    }

    pub(super) async fn reload(&self, pay_no: &PayNo) -> Result<(App, OrderBundle), Error> {
        let payment = self.inner.store.payment(pay_no).await?.ok_or(Error::NotFound { what: "payment" })?;
        let bundle = self.inner.store.bundle(&payment.order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        Ok((self.app_of(&bundle.order).await?, bundle))
    }
}

/// The call's facts over the order's.
fn facts_of(order: &Order, start: &Start) -> BTreeMap<String, String> {
    let mut facts = order.extra.clone();
    if let Some(user_id) = &order.user_id {
        facts.entry("user_id".to_owned()).or_insert_with(|| user_id.clone());
    }
    facts.extend(start.facts.clone());
    // Two words for one fact: merchants who come from LianLian's own interface send its word.
    if let Some(name) = facts.get("acct_name").cloned() {
        facts.entry("user_name".to_owned()).or_insert(name);
    }
    facts
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_codes_tell_their_wallet() {
        assert_eq!(bar_method("134567890123456789"), Some(Method::WechatMicropay));
        assert_eq!(bar_method("2812345678901234"), Some(Method::AlipayBar));
        assert_eq!(bar_method("281234567890123456789012"), Some(Method::AlipayBar));
        assert_eq!(bar_method("911234567890123456"), Some(Method::QqMicropay));
        for bad in
            ["", "1", "13456789012345678", "161234567890123456", "28123456789012345678901234", "2812345678901a34", "１３４５"]
        {
            assert_eq!(bar_method(bad), None, "{bad}");
        }
    }
}
