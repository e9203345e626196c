//! Trades and refunds as LianLian keeps them. Plain data; the moment comes in as an argument.

use super::order::Order;
use super::refusal::No;
use crate::simulator::Behaviour;

/// `result_pay` of a query, but for what has run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    Processing,
    Success,
    Failure,
    /// Its `valid_order` is over.
    Expired,
}

/// Money that arrived.
#[derive(Debug, Clone)]
pub struct Paid {
    /// Fen.
    pub amount: i64,
    pub at: i64,
    pub pay_type: String,
    pub bank_code: String,
}

/// `sta_refund`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    Applied,
    Processing,
    Success,
    Failure,
}

impl RefundState {
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied => "0",
            Self::Processing => "1",
            Self::Success => "2",
            Self::Failure => "3",
        }
    }

    pub fn is_over(self) -> bool {
        matches!(self, Self::Success | Self::Failure)
    }
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub no_refund: String,
    pub dt_refund: String,
    /// 16 digits.
    pub oid_refundno: String,
    /// Fen.
    pub money: i64,
    pub state: RefundState,
    pub notify_url: String,
    pub how: super::sign::How,
    pub created_at: i64,
    pub done_at: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Trade {
    pub order: Order,
    /// 18 digits.
    pub oid_paybill: String,
    pub state: State,
    pub created_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    pub paid: Option<Paid>,
    pub refunds: Vec<Refund>,
    pub behaviour: Behaviour,
    pub behaviour_at: i64,
}

impl Trade {
    /// Ends an order whose time is over. To be called before every look at the state.
    pub fn age(&mut self, now: i64) {
        if self.state == State::Waiting && now >= self.expires_at {
            self.state = State::Expired;
            self.ended_at = Some(self.expires_at);
        }
    }

    /// Fen that have gone back or may still.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|r| r.state != RefundState::Failure).map(|r| r.money).sum()
    }

    pub fn result_pay(&self) -> &'static str {
        match self.state {
            State::Waiting => "WAITING",
            State::Processing => "PROCESSING",
            State::Success => {
                let back: i64 = self.refunds.iter().filter(|r| r.state == RefundState::Success).map(|r| r.money).sum();
                if self.paid.as_ref().is_some_and(|paid| back >= paid.amount) { "REFUND" } else { "SUCCESS" }
            }
            State::Failure | State::Expired => "FAILURE",
        }
    }
}

/// Where a refund stands in the ledger: trade and refund.
pub type Place = (usize, usize);

#[derive(Default)]
pub struct Ledger {
    pub trades: Vec<Trade>,
    /// What the merchant has not been paid out yet, fen: refunds are taken from it.
    pub unsettled: i64,
}

impl Ledger {
    pub fn by_no_order(&self, no_order: &str) -> Option<usize> {
        self.trades.iter().position(|trade| trade.order.no_order == no_order)
    }

    pub fn by_paybill(&self, oid_paybill: &str) -> Option<usize> {
        self.trades.iter().position(|trade| trade.oid_paybill == oid_paybill)
    }

    /// By the merchant's number or LianLian's.
    pub fn by_any(&self, code: &str) -> Option<usize> {
        self.by_no_order(code).or_else(|| self.by_paybill(code))
    }

    pub fn by_no_refund(&self, no_refund: &str) -> Option<Place> {
        self.find_refund(|refund| refund.no_refund == no_refund)
    }

    pub fn by_refundno(&self, oid_refundno: &str) -> Option<Place> {
        self.find_refund(|refund| refund.oid_refundno == oid_refundno)
    }

    fn find_refund(&self, wanted: impl Fn(&Refund) -> bool) -> Option<Place> {
        let places = |(at, trade): (usize, &Trade)| trade.refunds.iter().position(&wanted).map(|nth| (at, nth));
        self.trades.iter().enumerate().find_map(places)
    }

    /// Opens the trade of an order, or finds the one that waits for the very same order.
    ///
    /// # Errors
    /// 2007 when it is paid, 1002 when the number belongs to another order or to one that is over.
    pub fn open(&mut self, order: Order, oid_paybill: String, now: i64) -> Result<usize, No> {
        if let Some(at) = self.by_no_order(&order.no_order) {
            let trade = &mut self.trades[at];
            trade.age(now);
            return match trade.state {
                State::Success => Err(No::new("2007", "订单已支付成功")),
                State::Waiting | State::Processing if trade.order.substance == order.substance => Ok(at),
                _ => Err(No::repeated()),
            };
        }
        self.trades.push(Trade {
            expires_at: now.saturating_add(order.minutes.saturating_mul(60_000)),
            order,
            oid_paybill,
            state: State::Waiting,
            created_at: now,
            ended_at: None,
            paid: None,
            refunds: Vec::new(),
            behaviour: Behaviour::Ok,
            behaviour_at: now,
        });
        Ok(self.trades.len() - 1)
    }
}
