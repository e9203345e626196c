//! The app that shows this page lets no wallet open: how to go on in a browser. The page keeps watching, so that it changes
//! when the payment was made elsewhere.

use super::choose::Choose;
use crate::model::views::checkout::CheckoutView;
use crate::ui::components::{Icon, IconName};
use crate::ui::i18n::t;
use leptos::prelude::*;

/// The methods stand folded away beneath, each with what is in its way.
#[component]
pub fn Guide(view: CheckoutView) -> impl IntoView {
    let page = format!("/checkout/{}", view.token);
    view! {
        <div class="result" data-testid="guide">
            <Icon name=IconName::External class="result-mark is-info"/>
            <h2>{t("guide-title")}</h2>
            <p>{t("guide-text")}</p>
        </div>
        <ol class="steps is-column">
            <li>{t("guide-menu")}</li>
            <li>{t("guide-browser")}</li>
            <li>{t("guide-pay")}</li>
        </ol>
        <a class="button is-wide" href=page data-testid="check-again">{t("paid-check")}</a>
        <details class="more">
            <summary>{t("guide-methods")}</summary>
            <Choose view/>
        </details>
    }
}
