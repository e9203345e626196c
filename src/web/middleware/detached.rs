//! A client that hangs up makes the server drop the handler at its current `.await`. What changes something therefore runs
//! in a task of its own, so that a provider call in the middle is never abandoned.

use super::request::RequestId;
use crate::web::state::AppState;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tracing::Instrument;

/// The longest time a client waits; the work itself goes on.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn run(State(state): State<AppState>, Extension(id): Extension<RequestId>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let task = tokio::spawn(next.run(request).instrument(tracing::Span::current()));
    match tokio::time::timeout(PATIENCE, task).await {
        Ok(Ok(response)) => response,
        Ok(Err(failed)) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        Ok(Err(_)) => StatusCode::SERVICE_UNAVAILABLE.into_response(), // the runtime is shutting down
        Err(_) if is_api => crate::web::api::takes_too_long(&state, &id.0),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "this takes too long; look again in a moment").into_response(),
    }
}
