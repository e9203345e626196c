//! Calendar texts of providers, which all live in UTC+8, against our UTC milliseconds.

use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

const COMPACT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]");
const SPACED: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// Times outside the calendar are shown as its start: only a broken clock has them.
fn at(ms: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
        .checked_add(Duration::milliseconds(ms))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(offset!(+8))
}

fn read(text: &str, format: &[BorrowedFormatItem<'_>]) -> Option<i64> {
    let time = PrimitiveDateTime::parse(text, format).ok()?.assume_offset(offset!(+8));
    time.unix_timestamp().checked_mul(1000)
}

/// `yyyyMMddHHmmss`.
#[must_use]
pub fn compact(ms: i64) -> String {
    at(ms).format(COMPACT).unwrap_or_default()
}

/// `yyyy-MM-dd HH:mm:ss`.
#[must_use]
pub fn spaced(ms: i64) -> String {
    at(ms).format(SPACED).unwrap_or_default()
}

/// Reads `yyyyMMddHHmmss`; `None` for anything else.
#[must_use]
pub fn parse_compact(text: &str) -> Option<i64> {
    read(text, COMPACT)
}

/// Reads `yyyy-MM-dd HH:mm:ss`; `None` for anything else.
#[must_use]
pub fn parse_spaced(text: &str) -> Option<i64> {
    read(text, SPACED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_eight_hours_ahead_of_utc() {
        for (ms, short, long) in [
            (0, "19700101080000", "1970-01-01 08:00:00"),
            (1_717_214_400_000, "20240601120000", "2024-06-01 12:00:00"),
            (1_735_660_799_999, "20241231235959", "2024-12-31 23:59:59"),
            (1_709_136_000_000, "20240229000000", "2024-02-29 00:00:00"),
        ] {
            assert_eq!(compact(ms), short);
            assert_eq!(spaced(ms), long);
            assert_eq!(parse_compact(short), Some(ms / 1000 * 1000));
            assert_eq!(parse_spaced(long), Some(ms / 1000 * 1000));
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for bad in ["", "20240230000000", "2024060112000", "202406011200000", "2024-06-01 12:00:00", "20240601 120000"] {
            assert_eq!(parse_compact(bad), None, "{bad}");
        }
        for bad in ["", "2024-06-01T12:00:00", "2024-06-31 12:00:00", "2024-06-01 24:00:00", "2024-06-01 12:00:00 "] {
            assert_eq!(parse_spaced(bad), None, "{bad}");
        }
    }
}
