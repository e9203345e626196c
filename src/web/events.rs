//! The state of a checkout for open pages: as JSON, and as a stream of events.

use super::limits::Place;
use super::middleware::client::ClientAddress;
use super::middleware::page_limits::too_many;
use super::state::AppState;
use crate::model::OrderNo;
use crate::pay::{Cashier, Error, PageStatus};
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Json, Response};
use futures::Stream;
use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One look. Also makes us ask the provider, if the last question is old enough.
pub async fn status(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    match state.cashier.page_status(&token).await {
        Ok(Some(status)) => Json(status).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(?error, "the state of a checkout could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Events named `status`: at once, on every change, and every 15 s.
pub async fn stream(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Extension(client): Extension<ClientAddress>,
) -> Response {
    let Some(place) = state.limiters.streams.take(client.0) else { return too_many(super::limits::Wait(15)) };
    // Listening begins before the first look, so that nothing falls between the two.
    let changes = state.cashier.changes();
    match first_look(&state.cashier, &token).await {
        Ok(Some((order_no, first))) => {
            let watch = Watch {
                cashier: state.cashier.clone(),
                token,
                order_no,
                changes,
                sent: None,
                next: Some(first),
                sent_at: Instant::now(),
                closing: state.closing.clone(),
                _place: place,
            };
            // A proxy that buffers would hold the news back.
            ([(HeaderName::from_static("x-accel-buffering"), "no")], Sse::new(events(watch))).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(?error, "the state of a checkout could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn first_look(cashier: &Cashier, token: &str) -> Result<Option<(OrderNo, PageStatus)>, Error> {
    let Some(order) = cashier.store().order_by_token(token).await? else { return Ok(None) };
    Ok(cashier.page_status(token).await?.map(|status| (order.order_no, status)))
}

/// How often the state is read when no change was heard of: another node may have made it.
const TICK: Duration = Duration::from_secs(1);
/// A stream that says nothing looks dead to proxies, and the countdown drifts.
const REPEAT: Duration = Duration::from_secs(15);

struct Watch {
    cashier: Cashier,
    token: String,
    order_no: OrderNo,
    changes: Receiver<OrderNo>,
    /// What the page knows.
    sent: Option<PageStatus>,
    next: Option<PageStatus>,
    sent_at: Instant,
    closing: CancellationToken,
    /// Held as long as the stream lives.
    _place: Place<IpAddr>,
}

fn events(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    futures::stream::unfold(watch, |mut watch| async move {
        let status = watch.news().await?;
        let event = Event::default().event("status").json_data(&status).ok()?;
        Some((Ok(event), watch))
    })
}

impl Watch {
    /// The next state worth sending; `None` when the checkout is gone or the program ends.
    async fn news(&mut self) -> Option<PageStatus> {
        let closing = self.closing.clone();
        loop {
            if let Some(status) = self.next.take() {
                let is_known = self.sent.as_ref().is_some_and(|sent| sent.shows_the_same(&status));
                if !is_known || self.sent_at.elapsed() >= REPEAT {
                    self.sent = Some(status.clone());
                    self.sent_at = Instant::now();
                    return Some(status);
                }
            }
            tokio::select! {
                () = self.pause() => {}
                // The page comes back by itself, to whoever serves then.
                () = closing.cancelled() => return None,
            }
            match self.cashier.page_status(&self.token).await {
                Ok(status) => self.next = Some(status?),
                Err(error) => {
                    tracing::warn!(?error, "the state of a checkout could not be read; trying again");
                    tokio::time::sleep(TICK).await;
                }
            }
        }
    }

    /// Waits for a change of this order, at most a tick: with many open pages, others' changes must cost nothing.
    async fn pause(&mut self) {
        let until = Instant::now() + TICK;
        loop {
            match tokio::time::timeout_at(until, self.changes.recv()).await {
                Ok(Ok(changed)) if changed != self.order_no => {}
                // Ours, a tick without news, or so many changes that ours may have been among them.
                _ => return,
            }
        }
    }
}
