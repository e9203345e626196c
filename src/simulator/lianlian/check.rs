//! What a field may hold, and calendar texts in China's time.

use super::refusal::No;
use super::sign::Fields;
use crate::simulator::beijing;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{OffsetDateTime, PrimitiveDateTime};

/// `yyyyMMddHHmmss`.
const COMPACT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

/// `yyyyMMdd`.
pub fn day(ms: i64) -> String {
    beijing(ms).format(DAY).unwrap_or_default()
}

fn read_seconds(text: &str) -> Option<i64> {
    let at: OffsetDateTime = PrimitiveDateTime::parse(text, COMPACT).ok()?.assume_offset(offset!(+8));
    at.unix_timestamp().checked_mul(1000)
}

/// A field that may be absent, at most `max` characters long.
pub fn optional(fields: &Fields, name: &str, max: usize) -> Result<Option<String>, No> {
    match fields.get(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) if value.chars().count() > max => Err(No::parameter(name)),
        Some(value) => Ok(Some(value.clone())),
    }
}

/// A field that must be there.
pub fn required(fields: &Fields, name: &str, max: usize) -> Result<String, No> {
    optional(fields, name, max)?.ok_or_else(|| No::parameter(name))
}

/// A field out of a few words; `None` when it is absent.
pub fn word(fields: &Fields, name: &str, words: &[&str]) -> Result<Option<String>, No> {
    match optional(fields, name, 16)? {
        Some(value) if !words.contains(&value.as_str()) => Err(No::parameter(name)),
        other => Ok(other),
    }
}

/// A moment in China's time, UTC ms.
pub fn moment(fields: &Fields, name: &str) -> Result<(String, i64), No> {
    let text = required(fields, name, 14)?;
    let at = read_seconds(&text).ok_or_else(|| No::parameter(name))?;
    Ok((text, at))
}

/// Yuan with at most two decimals, 0.01 to 100000000.00, as fen.
pub fn yuan(fields: &Fields, name: &str) -> Result<i64, No> {
    let text = required(fields, name, 12)?;
    read_yuan(&text).filter(|fen| (1..=10_000_000_000).contains(fen)).ok_or_else(|| No::parameter(name))
}

fn read_yuan(text: &str) -> Option<i64> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let cents = if part.len() == 1 { part.parse::<i64>().ok()? * 10 } else { part.parse().ok()? };
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)
}

/// Fen as yuan.
pub fn yuan_text(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// An http(s) address of at most 128 characters.
pub fn address(fields: &Fields, name: &str) -> Result<Option<String>, No> {
    let Some(text) = optional(fields, name, 128)? else { return Ok(None) };
    let is_web = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_web { Ok(Some(text)) } else { Err(No::parameter(name)) }
}

/// An ID card's number: 15 digits, or 17 and a digit or X.
pub fn is_id_card(text: &str) -> bool {
    let (digits, last) = if text.len() == 18 { text.split_at(17) } else { (text, "0") };
    matches!(text.len(), 15 | 18)
        && digits.bytes().all(|b| b.is_ascii_digit())
        && last.bytes().all(|b| b.is_ascii_digit() || b == b'X' || b == b'x')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_is_read_by_its_digits() {
        for (text, fen) in [("0.01", Some(1)), ("0.1", Some(10)), ("12", Some(1200)), ("210.97", Some(21097))] {
            assert_eq!(read_yuan(text), fen, "{text}");
        }
        for bad in ["", ".5", "1.", "1.234", "-1", "1e2", " 1", "1,000"] {
            assert_eq!(read_yuan(bad), None, "{bad}");
        }
    }

    #[test]
    fn id_cards_have_15_or_18_places() {
        assert!(is_id_card("110101199003077715") && is_id_card("11010119900307771X") && is_id_card("110101900307771"));
        assert!(!is_id_card("11010119900307771") && !is_id_card("1101011990030777X5") && !is_id_card(""));
    }
}
