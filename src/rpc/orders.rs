//! Orders in the panel.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{filters, mask, names::Names, rows, zone};
use crate::model::views::admin::{OrderQuery, OrderView, OrdersView};
use crate::model::{CloseReason, OrderNo, UiError};
use leptos::prelude::*;

/// The list of orders, newest first. Days are those of the person's zone.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` naming a filter that cannot be read.
#[server(prefix = "/rpc/admin", endpoint = "orders")]
pub async fn load_orders(#[server(default)] query: OrderQuery) -> Result<OrdersView, UiError> {
    let me = who(Need::Read).await?;
    let names = Names::load(&me.cashier).await?;
    let filter = filters::orders(&query, zone::minutes_east())?;
    let page = me.cashier.store().orders(&filter, &filters::page(&query.before, &query.after)).await?;
    Ok(OrdersView {
        rows: page.items.iter().map(|o| rows::order(o, &names)).collect(),
        pager: filters::pager(&page),
        apps: names.all_apps(),
        may: me.may(),
    })
}

/// One order with everything that happened to it.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for an unknown order.
#[server(prefix = "/rpc/admin", endpoint = "order")]
pub async fn load_order(#[server(default)] order_no: String) -> Result<OrderView, UiError> {
    let me = who(Need::Read).await?;
    let order_no = OrderNo::parse(&order_no).map_err(|_| UiError::NotFound)?;
    let store = me.cashier.store();
    let bundle = store.bundle(&order_no).await?.ok_or(UiError::NotFound)?;
    let names = Names::load(&me.cashier).await?;
    let (events, notices) = (store.events_of_order(&order_no).await?, store.notices_of_order(&order_no).await?);
    Ok(OrderView {
        may: me.may(),
        checkout_url: me.cashier.checkout_url(&bundle.order.token),
        left: crate::pay::refundable(&bundle),
        payments: bundle.payments.iter().map(|p| rows::payment(p, &names)).collect(),
        refunds: bundle.refunds.iter().map(|r| rows::refund(r, &names)).collect(),
        cases: bundle.cases.iter().map(|c| rows::case(c, &names)).collect(),
        events: events.iter().map(|e| rows::event(e, &names)).collect(),
        notices: notices.iter().map(|n| rows::notice(n, &names)).collect(),
        timeline: store.timeline(&order_no).await?.iter().map(|t| rows::step(t, &names)).collect(),
        ..order_view(&bundle.order, &names)
    })
}

/// Closes the order, at its providers first.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money; `NotFound` for an unknown
/// order; `Conflict` when it is paid; `Unclear` when a provider does not answer clearly, then nothing is decided.
#[server(prefix = "/rpc/admin", endpoint = "close_order")]
pub async fn close_order(#[server(default)] order_no: String) -> Result<(), UiError> {
    let me = who(Need::MoveMoney).await?;
    let order_no = OrderNo::parse(&order_no).map_err(|_| UiError::NotFound)?;
    me.cashier.close_order(&order_no, CloseReason::Staff, me.id()).await?;
    go(&format!("/admin/orders/{order_no}"), "closed");
    Ok(())
}

/// Asks the providers about everything open, now.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that only read; `NotFound` for an unknown order.
#[server(prefix = "/rpc/admin", endpoint = "sync_order")]
pub async fn sync_order(#[server(default)] order_no: String) -> Result<(), UiError> {
    let me = who(Need::Support).await?;
    let order_no = OrderNo::parse(&order_no).map_err(|_| UiError::NotFound)?;
    me.cashier.sync_order(&order_no, me.id()).await?;
    go(&format!("/admin/orders/{order_no}"), "synced");
    Ok(())
}

/// The order's own part of its page.
#[cfg(feature = "ssr")]
fn order_view(order: &crate::pay::Order, names: &Names) -> OrderView {
    let plain = [
        ("body", &order.body),
        ("notify_url", &order.notify_url),
        ("return_url", &order.return_url),
        ("cancel_url", &order.cancel_url),
        ("show_url", &order.show_url),
        ("attach", &order.attach),
        ("client_ip", &order.client_ip),
        ("platform", &order.platform),
        ("scene", &order.scene),
        ("refers", &order.refers),
    ];
    let mut facts: Vec<(String, String)> =
        plain.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect();
    let private =
        order.user_id.iter().map(|id| ("user_id".to_owned(), id)).chain(order.extra.iter().map(|(k, v)| (k.clone(), v)));
    facts.extend(private.map(|(name, value)| (name, mask::masked(value))));
    OrderView {
        row: rows::order(order, names),
        may: crate::model::views::admin::May::default(),
        checkout_url: String::new(),
        close_reason: order.close_reason,
        refunded: order.refunded_amount,
        left: crate::model::Amount::ZERO,
        expires_at: order.expires_at,
        paid_at: order.paid_at,
        closed_at: order.closed_at,
        facts,
        payments: Vec::new(),
        refunds: Vec::new(),
        cases: Vec::new(),
        events: Vec::new(),
        notices: Vec::new(),
        timeline: Vec::new(),
    }
}
