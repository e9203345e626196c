//! The Alipay channel against the simulated Alipay: two readings of one document, which have to agree.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{
    Channel, ChannelFactory as _, Closing, NextStep, NoticeError, NoticeFact, NoticeKind, PaymentRef, RawNotice, RefundRequest,
    Remote, RemoteRefund, StartRequest, Started,
};
use crate::pay::{ChannelAccount, ChannelRecord, Secret, World};
use crate::simulator::{Account, Behaviour, Pay, Receipt, Settings, Simulator};
use axum::Router;
use axum::body::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

struct Meeting {
    world: World,
    simulator: Arc<Simulator>,
    channel: Arc<dyn Channel>,
    notify_url: String,
    notices: mpsc::UnboundedReceiver<Vec<u8>>,
    browser: reqwest::Client,
}

async fn meet(with_certificates: bool) -> Meeting {
    let world = World::system();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let simulator = Simulator::new(Settings { seed: Some(7), ..Settings::at(&origin) }).expect("starts");
    let serving = simulator.clone();
    tokio::spawn(async move { serving.serve(listener, CancellationToken::new()).await });

    let documents = simulator.credentials();
    let wanted = |d: &&Value| d["kind"] == "alipay" && d["credentials"]["app_cert_pem"].is_string() == with_certificates;
    let document = documents.iter().find(wanted).expect("both modes are there");
    let fields = document["credentials"].as_object().expect("fields");
    let credentials = fields.iter().map(|(k, v)| (k.clone(), Secret::new(v.as_str().expect("text").to_owned()))).collect();
    let methods = document["methods"].as_array().expect("a list");
    let now = world.now_ms();
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_01jd0000000000000000000000").expect("an id"),
        kind: ChannelKind::Alipay,
        name: "Alipay".to_owned(),
        app_id: None,
        enabled: true,
        methods: methods.iter().map(|m| Method::parse(m.as_str().expect("text")).expect("a method")).collect(),
        gateway_url: Some(document["gateway_url"].as_str().expect("text").to_owned()),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let channel = Registry::new(world.clone()).open(&ChannelAccount { record, version: 1, credentials }).expect("opens");

    let (tell, notices) = mpsc::unbounded_channel();
    let inbox = Router::new().route(
        "/notify",
        axum::routing::post(move |body: Bytes| {
            let _ = tell.send(body.to_vec());
            async { "success" }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let notify_url = format!("http://{}/notify", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, inbox).await });
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("builds");
    Meeting { world, simulator, channel, notify_url, notices, browser }
}

impl Meeting {
    fn request(&self, pay_no: &str, method: Method) -> StartRequest {
        let now = self.world.now_ms();
        StartRequest {
            pay_no: pay_no.to_owned(),
            method,
            amount: Amount::from_fen(8888).expect("in range"),
            subject: "蓝色茶壶 A+B 100% / 特价 & 包邮 😀".to_owned(),
            body: Some("景德镇".to_owned()),
            notify_url: self.notify_url.clone(),
            return_url: "http://127.0.0.1:1/return/X".to_owned(),
            checkout_url: "http://127.0.0.1:1/checkout/X".to_owned(),
            public_url: "http://127.0.0.1:1".to_owned(),
            merchant_name: "茶馆".to_owned(),
            created_at: now,
            deadline: now + 30 * 60 * 1000,
            now_ms: now,
            client_ip: "127.0.0.1".to_owned(),
            auth_code: None,
            facts: BTreeMap::from([("buyer_id".to_owned(), "2088102146225135".to_owned())]),
        }
    }

    fn reference(&self, pay_no: &str, method: Method) -> PaymentRef {
        let now = self.world.now_ms();
        PaymentRef {
            pay_no: pay_no.to_owned(),
            method,
            amount: Amount::from_fen(8888).expect("in range"),
            payer: None,
            provider_trade_no: None,
            provider_data: BTreeMap::new(),
            created_at: now,
            now_ms: now,
        }
    }

    fn refund(&self, pay_no: &str, refund_no: &str, fen: i64) -> RefundRequest {
        let now = self.world.now_ms();
        RefundRequest {
            refund_no: refund_no.to_owned(),
            pay_no: pay_no.to_owned(),
            method: Method::AlipayQr,
            payer: None,
            provider_trade_no: None,
            provider_data: BTreeMap::new(),
            provider_refund_no: None,
            paid_amount: Amount::from_fen(8888).expect("in range"),
            amount: Amount::from_fen(fen).expect("in range"),
            reason: "不要了".to_owned(),
            notify_url: self.notify_url.clone(),
            paid_at: Some(now),
            created_at: now,
            now_ms: now,
        }
    }

    /// What the payer's phone or browser makes of the next step.
    async fn code(&self, pay_no: &str, next: &NextStep) -> String {
        match next {
            NextStep::Qr { code_url, .. } => code_url.clone(),
            NextStep::Redirect { url } => {
                let page = self.browser.get(url).send().await.expect("a page").text().await.expect("text");
                assert!(page.contains("data-testid=\"pay\""), "{page}");
                url.clone()
            }
            NextStep::Form { action, fields } => {
                let page = self.browser.post(action).form(fields).send().await.expect("a page").text().await.expect("text");
                assert!(page.contains("data-testid=\"pay\""), "{page}");
                pay_no.to_owned()
            }
            NextStep::Invoke { params, .. } => params.values().next().and_then(Value::as_str).expect("one text").to_owned(),
            NextStep::Wait | NextStep::Done => panic!("nothing to scan"),
        }
    }

    async fn pay(&self, code: &str, behaviour: Behaviour) -> Receipt {
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await.expect("paid")
    }

    async fn notice(&mut self) -> Result<Vec<NoticeFact>, NoticeError> {
        let body = tokio::time::timeout(Duration::from_secs(20), self.notices.recv()).await.expect("comes").expect("open");
        let raw = RawNotice { kind: NoticeKind::Pay, headers: &[], query: "", body: &body, now_ms: self.world.now_ms() };
        self.channel.read_notice(&raw)
    }

    fn assert_paid(&self, remote: &Remote, fen: i64) {
        match remote {
            Remote::Paid(paid) => assert_eq!(paid.amount.fen(), fen),
            other => panic!("{other:?}"),
        }
    }

    async fn started(&self, pay_no: &str, method: Method) -> Started {
        self.channel.start(&self.request(pay_no, method)).await.expect("started")
    }
}

#[tokio::test]
async fn every_method_is_paid_told_and_asked_about() {
    for with_certificates in [false, true] {
        let mut meeting = meet(with_certificates).await;
        let report = meeting.channel.check().await.expect("checked");
        assert!(report.ok, "{report:?}");
        for (n, method) in [Method::AlipayQr, Method::AlipayPage, Method::AlipayWap, Method::AlipayApp, Method::AlipayJsapi]
            .into_iter()
            .enumerate()
        {
            let pay_no = format!("01JD0000000000000000000{n:03}");
            let started = meeting.started(&pay_no, method).await;
            let code = meeting.code(&pay_no, &started.next).await;
            meeting.pay(&code, Behaviour::Ok).await;
            let facts = meeting.notice().await.expect("verified");
            let [NoticeFact::Payment { pay_no: told, remote }] = facts.as_slice() else { panic!("{facts:?}") };
            assert_eq!(told, &pay_no);
            meeting.assert_paid(remote, 8888);
            meeting.assert_paid(&meeting.channel.query(&meeting.reference(&pay_no, method)).await.expect("asked"), 8888);
            assert_eq!(meeting.channel.close(&meeting.reference(&pay_no, method)).await, Ok(Closing::AlreadyPaid), "{method}");
        }
        let expected = serde_json::json!({ "alipay": { "ACQ.TRADE_NOT_EXIST": 1, "ACQ.TRADE_STATUS_ERROR": 5 } });
        assert_eq!(meeting.simulator.book()["refusals"], expected, "the check's question, and closing what is paid");
    }
}

#[tokio::test]
async fn bar_codes_pay_at_once_or_after_a_password() {
    let meeting = meet(false).await;
    for (code, next, paid) in [("280000000000000001", NextStep::Done, true), ("280000000000000002", NextStep::Wait, false)] {
        let pay_no = format!("01JD{code}");
        let mut request = meeting.request(&pay_no, Method::AlipayBar);
        request.auth_code = Some(Secret::new(code.to_owned()));
        let started = meeting.channel.start(&request).await.expect("started");
        assert_eq!((started.next, started.paid.is_some()), (next, paid));
    }
    let waiting = meeting.reference("01JD280000000000000002", Method::AlipayBar);
    assert_eq!(meeting.channel.query(&waiting).await, Ok(Remote::Pending));
    assert_eq!(meeting.channel.close(&waiting).await, Ok(Closing::Closed));
    assert_eq!(meeting.channel.query(&waiting).await, Ok(Remote::Closed));
    let mut request = meeting.request("01JDPOOR", Method::AlipayBar);
    request.auth_code = Some(Secret::new("280000000000000012".to_owned()));
    assert!(meeting.channel.start(&request).await.is_err());
}

#[tokio::test]
async fn refunds_move_once_and_are_told_apart_from_payments() {
    let mut meeting = meet(false).await;
    let NextStep::Qr { code_url, .. } = meeting.started("01JDREFUND", Method::AlipayQr).await.next else { panic!("no code") };
    meeting.pay(&code_url, Behaviour::Ok).await;
    meeting.notice().await.expect("verified");
    let first = meeting.refund("01JDREFUND", "01JDR1", 2000);
    for _ in 0..2 {
        let outcome = meeting.channel.refund(&first).await.expect("answered");
        assert!(matches!(outcome, RemoteRefund::Succeeded { .. } | RemoteRefund::Processing { .. }), "{outcome:?}");
        let outcome = meeting.channel.query_refund(&first).await.expect("answered");
        assert!(matches!(outcome, RemoteRefund::Succeeded { .. }), "{outcome:?}");
    }
    let facts = meeting.notice().await.expect("verified");
    assert!(!facts.iter().any(|f| matches!(f, NoticeFact::Refund { remote: RemoteRefund::Failed { .. }, .. })), "{facts:?}");
    let unknown = meeting.channel.query_refund(&meeting.refund("01JDREFUND", "01JDR2", 100)).await.expect("answered");
    assert_eq!(unknown, RemoteRefund::Unknown);
    let too_much = meeting.channel.refund(&meeting.refund("01JDREFUND", "01JDR3", 8000)).await;
    assert!(!matches!(too_much, Ok(RemoteRefund::Succeeded { .. } | RemoteRefund::Processing { .. })), "{too_much:?}");
}

#[tokio::test]
async fn nothing_is_final_before_anybody_scanned() {
    let meeting = meet(false).await;
    let NextStep::Qr { code_url, .. } = meeting.started("01JDLAZY", Method::AlipayQr).await.next else { panic!("no code") };
    let payment = meeting.reference("01JDLAZY", Method::AlipayQr);
    assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Unknown));
    assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::Closed));
    meeting.pay(&code_url, Behaviour::Ok).await;
    meeting.assert_paid(&meeting.channel.query(&payment).await.expect("asked"), 8888);
}

#[tokio::test]
async fn spoilt_notices_are_refused_and_wrong_amounts_are_read_as_told() {
    let mut meeting = meet(true).await;
    let NextStep::Qr { code_url, .. } = meeting.started("01JDBAD", Method::AlipayQr).await.next else { panic!("no code") };
    meeting.pay(&code_url, Behaviour::BadSignature).await;
    assert_eq!(meeting.notice().await, Err(NoticeError::Signature));
    let NextStep::Qr { code_url, .. } = meeting.started("01JDWRONG", Method::AlipayQr).await.next else { panic!("no code") };
    meeting.pay(&code_url, Behaviour::WrongAmount).await;
    let facts = meeting.notice().await.expect("verified");
    let [NoticeFact::Payment { remote, .. }] = facts.as_slice() else { panic!("{facts:?}") };
    meeting.assert_paid(remote, 8887);
}
