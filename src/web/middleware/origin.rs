//! Refuses requests that another site made a browser send. The panel's cookie would go along with them; a checkout form
//! carries no cookie (its token is the right), so there only a *foreign* origin refuses: old in-app browsers send neither
//! header.

use crate::ui::LonePage;
use crate::web::asking::{Asking, Person};
use crate::web::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// How strictly a path is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Not a page's business: the merchant API, notices, returns.
    Off,
    /// Refuse what is certainly foreign.
    Lenient,
    /// Refuse what is not certainly ours.
    Strict,
}

/// Decides by the path, so that a new panel route is guarded before anybody thinks of it.
#[must_use]
pub fn guard_of(path: &str) -> Guard {
    if is_checkout(path) {
        Guard::Lenient
    } else if path.starts_with("/rpc") || path.starts_with("/admin") {
        Guard::Strict
    } else {
        Guard::Off
    }
}

/// What a payer's page is and posts to, by the names of its functions. All others get the stricter guard.
#[must_use]
pub fn is_checkout(path: &str) -> bool {
    path.starts_with("/checkout/") || path.starts_with("/rpc/checkout_")
}

pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    let guard = guard_of(request.uri().path());
    if !safe && !is_allowed(guard, request.headers(), &state.web.public_url) {
        tracing::warn!("refused a request from another origin");
        let page = |person: &Person| LonePage::foreign(person.lang);
        return Asking::of(&request).answer(StatusCode::FORBIDDEN, page, "this request came from another site");
    }
    next.run(request).await
}

fn is_allowed(guard: Guard, headers: &HeaderMap, public_url: &str) -> bool {
    if guard == Guard::Off {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match text(header::ORIGIN.as_str()) {
        Some(origin) => origin == public_url || is_own_host(origin, text(header::HOST.as_str())),
        None => guard == Guard::Lenient,
    }
}

/// The page was opened under another name of ours, such as `localhost`: the cookie belongs to that name, too.
fn is_own_host(origin: &str, host: Option<&str>) -> bool {
    let origin_host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    matches!((origin_host, host), (Some(o), Some(h)) if o.eq_ignore_ascii_case(h))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://pay.example.com";

    fn allowed(guard: Guard, pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("header"));
        }
        is_allowed(guard, &headers, OURS)
    }

    #[test]
    fn the_panel_wants_proof() {
        for (pairs, wanted) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", OURS)], false),
            (&[("origin", OURS)], true),
            (&[("origin", "https://pay.example.com.evil.test")], false),
            (&[("origin", "http://localhost:3000"), ("host", "localhost:3000")], true),
            (&[("origin", "null")], false),
            (&[("origin", "https://evil.test"), ("host", "pay.example.com")], false),
            (&[], false),
        ] {
            assert_eq!(allowed(Guard::Strict, pairs), wanted, "{pairs:?}");
        }
    }

    #[test]
    fn a_payer_with_an_old_browser_may_go_on() {
        assert!(allowed(Guard::Lenient, &[]));
        assert!(!allowed(Guard::Lenient, &[("origin", "https://evil.test")]));
        assert!(!allowed(Guard::Lenient, &[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn every_panel_path_is_guarded() {
        for path in ["/admin", "/admin/login", "/rpc/anything", "/rpc/admin/create_app", "/rpc/checkouts"] {
            assert_eq!(guard_of(path), Guard::Strict, "{path}");
        }
        assert_eq!(guard_of("/rpc/checkout_start"), Guard::Lenient);
        assert_eq!(guard_of("/api/v1/orders"), Guard::Off);
        assert_eq!(guard_of("/notify/ch_x/pay"), Guard::Off);
    }
}
