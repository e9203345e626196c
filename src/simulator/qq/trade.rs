//! A trade and its refunds as the provider keeps them. Plain data and the questions one asks it.

use super::super::behaviour::Behaviour;
use super::super::flat_xml::Fields;
use crate::model::Amount;

/// `trade_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeType {
    Native,
    Jsapi,
    App,
    MiniApp,
    Micropay,
}

impl TradeType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "NATIVE",
            Self::Jsapi => "JSAPI",
            Self::App => "APP",
            Self::MiniApp => "MINIAPP",
            Self::Micropay => "MICROPAY",
        }
    }
}

/// `trade_state` without `REFUND`, which is `Success` with refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    NotPay,
    UserPaying,
    Success,
    Closed,
    Revoked,
}

/// Money that arrived.
#[derive(Debug, Clone)]
pub struct Paid {
    pub amount: Amount,
    pub openid: String,
    /// The part that the wallet paid for the payer.
    pub coupon: Amount,
    pub at: i64,
}

impl Paid {
    /// What the payer's own money paid.
    pub fn cash(&self) -> Amount {
        self.amount.checked_sub(self.coupon).unwrap_or(self.amount)
    }
}

/// `refund_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    Processing,
    Success,
    Fail,
    Change,
}

impl RefundState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Fail => "FAIL",
            Self::Change => "CHANGE",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub refund_id: String,
    pub out_refund_no: String,
    pub amount: Amount,
    /// How much of it is the wallet's discount going home.
    pub coupon: Amount,
    pub state: RefundState,
    pub created_at: i64,
    pub succeeded_at: Option<i64>,
}

impl Refund {
    /// What the payer gets.
    pub fn cash(&self) -> Amount {
        self.amount.checked_sub(self.coupon).unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
pub struct Trade {
    pub out_trade_no: String,
    /// Given at the first attempt to pay.
    pub transaction_id: Option<String>,
    pub trade_type: TradeType,
    pub amount: Amount,
    pub state: State,
    pub paid: Option<Paid>,
    pub refunds: Vec<Refund>,
    pub subject: String,
    pub attach: String,
    pub device_info: String,
    pub notify_url: String,
    /// What must be the same when the number is submitted again.
    pub fingerprint: Fields,
    pub created_at: i64,
    pub expires_at: i64,
    pub closed_at: Option<i64>,
    pub behaviour: Behaviour,
    pub behaviour_at: i64,
}

/// How long after the payment its number with the merchant is still known (provider's document: 订单查询).
const OLD_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Trade {
    /// Closes a trade whose time is over. To be called before every look at the state.
    pub fn age(&mut self, now: i64) {
        if matches!(self.state, State::NotPay | State::UserPaying) && self.is_expired(now) {
            self.state = State::Closed;
            self.closed_at = Some(now);
        }
    }

    fn is_expired(&self, now: i64) -> bool {
        now >= self.expires_at
    }

    /// Ended by time and not by the merchant.
    pub fn ran_out(&self) -> bool {
        self.state == State::Closed && self.closed_at.is_some_and(|at| self.is_expired(at))
    }

    /// Paid so long ago that only the provider's own number finds it.
    pub fn is_old(&self, now: i64) -> bool {
        self.paid.as_ref().is_some_and(|paid| now - paid.at >= OLD_MS)
    }

    /// Refunds that have gone or may still go through.
    pub fn refunded(&self) -> Amount {
        self.sum(|refund| refund.amount)
    }

    /// The part of the discount that is still in the trade.
    pub fn coupon_left(&self) -> Amount {
        let all = self.paid.as_ref().map_or(Amount::ZERO, |paid| paid.coupon);
        all.checked_sub(self.sum(|refund| refund.coupon)).unwrap_or_default()
    }

    fn sum(&self, part: impl Fn(&Refund) -> Amount) -> Amount {
        let live = self.refunds.iter().filter(|r| r.state != RefundState::Fail);
        live.fold(Amount::ZERO, |sum, r| sum.checked_add(part(r)).unwrap_or(sum))
    }

    pub fn trade_state(&self) -> (&'static str, &'static str) {
        match self.state {
            State::NotPay => ("NOTPAY", "订单未支付"),
            State::UserPaying => ("USERPAYING", "用户支付中"),
            State::Success if self.refunds.iter().all(|r| r.state == RefundState::Fail) => ("SUCCESS", "支付成功"),
            State::Success => ("REFUND", "转入退款"),
            State::Closed => ("CLOSED", "订单已关闭"),
            State::Revoked => ("REVOKED", "订单已撤销"),
        }
    }
}
