//! What several providers ask of texts alike: names that fit into a field, and amounts in plain digits.
//!
//! Must not know any provider's field; its length comes from the caller.

use crate::model::Amount;

/// Shortens a text for a field that counts bytes, at a character border, without control characters and the astral ones
/// (emoji): some providers refuse those, and old databases and signatures over there break on them.
#[must_use]
pub fn shorten(text: &str, max_bytes: usize) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| u32::from(*c) <= 0xffff && !c.is_control()) {
        if out.len() + c.len_utf8() > max_bytes {
            break;
        }
        out.push(c);
    }
    out.trim().to_owned()
}

/// More digits than any provider's field for an amount has.
const MOST_DIGITS: usize = 15;

/// An amount in fen: plain digits only. `None` for anything else, signs and points among it.
#[must_use]
pub fn fen(digits: &str) -> Option<Amount> {
    // The standard parser takes a sign.
    if digits.len() > MOST_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Amount::from_stored(digits.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shortened_at_a_character_border_and_lose_what_is_refused() {
        for (text, most, expected) in [
            ("蓝色茶壶 🍵", 127, "蓝色茶壶"),
            ("🍵🎁", 127, ""),
            ("a\u{7}b\nc", 127, "abc"),
            ("  x  ", 127, "x"),
            ("abc", 2, "ab"),
            ("plain", 127, "plain"),
            ("收银台", 8, "收银"),
            ("收银台", 9, "收银台"),
            ("收银台", 2, ""),
            ("a🎉b🀄", 127, "ab"),
            ("ab cd", 3, "ab"),
            ("", 127, ""),
        ] {
            assert_eq!(shorten(text, most), expected, "{text}");
        }
        assert_eq!(shorten(&"中".repeat(128), 127).len(), 126);
    }

    #[test]
    fn only_plain_digits_are_an_amount() {
        for (digits, expected) in
            [("0", 0), ("1", 1), ("8888", 8888), ("000000008888", 8888), ("999999999999999", 999_999_999_999_999)]
        {
            assert_eq!(fen(digits).map(Amount::fen), Some(expected), "{digits}");
        }
        for bad in ["", "1.00", "-1", "+1", " 1", "1e2", "１", "1000000000000000", "99999999999999999999", "0x1"] {
            assert_eq!(fen(bad), None, "{bad}");
        }
    }
}
