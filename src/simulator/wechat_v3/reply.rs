//! Answers with the provider's signature: a success, or a fault with its code.

use super::play::Wechat;
use super::sign;
use super::switches::ReplyTrick;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Why a call does not succeed.
#[derive(Debug, Clone)]
pub struct Fault {
    pub status: u16,
    pub code: &'static str,
    pub text: String,
    /// The finer number at the end of `Request-ID`.
    pub sub_code: u32,
    pub detail: Option<Value>,
}

impl Fault {
    pub fn new(status: u16, code: &'static str, text: impl Into<String>, sub_code: u32) -> Self {
        Self { status, code, text: text.into(), sub_code, detail: None }
    }

    /// A field that breaks its rule; `field` is its JSON pointer.
    pub fn wrong(field: &str, issue: &str) -> Self {
        let detail = json!({ "field": field, "issue": issue, "location": "body" });
        Self { detail: Some(detail), ..Self::new(400, "PARAM_ERROR", format!("输入源“{field}”{issue}"), 268_435_461) }
    }

    pub fn unsigned(text: impl Into<String>) -> Self {
        Self::new(401, "SIGN_ERROR", text, 268_443_699)
    }

    pub fn paid() -> Self {
        Self::new(400, "ORDERPAID", "该订单已支付", 268_498_689)
    }

    pub fn order_not_found() -> Self {
        Self::new(404, "ORDER_NOT_EXIST", "订单不存在", 268_512_771)
    }

    /// What the counters call it.
    pub fn label(&self) -> String {
        format!("{} {}", self.code, self.text)
    }
}

/// What a call yields: a JSON object, or nothing (204).
pub type Answer = Result<Option<Value>, Fault>;

fn request_id(wechat: &Wechat, sub_code: u32) -> String {
    format!("08{}{}-{sub_code}", wechat.stage.random_text(b"0123456789ABCDEF", 30), wechat.stage.digits(2))
}

/// Writes an answer. `wants` is the `Wechatpay-Serial` of the request.
pub fn write(wechat: &Wechat, wants: Option<&str>, answer: Answer) -> Response {
    match answer {
        Ok(body) => {
            let (status, bytes) = match body {
                Some(body) => (StatusCode::OK, body.to_string().into_bytes()),
                None => (StatusCode::NO_CONTENT, Vec::new()),
            };
            let mut response = (status, bytes.clone()).into_response();
            put(&mut response, seal(wechat, wants, &bytes));
            if let Ok(id) = HeaderValue::from_str(&request_id(wechat, 0)) {
                response.headers_mut().insert("request-id", id);
            }
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
            response
        }
        Err(fault) => {
            let mut body = json!({ "code": fault.code, "message": fault.text });
            if let Some(detail) = fault.detail {
                body["detail"] = detail;
            }
            let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
            let id = request_id(wechat, fault.sub_code);
            let kind = "application/json; charset=utf-8".to_owned();
            let body = body.to_string();
            // Who has not proved to be a merchant gets no signature.
            let headers = if status == StatusCode::UNAUTHORIZED { Vec::new() } else { seal(wechat, wants, body.as_bytes()) };
            let mut response = (status, [("content-type", kind), ("request-id", id)], body).into_response();
            put(&mut response, headers);
            response
        }
    }
}

fn put(response: &mut Response, headers: Vec<(&'static str, String)>) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// The headers of a signed answer.
fn seal(wechat: &Wechat, wants: Option<&str>, body: &[u8]) -> Vec<(&'static str, String)> {
    let trick = wechat.switches().replies;
    let timestamp = (wechat.now().div_euclid(1000)).to_string();
    let nonce = wechat.stage.token(32);
    let (mut serial, key) = wechat.reply_key(wants);
    let text = sign::reply_text(&timestamp, &nonce, body);
    let mut signature = STANDARD.encode(key.sign_sha256(&text));
    match trick {
        ReplyTrick::None => {}
        ReplyTrick::Probe => signature = format!("WECHATPAY/SIGNTEST/{}", &signature[19..]),
        ReplyTrick::WrongSerial => serial = format!("7{}", wechat.stage.random_text(b"0123456789ABCDEF", 39)),
    }
    vec![
        ("wechatpay-nonce", nonce),
        ("wechatpay-serial", serial),
        ("wechatpay-signature", signature),
        ("wechatpay-signature-type", sign::SCHEME.to_owned()),
        ("wechatpay-timestamp", timestamp),
    ]
}
