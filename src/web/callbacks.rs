//! Where providers call: raw bytes in, exactly the answer that they expect out. And where they send the browser back.

use super::RequestId;
use super::asking::alone;
use super::state::AppState;
use crate::pay::channel::NoticeKind;
use crate::ui::LonePage;
use crate::ui::i18n::choose;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

/// Takes a notice of any method: one provider calls with GET.
pub async fn notice(
    State(state): State<AppState>,
    Path((channel_id, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(kind) = NoticeKind::parse(&kind) else { return StatusCode::NOT_FOUND.into_response() };
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    // Values that are no text cannot be part of any provider's signature.
    let headers: Vec<(String, String)> =
        headers.iter().filter_map(|(n, v)| Some((n.as_str().to_owned(), v.to_str().ok()?.to_owned()))).collect();
    let answer = state.cashier.accept_notice(&channel_id, kind, &headers, &query.unwrap_or_default(), &body).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type))], answer.body).into_response()
}

/// A browser that comes back proves nothing: it starts a question to the provider and sees the checkout again.
pub async fn back(
    State(state): State<AppState>,
    Extension(id): Extension<RequestId>,
    Path(pay_no): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (lang, demo) = (choose(query.as_deref().unwrap_or_default(), &headers), state.web.is_demo());
    match state.cashier.page_back(&pay_no).await {
        Ok(Some(token)) => Redirect::to(&state.cashier.checkout_url(&token)).into_response(),
        Ok(None) => alone(StatusCode::NOT_FOUND, &LonePage::unknown_payment(lang).in_demo(demo)),
        Err(error) => {
            tracing::error!(?error, "a returning payer could not be matched");
            // Some providers send the browser back with a form; this address serves both.
            let page = LonePage::unavailable(lang).reference(&id.0).again(Some(""));
            alone(StatusCode::SERVICE_UNAVAILABLE, &page.in_demo(demo))
        }
    }
}
