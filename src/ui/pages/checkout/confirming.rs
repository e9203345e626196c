//! Between the payer's act and the provider's answer.

use super::waiting::{Links, ProviderForm};
use crate::model::views::checkout::{CheckoutView, Step};
use crate::ui::components::BrandMark;
use crate::ui::i18n::{t, t_of, t_with};
use leptos::prelude::*;

/// The payer need do nothing: the page looks again by itself.
#[component]
pub fn Confirming(view: CheckoutView) -> impl IntoView {
    let brand = view.attempt.as_ref().map(|a| a.method.brand());
    let name = brand.map(|b| t_of("brand", b.as_str())).unwrap_or_default();
    // Somebody who came back without paying goes on from here.
    let label = brand.map(|brand| view! { <BrandMark brand/> {t("not-paid-yet")} });
    let unfinished = view.attempt.as_ref().and_then(|a| match a.step.clone() {
        Some(Step::Follow { url }) => Some(view! { <a class="button is-wide" href=url>{label}</a> }.into_any()),
        Some(Step::Post { action, fields }) => {
            let form = view! { <ProviderForm action fields><button class="button is-wide">{label}</button></ProviderForm> };
            Some(form.into_any())
        }
        _ => None,
    });
    view! {
        <div class="result">
            <svg class="result-mark is-info pulse" viewBox="0 0 24 24" aria-hidden="true">
                <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.5 2"></path>
            </svg>
            <h2>{t("confirming-title")}</h2>
            <p>{t_with("confirming-text", &[("brand", name.into())])}</p>
        </div>
        {unfinished}
        <Links view check=true/>
    }
}
