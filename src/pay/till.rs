//! The till: staff scan the bar code that a payer's wallet shows. One charge is one order; another try after a refusal goes
//! to the same order, so a button pressed twice takes the money once.

use super::bar::bar_method;
use super::cashier::Cashier;
use super::error::Error;
use super::orders::NewOrder;
use super::records::{Order, OrderBundle};
use super::secret::Secret;
use super::settle::latest;
use super::start::Start;
use crate::model::{Amount, AppId, CloseReason, OrderStatus, PaymentStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Life of a till's order: long enough for a second try, short enough for a queue.
const LIFE_S: i64 = 300;

/// What staff typed and scanned.
#[derive(Debug, Clone)]
pub struct Charge {
    pub app_id: AppId,
    /// Made with the page: the same again is the same charge.
    pub out_order_no: String,
    pub amount: Amount,
    pub subject: String,
    pub auth_code: Secret<String>,
}

crate::model::words!(
    /// Where a charge stands.
    TillState {
        /// The payer is typing a password, or nobody knows yet.
        Waiting = "waiting",
        /// Time is up; the provider is being told to take it back.
        Reversing = "reversing",
        Paid = "paid",
        /// Refused: another code may be scanned.
        Failed = "failed",
        /// Taken back, or never taken: no money moved.
        Reversed = "reversed",
    }
);

impl Cashier {
    /// Charges the wallet whose code was scanned.
    ///
    /// # Errors
    /// `Missing` or `Invalid` naming the field; `NotFound` (the app); `MethodUnavailable`, `AmountLimits`, `Closed`. What the
    /// provider says is no error: the charge's own page tells it.
    pub async fn charge(&self, charge: Charge, staff: &str) -> Result<Order, Error> {
        let code: String = charge.auth_code.expose().chars().filter(|c| !c.is_whitespace()).collect();
        if code.is_empty() {
            return Err(Error::missing("auth_code"));
        }
        let method = bar_method(&code).ok_or_else(|| Error::invalid("auth_code", "is no bar code of a known wallet"))?;
        let app = self.inner.store.app(&charge.app_id).await?.filter(|app| app.enabled);
        let app = app.ok_or(Error::NotFound { what: "app" })?;
        let order = self.create_order(&app, order_of(&charge)).await?;
        let facts = serde_json::json!({ "app_id": app.app_id, "amount": charge.amount, "method": method });
        self.commit(None, vec![self.audit(staff, "till.charge", order.order_no.as_str(), None, Some(facts))]).await?;
        let start = Start {
            method,
            auth_code: Some(Secret::new(code)),
            facts: BTreeMap::new(),
            channel: None,
            client_ip: None,
            actor: staff.to_owned(),
            nonce: None,
        };
        match self.start_payment(&order.order_no, start).await {
            Ok(_) | Err(Error::AlreadyPaid | Error::ProviderRefused { .. } | Error::ProviderUnclear) => Ok(order),
            Err(e) => {
                // Nobody can pay it any more, unless this was another scan and the first one still may.
                let bundle = self.inner.store.bundle(&order.order_no).await?;
                if bundle.is_some_and(|b| b.payments.is_empty()) {
                    let _ = self.close_order(&order.order_no, CloseReason::Staff, staff).await;
                }
                Err(e)
            }
        }
    }

    /// Where the charge of an order stands. Also makes us ask the provider, if the last question is old enough.
    pub fn till_state(&self, bundle: &OrderBundle) -> TillState {
        let state = state_of(bundle, self.now(), self.inner.settings.plans.bar_limit_s * 1000);
        if matches!(state, TillState::Waiting | TillState::Reversing) {
            self.page_waits(bundle);
        }
        state
    }
}

fn order_of(charge: &Charge) -> NewOrder {
    NewOrder {
        out_order_no: charge.out_order_no.clone(),
        amount: charge.amount,
        subject: charge.subject.clone(),
        body: None,
        methods: Vec::new(),
        notify_url: None,
        return_url: None,
        cancel_url: None,
        show_url: None,
        expires_in: Some(LIFE_S),
        attach: None,
        client_ip: None,
        user_id: None,
        platform: Some("till".to_owned()),
        scene: None,
        refers: None,
        extra: BTreeMap::new(),
        nonce: None,
    }
}

fn state_of(bundle: &OrderBundle, now: i64, limit_ms: i64) -> TillState {
    if bundle.order.status == OrderStatus::Paid {
        return TillState::Paid;
    }
    match latest(bundle) {
        Some(p) if p.status.is_open() && now - p.created_at >= limit_ms => TillState::Reversing,
        Some(p) if p.status.is_open() => TillState::Waiting,
        Some(p) if p.status == PaymentStatus::Failed => TillState::Failed,
        // Money that is a case of its own was taken, but not for this: the order's page tells.
        Some(_) | None => TillState::Reversed,
    }
}
