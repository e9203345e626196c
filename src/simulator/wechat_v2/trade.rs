//! A trade and its refunds as the provider keeps them. Plain data and the questions one asks it.

use super::super::behaviour::Behaviour;
use super::sign::Algorithm;
use super::xml::Fields;
use crate::model::Amount;

/// `trade_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeType {
    Jsapi,
    Native,
    App,
    Mweb,
    Micropay,
}

impl TradeType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsapi => "JSAPI",
            Self::Native => "NATIVE",
            Self::App => "APP",
            Self::Mweb => "MWEB",
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
    PayError,
}

/// Money that arrived.
#[derive(Debug, Clone)]
pub struct Paid {
    pub amount: Amount,
    pub openid: String,
    /// Parts paid by coupon: type (`CASH`, `NO_CASH`), id, amount.
    pub coupons: Vec<(&'static str, String, Amount)>,
    pub at: i64,
}

/// `refund_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    Processing,
    Success,
    Change,
    Close,
}

impl RefundState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Change => "CHANGE",
            Self::Close => "REFUNDCLOSE",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub refund_id: String,
    pub out_refund_no: String,
    pub amount: Amount,
    pub state: RefundState,
    pub notify_url: Option<String>,
    pub account: String,
    pub created_at: i64,
    pub succeeded_at: Option<i64>,
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
    pub notify_url: Option<String>,
    pub algorithm: Algorithm,
    pub with_sub: bool,
    /// What must be the same when the number is submitted again.
    pub fingerprint: Fields,
    /// The payer named by the order (JSAPI), or who opened it first.
    pub payer: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
    pub closed_at: Option<i64>,
    pub behaviour: Behaviour,
    pub behaviour_at: i64,
    /// Where the H5 page sends the browser afterwards.
    pub return_url: Option<String>,
}

/// How long after its time to pay an unpaid trade is still shown as unpaid.
const CLOSING_LAG_MS: i64 = 5 * 60 * 1000;

impl Trade {
    /// Closes a trade whose time is over. To be called before every look at the state.
    pub fn age(&mut self, now: i64) {
        if self.state == State::NotPay && now >= self.expires_at.saturating_add(CLOSING_LAG_MS) {
            self.state = State::Closed;
            self.closed_at = Some(now);
        }
    }

    pub fn is_expired(&self, now: i64) -> bool {
        now >= self.expires_at
    }

    /// Refunds that have gone or may still go through.
    pub fn refunded(&self) -> Amount {
        let live = self.refunds.iter().filter(|r| r.state != RefundState::Close);
        live.fold(Amount::ZERO, |sum, r| sum.checked_add(r.amount).unwrap_or(sum))
    }

    pub fn trade_state(&self) -> (&'static str, &'static str) {
        match self.state {
            State::NotPay => ("NOTPAY", "订单未支付"),
            State::UserPaying => ("USERPAYING", "用户支付中，需要输入密码"),
            State::Success if self.refunds.is_empty() => ("SUCCESS", "支付成功"),
            State::Success => ("REFUND", "订单发生过退款，退款详情请查询退款单"),
            State::Closed => ("CLOSED", "订单已关闭"),
            State::Revoked => ("REVOKED", "订单已撤销"),
            State::PayError => ("PAYERROR", "支付失败(其他原因，如银行返回失败)"),
        }
    }
}

impl Paid {
    pub fn coupon_fee(&self) -> Amount {
        self.coupons.iter().fold(Amount::ZERO, |sum, (_, _, part)| sum.checked_add(*part).unwrap_or(sum))
    }

    /// What the payer's own money paid.
    pub fn cash_fee(&self) -> Amount {
        self.amount.checked_sub(self.coupon_fee()).unwrap_or(self.amount)
    }

    /// What the merchant is settled: without the coupons that carry no money.
    pub fn settlement_total_fee(&self) -> Amount {
        let free = self.coupons.iter().filter(|(sort, _, _)| *sort == "NO_CASH");
        free.fold(self.amount, |left, (_, _, part)| left.checked_sub(*part).unwrap_or(left))
    }
}
