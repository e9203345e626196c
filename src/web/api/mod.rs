//! The merchant API: flat signed JSON in, signed JSON out. Each call is a row in `calls` and a function; the frame around
//! them all is here.

mod body;
mod caller;
pub mod calls;
pub mod codes;
mod cursor;
mod envelope;
mod orders;
mod payments;
mod redirect;
mod refunds;
mod rules;
pub mod samples;
pub mod texts;

#[cfg(test)]
pub(crate) use body::{read_form, read_json};
pub use rules::{Call, Field, Kind};

use self::codes::{Code, Failure};
use self::rules::Checked;
use crate::pay::signing::Fields;
use crate::pay::{App, AppWithKeys, Nonce};
use crate::web::middleware::detached::Early;
use crate::web::{AppState, ClientAddress, RequestId};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use serde_json::Value;
use std::future::Future;
use std::sync::Arc;

/// Bodies above this are refused with 413.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The signed calls. `/cashier`, which browsers open, is beside them in [`redirect_routes`].
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(calls::CREATE_ORDER.path, call(&calls::CREATE_ORDER, orders::create))
        .route(calls::QUERY_ORDER.path, call(&calls::QUERY_ORDER, orders::query))
        .route(calls::CLOSE_ORDER.path, call(&calls::CLOSE_ORDER, orders::close))
        .route(calls::LIST_ORDERS.path, call(&calls::LIST_ORDERS, orders::list))
        .route(calls::START_PAYMENT.path, call(&calls::START_PAYMENT, payments::start))
        .route(calls::REQUEST_REFUND.path, call(&calls::REQUEST_REFUND, refunds::request))
        .route(calls::QUERY_REFUND.path, call(&calls::QUERY_REFUND, refunds::query))
        .route("/api/{*rest}", axum::routing::any(no_such_call))
        .method_not_allowed_fallback(wrong_method)
}

/// The browser's way to an order.
pub fn redirect_routes() -> Router<AppState> {
    Router::new().route("/cashier", axum::routing::get(redirect::from_query).post(redirect::from_form))
}

/// What a call's function gets: checked fields, and a nonce that it must spend before anything else, or with it.
struct Ask<'a> {
    state: &'a AppState,
    caller: &'a Arc<AppWithKeys>,
    fields: Checked<'a>,
    nonce: Nonce,
}

impl Ask<'_> {
    fn app(&self) -> &App {
        &self.caller.app
    }

    /// For calls that do not write it together with their own change.
    async fn spend_nonce(&self) -> Result<(), Failure> {
        Ok(self.state.cashier.spend_nonce(&self.app().app_id, Some(&self.nonce)).await?)
    }
}

/// An async function from a borrowed [`Ask`] to the answer's `data`.
trait Serve<'a>: Fn(Ask<'a>) -> Self::Future + Send + Sync {
    type Future: Future<Output = Result<Value, Failure>> + Send + 'a;
}

impl<'a, F, R> Serve<'a> for F
where
    F: Fn(Ask<'a>) -> R + Send + Sync,
    R: Future<Output = Result<Value, Failure>> + Send + 'a,
{
    type Future = R;
}

fn call<F>(call: &'static Call, serve: F) -> axum::routing::MethodRouter<AppState>
where
    F: for<'a> Serve<'a> + Copy + 'static,
{
    post(
        move |State(state): State<AppState>,
              Extension(id): Extension<RequestId>,
              Extension(client): Extension<ClientAddress>,
              Extension(early): Extension<Early>,
              body: Result<Bytes, BytesRejection>| async move { frame(&state, &id, (client, early), body, call, serve).await },
    )
}

/// Reads, checks in the promised order, serves, signs.
async fn frame<F>(
    state: &AppState,
    id: &RequestId,
    (client, early): (ClientAddress, Early),
    body: Result<Bytes, BytesRejection>,
    call: &Call,
    serve: F,
) -> Response
where
    F: for<'a> Serve<'a>,
{
    let fields = match body.map_err(refuse_body).and_then(|b| body::read_json(&b).map_err(|p| Failure::unreadable(&p))) {
        Ok(fields) => fields,
        Err(failure) => return envelope::unsigned(state.cashier.world().now_ms(), &id.0, &failure),
    };
    let creates = std::ptr::eq(call, &calls::CREATE_ORDER);
    let caller = match caller::check(state, &fields, client.0, creates).await {
        Ok(caller) => caller,
        Err((signer, failure)) => return envelope::answer(&state.cashier, &id.0, signer.as_ref(), Err(failure)).await,
    };
    let result = match check_fields(call, &fields, caller.timestamp) {
        Ok((checked, nonce)) => {
            let work = serve(Ask { state, caller: &caller.signer.app, fields: checked, nonce });
            tokio::pin!(work);
            tokio::select! {
                result = &mut work => result,
                () = early.due() => {
                    let answer = async {
                        let late = Err(too_late(call));
                        early.answer(envelope::answer(&state.cashier, &id.0, Some(&caller.signer), late).await);
                    };
                    tokio::join!(answer, work).1
                }
            }
        }
        Err(failure) => Err(failure),
    };
    envelope::answer(&state.cashier, &id.0, Some(&caller.signer), result).await
}

fn check_fields<'a>(call: &Call, fields: &'a Fields, timestamp: i64) -> Result<(Checked<'a>, Nonce), Failure> {
    let checked = call.check(fields)?;
    let nonce = caller::nonce_of(fields, timestamp)?;
    Ok((checked, nonce))
}

fn refuse_body(rejection: BytesRejection) -> Failure {
    let mut failure = Failure::unreadable("the body did not arrive");
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        failure = Failure::unreadable("the body is larger than 64 KiB");
        failure.status = Some(StatusCode::PAYLOAD_TOO_LARGE);
    }
    failure
}

async fn no_such_call(State(state): State<AppState>, Extension(id): Extension<RequestId>) -> Response {
    let mut failure = Failure::unreadable("there is no such call");
    failure.status = Some(StatusCode::NOT_FOUND);
    envelope::unsigned(state.cashier.world().now_ms(), &id.0, &failure)
}

async fn wrong_method(State(state): State<AppState>, Extension(id): Extension<RequestId>) -> Response {
    let mut failure = Failure::unreadable("calls are POST");
    failure.status = Some(StatusCode::METHOD_NOT_ALLOWED);
    envelope::unsigned(state.cashier.world().now_ms(), &id.0, &failure)
}

/// The answer to a call that panicked.
pub fn internal_error(state: &AppState, request_id: &str) -> Response {
    let failure = Failure::new(Code::Internal, "internal error; the request_id finds it in the log");
    envelope::unsigned(state.cashier.world().now_ms(), request_id, &failure)
}

/// What a call whose work goes on is told: where a provider is asked, it is the provider that has not said anything yet.
fn too_late(call: &Call) -> Failure {
    let awaits_provider = [&calls::START_PAYMENT, &calls::CLOSE_ORDER, &calls::REQUEST_REFUND];
    if awaits_provider.into_iter().any(|c| std::ptr::eq(call, c)) {
        return Failure::new(Code::ProviderUnclear, "the provider has not answered yet; query in a moment");
    }
    let mut failure = Failure::new(Code::Internal, "this takes too long; query in a moment");
    failure.status = Some(StatusCode::SERVICE_UNAVAILABLE);
    failure
}

/// The answer to a call that has not even come so far that its app is known.
pub fn takes_too_long(state: &AppState, request_id: &str) -> Response {
    let mut failure = Failure::new(Code::Internal, "this takes too long; query in a moment");
    failure.status = Some(StatusCode::SERVICE_UNAVAILABLE);
    envelope::unsigned(state.cashier.world().now_ms(), request_id, &failure)
}
