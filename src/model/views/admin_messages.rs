//! Views of messages: webhooks to merchants with every try, and the notices of providers.

use super::admin::{May, Named, Pager};
use crate::model::{EventType, UiError, WebhookStatus};
use serde::{Deserialize, Serialize};

/// Filters of the webhooks list exactly as they stand in the URL; empty means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventQuery {
    /// Number of an event or of what it is about.
    pub q: String,
    pub status: String,
    pub kind: String,
    /// An app's id.
    pub app: String,
    /// Days such as `2026-11-25`; both are included.
    pub from: String,
    pub to: String,
    /// Cursors of [`Pager`].
    pub before: String,
    pub after: String,
}

/// The webhooks list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventsView {
    pub rows: Vec<EventRow>,
    pub pager: Pager,
    /// To choose a filter from.
    pub apps: Vec<Named>,
    /// On the first page only.
    pub failing: Vec<FailingRow>,
    pub may: May,
}

/// A merchant's receiver that takes nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingRow {
    pub app: Named,
    /// Scheme, host and port.
    pub address: String,
    /// Nothing that was created since then was delivered, UTC ms.
    pub since: i64,
}

/// The page that sends failed events of a time again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RedeliveryView {
    /// To choose from.
    pub apps: Vec<Named>,
    /// How many failed, counted up to one more than `at_once`; `None` until a time was chosen.
    pub count: Option<i64>,
    /// So many are sent at once.
    pub at_once: i64,
    /// What is wrong with the choice.
    pub wrong: Option<UiError>,
}

/// An event as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// The `webhook-id` of every try.
    pub event_id: String,
    pub kind: EventType,
    pub app: Named,
    pub order_no: Option<String>,
    /// The order, refund or case number.
    pub about: String,
    /// Where it goes.
    pub url: String,
    pub status: WebhookStatus,
    /// Tries so far.
    pub attempts: i64,
    /// UTC ms.
    pub created_at: i64,
    /// UTC ms.
    pub delivered_at: Option<i64>,
}

/// One event with its tries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    pub row: EventRow,
    pub may: May,
    /// Masked.
    pub body: String,
    pub deliveries: Vec<DeliveryRow>,
}

/// One try to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    /// Counts from 1.
    pub attempt: i64,
    /// UTC ms.
    pub at: i64,
    pub duration_ms: i64,
    /// `name: value` lines.
    pub request_headers: String,
    /// `None` when no reply came.
    pub status_code: Option<i64>,
    /// Its beginning. Foreign text.
    pub reply: Option<String>,
    /// Why no reply came.
    pub error: Option<String>,
}

/// Filters of the notices list exactly as they stand in the URL; empty means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeQuery {
    /// Number of an order or a payment.
    pub q: String,
    /// A channel's id.
    pub channel: String,
    /// `yes` or `no`.
    pub verified: String,
    /// Cursors of [`Pager`].
    pub before: String,
    pub after: String,
}

/// The notices list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticesView {
    pub rows: Vec<NoticeRow>,
    pub pager: Pager,
    /// To choose a filter from.
    pub channels: Vec<Named>,
}

/// A notice as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRow {
    pub id: String,
    pub channel: Named,
    /// `pay`, `refund` or `audit`.
    pub kind: String,
    /// UTC ms.
    pub received_at: i64,
    /// Whether the provider signed it.
    pub verified: bool,
    /// `applied`, `duplicate`, `case`, `nothing`, or why it was refused.
    pub result: String,
    pub pay_no: Option<String>,
    pub order_no: Option<String>,
}

/// One notice, headers and body masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    pub row: NoticeRow,
    /// `name: value` lines.
    pub headers: String,
    /// What is not UTF-8 is shown as a replacement character.
    pub body: String,
    /// Size of the body as it came.
    pub bytes: usize,
}
