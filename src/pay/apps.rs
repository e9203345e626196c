//! Merchants' applications, their keys, and the signatures made and checked with them.

use super::cashier::Cashier;
use super::error::Error;
use super::records::{App, AppKey, AppKeyKind, AppSettings, AuditEntry};
use super::secret::Secret;
use super::signing::{self, SignType};
use super::store::Write;
use crate::model::AppId;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// An app with the keys that are valid now, newest first.
#[derive(Debug)]
pub struct AppWithKeys {
    pub app: App,
    pub keys: Vec<AppKey>,
}

impl AppWithKeys {
    /// Values of one kind, newest first.
    pub fn keys_of(&self, kind: AppKeyKind) -> impl Iterator<Item = &Secret<String>> {
        self.keys.iter().filter(move |k| k.kind == kind).map(|k| &k.value)
    }
}

/// A new app and what is shown only once.
pub struct NewApp {
    pub app: App,
    pub key: Secret<String>,
    pub webhook_secret: Secret<String>,
}

impl Cashier {
    /// Creates an app with an API key and a webhook secret.
    ///
    /// # Errors
    /// `Invalid` for a name that is empty, longer than 64 characters or has control characters.
    pub async fn create_app(&self, name: &str, actor: &str) -> Result<NewApp, Error> {
        let name = check_name(name)?;
        let now = self.now();
        let app_id = AppId::parse(&self.inner.world.id("app")).map_err(|e| Error::Internal(e.to_string()))?;
        let app = App { app_id: app_id.clone(), pid: 0, name, enabled: true, settings: AppSettings::default(), created_at: now };
        let key = self.new_key(&app_id, AppKeyKind::Api);
        let webhook = self.new_key(&app_id, AppKeyKind::Webhook);
        let (key_value, webhook_value) = (key.value.clone(), webhook.value.clone());
        let audit = self.audit(actor, "app.create", app_id.as_str(), None, Some(app_facts(&app)));
        self.commit(
            None,
            vec![
                Write::InsertApp(Box::new(app)),
                Write::InsertAppKey(Box::new(key)),
                Write::InsertAppKey(Box::new(webhook)),
                audit,
            ],
        )
        .await?;
        let app = self.inner.store.app(&app_id).await?.ok_or(Error::NotFound { what: "app" })?;
        Ok(NewApp { app, key: key_value, webhook_secret: webhook_value })
    }

    /// Saves name, settings and the enabled flag.
    ///
    /// # Errors
    /// `Invalid` naming the setting; `NotFound`.
    pub async fn save_app(&self, mut app: App, actor: &str) -> Result<App, Error> {
        let before = self.inner.store.app(&app.app_id).await?.ok_or(Error::NotFound { what: "app" })?;
        app.name = check_name(&app.name)?;
        check_settings(&app.settings)?;
        app.pid = before.pid;
        let audit = self.audit(actor, "app.update", app.app_id.as_str(), Some(app_facts(&before)), Some(app_facts(&app)));
        self.commit(None, vec![Write::SaveApp(Box::new(app.clone())), audit]).await?;
        self.inner.apps.invalidate(&app.app_id).await;
        Ok(app)
    }

    /// Makes a new key; the old ones stay valid for `grace_s` seconds.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for the merchant's own key, which only the merchant can make.
    pub async fn rotate_key(&self, app_id: &AppId, kind: AppKeyKind, grace_s: i64, actor: &str) -> Result<Secret<String>, Error> {
        if kind == AppKeyKind::MerchantRsa {
            return Err(Error::invalid("kind", "is made by the merchant"));
        }
        self.inner.store.app(app_id).await?.ok_or(Error::NotFound { what: "app" })?;
        let key = self.new_key(app_id, kind);
        let value = key.value.clone();
        let retires_at = self.now() + grace_s.max(0) * 1000;
        let after = serde_json::json!({ "kind": kind.as_str(), "grace_s": grace_s });
        self.commit(
            None,
            vec![
                Write::RetireAppKeys { app_id: app_id.clone(), kind, retires_at },
                Write::InsertAppKey(Box::new(key)),
                self.audit(actor, "app.rotate_key", app_id.as_str(), None, Some(after)),
            ],
        )
        .await?;
        self.inner.apps.invalidate(app_id).await;
        Ok(value)
    }

    /// Stores the merchant's RSA public key for `RSA2`; the old one stops at once.
    ///
    /// # Errors
    /// `Invalid` when it is no RSA public key of at least 2048 bits.
    pub async fn set_merchant_key(&self, app_id: &AppId, public_key: &str, actor: &str) -> Result<(), Error> {
        if signing::spki_key(public_key).is_none() {
            return Err(Error::invalid("public_key", "must be an RSA public key of at least 2048 bits, as PEM or base64"));
        }
        self.inner.store.app(app_id).await?.ok_or(Error::NotFound { what: "app" })?;
        let mut key = self.new_key(app_id, AppKeyKind::MerchantRsa);
        key.value = Secret::new(public_key.trim().to_owned());
        let retires_at = self.now();
        self.commit(
            None,
            vec![
                Write::RetireAppKeys { app_id: app_id.clone(), kind: AppKeyKind::MerchantRsa, retires_at },
                Write::InsertAppKey(Box::new(key)),
                self.audit(actor, "app.set_merchant_key", app_id.as_str(), None, None),
            ],
        )
        .await?;
        self.inner.apps.invalidate(app_id).await;
        Ok(())
    }

    /// An app with its valid keys, at most a second old.
    ///
    /// # Errors
    /// Storage errors only.
    pub async fn app_with_keys(&self, app_id: &AppId) -> Result<Option<Arc<AppWithKeys>>, Error> {
        let store = self.inner.store.clone();
        let now = self.now();
        let load = async {
            let Some(app) = store.app(app_id).await? else { return Ok(None) };
            let keys = store.app_keys(app_id, now).await?;
            Ok(Some(Arc::new(AppWithKeys { app, keys })))
        };
        let loaded = self.inner.apps.try_get_with_by_ref(app_id, load).await;
        loaded.map_err(|e: Arc<super::store::StoreError>| Error::Store(super::store::StoreError::Unavailable(e.to_string())))
    }

    /// Whether a call's signature fits one of the app's valid keys.
    #[must_use]
    pub fn verify_call(&self, app: &AppWithKeys, sign_type: SignType, text: &str, sign: &str) -> bool {
        match sign_type {
            SignType::HmacSha256 => app.keys_of(AppKeyKind::Api).any(|k| signing::hex_mac_fits(sign_type, k, text, sign)),
            SignType::Md5 => {
                app.app.settings.allow_md5
                    && app.keys_of(AppKeyKind::Api).any(|k| signing::hex_mac_fits(sign_type, k, text, sign))
            }
            SignType::Rsa2 => app.keys_of(AppKeyKind::MerchantRsa).any(|k| signing::rsa_fits(k.expose(), text, sign)),
        }
    }

    /// Signs an answer or a return address with the app's newest key, or with ours for `RSA2`.
    ///
    /// # Errors
    /// `Internal` when the app has no key.
    pub async fn sign_answer(&self, app: &AppWithKeys, sign_type: SignType, text: &str) -> Result<String, Error> {
        let key = || app.keys_of(AppKeyKind::Api).next().ok_or_else(|| Error::Internal("app has no key".into()));
        match sign_type {
            SignType::HmacSha256 => Ok(signing::hmac_hex(key()?, text)),
            SignType::Md5 => Ok(signing::md5_hex(key()?, text)),
            SignType::Rsa2 => Ok(STANDARD.encode(self.platform().await?.sign(text.as_bytes())?)),
        }
    }

    fn new_key(&self, app_id: &AppId, kind: AppKeyKind) -> AppKey {
        let mut random = [0u8; 32];
        self.inner.world.chance.fill(&mut random);
        let value = match kind {
            AppKeyKind::Webhook => format!("whsec_{}", STANDARD.encode(&random[..24])),
            AppKeyKind::Api | AppKeyKind::MerchantRsa => hex::encode(random),
        };
        AppKey {
            key_id: self.inner.world.id("key"),
            app_id: app_id.clone(),
            kind,
            value: Secret::new(value),
            created_at: self.now(),
            retires_at: None,
        }
    }

    /// An audit row. `before` and `after` must hold no secret.
    pub(super) fn audit(
        &self,
        actor: &str,
        action: &str,
        object: &str,
        before: Option<serde_json::Value>,
        after: Option<serde_json::Value>,
    ) -> Write {
        Write::Audit(AuditEntry {
            at: self.now(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            before: before.map(|v| v.to_string()),
            after: after.map(|v| v.to_string()),
            address: None,
        })
    }
}

fn app_facts(app: &App) -> serde_json::Value {
    serde_json::json!({ "name": app.name, "enabled": app.enabled, "settings": app.settings })
}

/// 1 to 64 characters without control characters.
pub(super) fn check_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::missing("name"));
    }
    if name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must be 1 to 64 characters without control characters"));
    }
    Ok(name.to_owned())
}

fn check_settings(settings: &AppSettings) -> Result<(), Error> {
    if !(60..=604_800).contains(&settings.expires_in) {
        return Err(Error::invalid("expires_in", "must be from 60 to 604800 seconds"));
    }
    if settings.duplicate_rule == crate::model::CaseRule::Accept {
        return Err(Error::invalid("duplicate_rule", "must be refund or ask"));
    }
    if !matches!(settings.return_sign_type.as_str(), "HMAC-SHA256" | "RSA2") {
        return Err(Error::invalid("return_sign_type", "must be HMAC-SHA256 or RSA2"));
    }
    let hex_colour = |c: &str| c.len() == 7 && c.starts_with('#') && c[1..].bytes().all(|b| b.is_ascii_hexdigit());
    if settings.accent.as_deref().is_some_and(|c| !hex_colour(c)) {
        return Err(Error::invalid("accent", "must be a colour such as #1f6feb"));
    }
    if settings.notify_url.as_deref().is_some_and(|u| !is_web_address(u)) {
        return Err(Error::invalid("notify_url", "must be an absolute http or https address without user name"));
    }
    Ok(())
}

/// Whether a merchant may give it as an address: http(s), absolute, no user info, at most 2048 characters.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    text.chars().count() <= 2048
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
        && url::Url::parse(text).is_ok_and(|u| {
            matches!(u.scheme(), "http" | "https") && u.has_host() && u.username().is_empty() && u.password().is_none()
        })
}
