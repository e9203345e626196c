//! Bar codes: the ones a payer's wallet shows, and fixed ones that always end the same way.
//!
//! | code | what happens |
//! |---|---|
//! | `280000000000000001` | paid at once |
//! | `280000000000000002` | a password is asked for, then it is paid |
//! | `280000000000000003` | a password is asked for, and nothing more comes |
//! | `280000000000000004` | answered 20000, not paid |
//! | `280000000000000005` | answered 20000, although it is paid |
//! | `280000000000000010` and up | the business errors of [`REFUSED`], in their order |

use crate::simulator::{Account, Behaviour, Pay};

/// Life of a wallet's code.
pub const LIFE_MS: i64 = 60_000;

/// Business errors that a fixed code stands for, counted from number 10.
pub const REFUSED: &[&str] = &[
    "SYSTEM_ERROR",
    "PAYMENT_AUTH_CODE_INVALID",
    "BUYER_BALANCE_NOT_ENOUGH",
    "BUYER_BANKCARD_BALANCE_NOT_ENOUGH",
    "ERROR_BALANCE_PAYMENT_DISABLE",
    "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
    "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
    "BUYER_ENABLE_STATUS_FORBID",
    "PULL_MOBILE_CASHIER_FAIL",
    "MOBILE_PAYMENT_SWITCH_OFF",
    "ERROR_BUYER_CERTIFY_LEVEL_LIMIT",
    "PAYMENT_FAIL",
    "BUYER_SELLER_EQUAL",
    "TRADE_BUYER_NOT_MATCH",
    "TOTAL_FEE_EXCEED",
    "BEYOND_PAY_RESTRICTION",
    "BEYOND_PER_RECEIPT_RESTRICTION",
    "EXIST_FORBIDDEN_WORD",
    "PAYMENT_REQUEST_HAS_RISK",
    "SELLER_BEEN_BLOCKED",
    "ACCESS_FORBIDDEN",
    "PARTNER_ERROR",
    "INVALID_STORE_ID",
    "RISK_MERCHANT_IP_NOT_EXIST",
];

/// What a code makes happen.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    /// As the wallet's behaviour says.
    Wallet(Pay),
    /// A password is asked for and never comes.
    TypingForEver,
    /// 20000; with or without the money having moved.
    Unknown {
        paid: bool,
    },
    Refused(&'static str),
}

/// A code of the wallet.
#[derive(Debug, Clone, Copy)]
pub struct Issued {
    pub pay: Pay,
    pub expires_ms: i64,
    pub used: bool,
}

/// The plan behind a fixed code.
#[must_use]
pub fn fixed(code: &str) -> Option<Plan> {
    let number: usize = code.strip_prefix("2800000000000000").filter(|rest| rest.len() == 2)?.parse().ok()?;
    let wallet = |behaviour| Plan::Wallet(Pay { behaviour, account: Account::Xiaoming });
    Some(match number {
        1 => wallet(Behaviour::Ok),
        2 => wallet(Behaviour::Password),
        3 => Plan::TypingForEver,
        4 => Plan::Unknown { paid: false },
        5 => Plan::Unknown { paid: true },
        n => Plan::Refused(REFUSED.get(n.checked_sub(10)?)?),
    })
}

/// Whether a text has a payment code's form: 16 to 24 digits that begin with 25 to 30.
#[must_use]
pub fn is_well_formed(code: &str) -> bool {
    let head = code.get(..2).and_then(|h| h.parse::<u8>().ok());
    (16..=24).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) && head.is_some_and(|h| (25..=30).contains(&h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_codes_begin_with_25_to_30() {
        for good in ["280000000000000001", "2512345678901234", "300000000000000000000000"] {
            assert!(is_well_formed(good), "{good}");
        }
        for bad in ["13456789012345678", "311234567890123456", "25123", "28000000000000000x", "2800000000000000000000000"] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }

    #[test]
    fn every_business_error_has_a_fixed_code() {
        for (n, name) in REFUSED.iter().enumerate() {
            let code = format!("2800000000000000{:02}", n + 10);
            assert!(matches!(fixed(&code), Some(Plan::Refused(found)) if found == *name), "{code}");
        }
        assert!(fixed("280000000000000009").is_none());
        assert!(fixed("280000000000000099").is_none());
    }
}
