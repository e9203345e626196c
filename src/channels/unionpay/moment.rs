//! The provider's times. Messages name a month and a day but no year, and a settlement day begins at eleven in the evening.

use crate::channels::shanghai;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A settlement day ends at 23:00 in Beijing, which is 15:00 UTC.
const CUT_MS: i64 = 15 * 60 * 60 * 1000;

/// UTC ms of an `MMDDhhmmss`, in the year that brings it nearest to `near_ms`.
#[must_use]
pub fn of(month_to_second: &str, near_ms: i64) -> Option<i64> {
    let year: i64 = shanghai::compact(near_ms).get(..4)?.parse().ok()?;
    [year - 1, year, year + 1]
        .into_iter()
        .filter_map(|year| shanghai::parse_compact(&format!("{year}{month_to_second}")))
        .min_by_key(|at| (at - near_ms).abs())
}

/// The number of the settlement day a moment belongs to.
#[must_use]
pub fn settlement_day(ms: i64) -> i64 {
    (ms - CUT_MS).div_euclid(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_the_nearest_one() {
        let near = |text: &str| shanghai::parse_compact(text).unwrap();
        for (short, about, expected) in [
            ("0301120000", "20240301115900", "20240301120000"),
            ("0101000001", "20231231235959", "20240101000001"),
            ("1231235959", "20240101000010", "20231231235959"),
            ("0229100000", "20240301000000", "20240229100000"),
        ] {
            assert_eq!(of(short, near(about)).map(shanghai::compact).as_deref(), Some(expected));
        }
        for bad in ["", "0230000000", "030112000", "03011200000", "0301 12000"] {
            assert_eq!(of(bad, near("20240301120000")), None, "{bad}");
        }
    }

    #[test]
    fn a_settlement_day_turns_at_eleven_in_the_evening() {
        let day = |text: &str| settlement_day(shanghai::parse_compact(text).unwrap());
        assert_eq!(day("20240229230000"), day("20240301225959"));
        assert_ne!(day("20240301225959"), day("20240301230000"));
    }
}
