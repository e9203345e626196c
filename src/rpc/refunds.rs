//! Refunds in the panel.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{filters, input::money, names::Names, rows, zone};
use crate::model::views::admin::{RefundAuditView, RefundForm, RefundQuery, RefundRow, RefundsView};
use crate::model::{AuditDecision, OrderNo, RefundNo, UiError};
use leptos::prelude::*;

/// Refunds waiting for a verdict that the page shows at once, oldest first.
#[cfg(feature = "ssr")]
const WAITING: i64 = 100;

/// The list of refunds, newest first; its first page also shows those that wait for a verdict.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` naming a filter that cannot be read.
#[server(prefix = "/rpc/admin", endpoint = "refunds")]
pub async fn load_refunds(#[server(default)] query: RefundQuery) -> Result<RefundsView, UiError> {
    let me = who(Need::Read).await?;
    let names = Names::load(&me.cashier).await?;
    let filter = filters::refunds(&query, zone::minutes_east())?;
    let page = me.cashier.store().refunds(&filter, &filters::page(&query.before, &query.after)).await?;
    let is_first_page = query.before.is_empty() && query.after.is_empty();
    let audits = if is_first_page { me.cashier.store().open_refund_audits(WAITING).await? } else { Vec::new() };
    Ok(RefundsView {
        audits: audits.iter().map(|a| rows::refund_audit(a, &names)).collect(),
        rows: page.items.iter().map(|r| rows::refund(r, &names)).collect(),
        pager: filters::pager(&page),
        apps: names.all_apps(),
    })
}

/// One refund.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for an unknown refund.
#[server(prefix = "/rpc/admin", endpoint = "refund")]
pub async fn load_refund(#[server(default)] refund_no: String) -> Result<RefundRow, UiError> {
    let me = who(Need::Read).await?;
    let refund_no = RefundNo::parse(&refund_no).map_err(|_| UiError::NotFound)?;
    let refund = me.cashier.store().refund(&refund_no).await?.ok_or(UiError::NotFound)?;
    Ok(rows::refund(&refund, &Names::load(&me.cashier).await?))
}

/// The page on which a refund is asked for, with the number it will have.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money; `NotFound` for an unknown
/// order.
#[server(prefix = "/rpc/admin", endpoint = "refund_form")]
pub async fn load_refund_form(#[server(default)] order_no: String) -> Result<RefundForm, UiError> {
    let me = who(Need::MoveMoney).await?;
    let order_no = OrderNo::parse(&order_no).map_err(|_| UiError::NotFound)?;
    let bundle = me.cashier.store().bundle(&order_no).await?.ok_or(UiError::NotFound)?;
    Ok(RefundForm {
        order: rows::order(&bundle.order, &Names::load(&me.cashier).await?),
        paid: bundle.order.amount,
        left: crate::pay::refundable(&bundle),
        out_refund_no: format!("S-{}", me.cashier.world().number()),
    })
}

/// Asks for a refund; the amount is typed in yuan. The same `out_refund_no` again is the same refund.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money; `NotFound` for an unknown
/// order; `Invalid` for an amount that is none or above what is left; `Conflict` when the order is not paid, or the number
/// is in use with other values.
#[server(prefix = "/rpc/admin", endpoint = "create_refund")]
pub async fn create_refund(
    #[server(default)] order_no: String,
    #[server(default)] out_refund_no: String,
    #[server(default)] amount: String,
    #[server(default)] reason: String,
) -> Result<(), UiError> {
    let me = who(Need::MoveMoney).await?;
    let order_no = OrderNo::parse(&order_no).map_err(|_| UiError::NotFound)?;
    let amount = money("amount", &amount)?;
    // The same rule as for merchants: it goes to the provider, and the payer may read it.
    if reason.chars().count() > 80 || reason.chars().any(char::is_control) {
        return Err(UiError::invalid("reason", "must be at most 80 characters without line breaks"));
    }
    let input = crate::pay::RefundInput {
        app_id: None,
        order: crate::pay::OrderKey { order_no: Some(order_no.to_string()), out_order_no: None },
        out_refund_no,
        amount,
        reason,
        notify_url: None,
        requested_by: me.id().to_owned(),
        nonce: None,
    };
    let refund = me.cashier.request_refund(input).await?;
    go(&format!("/admin/refunds/{}", refund.refund_no), "refunded");
    Ok(())
}

/// A refund that the payer asked for at the provider.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` when no provider asked about it.
#[server(prefix = "/rpc/admin", endpoint = "refund_audit")]
pub async fn load_refund_audit(#[server(default)] audit_id: String) -> Result<RefundAuditView, UiError> {
    let me = who(Need::Read).await?;
    let audit = me.cashier.store().refund_audit(&audit_id).await?.ok_or(UiError::NotFound)?;
    let approvable = match &audit.order_no {
        Some(order_no) => me.cashier.store().bundle(order_no).await?.and_then(|b| crate::pay::approvable(&b, &audit.pay_no)),
        None => None,
    };
    let row = rows::refund_audit(&audit, &Names::load(&me.cashier).await?);
    Ok(RefundAuditView { row, may: me.may(), approvable })
}

/// Staff's verdict; the provider hears it when it asks again.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money; `NotFound` when no provider
/// asked about it; `Invalid` for what is no verdict; `Conflict` when it is decided already, or nothing can go back.
#[server(prefix = "/rpc/admin", endpoint = "decide_refund")]
pub async fn decide_refund(#[server(default)] audit_id: String, #[server(default)] decision: String) -> Result<(), UiError> {
    let me = who(Need::MoveMoney).await?;
    let decision = AuditDecision::parse(&decision).map_err(|_| UiError::invalid("decision", "is required"))?;
    me.cashier.decide_audit(&audit_id, decision, me.id()).await?;
    go(&format!("/admin/refunds/audits/{audit_id}"), "decided");
    Ok(())
}
