//! Keeps one page, and one address, from asking too often.

use super::client::ClientAddress;
use super::origin::is_checkout;
use crate::ui::LonePage;
use crate::ui::i18n::choose;
use crate::web::limits::Wait;
use crate::web::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

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
        Err(wait) => {
            let mut answer = too_many(wait);
            // Whoever reads it: a person has opened the page itself, everything below it is asked for by scripts.
            if is_page(path) {
                let lang = choose(request.uri().query().unwrap_or_default(), request.headers());
                *answer.body_mut() = LonePage::too_many(lang, wait.0).render().into();
                answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            }
            answer
        }
    }
}

fn is_page(path: &str) -> bool {
    path.strip_prefix("/checkout/").is_some_and(|rest| !rest.contains('/'))
}

pub fn too_many(wait: Wait) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait.0.to_string())], "too many requests").into_response()
}
