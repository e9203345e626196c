//! A client that hangs up makes the server drop the handler at its current `.await`. What changes something therefore runs
//! in a task of its own, so that a provider call in the middle is never abandoned, and neither is the work of a request
//! whose client has waited long enough.

use super::request::RequestId;
use crate::ui::LonePage;
use crate::web::asking::{Asking, Person};
use crate::web::state::AppState;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Instrument;

/// The longest time that clients wait for an answer; `None`: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    pub api: Option<Duration>,
    pub other: Option<Duration>,
}

/// In the extensions of every API request: lets a handler answer while its work goes on, since only the handler knows what
/// an answer must say and who signs it.
#[derive(Clone)]
pub struct Early {
    due: Option<Instant>,
    sender: Arc<Mutex<Option<oneshot::Sender<Response>>>>,
}

impl Early {
    /// Resolves when it is time to answer, whatever the work has come to.
    pub async fn due(&self) {
        match self.due {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// The answer. What the handler returns later reaches nobody.
    pub fn answer(&self, response: Response) {
        if let Some(sender) = self.sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = sender.send(response); // the client may be gone
        }
    }
}

pub async fn run(
    State(state): State<AppState>,
    Extension(id): Extension<RequestId>,
    mut request: Request,
    next: Next,
) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let asking = Asking::of(&request);
    let patience = if is_api { state.limiters.patience.api } else { state.limiters.patience.other };
    let now = Instant::now();
    let (sender, answered) = oneshot::channel();
    if is_api {
        let due = patience.map(|patience| now + patience - lead(patience));
        request.extensions_mut().insert(Early { due, sender: Arc::new(Mutex::new(Some(sender))) });
    }
    let mut task = tokio::spawn(next.run(request).instrument(tracing::Span::current()));
    let too_late = async {
        match patience {
            Some(patience) => tokio::time::sleep_until(now + patience).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = &mut task => match ended {
            Ok(response) => response,
            Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
            Err(_) => unavailable(&asking), // the runtime is shutting down
        },
        Ok(response) = answered => response,
        () = too_late => if is_api {
            crate::web::api::takes_too_long(&state, &id.0)
        } else {
            let page = |person: &Person| LonePage::slow(person.lang).again(person.again.as_deref());
            asking.answer(StatusCode::SERVICE_UNAVAILABLE, page, "this takes too long; look again in a moment")
        },
    }
}

fn unavailable(asking: &Asking) -> Response {
    let page = |person: &Person| LonePage::unavailable(person.lang).again(person.again.as_deref());
    asking.answer(StatusCode::SERVICE_UNAVAILABLE, page, "")
}

/// How long before the end of patience a handler answers itself: signing takes a moment.
fn lead(patience: Duration) -> Duration {
    (patience / 4).min(Duration::from_secs(1))
}
