//! Who may ask for money, and by which account at a provider.

use crate::model::{AppId, AuditRule, CaseRule, ChannelId, ChannelKind, Method};
use crate::pay::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A merchant's application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub app_id: AppId,
    /// The number that Epay-like dialects use.
    pub pid: i64,
    pub name: String,
    pub enabled: bool,
    pub settings: AppSettings,
    pub created_at: i64,
}

/// What a merchant can set. Stored as one JSON text, so a new setting needs no migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppSettings {
    /// Where webhooks go when the order names no address.
    pub notify_url: Option<String>,
    /// Life of an order that names none, seconds.
    pub expires_in: i64,
    pub late_rule: CaseRule,
    pub duplicate_rule: CaseRule,
    /// What a provider hears that asks about a refund of the payer's own.
    pub refund_audit_rule: AuditRule,
    /// MD5 signatures are refused unless this is set.
    pub allow_md5: bool,
    /// Signature of `return_url`: `HMAC-SHA256` or `RSA2`.
    pub return_sign_type: String,
    /// Accent colour of the checkout page, `#rrggbb`.
    pub accent: Option<String>,
    /// A line for payers with questions: phone, mail or address.
    pub contact: Option<String>,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            notify_url: None,
            expires_in: 7200,
            late_rule: CaseRule::Refund,
            duplicate_rule: CaseRule::Refund,
            refund_audit_rule: AuditRule::Ask,
            allow_md5: false,
            return_sign_type: "HMAC-SHA256".to_owned(),
            accent: None,
            contact: None,
        }
    }
}

/// A key of an app. Two of a kind may be valid at once during a rotation.
#[derive(Debug, Clone)]
pub struct AppKey {
    pub key_id: String,
    pub app_id: AppId,
    pub kind: AppKeyKind,
    pub value: Secret<String>,
    pub created_at: i64,
    /// Not valid from then on; `None` for the current key.
    pub retires_at: Option<i64>,
}

/// What a key of an app is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppKeyKind {
    /// Signs API calls and answers (HMAC-SHA256, MD5).
    Api,
    /// The merchant's RSA public key (PEM or base64), for `RSA2`.
    MerchantRsa,
    /// `whsec_…`, signs webhooks.
    Webhook,
}

impl AppKeyKind {
    /// Its spelling in the database and in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::MerchantRsa => "merchant_rsa",
            Self::Webhook => "webhook",
        }
    }

    /// Reads the spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Api, Self::MerchantRsa, Self::Webhook].into_iter().find(|k| k.as_str() == text)
    }
}

/// A provider account of ours, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRecord {
    pub channel_id: ChannelId,
    pub kind: ChannelKind,
    pub name: String,
    /// `None`: offered to every app.
    pub app_id: Option<AppId>,
    pub enabled: bool,
    pub methods: Vec<Method>,
    /// Empty: the provider's production hosts.
    pub gateway_url: Option<String>,
    pub ca_pem: Option<String>,
    /// Smaller comes first.
    pub priority: i64,
    /// The current version of the credentials.
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A channel opened with one version of its credentials.
#[derive(Debug, Clone)]
pub struct ChannelAccount {
    pub record: ChannelRecord,
    pub version: i64,
    pub credentials: Credentials,
}

/// Credential fields by the names in the declaration of the channel's kind.
pub type Credentials = BTreeMap<String, Secret<String>>;

/// An app's word on one channel, overriding the channel's own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub app_id: AppId,
    pub channel_id: ChannelId,
    pub offered: bool,
    pub priority: Option<i64>,
}

/// What staff set about a channel among others that can do the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRules {
    /// Its share among channels of the same priority; with 0 it only stands in for them.
    pub weight: i64,
    /// Fen, within the method's own limits.
    pub min_amount: Option<i64>,
    pub max_amount: Option<i64>,
}

impl Default for ChannelRules {
    fn default() -> Self {
        Self { weight: 1, min_amount: None, max_amount: None }
    }
}

/// Since when, and why, a channel fails to start payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degraded {
    pub at: i64,
    pub reason: String,
}

/// How a channel stands among others that can do the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub channel_id: ChannelId,
    pub rules: ChannelRules,
    pub degraded: Option<Degraded>,
}

impl Standing {
    /// The usual standing: a share of one, no limits, no trouble.
    #[must_use]
    pub fn usual(channel_id: ChannelId) -> Self {
        Self { channel_id, rules: ChannelRules::default(), degraded: None }
    }
}
