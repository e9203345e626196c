//! Pages outside of the route tree: an error such as a bad `/cashier` link, too many requests, the front page. Each is one
//! finished document with one card, without scripts.

use super::i18n::{Lang, t_in};
use std::fmt::Write;

/// One card. All texts are finished.
#[derive(Debug, Clone)]
pub struct LonePage {
    lang: Lang,
    mark: &'static str,
    title: String,
    text: String,
    reference: Option<String>,
    links: Vec<(String, String)>,
    switches: bool,
}

const ALERT: &str = "M24 14v13M24 33.5v.5";
const TILL: &str = "M14 20h20v14h-20zM18 20v-5h12v5M19 27h10";

impl LonePage {
    /// Something went wrong.
    #[must_use]
    pub fn error(lang: Lang, title: &str, text: &str) -> Self {
        let (title, text) = (title.to_owned(), text.to_owned());
        Self { lang, mark: ALERT, title, text, reference: None, links: Vec::new(), switches: false }
    }

    /// What this is, for somebody who opens the bare address: a way for staff and one for developers.
    #[must_use]
    pub fn front(lang: Lang) -> Self {
        let t = |key| t_in(lang, key, &[]);
        let links = vec![("/admin/login".to_owned(), t("front-admin")), ("/docs".to_owned(), t("front-docs"))];
        let (title, text) = (t("front-title"), t("front-text"));
        Self { lang, mark: TILL, title, text, reference: None, links, switches: true }
    }

    /// A payer's page was opened too often; it comes back by itself or by its link.
    #[must_use]
    pub fn too_many(lang: Lang, seconds: u32) -> Self {
        let t = |key| t_in(lang, key, &[("seconds", i64::from(seconds).into())]);
        let mut page = Self::error(lang, &t("busy-title"), &t("busy-text"));
        page.links.push((String::new(), t("busy-again")));
        page
    }

    /// With the request's number, for questions.
    #[must_use]
    pub fn reference(mut self, id: &str) -> Self {
        self.reference = Some(id.to_owned());
        self
    }

    #[must_use]
    pub fn render(&self) -> String {
        let tag = self.lang.tag();
        let (mark, title, text) = (self.mark, escape(&self.title), escape(&self.text));
        let mut more = String::new();
        if let Some(id) = &self.reference {
            let label = t_in(self.lang, "error-reference", &[]);
            let _ = write!(more, "<p class=\"hint\">{label} <code>{}</code></p>", escape(id)); // cannot fail
        }
        for (n, (href, label)) in self.links.iter().enumerate() {
            let class = if n == 0 { "button is-primary" } else { "button" };
            let _ = write!(more, "<a class=\"{class}\" href=\"{}\">{}</a>", escape(href), escape(label));
        }
        let foot = if self.switches { switch(self.lang.other()) } else { String::new() };
        format!(
            "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
             <meta name=\"robots\" content=\"noindex, nofollow\"><title>{title}</title>\
             <link rel=\"stylesheet\" href=\"/pkg/cashier.css\"><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head>\
             <body><main class=\"lone\"><section class=\"lone-card\"><svg class=\"result-mark is-quiet\" viewBox=\"0 0 48 48\" \
             aria-hidden=\"true\"><circle cx=\"24\" cy=\"24\" r=\"21\"></circle><path d=\"{mark}\"></path></svg>\
             <h1>{title}</h1><p>{text}</p>{more}</section>{foot}</main></body></html>"
        )
    }
}

/// `中文` or `English`: names its target in its own language.
fn switch(other: Lang) -> String {
    let (tag, name) = (other.tag(), if other == Lang::Zh { "中文" } else { "English" });
    format!(
        "<footer class=\"lone-foot\"><a class=\"lang-switch\" href=\"?lang={tag}\" lang=\"{tag}\" hreflang=\"{tag}\">{name}</a></footer>"
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        let page = LonePage::error(Lang::En, "<b>x", "a & \"b\"").reference("<script>").render();
        assert!(page.contains("&lt;b&gt;x") && page.contains("a &amp; &quot;b&quot;") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("<script"));
        assert!(page.contains("<html lang=\"en\">"));
    }

    #[test]
    fn the_front_page_leads_on_in_both_languages() {
        for lang in Lang::ALL {
            let page = LonePage::front(lang).render();
            assert!(page.contains("href=\"/admin/login\"") && page.contains("href=\"/docs\""), "{page}");
            assert!(page.contains(&format!("?lang={}", lang.other().tag())), "{page}");
        }
    }
}
