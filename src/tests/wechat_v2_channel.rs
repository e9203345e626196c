//! Our WeChat Pay v2 channel against the simulated provider. Both were written from the provider's documents without
//! sight of each other, so what they agree on is probably right.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{
    Channel, ChannelFactory, Closing, NextStep, NoticeFact, NoticeKind, NoticeOutcome, PaymentRef, RawNotice, RefundRequest,
    Remote, RemoteRefund, StartRequest,
};
use crate::pay::{ChannelAccount, ChannelRecord, Secret, World};
use crate::simulator::{Account, Behaviour, Pay, Settings, Simulator};
use axum::Router;
use axum::body::Bytes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A simulated provider with both listeners, our channel at one of them, and a place for notices.
struct Bench {
    simulator: Arc<Simulator>,
    channel: Arc<dyn Channel>,
    world: World,
    notify_origin: String,
    notices: Arc<Mutex<Vec<(NoticeKind, Bytes)>>>,
    _stop: tokio_util::sync::DropGuard,
}

impl Bench {
    async fn start(over_tls: bool, sign_type: &str) -> Self {
        let plain = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let secure = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let origin = format!("http://{}", plain.local_addr().expect("address"));
        let secure_origin = over_tls.then(|| format!("https://{}", secure.local_addr().expect("address")));
        let settings = Settings { secure_origin, seed: Some(1), notice_speed: 1000.0, ..Settings::at(origin) };
        let simulator = Simulator::new(settings).expect("starts");
        let shutdown = CancellationToken::new();
        let (served, stop) = (Arc::clone(&simulator), shutdown.clone());
        tokio::spawn(async move { served.serve(plain, stop).await });
        if over_tls {
            let (served, stop) = (Arc::clone(&simulator), shutdown.clone());
            tokio::spawn(async move { served.serve_tls(secure, stop).await });
        }
        let world = World::system();
        let channel = open(&simulator, sign_type, &world);
        let (notify_origin, notices) = receive(Arc::clone(&channel)).await;
        Self { simulator, channel, world, notify_origin, notices, _stop: shutdown.drop_guard() }
    }

    fn request(&self, pay_no: &str, method: Method) -> StartRequest {
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

    fn payment(&self, pay_no: &str, method: Method) -> PaymentRef {
        let now = self.world.now_ms();
        PaymentRef {
            pay_no: pay_no.to_owned(),
            method,
            amount: Amount::from_fen(12_800).expect("in range"),
            payer: None,
            provider_trade_no: None,
            provider_data: BTreeMap::new(),
            created_at: now - 60_000,
            now_ms: now,
        }
    }

    fn refund(&self, pay_no: &str, refund_no: &str, fen: i64) -> RefundRequest {
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

    async fn pays(&self, code: &str, behaviour: Behaviour) {
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await.expect("the wallet takes the code");
    }

    /// What the first notice of a kind says to our channel.
    async fn notice(&self, kind: NoticeKind) -> Vec<NoticeFact> {
        for _ in 0..2_000 {
            let found = self.notices.lock().expect("lock").iter().find(|(of, _)| *of == kind).map(|(_, body)| body.clone());
            if let Some(body) = found {
                return self.channel.read_notice(&raw(kind, &body)).expect("a good notice");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no notice came");
    }
}

fn open(simulator: &Simulator, sign_type: &str, world: &World) -> Arc<dyn Channel> {
    let document = simulator.credentials_of(ChannelKind::WechatV2).expect("a document");
    let fields = document["credentials"].as_object().expect("fields");
    let mut credentials: BTreeMap<String, Secret<String>> =
        fields.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str().expect("text").to_owned()))).collect();
    credentials.insert("sign_type".to_owned(), Secret::new(sign_type.to_owned()));
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_00000001").expect("an id"),
        kind: ChannelKind::WechatV2,
        name: "simulated".to_owned(),
        app_id: None,
        enabled: true,
        methods: vec![],
        gateway_url: document["gateway_url"].as_str().map(str::to_owned),
        ca_pem: document["ca_pem"].as_str().map(str::to_owned),
        priority: 0,
        version: 1,
        created_at: 0,
        updated_at: 0,
    };
    Registry::new(world.clone()).open(&ChannelAccount { record, version: 1, credentials }).expect("opens")
}

fn raw(kind: NoticeKind, body: &[u8]) -> RawNotice<'_> {
    RawNotice { kind, headers: &[], query: "", body, now_ms: 0 }
}

type Kept = Arc<Mutex<Vec<(NoticeKind, Bytes)>>>;

/// Takes notices, has the channel read them and answers as the channel says.
async fn receive(channel: Arc<dyn Channel>) -> (String, Kept) {
    let kept = Kept::default();
    let keep = Arc::clone(&kept);
    let handler = move |axum::extract::Path(kind): axum::extract::Path<String>, body: Bytes| {
        let (channel, keep) = (Arc::clone(&channel), Arc::clone(&keep));
        async move {
            let kind = NoticeKind::parse(&kind).expect("a kind");
            let outcome = match channel.read_notice(&raw(kind, &body)) {
                Ok(_) => NoticeOutcome::Accepted,
                Err(_) => NoticeOutcome::Refused,
            };
            if outcome == NoticeOutcome::Accepted {
                keep.lock().expect("lock").push((kind, body));
            }
            channel.answer(kind, outcome).body
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    let router = Router::new().route("/notify/{kind}", axum::routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (origin, kept)
}

const NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";

#[tokio::test]
async fn a_code_is_paid_told_and_refunded() {
    for (over_tls, sign_type) in [(false, "MD5"), (true, "HMAC-SHA256")] {
        let bench = Bench::start(over_tls, sign_type).await;
        let started = bench.channel.start(&bench.request(NO, Method::WechatNative)).await.expect("starts");
        let NextStep::Qr { code_url, .. } = started.next else { panic!("no code: {:?}", started.next) };
        let payment = bench.payment(NO, Method::WechatNative);
        assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Pending));

        bench.pays(&code_url, Behaviour::Ok).await;
        let Ok(Remote::Paid(paid)) = bench.channel.query(&payment).await else { panic!("not paid") };
        assert_eq!(paid.amount, payment.amount);
        let told = NoticeFact::Payment { pay_no: NO.to_owned(), remote: Remote::Paid(paid) };
        assert_eq!(bench.notice(NoticeKind::Pay).await, [told]);
        assert_eq!(bench.channel.close(&payment).await, Ok(Closing::AlreadyPaid));

        let refund = bench.refund(NO, "01JD3ZQ8K7M4N5P6Q7R8S9T0RF", 2_800);
        assert!(matches!(bench.channel.refund(&refund).await, Ok(RemoteRefund::Processing { provider_refund_no: Some(_) })));
        let told = NoticeFact::AskRefund { refund_no: refund.refund_no.clone() };
        assert_eq!(bench.notice(NoticeKind::Refund).await, [told]);
        let asked = bench.channel.query_refund(&refund).await;
        assert!(matches!(asked, Ok(RemoteRefund::Succeeded { succeeded_at: Some(_), .. })), "{asked:?}");
        // Still paid, although some of it went back.
        assert!(matches!(bench.channel.query(&payment).await, Ok(Remote::Paid(_))));
        let expected = serde_json::json!({ "wechat_v2": { "ORDERPAID 该订单已支付": 1 } });
        assert_eq!(bench.simulator.book()["refusals"], expected, "closing what is paid only");
    }
}

#[tokio::test]
async fn badly_signed_notices_are_refused_until_a_good_one_comes() {
    let bench = Bench::start(false, "MD5").await;
    bench.channel.start(&bench.request(NO, Method::WechatNative)).await.expect("starts");
    bench.pays(NO, Behaviour::BadSignature).await;
    bench.notice(NoticeKind::Pay).await;
    let book = bench.simulator.book();
    let refused = book["notices"].as_array().expect("tries").iter().filter(|t| t["outcome"] == "refused").count();
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn links_bridges_and_apps_open_the_same_wallet() {
    let bench = Bench::start(false, "HMAC-SHA256").await;
    let h5 = bench.channel.start(&bench.request("H5-0000001", Method::WechatH5)).await.expect("starts");
    let NextStep::Redirect { url } = h5.next else { panic!("no link: {:?}", h5.next) };
    bench.pays(&url, Behaviour::Ok).await;
    for (number, method) in [("JS-0000001", Method::WechatJsapi), ("MINI-00001", Method::WechatMini)] {
        let started = bench.channel.start(&bench.request(number, method)).await.expect("starts");
        let NextStep::Invoke { params, .. } = started.next else { panic!("no bridge: {:?}", started.next) };
        bench.pays(params["package"].as_str().expect("text"), Behaviour::Ok).await;
        assert!(matches!(bench.channel.query(&bench.payment(number, method)).await, Ok(Remote::Paid(_))));
    }
    let app = bench.channel.start(&bench.request("APP-000001", Method::WechatApp)).await.expect("starts");
    let NextStep::Invoke { params, .. } = app.next else { panic!("no app: {:?}", app.next) };
    bench.pays(params["prepayid"].as_str().expect("text"), Behaviour::Ok).await;
}

#[tokio::test]
async fn closed_means_closed_and_unknown_is_told_apart() {
    let bench = Bench::start(false, "MD5").await;
    let payment = bench.payment(NO, Method::WechatNative);
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Unknown));
    bench.channel.start(&bench.request(NO, Method::WechatNative)).await.expect("starts");
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Closed));
    bench.pays(NO, Behaviour::Late).await;
    assert!(matches!(bench.channel.query(&payment).await, Ok(Remote::Paid(_))));
    assert_eq!(bench.channel.query_refund(&bench.refund(NO, "R-1", 1)).await, Ok(RemoteRefund::Unknown));
}

#[tokio::test]
async fn the_check_button_is_content_with_the_simulator() {
    let bench = Bench::start(true, "HMAC-SHA256").await;
    let report = bench.channel.check().await.expect("a report");
    assert!(report.ok, "{report:?}");
}

#[tokio::test]
async fn bar_codes_pay_wait_and_are_reversed() {
    let bench = Bench::start(true, "MD5").await;
    let with_code = |number: &str, code: &str| StartRequest {
        auth_code: Some(Secret::new(code.to_owned())),
        ..bench.request(number, Method::WechatMicropay)
    };
    let paid = bench.channel.start(&with_code("BAR-000001", "134567890123456789")).await.expect("starts");
    assert_eq!((paid.next, paid.paid.map(|p| p.amount.fen())), (NextStep::Done, Some(12_800)));
    let waiting = bench.channel.start(&with_code("BAR-000002", "134567890123456705")).await.expect("starts");
    assert_eq!(waiting.next, NextStep::Wait);
    let payment = bench.payment("BAR-000002", Method::WechatMicropay);
    // The provider's fifteen seconds are fifteen milliseconds here.
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Closed));
}

#[tokio::test]
async fn the_official_account_tells_who_the_payer_is() {
    let bench = Bench::start(false, "MD5").await;
    let sign_in = bench.channel.sign_in().expect("the account has a secret");
    let page = sign_in.page("https://pay.example.com/back?token=1", "S1");
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let sent_on = browser.get(page).send().await.expect("answers");
    let back = sent_on.headers()["location"].to_str().expect("text").to_owned();
    let back = url::Url::parse(&back).expect("an address");
    let given = |name: &str| back.query_pairs().find(|(n, _)| n == name).expect("given").1.into_owned();
    assert_eq!((given("token"), given("state")), ("1".to_owned(), "S1".to_owned()));
    let code = given(sign_in.code_parameter());
    let facts = sign_in.payer(&code, bench.world.now_ms()).await.expect("a payer");
    let mut request = bench.request(NO, Method::WechatJsapi);
    request.facts = facts;
    bench.channel.start(&request).await.expect("the provider takes the open id");
    bench.pays(NO, Behaviour::Ok).await;
    let Ok(Remote::Paid(paid)) = bench.channel.query(&bench.payment(NO, Method::WechatJsapi)).await else { panic!("not paid") };
    assert_eq!(paid.payer.as_ref(), request.facts.get("openid"));
    let again = sign_in.payer(&code, bench.world.now_ms()).await;
    assert!(matches!(again, Err(crate::pay::channel::ChannelError::Refused { .. })), "{again:?}");
}
