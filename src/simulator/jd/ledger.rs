//! Trades and refunds as JD keeps them. Plain data; the moment comes in as an argument.

use super::order::Order;
use super::refusal::No;
use crate::simulator::Behaviour;

/// `status` of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Created,
    Processing,
    Success,
    Failed,
    Closed,
}

impl Status {
    pub fn code(self) -> &'static str {
        match self {
            Self::Created => "0",
            Self::Processing => "1",
            Self::Success => "2",
            Self::Failed => "3",
            Self::Closed => "4",
        }
    }
}

/// Money that arrived.
#[derive(Debug, Clone)]
pub struct Paid {
    /// Fen.
    pub amount: i64,
    /// The part of it that a coupon paid.
    pub coupon: i64,
    pub at: i64,
}

/// `status` of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    Processing,
    Success,
    Failed,
}

impl RefundStatus {
    pub fn code(self) -> &'static str {
        match self {
            Self::Processing => "0",
            Self::Success => "1",
            Self::Failed => "2",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub trade_num: String,
    /// Fen.
    pub amount: i64,
    pub status: RefundStatus,
    /// `None` for a refund that a revoke made: nobody is told.
    pub notify_url: Option<String>,
    pub note: String,
    pub created_at: i64,
    pub done_at: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Trade {
    pub order: Order,
    /// JD's own number.
    pub order_id: String,
    /// What the page's address or the QR code carries.
    pub key: String,
    pub status: Status,
    pub created_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    pub paid: Option<Paid>,
    pub is_revoked: bool,
    pub refunds: Vec<Refund>,
    pub behaviour: Behaviour,
    pub behaviour_at: i64,
}

impl Trade {
    /// Closes a trade whose time is over. To be called before every look at the status.
    pub fn age(&mut self, now: i64) {
        if self.status == Status::Created && now >= self.expires_at {
            self.status = Status::Closed;
            self.ended_at = Some(self.expires_at);
        }
    }

    /// What messages name as the amount.
    pub fn amount(&self) -> i64 {
        self.paid.as_ref().map_or(self.order.amount, |paid| paid.amount)
    }

    /// Fen that have gone back or may still.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.status != RefundStatus::Failed).map(|refund| refund.amount).sum()
    }

    /// What the payer scans.
    pub fn qr_code(&self) -> String {
        format!("https://h5pay.jd.com/code?c={}", self.key)
    }
}

/// Where a refund stands in the ledger: trade and refund.
pub type Place = (usize, usize);

#[derive(Default)]
pub struct Ledger {
    pub trades: Vec<Trade>,
}

impl Ledger {
    pub fn by_number(&self, trade_num: &str) -> Option<usize> {
        self.trades.iter().position(|trade| trade.order.trade_num == trade_num)
    }

    pub fn by_key(&self, key: &str) -> Option<usize> {
        self.trades.iter().position(|trade| trade.key == key)
    }

    /// By whatever the payer scans or somebody types: the code, the merchant's number, JD's number.
    pub fn by_any(&self, code: &str) -> Option<usize> {
        self.by_number(code).or_else(|| {
            self.trades.iter().position(|trade| trade.order_id == code || (trade.order.is_qr && trade.qr_code() == code))
        })
    }

    pub fn by_refund(&self, trade_num: &str) -> Option<Place> {
        let place = |(at, trade): (usize, &Trade)| {
            trade.refunds.iter().position(|refund| refund.trade_num == trade_num).map(|nth| (at, nth))
        };
        self.trades.iter().enumerate().find_map(place)
    }

    /// Opens a trade. A number serves once: the same again is a repeat, whatever it asks for.
    ///
    /// # Errors
    /// When the number was used, for a payment or a refund.
    pub fn open(&mut self, order: Order, order_id: String, key: String, now: i64) -> Result<usize, No> {
        if self.by_number(&order.trade_num).is_some() || self.by_refund(&order.trade_num).is_some() {
            return Err(No::repeated());
        }
        self.trades.push(Trade {
            expires_at: now.saturating_add(order.life_s.saturating_mul(1000)),
            order,
            order_id,
            key,
            status: Status::Created,
            created_at: now,
            ended_at: None,
            paid: None,
            is_revoked: false,
            refunds: Vec::new(),
            behaviour: Behaviour::Ok,
            behaviour_at: now,
        });
        Ok(self.trades.len() - 1)
    }
}
