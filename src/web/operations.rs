//! For whoever runs the program: is it alive, may it get traffic, how is it doing.

use super::middleware::client::ClientAddress;
use super::state::AppState;
use crate::rpc::zone::DAY_MS;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;
use std::time::Duration;

/// A clock this far from the database's is worth a warning, milliseconds.
pub const CLOCK_WARNING_MS: i64 = 2000;

/// The process answers.
pub async fn healthz() -> &'static str {
    "ok"
}

/// The database answers and the background loops are alive. The clock's difference is told, but is no reason to stop
/// taking traffic.
pub async fn readyz(State(state): State<AppState>) -> Response {
    let asked = tokio::time::timeout(Duration::from_secs(3), state.cashier.store().ping()).await;
    let database = match asked {
        Ok(Ok(now)) => Ok(now),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer within 3 s".to_owned()),
    };
    if let Err(problem) = &database {
        tracing::error!(problem, "the database does not answer");
    }
    let difference = database.as_ref().ok().map(|now| now - state.cashier.world().now_ms());
    let works = state.health.is_alive();
    let ready = database.is_ok() && works;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": ready,
        "database": database.is_ok(),
        "background_work": works,
        "clock_difference_ms": difference,
        "clock_warning": difference.is_some_and(|d| d.abs() > CLOCK_WARNING_MS),
    });
    (status, Json(body)).into_response()
}

/// Figures of the whole business are nobody's business: only listed networks see them.
pub async fn metrics(State(state): State<AppState>, Extension(client): Extension<ClientAddress>) -> Response {
    if !state.web.metrics_from.iter().any(|network| network.contains(&client.0)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let now = state.cashier.world().now_ms();
    let figures = readable(state.cashier.store().figures(now - DAY_MS).await);
    let failing = readable(state.cashier.failing_receivers().await).map(|receivers| receivers.len());
    let text = state.metrics.render(figures.as_ref(), failing, now);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn readable<T, E: std::fmt::Debug>(read: Result<T, E>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!(?error, "figures could not be read")).ok()
}
