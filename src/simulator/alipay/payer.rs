//! The people of the wallet as Alipay knows them, and where their money comes from.

use super::yuan;
use crate::simulator::{Account, Keys};

/// A payer's identity at Alipay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// `2088…`, 16 digits.
    pub user_id: String,
    /// The newer identity of the same person.
    pub open_id: String,
    /// Masked.
    pub logon_id: &'static str,
    pub account: Account,
}

impl Payer {
    #[must_use]
    pub fn of(account: Account, keys: &Keys) -> Self {
        let logon_id = match account {
            Account::Xiaoming => "xia***@example.com",
            Account::Xiaohong => "138******21",
            Account::Coupons => "cou***@example.com",
            Account::Poor => "139******00",
        };
        let label = account.as_str();
        Self {
            user_id: format!("2088{}", keys.digits(&format!("alipay user {label}"), 12)),
            open_id: keys.text(
                &format!("alipay open id {label}"),
                b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_",
                46,
            ),
            logon_id,
            account,
        }
    }

    /// How a charge splits: what the payer gives, and what a platform coupon gives (fen).
    #[must_use]
    pub fn split(&self, charge: i64) -> Funds {
        let coupon = if self.account == Account::Coupons { (charge / 10).min(100) } else { 0 };
        Funds { own: charge - coupon, coupon }
    }
}

/// Where the money of one payment came from, in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funds {
    pub own: i64,
    pub coupon: i64,
}

impl Funds {
    /// `fund_bill_list` as JSON: camel case in notices, snake case in answers.
    #[must_use]
    pub fn bill_list(self, channel_key: &str) -> String {
        let row = |channel: &str, fen: i64| format!("{{\"amount\":\"{}\",\"{channel_key}\":\"{channel}\"}}", yuan::text(fen));
        let mut rows = vec![row("ALIPAYACCOUNT", self.own)];
        if self.coupon > 0 {
            rows.push(row("COUPON", self.coupon));
        }
        format!("[{}]", rows.join(","))
    }
}
