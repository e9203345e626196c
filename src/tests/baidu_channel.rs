//! The Baidu channel against the simulated Baidu: two readings of one document, which have to agree. Both generations of
//! server calls.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{
    Channel, ChannelFactory as _, CheckMeaning, Closing, NextStep, NoticeError, NoticeFact, NoticeKind, NoticeOutcome,
    PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, StartRequest, Verdict,
};
use crate::pay::{ChannelAccount, ChannelRecord, Secret, World};
use crate::simulator::{Account, Behaviour, Pay, Receipt, Settings, Simulator};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the channel would answer to an audit.
type Decision = Arc<Mutex<Verdict>>;

struct Meeting {
    world: World,
    simulator: Arc<Simulator>,
    origin: String,
    channel: Arc<dyn Channel>,
    inbox: String,
    decision: Decision,
    notices: mpsc::UnboundedReceiver<(NoticeKind, Result<Vec<NoticeFact>, NoticeError>)>,
}

async fn meet(is_newer: bool) -> Meeting {
    let world = World::system();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let settings = Settings { seed: Some(7), notice_speed: 600.0, ..Settings::at(&origin) };
    let simulator = Simulator::new(settings).expect("starts");
    let serving = simulator.clone();
    tokio::spawn(async move { serving.serve(listener, CancellationToken::new()).await });

    let document = simulator.credentials_of(ChannelKind::Baidu).expect("simulated");
    let fields = document["credentials"].as_object().expect("fields");
    let credentials = fields
        .iter()
        .filter(|(name, _)| is_newer || !name.starts_with("client_"))
        .map(|(name, value)| (name.clone(), Secret::new(value.as_str().expect("text").to_owned())))
        .collect();
    let now = world.now_ms();
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_01jd0000000000000000000000").expect("an id"),
        kind: ChannelKind::Baidu,
        name: "Baidu".to_owned(),
        app_id: None,
        enabled: true,
        methods: vec![Method::BaiduMini],
        gateway_url: Some(document["gateway_url"].as_str().expect("text").to_owned()),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let channel = Registry::new(world.clone()).open(&ChannelAccount { record, version: 1, credentials }).expect("opens");

    let (tell, notices) = mpsc::unbounded_channel();
    let decision: Decision = Arc::new(Mutex::new(Verdict::Undecided));
    let (reader, clock, verdict) = (channel.clone(), world.clone(), decision.clone());
    let take = move |Path(kind): Path<String>, body: Bytes| {
        let kind = NoticeKind::parse(&kind).expect("a kind");
        let raw = RawNotice { kind, headers: &[], query: "", body: &body, now_ms: clock.now_ms() };
        let read = reader.read_notice(&raw);
        let outcome = match (&read, kind) {
            (Err(_), _) => NoticeOutcome::Refused,
            (Ok(_), NoticeKind::Audit) => NoticeOutcome::Audited(*verdict.lock().expect("not poisoned")),
            (Ok(_), _) => NoticeOutcome::Accepted,
        };
        let answer = reader.answer(kind, outcome);
        let _ = tell.send((kind, read));
        async move { answer.body }
    };
    let app = Router::new().route("/notify/ch_1/{kind}", axum::routing::post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let inbox = format!("http://{}/notify/ch_1", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Meeting { world, simulator, origin, channel, inbox, decision, notices }
}

impl Meeting {
    async fn started(&self, pay_no: &str) -> String {
        let now = self.world.now_ms();
        let request = StartRequest {
            pay_no: pay_no.to_owned(),
            method: Method::BaiduMini,
            amount: Amount::from_fen(8888).expect("in range"),
            subject: "蓝色茶壶 A+B 100% / 特价 & 包邮 😀".to_owned(),
            body: None,
            notify_url: format!("{}/pay", self.inbox),
            return_url: "http://127.0.0.1:1/return/X".to_owned(),
            checkout_url: "http://127.0.0.1:1/checkout/X".to_owned(),
            public_url: "http://127.0.0.1:1".to_owned(),
            merchant_name: "茶馆".to_owned(),
            created_at: now,
            deadline: now + 30 * 60 * 1000,
            now_ms: now,
            client_ip: "127.0.0.1".to_owned(),
            auth_code: None,
            facts: BTreeMap::new(),
        };
        match self.channel.start(&request).await.expect("started").next {
            NextStep::Invoke { params, .. } => serde_json::to_string(&params).expect("JSON"),
            other => panic!("{other:?}"),
        }
    }

    fn reference(&self, pay_no: &str, known: Option<&(String, String)>) -> PaymentRef {
        let now = self.world.now_ms();
        PaymentRef {
            pay_no: pay_no.to_owned(),
            method: Method::BaiduMini,
            amount: Amount::from_fen(8888).expect("in range"),
            provider_trade_no: known.map(|(order_id, _)| order_id.clone()),
            payer: known.map(|(_, user_id)| user_id.clone()),
            provider_data: BTreeMap::new(),
            created_at: now,
            now_ms: now,
        }
    }

    fn refund(&self, pay_no: &str, refund_no: &str, fen: i64, (order_id, user_id): &(String, String)) -> RefundRequest {
        let now = self.world.now_ms();
        RefundRequest {
            refund_no: refund_no.to_owned(),
            pay_no: pay_no.to_owned(),
            method: Method::BaiduMini,
            provider_trade_no: Some(order_id.clone()),
            payer: Some(user_id.clone()),
            provider_data: BTreeMap::new(),
            provider_refund_no: None,
            paid_amount: Amount::from_fen(8888).expect("in range"),
            amount: Amount::from_fen(fen).expect("in range"),
            reason: "不要了".to_owned(),
            notify_url: format!("{}/refund", self.inbox),
            paid_at: Some(now),
            created_at: now,
            now_ms: now,
        }
    }

    async fn pay(&self, code: &str, behaviour: Behaviour) -> Receipt {
        self.simulator.pay(code, Pay { behaviour, account: Account::Coupons }).await.expect("paid")
    }

    async fn notice(&mut self) -> (NoticeKind, Result<Vec<NoticeFact>, NoticeError>) {
        tokio::time::timeout(Duration::from_secs(20), self.notices.recv()).await.expect("comes").expect("open")
    }

    /// Paid and told: Baidu's number of the order, and of its payer.
    async fn paid(&mut self, pay_no: &str, behaviour: Behaviour) -> (String, String) {
        let code = self.started(pay_no).await;
        self.pay(&code, behaviour).await;
        let (kind, facts) = self.notice().await;
        assert_eq!(kind, NoticeKind::Pay);
        let facts = facts.expect("verified");
        let [NoticeFact::Payment { pay_no: told, remote: Remote::Paid(paid) }] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!((told.as_str(), paid.amount.fen()), (pay_no, 8888), "the total, whatever a coupon paid of it");
        // The acknowledgement is on its way: a part goes back only of a consumed order.
        tokio::time::sleep(Duration::from_millis(200)).await;
        (paid.trade_no.clone(), paid.payer.clone().expect("known"))
    }

    async fn outcome(&mut self) -> RemoteRefund {
        let (kind, facts) = self.notice().await;
        assert_eq!(kind, NoticeKind::Refund);
        match facts.expect("verified").remove(0) {
            NoticeFact::ProviderRefund { remote, .. } => remote,
            other => panic!("{other:?}"),
        }
    }

    async fn audit(&mut self) -> String {
        let (kind, facts) = self.notice().await;
        assert_eq!(kind, NoticeKind::Audit);
        match facts.expect("verified").remove(0) {
            NoticeFact::RefundAudit { provider_refund_no, .. } => provider_refund_no,
            other => panic!("{other:?}"),
        }
    }

    fn decide(&self, verdict: Verdict) {
        *self.decision.lock().expect("not poisoned") = verdict;
    }

    fn refusals(&self) -> serde_json::Value {
        self.simulator.book()["refusals"]["baidu"].clone()
    }
}

#[tokio::test]
async fn a_payment_is_told_found_and_not_closed_any_more() {
    let mut meeting = meet(true).await;
    let report = meeting.channel.check().await.expect("checked");
    assert!(report.ok, "{report:?}");
    assert_eq!(meeting.channel.query(&meeting.reference("01JDA", None)).await, Ok(Remote::Unknown));
    let known = meeting.paid("01JDA", Behaviour::Ok).await;
    let found = meeting.channel.query(&meeting.reference("01JDA", None)).await.expect("asked");
    let Remote::Paid(paid) = found else { panic!("{found:?}") };
    assert_eq!((paid.amount.fen(), &paid.trade_no, paid.payer.as_ref()), (8888, &known.0, Some(&known.1)));
    assert_eq!(meeting.channel.close(&meeting.reference("01JDA", None)).await, Ok(Closing::AlreadyPaid));
    assert_eq!(meeting.refusals(), serde_json::json!({ "no_order": 3 }), "only what is not there");
}

#[tokio::test]
async fn an_opened_order_is_cancelled_and_takes_no_more_money() {
    let meeting = meet(true).await;
    let code = meeting.started("01JDB").await;
    let client = reqwest::Client::builder().no_proxy().build().expect("builds");
    let opened = client.post(format!("{}/baidu/cashier", meeting.origin)).body(code.clone()).send().await.expect("answers");
    assert!(opened.text().await.expect("text").contains("orderId"));
    let payment = meeting.reference("01JDB", None);
    assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Pending));
    assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Closed));
    let pay = Pay { behaviour: Behaviour::Ok, account: Account::Xiaoming };
    assert_eq!(meeting.simulator.pay(&code, pay).await.expect_err("closed").code, "closed");
    // One that nobody has opened cannot be cancelled, and its orderInfo stays good.
    let unopened = meeting.started("01JDC").await;
    assert_eq!(meeting.channel.close(&meeting.reference("01JDC", None)).await, Ok(Closing::Closed));
    assert!(meeting.pay(&unopened, Behaviour::Ok).await.ok);
}

#[tokio::test]
async fn refunds_by_token_need_no_audit_and_move_once() {
    let mut meeting = meet(true).await;
    let known = meeting.paid("01JDR", Behaviour::Ok).await;
    let request = meeting.refund("01JDR", "01JDR1", 2000, &known);
    let mut number = None;
    for _ in 0..2 {
        match meeting.channel.refund(&request).await.expect("answered") {
            RemoteRefund::Processing { provider_refund_no } => number = provider_refund_no,
            other => panic!("{other:?}"),
        }
    }
    let number = number.expect("a number");
    let done = RemoteRefund::Succeeded { provider_refund_no: Some(number.clone()), succeeded_at: None };
    assert_eq!(meeting.outcome().await, done);
    assert_eq!(meeting.channel.query_refund(&request).await, Ok(done));
    let unknown = meeting.refund("01JDR", "01JDR2", 1, &known);
    assert_eq!(meeting.channel.query_refund(&unknown).await, Ok(RemoteRefund::Unknown));
    let too_much = meeting.channel.refund(&meeting.refund("01JDR", "01JDR3", 8000, &known)).await;
    assert!(!matches!(too_much, Ok(RemoteRefund::Succeeded { .. } | RemoteRefund::Processing { .. })), "{too_much:?}");
}

#[tokio::test]
async fn the_older_generation_refunds_after_an_audit() {
    let mut meeting = meet(false).await;
    let report = meeting.channel.check().await.expect("checked");
    assert_eq!((report.ok, report.meaning), (true, CheckMeaning::Works), "{report:?}");
    let known = meeting.paid("01JDL", Behaviour::Ok).await;
    assert_eq!(meeting.channel.query(&meeting.reference("01JDL", Some(&known))).await, Ok(Remote::Pending));
    assert_eq!(meeting.channel.close(&meeting.reference("01JDL", Some(&known))).await, Ok(Closing::AlreadyPaid));
    let request = meeting.refund("01JDL", "01JDL1", 8888, &known);
    assert_eq!(meeting.channel.query_refund(&request).await, Ok(RemoteRefund::Unknown));
    let opened = meeting.channel.refund(&request).await.expect("answered");
    let RemoteRefund::Processing { provider_refund_no: Some(number) } = opened else { panic!("{opened:?}") };
    assert_eq!(meeting.audit().await, number, "undecided: asked again");
    meeting.decide(Verdict::Approve(request.amount));
    assert_eq!(meeting.audit().await, number);
    assert!(matches!(meeting.outcome().await, RemoteRefund::Succeeded { .. }));
    assert!(matches!(meeting.channel.query_refund(&request).await, Ok(RemoteRefund::Succeeded { .. })));
}

#[tokio::test]
async fn a_wish_at_baidu_is_rejected_for_good() {
    let mut meeting = meet(true).await;
    let (order_id, _) = meeting.paid("01JDW", Behaviour::Ok).await;
    meeting.decide(Verdict::Reject);
    let client = reqwest::Client::builder().no_proxy().build().expect("builds");
    client.post(format!("{}/baidu/orders/{order_id}/refund", meeting.origin)).send().await.expect("answers");
    meeting.audit().await;
    assert!(matches!(meeting.outcome().await, RemoteRefund::Failed { .. }));
}

#[tokio::test]
async fn spoilt_notices_come_again_and_wrong_amounts_are_read_as_told() {
    let mut meeting = meet(true).await;
    let code = meeting.started("01JDBAD").await;
    meeting.pay(&code, Behaviour::BadSignature).await;
    for _ in 0..Behaviour::BAD_NOTICES {
        assert_eq!(meeting.notice().await.1, Err(NoticeError::Signature));
    }
    assert!(meeting.notice().await.1.is_ok());
    let code = meeting.started("01JDWRONG").await;
    meeting.pay(&code, Behaviour::WrongAmount).await;
    let facts = meeting.notice().await.1.expect("verified");
    assert!(matches!(&facts[..], [NoticeFact::Payment { remote: Remote::Paid(paid), .. }] if paid.amount.fen() == 8887));
    let found = meeting.channel.query(&meeting.reference("01JDWRONG", None)).await.expect("asked");
    assert!(matches!(found, Remote::Paid(paid) if paid.amount.fen() == 8887));
}

#[tokio::test]
async fn a_refund_for_another_payer_is_a_definite_no() {
    let mut meeting = meet(true).await;
    let known = meeting.paid("01JDPAYER", Behaviour::Ok).await;
    let request = RefundRequest { payer: Some("1".to_owned()), ..meeting.refund("01JDPAYER", "01JDX", 1, &known) };
    assert!(matches!(meeting.channel.refund(&request).await, Ok(RemoteRefund::Failed { code, .. }) if code == "10002"));
}
