//! Our QQ Wallet channel against the simulated provider. Both were written from the provider's documents without sight of
//! each other, so what they agree on is probably right.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{
    BillKind, Channel, ChannelError, ChannelFactory, Closing, NextStep, NoticeFact, NoticeKind, NoticeOutcome, PaymentRef,
    RawNotice, RefundRequest, Remote, RemoteRefund, StartRequest,
};
use crate::pay::{ChannelAccount, ChannelRecord, Secret, World};
use crate::simulator::{Account, Behaviour, Clock, HandClock, Pay, Settings, Simulator, SystemClock};
use axum::Router;
use axum::body::Bytes;
use base64::Engine;
use hmac::{Hmac, Mac};
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
    notices: Kept,
    _stop: tokio_util::sync::DropGuard,
}

const TOTAL: i64 = 12_800;

fn fen(amount: i64) -> Amount {
    Amount::from_fen(amount).expect("in range")
}

impl Bench {
    async fn start(over_tls: bool) -> Self {
        Self::at(over_tls, Arc::new(SystemClock)).await
    }

    async fn at(over_tls: bool, clock: Arc<dyn Clock>) -> Self {
        let plain = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let secure = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let origin = format!("http://{}", plain.local_addr().expect("address"));
        let secure_origin = over_tls.then(|| format!("https://{}", secure.local_addr().expect("address")));
        let settings = Settings { secure_origin, seed: Some(1), notice_speed: 1000.0, clock, ..Settings::at(origin) };
        let simulator = Simulator::new(settings).expect("starts");
        let shutdown = CancellationToken::new();
        let (served, stop) = (Arc::clone(&simulator), shutdown.clone());
        tokio::spawn(async move { served.serve(plain, stop).await });
        if over_tls {
            let (served, stop) = (Arc::clone(&simulator), shutdown.clone());
            tokio::spawn(async move { served.serve_tls(secure, stop).await });
        }
        let world = World::system();
        let channel = open(&simulator, &world, &[]).expect("opens");
        let (notify_origin, notices) = receive(Arc::clone(&channel)).await;
        Self { simulator, channel, world, notify_origin, notices, _stop: shutdown.drop_guard() }
    }

    /// The same account with some fields changed.
    fn with(&self, changes: &[(&str, &str)]) -> Arc<dyn Channel> {
        open(&self.simulator, &self.world, changes).expect("opens")
    }

    fn credential(&self, name: &str) -> String {
        let document = self.simulator.credentials_of(ChannelKind::Qq).expect("a document");
        document["credentials"][name].as_str().expect("text").to_owned()
    }

    fn request(&self, pay_no: &str, method: Method) -> StartRequest {
        let now = self.world.now_ms();
        StartRequest {
            pay_no: pay_no.to_owned(),
            method,
            amount: fen(TOTAL),
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
            client_ip: "2001:db8::7".to_owned(),
            auth_code: None,
            facts: BTreeMap::new(),
        }
    }

    fn bar(&self, pay_no: &str, code: &str) -> StartRequest {
        StartRequest { auth_code: Some(Secret::new(code.to_owned())), ..self.request(pay_no, Method::QqMicropay) }
    }

    fn payment(&self, pay_no: &str, method: Method) -> PaymentRef {
        let now = self.world.now_ms();
        PaymentRef {
            pay_no: pay_no.to_owned(),
            method,
            amount: fen(TOTAL),
            payer: None,
            provider_trade_no: None,
            provider_data: BTreeMap::new(),
            created_at: now - 600_000,
            now_ms: now,
        }
    }

    fn refund(&self, pay_no: &str, refund_no: &str, amount: i64) -> RefundRequest {
        RefundRequest {
            refund_no: refund_no.to_owned(),
            pay_no: pay_no.to_owned(),
            method: Method::QqNative,
            payer: None,
            provider_trade_no: None,
            provider_data: BTreeMap::new(),
            provider_refund_no: None,
            paid_amount: fen(TOTAL),
            amount: fen(amount),
            reason: "买错了".to_owned(),
            notify_url: format!("{}/notify/refund", self.notify_origin),
            paid_at: None,
            created_at: self.world.now_ms(),
            now_ms: self.world.now_ms(),
        }
    }

    async fn pays(&self, code: &str, behaviour: Behaviour, account: Account) {
        self.simulator.pay(code, Pay { behaviour, account }).await.expect("the wallet takes the code");
    }

    /// Waits for a number of notices; what the last one said to our channel.
    async fn notice(&self, count: usize) -> Vec<NoticeFact> {
        for _ in 0..2_000 {
            let found = self.notices.lock().expect("lock").get(count - 1).cloned();
            if let Some(body) = found {
                return self.channel.read_notice(&raw(NoticeKind::Pay, &body)).expect("a good notice");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no notice came");
    }

    /// The refund once it is no more in progress.
    async fn ended(&self, refund: &RefundRequest) -> RemoteRefund {
        for _ in 0..400 {
            match self.channel.query_refund(refund).await.expect("an answer") {
                RemoteRefund::Processing { .. } => tokio::time::sleep(Duration::from_millis(5)).await,
                ended => return ended,
            }
        }
        panic!("the refund never ended");
    }
}

fn open(simulator: &Simulator, world: &World, changes: &[(&str, &str)]) -> Result<Arc<dyn Channel>, ChannelError> {
    let document = simulator.credentials_of(ChannelKind::Qq).expect("a document");
    let fields = document["credentials"].as_object().expect("fields");
    let mut credentials: BTreeMap<String, Secret<String>> =
        fields.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str().expect("text").to_owned()))).collect();
    credentials.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned()))));
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_00000001").expect("an id"),
        kind: ChannelKind::Qq,
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
    Registry::new(world.clone()).open(&ChannelAccount { record, version: 1, credentials })
}

fn raw(kind: NoticeKind, body: &[u8]) -> RawNotice<'_> {
    RawNotice { kind, headers: &[], query: "", body, now_ms: 0 }
}

type Kept = Arc<Mutex<Vec<Bytes>>>;

/// Takes notices, has the channel read them and answers as the channel says.
async fn receive(channel: Arc<dyn Channel>) -> (String, Kept) {
    let kept = Kept::default();
    let keep = Arc::clone(&kept);
    let handler = move |body: Bytes| {
        let (channel, keep) = (Arc::clone(&channel), Arc::clone(&keep));
        async move {
            let outcome = match channel.read_notice(&raw(NoticeKind::Pay, &body)) {
                Ok(_) => NoticeOutcome::Accepted,
                Err(_) => NoticeOutcome::Refused,
            };
            if outcome == NoticeOutcome::Accepted {
                keep.lock().expect("lock").push(body);
            }
            channel.answer(NoticeKind::Pay, outcome).body
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    let router = Router::new().route("/notify/pay", axum::routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (origin, kept)
}

const NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";
const REFUND_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0RF";

#[tokio::test]
async fn a_code_is_paid_told_and_refunded_over_both_hosts() {
    for over_tls in [false, true] {
        let bench = Bench::start(over_tls).await;
        let started = bench.channel.start(&bench.request(NO, Method::QqNative)).await.expect("starts");
        let NextStep::Qr { code_url, .. } = started.next else { panic!("no code: {:?}", started.next) };
        let payment = bench.payment(NO, Method::QqNative);
        assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Pending));

        bench.pays(&code_url, Behaviour::Ok, Account::Coupons).await;
        let Ok(Remote::Paid(paid)) = bench.channel.query(&payment).await else { panic!("not paid") };
        assert_eq!(paid.amount, payment.amount, "the wallet's discount is money for the merchant too");
        let trade_no = paid.trade_no.clone();
        let told = NoticeFact::Payment { pay_no: NO.to_owned(), remote: Remote::Paid(paid) };
        assert_eq!(bench.notice(1).await, [told]);
        assert_eq!(bench.channel.close(&payment).await, Ok(Closing::AlreadyPaid));

        // First the wallet's discount of 12.80 goes home, then money; both count as refunded.
        for (number, amount) in [("R-1", 1_000), (REFUND_NO, 11_800)] {
            let refund = RefundRequest { provider_trade_no: Some(trade_no.clone()), ..bench.refund(NO, number, amount) };
            let accepted = bench.channel.refund(&refund).await;
            assert!(matches!(accepted, Ok(RemoteRefund::Processing { provider_refund_no: Some(_) })), "{accepted:?}");
            assert!(matches!(bench.ended(&refund).await, RemoteRefund::Succeeded { provider_refund_no: Some(_), .. }));
        }
        let too_much = bench.channel.refund(&bench.refund(NO, "R-3", 1)).await;
        assert!(matches!(too_much, Err(ChannelError::Refused { .. })), "{too_much:?}");
        // Still paid, although all of it went back.
        assert!(matches!(bench.channel.query(&payment).await, Ok(Remote::Paid(_))));
        let expected = serde_json::json!({ "qq": { "PARAM_ERROR 累计退款金额大于支付金额": 1 } });
        assert_eq!(bench.simulator.book()["refusals"], expected, "the refund that is too large only");
    }
}

#[tokio::test]
async fn notices_are_read_in_either_case_and_refused_when_badly_signed() {
    let bench = Bench::start(false).await;
    for n in 0..8 {
        let number = format!("CASE-{n}");
        bench.channel.start(&bench.request(&number, Method::QqNative)).await.expect("starts");
        bench.pays(&number, Behaviour::Ok, Account::Xiaoming).await;
    }
    bench.notice(8).await;
    bench.channel.start(&bench.request(NO, Method::QqNative)).await.expect("starts");
    bench.pays(NO, Behaviour::BadSignature, Account::Xiaoming).await;
    bench.notice(9).await;
    let book = bench.simulator.book();
    let refused = book["notices"].as_array().expect("tries").iter().filter(|t| t["outcome"] == "refused").count();
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn a_wrong_amount_is_told_as_it_is() {
    let bench = Bench::start(false).await;
    bench.channel.start(&bench.request(NO, Method::QqNative)).await.expect("starts");
    bench.pays(NO, Behaviour::WrongAmount, Account::Xiaoming).await;
    let Ok(Remote::Paid(paid)) = bench.channel.query(&bench.payment(NO, Method::QqNative)).await else { panic!("not paid") };
    assert_eq!(paid.amount.fen(), TOTAL - 1);
    let told = bench.notice(1).await;
    assert!(matches!(&told[..], [NoticeFact::Payment { remote: Remote::Paid(told), .. }] if *told == paid), "{told:?}");
}

#[tokio::test]
async fn pages_and_apps_open_the_same_wallet() {
    let bench = Bench::start(false).await;
    for (number, method) in [("JS-0000001", Method::QqJsapi), ("APP-000001", Method::QqApp)] {
        let started = bench.channel.start(&bench.request(number, method)).await.expect("starts");
        let NextStep::Invoke { params, .. } = started.next else { panic!("no call: {:?}", started.next) };
        let text = |name: &str| params[name].as_str().expect("text").to_owned();
        bench.pays(&text("tokenId"), Behaviour::Ok, Account::Xiaohong).await;
        assert!(matches!(bench.channel.query(&bench.payment(number, method)).await, Ok(Remote::Paid(_))));
        if method == Method::QqApp {
            // What the wallet's library checks, written down once more.
            let signed = ["appId", "bargainorId", "nonce", "pubAcc", "tokenId"].map(|n| format!("{n}={}", text(n))).join("&");
            let key = format!("{}&", bench.credential("app_key"));
            let mac = <Hmac<sha1::Sha1> as Mac>::new_from_slice(key.as_bytes()).expect("a key").chain_update(signed);
            let expected = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
            assert_eq!((text("sig"), text("bargainorId")), (expected, bench.credential("mch_id")));
        }
    }
}

#[tokio::test]
async fn closed_means_closed_and_unknown_is_told_apart() {
    let bench = Bench::start(false).await;
    let payment = bench.payment(NO, Method::QqNative);
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Unknown));
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    bench.channel.start(&bench.request(NO, Method::QqNative)).await.expect("starts");
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Closed));
    bench.pays(NO, Behaviour::Late, Account::Xiaoming).await;
    assert!(matches!(bench.channel.query(&payment).await, Ok(Remote::Paid(_))));
    assert_eq!(bench.channel.query_refund(&bench.refund(NO, "R-1", 1)).await, Ok(RemoteRefund::Unknown));
}

#[tokio::test]
async fn wrong_keys_and_passwords_are_noticed_on_both_sides() {
    let bench = Bench::start(true).await;
    assert!(bench.channel.check().await.expect("a report").ok);
    let stranger = bench.with(&[("key", "another_key_another_key_another_")]);
    assert!(!stranger.check().await.expect("a report").ok);
    let refused = stranger.start(&bench.request(NO, Method::QqNative)).await;
    assert!(matches!(&refused, Err(ChannelError::Refused { code, .. }) if code == "SIGNERROR"), "{refused:?}");

    bench.channel.start(&bench.request(NO, Method::QqNative)).await.expect("starts");
    bench.pays(NO, Behaviour::Ok, Account::Xiaoming).await;
    let refund = bench.refund(NO, REFUND_NO, 100);
    let forgetful = bench.with(&[("op_user_passwd", "guess")]).refund(&refund).await;
    assert!(matches!(&forgetful, Err(ChannelError::Refused { message, .. }) if message.contains("密码")), "{forgetful:?}");
    let bare = bench.with(&[("client_cert_pem", ""), ("client_key_pem", "")]).refund(&refund).await;
    assert!(matches!(&bare, Err(ChannelError::Credentials { field: "client_cert_pem", .. })), "{bare:?}");
    assert!(bench.channel.refund(&refund).await.is_ok());
}

#[tokio::test]
async fn a_refund_that_fails_over_there_is_told_and_may_be_tried_again() {
    let bench = Bench::start(false).await;
    bench.channel.start(&bench.request(NO, Method::QqNative)).await.expect("starts");
    bench.pays(NO, Behaviour::RefundStuck, Account::Xiaoming).await;
    let refund = bench.refund(NO, REFUND_NO, TOTAL);
    let end = async |status: &str| {
        let body = serde_json::json!({ "out_refund_no": REFUND_NO, "status": status }).to_string();
        let request = axum::http::Request::post("/wallet/qq/refunds").header("content-type", "application/json");
        let request = request.body(axum::body::Body::from(body)).expect("request");
        let response = tower::ServiceExt::oneshot(bench.simulator.router(), request).await.expect("routes");
        assert_eq!(response.status(), 200);
    };
    for status in ["FAIL", "CHANGE"] {
        assert!(matches!(bench.channel.refund(&refund).await, Ok(RemoteRefund::Processing { .. })), "{status}");
        end(status).await;
        let ended = bench.channel.query_refund(&refund).await;
        assert!(matches!(&ended, Ok(RemoteRefund::Failed { code, .. }) if code == status), "{ended:?}");
    }
}

#[tokio::test]
async fn payment_codes_pay_wait_and_are_reversed() {
    let bench = Bench::start(true).await;
    let paid = bench.channel.start(&bench.bar("BAR-000001", "911234567890123456")).await.expect("starts");
    assert_eq!((paid.next, paid.paid.map(|p| p.amount.fen())), (NextStep::Done, Some(TOTAL)));
    bench.notice(1).await;

    let hidden = bench.channel.start(&bench.bar("BAR-000002", "911234567890123403")).await;
    assert!(matches!(hidden, Err(ChannelError::Unclear(_))), "{hidden:?}");
    let payment = bench.payment("BAR-000002", Method::QqMicropay);
    assert!(matches!(bench.channel.query(&payment).await, Ok(Remote::Paid(_))));
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::AlreadyPaid));

    let waiting = bench.channel.start(&bench.bar("BAR-000003", "911234567890123405")).await.expect("starts");
    assert_eq!(waiting.next, NextStep::Wait);
    let payment = bench.payment("BAR-000003", Method::QqMicropay);
    // Our channel keeps the five minutes by its own clock, although they are 300 ms over there.
    let young = PaymentRef { created_at: payment.now_ms - 299_000, ..payment.clone() };
    assert!(matches!(bench.channel.close(&young).await, Ok(Closing::NotYet(_))));
    tokio::time::sleep(Duration::from_millis(320)).await;
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Closed));
    let book = bench.simulator.book();
    let states: Vec<_> = book["trades"].as_array().expect("trades").iter().map(|t| t["state"].as_str()).collect();
    assert_eq!(states, [Some("paid"), Some("paid"), Some("reversed")]);
}

#[tokio::test]
async fn a_days_money_is_listed_on_the_next_day() {
    // 2024-06-01 12:00:00 in UTC+8, over there.
    let clock = Arc::new(HandClock::at(1_717_214_400_000));
    let bench = Bench::at(false, Arc::clone(&clock) as _).await;
    bench.channel.start(&bench.request(NO, Method::QqNative)).await.expect("starts");
    bench.pays(NO, Behaviour::Ok, Account::Coupons).await;
    clock.advance(Duration::from_secs(60));
    bench.channel.refund(&bench.refund(NO, REFUND_NO, 2_800)).await.expect("accepted");
    let bills = bench.channel.bills().expect("has bills");
    assert_eq!(bills.bill("2024-06-01").await.expect("by our clock the day is long over").lines, []);
    clock.advance(Duration::from_secs(24 * 3600));
    let found = bills.bill("2024-06-01").await.expect("a bill").lines;
    let facts: Vec<_> = found.iter().map(|line| (line.kind, line.number.as_str(), line.amount.fen(), line.at)).collect();
    assert_eq!(
        facts,
        [(BillKind::Payment, NO, TOTAL, 1_717_214_400_000), (BillKind::Refund, REFUND_NO, 2_800, 1_717_214_460_000),]
    );
    assert!(found.iter().all(|line| line.provider_no.len() == 28));
}
