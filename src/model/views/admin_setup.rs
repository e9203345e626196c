//! Views of what is set up: apps and channels. Secrets appear as hints only (`…7f2c`).

use super::admin::{May, Named};
use crate::model::{Amount, AuditRule, CaseRule, ChannelKind, Method};
use serde::{Deserialize, Serialize};

/// All apps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppsView {
    pub rows: Vec<AppRow>,
    pub may: May,
}

/// An app as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppRow {
    pub app_id: String,
    /// The number that Epay-like dialects use.
    pub pid: i64,
    pub name: String,
    pub enabled: bool,
    /// UTC ms.
    pub created_at: i64,
}

/// One app: settings and keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    pub row: AppRow,
    pub may: May,
    pub settings: AppSettingsView,
    pub keys: Vec<KeyRow>,
    /// Our RSA public key, PEM: merchants verify `RSA2` answers with it.
    pub platform_key: String,
    /// Where merchants' programs call.
    pub api_url: String,
}

/// What a merchant can set, as its form shows it: what is not set is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSettingsView {
    /// Where webhooks go when the order names no address.
    pub notify_url: String,
    /// Life of an order that names none, seconds.
    pub expires_in: i64,
    pub late_rule: CaseRule,
    pub duplicate_rule: CaseRule,
    pub refund_audit_rule: AuditRule,
    pub allow_md5: bool,
    /// Signature of `return_url`: `HMAC-SHA256` or `RSA2`.
    pub return_sign_type: String,
    /// `#rrggbb`
    pub accent: String,
    /// A line for payers with questions.
    pub contact: String,
}

/// A key of an app, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// `api`, `merchant_rsa`, `webhook`
    pub kind: String,
    /// Its end.
    pub hint: String,
    /// UTC ms.
    pub created_at: i64,
    /// Not valid from then on, UTC ms; `None` for the current key.
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
    /// Path of the API below `/api/v1/`.
    pub call: String,
    pub sign_type: String,
    /// One `name=value` a line.
    pub fields: String,
}

/// A signed call of the API, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConsoleView {
    pub app: Named,
    /// Calls to choose from.
    pub calls: Vec<String>,
    /// The chosen one.
    pub call: String,
    pub sign_type: String,
    /// Signature types this app may use.
    pub sign_types: Vec<String>,
    /// One `name=value` a line.
    pub fields: String,
    /// A line that is no field.
    pub bad_line: Option<String>,
    /// The text that is signed.
    pub text: String,
    pub sign: String,
    /// A command that sends it.
    pub curl: String,
}

/// All channels.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChannelsView {
    pub rows: Vec<ChannelRow>,
    /// What a new one can be.
    pub kinds: Vec<ChannelKind>,
    pub may: May,
}

/// A channel as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    pub channel_id: String,
    pub kind: ChannelKind,
    pub name: String,
    /// `None`: offered to every app.
    pub app: Option<Named>,
    pub enabled: bool,
    pub methods: Vec<Method>,
    /// Smaller comes first.
    pub priority: i64,
    /// Its share among channels of the same priority.
    pub weight: i64,
    /// UTC ms.
    pub updated_at: i64,
    /// Since when and why it fails to start payments.
    pub degraded: Option<DegradedView>,
}

/// A channel in trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DegradedView {
    /// Since when, UTC ms.
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
    /// Where calls go when the channel names no gateway.
    pub production_url: String,
    /// To choose from whom it is for.
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
    /// What the value holds of them.
    pub certificates: Vec<CertificateView>,
}

/// How a credential field is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldInput {
    Text,
    /// Several lines: keys, certificates, files as base64.
    Long,
    /// One of these words.
    Choice(Vec<String>),
}

/// A certificate, and how long it lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    pub subject: String,
    pub issuer: String,
    pub serial: String,
    /// UTC ms.
    pub from_at: i64,
    /// UTC ms.
    pub until_at: i64,
    /// Negative once it has run out.
    pub days_left: i64,
}

/// A method that a kind of channel can carry out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodChoice {
    pub method: Method,
    /// Fen.
    pub min: Amount,
    /// Fen.
    pub max: Amount,
    /// Facts that the order or the call must bring.
    pub needs: Vec<String>,
    /// Whether this channel offers it.
    pub chosen: bool,
}

/// One channel: its form, which apps it is offered to, and the last check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
    pub row: ChannelRow,
    pub may: May,
    pub form: ChannelForm,
    /// Empty: the provider's production hosts.
    pub gateway_url: String,
    /// A CA to trust for the gateway.
    pub ca_pem: String,
    /// Of its credentials.
    pub version: i64,
    /// Where the provider sends notices of payments.
    pub notify_url: String,
    /// Empty for a channel of one app.
    pub offers: Vec<OfferRow>,
    /// Once, right after the check.
    pub report: Option<CheckView>,
}

/// An app's word on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRow {
    pub app: Named,
    pub offered: bool,
    /// Instead of the channel's own.
    pub priority: Option<i64>,
}

/// The result of the check button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    pub ok: bool,
    pub asked: String,
    /// The provider's words. Foreign text.
    pub answered: String,
    /// `works`, `our_signature_refused`, …
    pub meaning: String,
    /// UTC ms.
    pub at: i64,
}
