//! The zone of the person who looks: minutes east of UTC, in a cookie of its own. China's where nothing was chosen.

/// Minutes east of UTC in China.
pub const DEFAULT: i32 = 480;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// The zone of the request that is being answered, in minutes east of UTC. Only pages and server functions have a request
/// in their context; a handler of its own asks `of_headers`.
#[must_use]
pub fn minutes_east() -> i32 {
    #[cfg(feature = "ssr")]
    {
        leptos::prelude::use_context::<http::request::Parts>().map_or(DEFAULT, |parts| of_headers(&parts.headers))
    }
    #[cfg(not(feature = "ssr"))]
    {
        DEFAULT
    }
}

#[cfg(feature = "ssr")]
pub use server::{day_of, midnight, of_headers, remember, start_of_day};

#[cfg(feature = "ssr")]
mod server {
    use super::{DAY_MS, DEFAULT};
    use http::header::{COOKIE, SET_COOKIE};
    use http::{HeaderMap, HeaderValue};
    use time::format_description::BorrowedFormatItem;
    use time::macros::format_description;
    use time::{Date, OffsetDateTime, UtcOffset};

    const NAME: &str = "zone";
    const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

    /// The zone of a request with these headers, in minutes east of UTC.
    #[must_use]
    pub fn of_headers(headers: &HeaderMap) -> i32 {
        from_cookies(headers).unwrap_or(DEFAULT)
    }

    fn from_cookies(headers: &HeaderMap) -> Option<i32> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='));
        value?.parse().ok().filter(|minutes| possible(*minutes))
    }

    /// Sets the cookie to so many minutes east of UTC; `None` for what is no zone on Earth.
    #[must_use]
    pub fn remember(minutes: i32) -> Option<()> {
        if !possible(minutes) {
            return None;
        }
        let cookie = format!("{NAME}={minutes}; Path=/admin; Max-Age=31536000; SameSite=Lax; HttpOnly");
        let response = leptos::prelude::use_context::<leptos_axum::ResponseOptions>()?;
        response.append_header(SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
        Some(())
    }

    fn possible(minutes: i32) -> bool {
        (-720..=840).contains(&minutes)
    }

    fn offset(minutes: i32) -> UtcOffset {
        UtcOffset::from_whole_seconds(minutes * 60).unwrap_or(UtcOffset::UTC)
    }

    /// UTC ms at which the day `2026-11-25` begins in a zone.
    #[must_use]
    pub fn midnight(day: &str, minutes: i32) -> Option<i64> {
        let date = Date::parse(day, DAY).ok()?;
        let seconds = date.midnight().assume_offset(offset(minutes)).unix_timestamp();
        seconds.checked_mul(1000)
    }

    /// UTC ms at which the day of `at` begins in a zone.
    #[must_use]
    pub fn start_of_day(at: i64, minutes: i32) -> i64 {
        let shift = i64::from(minutes) * 60_000;
        at - (at + shift).rem_euclid(DAY_MS)
    }

    /// The day of `at` (UTC ms) in a zone: `11-25`.
    #[must_use]
    pub fn day_of(at: i64, minutes: i32) -> String {
        OffsetDateTime::from_unix_timestamp(at.div_euclid(1000))
            .ok()
            .and_then(|t| t.to_offset(offset(minutes)).format(format_description!("[month]-[day]")).ok())
            .unwrap_or_default()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn days_begin_at_the_zones_midnight() {
            assert_eq!(midnight("1970-01-02", 0), Some(86_400_000));
            assert_eq!(midnight("1970-01-02", 480), Some(86_400_000 - 8 * 3_600_000));
            assert_eq!(midnight("1970-02-30", 480), None);
            assert_eq!(start_of_day(20 * 3_600_000, 480), 16 * 3_600_000);
            assert_eq!(day_of(20 * 3_600_000, 480), "01-02");
        }

        #[test]
        fn only_real_zones_are_read_from_the_cookie() {
            let headers = |v: &'static str| HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(v))]);
            assert_eq!(from_cookies(&headers("a=1; zone=-300")), Some(-300));
            for bad in ["zone=9999", "zone=x", "timezone=60", ""] {
                assert_eq!(from_cookies(&headers(bad)), None, "{bad}");
                assert_eq!(of_headers(&headers(bad)), DEFAULT, "{bad}");
            }
        }
    }
}
