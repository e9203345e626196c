//! A trade and its refunds as the provider keeps them. Plain data and the questions one asks it.

use super::super::behaviour::Behaviour;
use super::super::clock::beijing;
use crate::model::Amount;
use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;

/// A time as the provider writes it: RFC 3339 in UTC+8, whole seconds.
pub fn rfc3339(ms: i64) -> String {
    beijing(ms.div_euclid(1000) * 1000).format(&Rfc3339).unwrap_or_default()
}

/// `trade_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeType {
    Jsapi,
    Native,
    App,
    Mweb,
}

impl TradeType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsapi => "JSAPI",
            Self::Native => "NATIVE",
            Self::App => "APP",
            Self::Mweb => "MWEB",
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
}

/// Money that arrived.
#[derive(Debug, Clone)]
pub struct Paid {
    pub amount: Amount,
    pub openid: String,
    /// The part that a coupon paid.
    pub coupon: Option<(String, Amount)>,
    pub at: i64,
}

impl Paid {
    /// What the payer's own money paid.
    pub fn payer_total(&self) -> Amount {
        self.coupon.as_ref().and_then(|(_, part)| self.amount.checked_sub(*part)).unwrap_or(self.amount)
    }
}

/// `status` of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    Processing,
    Success,
    Closed,
    Abnormal,
}

impl RefundState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Closed => "CLOSED",
            Self::Abnormal => "ABNORMAL",
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
    pub funds_account: &'static str,
    pub partner: bool,
    pub created_at: i64,
    pub succeeded_at: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Trade {
    pub out_trade_no: String,
    /// Given when it is paid.
    pub transaction_id: Option<String>,
    pub trade_type: TradeType,
    pub amount: Amount,
    pub state: State,
    pub paid: Option<Paid>,
    pub refunds: Vec<Refund>,
    pub description: String,
    pub attach: Option<String>,
    pub notify_url: String,
    /// The sub-merchant's own app, where the order named it.
    pub sub_appid: Option<String>,
    pub partner: bool,
    /// What must be the same when the number is submitted again.
    pub fingerprint: Map<String, Value>,
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
        let live = self.refunds.iter().filter(|r| r.state != RefundState::Closed);
        live.fold(Amount::ZERO, |sum, r| sum.checked_add(r.amount).unwrap_or(sum))
    }

    pub fn trade_state(&self) -> (&'static str, &'static str) {
        match self.state {
            State::NotPay => ("NOTPAY", "订单未支付"),
            State::UserPaying => ("USERPAYING", "用户支付中，需要输入密码"),
            State::Success if self.refunds.is_empty() => ("SUCCESS", "支付成功"),
            State::Success => ("REFUND", "订单发生过退款，退款详情请查询退款单"),
            State::Closed => ("CLOSED", "订单已关闭"),
        }
    }
}
