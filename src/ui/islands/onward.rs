//! Takes the payer to the provider after a moment, once, right after the choice. The button for it stands on the page anyway.

use leptos::prelude::*;

/// Exactly one of `form` (an id) and `href` is not empty.
#[island]
pub fn Onward(form: String, href: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        use super::browser;
        browser::forget_query();
        set_timeout(
            move || {
                if form.is_empty() {
                    let _ = window().location().assign(&href);
                } else {
                    browser::submit(&form);
                }
            },
            std::time::Duration::from_millis(900),
        );
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (form, href);
}
