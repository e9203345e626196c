//! The gateway's times: Beijing, `yyyyMMddHHmmss`, and a settlement day that ends at eleven in the evening.

use crate::simulator::beijing;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// `yyyyMMddHHmmss`.
#[must_use]
pub fn full(ms: i64) -> String {
    let at = beijing(ms);
    let month = u8::from(at.month());
    format!("{:04}{month:02}{:02}{:02}{:02}{:02}", at.year(), at.day(), at.hour(), at.minute(), at.second())
}

/// `MMDDhhmmss`.
#[must_use]
pub fn without_year(ms: i64) -> String {
    full(ms)[4..].to_owned()
}

/// Reads `yyyyMMddHHmmss`.
#[must_use]
pub fn read(text: &str) -> Option<i64> {
    if text.len() != 14 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u8>().ok();
    let month = Month::try_from(number(4, 6)?).ok()?;
    let date = Date::from_calendar_date(text[..4].parse().ok()?, month, number(6, 8)?).ok()?;
    let time = Time::from_hms(number(8, 10)?, number(10, 12)?, number(12, 14)?).ok()?;
    let at = PrimitiveDateTime::new(date, time).assume_offset(UtcOffset::from_hms(8, 0, 0).ok()?);
    Some(at.unix_timestamp() * 1000)
}

/// The `MMDD` a moment is settled under: from 23:00 on it is the next day's.
#[must_use]
pub fn settle_date(ms: i64) -> String {
    full(ms + HOUR_MS)[4..8].to_owned()
}

/// `yyMMdd` of the same.
#[must_use]
pub fn settle_day(ms: i64) -> String {
    full(ms + HOUR_MS)[2..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_in_beijing() {
        let noon = 1_709_265_600_000;
        assert_eq!(full(noon), "20240301120000");
        assert_eq!(without_year(noon), "0301120000");
        assert_eq!(read("20240301120000"), Some(noon));
        for bad in ["", "20240230120000", "2024030112000", "20240301240000", "2024030112000a"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_settlement_day_begins_at_eleven_in_the_evening() {
        let at = |text: &str| read(text).expect("a time");
        assert_eq!(settle_date(at("20240301225959")), "0301");
        assert_eq!(settle_date(at("20240301230000")), "0302");
        assert_eq!(settle_day(at("20231231230000")), "240101");
    }
}
