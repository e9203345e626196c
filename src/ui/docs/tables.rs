//! What is looked up: objects, ways to pay, codes.

use super::parts::{Section, codes as code_list, facts, marked, paragraph, sample};
use crate::model::views::docs::{CodeDoc, DocsView, MethodDoc};
use crate::ui::i18n::{t, t_of};
use leptos::prelude::*;

pub fn objects(view: &DocsView) -> Section {
    let object = |(name, json): &(&'static str, String)| sample(t_of("docs-object", name), json);
    let words = view.words.iter().map(|(field, words)| ((*field).to_owned(), code_list(words)));
    let body = view! {
        {paragraph(&t("docs-objects-about"))}
        {view.objects.iter().map(object).collect_view()}
        <h3 id="words">{t("docs-words")}</h3>
        {facts(words)}
    };
    Section::new("objects", t("docs-objects"), body)
}

pub fn methods(view: &DocsView) -> Section {
    let row = |m: &MethodDoc| {
        let code = m.method.as_str();
        view! {
            <tr>
                <th scope="row"><code>{code}</code></th>
                <td>{t_of("method", code)}</td>
                <td>{marked(&code_list(&m.needs))}</td>
            </tr>
        }
        .into_any()
    };
    let heads = [t("docs-col-code"), t("docs-col-method"), t("docs-col-needs")];
    let body = view! {
        {paragraph(&t("docs-methods-about"))}
        {table("methods", heads, view.methods.iter().map(row).collect())}
    };
    Section::new("methods", t("docs-methods"), body)
}

pub fn codes(view: &DocsView) -> Section {
    let row = |code: &CodeDoc| {
        view! {
            <tr>
                <th scope="row"><code>{code.code}</code></th>
                <td>{code.status.to_string()}</td>
                <td>{marked(&code.when)}</td>
            </tr>
        }
        .into_any()
    };
    let heads = [t("docs-col-code"), "HTTP".to_owned(), t("docs-col-when")];
    Section::new("codes", t("docs-codes"), table("codes", heads, view.codes.iter().map(row).collect()))
}

/// `id` is that of the section's heading. Scrolls by itself where it is wider than the screen.
fn table(id: &'static str, heads: [String; 3], rows: Vec<AnyView>) -> AnyView {
    let heads = heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view();
    view! {
        <div class="docs-table" role="region" aria-labelledby=id tabindex="0">
            <table>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
