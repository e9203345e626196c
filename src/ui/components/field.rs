//! A form field: label above, help below, the rule in place when it was broken.

use leptos::prelude::*;

/// Wraps the control given as children. The control should carry `id=name`, `aria-describedby` naming `{name}-help` and
/// `{name}-error` where they are, and `aria-invalid="true"` when `error` is set.
#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional_no_strip)] help: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
    children: Children,
) -> impl IntoView {
    let class = if error.is_some() { "field has-error" } else { "field" };
    view! {
        <div class=class>
            <label class="field-label" for=name.clone()>{label}</label>
            {children()}
            {help.map(|text| view! { <p class="field-help" id=format!("{name}-help")>{text}</p> })}
            {error.map(|text| view! { <p class="field-error" id=format!("{name}-error")>{text}</p> })}
        </div>
    }
}
