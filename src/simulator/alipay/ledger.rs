//! Trades and their states. Pure: the moment comes in as an argument and nothing is sent from here; what has to be told
//! is returned as an [`Event`].
//!
//! ```text
//! (opened) ─▶ WAIT_BUYER_PAY ─paid─▶ TRADE_SUCCESS ─refund period over─▶ TRADE_FINISHED
//!                  └─ run out, closed, cancelled ─▶ TRADE_CLOSED ◀─ refunded in full ─┘ (from TRADE_SUCCESS)
//! ```

use super::china_time::{self, DAY_MS};
use super::order::Order;
use super::payer::{Funds, Payer};
use super::refunds::RefundEntry;
use super::refusal::Refusal;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Seller and the merchant's number.
pub type Key = (String, String);

/// A trade's status, spelled as in calls and notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Wait,
    Success,
    Finished,
    Closed,
}

impl Status {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wait => "WAIT_BUYER_PAY",
            Self::Success => "TRADE_SUCCESS",
            Self::Finished => "TRADE_FINISHED",
            Self::Closed => "TRADE_CLOSED",
        }
    }
}

/// The payment of a trade.
#[derive(Debug, Clone)]
pub struct Paid {
    pub payer: Payer,
    pub at_ms: i64,
    /// What was charged: the order's total, or another amount under `wrong_amount`.
    pub charge: i64,
    pub funds: Funds,
}

/// One trade.
#[derive(Debug, Clone)]
pub struct Trade {
    pub order: Order,
    pub trade_no: String,
    pub status: Status,
    pub created_ms: i64,
    pub deadline_ms: i64,
    pub paid: Option<Paid>,
    pub closed_ms: Option<i64>,
    /// Taken back by a cancel call.
    pub cancelled: bool,
    /// A payer is typing a password.
    pub typing: bool,
    pub refunds: Vec<RefundEntry>,
}

impl Trade {
    /// What notices and queries name as the total.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.paid.as_ref().map_or(self.order.total, |paid| paid.charge)
    }

    /// Fen that have gone back.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|r| r.done_ms.is_some()).map(|r| r.amount).sum()
    }

    /// Fen that have gone back or are on their way.
    #[must_use]
    pub fn reserved(&self) -> i64 {
        self.refunds.iter().map(|r| r.amount).sum()
    }
}

/// Something a merchant may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Paid,
    /// A refund went through; names its number.
    Refunded(String),
    /// Closed without money.
    Closed,
    Finished,
}

/// How long a paid trade can be refunded.
pub const REFUND_PERIOD_MS: i64 = 90 * DAY_MS;
/// How long after its creation a trade can be cancelled.
pub const CANCEL_PERIOD_MS: i64 = DAY_MS;

/// All trades.
#[derive(Default)]
pub struct Ledger {
    trades: BTreeMap<Key, Trade>,
    by_trade_no: HashMap<String, Key>,
    /// When something is to be settled: deadlines of open trades, ends of refund periods.
    due: BTreeSet<(i64, Key)>,
    sequence: i64,
}

impl Ledger {
    /// A number that no other trade, notice or refund has: the day, a kind, and 15 digits that grow.
    pub fn number(&mut self, kind: &str, now_ms: i64) -> String {
        self.sequence += 1;
        let tail = (now_ms.rem_euclid(10_000_000_000)) * 100_000 + self.sequence.rem_euclid(100_000);
        format!("{}{kind}{tail:015}", china_time::compact_day(now_ms))
    }

    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Trade> {
        self.trades.get(key)
    }

    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Trade> {
        self.trades.get_mut(key)
    }

    #[must_use]
    pub fn by_trade_no(&self, trade_no: &str) -> Option<&Key> {
        self.by_trade_no.get(trade_no)
    }

    pub fn all(&self) -> impl Iterator<Item = &Trade> {
        self.trades.values()
    }

    /// Finds what a call names: `trade_no` wins over `out_trade_no`, and only the seller's own trades exist.
    ///
    /// # Errors
    /// `ACQ.TRADE_NOT_EXIST`.
    pub fn find(&self, seller_id: &str, trade_no: Option<&str>, out_trade_no: Option<&str>) -> Result<Key, Refusal> {
        let key = match (trade_no, out_trade_no) {
            (Some(no), _) => self.by_trade_no.get(no).cloned(),
            (None, Some(no)) => Some((seller_id.to_owned(), no.to_owned())),
            (None, None) => return Err(Refusal::field("out_trade_no", "与 trade_no 不能同时为空")),
        };
        key.filter(|key| key.0 == seller_id && self.trades.contains_key(key)).ok_or_else(Refusal::no_trade)
    }

    /// Whether an order may still begin or go on.
    ///
    /// # Errors
    /// When its number is paid, closed, or in use for something else, or its deadline has passed.
    pub fn admits(&self, order: &Order, now_ms: i64) -> Result<(), Refusal> {
        if let Some(trade) = self.trades.get(&order.key()) {
            if !trade.order.agrees_with(order) {
                return Err(Refusal::acq("CONTEXT_INCONSISTENT", "同一商户订单号的交易信息被篡改"));
            }
            return match trade.status {
                Status::Wait => Ok(()),
                Status::Success | Status::Finished => Err(Refusal::acq("TRADE_HAS_SUCCESS", "交易已被支付")),
                Status::Closed => Err(Refusal::acq("TRADE_HAS_CLOSE", "交易已经关闭")),
            };
        }
        if order.deadline.from(now_ms) <= now_ms {
            return Err(Refusal::field("time_expire", "已早于当前时间"));
        }
        Ok(())
    }

    /// Creates the trade of an order, or finds it. This is the moment of a scan or of an opened page.
    ///
    /// # Errors
    /// As [`Self::admits`].
    pub fn open(&mut self, order: &Order, now_ms: i64) -> Result<Key, Refusal> {
        self.admits(order, now_ms)?;
        Ok(self.open_regardless(order, now_ms))
    }

    /// The same without asking whether it is allowed: a payment that wins the race against a deadline.
    pub fn open_regardless(&mut self, order: &Order, now_ms: i64) -> Key {
        let key = order.key();
        if let Some(trade) = self.trades.get_mut(&key) {
            // A page opened again may bring newer addresses; what is paid for stays.
            if trade.status == Status::Wait {
                trade.order.notify_url = order.notify_url.clone();
                trade.order.return_url = order.return_url.clone();
            }
            return key;
        }
        let trade_no = self.number("22001", now_ms);
        self.by_trade_no.insert(trade_no.clone(), key.clone());
        let trade = Trade {
            deadline_ms: order.deadline.from(now_ms),
            order: order.clone(),
            trade_no,
            status: Status::Wait,
            created_ms: now_ms,
            paid: None,
            closed_ms: None,
            cancelled: false,
            typing: false,
            refunds: Vec::new(),
        };
        self.due.insert((trade.deadline_ms, key.clone()));
        self.trades.insert(key.clone(), trade);
        key
    }

    /// Takes the payer's money. With `even_if_closed` also for a trade that was closed unpaid, as if the close had lost
    /// the race.
    ///
    /// # Errors
    /// When the trade is paid, or closed.
    pub fn pay(&mut self, key: &Key, payer: Payer, charge: i64, even_if_closed: bool, now_ms: i64) -> Result<Event, Refusal> {
        let trade = self.trades.get_mut(key).ok_or_else(Refusal::no_trade)?;
        match trade.status {
            Status::Wait => {}
            Status::Closed if even_if_closed && trade.paid.is_none() => {}
            Status::Closed => return Err(Refusal::acq("TRADE_HAS_CLOSE", "交易已经关闭")),
            Status::Success | Status::Finished => return Err(Refusal::acq("TRADE_HAS_SUCCESS", "交易已被支付")),
        }
        let funds = payer.split(charge);
        trade.paid = Some(Paid { payer, at_ms: now_ms, charge, funds });
        trade.status = Status::Success;
        trade.closed_ms = None;
        trade.typing = false;
        self.due.insert((now_ms + REFUND_PERIOD_MS, key.clone()));
        Ok(Event::Paid)
    }

    /// The close call: for trades that wait.
    ///
    /// # Errors
    /// `ACQ.TRADE_STATUS_ERROR` otherwise.
    pub fn close(&mut self, key: &Key, now_ms: i64) -> Result<Event, Refusal> {
        let trade = self.trades.get_mut(key).ok_or_else(Refusal::no_trade)?;
        if trade.status != Status::Wait {
            return Err(Refusal::acq("TRADE_STATUS_ERROR", "交易状态不合法"));
        }
        trade.status = Status::Closed;
        trade.closed_ms = Some(now_ms);
        trade.typing = false;
        Ok(Event::Closed)
    }

    /// Closes what has run out and finishes what can no longer be refunded.
    pub fn settle(&mut self, now_ms: i64) -> Vec<(Key, Event)> {
        let mut events = Vec::new();
        while self.due.first().is_some_and(|(at, _)| *at <= now_ms) {
            let Some((at, key)) = self.due.pop_first() else { break };
            let Some(trade) = self.trades.get_mut(&key) else { continue };
            // A trade stands here twice once it is paid: the deadline then means nothing any more.
            let is_over = trade.paid.as_ref().is_some_and(|paid| paid.at_ms + REFUND_PERIOD_MS <= at);
            if trade.status == Status::Wait && trade.deadline_ms <= at {
                trade.status = Status::Closed;
                trade.closed_ms = Some(at);
                trade.typing = false;
                events.push((key, Event::Closed));
            } else if trade.status == Status::Success && is_over {
                trade.status = Status::Finished;
                events.push((key, Event::Finished));
            }
        }
        events
    }
}
