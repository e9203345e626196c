//! What a page of the panel shows when its data are there, or are refused.

use super::form::localized;
use super::url::{current, link};
use crate::model::UiError;
use crate::ui::components::ErrorSummary;
use crate::ui::i18n::t;
use crate::ui::loading;
use crate::ui::pages::missing::respond_not_found;
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
    match error {
        UiError::Unauthenticated => {
            let to = link("/admin/login", &[("next", &current())]);
            view! { <Redirect path=to/> }.into_any()
        }
        UiError::Forbidden => {
            respond_forbidden();
            message(t("panel-forbidden-title"), t("panel-forbidden-text"))
        }
        UiError::NotFound => {
            respond_not_found();
            message(t("panel-missing-title"), t("panel-missing-text"))
        }
        other => view! {
            <Title text=t("panel-trouble-title")/>
            <h1>{t("panel-trouble-title")}</h1>
            <ErrorSummary error=Some(localized(other))/>
            <p><a class="button" href="?">{t("panel-clear-filters")}</a></p>
        }
        .into_any(),
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

fn respond_forbidden() {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::FORBIDDEN);
    }
}
