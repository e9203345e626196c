//! Headers that every answer carries. Pages with scripts make their content policy themselves, since it holds their nonce;
//! a page without gets one that allows none, and what is no page one that allows nothing.

use super::origin::is_checkout;
use crate::web::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

pub async fn protect(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    put(&state, &path, response.headers_mut());
    response
}

/// Puts them on an answer to a request for this path.
pub fn put(state: &AppState, path: &str, headers: &mut HeaderMap) {
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, header::X_FRAME_OPTIONS, "DENY");
    set(headers, header::REFERRER_POLICY, referrer_policy(path));
    if state.web.is_secure() {
        set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if !is_static(path) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        set(headers, header::CONTENT_SECURITY_POLICY, if is_page { PLAIN_PAGE } else { NO_PAGE });
    }
}

/// A page without scripts: our style sheet and icons, and forms to ourselves.
const PLAIN_PAGE: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Providers that open a wallet by a link (WeChat H5) check the domain that the payer comes from, so checkout sends it;
/// the rest of the address, with the token, stays private.
fn referrer_policy(path: &str) -> &'static str {
    if is_checkout(path) || path == "/cashier" { "strict-origin-when-cross-origin" } else { "same-origin" }
}

/// Files of the built site look after their own caching; everything else is about somebody's money.
fn is_static(path: &str) -> bool {
    path.starts_with("/pkg/")
        || (path.rfind('/') == Some(0) && path.contains('.') && path != "/openapi.json")
        || path.starts_with("/marks/")
}
