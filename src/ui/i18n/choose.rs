//! Which language a request wants: `?lang=`, else the remembered choice, else the browser's list, else Chinese.

use super::Lang;
use http::header::{ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

const COOKIE_NAME: &str = "lang";

/// The language of a request.
#[must_use]
pub fn choose(query: &str, headers: &HeaderMap) -> Lang {
    asked(query).or_else(|| remembered(headers)).or_else(|| preferred(headers)).unwrap_or_default()
}

/// Puts the request's language into context, once per page, and remembers an explicit choice in a cookie.
pub fn provide() -> Lang {
    let Some(parts) = use_context::<Parts>() else {
        provide_context(Lang::default());
        return Lang::default();
    };
    let query = parts.uri.query().unwrap_or_default();
    let lang = choose(query, &parts.headers);
    if asked(query).is_some()
        && remembered(&parts.headers) != Some(lang)
        && let Some(response) = use_context::<ResponseOptions>()
    {
        let cookie = format!("{COOKIE_NAME}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", lang.tag());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.append_header(SET_COOKIE, cookie);
        }
    }
    provide_context(lang);
    lang
}

fn asked(query: &str) -> Option<Lang> {
    query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Lang::parse)
}

fn remembered(headers: &HeaderMap) -> Option<Lang> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
        .and_then(Lang::parse)
}

/// The known language with the highest weight; among equals the first.
fn preferred(headers: &HeaderMap) -> Option<Lang> {
    let list = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Lang, u32)> = None;
    for item in list.split(',') {
        let mut parts = item.split(';');
        let Some(lang) = parts.next().map(str::trim).and_then(Lang::parse) else { continue };
        let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(1000, thousandths);
        if weight > 0 && best.is_none_or(|(_, w)| weight > w) {
            best = Some((lang, weight));
        }
    }
    best.map(|(lang, _)| lang)
}

/// `0.8` → 800. Unreadable weights count as the lowest that still wins over nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(part)) => (whole * 1000 + part).min(1000),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn the_query_wins_over_cookie_and_browser() {
        let h = headers(&[(COOKIE, "a=b; lang=zh-CN"), (ACCEPT_LANGUAGE, "zh")]);
        assert_eq!(choose("x=1&lang=en", &h), Lang::En);
        assert_eq!(choose("lang=xx", &h), Lang::Zh);
    }

    #[test]
    fn the_cookie_wins_over_the_browser() {
        assert_eq!(choose("", &headers(&[(COOKIE, "s=1; lang=en"), (ACCEPT_LANGUAGE, "zh-CN")])), Lang::En);
    }

    #[test]
    fn the_browsers_weights_decide() {
        for (list, lang) in [
            ("en-US,en;q=0.9,zh;q=0.8", Lang::En),
            ("en;q=0.5, zh-CN;q=0.9", Lang::Zh),
            ("fr, en;q=0.3", Lang::En),
            ("en;q=0, fr", Lang::Zh),
            ("fr", Lang::Zh),
        ] {
            assert_eq!(choose("", &headers(&[(ACCEPT_LANGUAGE, list)])), lang, "{list}");
        }
        assert_eq!(choose("", &HeaderMap::new()), Lang::Zh);
    }
}
