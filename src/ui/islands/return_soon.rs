//! Goes back to the merchant after a few seconds, unless stopped.

use leptos::prelude::*;

const SECONDS: i32 = 5;

/// `before` and `after` stand around the seconds. `link` is the id of the way back: the focus goes there from the button that
/// stops, since that one vanishes.
#[island]
pub fn ReturnSoon(href: String, link: String, before: String, after: String, stop: String) -> impl IntoView {
    let left = RwSignal::new(SECONDS);
    let stopped = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    let stay = {
        let tick = move || match left.get_untracked() {
            // Asked for already: the next page may take a while to come.
            0 => {}
            n => {
                left.set(n - 1);
                if n == 1 {
                    let _ = window().location().assign(&href);
                }
            }
        };
        let ticking = set_interval_with_handle(tick, std::time::Duration::from_secs(1)).ok();
        move |_| {
            if let Some(ticking) = ticking {
                ticking.clear();
            }
            stopped.set(true);
            super::browser::focus(&link);
        }
    };
    #[cfg(not(feature = "hydrate"))]
    let stay = move |_| {
        let _ = (&href, &link);
    };
    view! {
        <p class="return-soon needs-script" class:is-stopped=move || stopped.get()>
            <span>{before}{move || left.get()}{after}</span>
            <button type="button" class="button is-plain is-small" on:click=stay>{stop}</button>
        </p>
    }
}
