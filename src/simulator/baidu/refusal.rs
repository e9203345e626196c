//! Baidu's refusals in its envelope.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal: its number, its sentence, and a word for the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub errno: i64,
    pub msg: &'static str,
    pub word: &'static str,
}

const fn refusal(errno: i64, msg: &'static str, word: &'static str) -> Refusal {
    Refusal { errno, msg, word }
}

pub const PARAMETER: Refusal = refusal(10001, "参数错误", "parameter");
pub const MISMATCH: Refusal = refusal(10002, "orderId 与 userId 不匹配", "mismatch");
pub const SIGNATURE: Refusal = refusal(10011, "rsaSign 签名错误", "signature");
pub const APP_KEY: Refusal = refusal(10012, "appKey 错误", "app_key");
pub const NO_ORDER: Refusal = refusal(10013, "订单不存在", "no_order");
pub const NOT_PAID: Refusal = refusal(10014, "订单未支付", "not_paid");
pub const PAID: Refusal = refusal(10015, "订单已支付", "paid");
pub const CANCELLED: Refusal = refusal(10016, "订单已取消", "cancelled");
pub const NOT_CONSUMED: Refusal = refusal(10017, "部分退款订单必须是核销状态", "not_consumed");
pub const TOO_MUCH: Refusal = refusal(10018, "退款金额超过可退金额", "too_much");
pub const BATCH_REUSED: Refusal = refusal(10019, "退款批次号重复", "batch_reused");
pub const ORDER_REUSED: Refusal = refusal(10020, "tpOrderId 重复", "order_reused");

impl Refusal {
    pub fn envelope(self) -> Value {
        json!({ "errno": self.errno, "msg": self.msg, "data": [] })
    }
}

/// Success with its data.
pub fn done(data: Value) -> Response {
    Json(json!({ "errno": 0, "msg": "success", "data": data })).into_response()
}
