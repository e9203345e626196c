//! The XML services and the notices.

use super::stage::{NOON, Scene, Sent, sent, with};
use crate::simulator::{Account, Behaviour, Pay};
use axum::Router;
use axum::body::Bytes;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

fn qr_order(scene: &Scene, number: &str, more: &[(&str, &str)]) -> Sent {
    with(with(scene.order(number, &[]), &[("tradeType", "QR"), ("callbackUrl", "")]), more)
}

fn refund(number: &str, more: &[(&str, &str)]) -> Sent {
    let fields = sent(&[
        ("tradeNum", number),
        ("oTradeNum", "N1"),
        ("amount", "2000"),
        ("currency", "CNY"),
        ("tradeTime", "20240301130000"),
        ("notifyUrl", "http://127.0.0.1:1/refund"),
        ("note", "a<b"),
    ]);
    with(fields, more)
}

fn ask_refund(number: &str) -> Sent {
    sent(&[("tradeNum", number), ("oTradeNum", "N1"), ("tradeType", "1")])
}

async fn paid() -> Scene {
    let scene = Scene::new();
    scene.open(&scene.order("N1", &[])).await;
    scene.pay("N1", Behaviour::NoNotice).await.expect("paid");
    scene
}

#[tokio::test]
async fn only_a_rightly_made_envelope_is_heard() {
    let scene = Scene::new();
    let fields = sent(&[("tradeNum", "N1"), ("tradeType", "0")]);
    let right = scene.wrapped(&fields);
    let refused = |body: String| scene.raw_call("query", body);
    assert_eq!(refused(right.clone()).await["code"], "100007", "understood");
    assert_eq!(refused("<a/>".to_owned()).await["code"], "100001");
    assert_eq!(refused(right.replace("V2.0", "V1.0")).await["code"], "100005");
    let merchant = scene.credential("merchant").to_owned();
    assert_eq!(refused(right.replace(&merchant, "1")).await["code"], "100002");
    assert_eq!(refused(scene.envelope("AAAA")).await["code"], "100003");
    use base64::Engine;
    let bare = base64::engine::general_purpose::STANDARD.encode(scene.lock("<jdpay><tradeNum>N1</tradeNum></jdpay>"));
    assert_eq!(refused(scene.envelope(&bare)).await["code"], "100004");
    let no = refused(scene.envelope(&bare)).await;
    assert!(!no.contains_key("encrypt") && !no.contains_key("is_signed"), "a no is signed by nobody");
}

#[tokio::test]
async fn a_code_is_made_scanned_and_paid() {
    let scene = Scene::new();
    let made = scene.call("uniorder", &qr_order(&scene, "N1", &[])).await;
    assert_eq!((made["code"].as_str(), made["is_signed"].as_str()), ("000000", "true"));
    assert_eq!((made["tradeNum"].as_str(), made["amount"].as_str(), made["expireTime"].as_str()), ("N1", "8888", "600"));
    let code = &made["qrCode"];
    assert!(code.starts_with("https://h5pay.jd.com/code?c="), "{code}");
    let offer = scene.simulator.look_up(code).expect("known").1;
    assert_eq!((offer.amount.fen(), offer.out_trade_no.as_str()), (8888, "N1"));
    assert!(scene.pay(code, Behaviour::Ok).await.expect("paid").ok);
    assert_eq!(scene.pay(code, Behaviour::Ok).await.expect_err("paid before").code, "already_paid");
    for (more, expected) in [(("tradeType", "GEN"), "100010"), (("tradeType", "X"), "100005"), (("userId", ""), "100005")] {
        assert_eq!(scene.call("uniorder", &qr_order(&scene, "N2", &[more])).await["code"], expected, "{more:?}");
    }
}

#[tokio::test]
async fn a_query_tells_where_a_payment_stands() {
    let scene = Scene::new();
    assert_eq!(scene.query("N1").await["desc"], "交易不存在");
    scene.open(&scene.order("N1", &[])).await;
    assert_eq!(scene.query("N1").await["status"], "0");
    scene.pay("N1", Behaviour::Password).await.expect("typing");
    assert_eq!(scene.query("N1").await["status"], "1");
    scene.advance(Behaviour::TYPING).await;
    let done = scene.query("N1").await;
    assert_eq!((done["status"].as_str(), done["amount"].as_str(), done["is_signed"].as_str()), ("2", "8888", "true"));
    assert!(done["clear"].contains("<payList><pay><payType>0</payType><amount>8888</amount>"));
    scene.open(&scene.order("N2", &[])).await;
    scene.pay("N2", Behaviour::Fail).await.expect("answered");
    assert_eq!(scene.query("N2").await["status"], "3");
}

#[tokio::test]
async fn a_coupon_is_an_entry_of_its_own() {
    let scene = Scene::new();
    scene.open(&scene.order("N1", &[])).await;
    let pay = Pay { behaviour: Behaviour::NoNotice, account: Account::Coupons };
    scene.simulator.pay("N1", pay).await.expect("paid");
    let clear = scene.query("N1").await["clear"].clone();
    assert!(
        clear.contains("<payType>0</payType><amount>8000</amount>") && clear.contains("<payType>3</payType><amount>888</amount>")
    );
    assert!(clear.contains("<amount>8888</amount><currency>CNY</currency>"));
}

#[tokio::test]
async fn a_refund_begins_then_is_done() {
    let scene = paid().await;
    let first = scene.call("refund", &refund("R1", &[])).await;
    assert_eq!((first["code"].as_str(), first["status"].as_str(), first["oTradeNum"].as_str()), ("000000", "0", "N1"));
    assert_eq!((first["is_signed"].as_str(), first["note"].as_str()), ("true", "a<b"));
    assert_eq!(scene.call("refund", &refund("R1", &[])).await["code"], "100006");
    scene.advance(Duration::from_secs(5)).await;
    let done = scene.call("query", &ask_refund("R1")).await;
    assert_eq!((done["status"].as_str(), done["amount"].as_str(), done["tradeType"].as_str()), ("1", "2000", "1"));
    assert_eq!(scene.call("query", &ask_refund("R9")).await["desc"], "退款单不存在");
    for (more, expected) in [
        (&[("oTradeNum", "N9")][..], "100007"),
        (&[("amount", "6889")], "100009"),
        (&[("amount", "0")], "100005"),
        (&[("currency", "USD")], "100005"),
        (&[("notifyUrl", "")], "100005"),
        (&[("tradeNum", "N1")], "100006"),
    ] {
        assert_eq!(scene.call("refund", &refund("R2", more)).await["code"], expected, "{more:?}");
    }
    assert_eq!(scene.call("refund", &refund("R3", &[("amount", "6888")])).await["code"], "000000");
    let list = scene.call("queryRefund", &sent(&[("oTradeNum", "N1")])).await;
    assert_eq!(list["clear"].matches("<refund>").count(), 2);
    scene.open(&scene.order("N2", &[])).await;
    assert_eq!(scene.call("refund", &refund("R4", &[("oTradeNum", "N2")])).await["code"], "100008", "unpaid");
}

#[tokio::test]
async fn a_refund_can_be_held_back_and_ended_by_hand() {
    let scene = Scene::new();
    scene.open(&scene.order("N1", &[])).await;
    scene.pay("N1", Behaviour::RefundStuck).await.expect("paid");
    scene.call("refund", &refund("R1", &[])).await;
    scene.advance(Duration::from_secs(60)).await;
    assert_eq!(scene.call("query", &ask_refund("R1")).await["status"], "0");
    assert_eq!(scene.simulator.release_refunds(), 1);
    assert_eq!(scene.call("query", &ask_refund("R1")).await["status"], "1");
    scene.call("refund", &refund("R2", &[])).await;
    assert_eq!(scene.post_json("/wallet/jd/refunds", json!({ "tradeNum": "R2", "status": "2" })).await["ok"], true);
    assert_eq!(scene.call("query", &ask_refund("R2")).await["status"], "2");
    // What failed can be asked for again, under another number.
    assert_eq!(scene.call("refund", &refund("R3", &[("amount", "6888")])).await["code"], "000000");
}

#[tokio::test]
async fn revoking_closes_what_is_unpaid_and_gives_back_what_is_paid() {
    let scene = paid().await;
    scene.open(&scene.order("N2", &[])).await;
    let revoke = |number: &str, original: &str, amount: &str| {
        let more = [("oTradeNum", original), ("amount", amount), ("notifyUrl", "")];
        let fields = refund(number, &more);
        let scene = &scene;
        async move { scene.call("revoke", &fields).await }
    };
    assert_eq!(revoke("V1", "N2", "8888").await["code"], "000000");
    assert_eq!(scene.query("N2").await["status"], "4");
    assert!(scene.pay("N2", Behaviour::Late).await.is_err(), "can no longer be paid");
    assert_eq!(revoke("V2", "N1", "1").await["code"], "100005");
    assert_eq!(revoke("V2", "N1", "8888").await["code"], "000000");
    let book = scene.simulator.book();
    let trade = book["trades"].as_array().expect("a list").iter().find(|t| t["out_trade_no"] == "N1").expect("there").clone();
    assert_eq!((&trade["state"], &trade["refunded_amount"]), (&json!("reversed"), &json!(8888)));
    assert_eq!(scene.call("refund", &refund("R1", &[])).await["code"], "100008");
}

/// A merchant's address for notices that answers with these words in turn.
async fn inbox(words: &'static [&'static str]) -> (String, mpsc::UnboundedReceiver<String>) {
    let (tell, told) = mpsc::unbounded_channel();
    let turn = Arc::new(AtomicUsize::new(0));
    let route = axum::routing::post(move |body: Bytes| {
        let _ = tell.send(String::from_utf8(body.to_vec()).expect("UTF-8"));
        let nth = turn.fetch_add(1, Ordering::SeqCst);
        std::future::ready(words[nth.min(words.len() - 1)])
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/notify", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/notify", route)).await });
    (url, told)
}

async fn next(told: &mut mpsc::UnboundedReceiver<String>, scene: &Scene) -> Sent {
    for _ in 0..300 {
        if let Ok(body) = told.try_recv() {
            return scene.read(&body);
        }
        scene.clock.advance(Duration::from_secs(2));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no notice came")
}

#[tokio::test]
async fn a_notice_comes_again_until_the_bare_word() {
    let scene = Scene::new();
    let (url, mut told) = inbox(&["fail", "ok success", "success"]).await;
    scene.open(&scene.order("N1", &[("notifyUrl", &url)])).await;
    scene.pay("N1", Behaviour::Ok).await.expect("paid");
    for _ in 0..3 {
        let said = next(&mut told, &scene).await;
        assert_eq!((said["is_signed"].as_str(), said["tradeNum"].as_str(), said["status"].as_str()), ("true", "N1", "2"));
        assert_eq!((said["tradeType"].as_str(), said["amount"].as_str()), ("0", "8888"));
        // Its habits: a blank in the declaration, the signature in the middle.
        assert!(said["clear"].starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>"));
        assert!(said["clear"].contains("</tradeType><sign>") && said["clear"].contains("</sign><note>"));
    }
    assert!(scene.simulator.stage.now_ms() >= NOON + 40_000);
    scene.advance(Duration::from_secs(3600)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(told.try_recv().is_err(), "acknowledged");
}

#[tokio::test]
async fn notices_follow_the_behaviour() {
    let scene = Scene::new();
    let (url, mut told) = inbox(&["fail", "fail", "success"]).await;
    scene.open(&scene.order("N1", &[("notifyUrl", &url)])).await;
    scene.pay("N1", Behaviour::BadSignature).await.expect("paid");
    for right in ["false", "false", "true"] {
        assert_eq!(next(&mut told, &scene).await["is_signed"], right);
    }
    scene.open(&scene.order("N2", &[("notifyUrl", &url)])).await;
    scene.pay("N2", Behaviour::Twice).await.expect("paid");
    assert_eq!(next(&mut told, &scene).await, next(&mut told, &scene).await);
    scene.open(&scene.order("N3", &[("notifyUrl", &url)])).await;
    scene.pay("N3", Behaviour::WrongAmount).await.expect("paid");
    let said = next(&mut told, &scene).await;
    assert_eq!((said["amount"].as_str(), said["is_signed"].as_str()), ("8887", "true"));
    scene.call("refund", &refund("R1", &[("oTradeNum", "N3"), ("notifyUrl", &url)])).await;
    let said = next(&mut told, &scene).await;
    assert_eq!((said["tradeType"].as_str(), said["tradeNum"].as_str(), said["status"].as_str()), ("1", "R1", "1"));
    assert_eq!((said["oTradeNum"].as_str(), said["is_signed"].as_str()), ("N3", "true"));
}

#[tokio::test]
async fn front_end_troubles_follow_the_behaviour() {
    let scene = Scene::new();
    scene.open(&scene.order("N1", &[])).await;
    scene.pay("N1", Behaviour::Down).await.expect("paid");
    let body = axum::body::Body::from(scene.wrapped(&sent(&[("tradeNum", "N1"), ("tradeType", "0")])));
    let request = axum::http::Request::post("/service/query").body(body).expect("a request");
    let answer = tower::ServiceExt::oneshot(scene.simulator.router(), request).await.expect("infallible");
    assert_eq!(answer.status(), 502);
    scene.advance(Behaviour::OUTAGE).await;
    assert_eq!(scene.query("N1").await["status"], "2");
}
