//! The wallet's endpoints. `POST /wallet/pay` serves programs (JSON in, JSON out) and the page's form (303 to the result).

use super::super::behaviour::{Account, Behaviour};
use super::super::provider::{Pay, Receipt, Refusal};
use super::super::server::Simulator;
use crate::model::ChannelKind;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
struct PayRequest {
    code: String,
    behaviour: Option<String>,
    account: Option<String>,
}

#[derive(Deserialize)]
struct BehaveRequest {
    code: String,
    behaviour: String,
}

#[derive(Deserialize)]
struct CodesRequest {
    kind: String,
    behaviour: Option<String>,
    account: Option<String>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, Json(json!({ "ok": false, "error": self.code, "message": self.message }))).into_response()
    }
}

fn order(behaviour: Option<&str>, account: Option<&str>) -> Result<Pay, Refusal> {
    let behaviour = Behaviour::parse(behaviour.filter(|b| !b.is_empty()).unwrap_or("ok"))
        .map_err(|e| Refusal::invalid("behaviour", e.to_string()))?;
    let account = Account::parse(account.filter(|a| !a.is_empty()).unwrap_or("xiaoming"))
        .map_err(|e| Refusal::invalid("account", e.to_string()))?;
    Ok(Pay { behaviour, account })
}

fn json_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|e| Refusal::invalid("body", e.to_string()))
}

pub(super) async fn pay(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        return pay_by_form(&simulator, &body).await;
    }
    let request: PayRequest = match json_body(&body) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    match pay_once(&simulator, &request).await {
        Ok(receipt) => Json(receipt).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn pay_once(simulator: &Simulator, request: &PayRequest) -> Result<Receipt, Refusal> {
    simulator.pay(&request.code, order(request.behaviour.as_deref(), request.account.as_deref())?).await
}

async fn pay_by_form(simulator: &Simulator, body: &[u8]) -> Response {
    let mut request = PayRequest { code: String::new(), behaviour: None, account: None };
    for (name, value) in form_urlencoded::parse(body) {
        match name.as_ref() {
            "code" => request.code = value.into_owned(),
            "behaviour" => request.behaviour = Some(value.into_owned()),
            "account" => request.account = Some(value.into_owned()),
            _ => {}
        }
    }
    let outcome = match pay_once(simulator, &request).await {
        Ok(receipt) => receipt.state.as_str(),
        Err(refusal) => refusal.code,
    };
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &request.code)
        .append_pair("outcome", outcome)
        .finish();
    Redirect::to(&format!("/wallet/result?{query}")).into_response()
}

pub(super) async fn behave(State(simulator): State<Arc<Simulator>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let request: BehaveRequest = json_body(&body)?;
    let behaviour = order(Some(&request.behaviour), None)?.behaviour;
    let (provider, _) = simulator.look_up(&request.code).ok_or_else(Refusal::unknown)?;
    provider.behave(request.code.trim(), behaviour)?;
    Ok(Json(json!({ "ok": true, "behaviour": behaviour })))
}

pub(super) async fn codes(State(simulator): State<Arc<Simulator>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let request: CodesRequest = json_body(&body)?;
    let kind = ChannelKind::parse(&request.kind).map_err(|e| Refusal::invalid("kind", e.to_string()))?;
    let order = order(request.behaviour.as_deref(), request.account.as_deref())?;
    let provider = simulator.provider(kind).ok_or_else(|| Refusal::invalid("kind", "this provider is not simulated"))?;
    let (auth_code, expires_at) =
        provider.issue_bar_code(order).ok_or_else(|| Refusal::invalid("kind", "this provider has no bar codes"))?;
    Ok(Json(json!({ "ok": true, "auth_code": auth_code, "expires_at": expires_at })))
}

pub(super) async fn release(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    Json(json!({ "ok": true, "released": simulator.release_refunds() }))
}
