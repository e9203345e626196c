//! A merchant's view of the simulated provider, over its router.

mod bills;
mod certificates;
mod notices;
mod orders;
mod refunds;
mod strictness;
mod vectors;

use super::sign;
use crate::model::ChannelKind;
use crate::simulator::{HandClock, Keys, RsaKey, Settings, Simulator};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

/// 2024-06-01 12:00:00 in UTC+8.
const NOON: i64 = 1_717_214_400_000;
const NO: &str = "CS20240601000001";

/// A merchant in front of a fresh simulator.
struct Bench {
    simulator: Arc<Simulator>,
    router: Router,
    clock: Arc<HandClock>,
    key: RsaKey,
    public: RsaKey,
    credentials: Value,
    nonces: Mutex<u64>,
}

/// What came back.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// Status and code of a refusal, and the number at the end of `Request-ID`.
    fn fault(&self) -> (u16, String, String) {
        let sub_code = self.header("request-id").rsplit('-').next().unwrap_or_default().to_owned();
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned(), sub_code)
    }

    fn is_signed_by(&self, key: &RsaKey) -> bool {
        let text = sign::reply_text(self.header("wechatpay-timestamp"), self.header("wechatpay-nonce"), &self.body);
        STANDARD.decode(self.header("wechatpay-signature")).is_ok_and(|s| key.verifies_sha256(&text, &s))
    }
}

impl Bench {
    /// Time stands still until it is moved.
    fn new() -> Self {
        let clock = Arc::new(HandClock::at(NOON));
        Self::with(Settings { clock: Arc::clone(&clock) as _, ..Settings::at("http://127.0.0.1:3100") }, clock)
    }

    /// Real time, a thousand times faster.
    fn fast() -> Self {
        Self::with(Settings { notice_speed: 1000.0, ..Settings::at("http://127.0.0.1:3100") }, Arc::new(HandClock::at(0)))
    }

    fn with(settings: Settings, clock: Arc<HandClock>) -> Self {
        let simulator = Simulator::new(Settings { seed: Some(1), ..settings }).expect("starts");
        let keys = Keys::new(Some(1));
        let credentials = simulator.credentials_of(ChannelKind::WechatV3).expect("a document")["credentials"].clone();
        Self {
            router: simulator.router(),
            clock,
            key: keys.rsa("wechat_v3/merchant"),
            public: keys.rsa("wechat_v3/public_key"),
            credentials,
            nonces: Mutex::default(),
            simulator,
        }
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn id(&self, name: &str) -> &str {
        self.credentials[name].as_str().expect("a credential")
    }

    fn authorization(&self, method: &str, target: &str, timestamp: i64, nonce: &str, body: &[u8]) -> String {
        let text = sign::request_text(method, target, &timestamp.to_string(), nonce, body);
        let signature = STANDARD.encode(self.key.sign_sha256(&text));
        let (mchid, serial) = (self.id("mchid"), self.id("serial_no"));
        format!(
            r#"WECHATPAY2-SHA256-RSA2048 mchid="{mchid}",nonce_str="{nonce}",signature="{signature}",timestamp="{timestamp}",serial_no="{serial}""#
        )
    }

    fn nonce(&self) -> String {
        let mut nonces = self.nonces.lock().expect("lock");
        *nonces += 1;
        format!("N{nonces}")
    }

    fn now(&self) -> i64 {
        self.simulator.stage.now_ms() / 1000
    }

    /// A signed request, before it is sent.
    fn request(&self, method: &str, target: &str, body: &str) -> axum::http::request::Builder {
        let authorization = self.authorization(method, target, self.now(), &self.nonce(), body.as_bytes());
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in [("accept", "application/json"), ("user-agent", "test/1"), ("authorization", &authorization)] {
            request = request.header(name, value);
        }
        if method == "POST" { request.header("content-type", "application/json") } else { request }
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.expect("routes");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("body");
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn get(&self, target: &str) -> Reply {
        self.send(self.request("GET", target, "").body(Body::empty()).expect("request")).await
    }

    async fn post(&self, target: &str, body: &Value) -> Reply {
        self.post_text(target, &body.to_string()).await
    }

    async fn post_text(&self, target: &str, body: &str) -> Reply {
        self.send(self.request("POST", target, body).body(Body::from(body.to_owned())).expect("request")).await
    }

    /// A NATIVE order with some fields changed or added; `null` takes a field away.
    fn order_body(&self, changes: &[(&str, Value)]) -> Value {
        let mut body = json!({
            "appid": self.id("appid"), "mchid": self.id("mchid"), "description": "收银台-测试商品", "out_trade_no": NO,
            "notify_url": "https://pay.example.com/notify/wechat/v3", "amount": {"total": 100, "currency": "CNY"}
        });
        let fields = body.as_object_mut().expect("an object");
        for (name, value) in changes {
            match value {
                Value::Null => fields.remove(*name),
                value => fields.insert((*name).to_owned(), value.clone()),
            };
        }
        body
    }

    async fn order(&self, changes: &[(&str, Value)]) -> Reply {
        self.post("/v3/pay/transactions/native", &self.order_body(changes)).await
    }

    async fn code(&self, changes: &[(&str, Value)]) -> String {
        self.order(changes).await.json()["code_url"].as_str().expect("a code").to_owned()
    }

    async fn query(&self, number: &str) -> Value {
        self.get(&format!("/v3/pay/transactions/out-trade-no/{number}?mchid={}", self.id("mchid"))).await.json()
    }

    async fn close(&self, number: &str) -> Reply {
        let body = json!({ "mchid": self.id("mchid") });
        self.post(&format!("/v3/pay/transactions/out-trade-no/{number}/close"), &body).await
    }

    async fn wallet(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string()));
        let reply = self.send(request.expect("request")).await;
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        (StatusCode::from_u16(reply.status).expect("a status"), body)
    }

    async fn pay(&self, code: &str, behaviour: &str) -> (StatusCode, Value) {
        self.wallet("/wallet/pay", json!({ "code": code, "behaviour": behaviour })).await
    }

    async fn switch(&self, switches: Value) {
        let (status, _) = self.wallet("/wallet/wechat_v3/switches", switches).await;
        assert_eq!(status, StatusCode::OK);
    }

    /// Opens a sealed part.
    fn open(&self, sealed: &Value) -> String {
        let text = |name: &str| sealed[name].as_str().expect("text");
        let key = UnboundKey::new(&AES_256_GCM, self.id("api_v3_key").as_bytes()).expect("32 bytes");
        let nonce = Nonce::try_assume_unique_for_key(text("nonce").as_bytes()).expect("12 bytes");
        let mut bytes = STANDARD.decode(text("ciphertext")).expect("base64");
        let aad = Aad::from(text("associated_data").as_bytes());
        let plain = LessSafeKey::new(key).open_in_place(nonce, aad, &mut bytes).expect("sealed with the key");
        String::from_utf8(plain.to_vec()).expect("text")
    }
}

/// A notice as it arrived.
#[derive(Clone)]
struct Got {
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    fn reply(&self) -> Reply {
        Reply { status: 200, headers: self.headers.clone(), body: self.body.clone() }
    }

    /// The opened object.
    fn object(&self, bench: &Bench) -> Value {
        serde_json::from_str(&bench.open(&self.reply().json()["resource"])).expect("JSON")
    }
}

/// A merchant's server that keeps every notice and answers as it is told.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// Answers the first notices with `statuses`, all later ones with 204.
    async fn start(statuses: &'static [u16]) -> Self {
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let kept = Arc::clone(&got);
        let handler = move |headers: HeaderMap, body: Bytes| {
            let kept = Arc::clone(&kept);
            async move {
                let mut kept = kept.lock().expect("lock");
                kept.push(Got { headers, body });
                StatusCode::from_u16(statuses.get(kept.len() - 1).copied().unwrap_or(204)).expect("a status")
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let url = format!("http://{}/notify", listener.local_addr().expect("address"));
        let router = Router::new().route("/notify", axum::routing::post(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, got }
    }

    /// Waits for `count` notices.
    async fn wait_for(&self, count: usize) -> Vec<Got> {
        for _ in 0..2_000 {
            {
                let got = self.got.lock().expect("lock");
                if got.len() >= count {
                    return got.clone();
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{} notices of {count} came", self.got.lock().expect("lock").len());
    }
}
