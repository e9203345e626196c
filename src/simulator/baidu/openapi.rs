//! The newer generation: calls let in by a token. Provider's documents: 支付服务, 获取 access_token.

use super::desk::Baidu;
use super::ledger::{Order, Wish};
use super::legacy::{checked_refund, need, refused};
use super::params;
use super::refusal::{self, Refusal, done};
use super::sign::Fields;
use crate::model::ChannelKind;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// Life of a token, seconds.
const TOKEN_LIFE_S: i64 = 86_400;

/// What `slow` and `down` do to a call about an order.
pub async fn hindrance(baidu: &Baidu, tp_order_id: Option<&str>) -> Option<Response> {
    let (behaviour, since) = baidu.desk().behaviour(tp_order_id?);
    baidu.stage.hindrance(behaviour, since).await
}

/// `/oauth/2.0/token`.
pub async fn token(State(baidu): State<Arc<Baidu>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let mut fields = params::read(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    fields.extend(params::read(&body).unwrap_or_default());
    let fault = |status: StatusCode, error: &str, words: &str| {
        baidu.stage.refused(ChannelKind::Baidu, error);
        (status, Json(json!({ "error": error, "error_description": words }))).into_response()
    };
    if fields.get("grant_type").map(String::as_str) != Some("client_credentials") {
        return fault(StatusCode::BAD_REQUEST, "unsupported_grant_type", "The authorization grant type is not supported");
    }
    if fields.get("client_id") != Some(&baidu.account.client_id) {
        return fault(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client id");
    }
    if fields.get("client_secret") != Some(&baidu.account.client_secret) {
        return fault(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed");
    }
    let token = format!("24.{}", baidu.stage.token(32));
    baidu.desk().tokens.insert(token.clone(), baidu.now_ms() + TOKEN_LIFE_S * 1000);
    Json(json!({
        "access_token": token,
        "expires_in": TOKEN_LIFE_S,
        "refresh_token": format!("25.{}", baidu.stage.token(32)),
        "scope": "public smartapp_snsapi_base",
        "session_key": "",
        "session_secret": "",
    }))
    .into_response()
}

/// All calls of the payment service.
pub async fn service(
    State(baidu): State<Arc<Baidu>>,
    method: Method,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let Some(mut fields) = params::read(query.unwrap_or_default().as_bytes()) else {
        return refused(&baidu, refusal::PARAMETER);
    };
    if let Some(barred) = bar(&baidu, fields.remove("access_token").as_deref()) {
        return barred;
    }
    if name == "applyOrderRefund" {
        if method != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        match params::read(&body) {
            Some(form) => fields.extend(form),
            None => return refused(&baidu, refusal::PARAMETER),
        }
    } else if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let about = fields.get("tpOrderId").cloned().or_else(|| {
        let desk = baidu.desk();
        desk.ledger.by_order_id(fields.get("orderId")?).map(|order| order.info.tp_order_id.clone())
    });
    if let Some(hindrance) = hindrance(&baidu, about.as_deref()).await {
        return hindrance;
    }
    let outcome = match fields.get("pmAppKey") {
        Some(key) if *key == baidu.account.app_key => call(&baidu, &name, &fields),
        _ => Err(refusal::APP_KEY),
    };
    match outcome {
        Ok(data) => done(data),
        Err(refusal) => refused(&baidu, refusal),
    }
}

fn bar(baidu: &Baidu, token: Option<&str>) -> Option<Response> {
    let until = token.and_then(|token| baidu.desk().tokens.get(token).copied());
    let (code, words) = match until {
        Some(until) if baidu.now_ms() < until => return None,
        Some(_) => (111, "Access token expired"),
        None => (110, "Access token invalid or no longer valid"),
    };
    baidu.stage.refused(ChannelKind::Baidu, "token");
    Some(Json(json!({ "error_code": code, "error_msg": words })).into_response())
}

fn call(baidu: &Arc<Baidu>, name: &str, fields: &Fields) -> Result<Value, Refusal> {
    match name {
        "findByTpOrderId" => {
            let desk = baidu.desk();
            let order = desk.ledger.get(need(fields, "tpOrderId")?).ok_or(refusal::NO_ORDER)?;
            Ok(described(baidu, order))
        }
        "applyOrderRefund" => {
            let tp_order_id = checked_refund(baidu, fields)?;
            let needs_audit = match fields.get("isSkipAudit").map(String::as_str) {
                None | Some("" | "0") => true,
                Some("1") => false,
                Some(_) => return Err(refusal::PARAMETER),
            };
            let wish = Wish {
                biz_number: Some(need(fields, "bizRefundBatchId")?.to_owned()),
                amount: Some(params::positive(need(fields, "applyRefundMoney")?).ok_or(refusal::PARAMETER)?),
                result_url: fields.get("refundNotifyUrl").filter(|url| !url.is_empty()).cloned(),
                needs_audit,
            };
            let batch = baidu.begin_refund(&mut baidu.desk(), &tp_order_id, wish)?;
            Ok(json!({ "refundBatchId": batch.refund_batch_id, "refundPayMoney": batch.amount }))
        }
        "findOrderRefund" => {
            let desk = baidu.desk();
            let order = desk.ledger.get(need(fields, "tpOrderId")?).ok_or(refusal::NO_ORDER)?;
            let user_id = need(fields, "userId")?;
            if order.paid.as_ref().is_some_and(|paid| paid.user_id != user_id) {
                return Err(refusal::MISMATCH);
            }
            let entry = |batch: &super::ledger::Batch| {
                json!({
                    "bizRefundBatchId": batch.biz_number.clone().unwrap_or_default(),
                    "orderId": number(&order.order_id),
                    "refundBatchId": batch.refund_batch_id,
                    "refundStatus": batch.number(),
                    "userId": number(user_id),
                })
            };
            Ok(Value::Array(order.batches.iter().map(entry).collect()))
        }
        "cancelOrder" => {
            let mut desk = baidu.desk();
            let order = desk.ledger.by_order_id(need(fields, "orderId")?).ok_or(refusal::NO_ORDER)?;
            let tp_order_id = order.info.tp_order_id.clone();
            baidu.cancel(&mut desk, &tp_order_id)?;
            Ok(Value::Null)
        }
        "orderBill" | "capitaBill" => {
            let kind = if name == "orderBill" { "order" } else { "capita" };
            super::bill::offer(baidu, kind, need(fields, "billTime")?)
        }
        _ => Err(refusal::PARAMETER),
    }
}

/// Baidu writes its long numbers bare.
fn number(text: &str) -> Value {
    text.parse::<i64>().map_or(Value::Null, Value::from)
}

fn described(baidu: &Baidu, order: &Order) -> Value {
    let paid = order.paid.as_ref();
    let total = paid.map_or(order.info.total, |paid| paid.total);
    json!({
        "appId": number(&baidu.account.app_id),
        "appKey": baidu.account.app_key,
        "bizInfo": "",
        "count": 1,
        "createTime": order.created_ms / 1000,
        "dealId": number(&baidu.account.deal_id),
        "orderId": number(&order.order_id),
        "oriPrice": total,
        "parentOrderId": 0,
        "parentType": 0,
        "payMoney": paid.map_or(0, |paid| paid.total - paid.promotion),
        "settlePrice": 0,
        "status": order.status.number(),
        "subStatus": 0,
        "totalMoney": total,
        "tpId": 0,
        "tpOrderId": order.info.tp_order_id,
        "tradeNo": "",
        "type": 0,
        "userId": paid.map_or(Value::from(0), |paid| number(&paid.user_id)),
    })
}
