//! The checkout page. A finished document in every state: each choice is a form, each look again a link. It never changes a
//! state itself, and the sum never comes from the browser.

mod accent;
mod bill;
mod choose;
mod confirming;
mod guide;
mod one_code;
mod over;
mod paid;
mod qr;
#[cfg(all(test, feature = "ssr"))]
mod states;
mod unexpected;
mod waiting;

use crate::model::UiError;
use crate::model::routing::needs_other_browser;
use crate::model::views::checkout::{Ask, CheckoutState, CheckoutView, SignInTrouble};
use crate::rpc::checkout::{StartPayment, load_checkout};
use crate::ui::components::{ErrorSummary, Icon, IconName, LoneCard};
use crate::ui::i18n::{LangSwitch, t, t_of, t_with};
use crate::ui::pages::missing::LoneMessage;
use crate::ui::{allow_form_actions, loading, respond};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// What the address asks for besides the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wish {
    /// The list of methods, although an attempt is under way.
    pub choose: bool,
    /// Set once, by the choice itself: go on to the provider.
    pub go: bool,
    /// The code that fits several wallets.
    pub one_code: bool,
    /// The payer was to be signed in and is not.
    pub sign_in: Option<SignInTrouble>,
}

#[component]
pub fn CheckoutPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let has = |name: &str| query.get(name).is_some();
    let sign_in = query.get("signin").and_then(|word| SignInTrouble::parse(&word).ok());
    let wish = Wish { choose: has("choose"), go: has("go"), one_code: has("code"), sign_in };
    // What went wrong is told, and what was asked for is shown, before anything starts by itself.
    let still = wish.choose || wish.one_code || sign_in.is_some() || has("__err");
    let ask = Ask { one: has("one"), still };
    // Made here, in the page: the error of a form post comes back through it.
    let start = ServerAction::<StartPayment>::new();
    let error = start.value().get_untracked().and_then(Result::err);
    loading(load_checkout(token, ask), move |page| match page {
        Ok(Some(view)) => view! { <Checkout view wish error/> }.into_any(),
        Ok(None) => view! { <LoneMessage title=t("unknown-order-title") text=t("unknown-order-text")/> }.into_any(),
        Err(error) => broken(error),
    })
}

/// The order could not even be read.
fn broken(error: UiError) -> AnyView {
    respond(error.status());
    view! {
        <Title text=t("broken-title")/>
        <LoneCard title=t("broken-title") mark=IconName::Alert switches=true testid="broken">
            <ErrorSummary error=Some(error)/>
            <a class="button is-primary" href="">{t("check-again")}</a>
        </LoneCard>
    }
    .into_any()
}

/// What the right half of the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Desk {
    Choose,
    Guide,
    OneCode,
    Waiting,
    Confirming,
    Paid,
    Failed,
    Over,
}

fn desk(view: &CheckoutView, wish: Wish) -> Desk {
    let fits: Vec<_> = view.methods.iter().map(|m| m.fit).collect();
    match view.state {
        CheckoutState::Paid => Desk::Paid,
        CheckoutState::Expired | CheckoutState::Closed => Desk::Over,
        CheckoutState::Choose | CheckoutState::Waiting | CheckoutState::Failed if wish.one_code && view.one_code.is_some() => {
            Desk::OneCode
        }
        CheckoutState::Waiting | CheckoutState::Confirming | CheckoutState::Failed if wish.choose => Desk::Choose,
        CheckoutState::Choose if needs_other_browser(&fits) => Desk::Guide,
        CheckoutState::Choose => Desk::Choose,
        CheckoutState::Waiting => Desk::Waiting,
        CheckoutState::Confirming => Desk::Confirming,
        CheckoutState::Failed => Desk::Failed,
    }
}

/// Broken credentials of a channel are the merchant's business: to a payer the method does not work.
fn for_payer(error: UiError) -> UiError {
    match error {
        UiError::Invalid { field, .. } if field.starts_with("credentials[") => UiError::MethodUnavailable,
        other => other,
    }
}

/// The whole page of one view.
#[component]
pub fn Checkout(view: CheckoutView, wish: Wish, error: Option<UiError>) -> impl IntoView {
    let desk = desk(&view, wish);
    let state = if matches!(desk, Desk::Choose | Desk::OneCode) { CheckoutState::Choose } else { view.state };
    let error = error.or_else(|| view.start_error.clone()).map(for_payer);
    // A failed renewal must not renew itself again and again.
    let may_renew = desk == Desk::Waiting && error.is_none();
    let initial: String = view.merchant.chars().take(1).collect();
    let title = t_with("checkout-title", &[("merchant", (&view.merchant).into())]);
    let contact = view.contact.clone();
    let secure = use_context::<crate::ui::PageSettings>().is_some_and(|settings| settings.secure);
    let again = if desk == Desk::OneCode { "?code=1" } else { "" };
    let refresh = matches!(desk, Desk::Waiting | Desk::Confirming | Desk::OneCode)
        .then(|| format!("5; url=/checkout/{}{again}", view.token));
    allow_form_actions(&view.form_origins);
    // An ended order tells of money in its own place.
    let unexpected = match desk {
        Desk::Paid | Desk::Over => Vec::new(),
        _ => view.unexpected.clone(),
    };
    let sign_in_note = wish.sign_in.filter(|_| view.state.is_open()).map(|trouble| {
        view! {
            <div class="error-summary" role="alert" data-testid="sign-in-trouble">
                <Icon name=IconName::Alert/>
                <p>{t_of("sign-in", trouble.as_str())}</p>
            </div>
        }
    });
    let panel = match desk {
        Desk::Choose => view! { <choose::Choose view=view.clone()/> }.into_any(),
        Desk::Guide => view! { <guide::Guide view=view.clone()/> }.into_any(),
        Desk::OneCode => view! { <one_code::OneCodeDesk view=view.clone()/> }.into_any(),
        Desk::Waiting => view! { <waiting::Waiting view=view.clone() go=wish.go/> }.into_any(),
        Desk::Confirming => view! { <confirming::Confirming view=view.clone()/> }.into_any(),
        Desk::Paid => view! { <paid::Paid view=view.clone()/> }.into_any(),
        Desk::Failed => view! { <over::Failed view=view.clone()/> }.into_any(),
        Desk::Over => view! { <over::Over view=view.clone()/> }.into_any(),
    };
    view! {
        <Title text=title/>
        <accent::Accent colour=view.accent.clone()/>
        {refresh.map(|content| view! { <noscript><meta http-equiv="refresh" content=content/></noscript> })}
        <div class="checkout">
            <header class="checkout-top">
                <span class="merchant-mark" aria-hidden="true">{initial}</span>
                <span class="merchant" data-testid="merchant">{view.merchant.clone()}</span>
                <LangSwitch/>
            </header>
            <main class="checkout-card">
                <bill::Bill view=view.clone() may_renew/>
                <section class="desk" data-testid="state" data-state=state.as_str()>
                    <ErrorSummary error/>
                    {sign_in_note}
                    <unexpected::Unexpected money=unexpected/>
                    {panel}
                </section>
            </main>
            <footer class="checkout-foot">
                {contact.map(|text| view! { <p>{t("contact")}" "{text}</p> })}
                {secure.then(|| view! { <p class="secured"><Icon name=IconName::Lock/>{t("secured")}</p> })}
            </footer>
        </div>
    }
    .into_any()
}

/// The answer's nonce, for what the page brings along outside of its files.
fn page_nonce() -> Option<String> {
    #[cfg(feature = "ssr")]
    {
        leptos::nonce::use_nonce().map(|n| n.as_inner().to_string())
    }
    #[cfg(not(feature = "ssr"))]
    {
        None
    }
}
