//! The cashier inside of Baidu's app, and what payers and merchants do at Baidu itself.

use super::desk::{Baidu, Console};
use super::ledger::Wish;
use super::legacy::refused;
use super::order_info;
use super::refusal::{self, Refusal, done};
use crate::model::ChannelKind;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /baidu/cashier`: opens the cashier with an `orderInfo`.
pub async fn open(State(baidu): State<Arc<Baidu>>, body: Bytes) -> Response {
    let text = String::from_utf8_lossy(&body);
    let opened = order_info::read(&text, &baidu.account).and_then(|info| baidu.open(&mut baidu.desk(), &info));
    match opened {
        Ok(order) => {
            let wallet = baidu.stage.wallet_url(&order.order_id);
            done(json!({ "orderId": order.order_id, "tpOrderId": order.info.tp_order_id, "wallet": wallet }))
        }
        Err(refusal) => {
            baidu.stage.refused(ChannelKind::Baidu, refusal.word);
            Json(json!({ "errCode": refusal.errno, "errMsg": refusal.msg })).into_response()
        }
    }
}

fn tp_order_id(baidu: &Baidu, order_id: &str) -> Result<String, Refusal> {
    let desk = baidu.desk();
    desk.ledger.by_order_id(order_id).map(|order| order.info.tp_order_id.clone()).ok_or(refusal::NO_ORDER)
}

/// `POST /baidu/cashier/{orderId}/cancel`.
pub async fn cancel(State(baidu): State<Arc<Baidu>>, Path(order_id): Path<String>) -> Response {
    match tp_order_id(&baidu, &order_id).and_then(|number| baidu.cancel(&mut baidu.desk(), &number)) {
        Ok(()) => done(json!({})),
        Err(refusal) => refused(&baidu, refusal),
    }
}

/// `POST /baidu/orders/{orderId}/refund`: the payer's wish. Baidu asks the merchant about it.
pub async fn refund(State(baidu): State<Arc<Baidu>>, Path(order_id): Path<String>, body: Bytes) -> Response {
    let wish: Value = serde_json::from_slice(&body).unwrap_or_default();
    let wish = Wish { amount: wish.get("amount").and_then(Value::as_i64), needs_audit: true, ..Wish::default() };
    let opened = tp_order_id(&baidu, &order_id).and_then(|number| baidu.begin_refund(&mut baidu.desk(), &number, wish));
    match opened {
        Ok(batch) => done(json!({ "refundBatchId": batch.refund_batch_id, "refundPayMoney": batch.amount })),
        Err(refusal) => refused(&baidu, refusal),
    }
}

/// `POST /baidu/console`: registers callback addresses.
pub async fn console(State(baidu): State<Arc<Baidu>>, Json(console): Json<Console>) -> Response {
    baidu.desk().console = console;
    done(json!({}))
}
