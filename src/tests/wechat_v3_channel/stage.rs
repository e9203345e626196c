//! A simulated provider, our channel at it, and a place for notices.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{
    Channel, ChannelFactory, NextStep, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, PaymentRef, RawNotice, RefundRequest,
    StartRequest,
};
use crate::pay::{ChannelAccount, ChannelRecord, Secret, World};
use crate::simulator::{Account, Behaviour, HandClock, Pay, Settings, Simulator};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How a merchant knows the provider's replies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    PublicKey,
    Certificate,
}

/// A simulated provider, our channel at it, and a place for notices.
pub struct Bench {
    pub simulator: Arc<Simulator>,
    pub channel: Arc<dyn Channel>,
    pub world: World,
    pub origin: String,
    pub notify_origin: String,
    pub notices: Kept,
    _stop: tokio_util::sync::DropGuard,
}

/// What our channel said to each notice, in the order they came.
pub type Kept = Arc<Mutex<Vec<(NoticeKind, Result<Vec<NoticeFact>, NoticeError>)>>>;

impl Bench {
    pub async fn start(mode: Mode) -> Self {
        Self::at(mode, None).await
    }

    /// Both sides on one clock that moves by hand, where one is given.
    pub async fn at(mode: Mode, clock: Option<Arc<HandClock>>) -> Self {
        let plain = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let origin = format!("http://{}", plain.local_addr().expect("address"));
        let mut settings = Settings { seed: Some(1), notice_speed: 1000.0, ..Settings::at(origin.clone()) };
        let mut world = World::system();
        if let Some(clock) = clock {
            settings.clock = Arc::clone(&clock) as _;
            world.clock = Arc::new(Same(clock));
        }
        let simulator = Simulator::new(settings).expect("starts");
        let shutdown = CancellationToken::new();
        let (served, stop) = (Arc::clone(&simulator), shutdown.clone());
        tokio::spawn(async move { served.serve(plain, stop).await });
        let channel = open(&simulator, mode, &world);
        let (notify_origin, notices) = receive(Arc::clone(&channel), world.clone()).await;
        Self { simulator, channel, world, origin, notify_origin, notices, _stop: shutdown.drop_guard() }
    }

    pub fn request(&self, pay_no: &str, method: Method) -> StartRequest {
        let now = self.world.now_ms();
        StartRequest {
            pay_no: pay_no.to_owned(),
            method,
            amount: Amount::from_fen(12_800).expect("in range"),
            subject: "蓝色茶壶 🍵".to_owned(),
            body: None,
            notify_url: format!("{}/notify/pay", self.notify_origin),
            return_url: "https://pay.example.com/return/1".to_owned(),
            checkout_url: "https://pay.example.com/checkout/1".to_owned(),
            public_url: "https://pay.example.com".to_owned(),
            merchant_name: "示例商店".to_owned(),
            created_at: now,
            deadline: now + 7_200_000,
            now_ms: now,
            client_ip: "203.0.113.7".to_owned(),
            auth_code: None,
            facts: BTreeMap::from([("openid".to_owned(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned())]),
        }
    }

    pub fn payment(&self, pay_no: &str) -> PaymentRef {
        let now = self.world.now_ms();
        PaymentRef {
            pay_no: pay_no.to_owned(),
            method: Method::WechatNative,
            amount: Amount::from_fen(12_800).expect("in range"),
            payer: None,
            provider_trade_no: None,
            provider_data: BTreeMap::new(),
            created_at: now - 60_000,
            now_ms: now,
        }
    }

    pub fn refund(&self, pay_no: &str, refund_no: &str, fen: i64) -> RefundRequest {
        RefundRequest {
            refund_no: refund_no.to_owned(),
            pay_no: pay_no.to_owned(),
            method: Method::WechatNative,
            payer: None,
            provider_trade_no: None,
            provider_data: BTreeMap::new(),
            provider_refund_no: None,
            paid_amount: Amount::from_fen(12_800).expect("in range"),
            amount: Amount::from_fen(fen).expect("in range"),
            reason: "买错了".to_owned(),
            notify_url: format!("{}/notify/refund", self.notify_origin),
            paid_at: None,
            created_at: self.world.now_ms(),
            now_ms: self.world.now_ms(),
        }
    }

    pub async fn pays(&self, code: &str, behaviour: Behaviour) {
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await.expect("the wallet takes the code");
    }

    /// Changes the provider's ways, as its own address for that does.
    pub async fn switch(&self, body: serde_json::Value) {
        let answer =
            crate::tests::app::client().post(format!("{}/wallet/wechat_v3/switches", self.origin)).json(&body).send().await;
        assert!(answer.expect("answers").status().is_success());
    }

    /// What the first `count` notices of a kind said to our channel.
    pub async fn said(&self, kind: NoticeKind, count: usize) -> Vec<Result<Vec<NoticeFact>, NoticeError>> {
        for _ in 0..2_000 {
            let found: Vec<_> =
                self.notices.lock().expect("lock").iter().filter(|(of, _)| *of == kind).map(|(_, said)| said.clone()).collect();
            if found.len() >= count {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{count} notices did not come");
    }

    pub async fn started(&self, pay_no: &str, method: Method) -> NextStep {
        self.channel.start(&self.request(pay_no, method)).await.expect("starts").next
    }
}

pub fn open(simulator: &Simulator, mode: Mode, world: &World) -> Arc<dyn Channel> {
    let document = simulator.credentials_of(ChannelKind::WechatV3).expect("a document");
    let fields = document["credentials"].as_object().expect("fields");
    let mut credentials: BTreeMap<String, Secret<String>> =
        fields.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str().expect("text").to_owned()))).collect();
    if mode == Mode::Certificate {
        credentials.retain(|name, _| !name.starts_with("public_key"));
    }
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_00000001").expect("an id"),
        kind: ChannelKind::WechatV3,
        name: "simulated".to_owned(),
        app_id: None,
        enabled: true,
        methods: vec![],
        gateway_url: document["gateway_url"].as_str().map(str::to_owned),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: 0,
        updated_at: 0,
    };
    Registry::new(world.clone()).open(&ChannelAccount { record, version: 1, credentials }).expect("opens")
}

/// Takes notices, has the channel read them and answers as the channel says; fetches keys as the core does.
async fn receive(channel: Arc<dyn Channel>, world: World) -> (String, Kept) {
    let kept = Kept::default();
    let keep = Arc::clone(&kept);
    let handler = move |axum::extract::Path(kind): axum::extract::Path<String>, headers: HeaderMap, body: Bytes| {
        let (channel, keep, world) = (Arc::clone(&channel), Arc::clone(&keep), world.clone());
        async move {
            let kind = NoticeKind::parse(&kind).expect("a kind");
            let headers: Vec<(String, String)> =
                headers.iter().map(|(n, v)| (n.as_str().to_owned(), v.to_str().unwrap_or_default().to_owned())).collect();
            let raw = RawNotice { kind, headers: &headers, query: "", body: &body, now_ms: world.now_ms() };
            let said = channel.read_notice(&raw);
            let outcome = match &said {
                Ok(_) => NoticeOutcome::Accepted,
                Err(NoticeError::UnknownKey(_)) => {
                    channel.rotating_keys().expect("its keys change").fetch().await.expect("they can be had");
                    NoticeOutcome::Unavailable
                }
                Err(_) => NoticeOutcome::Refused,
            };
            keep.lock().expect("lock").push((kind, said));
            let answer = channel.answer(kind, outcome);
            (StatusCode::from_u16(answer.status).expect("a status"), answer.body)
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    let router = Router::new().route("/notify/{kind}", axum::routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (origin, kept)
}

/// The simulator's clock for our side too.
struct Same(Arc<HandClock>);

impl crate::pay::Clock for Same {
    fn now_ms(&self) -> i64 {
        crate::simulator::Clock::now_ms(&*self.0)
    }
}
