//! One code for all: our own link as a code. Whichever of the named wallets scans it lands on its own way to pay this order;
//! the codes of single wallets are one tap away.

use super::choose::StartForm;
use super::qr;
use crate::model::Brand;
use crate::model::views::checkout::{CheckoutView, MethodChoice};
use crate::ui::components::BrandMark;
use crate::ui::i18n::{t, t_of, t_with};
use leptos::prelude::*;

/// The names of wallets, as a list in the page's language.
pub fn names(brands: &[Brand]) -> String {
    let names: Vec<String> = brands.iter().map(|brand| t_of("brand", brand.as_str())).collect();
    names.join(&t("list-comma"))
}

/// The marks of wallets in a row. Their names stand in the text beside them.
#[component]
pub fn Marks(brands: Vec<Brand>) -> impl IntoView {
    view! { <span class="marks" aria-hidden="true">{brands.into_iter().map(|brand| view! { <BrandMark brand/> }).collect_view()}</span> }
}

/// The button that shows a wallet's own code at once.
fn single(token: &str, choice: &MethodChoice) -> AnyView {
    let method = choice.method;
    let brand = method.brand();
    view! {
        <StartForm token=token.to_owned() method=method.as_str()>
            <button class="button" data-testid=format!("method-{method}")>
                <BrandMark brand/>
                {t_of("brand", brand.as_str())}
            </button>
        </StartForm>
    }
    .into_any()
}

/// Nothing without such a code.
#[component]
pub fn OneCodeDesk(view: CheckoutView) -> impl IntoView {
    let one = view.one_code.clone();
    let page = format!("/checkout/{}", view.token);
    one.map(|one| {
        let wallets = names(&one.brands);
        let singles =
            view.methods.iter().filter(|m| m.is_usable() && m.method.is_scan()).map(|m| single(&view.token, m)).collect_view();
        view! {
            <h2 class="desk-title with-mark"><Marks brands=one.brands/>{t("one-title")}</h2>
            <qr::Qr code=one.link label=t("one-label")/>
            <ol class="steps">
                <li>{t_with("one-open", &[("wallets", wallets.into())])}</li>
                <li>{t("scan-scan")}</li>
                <li>{t("scan-confirm")}</li>
            </ol>
            <section class="single-codes" aria-label=t("one-single") data-testid="single-codes">
                <p class="hint">{t("one-single")}</p>
                {singles}
            </section>
            <p class="desk-links">
                <a class="text-link" href=format!("{page}?choose=1") data-testid="switch-method">{t("other-method")}</a>
            </p>
        }
    })
}
