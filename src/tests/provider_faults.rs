//! Providers that are down, slow, lying or silent, against the real server: no false state, no harm to the others, and
//! everything comes right when they do.

use super::app::{TestApp, eventually};
use super::extent;
use super::merchant::Merchant;
use super::troublemaker::{Mood, Troublemaker};
use crate::model::AppId;
use serde_json::Value;

const PAYMENTS: &str = "/api/v1/payments";
const QUERY: &str = "/api/v1/orders/query";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn method_of(kind: &str) -> &'static str {
    if kind == "alipay" { "alipay_qr" } else { "wechat_native" }
}

/// A merchant whose only channel of this kind goes through a troublemaker.
async fn merchant_behind(app: &TestApp, kind: &str) -> (Merchant, Troublemaker) {
    let trouble = Troublemaker::start(&app.simulator_url).await;
    let merchant = app.merchant().await;
    app.channel_with(kind, |input| {
        input.app_id = Some(AppId::parse(&merchant.app_id).expect("id"));
        input.gateway_url = Some(trouble.url.clone());
    })
    .await;
    (merchant, trouble)
}

async fn order_of(merchant: &Merchant, order_no: &str) -> Value {
    merchant.call(QUERY, &[("order_no", order_no)]).await.done()
}

/// A start that fails in this way leaves an open order, which is paid once the provider is well again.
async fn a_start_survives(app: &TestApp, kind: &str, mood: Mood) {
    let (merchant, trouble) = merchant_behind(app, kind).await;
    let created = merchant.create("A-1", 4200).await.done();
    let order_no = text(&created["order_no"]);
    let start = [("order_no", order_no), ("method", method_of(kind))];
    trouble.set(mood);
    let answer = merchant.call(PAYMENTS, &start).await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "280502"), "{kind} {mood:?}: {}", answer.text);
    let order = order_of(&merchant, order_no).await;
    assert_eq!(order["status"], "paying", "{kind} {mood:?}: {order}");
    let payments = order["payments"].as_array().expect("payments");
    assert!(payments.iter().all(|p| p["status"] == "created" || p["status"] == "pending"), "{kind} {mood:?}: {order}");

    trouble.set(Mood::Honest);
    let mut started = Value::Null;
    eventually("the payment starts after all", async || {
        let answer = merchant.call(PAYMENTS, &start).await;
        let done = answer.code() == "000000";
        started = answer.data();
        done
    })
    .await;
    app.wallet(text(&started["next"]["code_url"]), "ok").await;
    eventually("it is paid", async || order_of(&merchant, order_no).await["status"] == "paid").await;
    let order = order_of(&merchant, order_no).await;
    let paid = order["payments"].as_array().expect("payments").iter().filter(|p| p["status"] == "succeeded").count();
    assert_eq!((paid, &order["cases"]), (1, &Value::Array(Vec::new())), "{kind} {mood:?}: {order}");
}

/// All at once: the healthy merchant's payments go on in the meantime.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_start_decides_nothing_and_harms_nobody_else() {
    const MOODS: [Mood; 6] = [Mood::Down, Mood::Page, Mood::HangsUp, Mood::Late, Mood::WrongSignature, Mood::HalfAnswer];
    let app = TestApp::start().await;
    let mut plays = Vec::new();
    for kind in ["wechat_v2", "alipay"] {
        for mood in MOODS {
            plays.push(a_start_survives(&app, kind, mood));
        }
    }
    let healthy = async {
        let merchant = app.merchant().await;
        app.channel_with("wechat_v2", |input| input.app_id = Some(AppId::parse(&merchant.app_id).expect("id"))).await;
        for n in 0..10 {
            app.paid_order(&merchant, &format!("H-{n}"), 100).await;
        }
    };
    futures::join!(futures::future::join_all(plays), healthy);
}

/// What comes back for a question decides nothing when it is no answer, or an answer about something else.
async fn a_question_survives(app: &TestApp, kind: &str, mood: Mood) {
    let (merchant, trouble) = merchant_behind(app, kind).await;
    let start = async |out: &str| {
        let created = merchant.create(out, 4200).await.done();
        let order_no = text(&created["order_no"]).to_owned();
        let started = merchant.call(PAYMENTS, &[("order_no", &order_no), ("method", method_of(kind))]).await.done();
        (order_no, text(&started["next"]["code_url"]).to_owned(), created)
    };
    // Another payment that is paid and asked about: its answer is what the liar repeats.
    let (other, code, _) = start("A-1").await;
    app.wallet(&code, "no_notice").await;
    eventually("the other is paid", async || order_of(&merchant, &other).await["status"] == "paid").await;

    trouble.set(Mood::Honest);
    let (order_no, code, created) = start("A-2").await;
    trouble.set(mood);
    let token = text(&created["checkout_url"]).rsplit('/').next().expect("token").to_owned();
    for _ in 0..4 {
        app.get(&format!("/checkout/{token}/status")).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    let order = order_of(&merchant, &order_no).await;
    assert_eq!((&order["status"], &order["payments"][0]["status"]), (&"paying".into(), &"pending".into()), "{kind} {mood:?}");
    assert_eq!(order["cases"], Value::Array(Vec::new()), "{kind} {mood:?}");

    // Nor does a close that never reached the provider: nobody knows, so nothing changes.
    if [Mood::Down, Mood::Page, Mood::HangsUp].contains(&mood) {
        let closed = merchant.call("/api/v1/orders/close", &[("order_no", &order_no)]).await;
        assert_eq!(closed.code(), "280502", "{kind} {mood:?}: {}", closed.text);
        assert_eq!(order_of(&merchant, &order_no).await["status"], "paying", "{kind} {mood:?}");
    }

    // The payer pays meanwhile, and no notice comes: the questions find it out when the provider is well again.
    app.wallet(&code, "no_notice").await;
    trouble.set(Mood::Honest);
    eventually("it is paid", async || order_of(&merchant, &order_no).await["status"] == "paid").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_to_a_question_decides_nothing() {
    const MOODS: [Mood; 6] = [Mood::Down, Mood::Page, Mood::HangsUp, Mood::WrongSignature, Mood::OtherPayment, Mood::HalfAnswer];
    let app = TestApp::start().await;
    let mut plays = Vec::new();
    for kind in ["wechat_v2", "alipay"] {
        for mood in MOODS {
            plays.push(a_question_survives(&app, kind, mood));
        }
    }
    futures::future::join_all(plays).await;
}

/// A refund whose answer nobody understood keeps its reservation and its number, and moves once.
async fn a_refund_survives(app: &TestApp, kind: &str, mood: Mood) {
    let (merchant, trouble) = merchant_behind(app, kind).await;
    let created = merchant.create("A-1", 1000).await.done();
    let order_no = text(&created["order_no"]).to_owned();
    let started = merchant.call(PAYMENTS, &[("order_no", &order_no), ("method", method_of(kind))]).await.done();
    app.wallet(text(&started["next"]["code_url"]), "ok").await;
    eventually("it is paid", async || order_of(&merchant, &order_no).await["status"] == "paid").await;
    trouble.set(mood);
    let fields = [("order_no", order_no.as_str()), ("out_refund_no", "R-1"), ("amount", "600")];
    let answer = merchant.call("/api/v1/refunds", &fields).await;
    assert!(["000000", "280502"].contains(&answer.code().as_str()), "{kind} {mood:?}: {}", answer.text);
    let refund = merchant.call("/api/v1/refunds/query", &[("out_refund_no", "R-1")]).await.done();
    assert!(["created", "processing"].contains(&text(&refund["status"])), "{kind} {mood:?}: {refund}");
    // What is reserved is not given twice.
    let more = [("order_no", order_no.as_str()), ("out_refund_no", "R-2"), ("amount", "401")];
    merchant.call("/api/v1/refunds", &more).await.refused("280401", 422);
    trouble.set(Mood::Honest);
    eventually("the refund ends", async || {
        merchant.call("/api/v1/refunds/query", &[("out_refund_no", "R-1")]).await.done()["status"] == "succeeded"
    })
    .await;
    let book = app.simulator.book();
    let trade = book["trades"].as_array().expect("trades").iter().find(|t| t["out_trade_no"] == started["pay_no"]);
    let refunds = trade.expect("in the book")["refunds"].as_array().expect("refunds").clone();
    assert_eq!(refunds.len(), 1, "{kind} {mood:?}: {refunds:?}");
    assert_eq!((&refunds[0]["out_refund_no"], &refunds[0]["amount"]), (&refund["refund_no"], &600.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unclear_refund_moves_once() {
    let app = TestApp::start_with(&[("plans.refund_s", "1")]).await;
    let mut plays = Vec::new();
    for kind in ["wechat_v2", "alipay"] {
        for mood in [Mood::Down, Mood::Page, Mood::WrongSignature, Mood::Late, Mood::HalfAnswer] {
            plays.push(a_refund_survives(&app, kind, mood));
        }
    }
    futures::future::join_all(plays).await;
}

#[tokio::test]
async fn without_any_notice_an_open_page_finds_the_money() {
    let app = TestApp::start_with(&[("plans.query_s", "3600")]).await;
    for kind in ["wechat_v2", "alipay"] {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    for n in 0..extent(8, 200) {
        let created = merchant.create(&format!("A-{n}"), 100).await.done();
        let order_no = text(&created["order_no"]);
        let method = if n % 2 == 0 { "wechat_native" } else { "alipay_qr" };
        let started = merchant.call(PAYMENTS, &[("order_no", order_no), ("method", method)]).await.done();
        app.wallet(text(&started["next"]["code_url"]), "no_notice").await;
        let token = text(&created["checkout_url"]).rsplit('/').next().expect("token").to_owned();
        eventually("the page sees it", async || {
            let status: Value = app.get(&format!("/checkout/{token}/status")).await.json().await.expect("JSON");
            status["state"] == "paid"
        })
        .await;
        assert_eq!(order_of(&merchant, order_no).await["payments"][0]["verified_by"], "query");
    }
}

#[tokio::test]
async fn without_any_notice_or_page_the_background_finds_the_money() {
    let app = TestApp::start_with(&[("plans.query_s", "1,1,2")]).await;
    for kind in ["wechat_v2", "alipay"] {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    let mut numbers = Vec::new();
    for n in 0..extent(50, 1000) {
        let created = merchant.create(&format!("A-{n}"), 100).await.done();
        let order_no = text(&created["order_no"]).to_owned();
        let method = if n % 2 == 0 { "wechat_native" } else { "alipay_qr" };
        let started = merchant.call(PAYMENTS, &[("order_no", &order_no), ("method", method)]).await.done();
        app.wallet(text(&started["next"]["code_url"]), "no_notice").await;
        numbers.push(order_no);
    }
    for order_no in &numbers {
        eventually("it is paid", async || order_of(&merchant, order_no).await["status"] == "paid").await;
        assert_eq!(order_of(&merchant, order_no).await["payments"][0]["verified_by"], "query");
    }
}

/// The caller's patience ends before the provider's answer: it is told so, rightly signed, and the payment starts all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_takes_too_long_is_answered_and_goes_on() {
    let app = TestApp::start_with(&[("limits.api_request_s", "2"), ("plans.query_s", "3600")]).await;
    for kind in ["wechat_v2", "alipay"] {
        let (merchant, trouble) = merchant_behind(&app, kind).await;
        let created = merchant.create("A-1", 4200).await.done();
        let order_no = text(&created["order_no"]);
        let start = [("order_no", order_no), ("method", method_of(kind))];
        trouble.set(Mood::Slow);
        merchant.call(PAYMENTS, &start).await.refused("280502", 502);
        trouble.set(Mood::Honest);
        eventually("the payment has started", async || order_of(&merchant, order_no).await["payments"][0]["status"] == "pending")
            .await;
        let started = merchant.call(PAYMENTS, &start).await.done();
        app.wallet(text(&started["next"]["code_url"]), "ok").await;
        eventually("it is paid", async || order_of(&merchant, order_no).await["status"] == "paid").await;
        assert_eq!(order_of(&merchant, order_no).await["payments"].as_array().map(Vec::len), Some(1), "{kind}");
    }
}
