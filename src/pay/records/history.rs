//! What has happened and what is still to do: timeline, webhooks, notices, due work, the staff and its audit log.

use crate::model::{AppId, ChannelId, EventId, EventType, OrderNo, Role, StaffId, WebhookStatus};
use crate::pay::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
        /// The browser came back from the provider.
        PayerReturned = "payer_returned",
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
    /// `applied`, `duplicate`, `case`, `ended`, `asked`, `nothing`, or why it was refused.
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
    /// Counted when claimed, so that a row which ends its process counts, too; none after a turn without a fault of ours.
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
