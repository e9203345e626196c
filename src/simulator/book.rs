//! What `GET /book` shows: each provider's trades in one shape, so that an auditor can hold them against our database.

use crate::model::{Amount, ChannelKind, words};
use serde::{Deserialize, Serialize};

words!(
    /// Where a trade stands at the provider. `Paid` stays `Paid` when money goes back; see the refunds.
    TradeState {
        Open = "open",
        Paying = "paying",
        Paid = "paid",
        Closed = "closed",
        Failed = "failed",
        /// A bar-code trade taken back as a whole.
        Reversed = "reversed",
    }
);

/// One trade. Times are UTC milliseconds, amounts fen.
#[derive(Debug, Clone, Serialize)]
pub struct BookTrade {
    pub kind: ChannelKind,
    /// The merchant's id at the provider.
    pub merchant: String,
    /// The merchant's number: what Cashier calls `pay_no`.
    pub out_trade_no: String,
    /// The provider's number, once there is one.
    pub trade_no: Option<String>,
    pub state: TradeState,
    /// What was ordered.
    pub amount: Amount,
    /// What the payer paid: zero until paid, and unlike `amount` only under `wrong_amount`.
    pub paid_amount: Amount,
    /// What has gone back or is on its way.
    pub refunded_amount: Amount,
    pub behaviour: String,
    pub created_at: i64,
    pub paid_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub refunds: Vec<BookRefund>,
}

/// One refund of a trade.
#[derive(Debug, Clone, Serialize)]
pub struct BookRefund {
    /// The merchant's number: what Cashier calls `refund_no`.
    pub out_refund_no: String,
    pub refund_no: String,
    pub amount: Amount,
    /// `processing`, `succeeded` or `failed`.
    pub state: &'static str,
    pub created_at: i64,
    pub succeeded_at: Option<i64>,
}
