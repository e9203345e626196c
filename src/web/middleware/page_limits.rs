//! Keeps one page, and one address, from asking too often.

use super::client::ClientAddress;
use super::origin::is_checkout;
use crate::ui::LonePage;
use crate::web::asking::{Asking, Person};
use crate::web::limits::Wait;
use crate::web::state::AppState;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !is_checkout(path) {
        return next.run(request).await;
    }
    let token = path.strip_prefix("/checkout/").map(|rest| rest.split('/').next().unwrap_or(rest).to_owned());
    let per_page = token.map_or(Ok(()), |token| state.limiters.page.check(&token));
    let per_address = match request.extensions().get::<ClientAddress>() {
        Some(client) => state.limiters.address.check(&client.0),
        None => Ok(()),
    };
    match per_page.and(per_address) {
        Ok(()) => next.run(request).await,
        // Nothing but a person opens the page itself; what lies below it is asked for by its scripts, and by people who come
        // back from a provider.
        Err(wait) if is_page(path) => refuse(&Asking::person(&request), wait),
        Err(wait) => refuse(&Asking::of(&request), wait),
    }
}

fn is_page(path: &str) -> bool {
    path.strip_prefix("/checkout/").is_some_and(|rest| !rest.contains('/'))
}

fn refuse(asking: &Asking, wait: Wait) -> Response {
    let page = |person: &Person| LonePage::too_many(person.lang, wait.0).again(person.again.as_deref());
    let mut answer = asking.answer(StatusCode::TOO_MANY_REQUESTS, page, "too many requests");
    answer.headers_mut().insert(header::RETRY_AFTER, wait.0.into());
    answer
}

/// The answer to a program.
pub fn too_many(wait: Wait) -> Response {
    refuse(&Asking::Program, wait)
}
