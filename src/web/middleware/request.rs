//! One number per request: in the log, in the answer, and in every error that an outsider sees. Also the place where a
//! panic becomes a 500.

use crate::web::state::AppState;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// Finds a request in the log. In the extensions of every request.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Never logs the address itself, since it may hold a checkout token: only the route's template.
pub async fn number(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.cashier.world().number();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let is_api = request.uri().path().starts_with("/api/");
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", request_id = %id, method, route);
    let began = Instant::now();
    let caught = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span.clone()).await;
    let mut response = caught.unwrap_or_else(|_| {
        span.in_scope(|| tracing::error!("a handler panicked"));
        if is_api {
            crate::web::api::internal_error(&state, &id)
        } else {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("internal error {id}")).into_response()
        }
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
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// URLs above 8 KiB are refused before anything reads them.
pub async fn url_length(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |p| p.as_str().len());
    if length > 8 * 1024 {
        return (StatusCode::URI_TOO_LONG, [(header::CONNECTION, "close")], "the address is too long").into_response();
    }
    next.run(request).await
}
