//! A page for errors outside of the route tree, such as a bad `/cashier` link: one finished document without scripts.

use super::i18n::{Lang, t_in};

/// The document of an error page. `title` and `text` are finished texts; `reference` is the request's number for questions.
#[must_use]
pub fn error_page(lang: Lang, title: &str, text: &str, reference: Option<&str>) -> String {
    let tag = lang.tag();
    let (title, text) = (escape(title), escape(text));
    let reference = reference
        .map(|id| format!("<p class=\"hint\">{} <code>{}</code></p>", t_in(lang, "error-reference", &[]), escape(id)))
        .unwrap_or_default();
    format!(
        "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"robots\" content=\"noindex, nofollow\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/pkg/cashier.css\"><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head>\
         <body><main class=\"lone\"><section class=\"lone-card\"><svg class=\"result-mark is-quiet\" viewBox=\"0 0 48 48\" \
         aria-hidden=\"true\"><circle cx=\"24\" cy=\"24\" r=\"21\"></circle><path d=\"M24 14v13M24 33.5v.5\"></path></svg>\
         <h1>{title}</h1><p>{text}</p>{reference}</section></main></body></html>"
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
        let page = error_page(Lang::En, "<b>x", "a & \"b\"", Some("<script>"));
        assert!(page.contains("&lt;b&gt;x") && page.contains("a &amp; &quot;b&quot;") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("<script"));
        assert!(page.contains("<html lang=\"en\">"));
    }
}
