//! A simulator with a hand-moved clock and a merchant that signs, written without the code under test.

use crate::simulator::{Account, Behaviour, HandClock, Pay, Receipt, Refusal, Settings, Simulator};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use md5::{Digest, Md5};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
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
}

pub fn sent(pairs: &[(&str, &str)]) -> Sent {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

fn text_of(fields: &Sent) -> String {
    let parts = fields.iter().filter(|(n, v)| *n != "sign" && !v.is_empty()).map(|(n, v)| format!("{n}={v}"));
    parts.collect::<Vec<_>>().join("&")
}

impl Scene {
    pub fn new() -> Self {
        let clock = Arc::new(HandClock::at(NOON));
        let settings = Settings { seed: Some(7), clock: clock.clone(), ..Settings::at("http://127.0.0.1:3100") };
        let simulator = Simulator::new(settings).expect("starts");
        let router = simulator.router();
        Self { simulator, clock, router }
    }

    fn credential(&self, name: &str) -> String {
        let document = self.simulator.credentials_of(crate::model::ChannelKind::Lianlian).expect("is played");
        document["credentials"][name].as_str().expect("text").to_owned()
    }

    /// Signs as the merchant; MD5 unless the fields say otherwise.
    pub fn sign(&self, mut fields: Sent) -> Sent {
        fields.entry("oid_partner".to_owned()).or_insert_with(|| self.credential("oid_partner"));
        let how = fields.entry("sign_type".to_owned()).or_insert_with(|| "MD5".to_owned()).clone();
        let text = text_of(&fields);
        let sign = if how == "RSA" {
            use base64::Engine;
            let key = RsaPrivateKey::from_pkcs8_pem(&self.credential("private_key_pem")).expect("a key");
            let signature = key.sign(Pkcs1v15Sign::new::<Md5>(), &Md5::digest(&text)).expect("signs");
            base64::engine::general_purpose::STANDARD.encode(signature)
        } else {
            hex::encode(Md5::digest(format!("{text}&key={}", self.credential("md5_key"))))
        };
        fields.insert("sign".to_owned(), sign);
        fields
    }

    /// Whether LianLian signed these fields.
    pub fn is_signed(&self, fields: &Sent) -> bool {
        let text = text_of(fields);
        if fields["sign_type"] == "RSA" {
            use base64::Engine;
            let key = RsaPublicKey::from_public_key_pem(&self.credential("platform_public_key_pem")).expect("a key");
            let sign = base64::engine::general_purpose::STANDARD.decode(&fields["sign"]).expect("base64");
            return key.verify(Pkcs1v15Sign::new::<Md5>(), &Md5::digest(&text), &sign).is_ok();
        }
        fields["sign"] == hex::encode(Md5::digest(format!("{text}&key={}", self.credential("md5_key"))))
    }

    /// A web order of 88.88 yuan; `more` adds, changes or (empty) removes.
    pub fn order(&self, no_order: &str, more: &[(&str, &str)]) -> Sent {
        let mut fields = sent(&[
            ("version", "1.0"),
            ("user_id", "u1"),
            ("timestamp", "20240301120000"),
            ("busi_partner", "101001"),
            ("no_order", no_order),
            ("dt_order", "20240301120000"),
            ("name_goods", "茶壶"),
            ("money_order", "88.88"),
            ("notify_url", "http://127.0.0.1:1/notify"),
            ("url_return", "http://127.0.0.1:1/return"),
            ("userreq_ip", "127_0_0_1"),
            ("valid_order", "30"),
            ("risk_item", r#"{"frms_ware_category":"1999","user_info_mercht_userno":"u1"}"#),
            ("id_no", "110101199003077715"),
            ("acct_name", "测试"),
        ]);
        fields.extend(sent(more));
        fields.retain(|_, value| !value.is_empty());
        fields
    }

    /// The same order as WAP has it.
    pub fn wap_order(&self, no_order: &str, more: &[(&str, &str)]) -> Sent {
        let mut fields = self.order(no_order, &[("timestamp", ""), ("userreq_ip", ""), ("version", "1.2"), ("app_request", "3")]);
        fields.extend(sent(more));
        fields.retain(|_, value| !value.is_empty());
        fields
    }

    pub async fn get(&self, uri: &str) -> (StatusCode, String) {
        let (status, _, body) = self.send(Request::get(uri).body(Body::empty()).expect("a request")).await;
        (status, body)
    }

    /// A browser's form; the page.
    pub async fn form(&self, path: &str, fields: &Sent) -> (StatusCode, String) {
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (status, _, page) = self.send(request.body(Body::from(body)).expect("a request")).await;
        (status, page)
    }

    /// Opens a web order and gives its page.
    pub async fn open(&self, fields: Sent) -> String {
        self.form("/payment/authpay.htm", &self.sign(fields)).await.1
    }

    /// A call to a JSON interface, as it is.
    pub async fn raw_call(&self, path: &str, content_type: &str, body: String) -> Sent {
        let request = Request::post(path).header(header::CONTENT_TYPE, content_type).body(Body::from(body)).expect("a request");
        let (status, _, body) = self.send(request).await;
        assert_eq!(status, StatusCode::OK);
        serde_json::from_str(&body).expect("flat JSON")
    }

    /// A signed call to a JSON interface.
    pub async fn call(&self, path: &str, fields: Sent) -> Sent {
        let body = serde_json::to_string(&self.sign(fields)).expect("JSON");
        self.raw_call(path, "application/json;charset=utf-8", body).await
    }

    pub async fn query(&self, no_order: &str) -> Sent {
        self.call("/orderquery.htm", sent(&[("no_order", no_order), ("dt_order", "20240301120000")])).await
    }

    pub async fn post_json(&self, path: &str, body: Value) -> Value {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let (_, _, body) = self.send(request.body(Body::from(body.to_string())).expect("a request")).await;
        serde_json::from_str(&body).unwrap_or_else(|_| json!({}))
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, header::HeaderMap, String) {
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
