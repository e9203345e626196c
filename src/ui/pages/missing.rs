//! What an unknown address shows.

use crate::ui::components::{Icon, IconName};
use crate::ui::i18n::{LangSwitch, t};
use leptos::prelude::*;
use leptos_meta::Title;

/// Sets the status of the page being rendered.
pub fn respond_not_found() {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
}

/// The fallback of the route tree.
#[component]
pub fn MissingPage() -> impl IntoView {
    view! { <LoneMessage title=t("missing-title") text=t("missing-text")/> }
}

/// A page with one message and nothing else. The status is 404.
#[component]
pub fn LoneMessage(title: String, text: String) -> impl IntoView {
    respond_not_found();
    view! {
        <Title text=title.clone()/>
        <main class="lone" data-testid="missing">
            <section class="lone-card">
                <Icon name=IconName::Alert class="result-mark is-quiet"/>
                <h1>{title}</h1>
                <p>{text}</p>
            </section>
            <footer class="lone-foot"><LangSwitch/></footer>
        </main>
    }
    .into_any()
}
