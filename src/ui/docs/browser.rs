//! What happens in the payer's browser: the link to a checkout, and the way back.

use super::parts::{Section, codes, paragraph, points, sample};
use crate::model::views::docs::DocsView;
use crate::ui::i18n::{t, t_with};
use leptos::prelude::*;

pub fn link(view: &DocsView) -> Section {
    let rules = points([t("docs-link-again"), t_with("docs-link-long", &[("kib", view.link_kib.into())]), t("docs-link-fault")]);
    let body = view! {
        <p><code>"GET|POST /cashier"</code></p>
        {paragraph(&t("docs-link-about"))}
        {rules}
        {sample(t("docs-link-sample"), &view.link)}
    };
    Section::new("link", t("docs-link"), body)
}

pub fn way_back(view: &DocsView) -> Section {
    let names: Vec<&str> = view.return_fields.iter().copied().chain(["sign"]).collect();
    let body = view! {
        {paragraph(&t_with("docs-return-about", &[("names", codes(&names).into())]))}
        {points([t("docs-return-sign"), t("docs-return-proof"), t("docs-return-cancel")])}
    };
    Section::new("return", t("docs-return"), body)
}
