//! Orders and what happens to their money.

use crate::model::{
    Amount, AppId, AuditDecision, CaseAnswer, CaseId, CaseKind, CaseStatus, ChannelId, CloseReason, Method, OrderNo, OrderStatus,
    PayNo, PaymentStatus, RefundNo, RefundStatus, RefundedPart, VerifiedBy,
};
use crate::pay::channel::NextStep;
use std::collections::BTreeMap;

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
