//! Refunds: the books, repeats, certificates, and the sealed notice.

use super::{Bench, Receiver, fault, xml};
use crate::simulator::Settings;
use aes::Aes256;
use axum::http::StatusCode;
use base64::Engine;
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockDecryptMut, KeyInit};
use md5::{Digest, Md5};
use serde_json::json;

const NO: &str = "CS20240601000001";
const PATH: &str = "/secapi/pay/refund";

async fn paid(bench: &Bench, behaviour: &str) {
    let order = bench.order(&[]).await;
    bench.pay(&order["code_url"], behaviour).await;
}

fn fields<'a>(number: &'a str, fee: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("out_trade_no", NO), ("out_refund_no", number), ("total_fee", "100"), ("refund_fee", fee)]
}

async fn status(bench: &Bench, number: &str) -> String {
    bench.call("/pay/refundquery", &[("out_refund_no", number)]).await["refund_status_0"].clone()
}

/// Lets the tasks that were woken by the clock run.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn refunds_never_exceed_what_was_paid() {
    let bench = Bench::new();
    paid(&bench, "ok").await;
    assert_eq!(fault(&bench.call(PATH, &fields("R1", "30")).await), "");
    assert_eq!(fault(&bench.call(PATH, &fields("R2", "71")).await), "ERROR");
    assert_eq!(fault(&bench.call(PATH, &fields("R2", "70")).await), "");
    assert_eq!(fault(&bench.call(PATH, &fields("R3", "1")).await), "ERROR");
    assert_eq!(bench.query(NO).await["trade_state"], "REFUND");
    assert_eq!(bench.simulator.book()["trades"][0]["refunded_amount"], 100);
    let all = bench.call("/pay/refundquery", &[("out_trade_no", NO)]).await;
    assert_eq!((all["refund_count"].as_str(), all["out_refund_no_1"].as_str(), all["refund_fee_1"].as_str()), ("2", "R2", "70"));
    let rest = bench.call("/pay/refundquery", &[("out_trade_no", NO), ("offset", "1")]).await;
    assert_eq!(
        (rest["total_refund_count"].as_str(), rest["refund_count"].as_str(), rest["out_refund_no_0"].as_str()),
        ("2", "1", "R2")
    );
}

#[tokio::test]
async fn the_same_refund_again_is_the_same_refund() {
    let bench = Bench::new();
    paid(&bench, "ok").await;
    let one = bench.call(PATH, &fields("R1", "30")).await;
    let two = bench.call(PATH, &fields("R1", "30")).await;
    assert_eq!(one["refund_id"], two["refund_id"]);
    assert_eq!(fault(&bench.call(PATH, &fields("R1", "31")).await), "ERROR");
    assert_eq!(bench.simulator.book()["trades"][0]["refunded_amount"], 30);
}

#[tokio::test]
async fn a_refund_is_in_progress_and_then_through() {
    let bench = Bench::new();
    paid(&bench, "ok").await;
    bench.call(PATH, &fields("R1", "30")).await;
    assert_eq!(status(&bench, "R1").await, "PROCESSING");
    settle().await;
    bench.advance(3);
    settle().await;
    assert_eq!(status(&bench, "R1").await, "SUCCESS");
}

#[tokio::test]
async fn a_stuck_refund_waits_for_its_release() {
    let bench = Bench::new();
    paid(&bench, "refund_stuck").await;
    bench.call(PATH, &fields("R1", "30")).await;
    settle().await;
    bench.advance(3600);
    settle().await;
    assert_eq!(status(&bench, "R1").await, "PROCESSING");
    assert_eq!(bench.json("/wallet/refunds/release", json!({})).await.1["released"], 1);
    assert_eq!(status(&bench, "R1").await, "SUCCESS");
}

#[tokio::test]
async fn a_closed_refund_frees_its_money() {
    let bench = Bench::new();
    paid(&bench, "refund_stuck").await;
    bench.call(PATH, &fields("R1", "100")).await;
    let end = json!({ "out_refund_no": "R1", "status": "REFUNDCLOSE" });
    assert_eq!(bench.json("/wallet/wechat_v2/refunds", end.clone()).await.0, StatusCode::OK);
    assert_eq!(bench.json("/wallet/wechat_v2/refunds", end).await.0, StatusCode::CONFLICT);
    assert_eq!(status(&bench, "R1").await, "REFUNDCLOSE");
    assert_eq!(fault(&bench.call(PATH, &fields("R2", "100")).await), "");
}

#[tokio::test]
async fn impossible_refunds_are_refused() {
    let bench = Bench::new();
    assert_eq!(fault(&bench.call(PATH, &fields("R1", "30")).await), "ORDERNOTEXIST");
    bench.order(&[]).await;
    assert_eq!(fault(&bench.call(PATH, &fields("R1", "30")).await), "TRADE_STATE_ERROR");
    bench.pay(NO, "ok").await;
    for (changed, expected) in [
        (("total_fee", "101"), "PARAM_ERROR"),
        (("refund_fee", "0"), "PARAM_ERROR"),
        (("refund_fee", ""), "LACK_PARAMS"),
        (("out_refund_no", ""), "LACK_PARAMS"),
        (("out_refund_no", "R 1"), "PARAM_ERROR"),
        (("notify_url", "https://pay.example.com/n?x"), "PARAM_ERROR"),
        (("refund_account", "MINE"), "PARAM_ERROR"),
        (("transaction_id", "4200002024060100000000000001"), "ORDERNOTEXIST"),
        (("transaction_id", "!"), "INVALID_TRANSACTIONID"),
    ] {
        let mut all = fields("R1", "30");
        all.retain(|(name, _)| *name != changed.0);
        all.push(changed);
        assert_eq!(fault(&bench.call(PATH, &all).await), expected, "{changed:?}");
    }
    assert_eq!(fault(&bench.call("/pay/refundquery", &[("out_refund_no", "R1")]).await), "REFUNDNOTEXIST");
    assert_eq!(fault(&bench.call("/pay/refundquery", &[("out_trade_no", NO)]).await), "REFUNDNOTEXIST");
    bench.advance(366 * 24 * 3600);
    assert_eq!(fault(&bench.call(PATH, &fields("R1", "30")).await), "TRADE_OVERDUE");
}

#[tokio::test]
async fn without_a_certificate_there_is_only_a_page() {
    let clock = std::sync::Arc::new(crate::simulator::HandClock::at(super::NOON));
    let settings = Settings {
        demand_client_certificate: true,
        clock: std::sync::Arc::clone(&clock) as _,
        ..Settings::at("http://127.0.0.1:3100")
    };
    let bench = Bench::with(settings, clock);
    for path in [PATH, "/secapi/pay/reverse"] {
        let (code, body) = bench.post(path, bench.request(&fields("R1", "30"))).await;
        assert_eq!(code, StatusCode::BAD_REQUEST);
        assert!(body.starts_with(b"<html>"));
    }
    assert_eq!(fault(&bench.query(NO).await), "ORDERNOTEXIST");
}

#[tokio::test]
async fn the_sealed_notice_opens_with_the_merchants_key() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    paid(&bench, "no_notice").await;
    let mut all = fields("R1", "30");
    all.push(("notify_url", &receiver.url));
    bench.call(PATH, &all).await;
    let notice = xml::read(&receiver.wait_for(1).await[0], "xml").expect("XML");
    assert!(!notice.contains_key("sign"));
    let sealed = base64::engine::general_purpose::STANDARD.decode(&notice["req_info"]).expect("base64");
    let key = hex::encode(Md5::digest(bench.key.as_bytes()));
    let plain = ecb::Decryptor::<Aes256>::new_from_slice(key.as_bytes())
        .expect("a key")
        .decrypt_padded_vec_mut::<Pkcs7>(&sealed)
        .expect("padding");
    let inner = xml::read(&plain, "root").expect("XML");
    let of = |name: &str| inner[name].as_str();
    assert_eq!((of("refund_status"), of("refund_fee"), of("total_fee"), of("out_refund_no")), ("SUCCESS", "30", "100", "R1"));
}
