//! How it goes, and what holds for every call: conventions, signatures, answers.

use super::parts::{Section, facts, fields, paragraph, points, sample, steps};
use crate::model::views::docs::DocsView;
use crate::ui::i18n::{t, t_with};
use leptos::prelude::*;

pub fn start() -> Section {
    let body = view! {
        {paragraph(&t("docs-start-keys"))}
        {steps([t("docs-start-order"), t("docs-start-pay"), t("docs-start-webhook"), t("docs-start-query")])}
    };
    Section::new("start", t("docs-start"), body)
}

pub fn conventions(view: &DocsView) -> Section {
    let rules = points([
        t_with("docs-basics-address", &[("url", view.origin.as_str().into())]),
        t_with("docs-basics-body", &[("kib", view.body_kib.into())]),
        t("docs-basics-money"),
        t("docs-basics-integers"),
        t("docs-basics-times"),
        t("docs-basics-texts"),
        t("docs-basics-unknown"),
        t("docs-basics-again"),
        t("docs-basics-checks"),
    ]);
    let body = view! {
        {rules}
        <h3 id="fields">{t("docs-common")}</h3>
        {fields(&view.common)}
    };
    Section::new("basics", t("docs-basics"), body)
}

pub fn signing(view: &DocsView) -> Section {
    let how = steps([
        t("docs-signing-take"),
        t("docs-signing-plain"),
        t("docs-signing-sort"),
        t("docs-signing-join"),
        t("docs-signing-sign"),
    ]);
    let types = [("HMAC-SHA256", "docs-signing-hmac"), ("RSA2", "docs-signing-rsa"), ("MD5", "docs-signing-md5")];
    let types = facts(types.map(|(name, key)| (name.to_owned(), t(key))));
    let body = view! {
        {how}
        {types}
        <h3 id="example">{t("docs-example")}</h3>
        {paragraph(&t("docs-example-about"))}
        {sample(t("docs-example-key"), view.example_key)}
        {sample(t("docs-example-text"), &view.request.text)}
        {sample(t("docs-example-sign"), &view.request.sign)}
        {sample(t("docs-example-request"), &view.request.message)}
    };
    Section::new("signing", t("docs-signing"), body)
}

pub fn answers(view: &DocsView) -> Section {
    let rules = points([
        t("docs-answers-shape"),
        t("docs-answers-fault"),
        t("docs-answers-sign"),
        t("docs-answers-type"),
        t("docs-answers-unsigned"),
    ]);
    let body = view! {
        {rules}
        {sample(t("docs-answers-sample"), &view.answer.message)}
        {sample(t("docs-example-text"), &view.answer.text)}
    };
    Section::new("answers", t("docs-answers"), body)
}
