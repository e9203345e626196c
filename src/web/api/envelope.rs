//! The answer around `data`, signed over the very text that is sent.

use super::codes::{Code, Failure};
use crate::model::views::docs::SignedDoc;
use crate::pay::signing::{Fields, SignType, canonical_text, hmac_hex};
use crate::pay::{AppWithKeys, Cashier, Secret};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

/// The message of a call that is done.
const DONE: &str = "done";

/// Who asked, and how the answer is signed. Known once the app is.
#[derive(Clone)]
pub struct Signer {
    pub app: Arc<AppWithKeys>,
    pub sign_type: SignType,
}

/// Builds the answer. 429 is never signed, and nothing is before the app is known.
pub async fn answer(cashier: &Cashier, request_id: &str, signer: Option<&Signer>, result: Result<Value, Failure>) -> Response {
    let (code, status, message, data, retry_after) = match result {
        Ok(data) => (Code::Done, StatusCode::OK, DONE.to_owned(), data, None),
        Err(f) => (f.code, f.http_status(), f.message.clone(), f.facts(), f.retry_after_s),
    };
    let timestamp = cashier.world().now_ms().div_euclid(1000).to_string();
    let data = data.to_string();
    let signature = match signer.filter(|_| code != Code::TooManyRequests) {
        Some(signer) => sign(cashier, signer, code, &message, &data, request_id, &timestamp).await,
        None => None,
    };
    let app_id = signer.map(|s| s.app.app.app_id.as_str());
    if code == Code::Done {
        tracing::debug!(app_id, "a merchant's call is done");
    } else {
        tracing::info!(code = code.as_str(), app_id, "a merchant's call was refused");
    }
    respond(status, &body(code, &message, &data, request_id, &timestamp, signature.as_deref()), retry_after)
}

/// An answer without a signature, for faults before or outside of a call.
pub fn unsigned(now_ms: i64, request_id: &str, failure: &Failure) -> Response {
    let timestamp = now_ms.div_euclid(1000).to_string();
    let data = failure.facts().to_string();
    let text = body(failure.code, &failure.message, &data, request_id, &timestamp, None);
    respond(failure.http_status(), &text, failure.retry_after_s)
}

/// An answer as an app with this key would get it, for the API reference.
pub fn example(key: &Secret<String>, data: &Value, request_id: &str, now_s: i64) -> SignedDoc {
    let (data, timestamp) = (data.to_string(), now_s.to_string());
    let text = covered(Code::Done, DONE, &data, request_id, &timestamp);
    let sign = hmac_hex(key, &text);
    let message = body(Code::Done, DONE, &data, request_id, &timestamp, Some(&sign));
    SignedDoc { text, sign, message }
}

async fn sign(
    cashier: &Cashier,
    signer: &Signer,
    code: Code,
    message: &str,
    data: &str,
    request_id: &str,
    timestamp: &str,
) -> Option<String> {
    match cashier.sign_answer(&signer.app, signer.sign_type, &covered(code, message, data, request_id, timestamp)).await {
        Ok(sign) => Some(sign),
        Err(error) => {
            tracing::error!(?error, "an answer could not be signed");
            None
        }
    }
}

/// The text that is signed.
fn covered(code: Code, message: &str, data: &str, request_id: &str, timestamp: &str) -> String {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: &str| fields.insert(name.to_owned(), value.to_owned());
    put("code", code.as_str());
    put("message", message);
    put("data", if data == "null" { "" } else { data });
    put("request_id", request_id);
    put("timestamp", timestamp);
    canonical_text(&fields)
}

/// Written by hand, since the signature covers the text of `data` and no writer may touch it again.
fn body(code: Code, message: &str, data: &str, request_id: &str, timestamp: &str, sign: Option<&str>) -> String {
    let text = |t: &str| Value::String(t.to_owned()).to_string();
    let sign = sign.map(|s| format!(",\"sign\":{}", text(s))).unwrap_or_default();
    format!(
        "{{\"code\":\"{}\",\"message\":{},\"data\":{data},\"request_id\":{},\"timestamp\":{timestamp}{sign}}}",
        code.as_str(),
        text(message),
        text(request_id),
    )
}

fn respond(status: StatusCode, body: &str, retry_after: Option<u32>) -> Response {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    let mut response = (status, [(header::CONTENT_TYPE, json)], body.to_owned()).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_json_whatever_the_message_holds() {
        let text = body(Code::Done, "a \"b\"\n\u{1}", "{\"x\":1}", "id", "7", Some("s+/="));
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["message"], "a \"b\"\n\u{1}");
        assert_eq!(read["data"]["x"], 1);
        assert_eq!(read["sign"], "s+/=");
        let unsigned = body(Code::Done, "", "null", "id", "7", None);
        assert!(!unsigned.contains("sign"));
    }
}
