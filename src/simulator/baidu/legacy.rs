//! The older generation: calls signed by the merchant. Provider's documents: 申请退款, 取消核销, 查询订单.

use super::desk::Baidu;
use super::ledger::{Status, Wish};
use super::refusal::{self, Refusal, done};
use super::sign::Fields;
use super::{openapi, params};
use crate::model::ChannelKind;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// Query and form together.
fn all(query: Option<String>, body: &[u8]) -> Result<Fields, Refusal> {
    let mut fields = params::read(query.unwrap_or_default().as_bytes()).ok_or(refusal::PARAMETER)?;
    for (name, value) in params::read(body).ok_or(refusal::PARAMETER)? {
        if fields.insert(name, value).is_some() {
            return Err(refusal::PARAMETER);
        }
    }
    Ok(fields)
}

pub fn refused(baidu: &Baidu, refusal: Refusal) -> Response {
    baidu.stage.refused(ChannelKind::Baidu, refusal.word);
    Json(refusal.envelope()).into_response()
}

impl Baidu {
    fn check(&self, fields: &Fields, signature: &str) -> Result<(), Refusal> {
        let given = fields.get(signature).map(String::as_str).unwrap_or_default();
        // Whether the historic host signs `method` too is not documented: both are taken.
        let mut without_method = fields.clone();
        without_method.remove("method");
        if !self.account.merchant.verifies(fields, given) && !self.account.merchant.verifies(&without_method, given) {
            return Err(refusal::SIGNATURE);
        }
        if fields.get("appKey") != Some(&self.account.app_key) {
            return Err(refusal::APP_KEY);
        }
        Ok(())
    }

    /// The merchant's number of an order that Baidu's number and the payer's both name.
    pub(super) fn named(&self, order_id: &str, user_id: &str) -> Result<String, Refusal> {
        let desk = self.desk();
        let order = desk.ledger.by_order_id(order_id).ok_or(refusal::NO_ORDER)?;
        match &order.paid {
            None => Err(refusal::NOT_PAID),
            Some(paid) if paid.user_id != user_id => Err(refusal::MISMATCH),
            Some(_) => Ok(order.info.tp_order_id.clone()),
        }
    }
}

pub fn need<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, Refusal> {
    fields.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or(refusal::PARAMETER)
}

/// `/cashier/applyOrderRefund`.
pub async fn apply_refund(State(baidu): State<Arc<Baidu>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    match all(query, &body) {
        Ok(fields) => refund(&baidu, &fields).await,
        Err(refusal) => refused(&baidu, refusal),
    }
}

async fn refund(baidu: &Arc<Baidu>, fields: &Fields) -> Response {
    if let Some(hindrance) = openapi::hindrance(baidu, fields.get("tpOrderId").map(String::as_str)).await {
        return hindrance;
    }
    let opened = baidu.check(fields, "rsaSign").and_then(|()| {
        let tp_order_id = checked_refund(baidu, fields)?;
        let wish = Wish {
            biz_number: fields.get("bizRefundBatchId").filter(|no| !no.is_empty()).cloned(),
            amount: fields.get("applyRefundMoney").map(|fen| params::positive(fen).ok_or(refusal::PARAMETER)).transpose()?,
            result_url: None,
            needs_audit: true,
        };
        if wish.amount.is_some() != wish.biz_number.is_some() {
            return Err(refusal::PARAMETER);
        }
        baidu.begin_refund(&mut baidu.desk(), &tp_order_id, wish)
    });
    match opened {
        // Texts here, a number in the newer generation.
        Ok(batch) => done(json!({ "refundBatchId": batch.refund_batch_id, "refundPayMoney": batch.amount.to_string() })),
        Err(refusal) => refused(baidu, refusal),
    }
}

/// What both generations ask of a refund's parameters.
pub fn checked_refund(baidu: &Baidu, fields: &Fields) -> Result<String, Refusal> {
    let tp_order_id = baidu.named(need(fields, "orderId")?, need(fields, "userId")?)?;
    need(fields, "refundReason")?;
    if !matches!(need(fields, "refundType")?, "1" | "2" | "3") {
        return Err(refusal::PARAMETER);
    }
    if need(fields, "tpOrderId")? != tp_order_id {
        return Err(refusal::NO_ORDER);
    }
    Ok(tp_order_id)
}

/// `/cashier/syncOrderStatus`: takes the consumption of an order back.
pub async fn sync_status(State(baidu): State<Arc<Baidu>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    match all(query, &body) {
        Ok(fields) => unconsume(&baidu, &fields),
        Err(refusal) => refused(&baidu, refusal),
    }
}

fn unconsume(baidu: &Baidu, fields: &Fields) -> Response {
    let outcome = baidu.check(fields, "rsaSign").and_then(|()| {
        let tp_order_id = baidu.named(need(fields, "orderId")?, need(fields, "userId")?)?;
        if need(fields, "type")? != "3" {
            return Err(refusal::PARAMETER);
        }
        if let Some(order) = baidu.desk().ledger.get_mut(&tp_order_id) {
            order.consumed = false;
        }
        Ok(())
    });
    match outcome {
        Ok(()) => done(json!([])),
        Err(refusal) => refused(baidu, refusal),
    }
}

/// `/nop/server/rest`: the historic host, which is told the call by a parameter.
pub async fn historic(State(baidu): State<Arc<Baidu>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let fields = match all(query, &body) {
        Ok(fields) => fields,
        Err(refusal) => return refused(&baidu, refusal),
    };
    match fields.get("method").map(String::as_str) {
        Some("nuomi.cashier.applyorderrefund") => refund(&baidu, &fields).await,
        Some("nuomi.cashier.syncorderstatus") => unconsume(&baidu, &fields),
        _ => refused(&baidu, refusal::PARAMETER),
    }
}

/// `GET /platform/entity/openapi/queryorderdetail`.
pub async fn query_order(State(baidu): State<Arc<Baidu>>, RawQuery(query): RawQuery) -> Response {
    let found = all(query, b"").and_then(|fields| {
        baidu.check(&fields, "sign")?;
        if fields.get("appId") != Some(&baidu.account.app_id) {
            return Err(refusal::APP_KEY);
        }
        let (order_id, user_id) = (need(&fields, "orderId")?.to_owned(), need(&fields, "siteId")?.to_owned());
        let order = baidu.desk().ledger.by_order_id(&order_id).cloned().ok_or(refusal::NO_ORDER)?;
        match &order.paid {
            Some(paid) if paid.user_id != user_id => Err(refusal::MISMATCH),
            _ => Ok(order),
        }
    });
    let order = match found {
        Ok(order) => order,
        Err(refusal) => return refused(&baidu, refusal),
    };
    if let Some(hindrance) = openapi::hindrance(&baidu, Some(&order.info.tp_order_id)).await {
        return hindrance;
    }
    let state = |number: i64, words: &str| json!({ "statusNum": number, "statusDesc": words });
    let is_paid = order.status == Status::Paid;
    let answer = json!({
        "errno": 0,
        "errmsg": "成功",
        "msg": "成功",
        "data": { "data": {
            "payStatus": if is_paid { state(1, "已支付") } else { state(-1, "未支付") },
            "refundStatus": state(order.refund_number(), ""),
            "verification": if order.consumed { state(1, "已核销") } else { state(-1, "未核销") },
        } },
        "timestamp": baidu.now_ms() / 1000,
        "cached": 0,
        "serverlogid": baidu.stage.digits(10),
    });
    Json(answer).into_response()
}
