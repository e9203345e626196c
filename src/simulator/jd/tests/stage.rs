//! A simulator with a hand-moved clock and a merchant that signs and encrypts, written without the code under test.

use crate::simulator::{Account, Behaviour, HandClock, Pay, Receipt, Refusal, Settings, Simulator};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use des::cipher::generic_array::GenericArray;
use des::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;

/// 2024-03-01 12:00:00 in China.
pub const NOON: i64 = 1_709_265_600_000;

pub type Sent = BTreeMap<String, String>;

pub struct Scene {
    pub simulator: Arc<Simulator>,
    pub clock: Arc<HandClock>,
    router: Router,
    credentials: Value,
}

/// Pairs, where an empty value removes.
pub fn with(mut fields: Sent, more: &[(&str, &str)]) -> Sent {
    fields.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    fields.retain(|_, value| !value.is_empty());
    fields
}

pub fn sent(pairs: &[(&str, &str)]) -> Sent {
    with(Sent::new(), pairs)
}

impl Scene {
    pub fn new() -> Self {
        let clock = Arc::new(HandClock::at(NOON));
        let settings = Settings { seed: Some(7), clock: clock.clone(), ..Settings::at("http://127.0.0.1:3100") };
        let simulator = Simulator::new(settings).expect("starts");
        let document = simulator.credentials_of(crate::model::ChannelKind::Jd).expect("is played");
        Self { router: simulator.router(), credentials: document["credentials"].clone(), simulator, clock }
    }

    pub fn credential(&self, name: &str) -> &str {
        self.credentials[name].as_str().expect("text")
    }

    fn cipher(&self) -> des::TdesEde3 {
        des::TdesEde3::new_from_slice(&STANDARD.decode(self.credential("des_key")).expect("base64")).expect("24 bytes")
    }

    pub fn lock(&self, text: &str) -> String {
        let mut frame = u32::try_from(text.len()).expect("short").to_be_bytes().to_vec();
        frame.extend(text.bytes());
        frame.resize(frame.len().div_ceil(8) * 8, 0);
        frame.chunks_mut(8).for_each(|block| self.cipher().encrypt_block(GenericArray::from_mut_slice(block)));
        hex::encode(frame)
    }

    pub fn unlock(&self, locked: &str) -> String {
        let mut frame = hex::decode(locked).expect("hex");
        frame.chunks_mut(8).for_each(|block| self.cipher().decrypt_block(GenericArray::from_mut_slice(block)));
        let length = usize::try_from(u32::from_be_bytes(frame[..4].try_into().expect("4 bytes"))).expect("small");
        String::from_utf8(frame[4..4 + length].to_vec()).expect("UTF-8")
    }

    fn digest(text: &str) -> String {
        hex::encode(Sha256::digest(text))
    }

    pub fn sign(&self, text: &str) -> String {
        let key = RsaPrivateKey::from_pkcs8_pem(self.credential("private_key_pem")).expect("a key");
        STANDARD.encode(key.sign(Pkcs1v15Sign::new_unprefixed(), Self::digest(text).as_bytes()).expect("signs"))
    }

    pub fn is_jds(&self, text: &str, sign: &str) -> bool {
        let key = RsaPublicKey::from_public_key_pem(self.credential("jd_public_key_pem")).expect("a key");
        let sign = STANDARD.decode(sign).expect("base64");
        key.verify(Pkcs1v15Sign::new_unprefixed(), Self::digest(text).as_bytes(), &sign).is_ok()
    }

    /// An order of 88.88 yuan in clear; `more` adds, changes or (empty) removes.
    pub fn order(&self, trade_num: &str, more: &[(&str, &str)]) -> Sent {
        let fields = sent(&[
            ("version", "V2.0"),
            ("merchant", self.credential("merchant")),
            ("tradeNum", trade_num),
            ("tradeName", "茶壶"),
            ("tradeTime", "20240301120000"),
            ("amount", "8888"),
            ("currency", "CNY"),
            ("orderType", "0"),
            ("notifyUrl", "http://127.0.0.1:1/notify"),
            ("callbackUrl", "http://127.0.0.1:1/return"),
            ("userId", "u1"),
            ("expireTime", "600"),
            ("note", "备注"),
        ]);
        with(fields, more)
    }

    /// The form as the browser posts it.
    pub fn locked(&self, clear: &Sent) -> Sent {
        let text: Vec<String> = clear.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let sign = self.sign(&text.join("&"));
        let open = ["version", "merchant"];
        let lock = |n: &str, v: &str| if open.contains(&n) { v.to_owned() } else { self.lock(v) };
        let mut form: Sent = clear.iter().map(|(n, v)| (n.clone(), lock(n, v))).collect();
        form.insert("sign".to_owned(), sign);
        form
    }

    pub async fn form(&self, path: &str, fields: &Sent) -> (StatusCode, HeaderMap, String) {
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// Posts a cashier's form and follows to the page; the error page where it is refused.
    pub async fn open(&self, clear: &Sent) -> String {
        let (status, headers, page) = self.form("/jdpay/saveOrder", &self.locked(clear)).await;
        if status != StatusCode::FOUND {
            return page;
        }
        let location = headers[header::LOCATION].to_str().expect("text");
        assert!(location.starts_with("payCashier?tradeNum="), "{location}");
        self.get(&format!("/jdpay/{location}")).await
    }

    pub async fn get(&self, uri: &str) -> String {
        self.send(Request::get(uri).body(Body::empty()).expect("a request")).await.2
    }

    /// A request of the merchant's as it travels.
    pub fn wrapped(&self, fields: &Sent) -> String {
        let fields = with(fields.clone(), &[("version", "V2.0"), ("merchant", self.credential("merchant"))]);
        let elements: String =
            fields.iter().map(|(n, v)| format!("<{n}>{}</{n}>", v.replace('&', "&amp;").replace('<', "&lt;"))).collect();
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><jdpay>{elements}</jdpay>");
        let signed = text.replace("</jdpay>", &format!("<sign>{}</sign></jdpay>", self.sign(&text)));
        self.envelope(&STANDARD.encode(self.lock(&signed)))
    }

    pub fn envelope(&self, sealed: &str) -> String {
        let merchant = self.credential("merchant");
        format!("<jdpay><version>V2.0</version><merchant>{merchant}</merchant><encrypt>{sealed}</encrypt></jdpay>")
    }

    /// Calls a service with these fields; the answer's elements by name, or `code` and `desc` of a no.
    pub async fn call(&self, service: &str, fields: &Sent) -> Sent {
        self.raw_call(service, self.wrapped(fields)).await
    }

    pub async fn raw_call(&self, service: &str, body: String) -> Sent {
        let request = Request::post(format!("/service/{service}")).header(header::CONTENT_TYPE, "application/xml");
        let (status, _, body) = self.send(request.body(Body::from(body)).expect("a request")).await;
        assert_eq!(status, StatusCode::OK);
        self.read(&body)
    }

    /// Takes a message of JD's apart; its signature must be right when there is one to be.
    pub fn read(&self, body: &str) -> Sent {
        let outer = elements(body);
        let Some(sealed) = outer.get("encrypt") else { return outer };
        let hex = String::from_utf8(STANDARD.decode(sealed).expect("base64")).expect("hex");
        let clear = self.unlock(&hex);
        let (before, rest) = clear.split_once("<sign>").expect("signed");
        let (sign, after) = rest.split_once("</sign>").expect("signed");
        let text = format!("{before}{after}");
        let mut inner = elements(&text);
        inner.insert("is_signed".to_owned(), self.is_jds(&text, sign).to_string());
        inner.insert("clear".to_owned(), clear);
        inner
    }

    pub async fn query(&self, trade_num: &str) -> Sent {
        self.call("query", &sent(&[("tradeNum", trade_num), ("tradeType", "0")])).await
    }

    pub async fn post_json(&self, path: &str, body: Value) -> Value {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let (_, _, body) = self.send(request.body(Body::from(body.to_string())).expect("a request")).await;
        serde_json::from_str(&body).unwrap_or_else(|_| json!({}))
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).expect("UTF-8"))
    }

    pub async fn pay(&self, code: &str, behaviour: Behaviour) -> Result<Receipt, Refusal> {
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await
    }

    /// Moves the clock and lets what it woke run.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
}

/// Innermost elements by name; the first of a name counts.
fn elements(text: &str) -> Sent {
    let mut found = Sent::new();
    for piece in text.split('<').filter(|piece| !piece.starts_with('/') && !piece.starts_with('?')) {
        if let Some((name, value)) = piece.split_once('>')
            && text.contains(&format!("<{name}>{value}</{name}>"))
        {
            found.entry(name.to_owned()).or_insert_with(|| value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
        }
    }
    found
}
