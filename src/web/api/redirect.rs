//! `/cashier`: an order as a link or form that a browser opens. The answer is a way to the checkout, or a page for a
//! person. A link that was opened before leads to the same checkout whatever its nonce and age, since people go back.

use super::codes::{Code, Failure};
use super::{body, caller, calls, orders};
use crate::pay::signing::Fields;
use crate::pay::{Error, Order, OrderKey};
use crate::ui::LonePage;
use crate::ui::i18n::choose;
use crate::web::asking::alone;
use crate::web::{AppState, ClientAddress, RequestId};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

pub(super) async fn from_query(
    State(state): State<AppState>,
    Extension(id): Extension<RequestId>,
    Extension(client): Extension<ClientAddress>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    open(&state, &id, client, (&query, &headers), body::read_form(query.as_bytes())).await
}

pub(super) async fn from_form(
    State(state): State<AppState>,
    Extension(id): Extension<RequestId>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    form: Result<Bytes, BytesRejection>,
) -> Response {
    match form {
        Ok(bytes) => open(&state, &id, client, ("", &headers), body::read_form(&bytes)).await,
        Err(rejection) => page(&state, &id, ("", &headers), &super::refuse_body(rejection)),
    }
}

async fn open(
    state: &AppState,
    id: &RequestId,
    client: ClientAddress,
    (query, headers): (&str, &HeaderMap),
    fields: Result<Fields, String>,
) -> Response {
    let order = match fields {
        Ok(fields) => find_or_create(state, client, &fields).await,
        Err(problem) => Err(Failure::unreadable(&problem)),
    };
    match order {
        Ok(order) => Redirect::to(&state.cashier.checkout_url(&order.token)).into_response(),
        Err(failure) => {
            tracing::info!(code = failure.code.as_str(), "a cashier link was refused");
            page(state, id, (query, headers), &failure)
        }
    }
}

async fn find_or_create(state: &AppState, client: ClientAddress, fields: &Fields) -> Result<Order, Failure> {
    let cashier = &state.cashier;
    let app = caller::find_app(state, fields).await?;
    caller::check_rate(state, &app.app.app_id, client.0, true)?;
    let timestamp = caller::timestamp_of(fields)?;
    let in_window = caller::check_window(state, timestamp);
    // A stale link is worth a look at its signature: its order may exist.
    let sign_type = caller::sign_type_of(&app, fields)?;
    caller::check_signature(state, &app, sign_type, fields, client.0).map_err(|f| in_window.clone().err().unwrap_or(f))?;
    caller::use_rate(state, &app.app.app_id)?;
    let checked = calls::CREATE_ORDER.check(fields);
    let key = OrderKey { order_no: None, out_order_no: fields.get("out_order_no").cloned() };
    let known = match key.out_order_no.as_deref() {
        Some(number) if !number.is_empty() => match cashier.find_order(Some(&app.app.app_id), &key).await {
            Ok(_) => true,
            Err(Error::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        },
        _ => false,
    };
    if !known {
        in_window?;
    }
    let checked = checked?;
    let nonce = if known { None } else { Some(caller::nonce_of(fields, timestamp)?) };
    match cashier.create_order(&app.app, orders::new_order(&checked, nonce)?).await {
        Ok(order) => Ok(order),
        // Opened twice in the same moment: the other one has spent the nonce and made the order.
        Err(error) => {
            let failure = Failure::from(error);
            if failure.code != Code::NonceSeen {
                return Err(failure);
            }
            match cashier.find_order(Some(&app.app.app_id), &key).await {
                Ok(_) => Ok(cashier.create_order(&app.app, orders::new_order(&checked, None)?).await?),
                Err(_) => Err(failure),
            }
        }
    }
}

/// Nobody who reads this page has written the link: it says what to do, and the number that finds the reason.
fn page(state: &AppState, id: &RequestId, (query, headers): (&str, &HeaderMap), failure: &Failure) -> Response {
    let lang = choose(query, headers);
    let page = match failure.code {
        Code::TooManyRequests => LonePage::busy_link(lang),
        Code::Internal => LonePage::failed_link(lang),
        Code::StaleTimestamp | Code::NonceSeen => LonePage::expired_link(lang),
        code => LonePage::wrong_link(lang).details(format!("{}: {}", code.as_str(), failure.message)),
    };
    let mut answer = alone(failure.http_status(), &page.reference(&id.0).in_demo(state.web.is_demo()));
    if let Some(seconds) = failure.retry_after_s {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}
