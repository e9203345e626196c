//! One number per request: in the log, in the answer, and in every error that an outsider sees. Also the place where a
//! panic becomes a 500.

use super::headers;
use crate::ui::LonePage;
use crate::web::asking::{Asking, Demo, Person};
use crate::web::state::AppState;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// Finds a request in the log. In the extensions of every request, and for pages in a header of it, in place of whatever the
/// client sent under that name.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Never logs the address itself, since it may hold a checkout token: only the route's template.
pub async fn number(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.cashier.world().number();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    // Before anybody makes a page of it.
    request.extensions_mut().insert(Demo(state.web.is_demo()));
    let (path, asking) = (request.uri().path().to_owned(), Asking::of(&request));
    let number = HeaderValue::from_str(&id).ok();
    if let Some(number) = &number {
        request.headers_mut().insert(HEADER, number.clone());
    }
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", request_id = %id, method, route);
    let began = Instant::now();
    let caught = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span.clone()).await;
    let mut response = caught.unwrap_or_else(|_| {
        span.in_scope(|| tracing::error!("a handler panicked"));
        let mut answer = if path.starts_with("/api/") {
            crate::web::api::internal_error(&state, &id)
        } else {
            let page = |person: &Person| LonePage::fault(person.lang).reference(&id).again(person.again.as_deref());
            asking.answer(StatusCode::INTERNAL_SERVER_ERROR, page, format!("internal error {id}"))
        };
        // The layer that does so for all other answers went down with the handler.
        headers::put(&state, &path, answer.headers_mut());
        answer
    });
    let status = response.status().as_u16();
    let took = began.elapsed();
    crate::web::metrics::request(&method, &route, status, took);
    span.in_scope(|| {
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if status >= 500 {
            tracing::warn!(status, duration_ms, "answered with an error");
        } else {
            tracing::debug!(status, duration_ms, "answered");
        }
    });
    if let Some(number) = number {
        response.headers_mut().insert(HEADER, number);
    }
    response
}

/// Longest URL that anything reads, bytes.
const URL_BYTES: usize = 8 * 1024;
/// The same where a whole order may come as a query; a longer one is sent as a form.
pub const ORDER_URL_BYTES: usize = 16 * 1024;

/// Refuses long URLs before anything reads them.
pub async fn url_length(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |p| p.as_str().len());
    let longest = if request.uri().path() == "/cashier" { ORDER_URL_BYTES } else { URL_BYTES };
    if length > longest {
        let page = |person: &Person| LonePage::too_long(person.lang);
        let mut answer = Asking::of(&request).answer(StatusCode::URI_TOO_LONG, page, "the address is too long");
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return answer;
    }
    next.run(request).await
}
