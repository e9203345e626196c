//! A simulator whose Baidu tells its callbacks to an inbox with scripted answers.

use super::super::desk::Baidu;
use super::super::params;
use super::super::provider::AtTheDesk;
use super::super::sign::Fields;
use crate::simulator::{Account as Payer, Behaviour, Pay, Provider as _, Receipt, Refusal, Settings, Simulator};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tower::ServiceExt as _;

pub const CONSUMED: &str = r#"{"errno":0,"msg":"success","data":{"isConsumed":2}}"#;
const OK: &str = r#"{"errno":0,"msg":"success","data":{}}"#;

/// Answers still to be given, by kind of callback.
type Script = Arc<Mutex<VecDeque<(&'static str, String)>>>;

pub struct Stage {
    pub baidu: Arc<Baidu>,
    pub desk: Arc<AtTheDesk>,
    router: Router,
    inbox: String,
    script: Script,
    heard: mpsc::UnboundedReceiver<(String, Fields)>,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(|settings| settings).await
    }

    pub async fn with(change: impl FnOnce(Settings) -> Settings) -> Self {
        let settings = Settings { seed: Some(7), notice_speed: 600.0, ..Settings::at("http://127.0.0.1:3100") };
        let simulator = Simulator::new(change(settings)).expect("starts");
        let baidu = Arc::new(Baidu::new(Arc::clone(&simulator.stage)));
        let desk = Arc::new(AtTheDesk(Arc::clone(&baidu)));
        let script: Script = Arc::default();
        let (tell, heard) = mpsc::unbounded_channel();
        let answers = Arc::clone(&script);
        let take = move |Path(kind): Path<String>, body: Bytes| {
            let mut answers = answers.lock().expect("not poisoned");
            let next = answers.iter().position(|(of, _)| *of == kind).and_then(|at| answers.remove(at));
            let answer = next.map_or_else(|| if kind == "pay" { CONSUMED } else { OK }.to_owned(), |(_, answer)| answer);
            let _ = tell.send((kind, params::read(&body).expect("a form")));
            async move { answer }
        };
        let app = Router::new().route("/{kind}", axum::routing::post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let inbox = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { router: Arc::clone(&desk).router(), baidu, desk, inbox, script, heard }
    }

    /// The next answer to this kind of callback; without one it is as Baidu wants it.
    pub fn will_answer(&self, kind: &'static str, answer: impl Into<String>) {
        self.script.lock().expect("not poisoned").push_back((kind, answer.into()));
    }

    /// The next callback, its signature proved.
    pub async fn heard(&mut self) -> (String, Fields) {
        let (kind, fields) = self.heard_unproved().await;
        assert!(self.baidu.account.platform.verifies(&fields, &fields["rsaSign"]), "{fields:?}");
        (kind, fields)
    }

    pub async fn heard_unproved(&mut self) -> (String, Fields) {
        tokio::time::timeout(Duration::from_secs(20), self.heard.recv()).await.expect("comes").expect("open")
    }

    pub fn is_silent(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }

    /// An `orderInfo` as a merchant signs it.
    pub fn order_info(&self, tp_order_id: &str, fen: i64) -> Value {
        let account = &self.baidu.account;
        let signed: Fields = [
            ("appKey", account.app_key.clone()),
            ("dealId", account.deal_id.clone()),
            ("totalAmount", fen.to_string()),
            ("tpOrderId", tp_order_id.to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        json!({
            "appKey": account.app_key,
            "dealId": account.deal_id,
            "totalAmount": fen.to_string(),
            "tpOrderId": tp_order_id,
            "rsaSign": account.merchant.sign(&signed),
            "dealTitle": "茶壶",
            "signFieldsRange": "1",
            "bizInfo": r#"{"tpData":{"returnData":{"k":"v"}}}"#,
            "notifyUrl": format!("{}/pay", self.inbox),
        })
    }

    pub async fn pay(&self, code: &str, behaviour: Behaviour) -> Result<Receipt, Refusal> {
        self.desk.pay(code, Pay { behaviour, account: Payer::Xiaoming }).await
    }

    /// A paid order that the merchant has acknowledged: Baidu's number and the payer's.
    pub async fn paid(&mut self, tp_order_id: &str, fen: i64, behaviour: Behaviour) -> (String, String) {
        self.pay(&self.order_info(tp_order_id, fen).to_string(), behaviour).await.expect("paid");
        let (kind, fields) = self.heard().await;
        assert_eq!(kind, "pay");
        for _ in 0..200 {
            if self.baidu.desk().ledger.get(tp_order_id).expect("there").consumed {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (fields["orderId"].clone(), fields["userId"].clone())
    }

    pub async fn send(&self, method: &str, path: &str, body: String) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).expect("built")).await.expect("answers");
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn token(&self) -> String {
        let account = &self.baidu.account;
        let path = format!(
            "/oauth/2.0/token?grant_type=client_credentials&client_id={}&client_secret={}&scope=smartapp_snsapi_base",
            account.client_id, account.client_secret
        );
        let (_, answer) = self.send("GET", &path, String::new()).await;
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// A call of the newer generation.
    pub async fn service(&self, method: &str, name: &str, pairs: &[(&str, &str)]) -> Value {
        let mut fields: Fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        fields.entry("pmAppKey".to_owned()).or_insert_with(|| self.baidu.account.app_key.clone());
        let (query, form) = match method {
            "GET" => (format!("&{}", params::write(&fields)), String::new()),
            _ => (String::new(), params::write(&fields)),
        };
        let path = format!("/rest/2.0/smartapp/pay/paymentservice/{name}?access_token={}{query}", self.token().await);
        self.send(method, &path, form).await.1
    }

    /// A call of the older generation, signed under `signature`.
    pub async fn legacy(&self, method: &str, path: &str, signature: &str, pairs: &[(&str, &str)]) -> Value {
        let mut fields: Fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        fields.entry("appKey".to_owned()).or_insert_with(|| self.baidu.account.app_key.clone());
        fields.insert(signature.to_owned(), self.baidu.account.merchant.sign(&fields));
        match method {
            "GET" => self.send("GET", &format!("{path}?{}", params::write(&fields)), String::new()).await.1,
            _ => self.send(method, path, params::write(&fields)).await.1,
        }
    }
}
