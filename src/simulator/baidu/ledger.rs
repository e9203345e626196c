//! Orders and their refunds. Pure: the moment comes in as an argument and nothing is sent from here.
//!
//! ```text
//! (opened) ─▶ 1 unpaid ─paid─▶ 2 paid ─acknowledged─▶ consumed
//!                └─ cancelled ─▶ -1
//! batch: auditing ─approved─▶ refunding ─▶ succeeded
//!            └─ rejected ─▶ failed ◀────────────┘
//! ```

use super::order_info::OrderInfo;
use super::refusal::{self, Refusal};
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Unpaid,
    Paid,
    Cancelled,
}

impl Status {
    /// As notices and the newer query write it.
    pub fn number(self) -> i64 {
        match self {
            Self::Unpaid => 1,
            Self::Paid => 2,
            Self::Cancelled => -1,
        }
    }
}

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub user_id: String,
    /// Fen that the notice names as the total: the order's, or another amount under `wrong_amount`.
    pub total: i64,
    /// Part of it that a voucher paid.
    pub promotion: i64,
    pub at_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    Auditing,
    Refunding,
    Succeeded,
    Failed,
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub refund_batch_id: String,
    /// The merchant's number; the payer's own wishes have none.
    pub biz_number: Option<String>,
    /// Fen asked for, then fen approved.
    pub amount: i64,
    pub state: BatchState,
    /// Where the outcome goes, if not where the console says.
    pub result_url: Option<String>,
    pub created_ms: i64,
    pub done_ms: Option<i64>,
}

impl Batch {
    /// As the newer query writes it.
    pub fn number(&self) -> i64 {
        match self.state {
            BatchState::Auditing | BatchState::Refunding => 1,
            BatchState::Succeeded => 2,
            BatchState::Failed => 3,
        }
    }
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub info: OrderInfo,
    pub order_id: String,
    pub status: Status,
    pub paid: Option<Paid>,
    /// The merchant has acknowledged the payment: now it can be settled.
    pub consumed: bool,
    /// A payer is typing a password.
    pub typing: bool,
    pub batches: Vec<Batch>,
    pub created_ms: i64,
    pub cancelled_ms: Option<i64>,
}

impl Order {
    /// Fen that have gone back or may be about to.
    pub fn reserved(&self) -> i64 {
        self.batches.iter().filter(|b| b.state != BatchState::Failed).map(|b| b.amount).sum()
    }

    /// Fen that could still go back.
    pub fn left(&self) -> i64 {
        self.paid.as_ref().map_or(0, |paid| paid.total) - self.reserved()
    }

    /// As the older query writes it: one state for all refunds, the latest one's.
    pub fn refund_number(&self) -> i64 {
        match self.batches.last().map(|b| b.state) {
            None => -1,
            Some(BatchState::Auditing | BatchState::Refunding) => 1,
            Some(BatchState::Succeeded) => 2,
            Some(BatchState::Failed) => 9,
        }
    }

    pub fn batch_mut(&mut self, refund_batch_id: &str) -> Option<&mut Batch> {
        self.batches.iter_mut().find(|b| b.refund_batch_id == refund_batch_id)
    }
}

/// A refund to be opened.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub biz_number: Option<String>,
    /// `None`: all that is left.
    pub amount: Option<i64>,
    pub result_url: Option<String>,
    pub needs_audit: bool,
}

/// All orders, by the merchant's number.
#[derive(Default)]
pub struct Ledger {
    orders: BTreeMap<String, Order>,
    by_order_id: HashMap<String, String>,
}

impl Ledger {
    pub fn get(&self, tp_order_id: &str) -> Option<&Order> {
        self.orders.get(tp_order_id)
    }

    pub fn get_mut(&mut self, tp_order_id: &str) -> Option<&mut Order> {
        self.orders.get_mut(tp_order_id)
    }

    pub fn by_order_id(&self, order_id: &str) -> Option<&Order> {
        self.orders.get(self.by_order_id.get(order_id)?)
    }

    pub fn all(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    /// The order of an `orderInfo`, new or known.
    ///
    /// # Errors
    /// When its number is in use for something else, paid, or cancelled.
    pub fn open(&mut self, info: &OrderInfo, order_id: String, now_ms: i64) -> Result<&Order, Refusal> {
        if let Some(known) = self.orders.get(&info.tp_order_id) {
            if known.info.total != info.total {
                return Err(refusal::ORDER_REUSED);
            }
            match known.status {
                Status::Unpaid => {}
                Status::Paid => return Err(refusal::PAID),
                Status::Cancelled => return Err(refusal::CANCELLED),
            }
        } else {
            self.by_order_id.insert(order_id.clone(), info.tp_order_id.clone());
        }
        Ok(self.orders.entry(info.tp_order_id.clone()).or_insert_with(|| Order {
            info: info.clone(),
            order_id,
            status: Status::Unpaid,
            paid: None,
            consumed: false,
            typing: false,
            batches: Vec::new(),
            created_ms: now_ms,
            cancelled_ms: None,
        }))
    }

    /// Opens a refund, or finds the one that the same number opened before; whether it is new.
    ///
    /// # Errors
    /// When the order does not allow it.
    pub fn open_refund(
        &mut self,
        tp_order_id: &str,
        wish: Wish,
        refund_batch_id: String,
        now_ms: i64,
    ) -> Result<(Batch, bool), Refusal> {
        let order = self.orders.get_mut(tp_order_id).ok_or(refusal::NO_ORDER)?;
        if order.status != Status::Paid {
            return Err(refusal::NOT_PAID);
        }
        let known = order.batches.iter().find(|b| b.biz_number.is_some() && b.biz_number == wish.biz_number);
        if let Some(known) = known {
            let is_same = wish.amount.is_none_or(|amount| amount == known.amount);
            return if is_same { Ok((known.clone(), false)) } else { Err(refusal::BATCH_REUSED) };
        }
        let amount = wish.amount.unwrap_or_else(|| order.left());
        if amount <= 0 || amount > order.left() {
            return Err(refusal::TOO_MUCH);
        }
        let is_part = order.paid.as_ref().is_some_and(|paid| amount < paid.total);
        if is_part && !order.consumed {
            return Err(refusal::NOT_CONSUMED);
        }
        let state = if wish.needs_audit { BatchState::Auditing } else { BatchState::Refunding };
        let batch = Batch {
            refund_batch_id,
            biz_number: wish.biz_number,
            amount,
            state,
            result_url: wish.result_url,
            created_ms: now_ms,
            done_ms: None,
        };
        order.batches.push(batch.clone());
        Ok((batch, true))
    }
}
