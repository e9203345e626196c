//! The list of methods. Every usable one is a form with one button.

use crate::model::Amount;
use crate::model::routing::{Fit, Obstacle};
use crate::model::views::checkout::{CheckoutView, MethodChoice, OneCode};
use crate::rpc::checkout::StartPayment;
use crate::ui::components::{BrandMark, Field, Icon, IconName};
use crate::ui::i18n::{t, t_of, t_of_with, t_with};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Over an attempt under way it also leads back to it.
#[component]
pub fn Choose(view: CheckoutView) -> impl IntoView {
    let under_way = view.attempt.is_some() && view.state != crate::model::views::checkout::CheckoutState::Choose;
    let none = !view.methods.iter().any(MethodChoice::is_usable);
    let token = view.token.clone();
    // What cannot work here is worth a line only where its wallet has nothing that can.
    let works = |choice: &&MethodChoice| {
        let brand = choice.method.brand();
        choice.is_usable() || !view.methods.iter().any(|m| m.is_usable() && m.method.brand() == brand)
    };
    let rows = view.methods.iter().filter(works).map(|choice| method_row(&token, choice)).collect_view();
    let one = view.one_code.clone().map(|one| one_row(&token, one));
    view! {
        <h2 class="desk-title">{t("choose-title")}</h2>
        {none.then(|| view! { <p class="desk-note">{t("choose-none")}</p> })}
        <ul class="methods">{one}{rows}</ul>
        <p class="desk-links">
            {under_way.then(|| view! { <a class="text-link" href=format!("/checkout/{token}")>{t("back-to-payment")}</a> })}
            {none
                .then(|| {
                    view! {
                        <a class="text-link" href=format!("/checkout/{token}") data-testid="check-again">{t("check-again")}</a>
                    }
                })}
            {view.cancel_url.clone().map(|url| view! { <super::over::Leave url key="give-up"/> })}
        </p>
    }
}

/// One code for all comes before the codes of single wallets.
fn one_row(token: &str, one: OneCode) -> AnyView {
    let line = t_with("one-line", &[("wallets", super::one_code::names(&one.brands).into())]);
    view! {
        <li>
            <a class="method" href=format!("/checkout/{token}?code=1") data-testid="method-one">
                <Icon name=IconName::Scan class="icon method-scan"/>
                <span class="method-text">
                    <span class="method-name">{t("one-title")}</span>
                    <span class="method-line">{line}</span>
                </span>
                <Icon name=IconName::Arrow class="icon method-go"/>
            </a>
        </li>
    }
    .into_any()
}

/// The button that starts a method, with its hidden facts.
#[component]
pub fn StartForm(
    token: String,
    method: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <form method="post" action=StartPayment::url() id=id class=class>
            <input type="hidden" name="token" value=token/>
            <input type="hidden" name="method" value=method/>
            {children()}
        </form>
    }
}

fn method_row(token: &str, choice: &MethodChoice) -> AnyView {
    let method = choice.method;
    let brand = method.brand();
    let name = t_of("brand", brand.as_str());
    let line = line_of(choice, &name);
    let test_id = format!("method-{method}");
    let body = view! {
        <BrandMark brand/>
        <span class="method-text">
            <span class="method-name">
                {name}
                {(choice.fit == Fit::Recommended).then(|| view! { <span class="method-chip">{t("recommended")}</span> })}
            </span>
            <span class="method-line">{line}</span>
        </span>
    };
    if !choice.is_usable() {
        return view! { <li class="method is-off" data-testid=test_id aria-disabled="true">{body}</li> }.into_any();
    }
    let token = token.to_owned();
    if choice.asks.is_empty() {
        return view! {
            <li>
                <StartForm token method=method.as_str()>
                    <button class="method" data-testid=test_id>{body}<Icon name=IconName::Arrow class="icon method-go"/></button>
                </StartForm>
            </li>
        }
        .into_any();
    }
    // A method that wants to know who pays: the facts first, then the same form.
    let fields = choice
        .asks
        .iter()
        .cloned()
        .map(|name| {
            let (kind, complete) = match name.as_str() {
                "phone" => ("tel", "tel"),
                "user_name" => ("text", "name"),
                _ => ("text", "off"),
            };
            let id = format!("{method}-{name}");
            view! {
                <Field name=id.clone() label=t_of("fact", &name)>
                    <input id=id name=name type=kind autocomplete=complete maxlength="64" required/>
                </Field>
            }
        })
        .collect_view();
    view! {
        <li>
            <details class="method-details">
                <summary class="method" data-testid=test_id>{body}<Icon name=IconName::Down class="icon method-go"/></summary>
                <StartForm token method=method.as_str() class="method-facts">
                    {fields}
                    <button class="button is-primary is-wide">{t("continue")}</button>
                </StartForm>
            </details>
        </li>
    }
    .into_any()
}

/// One line of why: how it goes, or what stands against it.
fn line_of(choice: &MethodChoice, brand: &str) -> String {
    let method = choice.method;
    let money = |a: Amount| a.display();
    match choice.fit {
        Fit::Greyed(Obstacle::Amount) => match choice.limits {
            Some((min, max)) => t_with("limits", &[("min", money(min).into()), ("max", money(max).into())]),
            None => t_of_with("obstacle", Obstacle::Amount.as_str(), &[("brand", brand.into())]),
        },
        Fit::Greyed(obstacle) => t_of_with("obstacle", obstacle.as_str(), &[("brand", brand.into())]),
        Fit::SecondDevice => t_with("how-second", &[("brand", brand.into())]),
        Fit::Recommended | Fit::Usable if method.is_scan() => t_with("how-scan", &[("brand", brand.into())]),
        Fit::Recommended | Fit::Usable if method.as_str().ends_with("_jsapi") => t_with("how-inside", &[("brand", brand.into())]),
        Fit::Recommended | Fit::Usable => t_with("how-follow", &[("brand", brand.into())]),
    }
}
