//! The JD channel against the simulated JD: two readings of one document, which have to agree.

use crate::channels::Registry;
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{
    Channel, ChannelError, ChannelFactory as _, CheckMeaning, Closing, NextStep, NoticeError, NoticeFact, NoticeKind,
    NoticeOutcome, PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, StartRequest,
};
use crate::pay::{ChannelAccount, ChannelRecord, Secret, World};
use crate::simulator::{Account, Behaviour, Pay, Settings, Simulator};
use axum::Router;
use axum::body::Bytes;
use axum::http::header;
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
    inbox: String,
    told: mpsc::UnboundedReceiver<(NoticeKind, Vec<u8>)>,
    browser: reqwest::Client,
}

fn open(document: &Value, changes: &[(&str, &str)], world: &World) -> Arc<dyn Channel> {
    let fields = document["credentials"].as_object().expect("fields");
    let text = |v: &Value| Secret::new(v.as_str().expect("text").to_owned());
    let mut credentials: BTreeMap<_, _> = fields.iter().map(|(k, v)| (k.clone(), text(v))).collect();
    credentials.extend(changes.iter().map(|(k, v)| ((*k).to_owned(), Secret::new((*v).to_owned()))));
    let methods = document["methods"].as_array().expect("a list");
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_01jd0000000000000000000000").expect("an id"),
        kind: ChannelKind::Jd,
        name: "JD".to_owned(),
        app_id: None,
        enabled: true,
        methods: methods.iter().map(|m| Method::parse(m.as_str().expect("text")).expect("a method")).collect(),
        gateway_url: Some(document["gateway_url"].as_str().expect("text").to_owned()),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: 0,
        updated_at: 0,
    };
    Registry::new(world.clone()).open(&ChannelAccount { record, version: 1, credentials }).expect("opens")
}

/// `changes` are credentials that differ from the simulated merchant's.
async fn meet(changes: &[(&str, &str)]) -> Meeting {
    meet_at(20.0, changes).await
}

/// `speed` is that of the provider's clock.
async fn meet_at(speed: f64, changes: &[(&str, &str)]) -> Meeting {
    let world = World::system();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let settings = Settings { seed: Some(7), notice_speed: speed, ..Settings::at(&origin) };
    let simulator = Simulator::new(settings).expect("starts");
    let serving = simulator.clone();
    tokio::spawn(async move { serving.serve(listener, CancellationToken::new()).await });
    let document = simulator.credentials_of(ChannelKind::Jd).expect("is played");
    let channel = open(&document, changes, &world);

    // Answers as the server does: whatever the channel makes of a notice, it says what the provider wants to hear.
    let (tell, told) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let inbox = format!("http://{}", listener.local_addr().expect("bound"));
    let judge = channel.clone();
    let now = world.now_ms();
    let route = |kind: NoticeKind| {
        let (tell, judge) = (tell.clone(), judge.clone());
        axum::routing::post(move |body: Bytes| {
            let raw = RawNotice { kind, headers: &[], query: "", body: &body, now_ms: now };
            let outcome = if judge.read_notice(&raw).is_ok() { NoticeOutcome::Accepted } else { NoticeOutcome::Refused };
            let answer = judge.answer(kind, outcome);
            let _ = tell.send((kind, body.to_vec()));
            std::future::ready(([(header::CONTENT_TYPE, answer.content_type)], answer.body))
        })
    };
    let router = Router::new().route("/pay", route(NoticeKind::Pay)).route("/refund", route(NoticeKind::Refund));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let browser = reqwest::Client::builder().no_proxy().build().expect("builds");
    Meeting { world, simulator, channel, inbox, told, browser }
}

impl Meeting {
    fn request(&self, pay_no: &str, method: Method) -> StartRequest {
        let now = self.world.now_ms();
        StartRequest {
            pay_no: pay_no.to_owned(),
            method,
            amount: Amount::from_fen(8888).expect("in range"),
            subject: "蓝色茶壶 A+B 100% \"特价\" & <包邮> 😀".to_owned(),
            body: Some("景德镇".to_owned()),
            notify_url: format!("{}/pay", self.inbox),
            return_url: format!("{}/return", self.inbox),
            checkout_url: format!("{}/checkout", self.inbox),
            public_url: self.inbox.clone(),
            merchant_name: "茶馆".to_owned(),
            created_at: now,
            deadline: now + 30 * 60 * 1000,
            now_ms: now,
            client_ip: "127.0.0.1".to_owned(),
            auth_code: None,
            facts: BTreeMap::from([("user_id".to_owned(), "u-1".to_owned())]),
        }
    }

    /// Starts, and opens the page as the payer's browser does. What the payer pays: a code, or the page's order.
    async fn begin(&self, pay_no: &str, method: Method) -> (String, PaymentRef) {
        let request = self.request(pay_no, method);
        let started = self.channel.start(&request).await.expect("started");
        let code = match started.next {
            NextStep::Form { action, fields } => {
                let page = self.browser.post(action).form(&fields).send().await.expect("a page").text().await.expect("text");
                assert!(page.contains("data-testid=\"pay\""), "{page}");
                pay_no.to_owned()
            }
            NextStep::Qr { code_url, .. } => code_url,
            other => panic!("{other:?}"),
        };
        let payment = PaymentRef {
            pay_no: pay_no.to_owned(),
            method,
            amount: request.amount,
            payer: None,
            provider_trade_no: None,
            provider_data: started.provider_data,
            created_at: request.created_at,
            now_ms: request.now_ms,
        };
        (code, payment)
    }

    fn refund(&self, payment: &PaymentRef, refund_no: &str, fen: i64) -> RefundRequest {
        let now = self.world.now_ms();
        RefundRequest {
            refund_no: refund_no.to_owned(),
            pay_no: payment.pay_no.clone(),
            method: payment.method,
            payer: None,
            provider_trade_no: None,
            provider_data: payment.provider_data.clone(),
            provider_refund_no: None,
            paid_amount: payment.amount,
            amount: Amount::from_fen(fen).expect("in range"),
            reason: "不要了".to_owned(),
            notify_url: format!("{}/refund", self.inbox),
            paid_at: None,
            created_at: payment.created_at,
            now_ms: now,
        }
    }

    async fn pay(&self, code: &str, behaviour: Behaviour) {
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await.expect("answered");
    }

    async fn notice(&mut self) -> (NoticeKind, Result<Vec<NoticeFact>, NoticeError>) {
        let (kind, body) = tokio::time::timeout(Duration::from_secs(20), self.told.recv()).await.expect("comes").expect("open");
        let raw = RawNotice { kind, headers: &[], query: "", body: &body, now_ms: self.world.now_ms() };
        (kind, self.channel.read_notice(&raw))
    }

    /// The tries of notices, once there are so many: the provider notes one when our answer has reached it.
    async fn tries(&self, count: usize) -> Vec<Value> {
        let tries = || self.simulator.book()["notices"].as_array().expect("a list").clone();
        for _ in 0..2_000 {
            if tries().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let tries = tries();
        assert_eq!(tries.len(), count, "{tries:?}");
        tries
    }

    /// Asks until the refund is over.
    async fn refund_over(&self, request: &RefundRequest) -> RemoteRefund {
        for _ in 0..200 {
            match self.channel.query_refund(request).await.expect("answered") {
                RemoteRefund::Processing { .. } => tokio::time::sleep(Duration::from_millis(25)).await,
                over => return over,
            }
        }
        panic!("the refund never ends")
    }
}

fn fen(remote: &Remote) -> i64 {
    match remote {
        Remote::Paid(paid) => paid.amount.fen(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_method_is_paid_told_and_asked_about() {
    let mut meeting = meet(&[]).await;
    let report = meeting.channel.check().await.expect("checked");
    assert_eq!(report.meaning, CheckMeaning::Works, "{report:?}");
    for method in [Method::JdWeb, Method::JdH5, Method::JdQr] {
        let pay_no = format!("01JDJD{}", method.as_str().to_uppercase().replace('_', ""));
        let (code, payment) = meeting.begin(&pay_no, method).await;
        assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Pending));
        meeting.pay(&code, Behaviour::Ok).await;
        let (_, facts) = meeting.notice().await;
        let facts = facts.expect("verified");
        let [NoticeFact::Payment { pay_no: told, remote }] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!((told, fen(remote)), (&pay_no, 8888));
        assert_eq!(fen(&meeting.channel.query(&payment).await.expect("asked")), 8888);
        assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::AlreadyPaid));
    }
    let tries = meeting.tries(3).await;
    assert!(tries.iter().all(|t| t["outcome"] == "accepted" && t["attempt"] == 0), "{tries:?}");
}

#[tokio::test]
async fn refunds_move_once_and_are_told() {
    let mut meeting = meet(&[]).await;
    let (code, payment) = meeting.begin("01JDJDREFUND", Method::JdQr).await;
    meeting.pay(&code, Behaviour::Ok).await;
    meeting.notice().await.1.expect("verified");
    let first = meeting.refund(&payment, "01JDJDR1", 2000);
    assert_eq!(meeting.channel.query_refund(&first).await, Ok(RemoteRefund::Unknown));
    for _ in 0..2 {
        let begun = meeting.channel.refund(&first).await.expect("answered");
        assert!(matches!(begun, RemoteRefund::Processing { .. } | RemoteRefund::Succeeded { .. }), "{begun:?}");
    }
    assert!(matches!(meeting.refund_over(&first).await, RemoteRefund::Succeeded { .. }));
    let (kind, facts) = meeting.notice().await;
    let expected = vec![NoticeFact::AskRefund { refund_no: "01JDJDR1".to_owned() }];
    assert_eq!((kind, facts), (NoticeKind::Refund, Ok(expected)));
    let too_much = meeting.channel.refund(&meeting.refund(&payment, "01JDJDR2", 6889)).await;
    assert!(matches!(too_much, Err(ChannelError::Unclear(_))), "JD does not sign its no: {too_much:?}");
    let rest = meeting.refund(&payment, "01JDJDR3", 6888);
    meeting.channel.refund(&rest).await.expect("answered");
    assert!(matches!(meeting.refund_over(&rest).await, RemoteRefund::Succeeded { .. }));
    let book = meeting.simulator.book();
    assert_eq!(book["trades"][0]["refunds"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_order_nobody_opened_or_paid_counts_as_closed() {
    let meeting = meet(&[]).await;
    let request = meeting.request("01JDJDLAZY", Method::JdWeb);
    let started = meeting.channel.start(&request).await.expect("started");
    let (_, mut payment) = meeting.begin("01JDJDOPEN", Method::JdH5).await;
    assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::Closed));
    payment.pay_no = request.pay_no;
    payment.provider_data = started.provider_data;
    assert_eq!(meeting.channel.query(&payment).await, Ok(Remote::Unknown));
    assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::Closed));
    let refused = meeting.channel.refund(&meeting.refund(&payment, "01JDJDR4", 100)).await;
    assert!(matches!(refused, Err(ChannelError::Unclear(_))), "{refused:?}");
}

#[tokio::test]
async fn a_payer_at_work_cannot_be_closed_out_and_a_failure_is_final() {
    // What takes a payer seconds takes hours here: the payment stays in the middle.
    let meeting = meet_at(0.001, &[]).await;
    let (code, payment) = meeting.begin("01JDJDBUSY", Method::JdQr).await;
    meeting.pay(&code, Behaviour::Password).await;
    let closed = meeting.channel.close(&payment).await;
    assert!(matches!(closed, Ok(Closing::NotYet(_))), "{closed:?}");
    let (code, payment) = meeting.begin("01JDJDFAIL", Method::JdWeb).await;
    meeting.pay(&code, Behaviour::Fail).await;
    assert!(matches!(meeting.channel.query(&payment).await, Ok(Remote::Failed { .. })));
    assert_eq!(meeting.channel.close(&payment).await, Ok(Closing::Closed));
}

#[tokio::test]
async fn a_second_unified_order_with_the_same_number_is_refused() {
    let meeting = meet(&[]).await;
    meeting.begin("01JDJDTWICE", Method::JdQr).await;
    let again = meeting.channel.start(&meeting.request("01JDJDTWICE", Method::JdQr)).await.map(|_| ());
    assert!(matches!(again, Err(ChannelError::Refused { .. })), "{again:?}");
}

#[tokio::test]
async fn spoilt_notices_are_refused_and_come_again_and_wrong_amounts_are_read_as_told() {
    let mut meeting = meet(&[]).await;
    let (code, _) = meeting.begin("01JDJDBAD", Method::JdQr).await;
    meeting.pay(&code, Behaviour::BadSignature).await;
    assert_eq!(meeting.notice().await.1, Err(NoticeError::Signature));
    let (code, _) = meeting.begin("01JDJDWRONG", Method::JdWeb).await;
    meeting.pay(&code, Behaviour::WrongAmount).await;
    loop {
        match meeting.notice().await.1 {
            Err(NoticeError::Signature) => {}
            Ok(facts) => {
                let [NoticeFact::Payment { pay_no, remote }] = facts.as_slice() else { panic!("{facts:?}") };
                if pay_no == "01JDJDWRONG" {
                    assert_eq!(fen(remote), 8887);
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn wrong_keys_are_found_by_the_check() {
    // 24 bytes, but not the merchant's.
    let meeting = meet(&[("des_key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")]).await;
    let report = meeting.channel.check().await.expect("checked");
    assert_eq!((report.ok, report.meaning), (false, CheckMeaning::OurSignatureRefused), "{report:?}");
    let meeting = meet(&[("merchant", "11111111")]).await;
    let report = meeting.channel.check().await.expect("checked");
    assert_eq!((report.ok, report.meaning), (false, CheckMeaning::UnknownAccount), "{report:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_leaves_doubt() {
    let meeting = meet(&[]).await;
    let (code, payment) = meeting.begin("01JDJDDOWN", Method::JdQr).await;
    meeting.pay(&code, Behaviour::Down).await;
    assert!(matches!(meeting.channel.query(&payment).await, Err(ChannelError::Unclear(_))));
    assert!(matches!(meeting.channel.close(&payment).await, Err(ChannelError::Unclear(_))));
}
