//! Links to the neighbouring pages of a list. Lists go by cursor, so there are no page numbers.

use crate::ui::i18n::t;
use leptos::prelude::*;

/// `newer` and `older` are the addresses of the neighbours, where there are any.
#[component]
pub fn Pager(newer: Option<String>, older: Option<String>) -> impl IntoView {
    (newer.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=t("pager-label")>
                <span>{newer.map(|href| view! { <a class="button is-small" rel="prev" href=href>"‹ "{t("pager-newer")}</a> })}</span>
                <span>{older.map(|href| view! { <a class="button is-small" rel="next" href=href>{t("pager-older")}" ›"</a> })}</span>
            </nav>
        }
    })
}
