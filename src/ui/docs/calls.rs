//! Each call with its fields and its answer, and what a started payment asks for.

use super::parts::{Section, codes, facts, fields, marked, paragraph};
use crate::model::views::docs::{CallDoc, DocsView};
use crate::ui::i18n::{t, t_of, t_with};
use leptos::prelude::*;

pub fn calls(view: &DocsView) -> Section {
    let within = view.calls.iter().map(|call| (anchor(call), call.path.to_owned())).collect();
    let body = view.calls.iter().map(show).collect_view();
    Section { within, ..Section::new("calls", t("docs-calls"), body) }
}

pub fn next(view: &DocsView) -> Section {
    let step = |(kind, json): &(String, String)| (kind.clone(), format!("{} `{json}`", t_of("docs-step", kind)));
    let body = view! {
        {paragraph(&t("docs-next-about"))}
        {facts(view.next.iter().map(step))}
    };
    Section::new("next", t("docs-next"), body)
}

fn show(call: &CallDoc) -> AnyView {
    let id = anchor(call);
    let one_of = (!call.one_of.is_empty()).then(|| paragraph(&t_with("docs-one-of", &[("names", codes(call.one_of).into())])));
    view! {
        <section class="docs-call" aria-labelledby=id.clone()>
            <h3 id=id.clone()><code>{format!("POST {}", call.path)}</code></h3>
            {paragraph(&call.about)}
            {one_of}
            {fields(&call.fields)}
            <p><strong>{marked(&t("docs-data"))}</strong>" "{marked(&call.answer)}</p>
        </section>
    }
    .into_any()
}

fn anchor(call: &CallDoc) -> String {
    format!("call-{}", call.name)
}
