//! The page as a whole: its head, its contents, its sections.

use super::parts::Section;
use super::{basics, browser, calls, tables, webhooks};
use crate::model::views::docs::DocsView;
use crate::ui::document::document;
use crate::ui::i18n::{Lang, LangSwitch, t, t_in};
use leptos::prelude::*;

/// The whole document.
#[must_use]
pub fn docs_page(lang: Lang, demo: bool, view: &DocsView) -> String {
    document(lang, demo, &t_in(lang, "docs-title", &[]), || body(view))
}

fn body(view: &DocsView) -> AnyView {
    let sections = vec![
        basics::start(),
        basics::conventions(view),
        basics::signing(view),
        basics::answers(view),
        calls::calls(view),
        calls::next(view),
        browser::link(view),
        browser::way_back(view),
        webhooks::webhooks(view),
        tables::objects(view),
        tables::methods(view),
        tables::codes(view),
    ];
    let contents = sections.iter().map(entry).collect_view();
    let sections = sections.into_iter().map(Section::show).collect_view();
    view! {
        <div class="docs">
            <header class="docs-head">
                <h1>{t("docs-title")}</h1>
                <LangSwitch/>
            </header>
            <nav class="docs-contents" aria-label=t("docs-contents")>
                <ul>{contents}</ul>
            </nav>
            <main class="docs-main">
                <p>{t("docs-lead")}</p>
                {sections}
                <footer class="docs-section">
                    <p>{t("docs-openapi")}" "<a href="/openapi.json">"openapi.json"</a></p>
                </footer>
            </main>
        </div>
    }
    .into_any()
}

/// A section's line of the contents.
fn entry(section: &Section) -> AnyView {
    let within = (!section.within.is_empty()).then(|| {
        let line = |(id, name): &(String, String)| view! { <li><a href=format!("#{id}")><code>{name.clone()}</code></a></li> };
        view! { <ul>{section.within.iter().map(line).collect_view()}</ul> }
    });
    view! { <li><a href=format!("#{}", section.id)>{section.title.clone()}</a>{within}</li> }.into_any()
}
