//! A trade as replies describe it: its state, its money, its times.

use super::node::Fields;
use crate::channels::shanghai;
use crate::model::Amount;
use crate::pay::channel::{ChannelError, Paid, Remote};

/// The state of a trade in the answer to a query.
///
/// # Errors
/// `Unclear` when a paid trade lacks its number or amount.
pub fn remote(fields: &Fields) -> Result<Remote, ChannelError> {
    match fields.text("trade_status") {
        Some("TRADE_SUCCESS" | "TRADE_FINISHED") => paid(fields).map(Remote::Paid),
        // Closed unpaid, or closed because all of it went back: either way there is no money of this trade here.
        Some("TRADE_CLOSED") => Ok(Remote::Closed),
        _ => Ok(Remote::Pending),
    }
}

/// The money of a paid trade. The order's total counts, never what the payer's vouchers left of it: the test gateway even
/// reports zero there.
///
/// # Errors
/// `Unclear` without trade number or total.
pub fn paid(fields: &Fields) -> Result<Paid, ChannelError> {
    let missing = |name: &str| ChannelError::Unclear(format!("a paid trade without a readable {name}"));
    let total = fields.text("total_amount").and_then(|text| Amount::parse_yuan(text).ok());
    let payer = ["buyer_logon_id", "buyer_open_id", "buyer_user_id"].into_iter().find_map(|name| fields.text(name));
    Ok(Paid {
        trade_no: fields.text("trade_no").ok_or_else(|| missing("trade_no"))?.to_owned(),
        amount: total.ok_or_else(|| missing("total_amount"))?,
        payer: payer.map(str::to_owned),
        paid_at: ["gmt_payment", "send_pay_date"].into_iter().find_map(|name| fields.text(name)).and_then(time),
    })
}

/// A time of the provider, which may carry a fraction of a second, as UTC ms.
#[must_use]
pub fn time(text: &str) -> Option<i64> {
    shanghai::parse_spaced(text.get(..19)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::alipay::node;

    fn fields(node: &str) -> Fields {
        let body = format!(r#"{{"alipay_trade_query_response":{node}}}"#);
        node::cut(body.as_bytes(), "alipay.trade.query").unwrap().fields(None).unwrap()
    }

    // R-2: the test gateway reports 0.00 as received although 0.01 was paid.
    #[test]
    fn a_paid_trade_counts_with_its_total() {
        let paid = match remote(&fields(include_str!("vectors/r2.node"))).unwrap() {
            Remote::Paid(paid) => paid,
            other => panic!("{other:?}"),
        };
        assert_eq!(paid.amount.fen(), 1);
        assert_eq!(paid.trade_no, "2023122122001499160501586202");
        assert_eq!(paid.payer.as_deref(), Some("ifv***@sandbox.com"));
        assert_eq!(paid.paid_at, Some(1_703_141_316_000)); // 2023-12-21T06:48:36Z
    }

    #[test]
    fn states_map_and_unknown_is_pending() {
        for (status, expected) in [
            ("WAIT_BUYER_PAY", Remote::Pending),
            ("TRADE_CLOSED", Remote::Closed),
            ("TRADE_PENDING_2", Remote::Pending),
            ("", Remote::Pending),
        ] {
            assert_eq!(remote(&fields(&format!(r#"{{"trade_status":"{status}"}}"#))), Ok(expected), "{status}");
        }
        let finished = r#"{"trade_status":"TRADE_FINISHED","trade_no":"T","total_amount":"88.8"}"#;
        assert!(matches!(remote(&fields(finished)), Ok(Remote::Paid(p)) if p.amount.fen() == 8880));
    }

    // Pitfall 9: amounts are read by digits, never as floats.
    #[test]
    fn a_paid_trade_without_a_readable_amount_is_unclear() {
        for amount in ["", "1e2", "-0.04", "1.005", " 1.00", ".5"] {
            let node = format!(r#"{{"trade_status":"TRADE_SUCCESS","trade_no":"T","total_amount":"{amount}"}}"#);
            assert!(matches!(remote(&fields(&node)), Err(ChannelError::Unclear(_))), "{amount}");
        }
        let number = r#"{"trade_status":"TRADE_SUCCESS","trade_no":"T","total_amount":88.88}"#;
        assert!(remote(&fields(number)).is_err(), "a JSON number has lost its text");
    }

    #[test]
    fn fractions_of_a_second_are_read_over() {
        assert_eq!(time("2024-03-01 13:00:00.123"), time("2024-03-01 13:00:00"));
        assert_eq!(time("2024-03-01 13:00:00.1"), Some(1_709_269_200_000)); // 05:00 UTC
        assert_eq!(time("2024-03-01"), None);
    }
}
