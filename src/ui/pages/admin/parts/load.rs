//! What a page of the panel shows when its data are there, or are refused.

use super::url::{current, link};
use crate::model::UiError;
use crate::ui::components::ErrorSummary;
use crate::ui::i18n::t;
use crate::ui::{loading, respond};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// Loads, then shows; a refusal becomes the page that fits it.
pub fn loaded<T, F>(load: impl Future<Output = Result<T, UiError>> + Send + 'static, show: F) -> AnyView
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    F: FnOnce(T) -> AnyView + Send + 'static,
{
    loading(load, |loaded| match loaded {
        Ok(value) => show(value),
        Err(error) => refused(error),
    })
}

fn refused(error: UiError) -> AnyView {
    if error == UiError::Unauthenticated {
        let to = link("/admin/login", &[("next", &current())]);
        return view! { <Redirect path=to/> }.into_any();
    }
    respond(error.status());
    match error {
        UiError::Forbidden => message(t("panel-forbidden-title"), t("panel-forbidden-text")),
        UiError::NotFound => message(t("panel-missing-title"), t("panel-missing-text")),
        other => trouble(other),
    }
}

fn message(title: String, text: String) -> AnyView {
    view! {
        <Title text=title.clone()/>
        <section class="empty">
            <h1>{title}</h1>
            <p>{text}</p>
            <p><a class="button" href="/admin">{t("panel-to-overview")}</a></p>
        </section>
    }
    .into_any()
}

/// What can be wrong with the address of a page are its filters; anything else may be over in a moment.
fn trouble(error: UiError) -> AnyView {
    let (href, label) = match error {
        UiError::Invalid { .. } => ("?", t("panel-clear-filters")),
        _ => ("", t("busy-again")),
    };
    view! {
        <Title text=t("panel-trouble-title")/>
        <h1>{t("panel-trouble-title")}</h1>
        <ErrorSummary error=Some(error)/>
        <p><a class="button" href=href>{label}</a></p>
    }
    .into_any()
}
