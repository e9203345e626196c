//! Creating, finding and closing orders.

use super::cashier::Cashier;
use super::change::Change;
use super::error::Error;
use super::records::{App, Order, OrderBundle, TaskKind, TimelineKind};
use super::store::{StoreError, Unique, Write};
use crate::model::{Amount, AppId, CloseReason, EventType, Method, OrderNo, OrderStatus, RefundedPart};
use std::collections::BTreeMap;

/// A checked request for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    pub out_order_no: String,
    pub amount: Amount,
    pub subject: String,
    pub body: Option<String>,
    pub methods: Vec<Method>,
    pub notify_url: Option<String>,
    pub return_url: Option<String>,
    pub cancel_url: Option<String>,
    pub show_url: Option<String>,
    /// Seconds; `None`: the app's default.
    pub expires_in: Option<i64>,
    pub attach: Option<String>,
    pub client_ip: Option<String>,
    pub user_id: Option<String>,
    pub platform: Option<String>,
    pub scene: Option<String>,
    /// JSON array text.
    pub refers: Option<String>,
    pub extra: BTreeMap<String, String>,
    /// Spent in the same transaction.
    pub nonce: Option<Nonce>,
}

/// A nonce of a signed call, kept until it could no longer be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce {
    pub value: String,
    pub expires_at: i64,
}

impl Nonce {
    pub(super) fn write(&self, app_id: &AppId) -> Write {
        Write::SpendNonce { app_id: app_id.clone(), nonce: self.value.clone(), expires_at: self.expires_at }
    }
}

/// How a caller names an order: one of the two numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderKey {
    pub order_no: Option<String>,
    pub out_order_no: Option<String>,
}

impl Cashier {
    /// Creates an order, or gives the one that the same call made before.
    ///
    /// # Errors
    /// `Differs` when the merchant's number is in use with other values; `Store(Taken(Nonce))` for a replay.
    pub async fn create_order(&self, app: &App, new: NewOrder) -> Result<Order, Error> {
        let nonce = new.nonce.clone();
        let states_life = new.expires_in.is_some();
        let order = self.new_order(app, new)?;
        let mut writes: Vec<Write> = nonce.iter().map(|n| n.write(&app.app_id)).collect();
        writes.push(Write::InsertOrder(Box::new(order.clone())));
        writes.push(Write::Timeline(
            self.entry(&order.order_no, TimelineKind::OrderCreated, "api").with("amount", order.amount.fen()),
        ));
        writes.push(Write::Schedule(self.task_at(TaskKind::ExpireOrder, order.order_no.as_str(), order.expires_at, 0)));
        match self.inner.store.commit(writes).await {
            Ok(()) => {
                self.inner.fresh.insert(order.order_no.clone(), order.clone());
                Ok(order)
            }
            Err(StoreError::Taken(Unique::OutOrderNo)) => {
                self.spend_nonce(&app.app_id, nonce.as_ref()).await?;
                let existing = self.inner.store.order_by_out_no(&app.app_id, &order.out_order_no).await?;
                let existing = existing.ok_or(Error::NotFound { what: "order" })?;
                let fields = differing_fields(&existing, &order, states_life);
                if fields.is_empty() { Ok(existing) } else { Err(Error::Differs { fields }) }
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Marks a nonce as seen.
    ///
    /// # Errors
    /// `Store(Taken(Nonce))` when it was seen before.
    pub async fn spend_nonce(&self, app_id: &AppId, nonce: Option<&Nonce>) -> Result<(), Error> {
        match nonce {
            Some(nonce) => Ok(self.inner.store.commit(vec![nonce.write(app_id)]).await?),
            None => Ok(()),
        }
    }

    /// An order with all that belongs to it; `app_id` limits it to that app's.
    ///
    /// # Errors
    /// `Missing` without a number; `NotFound` for an unknown or foreign one.
    pub async fn find_order(&self, app_id: Option<&AppId>, key: &OrderKey) -> Result<OrderBundle, Error> {
        let absent = Error::NotFound { what: "order" };
        let store = &self.inner.store;
        let order_no = match (&key.order_no, &key.out_order_no, app_id) {
            (Some(no), _, _) => OrderNo::parse(no).ok(),
            (None, Some(out), Some(app_id)) => store.order_by_out_no(app_id, out).await?.map(|o| o.order_no),
            _ => return Err(Error::missing("order_no")),
        };
        let Some(order_no) = order_no else { return Err(absent) };
        let bundle = store.bundle(&order_no).await?;
        let bundle = bundle.filter(|b| app_id.is_none_or(|a| a == &b.order.app_id));
        bundle.filter(|b| key.out_order_no.as_ref().is_none_or(|out| out == &b.order.out_order_no)).ok_or(absent)
    }

    /// An order of that app that a payment shall be started for. Most are paid right after they were created, so the one
    /// that was created here a moment ago is not read again; should another node have changed it, its version tells.
    ///
    /// # Errors
    /// As [`Cashier::find_order`].
    pub async fn find_order_to_pay(&self, app_id: &AppId, order_no: Option<String>) -> Result<OrderBundle, Error> {
        let fresh = order_no.as_deref().and_then(|no| OrderNo::parse(no).ok()).and_then(|no| self.inner.fresh.remove(&no));
        match fresh.filter(|order| &order.app_id == app_id) {
            Some(order) => Ok(OrderBundle { order, payments: Vec::new(), refunds: Vec::new(), cases: Vec::new() }),
            None => self.find_order(Some(app_id), &OrderKey { order_no, out_order_no: None }).await,
        }
    }

    /// Closes an order after closing its payments at their providers. Closed before: nothing changes.
    ///
    /// # Errors
    /// `AlreadyPaid` when it is paid or a provider reports money (then the order is paid afterwards); `ProviderUnclear`
    /// when a provider does not answer clearly (then nothing is decided).
    pub async fn close_order(&self, order_no: &OrderNo, reason: CloseReason, actor: &str) -> Result<OrderBundle, Error> {
        loop {
            let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
            match bundle.order.status {
                OrderStatus::Paid => return Err(Error::AlreadyPaid),
                OrderStatus::Closed => return Ok(bundle),
                OrderStatus::Created | OrderStatus::Paying => {}
            }
            if let Some(open) = bundle.payments.iter().find(|p| p.status.is_open()) {
                self.close_payment_now(&open.pay_no, actor).await?;
                continue;
            }
            let app = self.app_of(&bundle.order).await?;
            let now = self.now();
            let was = bundle.order.status;
            let mut change = Change::new(self, &app, bundle);
            let (before, after) = (serde_json::json!({ "status": was }), serde_json::json!({ "status": OrderStatus::Closed }));
            change.audit(actor, "order.close", order_no.as_str(), before, after);
            change.order(|o| {
                o.status = OrderStatus::Closed;
                o.close_reason = Some(reason);
                o.closed_at = Some(now);
            });
            change.note(TimelineKind::OrderClosed, actor, None, &[("reason", reason.to_string())]);
            change.order_event(EventType::OrderClosed);
            change.write(Write::Unschedule { kind: TaskKind::ExpireOrder, about: order_no.to_string() });
            match change.commit().await {
                Err(Error::Store(StoreError::Stale)) => {}
                other => return other,
            }
        }
    }

    /// Asks the providers about every open payment and refund of an order now.
    ///
    /// # Errors
    /// `NotFound`; storage errors. What a provider does not answer stays as it is.
    pub async fn sync_order(&self, order_no: &OrderNo, actor: &str) -> Result<OrderBundle, Error> {
        let absent = || Error::NotFound { what: "order" };
        let bundle = self.inner.store.bundle(order_no).await?.ok_or_else(absent)?;
        for payment in bundle.payments.iter().filter(|p| p.status != crate::model::PaymentStatus::Succeeded) {
            match self.ask_payment(&payment.pay_no, actor).await {
                Ok(()) | Err(Error::ProviderUnclear | Error::ProviderRefused { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        for refund in bundle.refunds.iter().filter(|r| r.status.is_open()) {
            match self.push_refund(&refund.refund_no).await {
                Ok(_) | Err(Error::ProviderUnclear) => {}
                Err(e) => return Err(e),
            }
        }
        self.inner.store.bundle(order_no).await?.ok_or_else(absent)
    }

    /// The app of an order; it must exist, since orders are never without one.
    pub(super) async fn app_of(&self, order: &Order) -> Result<App, Error> {
        let loaded = self.app_with_keys(&order.app_id).await?;
        loaded.map(|a| a.app.clone()).ok_or_else(|| Error::Internal(format!("order {} has no app", order.order_no)))
    }

    fn new_order(&self, app: &App, new: NewOrder) -> Result<Order, Error> {
        let now = self.now();
        let expires_in = new.expires_in.unwrap_or(app.settings.expires_in);
        Ok(Order {
            order_no: OrderNo::parse(&self.inner.world.number()).map_err(|e| Error::Internal(e.to_string()))?,
            app_id: app.app_id.clone(),
            out_order_no: new.out_order_no,
            token: self.inner.world.token(18),
            amount: new.amount,
            subject: new.subject,
            body: new.body,
            methods: new.methods,
            notify_url: new.notify_url,
            return_url: new.return_url,
            cancel_url: new.cancel_url,
            show_url: new.show_url,
            attach: new.attach,
            client_ip: new.client_ip,
            user_id: new.user_id,
            platform: new.platform,
            scene: new.scene,
            refers: new.refers,
            extra: new.extra,
            expires_in,
            created_at: now,
            expires_at: now + expires_in * 1000,
            status: OrderStatus::Created,
            close_reason: None,
            refund_status: RefundedPart::None,
            refunded_amount: Amount::ZERO,
            method: None,
            pay_no: None,
            paid_at: None,
            closed_at: None,
            version: 1,
        })
    }
}

/// Names of the parameters in which a repeated call differs from the order it made before. `states_life`: whether the call
/// itself says how long the order lives; the app's default may have changed since.
fn differing_fields(old: &Order, new: &Order, states_life: bool) -> Vec<&'static str> {
    let pairs = [
        ("amount", old.amount == new.amount),
        ("subject", old.subject == new.subject),
        ("body", old.body == new.body),
        ("methods", old.methods == new.methods),
        ("notify_url", old.notify_url == new.notify_url),
        ("return_url", old.return_url == new.return_url),
        ("cancel_url", old.cancel_url == new.cancel_url),
        ("show_url", old.show_url == new.show_url),
        ("expires_in", !states_life || old.expires_in == new.expires_in),
        ("attach", old.attach == new.attach),
        ("client_ip", old.client_ip == new.client_ip),
        ("user_id", old.user_id == new.user_id),
        ("platform", old.platform == new.platform),
        ("scene", old.scene == new.scene),
        ("refers", old.refers == new.refers),
        ("extra", old.extra == new.extra),
    ];
    pairs.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}
