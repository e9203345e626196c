//! What the payer's page shows. A page changes nothing by itself; at most it makes us ask the provider sooner.

use super::apps::AppWithKeys;
use super::cashier::Cashier;
use super::channel::NextStep;
use super::error::Error;
use super::offers::Offered;
use super::records::{App, Order, OrderBundle, Payment, TimelineKind};
use super::settle::latest;
use super::signing::{self, Fields, SignType};
use super::store::{StoreError, Write};
use crate::model::{CloseReason, Method, OrderStatus, PayNo, PaymentStatus, RefundedPart};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is appended to a `return_url`, in this order, and after it `sign` over them.
pub const RETURN_FIELDS: [&str; 7] = ["app_id", "order_no", "out_order_no", "status", "timestamp", "nonce", "sign_type"];

crate::model::words!(
    /// The one word for what the page shows.
    PageWord {
        Choose = "choose",
        Waiting = "waiting",
        Confirming = "confirming",
        Paid = "paid",
        Failed = "failed",
        Expired = "expired",
        Closed = "closed",
    }
);

/// Everything the checkout page needs.
#[derive(Debug, Clone)]
pub struct PageState {
    pub bundle: OrderBundle,
    pub app: App,
    pub state: PageWord,
    /// The attempt that the page is about.
    pub current: Option<Payment>,
    pub remaining_ms: i64,
    /// The signed `return_url`, once paid.
    pub return_link: Option<String>,
    pub methods: Vec<Offered>,
}

/// `/checkout/{token}/status` and the `status` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageStatus {
    pub state: PageWord,
    pub status: OrderStatus,
    pub refund_status: RefundedPart,
    pub remaining_ms: i64,
    pub pay_no: Option<PayNo>,
    pub method: Option<Method>,
    pub redirect_url: Option<String>,
}

impl PageStatus {
    /// Whether a page that shows the one need not change for the other. Time and signature change all the while.
    #[must_use]
    pub fn shows_the_same(&self, other: &Self) -> bool {
        (self.state, self.status, self.refund_status, &self.pay_no, self.method)
            == (other.state, other.status, other.refund_status, &other.pay_no, other.method)
    }
}

impl Cashier {
    /// The page of a token; `None` for an unknown one.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn page(&self, token: &str) -> Result<Option<PageState>, Error> {
        let Some(bundle) = self.inner.store.bundle_by_token(token).await? else { return Ok(None) };
        let app = self.app_with_keys_of(&bundle.order).await?;
        let now = self.now();
        let methods = if bundle.order.status.is_open() { self.methods_of(&bundle.order).await? } else { Vec::new() };
        let return_link = self.return_link(&app, &bundle.order).await?;
        Ok(Some(PageState {
            state: page_word(&bundle, now),
            current: current(&bundle).cloned(),
            remaining_ms: (bundle.order.expires_at - now).max(0),
            app: app.app.clone(),
            return_link,
            methods,
            bundle,
        }))
    }

    /// The short form, for polling and events. Whoever asks has the page open and waits, so the provider is asked too.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn page_status(&self, token: &str) -> Result<Option<PageStatus>, Error> {
        let Some(bundle) = self.inner.store.bundle_by_token(token).await? else { return Ok(None) };
        self.page_waits(&bundle);
        let now = self.now();
        let order = &bundle.order;
        let redirect_url = if order.status == OrderStatus::Paid && order.return_url.is_some() {
            let app = self.app_with_keys_of(order).await?;
            self.return_link(&app, order).await?
        } else {
            None
        };
        let current = current(&bundle);
        Ok(Some(PageStatus {
            state: page_word(&bundle, now),
            status: order.status,
            refund_status: order.refund_status,
            remaining_ms: if order.status.is_open() { (order.expires_at - now).max(0) } else { 0 },
            pay_no: current.map(|p| p.pay_no.clone()),
            method: current.map(|p| p.method),
            redirect_url,
        }))
    }

    /// A page was looked at that waits for its payer. The first look is no waiting yet: whoever stays asks again, by script
    /// or by the page's own refresh, and then the provider is asked too.
    pub fn page_seen(&self, bundle: &OrderBundle) {
        let Some(payment) = current(bundle).filter(|p| p.status.is_open()) else { return };
        if self.inner.seen.contains_key(payment.pay_no.as_str()) {
            self.ask_soon(payment);
        } else {
            self.inner.seen.insert(payment.pay_no.to_string(), ());
        }
    }

    /// A page is open and waits: asks the provider in the background, at most once in a while per payment.
    pub fn page_waits(&self, bundle: &OrderBundle) {
        if let Some(payment) = current(bundle).filter(|p| p.status.is_open()) {
            self.ask_soon(payment);
        }
    }

    fn ask_soon(&self, payment: &Payment) {
        // Right after the start nobody can have paid yet; the first question may wait.
        let young = self.now() - payment.created_at < self.inner.settings.plans.page_query_s * 1000;
        let key = payment.pay_no.to_string();
        if young || self.inner.asked.contains_key(&key) || !self.inner.budget.page_may(&payment.channel_id) {
            return;
        }
        self.inner.asked.insert(key, ());
        let (this, pay_no) = (self.clone(), payment.pay_no.clone());
        tokio::spawn(async move {
            if let Err(e) = this.ask_payment(&pay_no, "payer").await {
                tracing::debug!(pay_no = %pay_no, error = %e, "a waiting page's question stayed open");
            }
        });
    }

    /// The browser came back from a provider: notes it, asks, and gives the page's token. Changes no state.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn page_back(&self, pay_no: &str) -> Result<Option<String>, Error> {
        let Ok(pay_no) = PayNo::parse(pay_no) else { return Ok(None) };
        let Some(bundle) = self.inner.store.bundle_of_payment(&pay_no).await? else { return Ok(None) };
        let order = &bundle.order;
        let Some(mut payment) = bundle.payments.iter().find(|p| p.pay_no == pay_no).cloned() else { return Ok(None) };
        if payment.status == PaymentStatus::Pending {
            payment.provider_data.insert("returned_at".to_owned(), self.now().to_string());
            let was = payment.status;
            let save = Write::SavePayment { payment: Box::new(payment.clone()), was };
            let note = self.entry(&order.order_no, TimelineKind::PayerReturned, "payer").about(&pay_no);
            match self.commit(Some(&order.order_no), vec![save, Write::Timeline(note)]).await {
                Ok(()) | Err(StoreError::Stale) => {}
                Err(e) => return Err(e.into()),
            }
            self.inner.asked.invalidate(pay_no.as_str());
            self.ask_soon(&payment);
        }
        Ok(Some(bundle.order.token))
    }

    async fn app_with_keys_of(&self, order: &Order) -> Result<Arc<AppWithKeys>, Error> {
        let app = self.app_with_keys(&order.app_id).await?;
        app.ok_or_else(|| Error::Internal(format!("order {} has no app", order.order_no)))
    }

    /// `return_url` with the eight signed fields appended; the merchant's own query stays.
    async fn return_link(&self, app: &AppWithKeys, order: &Order) -> Result<Option<String>, Error> {
        let Some(return_url) = order.return_url.as_ref().filter(|_| order.status == OrderStatus::Paid) else { return Ok(None) };
        let Ok(mut url) = url::Url::parse(return_url) else { return Ok(None) };
        let sign_type = SignType::parse(&app.app.settings.return_sign_type).unwrap_or(SignType::HmacSha256);
        let mut fields = Fields::new();
        for (name, value) in [
            ("app_id", order.app_id.to_string()),
            ("order_no", order.order_no.to_string()),
            ("out_order_no", order.out_order_no.clone()),
            ("status", order.status.to_string()),
            ("timestamp", (self.now() / 1000).to_string()),
            ("nonce", self.inner.world.token(12)),
            ("sign_type", sign_type.as_str().to_owned()),
        ] {
            fields.insert(name.to_owned(), value);
        }
        let sign = self.sign_answer(app, sign_type, &signing::canonical_text(&fields)).await?;
        {
            let mut query = url.query_pairs_mut();
            for name in RETURN_FIELDS {
                query.append_pair(name, &fields[name]);
            }
            query.append_pair("sign", &sign);
        }
        Ok(Some(url.to_string()))
    }
}

/// The attempt a page is about: the one that pays, else the latest.
fn current(bundle: &OrderBundle) -> Option<&Payment> {
    bundle.payments.iter().find(|p| p.pays_order).or_else(|| latest(bundle))
}

fn page_word(bundle: &OrderBundle, now: i64) -> PageWord {
    let order = &bundle.order;
    match order.status {
        OrderStatus::Paid => return PageWord::Paid,
        OrderStatus::Closed if order.close_reason == Some(CloseReason::Expired) => return PageWord::Expired,
        OrderStatus::Closed => return PageWord::Closed,
        OrderStatus::Created | OrderStatus::Paying => {}
    }
    let Some(payment) = current(bundle) else {
        return if order.expires_at <= now { PageWord::Expired } else { PageWord::Choose };
    };
    let over = order.expires_at <= now;
    match payment.status {
        // Time is up, but the provider has not said yet that nobody paid.
        PaymentStatus::Created | PaymentStatus::Pending if over => PageWord::Confirming,
        _ if over => PageWord::Expired,
        PaymentStatus::Created => PageWord::Confirming,
        PaymentStatus::Pending if payment.provider_data.contains_key("returned_at") => PageWord::Confirming,
        PaymentStatus::Pending => match payment.next {
            Some(NextStep::Wait | NextStep::Done) | None => PageWord::Confirming,
            Some(_) => PageWord::Waiting,
        },
        PaymentStatus::Failed => PageWord::Failed,
        PaymentStatus::Closed if payment.error_code.is_some() => PageWord::Failed, // it never started
        // Closed attempts, and money of another amount that is a case: choose (again).
        PaymentStatus::Closed | PaymentStatus::Succeeded => PageWord::Choose,
    }
}
