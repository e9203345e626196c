//! Where people are signed in, and ending it. A session goes by its handle: it names the session and lets nobody in.

#[cfg(feature = "ssr")]
use super::rows;
use super::session::*;
#[cfg(feature = "ssr")]
use crate::model::views::admin::SessionRow;
use crate::model::{StaffId, UiError};
use leptos::prelude::*;

/// Ends one of the caller's own sessions.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for what is no living session of the caller.
#[server(prefix = "/rpc/admin", endpoint = "end_own_session")]
pub async fn end_own_session(#[server(default)] handle: String) -> Result<(), UiError> {
    let me = who(Need::Read).await?;
    me.cashier.end_session(&me.staff.staff_id, &handle, me.id()).await?;
    go("/admin/settings", "ended");
    Ok(())
}

/// Ends all sessions of the caller but this one.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), UiError> {
    let me = who(Need::Read).await?;
    me.cashier.end_sessions(&me.staff.staff_id, me.handle(), me.id()).await?;
    go("/admin/settings", "ended");
    Ok(())
}

/// Ends a session of somebody else.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not manage staff or change this person;
/// `NotFound` for an unknown person and for what is no living session of theirs.
#[server(prefix = "/rpc/admin", endpoint = "end_session")]
pub async fn end_session(#[server(default)] staff_id: String, #[server(default)] handle: String) -> Result<(), UiError> {
    let me = who(Need::ManageStaff).await?;
    let staff_id = StaffId::parse(&staff_id).map_err(|_| UiError::NotFound)?;
    me.cashier.end_session(&staff_id, &handle, me.id()).await?;
    go(&format!("/admin/staff/{staff_id}"), "ended");
    Ok(())
}

/// Where a person is signed in, as `me` sees it; nothing of those whom `me` may not change.
#[cfg(feature = "ssr")]
pub(super) async fn sessions_of(staff_id: &StaffId, me: &Who) -> Result<Vec<SessionRow>, UiError> {
    let found = match me.cashier.sessions_of(staff_id, me.id()).await {
        Err(crate::pay::Error::Denied) => Vec::new(),
        other => other?,
    };
    let mine = me.handle();
    Ok(found.into_iter().map(|s| rows::session(s, mine.as_deref())).collect())
}
