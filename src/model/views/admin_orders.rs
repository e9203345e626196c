//! Views of orders: the list, one order with its payments and its history, and the till.

use super::admin::{May, Named, Pager};
use super::admin_messages::{EventRow, NoticeRow};
use super::admin_refunds::{CaseRow, RefundRow};
use crate::model::{Amount, CloseReason, Method, OrderStatus, PaymentStatus, RefundedPart, VerifiedBy};
use serde::{Deserialize, Serialize};

/// Filters of the orders list exactly as they stand in the URL; empty means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderQuery {
    /// Any number: ours, the merchant's, the provider's.
    pub q: String,
    pub status: String,
    pub refund: String,
    pub method: String,
    /// An app's id.
    pub app: String,
    /// Days, `2026-11-25`, both included.
    pub from: String,
    pub to: String,
    /// Yuan, both included.
    pub min: String,
    pub max: String,
    /// Cursors of [`Pager`].
    pub before: String,
    pub after: String,
}

/// The orders list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrdersView {
    pub rows: Vec<OrderRow>,
    pub pager: Pager,
    /// To choose a filter from.
    pub apps: Vec<Named>,
    pub may: May,
}

/// An order as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    pub order_no: String,
    /// The merchant's number.
    pub out_order_no: String,
    pub app: Named,
    pub subject: String,
    /// Of the payment that pays it, or of the latest attempt.
    pub method: Option<Method>,
    /// Fen.
    pub amount: Amount,
    pub status: OrderStatus,
    pub refund_status: RefundedPart,
    /// UTC ms.
    pub created_at: i64,
}

/// One order with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    pub row: OrderRow,
    pub may: May,
    /// The payer's page.
    pub checkout_url: String,
    pub close_reason: Option<CloseReason>,
    /// Fen.
    pub refunded: Amount,
    /// What can still go back, fen.
    pub left: Amount,
    /// UTC ms.
    pub expires_at: i64,
    /// UTC ms.
    pub paid_at: Option<i64>,
    /// UTC ms.
    pub closed_at: Option<i64>,
    /// Other facts the merchant sent, by their API names; personal ones masked.
    pub facts: Vec<(String, String)>,
    pub payments: Vec<PaymentRow>,
    pub refunds: Vec<RefundRow>,
    pub cases: Vec<CaseRow>,
    pub events: Vec<EventRow>,
    pub notices: Vec<NoticeRow>,
    /// Oldest first.
    pub timeline: Vec<Step>,
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRow {
    pub pay_no: String,
    pub method: Method,
    pub channel: Named,
    pub status: PaymentStatus,
    /// Fen.
    pub amount: Amount,
    /// What the provider says it received, where that is another amount; fen.
    pub received: Option<Amount>,
    pub provider_trade_no: Option<String>,
    /// Masked.
    pub payer: Option<String>,
    /// The provider's code and words. Foreign text.
    pub error: Option<String>,
    pub verified_by: Option<VerifiedBy>,
    /// UTC ms.
    pub created_at: i64,
}

/// One step of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// UTC ms.
    pub at: i64,
    /// The kind's word; the page has a sentence and a mark for each.
    pub kind: String,
    pub actor: String,
    /// The payment, refund, case or event it is about.
    pub about: Option<String>,
    /// Small facts by name; amounts as yuan, personal ones masked.
    pub data: Vec<(String, String)>,
}

/// The empty till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TillForm {
    /// Whom the money may be for.
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
    /// UTC ms.
    pub paid_at: Option<i64>,
    pub may_scan_again: bool,
}
