//! The countdown, and the eye on the order behind it: when its state changes, the page changes.

use leptos::prelude::*;

/// Under this the countdown warns.
const LAST_MINUTE_MS: i64 = 60_000;

/// `before` and `after` stand around the time. With `shown` off it watches only.
#[island]
pub fn Live(
    token: String,
    /// State and attempt that the page was rendered from.
    state: String,
    pay_no: String,
    remaining_ms: i64,
    total_ms: i64,
    code_ms: Option<i64>,
    renew_form: String,
    shown: bool,
    before: String,
    after: String,
) -> impl IntoView {
    let left = RwSignal::new(remaining_ms);
    #[cfg(feature = "hydrate")]
    super::watch::start(super::watch::Seen { token, state, pay_no, code_ms, renew_form }, left);
    #[cfg(not(feature = "hydrate"))]
    let _ = (token, state, pay_no, code_ms, renew_form);
    let share = move || {
        let percent = if total_ms > 0 { left.get().clamp(0, total_ms) * 1000 / total_ms } else { 0 };
        format!("{}.{}", percent / 10, percent % 10)
    };
    shown.then(|| {
        view! {
            <div class="countdown" class:is-last=move || left.get() <= LAST_MINUTE_MS data-testid="countdown">
                <p>
                    {before}
                    <time>{move || clock(left.get())}</time>
                    {after}
                </p>
                <svg class="progress" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect height="1" width=share></rect>
                </svg>
            </div>
        }
    })
}

/// `14:32`, or `1:59:03` from an hour on.
#[must_use]
fn clock(ms: i64) -> String {
    let s = (ms.max(0) + 999) / 1000;
    let (hours, minutes, seconds) = (s / 3600, s / 60 % 60, s % 60);
    let two = |n: i64| if n < 10 { format!("0{n}") } else { n.to_string() };
    if hours > 0 { format!("{hours}:{}:{}", two(minutes), two(seconds)) } else { format!("{}:{}", two(minutes), two(seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_second_counts_as_whole() {
        for (ms, text) in
            [(0, "00:00"), (1, "00:01"), (59_001, "01:00"), (872_000, "14:32"), (7_143_000, "1:59:03"), (-5, "00:00")]
        {
            assert_eq!(clock(ms), text);
        }
    }
}
