//! The browser calls that several islands make. A failure of any of them leaves the plain page as it is.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys;
use std::time::Duration;
use web_sys::{HtmlElement, HtmlFormElement};

/// Tells the browser journeys that the islands work. Islands wake in one task after the start, so the next task is late enough.
pub fn mark_awake() {
    set_timeout(
        || {
            if let Some(body) = document().body() {
                let _ = body.set_attribute("data-hydrated", "true");
            }
        },
        Duration::ZERO,
    );
}

/// Milliseconds of the monotonic clock: a changed wall clock must not move a countdown.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// Opens an address in place of this page.
pub fn replace(address: &str) {
    let _ = window().location().replace(address);
}

/// Submits a form of the page by its id.
pub fn submit(form: &str) {
    if let Some(form) = document().get_element_by_id(form).and_then(|e| e.dyn_into::<HtmlFormElement>().ok()) {
        let _ = form.submit();
    }
}

/// Moves the focus to an element of the page by its id.
pub fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Drops the query from the address bar and from the history, so that going back does not repeat what it asked for.
pub fn forget_query() {
    if let (Ok(history), Ok(path)) = (window().history(), window().location().pathname()) {
        let _ = history.replace_state_with_url(&web_sys::wasm_bindgen::JsValue::NULL, "", Some(&path));
    }
}
