//! Copies a number or an address.

use leptos::prelude::*;

/// Shown only where scripts run: without them there is nothing a button could do. `label` says what is copied, `done` that it
/// is, `by_hand` that the browser does not do it.
#[island]
pub fn CopyButton(text: String, label: String, done: String, by_hand: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let refused = RwSignal::new(false);
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            // Asked in the click itself: later a browser does not take it for the person's own act.
            let asked = clipboard::write(&text);
            leptos::task::spawn_local(async move {
                let is_done = match asked {
                    Ok(promise) => promise.await.is_ok(),
                    Err(_) => false,
                };
                let said = if is_done { copied } else { refused };
                said.set(true);
                set_timeout(move || said.set(false), std::time::Duration::from_secs(3));
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = &text;
    };
    let says = move || {
        if copied.get() {
            done.clone()
        } else if refused.get() {
            by_hand.clone()
        } else {
            String::new()
        }
    };
    view! {
        <span class="copy-box needs-script">
            <button type="button" class="copy" class:is-done=move || copied.get() aria-label=label on:click=copy>
                <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M9 9h11v11H9zM5 15H4V4h11v1"></path>
                </svg>
            </button>
            <span class="copy-says" role="status">{says}</span>
        </span>
    }
}

#[cfg(feature = "hydrate")]
mod clipboard {
    use js_sys::{Function, Promise, Reflect};
    use leptos::prelude::*;
    use leptos::wasm_bindgen::{JsCast, JsValue};

    /// Asks the browser to take a text; its promise says whether it did. An error where there is no clipboard: on plain http
    /// and in old in-app browsers.
    pub fn write(text: &str) -> Result<Promise, JsValue> {
        let clipboard = Reflect::get(&window().navigator(), &"clipboard".into())?;
        let write = Reflect::get(&clipboard, &"writeText".into())?.dyn_into::<Function>()?;
        let answer: JsValue = write.call1(&clipboard, &JsValue::from_str(text))?;
        answer.dyn_into::<Promise>()
    }
}
