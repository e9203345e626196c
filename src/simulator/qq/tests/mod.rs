//! A merchant's view of the simulated provider, over its router.

mod bar_codes;
mod bills;
mod notices;
mod orders;
mod paying;
mod refunds;
mod strictness;

use super::super::flat_xml::{self as xml, Fields};
use super::sign::{password_hash, sign};
use crate::model::ChannelKind;
use crate::simulator::{HandClock, Settings, Simulator};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

/// 2024-06-01 12:00:00 in UTC+8.
const NOON: i64 = 1_717_214_400_000;
const NO: &str = "CS20240601000001";

/// The provider's paths.
const PAY: &str = "/cgi-bin/pay";

/// A merchant in front of a fresh simulator.
struct Bench {
    simulator: Arc<Simulator>,
    router: Router,
    clock: Arc<HandClock>,
    key: String,
    appid: String,
    mch_id: String,
    op_user_id: String,
    op_user_passwd: String,
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
        let document = simulator.credentials_of(ChannelKind::Qq).expect("a document");
        let text = |name: &str| document["credentials"][name].as_str().expect("a credential").to_owned();
        Self {
            router: simulator.router(),
            clock,
            key: text("key"),
            appid: text("appid"),
            mch_id: text("mch_id"),
            op_user_id: text("op_user_id"),
            op_user_passwd: password_hash(&text("op_user_passwd")),
            simulator,
        }
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Moves the clock past everything that waits for it.
    async fn pass(&self, seconds: u64) {
        settle().await;
        self.advance(seconds);
        settle().await;
    }

    fn signature(&self, fields: &Fields) -> String {
        sign(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())), &self.key)
    }

    /// A signed request body.
    fn request(&self, fields: &[(&str, &str)]) -> String {
        let mut all: Fields = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let common = [("appid", &*self.appid), ("mch_id", &*self.mch_id), ("nonce_str", "3e5a036cb4bc3a677a38ad9d69eb3feb")];
        for (name, value) in common {
            all.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
        let signature = self.signature(&all);
        all.insert("sign".to_owned(), signature);
        xml::write("xml", &all.into_iter().collect::<Vec<_>>(), false)
    }

    async fn raw(&self, request: Request<Body>) -> (StatusCode, Bytes) {
        let response = self.router.clone().oneshot(request).await.expect("routes");
        let status = response.status();
        (status, to_bytes(response.into_body(), usize::MAX).await.expect("body"))
    }

    async fn post(&self, path: &str, body: impl Into<Body>) -> (StatusCode, Bytes) {
        self.raw(Request::post(path).header(header::CONTENT_TYPE, "text/xml").body(body.into()).expect("request")).await
    }

    /// Calls an endpoint under `PAY` and verifies the signature of what comes back, if the message was accepted at all.
    async fn call(&self, name: &str, fields: &[(&str, &str)]) -> Fields {
        let (status, body) = self.post(&format!("{PAY}/qpay_{name}.cgi"), self.request(fields)).await;
        assert_eq!(status, StatusCode::OK);
        let reply = xml::read(&body, "xml").expect("XML");
        if reply["return_code"] == "SUCCESS" {
            assert_eq!(reply["sign"], self.signature(&reply));
        }
        reply
    }

    /// A NATIVE order with some fields changed or added; an empty value takes a field away.
    fn order_fields<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![
            ("body", "收银台-测试商品"),
            ("out_trade_no", NO),
            ("fee_type", "CNY"),
            ("total_fee", "888"),
            ("spbill_create_ip", "203.0.113.7"),
            ("notify_url", "https://pay.example.com/notify/qq"),
            ("trade_type", "NATIVE"),
        ];
        fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        fields.extend(changes.iter().copied());
        fields
    }

    async fn order(&self, changes: &[(&str, &str)]) -> Fields {
        self.call("unified_order", &Self::order_fields(changes)).await
    }

    async fn query(&self, out_trade_no: &str) -> Fields {
        self.call("order_query", &[("out_trade_no", out_trade_no)]).await
    }

    /// A call that wants an operator.
    async fn operate(&self, name: &str, fields: &[(&str, &str)]) -> Fields {
        let mut all = vec![("op_user_id", &*self.op_user_id), ("op_user_passwd", &*self.op_user_passwd)];
        all.retain(|(name, _)| !fields.iter().any(|(changed, _)| changed == name));
        all.extend(fields.iter().copied());
        self.call(name, &all).await
    }

    async fn json(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()));
        let (status, body) = self.raw(request.expect("request")).await;
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    async fn pay(&self, code: &str, behaviour: &str) -> (StatusCode, Value) {
        self.json("/wallet/pay", json!({ "code": code, "behaviour": behaviour })).await
    }
}

/// Lets the tasks that were woken by the clock run.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// `err_code`, or `return_msg` where the message itself was refused; empty on success.
fn fault(reply: &Fields) -> &str {
    match reply["return_code"].as_str() {
        "SUCCESS" => reply.get("err_code").map(String::as_str).unwrap_or_default(),
        _ => &reply["return_msg"],
    }
}

/// A merchant's server that keeps every notice and answers as it is told.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Bytes>>>,
}

const GOOD_ANSWER: &str = "<xml><return_code>SUCCESS</return_code></xml>";

impl Receiver {
    /// Answers the first notices with `answers`, all later ones rightly.
    async fn start(answers: &'static [&'static str]) -> Self {
        let got: Arc<Mutex<Vec<Bytes>>> = Arc::default();
        let kept = Arc::clone(&got);
        let handler = move |body: Bytes| {
            let kept = Arc::clone(&kept);
            async move {
                let mut kept = kept.lock().expect("lock");
                kept.push(body);
                answers.get(kept.len() - 1).copied().unwrap_or(GOOD_ANSWER)
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let url = format!("http://{}/notify", listener.local_addr().expect("address"));
        let router = Router::new().route("/notify", axum::routing::post(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, got }
    }

    /// Waits for `count` notices.
    async fn wait_for(&self, count: usize) -> Vec<Bytes> {
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
