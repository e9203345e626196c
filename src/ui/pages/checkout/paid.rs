//! Done: the tick, the facts, the way back.

use super::over::host;
use crate::model::RefundedPart;
use crate::model::views::checkout::CheckoutView;
use crate::ui::components::{CopyText, Moment, Money};
use crate::ui::i18n::{t, t_around, t_of, t_with};
use crate::ui::islands::ReturnSoon;
use leptos::prelude::*;

/// Id of the link back to the merchant.
const RETURN_LINK: &str = "return-link";

/// Without a way back it says that the page may be closed.
#[component]
pub fn Paid(view: CheckoutView) -> impl IntoView {
    let method = view.attempt.as_ref().map(|a| t_of("method", a.method.as_str()));
    let refunded = (view.refund_status != RefundedPart::None).then_some(view.refunded);
    let merchant = view.merchant.clone();
    let back = view.return_link.clone().map(|href| {
        let (before, after) = t_around("return-soon", "seconds");
        let to = host(&href);
        view! {
            <a id=RETURN_LINK class="button is-primary is-wide" href=href.clone() data-testid="return-link">
                {t_with("return-to", &[("merchant", merchant.into())])}
            </a>
            <p class="hint">{to}</p>
            // A refunded order is looked at, not returned from.
            {refunded
                .is_none()
                .then(|| view! { <ReturnSoon href link=RETURN_LINK.to_owned() before after stop=t("return-stop")/> })}
        }
    });
    view! {
        <div class="result">
            <svg class="result-mark is-ok tick" viewBox="0 0 48 48" aria-hidden="true">
                <circle cx="24" cy="24" r="21"></circle>
                <path d="M15 24.5l6.5 6.5L34 18"></path>
            </svg>
            <h2>{t("paid-title")}</h2>
            {refunded.is_none().then(|| view! { <p>{t("paid-text")}</p> })}
        </div>
        <dl class="result-facts">
            {view.paid_at.map(|at| view! { <div><dt>{t("paid-at")}</dt><dd><Moment at/></dd></div> })}
            {method.map(|name| view! { <div><dt>{t("paid-by")}</dt><dd>{name}</dd></div> })}
            {refunded
                .map(|amount| {
                    view! { <div><dt>{t("refunded")}</dt><dd data-testid="refunded"><Money amount/></dd></div> }
                })}
            <div>
                <dt>{t("our-number")}</dt>
                <dd>
                    <code>{view.order_no.clone()}</code>
                    <CopyText text=view.order_no.clone()/>
                </dd>
            </div>
        </dl>
        <super::unexpected::Unexpected money=view.unexpected.clone()/>
        {match back {
            Some(back) => back.into_any(),
            None => view! { <p class="hint">{t("close-page")}</p> }.into_any(),
        }}
    }
}
