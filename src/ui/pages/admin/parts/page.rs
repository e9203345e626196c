//! The head of a page, its sections, and lists of facts.

use super::url::at;
use crate::ui::components::{Icon, IconName};
use crate::ui::i18n::t_of;
use leptos::prelude::*;
use leptos_meta::Title;

/// What a form says it did, in `?done=`; anything else in there is ignored.
const DONE: &[&str] = &[
    "answered",
    "closed",
    "created",
    "decided",
    "ended",
    "password",
    "redelivered",
    "refunded",
    "saved",
    "signed_out",
    "synced",
];

/// Title, actions on its right, and what the last form did.
pub fn page(title: String, actions: impl IntoView, body: impl IntoView) -> AnyView {
    view! {
        <Title text=format!("{title} · Cashier")/>
        <header class="page-head">
            <h1>{title}</h1>
            <div class="page-actions">{actions.into_any()}</div>
        </header>
        {done_note()}
        {body.into_any()}
    }
    .into_any()
}

/// What the last form did, where it says so.
pub fn done_note() -> Option<AnyView> {
    let done = at("done");
    DONE.contains(&done.as_str()).then(|| {
        view! {
            <p class="panel-note is-ok" role="status" data-testid="done">
                <Icon name=IconName::Check/>
                <span>{t_of("panel-done", &done)}</span>
            </p>
        }
        .into_any()
    })
}

/// A titled part of a page.
pub fn section(title: String, body: impl IntoView) -> AnyView {
    view! {
        <section class="panel-section">
            <h2>{title}</h2>
            {body.into_any()}
        </section>
    }
    .into_any()
}

/// Names and values; those without a value are left out.
pub fn facts(rows: Vec<(String, Option<AnyView>)>) -> AnyView {
    let row = |(name, value): (String, Option<AnyView>)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    view! { <dl class="fact-list">{rows.into_iter().filter_map(row).collect_view()}</dl> }.into_any()
}
