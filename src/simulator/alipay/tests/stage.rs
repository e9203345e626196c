//! A simulator with a hand-moved clock, a merchant that signs, and a listener for notices.

use super::super::certificates::{bundle_number, serial_number};
use super::super::china_time;
use crate::simulator::{Account, Behaviour, HandClock, Pay, Receipt, Refusal, Settings, Simulator};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::EncodeRsaPublicKey as _;
use rsa::pkcs8::DecodePublicKey as _;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tower::ServiceExt as _;

/// 2024-03-01 12:00:00 in China.
pub const NOON: i64 = 1_709_265_600_000;

pub struct Scene {
    pub simulator: Arc<Simulator>,
    pub clock: Arc<HandClock>,
    pub router: Router,
}

impl Scene {
    pub fn new() -> Self {
        let clock = Arc::new(HandClock::at(NOON));
        let settings = Settings { seed: Some(7), clock: clock.clone(), ..Settings::at("http://127.0.0.1:3100") };
        let simulator = Simulator::new(settings).expect("starts");
        let router = simulator.router();
        Self { simulator, clock, router }
    }

    fn credentials(&self, certificates: bool) -> Value {
        let all = self.simulator.credentials();
        let wanted = |c: &&Value| c["kind"] == "alipay" && (c["credentials"]["app_cert_pem"].is_string() == certificates);
        all.iter().find(wanted).expect("both modes are there")["credentials"].clone()
    }

    pub fn merchant(&self) -> Merchant {
        Merchant::new(self, &self.credentials(false))
    }

    pub fn certified_merchant(&self) -> Merchant {
        Merchant::new(self, &self.credentials(true))
    }

    pub async fn pay(&self, code: &str, behaviour: &str) -> Result<Receipt, Refusal> {
        let behaviour = Behaviour::parse(behaviour).expect("a behaviour");
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await
    }

    pub async fn get(&self, uri: &str) -> (StatusCode, header::HeaderMap, Bytes) {
        self.send(Request::get(uri).body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, uri: &str, content_type: &str, body: impl Into<Body>) -> (StatusCode, header::HeaderMap, Bytes) {
        let request = Request::post(uri).header(header::CONTENT_TYPE, content_type).body(body.into()).expect("a request");
        self.send(request).await
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, header::HeaderMap, Bytes) {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default())
    }

    pub async fn bar_code(&self, behaviour: &str) -> String {
        let wish = json!({ "kind": "alipay", "behaviour": behaviour }).to_string();
        let (_, _, body) = self.post("/wallet/codes", "application/json", wish).await;
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        answer["auth_code"].as_str().expect("a code").to_owned()
    }

    pub async fn switch(&self, name: &str) {
        let (status, _, _) = self.post("/alipay/switches", "application/json", json!({ "switch": name }).to_string()).await;
        assert_eq!(status, StatusCode::OK);
    }

    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        tokio::task::yield_now().await;
    }
}

/// An application's server, written without the code under test.
pub struct Merchant {
    pub app_id: String,
    pub seller_id: String,
    key: RsaKeyPair,
    platform: Vec<u8>,
    pub cert_sn: Option<(String, String)>,
    pub platform_cert_sn: Option<String>,
    router: Router,
}

pub type Sent = BTreeMap<String, String>;

fn pem(text: &str) -> Vec<Vec<u8>> {
    let blocks = text.split("-----BEGIN ").skip(1);
    blocks
        .map(|block| {
            let body: String = block.lines().skip(1).take_while(|line| !line.starts_with("-----")).collect();
            STANDARD.decode(body).expect("base64")
        })
        .collect()
}

impl Merchant {
    fn new(scene: &Scene, credentials: &Value) -> Self {
        let get = |name: &str| credentials[name].as_str().unwrap_or_default();
        let key = RsaKeyPair::from_pkcs8(&pem(get("private_key_pem"))[0]).expect("a key");
        let certified = credentials["app_cert_pem"].is_string();
        let spki = if certified {
            let leaf = pem(get("alipay_cert_pem")).remove(0);
            let (_, cert) = x509_parser::parse_x509_certificate(&leaf).expect("a certificate");
            cert.public_key().raw.to_vec()
        } else {
            pem(get("alipay_public_key_pem")).remove(0)
        };
        let platform =
            rsa::RsaPublicKey::from_public_key_der(&spki).expect("a key").to_pkcs1_der().expect("encodes").as_bytes().to_vec();
        let cert_sn = certified.then(|| {
            let roots = pem(get("alipay_root_cert_pem"));
            let roots: Vec<&[u8]> = roots.iter().map(Vec::as_slice).collect();
            (serial_number(&pem(get("app_cert_pem"))[0]).expect("a number"), bundle_number(&roots).expect("a number"))
        });
        Self {
            app_id: get("app_id").to_owned(),
            seller_id: get("seller_id").to_owned(),
            key,
            platform,
            cert_sn,
            platform_cert_sn: certified.then(|| serial_number(&pem(get("alipay_cert_pem"))[0]).expect("a number")),
            router: scene.router.clone(),
        }
    }

    /// The parameters of a call, unsigned.
    pub fn params(&self, method: &str, biz: &Value) -> Sent {
        let mut all: Sent = [
            ("app_id", self.app_id.as_str()),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", "2024-03-01 12:00:00"),
            ("version", "1.0"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into();
        if !biz.is_null() {
            all.insert("biz_content".to_owned(), biz.to_string());
        }
        if let Some((app, root)) = &self.cert_sn {
            all.insert("app_cert_sn".to_owned(), app.clone());
            all.insert("alipay_root_cert_sn".to_owned(), root.clone());
        }
        all
    }

    pub fn sign(&self, params: &mut Sent) {
        params.remove("sign");
        let text = params.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
        params.insert("sign".to_owned(), self.sign_bytes(text.as_bytes()));
    }

    pub fn sign_bytes(&self, bytes: &[u8]) -> String {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &aws_lc_rs::rand::SystemRandom::new(), bytes, &mut signature).expect("signs");
        STANDARD.encode(signature)
    }

    pub fn verifies(&self, message: &[u8], sign: &str) -> bool {
        let signature = STANDARD.decode(sign).unwrap_or_default();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.platform).verify(message, &signature).is_ok()
    }

    pub fn form(params: &Sent) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
    }

    /// A page or app call as query text.
    pub fn signed_query(&self, method: &str, biz: &Value, extra: &[(&str, &str)]) -> String {
        let mut params = self.params(method, biz);
        params.extend(extra.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        self.sign(&mut params);
        Self::form(&params)
    }

    /// Sends system parameters in the address and the content in the body; answers the raw document.
    pub async fn send(&self, mut params: Sent) -> String {
        let biz = params.remove("biz_content");
        let body = biz.map(|biz| Self::form(&[("biz_content".to_owned(), biz)].into())).unwrap_or_default();
        let request = Request::post(format!("/gateway.do?{}", Self::form(&params)))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
            .body(Body::from(body))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        // Answers come in the set that the call asked for, GBK when it asked for none that exists.
        String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| encoding_rs::GBK.decode(&bytes).0.into_owned())
    }

    /// A signed call; the answer's signature is verified and its node read.
    pub async fn call(&self, method: &str, biz: Value) -> Value {
        self.call_with(method, biz, &[]).await
    }

    pub async fn call_with(&self, method: &str, biz: Value, extra: &[(&str, &str)]) -> Value {
        let mut params = self.params(method, &biz);
        params.extend(extra.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        self.sign(&mut params);
        let text = self.send(params).await;
        self.read(&text, &format!("{}_response", method.replace('.', "_")))
    }

    pub fn read(&self, text: &str, key: &str) -> Value {
        let document: HashMap<&str, &RawValue> = serde_json::from_str(text).expect("JSON");
        let node = document.get(key).unwrap_or_else(|| panic!("no {key} in {text}")).get();
        let sign: String =
            serde_json::from_str(document.get("sign").unwrap_or_else(|| panic!("unsigned: {text}")).get()).expect("text");
        assert!(self.verifies(node.as_bytes(), &sign), "bad signature on {text}");
        let sn = document.get("alipay_cert_sn").map(|sn| sn.get().trim_matches('"').to_owned());
        assert_eq!(sn, self.platform_cert_sn);
        serde_json::from_str(node).expect("JSON")
    }

    /// Precreates and answers the code.
    pub async fn precreate(&self, number: &str, amount: &str, notify_url: Option<&str>) -> String {
        let extra: Vec<(&str, &str)> = notify_url.map(|url| ("notify_url", url)).into_iter().collect();
        let node = self.call_with("alipay.trade.precreate", order(number, amount), &extra).await;
        assert_eq!(node["code"], "10000", "{node}");
        node["qr_code"].as_str().expect("a code").to_owned()
    }

    pub async fn status(&self, number: &str) -> String {
        let node = self.call("alipay.trade.query", json!({ "out_trade_no": number })).await;
        node["trade_status"].as_str().or(node["sub_code"].as_str()).unwrap_or_default().to_owned()
    }

    pub async fn refund(&self, number: &str, amount: &str, request: &str) -> Value {
        let mut biz = json!({ "out_trade_no": number, "refund_amount": amount });
        if !request.is_empty() {
            biz["out_request_no"] = request.into();
        }
        self.call("alipay.trade.refund", biz).await
    }
}

pub fn order(number: &str, amount: &str) -> Value {
    json!({ "out_trade_no": number, "total_amount": amount, "subject": "测试商品 A+B 100%" })
}

/// Wraps an order for page.pay.
pub fn page_order(number: &str, amount: &str) -> Value {
    let mut biz = order(number, amount);
    biz["product_code"] = "FAST_INSTANT_TRADE_PAY".into();
    biz
}

/// Where notices arrive. Answers what it is told to, `success` otherwise.
pub struct Listener {
    pub url: String,
    received: mpsc::UnboundedReceiver<Vec<u8>>,
    pub answers: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    pub async fn start() -> Self {
        let (tell, received) = mpsc::unbounded_channel();
        let answers: Arc<Mutex<Vec<String>>> = Arc::default();
        let queue = answers.clone();
        let app = Router::new().route(
            "/notify",
            axum::routing::post(move |body: Bytes| {
                let answer = {
                    let mut queue = queue.lock().expect("unpoisoned");
                    if queue.is_empty() { "success".to_owned() } else { queue.remove(0) }
                };
                let _ = tell.send(body.to_vec());
                async move { answer }
            }),
        );
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/notify", socket.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(socket, app).await });
        Self { url, received, answers }
    }

    /// The next notice's body.
    pub async fn raw(&mut self) -> Vec<u8> {
        tokio::time::timeout(Duration::from_secs(20), self.received.recv()).await.expect("a notice comes").expect("listening")
    }

    /// The next notice, its signature verified by the merchant.
    pub async fn next(&mut self, merchant: &Merchant) -> HashMap<String, String> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(&self.raw().await).into_owned().collect();
        assert!(notice_verifies(merchant, &pairs), "{pairs:?}");
        pairs.into_iter().collect()
    }

    /// Nothing more has come and nothing is on its way.
    pub async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(150), self.received.recv()).await.is_err()
    }
}

pub fn notice_verifies(merchant: &Merchant, pairs: &[(String, String)]) -> bool {
    let mut kept: Vec<&(String, String)> = pairs.iter().filter(|(k, _)| k != "sign" && k != "sign_type").collect();
    kept.sort();
    let text = kept.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let sign = pairs.iter().find(|(k, _)| k == "sign").map_or("", |(_, v)| v.as_str());
    merchant.verifies(text.as_bytes(), sign)
}

/// A moment on the simulator's clock as Alipay writes it.
pub fn at(offset_ms: i64) -> String {
    china_time::seconds(NOON + offset_ms)
}
