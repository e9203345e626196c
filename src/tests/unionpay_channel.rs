//! The UnionPay channel against the simulated UnionPay: two readings of one document, which have to agree.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{
    BillKind, Channel, ChannelError, ChannelFactory as _, Closing, NextStep, NoticeError, NoticeFact, NoticeKind, PaymentRef,
    RawNotice, RefundRequest, Remote, RemoteRefund, StartRequest, Started,
};
use crate::pay::{ChannelAccount, ChannelRecord, Secret, World};
use crate::simulator::{Account, Behaviour, Pay, Receipt, Settings, Simulator};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

struct Meeting {
    world: World,
    origin: String,
    simulator: Arc<Simulator>,
    channel: Arc<dyn Channel>,
    inbox: String,
    notices: mpsc::UnboundedReceiver<(NoticeKind, Vec<u8>)>,
    browser: reqwest::Client,
}

async fn meet() -> Meeting {
    let world = World::system();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let settings = Settings { seed: Some(7), notice_speed: 20.0, ..Settings::at(&origin) };
    let simulator = Simulator::new(settings).expect("starts");
    let serving = simulator.clone();
    tokio::spawn(async move { serving.serve(listener, CancellationToken::new()).await });

    let document = simulator.credentials_of(ChannelKind::Unionpay).expect("a document");
    let fields = document["credentials"].as_object().expect("fields");
    let credentials = fields.iter().map(|(k, v)| (k.clone(), Secret::new(v.as_str().expect("text").to_owned()))).collect();
    let methods = document["methods"].as_array().expect("a list");
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_01jd0000000000000000000000").expect("an id"),
        kind: ChannelKind::Unionpay,
        name: "UnionPay".to_owned(),
        app_id: None,
        enabled: true,
        methods: methods.iter().map(|m| Method::parse(m.as_str().expect("text")).expect("a method")).collect(),
        gateway_url: document["gateway_url"].as_str().map(str::to_owned),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: 0,
        updated_at: 0,
    };
    let channel = Registry::new(world.clone()).open(&ChannelAccount { record, version: 1, credentials }).expect("opens");

    let (tell, notices) = mpsc::unbounded_channel();
    let take = move |Path(kind): Path<String>, body: Bytes| {
        let _ = tell.send((NoticeKind::parse(&kind).expect("a kind"), body.to_vec()));
        async { "ok" }
    };
    let inbox = Router::new().route("/notify/{kind}", axum::routing::post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, inbox).await });
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("builds");
    Meeting { world, origin, simulator, channel, inbox: address, notices, browser }
}

fn fen(amount: i64) -> Amount {
    Amount::from_fen(amount).expect("in range")
}

impl Meeting {
    fn request(&self, method: Method) -> StartRequest {
        let now = self.world.now_ms();
        let pay_no = self.world.number();
        StartRequest {
            return_url: format!("http://127.0.0.1:1/return/{pay_no}"),
            pay_no,
            method,
            amount: fen(8888),
            subject: "蓝色茶壶 A+B 100% / 特价 & {包邮} 😀".to_owned(),
            body: Some("景德镇".to_owned()),
            notify_url: format!("{}/notify/pay", self.inbox),
            checkout_url: "http://127.0.0.1:1/checkout/X".to_owned(),
            public_url: "http://127.0.0.1:1".to_owned(),
            merchant_name: "茶馆".to_owned(),
            created_at: now,
            deadline: now + 15 * 60 * 1000,
            now_ms: now,
            client_ip: "127.0.0.1".to_owned(),
            auth_code: None,
            facts: BTreeMap::new(),
        }
    }

    /// A payment that was begun, and what its payer scans, opens or hands over.
    async fn begin(&self, method: Method) -> (PaymentRef, String) {
        let request = self.request(method);
        let Started { next, provider_data, .. } = self.channel.start(&request).await.expect("started");
        let code = match next {
            NextStep::Qr { code_url, .. } => code_url,
            NextStep::Form { action, fields } => {
                let page = self.browser.post(action).form(&fields).send().await.expect("a page").text().await.expect("text");
                assert!(page.contains("data-testid=\"pay\""), "{page}");
                assert!(page.contains("蓝色茶壶"), "{page}");
                request.pay_no.clone()
            }
            NextStep::Invoke { params, .. } => params["tn"].as_str().expect("text").to_owned(),
            other => panic!("nothing to pay with: {other:?}"),
        };
        let payment = PaymentRef {
            pay_no: request.pay_no,
            method,
            amount: request.amount,
            payer: None,
            provider_trade_no: None,
            provider_data,
            created_at: request.created_at,
            now_ms: self.world.now_ms(),
        };
        (payment, code)
    }

    async fn pay(&self, code: &str, behaviour: Behaviour) -> Receipt {
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await.expect("paid")
    }

    async fn notice(&mut self) -> (NoticeKind, Result<Vec<NoticeFact>, NoticeError>) {
        let (kind, body) =
            tokio::time::timeout(Duration::from_secs(20), self.notices.recv()).await.expect("comes").expect("open");
        let raw = RawNotice { kind, headers: &[], query: "", body: &body, now_ms: self.world.now_ms() };
        (kind, self.channel.read_notice(&raw))
    }

    async fn told_paid(&mut self, payment: &PaymentRef) -> String {
        let (kind, facts) = self.notice().await;
        let facts = facts.expect("verified");
        let [NoticeFact::Payment { pay_no, remote: Remote::Paid(paid) }] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!((kind, pay_no, paid.amount.fen()), (NoticeKind::Pay, &payment.pay_no, 8888));
        paid.trade_no.clone()
    }

    /// A refund of a payment made just now, or the day before.
    fn refund(&self, payment: &PaymentRef, trade_no: &str, amount: i64, same_day: bool) -> RefundRequest {
        let now = self.world.now_ms();
        RefundRequest {
            refund_no: self.world.number(),
            pay_no: payment.pay_no.clone(),
            method: payment.method,
            payer: None,
            provider_trade_no: Some(trade_no.to_owned()),
            provider_data: payment.provider_data.clone(),
            provider_refund_no: None,
            paid_amount: fen(8888),
            amount: fen(amount),
            reason: "不要了".to_owned(),
            notify_url: format!("{}/notify/refund", self.inbox),
            paid_at: Some(if same_day { now } else { now - 24 * 60 * 60 * 1000 }),
            created_at: now,
            now_ms: now,
        }
    }

    async fn switch(&self, wish: Value) {
        let answer = self.browser.post(format!("{}/unionpay/switches", self.origin)).json(&wish).send().await.expect("answers");
        assert_eq!(answer.status(), 200, "{wish}");
    }
}

#[tokio::test]
async fn every_method_is_paid_told_and_asked_about() {
    let mut meeting = meet().await;
    let report = meeting.channel.check().await.expect("checked");
    assert!(report.ok, "{report:?}");
    for method in [Method::UnionpayWeb, Method::UnionpayWap, Method::UnionpayApp, Method::UnionpayQr] {
        let (payment, code) = meeting.begin(method).await;
        assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Pending), "{method}: opened, not paid");
        meeting.pay(&code, Behaviour::Ok).await;
        let trade_no = meeting.told_paid(&payment).await;
        let asked = meeting.channel.query(&payment).await.expect("asked");
        let Remote::Paid(paid) = asked else { panic!("{asked:?}") };
        assert_eq!((paid.trade_no, paid.amount.fen()), (trade_no, 8888));
        assert_eq!(paid.payer.as_deref(), Some("621626********0018"));
        assert!(paid.paid_at.is_some_and(|at| (meeting.world.now_ms() - at).abs() < 60_000));
        assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::AlreadyPaid), "{method}");
    }
    assert_eq!(meeting.simulator.book()["refusals"], json!({ "unionpay": { "34": 1 } }), "only the check finds nothing");
}

#[tokio::test]
async fn a_payment_nobody_opened_is_not_known_and_never_failed() {
    let meeting = meet().await;
    let request = meeting.request(Method::UnionpayWeb);
    let started = meeting.channel.start(&request).await.expect("a form");
    let (mut payment, _) = meeting.begin(Method::UnionpayQr).await;
    payment.pay_no = request.pay_no.clone();
    payment.provider_data = started.provider_data;
    payment.created_at = request.created_at;
    assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Unknown));
    assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::Closed));
    payment.now_ms = request.deadline + 120_000;
    assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Closed));
}

#[tokio::test]
async fn a_started_number_is_not_started_again() {
    let meeting = meet().await;
    let request = meeting.request(Method::UnionpayQr);
    assert!(meeting.channel.start(&request).await.is_ok());
    let again = meeting.channel.start(&request).await;
    assert!(matches!(&again, Err(ChannelError::Refused { code, .. }) if code == "12"), "another number has to begin: {again:?}");
    let late = StartRequest { pay_no: meeting.world.number(), created_at: request.created_at - 3_600_000, ..request };
    assert!(matches!(meeting.channel.start(&late).await, Err(ChannelError::Refused { code, .. }) if code == "10"));
}

#[tokio::test]
async fn a_payer_who_fails_can_try_again_and_a_lost_notice_is_asked_for() {
    let mut meeting = meet().await;
    let (payment, code) = meeting.begin(Method::UnionpayQr).await;
    assert!(!meeting.pay(&code, Behaviour::Fail).await.ok);
    assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Pending), "not the end before the payment's time");
    meeting.pay(&code, Behaviour::NoNotice).await;
    assert!(matches!(meeting.channel.query(&payment).await, Ok(Remote::Paid(_))));
    assert!(meeting.notices.try_recv().is_err());
    let (payment, code) = meeting.begin(Method::UnionpayQr).await;
    meeting.pay(&code, Behaviour::Password).await;
    assert!(matches!(meeting.channel.close(&payment).await, Ok(Closing::NotYet(_))), "money may be moving");
}

#[tokio::test]
async fn refunds_are_taken_in_then_told() {
    let mut meeting = meet().await;
    let (payment, code) = meeting.begin(Method::UnionpayQr).await;
    meeting.pay(&code, Behaviour::Ok).await;
    let trade_no = meeting.told_paid(&payment).await;
    let part = meeting.refund(&payment, &trade_no, 2000, true);
    let taken = meeting.channel.refund(&part).await.expect("taken in");
    let RemoteRefund::Processing { provider_refund_no: Some(number) } = taken else { panic!("no number") };
    let repeated = meeting.channel.refund(&part).await.expect("answered");
    assert!(!matches!(repeated, RemoteRefund::Failed { .. } | RemoteRefund::Unknown), "{repeated:?}");
    let (kind, facts) = meeting.notice().await;
    let ask = NoticeFact::AskRefund { refund_no: part.refund_no.clone() };
    assert_eq!((kind, facts.expect("verified")), (NoticeKind::Refund, vec![ask]));
    let asked = meeting.channel.query_refund(&part).await.expect("answered");
    let RemoteRefund::Succeeded { provider_refund_no, succeeded_at: Some(_) } = asked else { panic!("{asked:?}") };
    assert_eq!(provider_refund_no, Some(number));
    assert_eq!(meeting.simulator.book()["trades"][0]["refunded_amount"], 2000, "once, although it was sent twice");
    let too_much = meeting.channel.refund(&meeting.refund(&payment, &trade_no, 6889, false)).await;
    assert!(matches!(too_much, Err(ChannelError::Refused { code, .. }) if code == "36"));
}

#[tokio::test]
async fn the_whole_of_the_same_day_is_undone_and_a_used_up_payment_is_not() {
    let mut meeting = meet().await;
    let (payment, code) = meeting.begin(Method::UnionpayWeb).await;
    meeting.pay(&code, Behaviour::Ok).await;
    let trade_no = meeting.told_paid(&payment).await;
    let whole = meeting.refund(&payment, &trade_no, 8888, true);
    assert!(matches!(meeting.channel.refund(&whole).await, Ok(RemoteRefund::Processing { .. })));
    let (_, facts) = meeting.notice().await;
    assert!(matches!(facts.expect("verified").as_slice(), [NoticeFact::AskRefund { .. }]));
    assert!(matches!(meeting.channel.query_refund(&whole).await, Ok(RemoteRefund::Succeeded { .. })));
    let again = meeting.channel.refund(&meeting.refund(&payment, &trade_no, 8888, true)).await;
    assert!(matches!(again, Err(ChannelError::Refused { code, .. }) if code == "45"));
}

#[tokio::test]
async fn a_failed_undoing_is_followed_by_a_refund() {
    let mut meeting = meet().await;
    let (payment, code) = meeting.begin(Method::UnionpayQr).await;
    meeting.pay(&code, Behaviour::Ok).await;
    let trade_no = meeting.told_paid(&payment).await;
    meeting.switch(json!({ "switch": "refund_fails" })).await;
    let whole = meeting.refund(&payment, &trade_no, 8888, true);
    assert!(matches!(meeting.channel.refund(&whole).await, Ok(RemoteRefund::Processing { .. })));
    let mut state = RemoteRefund::Processing { provider_refund_no: None };
    for _ in 0..100 {
        state = meeting.channel.query_refund(&whole).await.expect("answered");
        if state == RemoteRefund::Unknown {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(state, RemoteRefund::Unknown, "to be submitted again");
    assert!(matches!(meeting.channel.refund(&whole).await, Ok(RemoteRefund::Processing { .. })));
    let (_, facts) = meeting.notice().await;
    assert!(matches!(facts.expect("verified").as_slice(), [NoticeFact::AskRefund { .. }]));
    assert!(matches!(meeting.channel.query_refund(&whole).await, Ok(RemoteRefund::Succeeded { .. })));
}

#[tokio::test]
async fn a_refund_without_an_answer_is_asked_for_and_moves_once() {
    let mut meeting = meet().await;
    let (payment, code) = meeting.begin(Method::UnionpayQr).await;
    meeting.pay(&code, Behaviour::Ok).await;
    let trade_no = meeting.told_paid(&payment).await;
    for (fault, amount) in [(json!({ "switch": "cut" }), 1000), (json!({ "switch": "answer", "code": "04" }), 2000)] {
        meeting.switch(fault).await;
        let refund = meeting.refund(&payment, &trade_no, amount, false);
        let outcome = meeting.channel.refund(&refund).await.expect("found by asking");
        assert!(
            matches!(outcome, RemoteRefund::Succeeded { .. } | RemoteRefund::Processing { provider_refund_no: Some(_) }),
            "{outcome:?}"
        );
    }
    assert_eq!(meeting.simulator.book()["trades"][0]["refunded_amount"], 3000);
}

#[tokio::test]
async fn only_unionpay_is_believed() {
    let mut meeting = meet().await;
    let (payment, code) = meeting.begin(Method::UnionpayQr).await;
    for fault in ["drop_sign", "corrupt_sign", "line_ends", "wrong_name", "expired", "foreign_authority"] {
        meeting.switch(json!({ "switch": fault })).await;
        let asked = meeting.channel.query(&payment).await;
        assert!(matches!(asked, Err(ChannelError::Unclear(_))), "{fault}: {asked:?}");
        assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Pending), "after {fault}");
    }
    meeting.switch(json!({ "switch": "wrong_name" })).await;
    meeting.pay(&code, Behaviour::Ok).await;
    assert_eq!(meeting.notice().await.1, Err(NoticeError::Signature));
    meeting.switch(json!({ "switch": "rotate" })).await;
    assert!(matches!(meeting.channel.query(&payment).await, Ok(Remote::Paid(_))), "a new certificate is believed at once");
    let (_, code) = meeting.begin(Method::UnionpayQr).await;
    meeting.pay(&code, Behaviour::BadSignature).await;
    assert_eq!(meeting.notice().await.1, Err(NoticeError::Signature));
    let (_, code) = meeting.begin(Method::UnionpayQr).await;
    meeting.pay(&code, Behaviour::WrongAmount).await;
    let facts = loop {
        // The bad signatures of the payment before may be repeated in between.
        if let Ok(facts) = meeting.notice().await.1 {
            break facts;
        }
    };
    assert!(matches!(facts.as_slice(), [NoticeFact::Payment { remote: Remote::Paid(paid), .. }] if paid.amount.fen() == 8887));
}

#[tokio::test]
async fn the_days_bill_lists_what_moved() {
    let mut meeting = meet().await;
    let (payment, code) = meeting.begin(Method::UnionpayQr).await;
    meeting.pay(&code, Behaviour::Ok).await;
    let trade_no = meeting.told_paid(&payment).await;
    let refund = meeting.refund(&payment, &trade_no, 2000, false);
    meeting.channel.refund(&refund).await.expect("taken in");
    meeting.notice().await.1.expect("verified");
    meeting.switch(json!({ "switch": "files_at_once" })).await;
    // A settlement day begins at 23:00 of the day before.
    let day = crate::simulator::beijing(meeting.world.now_ms() + 3_600_000).date();
    let day = format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day());
    let bill = meeting.channel.bills().expect("has bills").bill(&day).await.expect("there");
    let mut lines: Vec<_> =
        bill.lines.iter().map(|l| (l.kind == BillKind::Refund, l.number.as_str(), l.amount.fen(), l.fee_fen)).collect();
    lines.sort_unstable();
    let expected = [(false, payment.pay_no.as_str(), 8888, Some(53)), (true, refund.refund_no.as_str(), 2000, Some(-12))];
    assert_eq!(lines, expected);
    assert!(bill.lines.iter().any(|l| l.provider_no == trade_no));
    assert_eq!(bill.raw.len(), 2 * 609);
}
