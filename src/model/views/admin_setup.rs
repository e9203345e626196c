//! Views of what is set up: apps and channels. Secrets appear as hints only (`…7f2c`).

use super::admin::{May, Named};
use crate::model::{AuditRule, CaseRule, ChannelKind, Method};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppsView {
    pub rows: Vec<AppRow>,
    pub may: May,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppRow {
    pub app_id: String,
    pub pid: i64,
    pub name: String,
    pub enabled: bool,
    pub created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    pub row: AppRow,
    pub may: May,
    pub settings: AppSettingsView,
    pub keys: Vec<KeyRow>,
    /// Our RSA public key, PEM: merchants verify `RSA2` answers with it.
    pub platform_key: String,
    pub api_url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSettingsView {
    pub notify_url: String,
    pub expires_in: i64,
    pub late_rule: CaseRule,
    pub duplicate_rule: CaseRule,
    pub refund_audit_rule: AuditRule,
    pub allow_md5: bool,
    pub return_sign_type: String,
    pub accent: String,
    pub contact: String,
}

/// A key of an app, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// `api`, `merchant_rsa`, `webhook`
    pub kind: String,
    pub hint: String,
    pub created_at: i64,
    pub retires_at: Option<i64>,
}

/// New secrets, on the one page that shows them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FreshKeysView {
    pub app: Named,
    pub pid: i64,
    /// Kind and value; empty when they were shown before.
    pub keys: Vec<(String, String)>,
}

/// Fields of the test console as they stand in the URL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsoleQuery {
    pub call: String,
    pub sign_type: String,
    /// One `name=value` a line.
    pub fields: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConsoleView {
    pub app: Named,
    pub calls: Vec<String>,
    pub call: String,
    pub sign_type: String,
    /// Signature types this app may use.
    pub sign_types: Vec<String>,
    pub fields: String,
    /// A line that is no field.
    pub bad_line: Option<String>,
    pub text: String,
    pub sign: String,
    pub body: String,
    pub curl: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChannelsView {
    pub rows: Vec<ChannelRow>,
    pub kinds: Vec<ChannelKind>,
    pub may: May,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    pub channel_id: String,
    pub kind: ChannelKind,
    pub name: String,
    pub app: Option<Named>,
    pub enabled: bool,
    pub methods: Vec<Method>,
    pub priority: i64,
    pub weight: i64,
    pub updated_at: i64,
    /// Since when and why it fails to start payments.
    pub degraded: Option<DegradedView>,
}

/// A channel in trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DegradedView {
    pub at: i64,
    /// Foreign or English text.
    pub reason: String,
}

/// The place of a channel among others, as its form shows it. Amounts are yuan, or empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceForm {
    pub priority: String,
    pub weight: String,
    pub min_amount: String,
    pub max_amount: String,
}

/// A form drawn from a kind's declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelForm {
    pub kind: ChannelKind,
    pub fields: Vec<CredentialField>,
    pub methods: Vec<MethodChoice>,
    pub production_url: String,
    pub apps: Vec<Named>,
    pub place: PlaceForm,
}

/// One credential field. Texts are `(zh, en)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialField {
    pub name: String,
    pub label: (String, String),
    pub help: (String, String),
    pub required: bool,
    pub secret: bool,
    pub input: FieldInput,
    /// The value, of fields that are not secret.
    pub value: Option<String>,
    /// Set for a secret that is there: its end.
    pub hint: Option<String>,
    pub certificates: Vec<CertificateView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldInput {
    Text,
    Long,
    Choice(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    pub subject: String,
    pub issuer: String,
    pub serial: String,
    pub from_at: i64,
    pub until_at: i64,
    pub days_left: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodChoice {
    pub method: Method,
    pub min: crate::model::Amount,
    pub max: crate::model::Amount,
    pub needs: Vec<String>,
    pub chosen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
    pub row: ChannelRow,
    pub may: May,
    pub form: ChannelForm,
    pub gateway_url: String,
    pub ca_pem: String,
    pub version: i64,
    pub notify_url: String,
    pub offers: Vec<OfferRow>,
    pub report: Option<CheckView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRow {
    pub app: Named,
    pub offered: bool,
    pub priority: Option<i64>,
}

/// The result of the check button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    pub ok: bool,
    pub asked: String,
    pub answered: String,
    /// `works`, `our_signature_refused`, …
    pub meaning: String,
    pub at: i64,
}
