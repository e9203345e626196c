//! Pages outside of the route tree: an error such as a bad `/cashier` link, too many requests, the front page. Each is one
//! finished document with one card, without scripts.

use super::components::{IconName, LoneCard, error_text};
use super::document::document;
use super::i18n::{Arg, Lang, t, t_in};
use crate::model::UiError;
use leptos::prelude::*;

/// One card. All texts are finished.
#[derive(Debug, Clone)]
pub struct LonePage {
    lang: Lang,
    mark: IconName,
    /// Always one of our own texts: it stands in the head as it is.
    title: String,
    text: String,
    details: Option<String>,
    reference: Option<String>,
    links: Vec<(String, String)>,
    switches: bool,
    demo: bool,
}

impl LonePage {
    /// What this is, for somebody who opens the bare address: a way for staff and one for developers.
    #[must_use]
    pub fn front(lang: Lang) -> Self {
        let t = |key| t_in(lang, key, &[]);
        let links = vec![("/admin/login".to_owned(), t("front-admin")), ("/docs".to_owned(), t("front-docs"))];
        Self { mark: IconName::Till, links, switches: true, ..Self::told("front", lang, &[]) }
    }

    /// A payer's page was opened too often.
    #[must_use]
    pub fn too_many(lang: Lang, seconds: u32) -> Self {
        Self::told("busy", lang, &[("seconds", i64::from(seconds).into())])
    }

    /// There is no such page.
    #[must_use]
    pub fn missing(lang: Lang) -> Self {
        Self::told("missing", lang, &[])
    }

    /// What stores everything does not answer.
    #[must_use]
    pub fn unavailable(lang: Lang) -> Self {
        Self::told("unavailable", lang, &[])
    }

    /// The work goes on, but nobody waits for it any longer.
    #[must_use]
    pub fn slow(lang: Lang) -> Self {
        Self::told("slow", lang, &[])
    }

    /// A fault of ours.
    #[must_use]
    pub fn fault(lang: Lang) -> Self {
        Self::told("fault", lang, &[])
    }

    /// Another site made the browser send this.
    #[must_use]
    pub fn foreign(lang: Lang) -> Self {
        Self::told("foreign", lang, &[])
    }

    /// An address that nobody reads to its end.
    #[must_use]
    pub fn too_long(lang: Lang) -> Self {
        Self::told("long", lang, &[])
    }

    /// A form with more in it than is taken.
    #[must_use]
    pub fn too_large(lang: Lang) -> Self {
        Self::told("large", lang, &[])
    }

    /// A provider sent the payer back from a payment that is not ours.
    #[must_use]
    pub fn unknown_payment(lang: Lang) -> Self {
        Self::told("unknown-payment", lang, &[])
    }

    /// A `/cashier` link while too many are opened.
    #[must_use]
    pub fn busy_link(lang: Lang) -> Self {
        Self::told("link-busy", lang, &[])
    }

    /// A `/cashier` link that could not be followed by a fault of ours.
    #[must_use]
    pub fn failed_link(lang: Lang) -> Self {
        Self::told("link-fails", lang, &[])
    }

    /// A `/cashier` link that is too old, or used up.
    #[must_use]
    pub fn expired_link(lang: Lang) -> Self {
        Self::told("link-expired", lang, &[])
    }

    /// A `/cashier` link that the shop has not written rightly.
    #[must_use]
    pub fn wrong_link(lang: Lang) -> Self {
        Self::told("link-wrong", lang, &[])
    }

    /// Staff do not get the file of orders that they asked for, and why.
    #[must_use]
    pub fn no_export(lang: Lang, error: &UiError) -> Self {
        let reason = Owner::new().with(|| {
            provide_context(lang);
            error_text(error)
        });
        let links = vec![("/admin/orders".to_owned(), t_in(lang, "panel-orders", &[]))];
        Self { links, ..Self::told("export", lang, &[("reason", reason.into())]) }
    }

    /// The texts `{word}-title` and `{word}-text`.
    fn told(word: &str, lang: Lang, args: &[(&'static str, Arg)]) -> Self {
        let part = |part: &str| t_in(lang, &format!("{word}-{part}"), args);
        let (title, text, mark) = (part("title"), part("text"), IconName::Alert);
        Self { lang, mark, title, text, details: None, reference: None, links: Vec::new(), switches: false, demo: false }
    }

    /// With what a developer wants to know, in English.
    #[must_use]
    pub fn details(mut self, words: String) -> Self {
        self.details = Some(words);
        self
    }

    /// With the request's number, for questions.
    #[must_use]
    pub fn reference(mut self, id: &str) -> Self {
        self.reference = Some(id.to_owned());
        self
    }

    /// With a link for another try, where there is one; an empty one is this very address.
    #[must_use]
    pub fn again(mut self, href: Option<&str>) -> Self {
        self.links.extend(href.map(|href| (href.to_owned(), t_in(self.lang, "busy-again", &[]))));
        self
    }

    /// Marked as a page of the demo, where it is one.
    #[must_use]
    pub fn in_demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }

    /// The whole document.
    #[must_use]
    pub fn render(&self) -> String {
        document(self.lang, self.demo, &self.title, || self.clone().card())
    }

    fn card(self) -> AnyView {
        let Self { mark, title, text, details, reference, links, switches, .. } = self;
        let details = details.map(|words| view! { <p class="hint" lang="en">{words}</p> });
        let reference = reference.map(|id| view! { <p class="hint">{t("error-reference")}" "<code>{id}</code></p> });
        let link = |(n, (href, label)): (usize, (String, String))| {
            let class = if n == 0 { "button is-primary" } else { "button" };
            view! { <a class=class href=href>{label}</a> }
        };
        let links = links.into_iter().enumerate().map(link).collect_view();
        view! {
            <LoneCard title mark switches>
                <p>{text}</p>
                {details}
                {reference}
                {links}
            </LoneCard>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        let page = LonePage::wrong_link(Lang::En).details("<b>x & \"b\"".to_owned()).reference("<script>");
        let page = page.again(Some("\"><script>")).render();
        assert!(page.contains("&lt;b&gt;x &amp; ") && page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
    }

    #[test]
    fn a_title_is_a_text_and_nothing_else() {
        for lang in Lang::ALL {
            let page = LonePage::missing(lang).render();
            let title = t_in(lang, "missing-title", &[]);
            assert!(page.contains(&format!("<title>{title}</title>")) && page.contains("class=\"lone-card\""), "{page}");
            assert!(!page.contains(" style=") && !page.contains("lang-switch"), "{page}");
        }
    }

    #[test]
    fn the_demo_is_marked_and_nothing_else_is() {
        for lang in Lang::ALL {
            let page = LonePage::fault(lang).in_demo(true).render().replace("<!>", ""); // the framework's marks between texts
            let banner = format!("<aside class=\"demo-banner\">{}</aside>", t_in(lang, "demo-banner", &[]));
            assert_eq!(page.matches(&banner).count(), 1, "{page}");
            assert!(!LonePage::fault(lang).in_demo(false).render().contains("demo-banner"));
        }
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
