//! Goes back to the merchant after a few seconds, unless stopped.

use leptos::prelude::*;

const SECONDS: i32 = 5;

/// `before` and `after` stand around the seconds.
#[island]
pub fn ReturnSoon(href: String, before: String, after: String, stop: String) -> impl IntoView {
    let left = RwSignal::new(SECONDS);
    let stopped = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    {
        let handle = set_interval_with_handle(
            move || {
                if stopped.get_untracked() {
                    return;
                }
                match left.get_untracked() {
                    // Also stops: the next page may take a while to come.
                    ..=1 => {
                        stopped.set(true);
                        let _ = window().location().assign(&href);
                    }
                    n => left.set(n - 1),
                }
            },
            std::time::Duration::from_secs(1),
        );
        let _ = handle;
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = href;
    view! {
        <p class="return-soon needs-script" class:is-stopped=move || stopped.get()>
            <span>{before}{move || left.get()}{after}</span>
            <button type="button" class="button is-plain is-small" on:click=move |_| stopped.set(true)>{stop}</button>
        </p>
    }
}
