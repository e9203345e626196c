//! A merchant's side of the API: signing calls, verifying answers, return links and webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::time::Duration;

/// The keys of one app, and where its cashier is.
pub struct Merchant {
    /// Origin of the cashier, without a slash at the end.
    pub cashier: String,
    pub app_id: String,
    pub key: String,
    pub webhook_secret: String,
    client: reqwest::Client,
}

/// Why a call did not work out, in words for the shop's page.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("the cashier could not be reached: {0}")]
    Transport(#[from] reqwest::Error),
    #[error("the cashier's answer is not signed by it")]
    Signature,
    #[error("{code} {message}")]
    Refused { code: String, message: String },
}

impl Merchant {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(cashier: String, app_id: String, key: String, webhook_secret: String) -> Result<Self, reqwest::Error> {
        // The cashier hangs up after 10 s of silence: a call on a connection it is just closing would be lost.
        let builder = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(5));
        let client = builder.timeout(Duration::from_secs(20)).no_proxy().build()?;
        Ok(Self { cashier, app_id, key, webhook_secret, client })
    }

    /// Calls the API with signed fields; the answer's `data`. `now_s` is Unix time, `nonce` something never used before.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call(&self, path: &str, fields: &[(&str, String)], now_s: i64, nonce: String) -> Result<Value, CallError> {
        let mut signed: BTreeMap<&str, String> = fields.iter().map(|(k, v)| (*k, v.clone())).collect();
        signed.insert("app_id", self.app_id.clone());
        signed.insert("timestamp", now_s.to_string());
        signed.insert("nonce", nonce);
        signed.insert("sign_type", "HMAC-SHA256".to_owned());
        let sign = self.sign(&text_of(&signed));
        let mut body: Map<String, Value> = signed.into_iter().map(|(k, v)| (k.to_owned(), Value::String(v))).collect();
        body.insert("sign".to_owned(), Value::String(sign));
        let answer = self.client.post(format!("{}{path}", self.cashier)).json(&body).send().await?.text().await?;
        self.read_answer(&answer)
    }

    /// The signature covers `data` as the exact text that was sent, so it is cut out before it is parsed.
    fn read_answer(&self, answer: &str) -> Result<Value, CallError> {
        let unreadable = |_| CallError::Signature;
        let parts: BTreeMap<String, Box<serde_json::value::RawValue>> = serde_json::from_str(answer).map_err(unreadable)?;
        let text = |name: &str| {
            let raw = parts.get(name).map_or("", |v| v.get());
            serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned())
        };
        let data = parts.get("data").map(|v| v.get()).filter(|raw| *raw != "null");
        let mut signed = BTreeMap::new();
        for name in ["code", "message", "request_id", "timestamp"] {
            signed.insert(name, text(name));
        }
        signed.insert("data", data.unwrap_or_default().to_owned());
        if !self.fits(&text_of(&signed), &text("sign")) {
            return Err(CallError::Signature);
        }
        if text("code") != "000000" {
            return Err(CallError::Refused { code: text("code"), message: text("message") });
        }
        serde_json::from_str(data.unwrap_or("null")).map_err(unreadable)
    }

    /// Whether the fields that came back in the browser are signed. For display only: they are no proof of payment.
    #[must_use]
    pub fn return_is_signed(&self, query: &BTreeMap<String, String>) -> bool {
        let covered = ["app_id", "order_no", "out_order_no", "status", "timestamp", "nonce", "sign_type"];
        let signed: BTreeMap<&str, String> =
            covered.iter().filter_map(|name| query.get(*name).map(|value| (*name, value.clone()))).collect();
        query.get("sign").is_some_and(|sign| self.fits(&text_of(&signed), sign))
    }

    /// Whether a webhook is signed by Standard Webhooks with our secret and not older than five minutes.
    #[must_use]
    pub fn webhook_is_signed(&self, id: &str, timestamp: &str, signatures: &str, body: &[u8], now_s: i64) -> bool {
        let fresh = timestamp.parse::<i64>().is_ok_and(|t| (now_s - t).abs() <= 300);
        let Some(Ok(key)) = self.webhook_secret.strip_prefix("whsec_").map(|s| STANDARD.decode(s)) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return false };
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        let one_fits = signatures
            .split(' ')
            .filter_map(|s| s.strip_prefix("v1,"))
            .filter_map(|s| STANDARD.decode(s).ok())
            .any(|given| mac.clone().verify_slice(&given).is_ok());
        fresh && one_fits
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).expect("any length");
        mac.update(text.as_bytes());
        mac
    }

    fn sign(&self, text: &str) -> String {
        hex::encode(self.mac(text).finalize().into_bytes())
    }

    fn fits(&self, text: &str, sign: &str) -> bool {
        hex::decode(sign).is_ok_and(|given| self.mac(text).verify_slice(&given).is_ok())
    }
}

/// Fields that are not empty, sorted by name, `k=v` joined by `&`.
fn text_of(fields: &BTreeMap<&str, String>) -> String {
    let parts = fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}"));
    parts.collect::<Vec<_>>().join("&")
}
