//! Plays one payment of every method of every simulated account through a recorder: the provider's honest replies and
//! notices, as seeds. A provider that is added to the registries takes part by itself.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{Channel, Closing, NoticeKind, PaymentRef, RefundRequest, Remote, StartRequest, Started};
use crate::pay::{ChannelAccount, ChannelRecord, Credentials, Secret, World};
use crate::simulator::{Settings, Simulator};
use crate::tests::wallet::{FACTS, Wallet};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub const AMOUNT: i64 = 8_888;
const REFUND: i64 = 888;

/// A provider's answer to one call.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A notice as it came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub kind: NoticeKind,
    pub headers: Vec<(String, String)>,
    pub query: String,
    pub body: Vec<u8>,
}

/// What is asked of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    Start,
    Query,
    Close,
    Refund,
    QueryRefund,
    Check,
    Keys,
    Bill,
}

/// Stands where the provider is: first hands everything on and keeps the answers, later answers what it is told.
#[derive(Clone)]
pub struct Recorder {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    upstream: String,
    client: reqwest::Client,
    state: Mutex<Recording>,
}

#[derive(Default)]
struct Recording {
    /// What the calls of this moment belong to; `None`: a browser's.
    op: Option<Op>,
    kept: Vec<(Op, Reply)>,
    heard: Vec<Heard>,
    replay: Option<Reply>,
}

impl Recorder {
    async fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let client = crate::tests::app::client();
        let this = Self { url, inner: Arc::new(Inner { upstream: upstream.to_owned(), client, state: Mutex::default() }) };
        let router = Router::new().fallback(answer).with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        this
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Recording> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every call gets this answer from now on.
    pub fn replay(&self, reply: Reply) {
        self.state().replay = Some(reply);
    }

    async fn forward(&self, request: Request) -> Reply {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("body");
        let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        let mut sent = self.inner.client.request(parts.method, format!("{}{path}", self.inner.upstream)).body(body);
        for (name, value) in &parts.headers {
            if ![header::HOST, header::CONTENT_LENGTH, header::CONNECTION].contains(name) {
                sent = sent.header(name, value);
            }
        }
        let answer = sent.send().await.expect("the simulator answers");
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION, header::DATE] {
            headers.remove(name);
        }
        Reply { status, headers, body: answer.bytes().await.expect("body").to_vec() }
    }
}

async fn answer(State(this): State<Recorder>, request: Request) -> Response {
    if let Some(kind) = request.uri().path().strip_prefix("/heard/").and_then(NoticeKind::parse) {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("body").to_vec();
        let text = |(n, v): (&HeaderName, &axum::http::HeaderValue)| Some((n.as_str().to_owned(), v.to_str().ok()?.to_owned()));
        let headers = parts.headers.iter().filter_map(text).collect();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        this.state().heard.push(Heard { kind, headers, query, body });
        return Response::new(Body::from("success"));
    }
    let replay = this.state().replay.clone();
    let reply = match replay {
        Some(reply) => reply,
        None => {
            let reply = this.forward(request).await;
            let mut state = this.state();
            if let Some(op) = state.op {
                state.kept.push((op, reply.clone()));
            }
            reply
        }
    };
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

/// One account after its play.
pub struct Played {
    pub name: String,
    pub kind: ChannelKind,
    pub channel: Arc<dyn Channel>,
    pub recorder: Recorder,
    pub world: World,
    /// When all its payments were begun: some providers know a payment by its number and this time.
    begun: i64,
    /// Payments that were started, with the number of the provider where one was paid.
    pub payments: Vec<(Method, String, Option<String>)>,
    pub replies: Vec<(Op, Reply)>,
    pub notices: Vec<Heard>,
}

/// Every account that the simulator has, each played through.
pub async fn play_all() -> Vec<Played> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    let settings = Settings { seed: Some(7), notice_speed: 1000.0, ..Settings::at(&origin) };
    let simulator = Simulator::new(settings).expect("starts");
    let serving = simulator.clone();
    tokio::spawn(async move { serving.serve(listener, CancellationToken::new()).await });
    let (wallet, mut all) = (Wallet::at(&origin), Vec::new());
    for document in simulator.credentials() {
        let recorder = Recorder::start(&origin).await;
        let mut played = open(&document, recorder);
        let methods = document["methods"].as_array().expect("methods").clone();
        for method in methods {
            played.play(&wallet, Method::parse(method.as_str().expect("text")).expect("a method")).await;
        }
        played.ask_besides().await;
        let mut state = played.recorder.state();
        let (replies, notices) = (std::mem::take(&mut state.kept), std::mem::take(&mut state.heard));
        drop(state);
        played.replies = replies;
        played.notices = notices;
        assert!(played.payments.iter().any(|p| p.2.is_some()), "{}: nothing was paid", played.name);
        assert!(!played.notices.is_empty(), "{}: no notice", played.name);
        all.push(played);
    }
    all
}

fn open(document: &Value, recorder: Recorder) -> Played {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let fields = document["credentials"].as_object().expect("fields");
    let credentials = fields.iter().map(|(k, v)| (k.clone(), Secret::new(text(v)))).collect();
    let kind = ChannelKind::parse(&text(&document["kind"])).expect("a kind");
    let (world, name) = (World::system(), text(&document["name"]));
    let channel = open_channel(kind, credentials, &recorder.url);
    Played {
        name,
        kind,
        channel,
        recorder,
        begun: world.now_ms(),
        world,
        payments: Vec::new(),
        replies: Vec::new(),
        notices: Vec::new(),
    }
}

/// A channel without the guard that would pause after a few broken replies.
pub fn open_channel(kind: ChannelKind, credentials: Credentials, gateway_url: &str) -> Arc<dyn Channel> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let world = World::system();
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_01jd0000000000000000000000").expect("an id"),
        kind,
        name: kind.to_string(),
        app_id: None,
        enabled: true,
        methods: Vec::new(),
        gateway_url: Some(gateway_url.to_owned()),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: world.now_ms(),
        updated_at: world.now_ms(),
    };
    let account = ChannelAccount { record, version: 1, credentials };
    Registry::new(world).open_bare(&account).unwrap_or_else(|e| panic!("{kind}: {e}"))
}

impl Played {
    fn during(&self, op: Option<Op>) {
        self.recorder.state().op = op;
    }

    pub fn start_request(&self, method: Method, pay_no: &str, auth_code: Option<String>) -> StartRequest {
        let now = self.world.now_ms();
        StartRequest {
            pay_no: pay_no.to_owned(),
            method,
            amount: Amount::from_fen(AMOUNT).expect("in range"),
            subject: "蓝色茶壶 A+B".to_owned(),
            body: Some("景德镇".to_owned()),
            notify_url: format!("{}/heard/pay", self.recorder.url),
            return_url: format!("{}/return/{pay_no}", self.recorder.url),
            checkout_url: format!("{}/checkout/x", self.recorder.url),
            public_url: self.recorder.url.clone(),
            merchant_name: "茶馆".to_owned(),
            created_at: self.begun,
            deadline: now + 30 * 60 * 1000,
            now_ms: now,
            client_ip: "203.0.113.7".to_owned(),
            auth_code: auth_code.map(Secret::new),
            facts: FACTS.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        }
    }

    pub fn payment(&self, method: Method, pay_no: &str, trade_no: Option<String>) -> PaymentRef {
        let now = self.world.now_ms();
        PaymentRef {
            pay_no: pay_no.to_owned(),
            method,
            amount: Amount::from_fen(AMOUNT).expect("in range"),
            provider_trade_no: trade_no,
            payer: None,
            provider_data: BTreeMap::new(),
            created_at: self.begun,
            now_ms: now,
        }
    }

    pub fn refund_request(&self, method: Method, pay_no: &str, trade_no: Option<String>, refund_no: &str) -> RefundRequest {
        let now = self.world.now_ms();
        RefundRequest {
            refund_no: refund_no.to_owned(),
            pay_no: pay_no.to_owned(),
            method,
            provider_trade_no: trade_no,
            payer: None,
            provider_data: BTreeMap::new(),
            provider_refund_no: None,
            paid_amount: Amount::from_fen(AMOUNT).expect("in range"),
            amount: Amount::from_fen(REFUND).expect("in range"),
            reason: "退款".to_owned(),
            notify_url: format!("{}/heard/refund", self.recorder.url),
            paid_at: Some(now - 500),
            created_at: now,
            now_ms: now,
        }
    }

    async fn play(&mut self, wallet: &Wallet, method: Method) {
        let bar = if method.is_bar() { Some(wallet.bar_code(self.kind.as_str()).await) } else { None };
        let (pay_no, unpaid) = (self.world.number(), self.world.number());
        self.during(Some(Op::Start));
        let started = self.channel.start(&self.start_request(method, &pay_no, bar.clone())).await;
        let started = started.unwrap_or_else(|e| panic!("{} {method}: {e}", self.name));
        self.during(None);
        if bar.is_none() {
            wallet.pay(&pay_no, &next_of(&started), "ok").await;
        }
        self.during(Some(Op::Query));
        let mut reference = self.payment(method, &pay_no, None);
        reference.provider_data.clone_from(&started.provider_data);
        let paid = self.channel.query(&reference).await;
        let Ok(Remote::Paid(paid)) = paid else { panic!("{} {method}: {paid:?}", self.name) };
        let trade_no = Some(paid.trade_no);
        self.during(Some(Op::Refund));
        let refund_no = self.world.number();
        let mut request = self.refund_request(method, &pay_no, trade_no.clone(), &refund_no);
        request.payer = paid.payer;
        request.provider_data = started.provider_data;
        let _ = self.channel.refund(&request).await; // some refuse a part so soon after paying: that is a reply, too
        self.during(Some(Op::QueryRefund));
        let _ = self.channel.query_refund(&request).await; // some can only say that they do not know
        self.payments.push((method, pay_no, trade_no));
        if bar.is_none() {
            self.during(Some(Op::Start));
            let started = self.channel.start(&self.start_request(method, &unpaid, None)).await.expect("starts again");
            self.during(None);
            wallet.visit(&next_of(&started)).await;
            let mut reference = self.payment(method, &unpaid, None);
            reference.provider_data = started.provider_data;
            self.during(Some(Op::Query));
            let _ = self.channel.query(&reference).await;
            self.during(Some(Op::Close));
            let closed = self.channel.close(&reference).await;
            assert!(matches!(closed, Ok(Closing::Closed | Closing::NotYet(_))), "{} {method}: {closed:?}", self.name);
            self.payments.push((method, unpaid, None));
        }
        self.during(None);
        // Notices come when they come.
        for _ in 0..600 {
            if !self.recorder.state().heard.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What belongs to no payment.
    async fn ask_besides(&self) {
        self.during(Some(Op::Check));
        let _ = self.channel.check().await;
        if let Some(keys) = self.channel.rotating_keys() {
            self.during(Some(Op::Keys));
            keys.fetch().await.unwrap_or_else(|e| panic!("{}: {e}", self.name));
        }
        if let Some(bills) = self.channel.bills() {
            self.during(Some(Op::Bill));
            let _ = bills.bill(&day(self.world.now_ms())).await; // there may be none for a day that is not over
        }
        self.during(None);
    }
}

/// The day before, by Shanghai's clock.
fn day(now_ms: i64) -> String {
    crate::channels::shanghai::spaced(now_ms - 86_400_000).chars().take(10).collect()
}

/// `next` as the API writes it.
fn next_of(started: &Started) -> Value {
    serde_json::to_value(&started.next).expect("JSON")
}
