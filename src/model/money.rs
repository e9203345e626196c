//! Money as integers. The only place where yuan text and fen meet.

use serde::{Deserialize, Serialize};

/// An amount of money in fen (1/100 yuan, CNY). Never negative; arithmetic is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(i64);

/// Why a text or number is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// A text that is not plain yuan.
    #[error("must be yuan with at most two decimals, such as 12.34")]
    Format,
    /// Fen outside of what is allowed.
    #[error("must be from 1 to {} fen", Amount::MAX_ORDER)]
    Range,
}

impl Amount {
    /// The largest order the API accepts: 10^12 fen.
    pub const MAX_ORDER: i64 = 1_000_000_000_000;
    /// No money; the default.
    pub const ZERO: Amount = Amount(0);

    /// An amount of an order or refund.
    ///
    /// # Errors
    /// `Range` outside 1..=10^12 fen.
    pub fn from_fen(fen: i64) -> Result<Self, MoneyError> {
        if (1..=Self::MAX_ORDER).contains(&fen) { Ok(Self(fen)) } else { Err(MoneyError::Range) }
    }

    /// A stored or received amount that may also be zero.
    ///
    /// # Errors
    /// `Range` when negative.
    pub fn from_stored(fen: i64) -> Result<Self, MoneyError> {
        if fen >= 0 { Ok(Self(fen)) } else { Err(MoneyError::Range) }
    }

    /// Reads yuan text by digits: `^\d{1,12}(\.\d{1,2})?$`. Zero is allowed here, since providers report it.
    ///
    /// # Errors
    /// `Format` for anything else: signs, spaces, exponents, a third decimal.
    pub fn parse_yuan(text: &str) -> Result<Self, MoneyError> {
        let (whole, part) = match text.split_once('.') {
            Some((whole, part)) => (whole, Some(part)),
            None => (text, None),
        };
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || whole.len() > 12 {
            return Err(MoneyError::Format);
        }
        let cents = match part {
            None => 0,
            Some(p) if digits(p) && p.len() <= 2 => {
                let n: i64 = p.parse().map_err(|_| MoneyError::Format)?;
                if p.len() == 1 { n * 10 } else { n }
            }
            Some(_) => return Err(MoneyError::Format),
        };
        let yuan: i64 = whole.parse().map_err(|_| MoneyError::Format)?;
        Ok(Self(yuan * 100 + cents)) // at most 12 digits of yuan: cannot overflow
    }

    /// Fen.
    #[must_use]
    pub fn fen(self) -> i64 {
        self.0
    }

    /// Yuan with always two decimals, as providers want it: `"1234567.89"`.
    #[must_use]
    pub fn yuan(self) -> String {
        format!("{}.{:02}", self.0 / 100, self.0 % 100)
    }

    /// Yuan for people, with thousands separators: `"1,234,567.89"`.
    #[must_use]
    pub fn display(self) -> String {
        let whole = (self.0 / 100).to_string();
        let mut out = String::with_capacity(whole.len() + 8);
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        format!("{out}.{:02}", self.0 % 100)
    }

    /// `None` when the sum would not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// `None` when the result would be negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).filter(|n| *n >= 0).map(Self)
    }

    /// Whether it is no money.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_text_round_trips() {
        for (fen, text) in [
            (1, "0.01"),
            (10, "0.10"),
            (99, "0.99"),
            (100, "1.00"),
            (8888, "88.88"),
            (123_456_789, "1234567.89"),
            (10_000_000_000, "100000000.00"),
        ] {
            assert_eq!(Amount::parse_yuan(text).map(Amount::fen), Ok(fen));
            assert_eq!(Amount(fen).yuan(), text);
        }
        assert_eq!(Amount::parse_yuan("88.8").map(Amount::fen), Ok(8880));
        assert_eq!(Amount::parse_yuan("88").map(Amount::fen), Ok(8800));
        assert_eq!(Amount::parse_yuan("0.00").map(Amount::fen), Ok(0));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["1.999", "1e2", "-1", " 1", "1 ", ".5", "5.", "", "+1", "1.0.0", "１", "1234567890123", "1,000"] {
            assert_eq!(Amount::parse_yuan(text), Err(MoneyError::Format), "{text}");
        }
    }

    #[test]
    fn people_see_separators() {
        assert_eq!(Amount(123_456_789).display(), "1,234,567.89");
        assert_eq!(Amount(12_345).display(), "123.45");
        assert_eq!(Amount(5).display(), "0.05");
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Amount(i64::MAX).checked_add(Amount(1)), None);
        assert_eq!(Amount(1).checked_sub(Amount(2)), None);
        assert_eq!(Amount::from_fen(0), Err(MoneyError::Range));
        assert_eq!(Amount::from_fen(Amount::MAX_ORDER + 1), Err(MoneyError::Range));
    }
}
