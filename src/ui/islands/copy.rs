//! Copies a number or an address.

use leptos::prelude::*;

/// Shown only where scripts run: without them there is nothing a button could do.
#[island]
pub fn CopyButton(text: String, label: String, done: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let _ = window().navigator().clipboard().write_text(&text);
            copied.set(true);
            set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = &text;
    };
    let name = label.clone();
    view! {
        <button type="button" class="copy needs-script" class:is-done=move || copied.get() aria-label=name on:click=copy>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                <path d="M9 9h11v11H9zM5 15H4V4h11v1"></path>
            </svg>
            <span role="status">{move || if copied.get() { done.clone() } else { String::new() }}</span>
        </button>
    }
}
