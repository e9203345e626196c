//! A point in time for people. Formatted on the server, so the browser needs no calendar.

use leptos::prelude::*;

/// Minutes east of UTC that times are shown in. Without one in context: China's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(pub i32);

impl Default for Zone {
    fn default() -> Self {
        Zone(480)
    }
}

/// `<time>` with the local text; the exact UTC time stands in its attributes.
#[component]
pub fn Moment(
    /// UTC milliseconds.
    at: i64,
) -> impl IntoView {
    let iso = iso_time(at);
    let text = local_time(at, use_context::<Zone>().unwrap_or_default());
    view! { <time class="moment" datetime=iso.clone() title=iso>{text}</time> }
}

/// `2026-03-09T06:02:11Z`.
fn iso_time(at: i64) -> String {
    let (date, time) = civil(at, 0);
    format!("{date}T{time}Z")
}

/// `2026-03-09 14:02:11` in a zone.
fn local_time(at: i64, zone: Zone) -> String {
    let (date, time) = civil(at, zone.0);
    format!("{date} {time}")
}

/// Date and time of day by plain arithmetic on the proleptic Gregorian calendar: it must compile for the browser too.
fn civil(at_ms: i64, east_minutes: i32) -> (String, String) {
    let seconds = at_ms.div_euclid(1000) + i64::from(east_minutes) * 60;
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years counted from March, so that the leap day is the last day of a year; eras of 400 years have 146,097 days.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (format!("{year:04}-{month:02}-{day:02}"), format!("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_edges_are_right() {
        for (at, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (1_767_225_599_000, "2025-12-31T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(iso_time(at), text);
        }
    }

    #[test]
    fn a_zone_moves_the_date() {
        assert_eq!(local_time(1_767_225_599_000, Zone(480)), "2026-01-01 07:59:59");
        assert_eq!(local_time(1_767_225_599_000, Zone(-300)), "2025-12-31 18:59:59");
    }
}
