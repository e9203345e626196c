//! Faults of the gateway itself, switched on for its next answers: they exercise a client's care with signatures and its
//! handling of "nobody knows what happened".

use serde::Deserialize;

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// The answer lacks its signature.
    DropSign,
    /// The answer's signature does not fit.
    CorruptSign,
    /// The signature stands before the node, which is legal.
    SignFirst,
    /// The answer comes in GBK whatever was asked for.
    GbkBody,
    /// The call is done, then the answer takes long.
    Delay,
    /// The front end answers 502 and the call is not done.
    #[serde(rename = "http_502")]
    Http502,
    /// The call is done, then the connection breaks.
    Cut,
    /// The call is done, and answered 20000.
    Unknown,
    /// A refund is refused because the merchant's account is empty.
    SellerBalanceEmpty,
    /// Bills are made for the running day too. Stays on.
    BillsForToday,
}

/// Which faults wait for the next answers.
#[derive(Default)]
pub struct Switches {
    waiting: Vec<(Switch, u32)>,
    pub bills_for_today: bool,
}

impl Switches {
    /// Switches a fault on for the next `times` answers.
    pub fn set(&mut self, switch: Switch, times: u32) {
        if switch == Switch::BillsForToday {
            self.bills_for_today = times > 0;
        } else if times > 0 {
            self.waiting.push((switch, times));
        }
    }

    /// The fault for an answer that begins now. A refund fault waits for a refund.
    pub fn take(&mut self, is_refund: bool) -> Option<Switch> {
        let at = self.waiting.iter().position(|(switch, _)| is_refund || *switch != Switch::SellerBalanceEmpty)?;
        let (switch, left) = self.waiting.get_mut(at)?;
        let switch = *switch;
        *left -= 1;
        if *left == 0 {
            self.waiting.remove(at);
        }
        Some(switch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_lasts_for_as_many_answers_as_asked() {
        let mut switches = Switches::default();
        switches.set(Switch::DropSign, 2);
        switches.set(Switch::SellerBalanceEmpty, 1);
        assert_eq!(switches.take(false), Some(Switch::DropSign));
        assert_eq!(switches.take(false), Some(Switch::DropSign));
        assert_eq!(switches.take(false), None);
        assert_eq!(switches.take(true), Some(Switch::SellerBalanceEmpty));
        assert_eq!(switches.take(true), None);
    }
}
