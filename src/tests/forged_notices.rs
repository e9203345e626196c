//! Notices over HTTP, with right and wrong signatures made here: the false ones change nothing and hear the provider's
//! failure, the true ones count once, the true ones that do not fit become cases.

use super::app::{TestApp, eventually};
use super::extent;
use super::forger::{Fields, Forger};
use super::merchant::{Merchant, rsa_public_pem};
use crate::model::{CaseKind, ChannelId};
use crate::pay::Secret;
use crate::pay::store::{CaseFilter, NoticeFilter, PageRequest};
use futures::stream::{self, StreamExt};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use serde_json::Value;

/// Forgeries of each kind.
const MANY: usize = 140;

struct Stage {
    app: TestApp,
    merchant: Merchant,
    forger: Forger,
    channel: ChannelId,
    method: &'static str,
}

struct Started {
    order_no: String,
    pay_no: String,
}

impl Stage {
    async fn wechat() -> Self {
        let app = TestApp::start_with(&[("plans.query_s", "3600"), ("plans.watch_s", "3600")]).await;
        let channel = app.channel("wechat_v2").await;
        let credentials = credentials_of(&app, "wechat_v2");
        let text = |name: &str| credentials[name].as_str().expect("text").to_owned();
        let forger = Forger::WeChat { appid: text("appid"), mch_id: text("mch_id"), key: text("key") };
        Self { merchant: app.merchant().await, app, forger, channel, method: "wechat_native" }
    }

    /// The payments start with the simulator's key; then the provider's key is changed for one that the tests hold.
    async fn alipay() -> Self {
        let app = TestApp::start_with(&[("plans.query_s", "3600"), ("plans.watch_s", "3600")]).await;
        let channel = app.channel("alipay").await;
        let credentials = credentials_of(&app, "alipay");
        let text = |name: &str| credentials[name].as_str().expect("text").to_owned();
        let forger = Forger::Alipay { app_id: text("app_id"), seller_id: text("seller_id") };
        Self { merchant: app.merchant().await, app, forger, channel, method: "alipay_qr" }
    }

    async fn take_over_the_key(&self) {
        if matches!(self.forger, Forger::Alipay { .. }) {
            let change = |input: &mut crate::pay::ChannelInput| {
                input.credentials.insert("alipay_public_key_pem".to_owned(), Secret::new(rsa_public_pem()));
            };
            assert_eq!(self.app.channel_with("alipay", change).await, self.channel, "a new version of the same channel");
        }
    }

    async fn start(&self, out_order_no: &str, amount: i64) -> Started {
        let created = self.merchant.create(out_order_no, amount).await.done();
        let order_no = created["order_no"].as_str().expect("number").to_owned();
        let fields = [("order_no", order_no.as_str()), ("method", self.method)];
        let started = self.merchant.call("/api/v1/payments", &fields).await.done();
        Started { order_no, pay_no: started["pay_no"].as_str().expect("number").to_owned() }
    }

    async fn send(&self, body: Vec<u8>) -> (u16, String) {
        let kind = if self.method == "alipay_qr" { "application/x-www-form-urlencoded" } else { "text/xml" };
        let request = self.app.anonymous.post(format!("{}/notify/{}/pay", self.app.url, self.channel));
        let answer = request.header("content-type", kind).body(body).send().await.expect("answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    async fn accepted(&self, fields: &Fields) {
        let (status, text) = self.send(self.forger.signed(fields)).await;
        assert!(self.forger.is_success(status, &text), "{status} {text} for {fields:?}");
    }

    async fn order(&self, started: &Started) -> Value {
        self.merchant.call("/api/v1/orders/query", &[("order_no", &started.order_no)]).await.done()
    }

    async fn cases(&self, kind: CaseKind) -> usize {
        let filter = CaseFilter { kind: Some(kind), ..CaseFilter::default() };
        let page = PageRequest { limit: 100, ..PageRequest::default() };
        self.app.cashier.store().cases(&filter, &page).await.expect("cases").items.len()
    }

    fn amount_field(&self) -> (&'static str, &'static str) {
        match self.forger {
            Forger::WeChat { .. } => ("total_fee", "1"),
            Forger::Alipay { .. } => ("total_amount", "0.01"),
        }
    }
}

fn credentials_of(app: &TestApp, kind: &str) -> Value {
    app.simulator.credentials().into_iter().find(|d| d["kind"] == kind).expect("simulated")["credentials"].clone()
}

async fn no_forgery_counts(stage: Stage) {
    let seed = rand::rngs::OsRng.next_u64();
    let payment = stage.start("A-1", 12_345).await;
    stage.take_over_the_key().await;
    let truth = stage.forger.truth(&payment.pay_no, 12_345, "4200002026060712345678901234");
    let forgeries = stage.forger.forgeries(&truth, MANY, &mut StdRng::seed_from_u64(seed));
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    for forgery in &forgeries {
        *kinds.entry(forgery.kind).or_default() += 1;
    }
    assert!(kinds.values().filter(|n| **n >= 90).count() >= 8, "{kinds:?}");
    let accepted: Vec<String> = stream::iter(forgeries)
        .map(async |forgery| {
            let (status, text) = stage.send(forgery.body.clone()).await;
            let refused = stage.forger.is_failure(status, &text);
            (!refused).then(|| format!("{}: {status} {text}\n{}", forgery.kind, String::from_utf8_lossy(&forgery.body)))
        })
        .buffer_unordered(16)
        .filter_map(async |fault| fault)
        .collect()
        .await;
    assert!(accepted.is_empty(), "seed {seed}, {} accepted, the first:\n{}", accepted.len(), accepted[0]);
    let (status, text) = stage.send(stage.forger.oversized(&truth)).await;
    assert!(status == 413 || stage.forger.is_failure(status, &text), "{status} {text}");

    let order = stage.order(&payment).await;
    assert_eq!((&order["status"], &order["cases"]), (&"paying".into(), &Value::Array(Vec::new())), "seed {seed}: {order}");
    for kind in CaseKind::ALL {
        assert_eq!(stage.cases(*kind).await, 0, "seed {seed}: {kind}");
    }
    let filter = NoticeFilter { verified: Some(true), ..NoticeFilter::default() };
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    assert!(stage.app.cashier.store().notices(&filter, &page).await.expect("notices").items.is_empty(), "seed {seed}");
    // More than a thousand were sent: forgers cannot fill the disk.
    let kept = stage.app.cashier.store().unverified_since(&stage.channel, 0).await.expect("count");
    assert_eq!(kept, 1000);

    // The true one still works after all of this, and says so in the provider's words.
    stage.accepted(&truth).await;
    assert_eq!(stage.order(&payment).await["status"], "paid");
}

#[tokio::test]
async fn no_forged_wechat_notice_counts() {
    no_forgery_counts(Stage::wechat().await).await;
}

#[tokio::test]
async fn no_forged_alipay_notice_counts() {
    no_forgery_counts(Stage::alipay().await).await;
}

/// Ten at once, then again and again: one effect, one event, and every time the provider's success.
async fn replays_change_nothing(stage: Stage) {
    let mut payments = Vec::new();
    for n in 0..i64::try_from(extent(100, 2500)).expect("small") {
        payments.push(stage.start(&format!("A-{n}"), 100 + n).await);
    }
    stage.take_over_the_key().await;
    let truths: Vec<Fields> =
        payments.iter().zip(100..).map(|(p, fen)| stage.forger.truth(&p.pay_no, fen, &format!("42{}", p.pay_no))).collect();
    let mixed: Vec<&Fields> = (0..10).flat_map(|_| truths.iter()).collect();
    stream::iter(mixed).map(async |truth| stage.accepted(truth).await).buffer_unordered(40).collect::<Vec<()>>().await;
    for truth in &truths {
        stage.accepted(truth).await;
    }
    for payment in &payments {
        let order = stage.order(payment).await;
        assert_eq!((&order["status"], &order["cases"]), (&"paid".into(), &Value::Array(Vec::new())), "{order}");
        let number = crate::model::OrderNo::parse(&payment.order_no).expect("number");
        let events = stage.app.cashier.store().events_of_order(&number).await.expect("events");
        assert_eq!(events.len(), 1, "{events:?}");
        let paid = stage.app.cashier.store().timeline(&number).await.expect("timeline");
        assert_eq!(paid.iter().filter(|e| e.kind == crate::pay::TimelineKind::OrderPaid).count(), 1);
    }
    eventually("each is told once", async || stage.app.receiver.of_type("order.paid").len() == payments.len()).await;
}

#[tokio::test]
async fn replayed_wechat_notices_change_nothing() {
    replays_change_nothing(Stage::wechat().await).await;
}

#[tokio::test]
async fn replayed_alipay_notices_change_nothing() {
    replays_change_nothing(Stage::alipay().await).await;
}

/// Money that really came but does not fit is ours to solve: success for the provider, a case for staff.
async fn what_does_not_fit_becomes_a_case(stage: Stage) {
    let wrong = stage.start("A-1", 500).await;
    let late = stage.start("A-2", 500).await;
    let twice = stage.start("A-3", 500).await;
    stage.merchant.call("/api/v1/orders/close", &[("order_no", &late.order_no)]).await.done();
    stage.take_over_the_key().await;

    let (name, value) = stage.amount_field();
    let mut fields = stage.forger.truth(&wrong.pay_no, 500, "42001");
    fields.insert(name.to_owned(), value.to_owned());
    stage.accepted(&fields).await;
    stage.accepted(&fields).await;
    let order = stage.order(&wrong).await;
    assert_ne!(order["status"], "paid");
    assert_eq!(order["cases"].as_array().map(Vec::len), Some(1), "{order}");
    assert_eq!(order["cases"][0]["kind"], "amount_mismatch");
    assert_eq!(order["cases"][0]["amount"], 1);

    for unknown in ["01JD0000000000000000000000", "somebody-elses-number", "0"] {
        stage.accepted(&stage.forger.truth(unknown, 700, "42002")).await;
        stage.accepted(&stage.forger.truth(unknown, 700, "42002")).await;
    }
    assert_eq!(stage.cases(CaseKind::UnknownOrder).await, 3);

    stage.accepted(&stage.forger.truth(&late.pay_no, 500, "42003")).await;
    let order = stage.order(&late).await;
    assert_eq!((&order["status"], &order["cases"][0]["kind"]), (&"closed".into(), &"late".into()), "{order}");

    stage.accepted(&stage.forger.truth(&twice.pay_no, 500, "42004")).await;
    stage.accepted(&stage.forger.truth(&twice.pay_no, 500, "42005")).await;
    let order = stage.order(&twice).await;
    assert_eq!((&order["status"], &order["cases"][0]["kind"]), (&"paid".into(), &"duplicate".into()), "{order}");
    assert_eq!(order["cases"].as_array().map(Vec::len), Some(1), "{order}");
}

#[tokio::test]
async fn wechat_money_that_does_not_fit_becomes_a_case() {
    what_does_not_fit_becomes_a_case(Stage::wechat().await).await;
}

#[tokio::test]
async fn alipay_money_that_does_not_fit_becomes_a_case() {
    what_does_not_fit_becomes_a_case(Stage::alipay().await).await;
}

/// A notice for one channel at the address of another proves nothing there.
#[tokio::test]
async fn a_notice_at_the_wrong_door_is_refused() {
    let stage = Stage::wechat().await;
    let other = stage
        .app
        .channel_with("wechat_v2", |input| {
            input.name = "another account".to_owned();
            input.credentials.insert("mch_id".to_owned(), Secret::new("1900000109".to_owned()));
            input.credentials.insert("key".to_owned(), Secret::new("0123456789abcdef0123456789abcdef".to_owned()));
        })
        .await;
    let payment = stage.start("A-1", 100).await;
    let body = stage.forger.signed(&stage.forger.truth(&payment.pay_no, 100, "42001"));
    let request = stage.app.anonymous.post(format!("{}/notify/{other}/pay", stage.app.url)).body(body.clone());
    let text = request.send().await.expect("answer").text().await.expect("text");
    assert!(stage.forger.is_failure(200, &text), "{text}");
    for door in ["refund", "audit"] {
        let request = stage.app.anonymous.post(format!("{}/notify/{}/{door}", stage.app.url, stage.channel)).body(body.clone());
        let answer = request.send().await.expect("answer");
        assert!(!stage.forger.is_success(answer.status().as_u16(), &answer.text().await.expect("text")), "{door}");
    }
    assert_ne!(stage.order(&payment).await["status"], "paid");
}
