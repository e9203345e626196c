//! Views of what happens with money: orders, payments, refunds, cases, webhooks, notices.

use super::admin::{May, Named, Pager};
use crate::model::{
    Amount, AuditDecision, CaseAnswer, CaseKind, CaseStatus, CloseReason, EventType, Method, OrderStatus, PaymentStatus,
    RefundStatus, RefundedPart, VerifiedBy, WebhookStatus,
};
use serde::{Deserialize, Serialize};

/// Filters of the orders list exactly as they stand in the URL; empty means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderQuery {
    pub q: String,
    pub status: String,
    pub refund: String,
    pub method: String,
    pub app: String,
    /// Days, `2026-11-25`, both included.
    pub from: String,
    pub to: String,
    /// Yuan.
    pub min: String,
    pub max: String,
    pub before: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrdersView {
    pub rows: Vec<OrderRow>,
    pub pager: Pager,
    pub apps: Vec<Named>,
    pub may: May,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    pub order_no: String,
    pub out_order_no: String,
    pub app: Named,
    pub subject: String,
    pub method: Option<Method>,
    pub amount: Amount,
    pub status: OrderStatus,
    pub refund_status: RefundedPart,
    pub created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    pub row: OrderRow,
    pub may: May,
    pub checkout_url: String,
    pub close_reason: Option<CloseReason>,
    pub refunded: Amount,
    /// What can still go back.
    pub left: Amount,
    pub pay_no: Option<String>,
    pub expires_at: i64,
    pub paid_at: Option<i64>,
    pub closed_at: Option<i64>,
    /// Other facts the merchant sent, by their API names; personal ones masked.
    pub facts: Vec<(String, String)>,
    pub payments: Vec<PaymentRow>,
    pub refunds: Vec<RefundRow>,
    pub cases: Vec<CaseRow>,
    pub events: Vec<EventRow>,
    pub notices: Vec<NoticeRow>,
    pub timeline: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRow {
    pub pay_no: String,
    pub method: Method,
    pub channel: Named,
    pub status: PaymentStatus,
    pub amount: Amount,
    pub received: Option<Amount>,
    pub provider_trade_no: Option<String>,
    pub payer: Option<String>,
    pub error: Option<String>,
    pub verified_by: Option<VerifiedBy>,
    pub created_at: i64,
    pub paid_at: Option<i64>,
}

/// One step of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub at: i64,
    /// The kind's word; the page has a sentence and a mark for each.
    pub kind: String,
    pub actor: String,
    pub about: Option<String>,
    pub data: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundQuery {
    pub q: String,
    pub status: String,
    pub app: String,
    pub from: String,
    pub to: String,
    pub before: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RefundsView {
    pub rows: Vec<RefundRow>,
    /// Refunds that providers ask about, without a verdict yet; on the first page only.
    pub audits: Vec<RefundAuditRow>,
    pub pager: Pager,
    pub apps: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRow {
    pub refund_no: String,
    pub out_refund_no: String,
    pub order_no: Option<String>,
    pub pay_no: String,
    pub case_id: Option<String>,
    pub app: Named,
    pub amount: Amount,
    pub reason: String,
    pub status: RefundStatus,
    pub provider_refund_no: Option<String>,
    pub error: Option<String>,
    pub requested_by: String,
    pub created_at: i64,
    pub succeeded_at: Option<i64>,
}

/// A refund that the payer asked for at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAuditRow {
    pub audit_id: String,
    pub provider_refund_no: String,
    pub pay_no: String,
    pub order_no: Option<String>,
    pub app: Option<Named>,
    pub channel: Named,
    /// What would go back, or goes.
    pub amount: Amount,
    pub decision: Option<AuditDecision>,
    pub refund_no: Option<String>,
    pub decided_by: Option<String>,
    pub asked_at: i64,
    pub decided_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAuditView {
    pub row: RefundAuditRow,
    pub may: May,
    /// What approving would send back now; `None` where it cannot be approved.
    pub approvable: Option<Amount>,
}

/// The page on which a refund is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundForm {
    pub order: OrderRow,
    pub paid: Amount,
    pub left: Amount,
    /// Number of the refund to be: pressing twice stays one refund.
    pub out_refund_no: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseQuery {
    pub status: String,
    pub kind: String,
    pub app: String,
    pub before: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CasesView {
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
    pub apps: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRow {
    pub case_id: String,
    pub kind: CaseKind,
    pub app: Option<Named>,
    pub channel: Named,
    pub order_no: Option<String>,
    pub pay_no: Option<String>,
    pub claimed_no: String,
    pub provider_trade_no: String,
    pub amount: Amount,
    pub status: CaseStatus,
    pub answer: Option<CaseAnswer>,
    pub refund_no: Option<String>,
    pub resolved_by: Option<String>,
    pub created_at: i64,
    pub resolved_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    pub row: CaseRow,
    pub may: May,
    /// Answers this case allows now.
    pub answers: Vec<CaseAnswer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventQuery {
    pub q: String,
    pub status: String,
    pub kind: String,
    pub app: String,
    pub before: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventsView {
    pub rows: Vec<EventRow>,
    pub pager: Pager,
    pub apps: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    pub event_id: String,
    pub kind: EventType,
    pub app: Named,
    pub order_no: Option<String>,
    pub about: String,
    pub url: String,
    pub status: WebhookStatus,
    pub attempts: i64,
    pub created_at: i64,
    pub delivered_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    pub row: EventRow,
    pub may: May,
    pub body: String,
    pub deliveries: Vec<DeliveryRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    pub attempt: i64,
    pub at: i64,
    pub duration_ms: i64,
    pub request_headers: String,
    pub status_code: Option<i64>,
    pub reply: Option<String>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeQuery {
    pub q: String,
    pub channel: String,
    pub verified: String,
    pub before: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticesView {
    pub rows: Vec<NoticeRow>,
    pub pager: Pager,
    pub channels: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRow {
    pub id: String,
    pub channel: Named,
    pub kind: String,
    pub received_at: i64,
    pub verified: bool,
    pub result: String,
    pub pay_no: Option<String>,
    pub order_no: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    pub row: NoticeRow,
    /// Masked.
    pub headers: String,
    pub body: String,
    pub bytes: usize,
}

/// The empty till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TillForm {
    pub apps: Vec<Named>,
    /// The number that the next charge will have.
    pub out_order_no: String,
}

/// One charge at the till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TillView {
    /// `waiting`, `reversing`, `paid`, `failed`, `reversed`
    pub state: String,
    pub row: OrderRow,
    /// The provider's words about a refusal.
    pub words: Option<String>,
    pub pay_no: Option<String>,
    pub paid_at: Option<i64>,
    pub may_scan_again: bool,
}
