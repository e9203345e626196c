//! The JSON interfaces and the notices.

use super::stage::{NOON, Scene, Sent, sent};
use crate::simulator::Behaviour;
use axum::Router;
use axum::body::Bytes;
use serde_json::json;
use std::time::Duration;
use tokio::sync::mpsc;

const QUERY: &str = "/orderquery.htm";
const REFUND: &str = "/refund.htm";
const REFUND_QUERY: &str = "/refundquery.htm";

fn code(answer: &Sent) -> &str {
    &answer["ret_code"]
}

fn refund(number: &str, more: &[(&str, &str)]) -> Sent {
    let mut fields = sent(&[
        ("no_refund", number),
        ("dt_refund", "20240301130000"),
        ("money_refund", "20.00"),
        ("no_order", "N1"),
        ("dt_order", "20240301120000"),
        ("notify_url", "http://127.0.0.1:1/refund"),
    ]);
    fields.extend(sent(more));
    fields.retain(|_, value| !value.is_empty());
    fields
}

async fn paid() -> Scene {
    let scene = Scene::new();
    scene.open(scene.order("N1", &[])).await;
    scene.pay("N1", Behaviour::NoNotice).await.expect("paid");
    scene
}

#[tokio::test]
async fn only_rightly_signed_json_is_heard() {
    let scene = Scene::new();
    let fields = sent(&[("no_order", "N1"), ("dt_order", "20240301120000")]);
    let mut wrong = scene.sign(fields.clone());
    wrong.insert("sign".to_owned(), "0".repeat(32));
    let json = |fields: &Sent| serde_json::to_string(fields).expect("JSON");
    let answer = scene.raw_call(QUERY, "application/json", json(&wrong)).await;
    assert_eq!((code(&answer), answer.contains_key("sign")), ("1001", false));
    let answer = scene.raw_call(QUERY, "application/json", "{".to_owned()).await;
    assert_eq!(code(&answer), "1012");
    let signed = scene.sign(fields.clone());
    assert_eq!(code(&scene.raw_call(QUERY, "application/x-www-form-urlencoded", json(&signed)).await), "1012");
    let mut odd = fields.clone();
    odd.insert("sign_type".to_owned(), "SHA".to_owned());
    assert_eq!(code(&scene.call(QUERY, odd).await), "1004");
    let mut stranger = fields.clone();
    stranger.insert("oid_partner".to_owned(), "1".to_owned());
    assert_eq!(code(&scene.call(QUERY, stranger).await), "3001");
    // Known by now: the no is signed.
    let answer = scene.call(QUERY, fields).await;
    assert_eq!(code(&answer), "8901");
    assert!(scene.is_signed(&answer));
}

#[tokio::test]
async fn each_way_of_signing_is_answered_in_kind() {
    let scene = paid().await;
    for how in ["MD5", "RSA"] {
        let answer = scene.call(QUERY, sent(&[("no_order", "N1"), ("dt_order", "20240301120000"), ("sign_type", how)])).await;
        assert_eq!((code(&answer), answer["sign_type"].as_str()), ("0000", how));
        assert!(scene.is_signed(&answer), "{how}");
    }
}

#[tokio::test]
async fn a_query_tells_where_an_order_stands() {
    let scene = Scene::new();
    assert_eq!(code(&scene.query("N1").await), "8901", "nobody opened the page");
    scene.open(scene.order("N1", &[])).await;
    let waiting = scene.query("N1").await;
    assert_eq!((code(&waiting), waiting["result_pay"].as_str()), ("0000", "WAITING"));
    assert!(!waiting.contains_key("settle_date"));
    scene.pay("N1", Behaviour::Password).await.expect("typing");
    assert_eq!(scene.query("N1").await["result_pay"], "PROCESSING");
    scene.advance(Behaviour::TYPING).await;
    let paid = scene.query("N1").await;
    assert_eq!((paid["result_pay"].as_str(), paid["money_order"].as_str()), ("SUCCESS", "88.88"));
    assert!(scene.is_signed(&paid));
    let paybill = paid["oid_paybill"].clone();
    assert_eq!(paybill.len(), 18);
    assert_eq!(scene.call(QUERY, sent(&[("oid_paybill", &paybill)])).await["no_order"], "N1");
    // The order's time is part of its name.
    let other_time = sent(&[("no_order", "N1"), ("dt_order", "20240301120001")]);
    assert_eq!(code(&scene.call(QUERY, other_time).await), "8901");
    assert_eq!(code(&scene.call(QUERY, sent(&[("no_order", "N1")])).await), "1004");
}

#[tokio::test]
async fn version_1_1_adds_two_fields_beside_the_signature() {
    let scene = paid().await;
    let fields = sent(&[("no_order", "N1"), ("dt_order", "20240301120000"), ("query_version", "1.1")]);
    let mut answer = scene.call(QUERY, fields).await;
    assert!(answer.contains_key("bank_name") && answer.contains_key("memo"));
    assert!(!scene.is_signed(&answer));
    answer.remove("bank_name");
    answer.remove("memo");
    assert!(scene.is_signed(&answer));
}

#[tokio::test]
async fn a_refund_is_applied_for_then_done() {
    let scene = paid().await;
    let first = scene.call(REFUND, refund("R1", &[])).await;
    assert_eq!((code(&first), first["sta_refund"].as_str(), first["oid_refundno"].len()), ("0000", "0", 16));
    assert!(scene.is_signed(&first));
    assert_eq!(scene.call(REFUND, refund("R1", &[])).await["oid_refundno"], first["oid_refundno"], "once per number");
    assert_eq!(code(&scene.call(REFUND, refund("R1", &[("money_refund", "20.01")])).await), "1002");
    scene.advance(Duration::from_secs(5)).await;
    let look = |fields: &[(&str, &str)]| scene.call(REFUND_QUERY, sent(fields));
    let done = look(&[("no_refund", "R1"), ("dt_refund", "20240301130000")]).await;
    assert_eq!((done["sta_refund"].as_str(), done["money_refund"].as_str()), ("2", "20.00"));
    assert_eq!(look(&[("oid_refundno", &first["oid_refundno"])]).await["no_refund"], "R1");
    assert_eq!(code(&look(&[("no_refund", "R1"), ("dt_refund", "20240301130001")]).await), "8901");
    assert_eq!(code(&look(&[("no_refund", "R9"), ("dt_refund", "20240301130000")]).await), "8901");
    scene.call(REFUND, refund("R2", &[("money_refund", "68.88")])).await;
    scene.advance(Duration::from_secs(5)).await;
    assert_eq!(scene.query("N1").await["result_pay"], "REFUND");
}

#[tokio::test]
async fn refunds_are_refused_with_their_codes() {
    let scene = paid().await;
    scene.open(scene.order("N2", &[])).await;
    for (more, expected) in [
        (&[("no_order", "N9")][..], "5002"),
        (&[("dt_order", "20240301120001")], "5002"),
        (&[("no_order", "N2")], "5008"),
        (&[("money_refund", "88.89")], "5007"),
        (&[("money_refund", "0")], "5003"),
        (&[("money_refund", "")], "5003"),
        (&[("notify_url", "")], "1004"),
        (&[("dt_refund", "")], "1004"),
        (&[("no_refund", "")], "1004"),
    ] {
        assert_eq!(code(&scene.call(REFUND, refund("R1", more)).await), expected, "{more:?}");
    }
    scene.post_json("/wallet/lianlian/settle", json!({})).await;
    assert_eq!(code(&scene.call(REFUND, refund("R1", &[])).await), "5006", "the money was paid out");
}

#[tokio::test]
async fn a_refund_can_be_held_back_and_ended_by_hand() {
    let scene = Scene::new();
    scene.open(scene.order("N1", &[])).await;
    scene.pay("N1", Behaviour::RefundStuck).await.expect("paid");
    assert_eq!(scene.call(REFUND, refund("R1", &[])).await["sta_refund"], "1");
    scene.advance(Duration::from_secs(60)).await;
    let look = || scene.call(REFUND_QUERY, sent(&[("no_refund", "R1"), ("dt_refund", "20240301130000")]));
    assert_eq!(look().await["sta_refund"], "1");
    assert_eq!(scene.simulator.release_refunds(), 1);
    assert_eq!(look().await["sta_refund"], "2");
    scene.call(REFUND, refund("R2", &[])).await;
    let ended = scene.post_json("/wallet/lianlian/refunds", json!({ "no_refund": "R2", "sta_refund": "3" })).await;
    assert_eq!(ended["ok"], true);
    // What failed can be asked for again, under another number.
    assert_eq!(code(&scene.call(REFUND, refund("R3", &[("money_refund", "68.88")])).await), "0000");
}

#[tokio::test]
async fn front_end_troubles_follow_the_behaviour() {
    let scene = Scene::new();
    scene.open(scene.order("N1", &[])).await;
    scene.pay("N1", Behaviour::Down).await.expect("paid");
    let body = serde_json::to_string(&scene.sign(sent(&[("no_order", "N1"), ("dt_order", "20240301120000")]))).expect("JSON");
    let request = axum::http::Request::post(QUERY)
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body))
        .expect("one");
    let answer = tower::ServiceExt::oneshot(scene.simulator.router(), request).await.expect("infallible");
    assert_eq!(answer.status(), 502);
    scene.advance(Behaviour::OUTAGE).await;
    assert_eq!(scene.query("N1").await["result_pay"], "SUCCESS");
}

/// A merchant's address for notices that answers with these words in turn.
async fn inbox(words: &'static [&'static str]) -> (String, mpsc::UnboundedReceiver<(String, Sent)>) {
    let (tell, told) = mpsc::unbounded_channel();
    let turn = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let route = axum::routing::post(move |headers: axum::http::HeaderMap, body: Bytes| {
        let sort = headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let _ = tell.send((sort, serde_json::from_slice(&body).expect("flat JSON")));
        let nth = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::future::ready(words[nth.min(words.len() - 1)])
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/notify", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/notify", route)).await });
    (url, told)
}

async fn next(told: &mut mpsc::UnboundedReceiver<(String, Sent)>, scene: &Scene) -> (String, Sent) {
    for _ in 0..200 {
        if let Ok(notice) = told.try_recv() {
            return notice;
        }
        scene.clock.advance(Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no notice came")
}

const YES: &str = r#"{"ret_code":"0000","ret_msg":"交易成功"}"#;
const NO: &str = r#"{"ret_code":"9999","ret_msg":"交易失败"}"#;

#[tokio::test]
async fn a_notice_is_json_and_comes_again_until_the_code_is_0000() {
    let scene = Scene::new();
    let (url, mut told) = inbox(&[NO, "success", YES]).await;
    scene.open(scene.order("N1", &[("notify_url", &url)])).await;
    scene.pay("N1", Behaviour::Ok).await.expect("paid");
    for _ in 0..3 {
        let (sort, fields) = next(&mut told, &scene).await;
        assert_eq!(sort, "text/json;charset=utf-8");
        assert!(scene.is_signed(&fields));
        assert_eq!((fields["result_pay"].as_str(), fields["no_order"].as_str()), ("SUCCESS", "N1"));
    }
    let gaps = super::super::notice::PLAN;
    assert_eq!((gaps.len() + 1, gaps.iter().all(|gap| *gap == 120)), (30, true));
    assert!(scene.simulator.stage.now_ms() >= NOON + 2 * 120_000);
    scene.advance(Duration::from_secs(600)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(told.try_recv().is_err(), "acknowledged");
}

#[tokio::test]
async fn notices_follow_the_behaviour() {
    let scene = Scene::new();
    let (url, mut told) = inbox(&[NO, NO, YES]).await;
    scene.open(scene.order("N1", &[("notify_url", &url)])).await;
    scene.pay("N1", Behaviour::BadSignature).await.expect("paid");
    for right in [false, false, true] {
        assert_eq!(scene.is_signed(&next(&mut told, &scene).await.1), right);
    }
    let (url, mut told) = inbox(&[YES]).await;
    scene.open(scene.order("N2", &[("notify_url", &url)])).await;
    scene.pay("N2", Behaviour::Twice).await.expect("paid");
    assert_eq!(next(&mut told, &scene).await, next(&mut told, &scene).await);
    let (url, mut told) = inbox(&[YES]).await;
    scene.open(scene.order("N3", &[("notify_url", &url)])).await;
    scene.pay("N3", Behaviour::WrongAmount).await.expect("paid");
    let (_, fields) = next(&mut told, &scene).await;
    assert_eq!(fields["money_order"], "88.87");
    assert!(scene.is_signed(&fields));
    let answer = scene.call(REFUND, {
        let mut fields = refund("R1", &[("notify_url", &url), ("no_order", "N3")]);
        fields.insert("money_refund".to_owned(), "1.00".to_owned());
        fields
    });
    assert_eq!(code(&answer.await), "0000");
    let (_, fields) = next(&mut told, &scene).await;
    assert_eq!((fields["no_refund"].as_str(), fields["sta_refund"].as_str()), ("R1", "2"));
    assert!(scene.is_signed(&fields));
}

#[tokio::test]
async fn failures_are_never_told() {
    let scene = Scene::new();
    let (url, mut told) = inbox(&[YES]).await;
    scene.open(scene.order("N1", &[("notify_url", &url)])).await;
    scene.pay("N1", Behaviour::Fail).await.expect("answered");
    scene.advance(Duration::from_secs(600)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(told.try_recv().is_err());
    assert_eq!(scene.query("N1").await["result_pay"], "FAILURE");
}
