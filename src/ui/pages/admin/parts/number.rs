//! Numbers and raw texts.

use crate::ui::components::CopyText;
use leptos::prelude::*;

/// An identifier: monospaced, breakable, with a button that copies it; linked to what it names where that is known.
#[component]
pub fn Num(#[prop(into)] value: String, #[prop(optional, into)] href: Option<String>) -> impl IntoView {
    let text = match href {
        Some(href) => view! { <a class="mono" href=href>{value.clone()}</a> }.into_any(),
        None => view! { <span class="mono">{value.clone()}</span> }.into_any(),
    };
    view! {
        <span class="number">
            {text}
            <CopyText text=value/>
        </span>
    }
    .into_any()
}

/// The same as a fact or a cell.
pub fn num(value: &str) -> AnyView {
    view! { <Num value=value/> }.into_any()
}

/// The same, linked to its page, which stands below `base`.
pub fn linked_num(base: &str, value: &str) -> AnyView {
    view! { <Num value=value href=format!("{base}/{value}")/> }.into_any()
}

/// A raw text, folded away behind its name.
#[component]
pub fn Raw(#[prop(into)] title: String, #[prop(into)] text: String, #[prop(optional)] open: bool) -> impl IntoView {
    view! {
        <details class="raw" open=open>
            <summary>{title}</summary>
            <pre tabindex="0">{text}</pre>
        </details>
    }
    .into_any()
}
