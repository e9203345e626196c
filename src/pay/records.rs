//! The things the core reads and writes. Plain data: how a row looks is the business of `storage`.

use super::channel::NextStep;
use super::secret::Secret;
use crate::model::{
    Amount, AppId, AuditDecision, AuditRule, CaseAnswer, CaseId, CaseKind, CaseRule, CaseStatus, ChannelId, ChannelKind,
    CloseReason, EventId, EventType, Method, OrderNo, OrderStatus, PayNo, PaymentStatus, RefundNo, RefundStatus, RefundedPart,
    Role, StaffId, VerifiedBy, WebhookStatus,
};
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
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::MerchantRsa => "merchant_rsa",
            Self::Webhook => "webhook",
        }
    }

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

/// Credential fields by the names of design.md section 4.
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

/// What a merchant wants paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub order_no: OrderNo,
    pub app_id: AppId,
    pub out_order_no: String,
    /// The secret of the checkout page's address.
    pub token: String,
    pub amount: Amount,
    pub subject: String,
    pub body: Option<String>,
    /// Empty: whatever the app's channels can do.
    pub methods: Vec<Method>,
    pub notify_url: Option<String>,
    pub return_url: Option<String>,
    pub cancel_url: Option<String>,
    pub show_url: Option<String>,
    pub attach: Option<String>,
    pub client_ip: Option<String>,
    pub user_id: Option<String>,
    pub platform: Option<String>,
    pub scene: Option<String>,
    /// JSON array text, normalised.
    pub refers: Option<String>,
    /// Per-provider facts.
    pub extra: BTreeMap<String, String>,
    pub expires_in: i64,
    pub created_at: i64,
    pub expires_at: i64,
    // What changes:
    pub status: OrderStatus,
    pub close_reason: Option<CloseReason>,
    pub refund_status: RefundedPart,
    pub refunded_amount: Amount,
    /// Method and number of the payment that pays it, or of the latest attempt.
    pub method: Option<Method>,
    pub pay_no: Option<PayNo>,
    pub paid_at: Option<i64>,
    pub closed_at: Option<i64>,
    /// Counts the changes; every save names the version it saw.
    pub version: i64,
}

/// One attempt to pay an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub pay_no: PayNo,
    pub order_no: OrderNo,
    pub app_id: AppId,
    pub channel_id: ChannelId,
    /// The version of the credentials it started with, and keeps.
    pub channel_version: i64,
    pub method: Method,
    pub amount: Amount,
    pub client_ip: Option<String>,
    pub created_at: i64,
    /// When it must be over.
    pub expires_at: i64,
    // What changes:
    pub status: PaymentStatus,
    /// Whether this is the one payment that pays its order.
    pub pays_order: bool,
    pub next: Option<NextStep>,
    pub code_expires_at: Option<i64>,
    pub provider_data: BTreeMap<String, String>,
    pub provider_trade_no: Option<String>,
    pub payer: Option<String>,
    /// What the provider says it received; differs from `amount` only in an `amount_mismatch` case.
    pub received: Option<Amount>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub verified_by: Option<VerifiedBy>,
    pub paid_at: Option<i64>,
    /// Sum of refunds asked for and not failed. Moved by `Write::ReserveRefund` only.
    pub refund_reserved: Amount,
}

/// Money sent back from one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub refund_no: RefundNo,
    pub app_id: AppId,
    pub out_refund_no: String,
    pub order_no: Option<OrderNo>,
    pub pay_no: PayNo,
    /// Set when it answers a case; then it is no part of the order's `refund_status`.
    pub case_id: Option<CaseId>,
    pub amount: Amount,
    pub reason: String,
    pub notify_url: Option<String>,
    /// `api`, `rule`, or a staff id.
    pub requested_by: String,
    pub created_at: i64,
    // What changes:
    pub status: RefundStatus,
    pub provider_refund_no: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub succeeded_at: Option<i64>,
}

/// A refund that a provider asked us about and that nobody here had asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAudit {
    pub audit_id: String,
    pub channel_id: ChannelId,
    pub provider_refund_no: String,
    /// The number as the provider sent it.
    pub pay_no: String,
    /// Set when the payment is ours.
    pub order_no: Option<OrderNo>,
    pub app_id: Option<AppId>,
    pub asked_at: i64,
    // What changes:
    /// What would have gone back when it was first asked, then what goes back.
    pub amount: Amount,
    pub decision: Option<AuditDecision>,
    pub refund_no: Option<RefundNo>,
    /// Staff id or `rule`.
    pub decided_by: Option<String>,
    pub decided_at: Option<i64>,
}

/// Money that arrived where none was awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub case_id: CaseId,
    pub kind: CaseKind,
    pub app_id: Option<AppId>,
    pub channel_id: ChannelId,
    pub order_no: Option<OrderNo>,
    /// Ours where known, else `None`; the provider's word is in `claimed_no`.
    pub pay_no: Option<PayNo>,
    /// The number as the provider sent it.
    pub claimed_no: String,
    pub provider_trade_no: String,
    pub amount: Amount,
    pub created_at: i64,
    // What changes:
    pub status: CaseStatus,
    pub answer: Option<CaseAnswer>,
    pub refund_no: Option<RefundNo>,
    pub resolved_at: Option<i64>,
    /// Staff id or `rule`.
    pub resolved_by: Option<String>,
}

/// An order with everything that belongs to it, read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBundle {
    pub order: Order,
    /// Oldest first.
    pub payments: Vec<Payment>,
    pub refunds: Vec<Refund>,
    pub cases: Vec<Case>,
}

/// One step of an order's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// ULID: sorts by time.
    pub id: String,
    pub order_no: OrderNo,
    pub at: i64,
    pub kind: TimelineKind,
    /// `api`, `payer`, `provider`, `worker`, or a staff id.
    pub actor: String,
    /// The payment, refund, case or event it is about.
    pub about: Option<String>,
    /// Small facts: codes, statuses, amounts. Never a secret.
    pub data: BTreeMap<String, String>,
}

crate::model::words!(
    /// Kinds of timeline entries; the panel has a sentence and an icon for each.
    TimelineKind {
        OrderCreated = "order_created",
        OrderPaid = "order_paid",
        OrderClosed = "order_closed",
        PaymentStarted = "payment_started",
        PaymentPending = "payment_pending",
        PaymentSucceeded = "payment_succeeded",
        PaymentFailed = "payment_failed",
        PaymentClosed = "payment_closed",
        ProviderUnclear = "provider_unclear",
        NoticeReceived = "notice_received",
        QueryAnswered = "query_answered",
        RefundRequested = "refund_requested",
        RefundSucceeded = "refund_succeeded",
        RefundFailed = "refund_failed",
        /// The provider asked about a refund of the payer's own, or heard the verdict.
        RefundAudited = "refund_audited",
        CaseOpened = "case_opened",
        CaseResolved = "case_resolved",
        WebhookDelivered = "webhook_delivered",
        WebhookFailed = "webhook_failed",
        WebhookRedelivered = "webhook_redelivered",
        StaffAction = "staff_action",
    }
);

/// A webhook event: frozen bytes and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub event_id: EventId,
    pub app_id: AppId,
    pub kind: EventType,
    pub order_no: Option<OrderNo>,
    /// The order, refund or case number.
    pub about: String,
    pub url: String,
    /// The exact body of every try.
    pub body: String,
    pub created_at: i64,
    // What changes:
    pub status: WebhookStatus,
    pub attempts: i64,
    pub delivered_at: Option<i64>,
}

/// One try to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: String,
    pub event_id: EventId,
    pub attempt: i64,
    pub at: i64,
    pub duration_ms: i64,
    /// Header lines as sent, without the signature's secret.
    pub request_headers: String,
    pub status_code: Option<i64>,
    /// First 2 KiB of the reply, as text.
    pub reply: Option<String>,
    /// Why there is no status: time-out, refused address, …
    pub error: Option<String>,
}

/// A notice as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    pub id: String,
    pub channel_id: ChannelId,
    pub kind: String,
    pub received_at: i64,
    /// `name: value` lines of the headers that matter.
    pub headers: String,
    /// Base64 of the body's bytes.
    pub body_base64: String,
    pub verified: bool,
    /// `applied`, `duplicate`, `case`, `nothing`, or why it was refused.
    pub result: String,
    pub pay_no: Option<String>,
    pub order_no: Option<OrderNo>,
}

/// Work that is due at a time: the table queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub kind: TaskKind,
    /// Number of the order, payment, refund, case or event.
    pub about: String,
    pub due_at: i64,
    /// Counted when claimed.
    pub attempts: i64,
    /// Step in the plan of its kind.
    pub step: i64,
}

crate::model::words!(
    /// What background work does with a due row.
    TaskKind {
        ExpireOrder = "expire_order",
        /// Close a payment that is no longer wanted.
        ClosePayment = "close_payment",
        /// Ask for the state of a pending payment.
        QueryPayment = "query_payment",
        /// Look for late money of a closed payment.
        WatchPayment = "watch_payment",
        /// Submit a refund, or ask for its state.
        PushRefund = "push_refund",
        /// Carry out the answer to a case.
        AnswerCase = "answer_case",
        DeliverEvent = "deliver_event",
    }
);

/// A member of staff.
#[derive(Debug, Clone)]
pub struct Staff {
    pub staff_id: StaffId,
    pub name: String,
    pub role: Role,
    /// PHC string of argon2id.
    pub password_hash: Secret<String>,
    pub enabled: bool,
    pub failed_logins: i64,
    /// No login before then.
    pub locked_until: i64,
    pub created_at: i64,
    pub last_login_at: Option<i64>,
}

/// Something staff did: append-only, chained by hash in `storage`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: i64,
    /// Staff id, or `cli`.
    pub actor: String,
    /// `app.create`, `channel.update`, …
    pub action: String,
    pub object: String,
    /// JSON texts without secrets.
    pub before: Option<String>,
    pub after: Option<String>,
    pub address: Option<String>,
}
