//! Apps in the panel: settings, keys, and the console that signs a call.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{fresh_keys, input::given, rows};
#[cfg(feature = "ssr")]
use crate::model::views::admin::{AppSettingsView, KeyRow, Named};
use crate::model::views::admin::{AppView, AppsView, ConsoleQuery, ConsoleView, FreshKeysView};
use crate::model::{AppId, AuditRule, CaseRule, UiError};
#[cfg(feature = "ssr")]
use crate::pay::{App, AppKeyKind, AppSettings};
use leptos::prelude::*;

/// All apps, for their list.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "apps")]
pub async fn load_apps() -> Result<AppsView, UiError> {
    let me = who(Need::Read).await?;
    let apps = me.cashier.store().apps().await?;
    Ok(AppsView { rows: apps.iter().map(rows::app).collect(), may: me.may() })
}

/// One app: its settings, hints of its keys, and what its developers need.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for an unknown app.
#[server(prefix = "/rpc/admin", endpoint = "app")]
pub async fn load_app(#[server(default)] app_id: String) -> Result<AppView, UiError> {
    let me = who(Need::Read).await?;
    let app = find(&me, &app_id).await?;
    let keys = me.cashier.store().app_keys(&app.app_id, me.cashier.world().now_ms()).await?;
    let key = |k: &crate::pay::AppKey| KeyRow {
        kind: k.kind.as_str().to_owned(),
        hint: k.value.hint(),
        created_at: k.created_at,
        retires_at: k.retires_at,
    };
    Ok(AppView {
        row: rows::app(&app),
        may: me.may(),
        settings: shown(app.settings),
        keys: keys.iter().map(key).collect(),
        platform_key: me.cashier.platform_key().await?,
        api_url: format!("{}/api/v1", me.cashier.settings().public_url),
    })
}

/// Creates an app; its keys wait in the session for the one page that shows them.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `Invalid` for the name.
#[server(prefix = "/rpc/admin", endpoint = "create_app")]
pub async fn create_app(#[server(default)] name: String) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let new = me.cashier.create_app(&name, me.id()).await?;
    fresh_keys::keep(&me, &new.app.app_id, vec![("api", new.key), ("webhook", new.webhook_secret)]).await?;
    go(&format!("/admin/apps/{}/keys", new.app.app_id), "");
    Ok(())
}

/// Saves name, access and settings. `expires_in` is the life of an order that states none, in seconds.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown app;
/// `Invalid` naming the setting that breaks its rule.
#[server(prefix = "/rpc/admin", endpoint = "save_app")]
pub async fn save_app(
    #[server(default)] app_id: String,
    #[server(default)] name: String,
    #[server(default)] enabled: bool,
    #[server(default)] notify_url: String,
    #[server(default)] expires_in: String,
    #[server(default)] late_rule: String,
    #[server(default)] duplicate_rule: String,
    #[server(default)] refund_audit_rule: String,
    #[server(default)] allow_md5: bool,
    #[server(default)] return_sign_type: String,
    #[server(default)] accent: String,
    #[server(default)] contact: String,
) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let app = find(&me, &app_id).await?;
    let settings = AppSettings {
        notify_url: given(&notify_url),
        expires_in: expires_in.trim().parse().map_err(|_| UiError::invalid("expires_in", "must be from 60 to 604800 seconds"))?,
        late_rule: CaseRule::parse(&late_rule).map_err(|_| UiError::invalid("late_rule", "is required"))?,
        duplicate_rule: CaseRule::parse(&duplicate_rule).map_err(|_| UiError::invalid("duplicate_rule", "is required"))?,
        // Younger than the others: a form without it leaves it as it is.
        refund_audit_rule: match refund_audit_rule.as_str() {
            "" => app.settings.refund_audit_rule,
            word => AuditRule::parse(word).map_err(|_| UiError::invalid("refund_audit_rule", "is not known"))?,
        },
        allow_md5,
        return_sign_type,
        accent: given(&accent),
        contact: given(&contact),
    };
    me.cashier.save_app(App { name, enabled, settings, ..app }, me.id()).await?;
    go(&format!("/admin/apps/{app_id}"), "saved");
    Ok(())
}

/// A new key; the old one goes on working for `grace_h` hours.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown app;
/// `Invalid` for a kind that we do not make, or for other than 0 to 168 hours.
#[server(prefix = "/rpc/admin", endpoint = "rotate_key")]
pub async fn rotate_key(
    #[server(default)] app_id: String,
    #[server(default)] kind: String,
    #[server(default)] grace_h: String,
) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let app = find(&me, &app_id).await?;
    let kind = AppKeyKind::parse(&kind).ok_or_else(|| UiError::invalid("kind", "is required"))?;
    let hours = grace_h.trim().parse::<i64>().ok().filter(|h| (0..=168).contains(h));
    let hours = hours.ok_or_else(|| UiError::invalid("grace_h", "must be from 0 to 168 hours"))?;
    let key = me.cashier.rotate_key(&app.app_id, kind, hours * 3600, me.id()).await?;
    fresh_keys::keep(&me, &app.app_id, vec![(kind.as_str(), key)]).await?;
    go(&format!("/admin/apps/{}/keys", app.app_id), "");
    Ok(())
}

/// The merchant's RSA public key, for `RSA2`.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown app;
/// `Invalid` for what is no RSA public key of at least 2048 bits.
#[server(prefix = "/rpc/admin", endpoint = "set_merchant_key")]
pub async fn set_merchant_key(#[server(default)] app_id: String, #[server(default)] public_key: String) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let app = find(&me, &app_id).await?;
    me.cashier.set_merchant_key(&app.app_id, &public_key, me.id()).await?;
    go(&format!("/admin/apps/{app_id}"), "saved");
    Ok(())
}

/// New keys, once: asked again there is nothing.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown app.
#[server(prefix = "/rpc/admin", endpoint = "fresh_keys")]
pub async fn load_fresh_keys(#[server(default)] app_id: String) -> Result<FreshKeysView, UiError> {
    let me = who(Need::Configure).await?;
    let app = find(&me, &app_id).await?;
    let keys = fresh_keys::take(&me, &app.app_id).await?;
    Ok(FreshKeysView { app: Named { id: app_id, name: app.name }, pid: app.pid, keys })
}

/// Signs a call with the app's key without showing the key.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown app.
#[server(prefix = "/rpc/admin", endpoint = "console")]
pub async fn load_console(
    #[server(default)] app_id: String,
    #[server(default)] query: ConsoleQuery,
) -> Result<ConsoleView, UiError> {
    let me = who(Need::Configure).await?;
    let app = find(&me, &app_id).await?;
    super::console::signed(&me.cashier, &app, query).await
}

#[cfg(feature = "ssr")]
async fn find(me: &Who, app_id: &str) -> Result<App, UiError> {
    let app_id = AppId::parse(app_id).map_err(|_| UiError::NotFound)?;
    me.cashier.store().app(&app_id).await?.ok_or(UiError::NotFound)
}

#[cfg(feature = "ssr")]
fn shown(s: AppSettings) -> AppSettingsView {
    AppSettingsView {
        notify_url: s.notify_url.unwrap_or_default(),
        expires_in: s.expires_in,
        late_rule: s.late_rule,
        duplicate_rule: s.duplicate_rule,
        refund_audit_rule: s.refund_audit_rule,
        allow_md5: s.allow_md5,
        return_sign_type: s.return_sign_type,
        accent: s.accent.unwrap_or_default(),
        contact: s.contact.unwrap_or_default(),
    }
}
