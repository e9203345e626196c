//! The till: amount, scan, wait for the password.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{input::money, names::Names, rows};
use crate::model::views::admin::{TillForm, TillView};
use crate::model::{AppId, OrderNo, UiError};
#[cfg(feature = "ssr")]
use crate::pay::{Charge, Secret, latest};
use leptos::prelude::*;

/// The empty form, with the number that its charge will have.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money.
#[server(prefix = "/rpc/admin", endpoint = "till")]
pub async fn load_till() -> Result<TillForm, UiError> {
    let me = who(Need::MoveMoney).await?;
    let apps = me.cashier.store().apps().await?.into_iter().filter(|app| app.enabled);
    let names = Names::load(&me.cashier).await?;
    Ok(TillForm {
        apps: apps.map(|app| names.app(&app.app_id)).collect(),
        out_order_no: format!("T-{}", me.cashier.world().number()),
    })
}

/// Charges the wallet whose code was scanned; the amount is typed in yuan. The same number again is the same charge.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money; `Invalid` naming the field
/// that breaks its rule; `NotFound` for an unknown app; `MethodUnavailable` or `AmountLimits` when no channel of the app can
/// do it; `Conflict` when the number is in use with other values, or its order is closed.
#[server(prefix = "/rpc/admin", endpoint = "charge")]
pub async fn charge_wallet(
    #[server(default)] app_id: String,
    #[server(default)] out_order_no: String,
    #[server(default)] amount: String,
    #[server(default)] subject: String,
    #[server(default)] auth_code: String,
) -> Result<(), UiError> {
    let me = who(Need::MoveMoney).await?;
    let app_id = AppId::parse(&app_id).map_err(|_| UiError::invalid("app_id", "is not known"))?;
    let amount = money("amount", &amount)?;
    let ours = out_order_no.strip_prefix("T-").is_some_and(|no| OrderNo::parse(no).is_ok());
    if !ours {
        return Err(UiError::invalid("out_order_no", "is not known"));
    }
    let subject = subject.trim();
    if subject.chars().count() > 128 || subject.chars().any(char::is_control) {
        return Err(UiError::invalid("subject", "must be 1 to 128 characters without control characters"));
    }
    let subject = if subject.is_empty() { "Till" } else { subject }.to_owned();
    let charge = Charge { app_id, out_order_no, amount, subject, auth_code: Secret::new(auth_code) };
    let order = me.cashier.charge(charge, me.id()).await?;
    go(&format!("/admin/till/{}", order.order_no), "");
    Ok(())
}

/// Where a charge stands.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money; `NotFound` for an order that
/// is no charge.
#[server(prefix = "/rpc/admin", endpoint = "till_charge")]
pub async fn load_charge(#[server(default)] order_no: String) -> Result<TillView, UiError> {
    let me = who(Need::MoveMoney).await?;
    let order_no = OrderNo::parse(&order_no).map_err(|_| UiError::NotFound)?;
    let bundle = me.cashier.store().bundle(&order_no).await?.ok_or(UiError::NotFound)?;
    let order = &bundle.order;
    let last = latest(&bundle);
    if !last.is_some_and(|p| p.method.is_bar()) {
        return Err(UiError::NotFound);
    }
    let now = me.cashier.world().now_ms();
    Ok(TillView {
        state: me.cashier.till_state(&bundle).as_str().to_owned(),
        row: rows::order(order, &Names::load(&me.cashier).await?),
        words: last.and_then(|p| p.error_message.clone()).filter(|words| !words.is_empty()),
        pay_no: last.map(|p| p.pay_no.to_string()),
        paid_at: order.paid_at,
        may_scan_again: order.status.is_open() && order.expires_at > now,
    })
}
