//! Payment pages: a browser posts a merchant's form, the payer pays or leaves, and the browser carries the result back.
//! Faults of the merchant's form are shown here as a page; the merchant's server hears nothing.

use super::account::PAYEE;
use super::calls;
use super::desk::Unionpay;
use super::ledger::{Key, Transaction};
use super::message::Message;
use super::notice;
use super::refusal::Refusal;
use super::rules;
use super::view::{self, Lang};
use crate::model::ChannelKind;
use crate::simulator::{self, Behaviour, Pay};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// `POST /gateway/api/frontTransReq.do`.
pub async fn open(State(unionpay): State<Arc<Unionpay>>, headers: HeaderMap, body: Bytes) -> Response {
    let lang = Lang::of(&headers);
    match begin(&unionpay, &body) {
        Ok(key) => show(&unionpay, &key, lang, None),
        Err(refusal) => {
            unionpay.stage.refused(ChannelKind::Unionpay, refusal.code);
            fault(StatusCode::OK, lang, &refusal)
        }
    }
}

fn begin(unionpay: &Unionpay, body: &[u8]) -> Result<Key, Refusal> {
    let message = Message::read(body).ok_or_else(|| Refusal::format("form"))?;
    rules::check(&message, &unionpay.account)?;
    if (message.text_of("txnType"), message.text_of("txnSubType")) != ("01", "01") {
        return Err(Refusal::not_permitted());
    }
    rules::need(&message, "frontUrl")?;
    let order = calls::read_payment(&message, &["07", "08"], "000201", unionpay.now_ms())?;
    let mut desk = unionpay.desk();
    let key = order.key.clone();
    // The same page loaded again is no second payment.
    if desk.ledger.get(&key).is_some_and(|known| known.order == order) {
        return Ok(key);
    }
    desk.ledger.begin(order, None, unionpay.now_ms())?;
    Ok(key)
}

fn fault(status: StatusCode, lang: Lang, refusal: &Refusal) -> Response {
    (status, view::HEADERS, view::fault(lang, refusal)).into_response()
}

fn show(unionpay: &Unionpay, key: &Key, lang: Lang, note: Option<&str>) -> Response {
    let mut desk = unionpay.desk();
    let Some(payment) = desk.ledger.get(key).cloned() else {
        return fault(StatusCode::NOT_FOUND, lang, &Refusal::absent());
    };
    let back = back_form(unionpay, &mut desk, &payment);
    let facts = view::Facts {
        payment: &payment,
        payee: PAYEE,
        state: super::desk::offer_state(&payment, unionpay.now_ms()),
        behaviour: desk.behaviour(key).0,
        back: back.as_ref().map(|(url, message)| (url.as_str(), message)),
        note,
    };
    (view::HEADERS, view::page(lang, &facts)).into_response()
}

/// The form that leads back to the merchant. It carries the result of a payment that is done.
fn back_form(unionpay: &Unionpay, desk: &mut super::desk::Desk, payment: &Transaction) -> Option<(String, Message)> {
    let url = payment.order.front_url.clone()?;
    let message = if payment.done.is_some() {
        unionpay.signed(desk, notice::result(&unionpay.account, payment))
    } else {
        Message::default()
    };
    Some((url, message))
}

fn found(unionpay: &Unionpay, query_id: &str) -> Option<Key> {
    unionpay.desk().ledger.by_query_id(query_id).map(|payment| payment.order.key.clone())
}

/// `GET /unionpay/pay/{query_id}`.
pub async fn again(State(unionpay): State<Arc<Unionpay>>, headers: HeaderMap, Path(query_id): Path<String>) -> Response {
    let lang = Lang::of(&headers);
    match found(&unionpay, &query_id) {
        Some(key) => show(&unionpay, &key, lang, None),
        None => fault(StatusCode::NOT_FOUND, lang, &Refusal::absent()),
    }
}

/// `POST /unionpay/pay/{query_id}`: the button.
pub async fn pay(
    State(unionpay): State<Arc<Unionpay>>,
    headers: HeaderMap,
    Path(query_id): Path<String>,
    body: Bytes,
) -> Response {
    let lang = Lang::of(&headers);
    let Some(key) = found(&unionpay, &query_id) else {
        return fault(StatusCode::NOT_FOUND, lang, &Refusal::absent());
    };
    let form = Message::read(&body).unwrap_or_default();
    let chosen = form.get("behaviour").and_then(|word| Behaviour::parse(word).ok());
    let account = form.get("account").and_then(|word| simulator::Account::parse(word).ok());
    let outcome = {
        let mut desk = unionpay.desk();
        let behaviour = chosen.unwrap_or_else(|| desk.behaviour(&key).0);
        unionpay.pay_transaction(&mut desk, &key, Pay { behaviour, account: account.unwrap_or(simulator::Account::Xiaoming) })
    };
    match outcome {
        Ok(receipt) if receipt.state == simulator::OfferState::Failed => show(
            &unionpay,
            &key,
            lang,
            Some(lang.pick("付款失败，没有扣款。可以重试。", "The payment failed. You were not charged. You can try again.")),
        ),
        Ok(_) => Redirect::to(&format!("/unionpay/pay/{query_id}")).into_response(),
        Err(refusal) => show(&unionpay, &key, lang, Some(refusal.message.as_str())),
    }
}

/// `GET /unionpay/page.css`.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css"))
}
