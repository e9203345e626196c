//! What the sections are made of.

use crate::model::views::docs::FieldDoc;
use crate::ui::i18n::{Lang, lang, t};
use leptos::prelude::*;

/// A part of the page that has its line in the contents.
pub struct Section {
    pub id: &'static str,
    pub title: String,
    /// Parts of it that have lines of their own: id and name.
    pub within: Vec<(String, String)>,
    pub body: AnyView,
}

impl Section {
    #[must_use]
    pub fn new(id: &'static str, title: String, body: impl IntoView) -> Self {
        Self { id, title, within: Vec::new(), body: body.into_any() }
    }

    pub fn show(self) -> AnyView {
        let Self { id, title, body, .. } = self;
        view! {
            <section class="docs-section" aria-labelledby=id>
                <h2 id=id>{title}</h2>
                {body}
            </section>
        }
        .into_any()
    }
}

/// A text of which what stands between backticks is code.
pub fn marked(text: &str) -> AnyView {
    let part = |(n, part): (usize, &str)| {
        let words = part.to_owned();
        if n % 2 == 0 { words.into_any() } else { view! { <code>{words}</code> }.into_any() }
    };
    text.split('`').enumerate().filter(|(_, part)| !part.is_empty()).map(part).collect_view().into_any()
}

/// One after the other, each as code.
pub fn codes(names: &[&str]) -> String {
    listed(names.iter().map(|name| format!("`{name}`")))
}

/// One after the other.
pub fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(if lang() == Lang::En { ", " } else { "、" })
}

pub fn paragraph(text: &str) -> AnyView {
    view! { <p>{marked(text)}</p> }.into_any()
}

/// Sentences that stand for themselves.
pub fn points<const N: usize>(texts: [String; N]) -> AnyView {
    view! { <ul class="docs-points">{items(texts)}</ul> }.into_any()
}

/// What is done one after the other.
pub fn steps<const N: usize>(texts: [String; N]) -> AnyView {
    view! { <ol class="docs-steps">{items(texts)}</ol> }.into_any()
}

fn items<const N: usize>(texts: [String; N]) -> AnyView {
    texts.into_iter().map(|text| view! { <li>{marked(&text)}</li> }).collect_view().into_any()
}

/// The fields of a call.
pub fn fields(fields: &[FieldDoc]) -> AnyView {
    view! { <dl class="docs-facts">{fields.iter().map(field).collect_view()}</dl> }.into_any()
}

fn field(field: &FieldDoc) -> AnyView {
    let required = field.required.then(|| view! { <span class="docs-required">{t("docs-required")}</span> });
    let rule = field.rule.clone().map(|rule| view! { <p class="docs-rule">{rule}</p> });
    view! {
        <div>
            <dt><code>{field.name}</code>" "{required}</dt>
            <dd>
                {paragraph(&field.about)}
                {rule}
            </dd>
        </div>
    }
    .into_any()
}

/// Names, each with what is to be said of it.
pub fn facts(rows: impl IntoIterator<Item = (String, String)>) -> AnyView {
    let row = |(name, text): (String, String)| view! { <div><dt><code>{name}</code></dt><dd>{paragraph(&text)}</dd></div> };
    view! { <dl class="docs-facts">{rows.into_iter().map(row).collect_view()}</dl> }.into_any()
}

/// Something to be compared letter by letter.
pub fn sample(label: String, text: &str) -> AnyView {
    view! {
        <figure class="docs-sample">
            <figcaption>{label}</figcaption>
            <pre><code>{text.to_owned()}</code></pre>
        </figure>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_stands_between_backticks() {
        let html = marked("`a` & <b>, `c`.").to_html().replace("<!>", ""); // the framework's marks between texts
        assert!(html.contains("<code>a</code> &amp; &lt;b&gt;, <code>c</code>."), "{html}");
        assert_eq!(marked("plain").to_html().matches("<code>").count(), 0);
    }
}
