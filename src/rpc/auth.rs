//! Signing in and out, and one's own settings.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{cashier, client_address};
use crate::model::UiError;
use crate::model::views::admin::SettingsView;
#[cfg(feature = "ssr")]
use crate::pay::Secret;
use leptos::prelude::*;

/// Signs in. Every refusal has the same words, whatever was wrong.
///
/// # Errors
/// `Invalid` for `login` whatever was wrong; `TooMany` while the account or the address is locked.
#[server(prefix = "/rpc/admin", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] name: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), UiError> {
    let staff = cashier()?.sign_in(&name, Secret::new(password), &address()).await.map_err(|e| match e {
        crate::pay::Error::Denied => UiError::invalid("login", "user name or password is wrong"),
        other => other.into(),
    })?;
    super::session::begin(&staff).await?;
    leptos_axum::redirect(panel_page(&next));
    Ok(())
}

/// Ends this session.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), UiError> {
    who(Need::Read).await?;
    end().await?;
    leptos_axum::redirect("/admin/login?done=signed_out");
    Ok(())
}

/// Ends all sessions of the caller, on every device.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<(), UiError> {
    let me = who(Need::Read).await?;
    me.cashier.end_sessions(&me.staff.staff_id, None, me.id()).await?;
    end().await?;
    leptos_axum::redirect("/admin/login?done=signed_out");
    Ok(())
}

/// One's own settings. The zone is in minutes east of UTC.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "settings")]
pub async fn load_settings() -> Result<SettingsView, UiError> {
    let me = who(Need::Read).await?;
    let sessions = super::sessions::sessions_of(&me.staff.staff_id, &me).await?;
    Ok(SettingsView {
        name: me.staff.name.clone(),
        role: me.staff.role,
        zone: super::zone::minutes_east(),
        last_login_at: me.staff.last_login_at,
        sessions,
    })
}

/// One's own password; ends all of one's sessions.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` when the current one is wrong, the new one breaks a rule, or its
/// repetition differs; `TooMany` after too many wrong ones.
#[server(prefix = "/rpc/admin", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] current: String,
    #[server(default)] password: String,
    #[server(default)] repeat: String,
) -> Result<(), UiError> {
    let me = who(Need::Read).await?;
    if password != repeat {
        return Err(UiError::invalid("repeat", "must be the same again"));
    }
    let (current, password) = (Secret::new(current), Secret::new(password));
    let changed = me.cashier.change_own_password(&me.staff.staff_id, current, password, &address()).await;
    changed.map_err(|e| match e {
        crate::pay::Error::Denied => UiError::invalid("current", "is wrong"),
        other => other.into(),
    })?;
    end().await?;
    leptos_axum::redirect("/admin/login?done=password");
    Ok(())
}

/// The zone in which this browser shows times, in minutes east of UTC.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` for what is no zone on Earth.
#[server(prefix = "/rpc/admin", endpoint = "set_zone")]
pub async fn set_zone(#[server(default)] zone: String) -> Result<(), UiError> {
    who(Need::Read).await?;
    let invalid = || UiError::invalid("zone", "must be from -720 to 840 minutes");
    let minutes: i32 = zone.parse().map_err(|_| invalid())?;
    super::zone::remember(minutes).ok_or_else(invalid)?;
    go("/admin/settings", "saved");
    Ok(())
}

/// Whose failures are counted together.
#[cfg(feature = "ssr")]
fn address() -> String {
    client_address().unwrap_or_else(|| "unknown".to_owned())
}

/// The page somebody wanted before signing in; only ever one of the panel.
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "used by the server's half"))]
fn panel_page(next: &str) -> &str {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>');
    let inside = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    if inside && next.bytes().all(plain) && !next.starts_with("/admin/login") { next } else { "/admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_into_the_panel_only() {
        for good in ["/admin", "/admin/orders?status=paid", "/admin?x=1"] {
            assert_eq!(panel_page(good), good);
        }
        for bad in ["", "//evil.example", "https://evil.example", "/administrator", "/admin/\r\nX: y", "/\\evil", "/admin/login"]
        {
            assert_eq!(panel_page(bad), "/admin", "{bad}");
        }
    }
}
