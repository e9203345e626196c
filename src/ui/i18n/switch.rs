//! The link to the same page in the other language.

use super::{Lang, lang};
use leptos::prelude::*;

/// `中文` or `English`: names its target in its own language.
#[component]
pub fn LangSwitch() -> impl IntoView {
    let other = lang().other();
    let name = match other {
        Lang::Zh => "中文",
        Lang::En => "English",
    };
    view! {
        <a class="lang-switch" href=same_page_in(other) lang=other.tag() hreflang=other.tag() data-testid="lang-switch">
            {name}
        </a>
    }
}

/// The query of the current page with another language; a relative link, so the path stays.
fn same_page_in(lang: Lang) -> String {
    #[cfg(feature = "ssr")]
    let query = use_context::<http::request::Parts>().and_then(|p| p.uri.query().map(str::to_owned)).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    let query = String::new();
    with_lang(&query, lang)
}

/// Drops what belongs to one visit only: the old choice and the error of a form.
fn with_lang(query: &str, lang: Lang) -> String {
    let gone = |pair: &str| ["lang=", "__err=", "__path=", "go="].iter().any(|name| pair.starts_with(name));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !gone(pair));
    let pairs: Vec<String> = kept.map(str::to_owned).chain([format!("lang={}", lang.tag())]).collect();
    format!("?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stay_and_errors_go() {
        assert_eq!(with_lang("status=paid&lang=en&__err=x&__path=y", Lang::Zh), "?status=paid&lang=zh-CN");
        assert_eq!(with_lang("", Lang::En), "?lang=en");
    }
}
