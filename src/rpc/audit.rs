//! The audit log, for those who manage staff.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{filters, names::Names};
use crate::model::UiError;
use crate::model::views::admin::{AuditRow, AuditView};
use leptos::prelude::*;

/// A page of the log, newest first. `before` and `after` are cursors.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not manage staff.
#[server(prefix = "/rpc/admin", endpoint = "audit")]
pub async fn load_audit(#[server(default)] before: String, #[server(default)] after: String) -> Result<AuditView, UiError> {
    let me = who(Need::ManageStaff).await?;
    let names = Names::load(&me.cashier).await?;
    let page = me.cashier.store().audit(&filters::page(&before, &after)).await?;
    let pager = filters::pager(&page);
    let row = |entry: crate::pay::AuditEntry| AuditRow {
        at: entry.at,
        actor: names.actor(&entry.actor),
        action: entry.action,
        object: entry.object,
        before: entry.before,
        after: entry.after,
        address: entry.address,
    };
    Ok(AuditView { rows: page.items.into_iter().map(row).collect(), pager })
}
