//! A form of the panel that fails comes back by a redirect, which carries the error and not the form. So what was typed is
//! kept in the session, without secrets, and handed to the page that shows the form again.

use crate::model::ChannelKind;
use crate::pay::Cashier;
use crate::rpc::typed::{Kept, TypedForm};
use crate::ui::LonePage;
use crate::web::asking::{Asking, Person};
use crate::web::state::AppState;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_sessions::Session;

/// The session's entry.
const ENTRY: &str = "typed";
const FORM: &str = "application/x-www-form-urlencoded";
/// Fields whose value nobody may find again.
const SECRET: [&str; 4] = ["password", "current", "repeat", "auth_code"];
/// The login has no session to keep anything in.
const NO_SESSION: &str = "/rpc/admin/sign_in";

pub async fn keep(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(session) = request.extensions().get::<Session>().cloned() else { return next.run(request).await };
    let path = request.uri().path().to_owned();
    if path.starts_with("/admin") && carries_error(request.uri().query().unwrap_or_default()) {
        if let Ok(Some(form)) = session.remove::<TypedForm>(ENTRY).await {
            request.extensions_mut().insert(Kept(form));
        }
        return next.run(request).await;
    }
    let is_form = request.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(FORM.as_bytes()));
    if request.method() != Method::POST || !path.starts_with("/rpc/admin/") || path == NO_SESSION || !is_form {
        return next.run(request).await;
    }
    let asking = Asking::of(&request);
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, crate::web::api::BODY_LIMIT).await else {
        let page = |person: &Person| LonePage::too_large(person.lang);
        return asking.answer(StatusCode::PAYLOAD_TOO_LARGE, page, "the form is too large");
    };
    let response = next.run(Request::from_parts(parts, Body::from(body.clone()))).await;
    let to = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if to.split_once('?').is_some_and(|(_, query)| carries_error(query)) {
        let form = TypedForm { path, fields: fields(&state.cashier, &body) };
        // Without it the form comes back empty, which is a pity and no fault.
        if let Err(error) = session.insert(ENTRY, form).await {
            tracing::warn!(%error, "what was typed into a form could not be kept");
        }
    }
    response
}

fn carries_error(query: &str) -> bool {
    query.split('&').any(|pair| pair.starts_with("__err="))
}

fn fields(cashier: &Cashier, body: &Bytes) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(body).into_owned();
    pairs.filter(|(name, _)| !is_secret(cashier, name)).collect()
}

/// Secret in one kind of channel is secret in all: the name alone is known here.
fn is_secret(cashier: &Cashier, name: &str) -> bool {
    let Some(field) = name.strip_prefix("credentials[").and_then(|rest| rest.strip_suffix(']')) else {
        return SECRET.contains(&name);
    };
    let declarations = || ChannelKind::ALL.iter().filter_map(|kind| cashier.factory().declaration(*kind));
    let mut known = declarations().flat_map(|d| d.fields).filter(|f| f.name == field).peekable();
    known.peek().is_none() || known.any(|f| f.secret)
}
