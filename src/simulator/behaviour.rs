//! How a payment may go wrong on the payer's or the provider's side. A behaviour sticks to its trade.

use crate::model::{Amount, words};
use serde::{Deserialize, Serialize};
use std::time::Duration;

words!(
    /// What happens around one trade.
    Behaviour {
        /// Paid, and told once.
        Ok = "ok",
        /// Paid, but the notice never comes.
        NoNotice = "no_notice",
        /// Paid even though the trade was closed or has run out, as if the close had lost the race; the notice is late too.
        Late = "late",
        /// The notice comes twice at the same moment.
        Twice = "twice",
        /// The payer paid another amount: notice and query say so, rightly signed.
        WrongAmount = "wrong_amount",
        /// The first notices carry a wrong signature, the repeats a right one.
        BadSignature = "bad_signature",
        /// The payment fails: nothing is paid.
        Fail = "fail",
        /// The payer types a password first and pays some seconds later.
        Password = "password",
        /// Paid; refunds stay in progress until they are released.
        RefundStuck = "refund_stuck",
        /// Paid; the provider takes seconds for every answer about the trade.
        Slow = "slow",
        /// Paid; the provider's front end answers 502 to calls about the trade for a while.
        Down = "down",
    }
);

words!(
    /// Who pays. Each is another person at the provider.
    Account {
        Xiaoming = "xiaoming",
        Xiaohong = "xiaohong",
        /// Has coupons, where the provider knows such.
        Coupons = "coupons",
        /// Has no money.
        Poor = "poor",
    }
);

impl Behaviour {
    /// Notices badly signed before the good ones begin.
    pub const BAD_NOTICES: u32 = 2;
    /// How long a `slow` answer takes, before the clock factor.
    pub const SLOWNESS: Duration = Duration::from_secs(8);
    /// How long `down` lasts, before the clock factor.
    pub const OUTAGE: Duration = Duration::from_secs(60);
    /// How long a payer types a password, before the clock factor.
    pub const TYPING: Duration = Duration::from_secs(10);
    /// How much later than usual a `late` notice starts, before the clock factor.
    pub const LATENESS: Duration = Duration::from_secs(30);

    /// How many deliveries of the same notice start at once.
    #[must_use]
    pub fn deliveries(self) -> usize {
        match self {
            Self::NoNotice => 0,
            Self::Twice => 2,
            _ => 1,
        }
    }

    /// Extra wait before the first notice, before the clock factor.
    #[must_use]
    pub fn notice_delay(self) -> Duration {
        if self == Self::Late { Self::LATENESS } else { Duration::ZERO }
    }

    /// Whether try number `attempt` (from 0) of a notice is to be badly signed.
    #[must_use]
    pub fn spoils_signature(self, attempt: u32) -> bool {
        self == Self::BadSignature && attempt < Self::BAD_NOTICES
    }

    /// What the payer really pays: one fen less under `wrong_amount` (one more where one fen is all).
    #[must_use]
    pub fn paid_amount(self, due: Amount) -> Amount {
        if self != Self::WrongAmount {
            return due;
        }
        let one = Amount::from_fen(1).unwrap_or(Amount::ZERO);
        due.checked_sub(one).filter(|left| !left.is_zero()).or_else(|| due.checked_add(one)).unwrap_or(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_amount_is_never_the_right_one() {
        for fen in [1, 2, 100, Amount::MAX_ORDER] {
            let due = Amount::from_fen(fen).expect("in range");
            assert_ne!(Behaviour::WrongAmount.paid_amount(due), due);
            assert_eq!(Behaviour::Ok.paid_amount(due), due);
        }
    }

    #[test]
    fn only_the_first_notices_are_spoilt() {
        assert!(Behaviour::BadSignature.spoils_signature(0));
        assert!(!Behaviour::BadSignature.spoils_signature(Behaviour::BAD_NOTICES));
        assert!(!Behaviour::Ok.spoils_signature(0));
    }
}
