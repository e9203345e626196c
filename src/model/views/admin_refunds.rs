//! Views of money that goes back, or that came where none was awaited: refunds, providers' questions about them, cases.

use super::admin::{May, Named, Pager};
use super::admin_orders::OrderRow;
use crate::model::{Amount, AuditDecision, CaseAnswer, CaseKind, CaseStatus, RefundStatus};
use serde::{Deserialize, Serialize};

/// Filters of the refunds list exactly as they stand in the URL; empty means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundQuery {
    /// Number of a refund, ours or the merchant's, or of its order.
    pub q: String,
    pub status: String,
    /// An app's id.
    pub app: String,
    /// Days, `2026-11-25`, both included.
    pub from: String,
    pub to: String,
    /// Cursors of [`Pager`].
    pub before: String,
    pub after: String,
}

/// The refunds list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RefundsView {
    pub rows: Vec<RefundRow>,
    /// Refunds that providers ask about, without a verdict yet; on the first page only.
    pub audits: Vec<RefundAuditRow>,
    pub pager: Pager,
    /// To choose a filter from.
    pub apps: Vec<Named>,
}

/// A refund, on lists and on its own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRow {
    pub refund_no: String,
    /// The merchant's number.
    pub out_refund_no: String,
    pub order_no: Option<String>,
    pub pay_no: String,
    /// The case that it answers.
    pub case_id: Option<String>,
    pub app: Named,
    /// Fen.
    pub amount: Amount,
    pub reason: String,
    pub status: RefundStatus,
    pub provider_refund_no: Option<String>,
    /// The provider's code and words. Foreign text.
    pub error: Option<String>,
    /// `api`, `rule`, or a person's name.
    pub requested_by: String,
    /// UTC ms.
    pub created_at: i64,
    /// UTC ms.
    pub succeeded_at: Option<i64>,
}

/// A refund that the payer asked for at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAuditRow {
    pub audit_id: String,
    pub provider_refund_no: String,
    pub pay_no: String,
    pub order_no: Option<String>,
    /// `None` when the payment is not known here.
    pub app: Option<Named>,
    pub channel: Named,
    /// What would go back, or goes; fen.
    pub amount: Amount,
    /// `None` until there is a verdict.
    pub decision: Option<AuditDecision>,
    pub refund_no: Option<String>,
    pub decided_by: Option<String>,
    /// UTC ms.
    pub asked_at: i64,
    /// UTC ms.
    pub decided_at: Option<i64>,
}

/// The page of such a refund, with the verdicts it allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAuditView {
    pub row: RefundAuditRow,
    pub may: May,
    /// What approving would send back now, fen; `None` where it cannot be approved.
    pub approvable: Option<Amount>,
}

/// The page on which a refund is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundForm {
    pub order: OrderRow,
    /// Fen.
    pub paid: Amount,
    /// What can still go back, fen.
    pub left: Amount,
    /// Number of the refund to be: pressing twice stays one refund.
    pub out_refund_no: String,
}

/// Filters of the cases list exactly as they stand in the URL; empty means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseQuery {
    pub status: String,
    pub kind: String,
    /// An app's id.
    pub app: String,
    /// Cursors of [`Pager`].
    pub before: String,
    pub after: String,
}

/// The cases list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CasesView {
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
    /// To choose a filter from.
    pub apps: Vec<Named>,
}

/// A case as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRow {
    pub case_id: String,
    pub kind: CaseKind,
    /// `None` when the money is for a number nobody here gave out.
    pub app: Option<Named>,
    pub channel: Named,
    pub order_no: Option<String>,
    pub pay_no: Option<String>,
    /// The number as the provider sent it.
    pub claimed_no: String,
    pub provider_trade_no: String,
    /// Fen.
    pub amount: Amount,
    pub status: CaseStatus,
    pub answer: Option<CaseAnswer>,
    pub refund_no: Option<String>,
    /// `rule`, or a person's name.
    pub resolved_by: Option<String>,
    /// UTC ms.
    pub created_at: i64,
    /// UTC ms.
    pub resolved_at: Option<i64>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    pub row: CaseRow,
    pub may: May,
    /// Answers this case allows now.
    pub answers: Vec<CaseAnswer>,
}
