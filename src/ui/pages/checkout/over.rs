//! States without payment: a failed attempt, an expired or closed order. Each says what happened, whether money moved, and
//! what to do next.

use super::choose::StartForm;
use super::waiting::Links;
use crate::model::views::checkout::{CheckoutState, CheckoutView};
use crate::ui::components::{Icon, IconName};
use crate::ui::i18n::{t, t_of, t_with};
use crate::ui::security::origin;
use leptos::prelude::*;

/// The attempt failed; the order can still be paid.
#[component]
pub fn Failed(view: CheckoutView) -> impl IntoView {
    let attempt = view.attempt.clone();
    let brand = attempt.as_ref().map(|a| t_of("brand", a.method.brand().as_str())).unwrap_or_default();
    let words = attempt.as_ref().and_then(|a| a.failure.clone());
    let again = attempt.filter(|a| view.methods.iter().any(|m| m.method == a.method && m.is_usable() && m.asks.is_empty()));
    let token = view.token.clone();
    view! {
        <div class="result">
            <Icon name=IconName::Alert class="result-mark is-bad"/>
            <h2>{t("failed-title")}</h2>
            <p>{t_with("failed-text", &[("brand", brand.clone().into())])}</p>
            {words.map(|words| view! { <p class="hint">{t_with("provider-said", &[("brand", brand.into()), ("words", words.into())])}</p> })}
        </div>
        {again
            .map(|attempt| {
                view! {
                    <StartForm token method=attempt.method.as_str()>
                        <button class="button is-primary is-wide" data-testid="try-again">{t("try-again")}</button>
                    </StartForm>
                }
            })}
        <Links view check=false/>
    }
}

/// Time is up, or the order was closed.
#[component]
pub fn Over(view: CheckoutView) -> impl IntoView {
    let expired = view.state == CheckoutState::Expired;
    let (title, text) = if expired { (t("expired-title"), t("expired-text")) } else { (t("closed-title"), t("closed-text")) };
    let untold = view.unexpected.is_empty();
    let page = format!("/checkout/{}", view.token);
    view! {
        <div class="result">
            <Icon name=if expired { IconName::Clock } else { IconName::Close } class="result-mark is-quiet"/>
            <h2>{title}</h2>
            {untold.then(|| view! { <p>{text}</p> })}
        </div>
        <super::unexpected::Unexpected money=view.unexpected.clone()/>
        <p class="desk-links">
            <a class="text-link" href=page data-testid="check-again">{t("check-again")}</a>
            {view.cancel_url.clone().map(|url| view! { <Leave url key="back-to-shop"/> })}
        </p>
    }
}

/// A link that leaves our site: says where to.
#[component]
pub fn Leave(url: String, key: &'static str) -> impl IntoView {
    // Only web addresses of the signed order get here; anything else is no link.
    origin(&url).map(|_| {
        let text = match key {
            "give-up" => t("give-up"),
            _ => t("back-to-shop"),
        };
        let to = host(&url);
        view! { <a class="text-link" href=url rel="noreferrer" title=to>{text}</a> }
    })
}

/// The host of an address, as people read it.
pub fn host(url: &str) -> String {
    origin(url).and_then(|o| o.split_once("://").map(|(_, host)| host.to_owned())).unwrap_or_default()
}
