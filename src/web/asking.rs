//! Who asks: a person at a browser gets a page in their language, a program a short sentence.

use crate::ui::LonePage;
use crate::ui::i18n::{Lang, choose};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// In the extensions of every request: whether pages say that no real money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo(pub bool);

/// Taken from a request before it is given away, for the case that it is answered without its handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asking {
    Person(Person),
    Program,
}

/// Somebody who reads the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub lang: Lang,
    /// Where another try leads, if that is known.
    pub again: Option<String>,
    pub demo: bool,
}

impl Asking {
    /// A browser that opens a page, follows a link or sends a form says that it takes HTML. Scripts do not.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let takes_page = |list: &HeaderValue| list.to_str().is_ok_and(|list| list.contains("text/html"));
        let is_person = request.headers().get_all(header::ACCEPT).iter().any(takes_page);
        if is_person && !is_for_programs(request.uri().path()) { Self::person(request) } else { Self::Program }
    }

    /// For what only people open, whatever their browser says.
    #[must_use]
    pub fn person(request: &Request) -> Self {
        let lang = choose(request.uri().query().unwrap_or_default(), request.headers());
        let demo = request.extensions().get::<Demo>().is_some_and(|demo| demo.0);
        Self::Person(Person { lang, again: again(request.method(), request.headers()), demo })
    }

    /// The page for a person, the sentence for a program.
    pub fn answer(&self, status: StatusCode, page: impl FnOnce(&Person) -> LonePage, sentence: impl Into<String>) -> Response {
        match self {
            Self::Person(person) => alone(status, &page(person).in_demo(person.demo)),
            Self::Program => (status, sentence.into()).into_response(),
        }
    }
}

/// A page that stands alone, as an answer.
pub fn alone(status: StatusCode, page: &LonePage) -> Response {
    (status, Html(page.render())).into_response()
}

/// Some providers' and merchants' HTTP clients take HTML, too, and read none.
fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/notify/")
}

/// What was read can be read again. A form cannot be sent again, but the checkout that sent it can be looked at: its address
/// comes along with it, where the browser tells it.
fn again(method: &Method, headers: &HeaderMap) -> Option<String> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Some(String::new());
    }
    let from = headers.get(header::REFERER)?.to_str().ok()?;
    let (_, from) = from.split_once("://")?;
    let path = from.get(from.find('/')?..)?.split(['?', '#']).next()?;
    let token = path.strip_prefix("/checkout/")?;
    let is_token = !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    is_token.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn asking(method: &str, path: &str, pairs: &[(&'static str, &'static str)]) -> Asking {
        let request = pairs.iter().fold(Request::builder().method(method).uri(path), |r, (name, value)| r.header(*name, *value));
        Asking::of(&request.body(Body::empty()).expect("a request"))
    }

    const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    #[test]
    fn a_browser_that_opens_a_page_is_a_person() {
        let person =
            |again: Option<&str>| Asking::Person(Person { lang: Lang::En, again: again.map(str::to_owned), demo: false });
        assert_eq!(asking("GET", "/checkout/t?lang=en", &[HTML]), person(Some("")));
        let form = |referer| asking("POST", "/rpc/checkout_start?lang=en", &[HTML, ("referer", referer)]);
        assert_eq!(form("https://pay.example/checkout/a-B_9?choose=1"), person(Some("/checkout/a-B_9")));
        for referer in ["https://pay.example/", "https://pay.example/checkout/", "https://pay.example/checkout/a/../b", "x"] {
            assert_eq!(form(referer), person(None), "{referer}");
        }
    }

    #[test]
    fn a_person_who_looks_at_the_demo_is_told_so() {
        for demo in [true, false] {
            let mut request = Request::builder().uri("/x").header(HTML.0, HTML.1).body(Body::empty()).expect("a request");
            request.extensions_mut().insert(Demo(demo));
            assert!(matches!(Asking::of(&request), Asking::Person(person) if person.demo == demo));
        }
    }

    #[test]
    fn scripts_and_servers_are_programs() {
        assert_eq!(asking("GET", "/checkout/t/status", &[("accept", "*/*")]), Asking::Program);
        assert_eq!(asking("GET", "/checkout/t/events", &[("accept", "text/event-stream")]), Asking::Program);
        assert_eq!(asking("POST", "/rpc/checkout_start", &[]), Asking::Program);
        for path in ["/api/v1/orders", "/notify/ch_x/pay"] {
            assert_eq!(asking("POST", path, &[HTML]), Asking::Program, "{path}");
        }
    }
}
