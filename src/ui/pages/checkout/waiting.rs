//! The payer's turn: a code to scan, a page to go on to, a wallet to open.

use super::choose::StartForm;
use super::qr;
use crate::model::Brand;
use crate::model::views::checkout::{Attempt, CheckoutView, Step};
use crate::ui::components::BrandMark;
use crate::ui::i18n::{t, t_of, t_with};
use crate::ui::islands::{Bridge, Onward};
use crate::ui::{PageSettings, allow_form_action};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Id of the form that asks for a new code.
pub const RENEW_FORM: &str = "renew";
const PROVIDER_FORM: &str = "provider-form";

/// With `go` the provider's page opens by itself.
#[component]
pub fn Waiting(view: CheckoutView, go: bool) -> impl IntoView {
    let Some(attempt) = view.attempt.clone() else {
        return view! { <Links view check=true/> }.into_any();
    };
    let brand = attempt.method.brand();
    let go = go || view.started_now;
    let heading = view! {
        <h2 class="desk-title with-mark"><BrandMark brand/>{t_of("brand", brand.as_str())}</h2>
    };
    // Begun in a wallet's own browser, while this page stands on another screen.
    let elsewhere = attempt.method.is_bridge() && !view.browser.is_inside(brand);
    let panel = match attempt.step.clone() {
        Some(_) if elsewhere => {
            view! { <p class="desk-note" data-testid="elsewhere">{t_with("on-phone", &[("brand", t_of("brand", brand.as_str()).into())])}</p> }
                .into_any()
        }
        Some(Step::Scan { code }) => view! { <ScanPanel view=view.clone() attempt code/> }.into_any(),
        Some(Step::Follow { url }) => view! { <FollowPanel brand url go/> }.into_any(),
        Some(Step::Post { action, fields }) => view! { <PostPanel brand action fields go/> }.into_any(),
        Some(Step::Invoke { bridge, params }) => view! { <InvokePanel brand bridge params/> }.into_any(),
        Some(Step::Wait) | None => view! { <p class="desk-note">{t("finish-in-wallet")}</p> }.into_any(),
    };
    view! { {heading}{panel}<Links view check=true/> }.into_any()
}

/// The ways on that every open state offers.
#[component]
pub fn Links(view: CheckoutView, check: bool) -> impl IntoView {
    let page = format!("/checkout/{}", view.token);
    let current = view.attempt.as_ref().map(|a| a.method);
    let several = view.methods.iter().any(|m| m.is_usable() && Some(m.method) != current);
    view! {
        {check
            .then(|| {
                view! {
                    <a class="button is-wide" href=page.clone() data-testid="check-again">{t("paid-check")}</a>
                }
            })}
        <p class="desk-links">
            {several
                .then(|| {
                    view! {
                        <a class="text-link" href=format!("{page}?choose=1") data-testid="switch-method">{t("other-method")}</a>
                    }
                })}
            {view.cancel_url.clone().map(|url| view! { <super::over::Leave url key="give-up"/> })}
        </p>
    }
}

#[component]
fn ScanPanel(view: CheckoutView, attempt: Attempt, code: String) -> impl IntoView {
    let brand = t_of("brand", attempt.method.brand().as_str());
    let worn_out = attempt.code_remaining_ms.is_some_and(|ms| ms <= 0);
    let second = view.browser.is_phone;
    view! {
        <StartForm token=view.token.clone() method=attempt.method.as_str() id=RENEW_FORM class="renew">
            {worn_out.then(|| view! { <button class="button is-primary is-wide">{t("new-code")}</button> })}
        </StartForm>
        {(!worn_out)
            .then(|| {
                view! {
                    <qr::Qr code=code.clone() label=t_with("qr-label", &[("brand", (&brand).into())])/>
                    <DemoWallet code/>
                }
            })}
        <ol class="steps">
            <li>{t_with("scan-open", &[("brand", (&brand).into())])}</li>
            <li>{if second { t("scan-second") } else { t("scan-scan") }}</li>
            <li>{t("scan-confirm")}</li>
        </ol>
    }
}

/// In the demo no real wallet can pay the code: a link opens it in the simulated one.
#[component]
fn DemoWallet(code: String) -> impl IntoView {
    let wallet = use_context::<PageSettings>().and_then(|settings| settings.wallet);
    wallet.map(|wallet| {
        let href = format!("{wallet}?code={}", query_value(&code));
        view! {
            <p class="demo-wallet">
                <a class="text-link" href=href target="_blank" rel="noopener" data-testid="demo-wallet">{t("demo-wallet")}</a>
            </p>
        }
    })
}

/// A text as the value of a query. The browser's build never asks for it.
fn query_value(text: &str) -> String {
    #[cfg(feature = "ssr")]
    return percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    #[cfg(not(feature = "ssr"))]
    return text.to_owned();
}

#[component]
fn FollowPanel(brand: Brand, url: String, go: bool) -> impl IntoView {
    let name = t_of("brand", brand.as_str());
    view! {
        <p class="desk-note">{if go { t_with("going", &[("brand", (&name).into())]) } else { t("finish-there") }}</p>
        <a class="button is-primary is-wide" href=url.clone() data-testid="go-on">
            {t_with("go-to", &[("brand", (&name).into())])}
        </a>
        {go.then(|| view! { <Onward form=String::new() href=url/> })}
    }
}

#[component]
fn PostPanel(brand: Brand, action: String, fields: BTreeMap<String, String>, go: bool) -> impl IntoView {
    let name = t_of("brand", brand.as_str());
    view! {
        <p class="desk-note">{if go { t_with("going", &[("brand", (&name).into())]) } else { t("finish-there") }}</p>
        <ProviderForm action fields>
            <button class="button is-primary is-wide" data-testid="go-on">{t_with("go-to", &[("brand", (&name).into())])}</button>
        </ProviderForm>
        {go.then(|| view! { <Onward form=PROVIDER_FORM.to_owned() href=String::new()/> })}
    }
}

/// A form that takes the payer to the provider, for the button in it.
#[component]
pub fn ProviderForm(action: String, fields: BTreeMap<String, String>, children: Children) -> impl IntoView {
    allow_form_action(&action);
    let inputs = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    view! {
        <form id=PROVIDER_FORM method="post" action=action accept-charset="utf-8">
            {inputs}
            {children()}
        </form>
    }
}

#[component]
fn InvokePanel(brand: Brand, bridge: String, params: String) -> impl IntoView {
    let name = t_of("brand", brand.as_str());
    let missing = t_with("bridge-missing", &[("brand", (&name).into())]);
    view! {
        <p class="desk-note">{t_with("bridge-note", &[("brand", (&name).into())])}</p>
        {library(&bridge).map(|src| view! { <script nonce=super::page_nonce() src=src defer=true></script> })}
        <Bridge bridge params label=t_with("go-to", &[("brand", (&name).into())]) missing=missing.clone()/>
        <noscript><p class="desk-note">{missing}</p></noscript>
    }
}

/// The wallet's own script, where its browser does not bring the bridge along (provider's document: QQ 公众号支付).
fn library(bridge: &str) -> Option<&'static str> {
    (bridge == "qq_jsapi").then_some("https://open.mobile.qq.com/sdk/qqapi.js")
}
