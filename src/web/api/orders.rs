//! Calls about orders.

use super::codes::Failure;
use super::rules::Checked;
use super::{Ask, cursor};
use crate::model::{Amount, CloseReason, Method, OrderStatus};
use crate::pay::objects::{order_json, order_list_json};
use crate::pay::store::{OrderFilter, PageRequest};
use crate::pay::{NewOrder, Nonce, Order, OrderKey};
use serde_json::{Value, json};

pub(super) async fn create(ask: Ask<'_>) -> Result<Value, Failure> {
    let cashier = &ask.state.cashier;
    let order = cashier.create_order(ask.app(), new_order(&ask.fields, Some(ask.nonce.clone()))?).await?;
    Ok(created(&order, &cashier.checkout_url(&order.token)))
}

pub(super) fn created(order: &Order, checkout_url: &str) -> Value {
    json!({
        "order_no": order.order_no,
        "out_order_no": order.out_order_no,
        "amount": order.amount,
        "status": order.status,
        "checkout_url": checkout_url,
        "expires_at": order.expires_at,
        "created_at": order.created_at,
    })
}

/// The same for a signed call and for a `/cashier` link.
pub(super) fn new_order(fields: &Checked<'_>, nonce: Option<Nonce>) -> Result<NewOrder, Failure> {
    let required = |name: &str| fields.text(name).ok_or_else(|| Failure::missing(name));
    let fen = fields.integer("amount").ok_or_else(|| Failure::missing("amount"))?;
    Ok(NewOrder {
        out_order_no: required("out_order_no")?,
        amount: Amount::from_fen(fen).map_err(|e| Failure::invalid("amount", &e.to_string()))?,
        subject: required("subject")?,
        body: fields.text("body"),
        methods: fields.methods("methods"),
        notify_url: fields.text("notify_url"),
        return_url: fields.text("return_url"),
        cancel_url: fields.text("cancel_url"),
        show_url: fields.text("show_url"),
        expires_in: fields.integer("expires_in"),
        attach: fields.text("attach"),
        client_ip: fields.text("client_ip"),
        user_id: fields.text("user_id"),
        platform: fields.text("platform"),
        scene: fields.text("scene"),
        refers: fields.refers("refers"),
        extra: fields.facts("extra"),
        nonce,
    })
}

pub(super) fn key(fields: &Checked<'_>) -> OrderKey {
    OrderKey { order_no: fields.text("order_no"), out_order_no: fields.text("out_order_no") }
}

pub(super) async fn query(ask: Ask<'_>) -> Result<Value, Failure> {
    ask.spend_nonce().await?;
    let cashier = &ask.state.cashier;
    let bundle = cashier.find_order(Some(&ask.app().app_id), &key(&ask.fields)).await?;
    Ok(order_json(&bundle, &cashier.checkout_url(&bundle.order.token)))
}

pub(super) async fn close(ask: Ask<'_>) -> Result<Value, Failure> {
    ask.spend_nonce().await?;
    let cashier = &ask.state.cashier;
    let found = cashier.find_order(Some(&ask.app().app_id), &key(&ask.fields)).await?;
    let bundle = cashier.close_order(&found.order.order_no, CloseReason::Merchant, "api").await?;
    Ok(order_json(&bundle, &cashier.checkout_url(&bundle.order.token)))
}

pub(super) async fn list(ask: Ask<'_>) -> Result<Value, Failure> {
    let cashier = &ask.state.cashier;
    let before = match ask.fields.text("cursor") {
        Some(text) => Some(cursor::open(cashier, ask.caller, &text)?),
        None => None,
    };
    ask.spend_nonce().await?;
    let filter = OrderFilter {
        app_id: Some(ask.app().app_id.clone()),
        status: ask.fields.text("status").and_then(|s| OrderStatus::parse(&s).ok()),
        method: ask.fields.text("method").and_then(|m| Method::parse(&m).ok()),
        from: ask.fields.integer("from"),
        to: ask.fields.integer("to"),
        ..OrderFilter::default()
    };
    let limit = ask.fields.integer("limit").unwrap_or(20);
    let page = cashier.store().orders(&filter, &PageRequest { before, after: None, limit }).await;
    let page = page.map_err(|e| Failure::from(crate::pay::Error::from(e)))?;
    let items: Vec<Value> = page.items.iter().map(|o| order_list_json(o, &cashier.checkout_url(&o.token))).collect();
    let next_cursor = match page.older {
        Some(key) => Some(cursor::seal(cashier, ask.caller, &key).await?),
        None => None,
    };
    Ok(json!({ "items": items, "next_cursor": next_cursor }))
}
