//! Dates as Alipay writes them: always the wall clock of GMT+8.

use crate::simulator::beijing;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, Duration, PrimitiveDateTime};

const SECONDS: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const MILLIS: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");
const DAY: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");
const COMPACT: &[BorrowedFormatItem<'static>] = format_description!("[year][month][day]");
const SPOKEN: &[BorrowedFormatItem<'static>] = format_description!("[year]年[month]月[day]日 [hour]:[minute]:[second]");

pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn write(ms: i64, format: &[BorrowedFormatItem<'static>]) -> String {
    beijing(ms).format(format).unwrap_or_default()
}

/// `2024-03-01 12:00:00`.
#[must_use]
pub fn seconds(ms: i64) -> String {
    write(ms, SECONDS)
}

/// `2024-03-01 12:00:00.123`, the form of `gmt_refund`.
#[must_use]
pub fn millis(ms: i64) -> String {
    write(ms, MILLIS)
}

/// `20240301`, the head of trade and notice numbers.
#[must_use]
pub fn compact_day(ms: i64) -> String {
    write(ms, COMPACT)
}

/// `2024年03月01日 00:00:00`, the form inside bills.
#[must_use]
pub fn spoken(ms: i64) -> String {
    write(ms, SPOKEN)
}

/// Reads `yyyy-MM-dd HH:mm:ss`, exactly 19 characters.
#[must_use]
pub fn read_seconds(text: &str) -> Option<i64> {
    if text.len() != 19 {
        return None;
    }
    let moment = PrimitiveDateTime::parse(text, SECONDS).ok()?.assume_offset(offset!(+8));
    Some(moment.unix_timestamp() * 1000)
}

/// The first moment of the day that `yyyy-MM-dd` names.
#[must_use]
pub fn read_day(text: &str) -> Option<i64> {
    if text.len() != 10 {
        return None;
    }
    let day = Date::parse(text, DAY).ok()?;
    Some(day.midnight().assume_offset(offset!(+8)).unix_timestamp() * 1000)
}

/// The first moment of the day in which `ms` lies.
#[must_use]
pub fn start_of_day(ms: i64) -> i64 {
    beijing(ms).replace_time(time::Time::MIDNIGHT).unix_timestamp() * 1000
}

/// The first moments of the month that `yyyy-MM` names and of the month after it.
#[must_use]
pub fn read_month(text: &str) -> Option<(i64, i64)> {
    if text.len() != 7 {
        return None;
    }
    let first = Date::parse(&format!("{text}-01"), DAY).ok()?;
    let next = (first + Duration::days(31)).replace_day(1).ok()?;
    let ms = |day: Date| day.midnight().assume_offset(offset!(+8)).unix_timestamp() * 1000;
    Some((ms(first), ms(next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_eight_hours_ahead() {
        let ms = read_seconds("2024-03-01 12:00:00").unwrap();
        assert_eq!(ms, 1_709_265_600_000);
        assert_eq!(seconds(ms), "2024-03-01 12:00:00");
        assert_eq!(millis(ms + 123), "2024-03-01 12:00:00.123");
        assert_eq!(compact_day(ms), "20240301");
        assert_eq!(seconds(start_of_day(ms)), "2024-03-01 00:00:00");
    }

    #[test]
    fn other_forms_are_not_times() {
        for bad in
            ["2024-03-01T12:00:00", "2024-3-1 12:00:00", "2024-03-01 12:00", "2024-13-01 12:00:00", "2024-03-01 25:00:00", ""]
        {
            assert_eq!(read_seconds(bad), None, "{bad}");
        }
        assert_eq!(read_day("20240301"), None);
        let (from, to) = read_month("2024-02").unwrap();
        assert_eq!((seconds(from).as_str(), seconds(to).as_str()), ("2024-02-01 00:00:00", "2024-03-01 00:00:00"));
    }
}
