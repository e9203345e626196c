//! Money as Alipay writes it: yuan text outside, fen inside. Kept apart from the program's own
//! amount type on purpose, so that a fault there is noticed here.

/// The largest amount of one trade, in fen.
pub const MOST: i64 = 10_000_000_000;

/// Fen as yuan text with two decimals.
#[must_use]
pub fn text(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Yuan text as fen: up to nine digits, then at most two decimals. Nothing else is read: no sign, space, exponent, bare
/// point or third decimal.
#[must_use]
pub fn read(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let digits = |s: &str, most: usize| (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 9) || part.is_some_and(|p| !digits(p, 2)) {
        return None;
    }
    let cents = match part {
        None => 0,
        Some(p) if p.len() == 1 => p.parse::<i64>().ok()? * 10,
        Some(p) => p.parse().ok()?,
    };
    Some(whole.parse::<i64>().ok()? * 100 + cents)
}

/// An amount that may be charged or refunded: 0.01 to 100000000.00 yuan.
#[must_use]
pub fn read_charge(text: &str) -> Option<i64> {
    read(text).filter(|fen| (1..=MOST).contains(fen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fen_become_two_decimals() {
        for (fen, yuan) in [
            (1, "0.01"),
            (10, "0.10"),
            (99, "0.99"),
            (100, "1.00"),
            (8888, "88.88"),
            (123_456_789, "1234567.89"),
            (MOST, "100000000.00"),
            (-4, "-0.04"),
        ] {
            assert_eq!(text(fen), yuan);
        }
    }

    #[test]
    fn only_plain_digits_are_read() {
        for (yuan, fen) in [("88.88", 8888), ("88.8", 8880), ("88", 8800), ("0.10", 10), ("0.00", 0), ("100000000.00", MOST)] {
            assert_eq!(read(yuan), Some(fen), "{yuan}");
        }
        for bad in ["1e2", "-0.04", "1.005", " 1.00", ".5", "1.", "", "+1", "1,000.00", "１.00", "1234567890"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read_charge("0.00"), None);
        assert_eq!(read_charge("100000000.01"), None);
    }
}
