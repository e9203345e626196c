//! `/cashier`: an order as a link or form that a browser opens. The answer is a way to the checkout, or a page for a
//! person. A link that was opened before leads to the same checkout whatever its nonce and age, since people go back.

use super::codes::{Code, Failure};
use super::{body, caller, calls, orders};
use crate::pay::signing::Fields;
use crate::pay::{Error, Order, OrderKey};
use crate::ui::LonePage;
use crate::ui::i18n::{Lang, choose};
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
        Err(rejection) => page(&id, "", &headers, &super::refuse_body(rejection)),
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
            page(id, query, headers, &failure)
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
fn page(id: &RequestId, query: &str, headers: &HeaderMap, failure: &Failure) -> Response {
    let lang = choose(query, headers);
    let (title, text) = words(lang, failure);
    let mut html = axum::response::Html(LonePage::error(lang, title, &text).reference(&id.0).render()).into_response();
    *html.status_mut() = failure.http_status();
    let headers = html.headers_mut();
    if let Some(seconds) = failure.retry_after_s {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    html
}

fn words(lang: Lang, failure: &Failure) -> (&'static str, String) {
    let zh = lang == Lang::Zh;
    let pick = |chinese: &'static str, english: &'static str| if zh { chinese } else { english };
    match failure.code {
        Code::TooManyRequests => (
            pick("访问过于频繁", "Too many requests"),
            pick("请稍等片刻再打开此链接。您没有被扣款。", "Please open the link again in a moment. No money has moved.")
                .to_owned(),
        ),
        Code::Internal => (
            pick("暂时无法打开收银台", "The checkout cannot be opened right now"),
            pick("请稍后再试。您没有被扣款。", "Please try again in a moment. No money has moved.").to_owned(),
        ),
        Code::StaleTimestamp | Code::NonceSeen => (
            pick("链接已失效", "This link is no longer valid"),
            pick("请回到商家页面重新下单。您没有被扣款。", "Please go back to the shop and order again. No money has moved.")
                .to_owned(),
        ),
        _ => (
            pick("无法打开收银台", "The checkout cannot be opened"),
            format!(
                "{} ({}: {})",
                pick(
                    "商家给出的链接有误，请联系商家。您没有被扣款。",
                    "The link from the shop is not right; please contact the shop. No money has moved."
                ),
                failure.code.as_str(),
                failure.message
            ),
        ),
    }
}
