//! Follows the order's status: server-sent events first, polling whenever they are silent.

use super::browser::{now_ms, replace, submit};
use js_sys::{JSON, Promise, Reflect};
use leptos::prelude::*;
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{EventSource, MessageEvent, Response};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// The server sends at least one event in 15 s.
const SILENCE_MS: f64 = 20_000.0;
const POLL_MS: f64 = 3_000.0;
/// A next page that has not come by then does not come any more.
const LEAVE_MS: f64 = 15_000.0;
/// A code with less life left is replaced.
const RENEW_MS: f64 = 15_000.0;

/// What the page was rendered from.
pub struct Seen {
    pub token: String,
    pub state: String,
    pub pay_no: String,
    /// Life left of the code; `None` when it lives as long as the order, or must not be replaced.
    pub code_ms: Option<i64>,
    /// The form that asks for a new code.
    pub renew_form: String,
}

struct Watch {
    seen: Seen,
    left: RwSignal<i64>,
    /// When the order ends, on the monotonic clock.
    ends: Cell<f64>,
    code_ends: Option<f64>,
    heard: Cell<f64>,
    polled: Cell<f64>,
    /// Until when this page counts as on its way out: a change that arrives meanwhile must not overtake the next page.
    leaving_until: Cell<f64>,
    source: Option<EventSource>,
}

/// Starts watching; ends with the page.
pub fn start(seen: Seen, left: RwSignal<i64>) {
    let now = now_ms();
    let source = EventSource::new(&format!("/checkout/{}/events", seen.token)).ok();
    let watch = Rc::new(Watch {
        ends: Cell::new(now + ms(left.get_untracked())),
        code_ends: seen.code_ms.map(|left| now + ms(left)),
        heard: Cell::new(now),
        polled: Cell::new(now),
        leaving_until: Cell::new(0.0),
        seen,
        left,
        source,
    });
    if let Some(source) = &watch.source {
        let w = watch.clone();
        let on_status = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                w.hear(&text);
            }
        });
        let _ = source.add_event_listener_with_callback("status", on_status.as_ref().unchecked_ref());
        on_status.forget(); // lives as long as the page
    }
    let w = watch.clone();
    set_interval(move || w.tick(), Duration::from_secs(1));
    let w = watch.clone();
    let on_visible = Closure::<dyn FnMut()>::new(move || {
        // Timers and streams of a page in the background may have slept: the payer comes back from a wallet right now.
        if !document().hidden() {
            w.poll();
            w.tick();
        }
    });
    let _ = document().add_event_listener_with_callback("visibilitychange", on_visible.as_ref().unchecked_ref());
    on_visible.forget();
    let w = watch;
    let on_leave = Closure::<dyn FnMut()>::new(move || w.leave());
    let _ = window().add_event_listener_with_callback("beforeunload", on_leave.as_ref().unchecked_ref());
    on_leave.forget();
}

/// Milliseconds of a page's life are far below 2^53.
fn ms(value: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most a week of milliseconds")]
    let value = value as f64;
    value
}

impl Watch {
    fn leave(&self) {
        self.leaving_until.set(now_ms() + LEAVE_MS);
    }

    fn is_leaving(&self) -> bool {
        now_ms() < self.leaving_until.get()
    }

    fn tick(self: &Rc<Self>) {
        if self.is_leaving() {
            return;
        }
        let now = now_ms();
        #[expect(clippy::cast_possible_truncation, reason = "a duration of at most a week")]
        let left = (self.ends.get() - now).max(0.0) as i64;
        let ended = left == 0 && self.left.get_untracked() > 0;
        self.left.set(left);
        if !document().hidden() && self.code_ends.is_some_and(|ends| now >= ends - RENEW_MS) && left > 0 {
            self.leave();
            submit(&self.seen.renew_form);
            return;
        }
        let streaming = self.source.as_ref().is_some_and(|s| s.ready_state() == EventSource::OPEN);
        let silent = now - self.heard.get() > SILENCE_MS;
        if ended || ((silent || !streaming) && now - self.polled.get() >= POLL_MS) {
            self.poll();
        }
    }

    fn poll(self: &Rc<Self>) {
        if self.is_leaving() {
            return;
        }
        self.polled.set(now_ms());
        let this = self.clone();
        let on_text = Closure::once_into_js(move |text: JsValue| {
            if let Some(text) = text.as_string() {
                this.hear(&text);
            }
        });
        let on_response = Closure::once_into_js(move |response: JsValue| -> JsValue {
            match response.dyn_into::<Response>() {
                Ok(response) if response.ok() => response.text().map_or(JsValue::NULL, JsValue::from),
                _ => JsValue::NULL,
            }
        });
        // A failed poll is no event: the next one comes in three seconds.
        let on_failure = Closure::once_into_js(|_: JsValue| {});
        let answer: Promise = window().fetch_with_str(&format!("/checkout/{}/status", self.seen.token));
        if let Ok(then) = Reflect::get(&answer, &"then".into()).and_then(|f| f.dyn_into::<js_sys::Function>())
            && let Ok(text) = then.call2(&answer, &on_response, &on_failure)
            && let Ok(then) = Reflect::get(&text, &"then".into()).and_then(|f| f.dyn_into::<js_sys::Function>())
        {
            let _ = then.call1(&text, &on_text);
        }
    }

    /// A status arrived. Another state or another attempt is another page.
    fn hear(&self, text: &str) {
        let Ok(status) = JSON::parse(text) else { return };
        let word = |name: &str| Reflect::get(&status, &name.into()).ok().and_then(|v| v.as_string()).unwrap_or_default();
        let state = word("state");
        if state.is_empty() || self.is_leaving() {
            return;
        }
        self.heard.set(now_ms());
        if state != self.seen.state || word("pay_no") != self.seen.pay_no {
            self.leave();
            replace(&format!("/checkout/{}", self.seen.token));
            return;
        }
        if let Some(left) = Reflect::get(&status, &"remaining_ms".into()).ok().and_then(|v| v.as_f64()) {
            self.ends.set(now_ms() + left);
        }
    }
}
