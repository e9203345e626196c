//! What an unknown address shows.

use crate::model::UiError;
use crate::ui::components::{IconName, LoneCard};
use crate::ui::i18n::t;
use crate::ui::respond;
use leptos::prelude::*;
use leptos_meta::Title;

/// The fallback of the route tree.
#[component]
pub fn MissingPage() -> impl IntoView {
    view! { <LoneMessage title=t("missing-title") text=t("missing-text")/> }
}

/// A page with one message and nothing else. The status is 404.
#[component]
pub fn LoneMessage(title: String, text: String) -> impl IntoView {
    respond(UiError::NotFound.status());
    view! {
        <Title text=title.clone()/>
        <LoneCard title mark=IconName::Alert switches=true testid="missing">
            <p>{text}</p>
        </LoneCard>
    }
    .into_any()
}
