//! Applies filters as they are chosen. The form keeps its button: for browsers without scripts, and for what is typed.

use leptos::ev::Event;
use leptos::prelude::*;

/// What is chosen with one act. A date or a text changes while it is still being typed: it waits for the button or Enter.
#[cfg(feature = "hydrate")]
const CHOICES: &str = "select, input[type=checkbox]";

/// Wraps the fields inside of a form.
#[island]
pub fn SubmitOnChange(children: Children) -> impl IntoView {
    let apply = move |event: Event| {
        #[cfg(feature = "hydrate")]
        {
            use leptos::wasm_bindgen::JsCast;
            use leptos::web_sys::{Element, HtmlFormElement};
            let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
            let choice = target.filter(|e| e.matches(CHOICES).unwrap_or(false));
            let form = choice.and_then(|e| e.closest("form").ok().flatten()).and_then(|e| e.dyn_into::<HtmlFormElement>().ok());
            if let Some(form) = form {
                let _ = form.request_submit();
            }
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! { <div class="submit-on-change" on:change=apply>{children()}</div> }
}
