//! Refunds: the books, discounts, repeats, operators, certificates.

use super::{Bench, NO, fault};
use crate::simulator::{HandClock, Settings};
use axum::http::StatusCode;
use serde_json::json;
use std::sync::Arc;

async fn paid(bench: &Bench, behaviour: &str) {
    let order = bench.order(&[]).await;
    bench.pay(&order["code_url"], behaviour).await;
}

fn fields<'a>(number: &'a str, fee: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("out_trade_no", NO), ("out_refund_no", number), ("refund_fee", fee)]
}

async fn refund(bench: &Bench, number: &str, fee: &str) -> super::Fields {
    bench.operate("refund", &fields(number, fee)).await
}

async fn status(bench: &Bench, number: &str) -> String {
    bench.call("refund_query", &[("out_refund_no", number)]).await["refund_status_0"].clone()
}

async fn end(bench: &Bench, number: &str, status: &str) -> StatusCode {
    bench.json("/wallet/qq/refunds", json!({ "out_refund_no": number, "status": status })).await.0
}

#[tokio::test]
async fn refunds_never_exceed_what_was_paid() {
    let bench = Bench::new();
    paid(&bench, "ok").await;
    let first = refund(&bench, "R1", "300").await;
    assert_eq!((fault(&first), first["refund_fee"].as_str(), first["total_fee"].as_str()), ("", "300", "888"));
    assert_eq!(first["refund_id"].len(), 28);
    assert_eq!(fault(&refund(&bench, "R2", "589").await), "PARAM_ERROR");
    assert_eq!(fault(&refund(&bench, "R2", "588").await), "");
    assert_eq!(fault(&refund(&bench, "R3", "1").await), "PARAM_ERROR");
    assert_eq!(bench.query(NO).await["trade_state"], "REFUND");
    assert_eq!(bench.simulator.book()["trades"][0]["refunded_amount"], 888);
    let all = bench.call("refund_query", &[("out_trade_no", NO)]).await;
    let of = |name: &str| all[name].as_str();
    assert_eq!((of("out_refund_no_0"), of("out_refund_no_1"), of("refund_fee_1")), ("R1", "R2", "588"));
    assert!(!all.contains_key("out_refund_no_2"));
}

#[tokio::test]
async fn the_wallets_discount_goes_home_first() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.json("/wallet/pay", json!({ "code": order["code_url"], "account": "coupons" })).await;
    for (number, fee) in [("R1", "50"), ("R2", "50"), ("R3", "788")] {
        assert_eq!(fault(&refund(&bench, number, fee).await), "", "{number}");
    }
    let mut parts = Vec::new();
    for number in ["R1", "R2", "R3"] {
        let query = bench.call("refund_query", &[("out_refund_no", number)]).await;
        parts.push((query["coupon_refund_fee_0"].clone(), query["cash_refund_fee_0"].clone()));
    }
    let expected = [("50", "0"), ("38", "12"), ("0", "788")].map(|(c, m)| (c.to_owned(), m.to_owned()));
    assert_eq!(parts, expected);
}

#[tokio::test]
async fn the_same_refund_again_is_the_same_refund() {
    let bench = Bench::new();
    paid(&bench, "ok").await;
    let one = refund(&bench, "R1", "30").await;
    let two = refund(&bench, "R1", "30").await;
    assert_eq!(one["refund_id"], two["refund_id"]);
    assert_eq!(fault(&refund(&bench, "R1", "31").await), "PARAM_ERROR");
    assert_eq!(bench.simulator.book()["trades"][0]["refunded_amount"], 30);
}

#[tokio::test]
async fn a_refund_is_in_progress_and_then_through() {
    let bench = Bench::new();
    paid(&bench, "ok").await;
    refund(&bench, "R1", "30").await;
    assert_eq!(status(&bench, "R1").await, "PROCESSING");
    bench.pass(3).await;
    assert_eq!(status(&bench, "R1").await, "SUCCESS");
}

#[tokio::test]
async fn a_stuck_refund_waits_for_its_release() {
    let bench = Bench::new();
    paid(&bench, "refund_stuck").await;
    refund(&bench, "R1", "30").await;
    bench.pass(3600).await;
    assert_eq!(status(&bench, "R1").await, "PROCESSING");
    assert_eq!(bench.json("/wallet/refunds/release", json!({})).await.1["released"], 1);
    assert_eq!(status(&bench, "R1").await, "SUCCESS");
}

#[tokio::test]
async fn a_failed_refund_frees_its_money_and_is_tried_again_under_its_number() {
    let bench = Bench::new();
    paid(&bench, "refund_stuck").await;
    let first = refund(&bench, "R1", "888").await;
    assert_eq!(end(&bench, "R1", "FAIL").await, StatusCode::OK);
    assert_eq!(end(&bench, "R1", "FAIL").await, StatusCode::CONFLICT);
    assert_eq!(status(&bench, "R1").await, "FAIL");
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
    let again = refund(&bench, "R1", "888").await;
    assert_eq!((fault(&again), &again["refund_id"]), ("", &first["refund_id"]));
    assert_eq!(status(&bench, "R1").await, "PROCESSING");
    assert_eq!(end(&bench, "R1", "CHANGE").await, StatusCode::OK);
    assert_eq!(status(&bench, "R1").await, "CHANGE");
    assert_eq!(fault(&refund(&bench, "R2", "1").await), "PARAM_ERROR", "that money has left the trade");
    assert_eq!(end(&bench, "R1", "PAID").await, StatusCode::BAD_REQUEST);
    assert_eq!(end(&bench, "R9", "FAIL").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_an_operator_with_the_password_gives_money_back() {
    let bench = Bench::new();
    paid(&bench, "ok").await;
    assert_eq!(fault(&bench.call("refund", &fields("R1", "30")).await), "LACK_PARAMS");
    for wrong in
        [("op_user_id", "somebody"), ("op_user_passwd", "96e79218965eb72c92a549dd5a330112"), ("op_user_passwd", "111111")]
    {
        let reply = bench.operate("refund", &[fields("R1", "30"), vec![wrong]].concat()).await;
        assert_eq!(fault(&reply), "PARAM_ERROR", "{wrong:?}");
    }
    let mch_id = bench.mch_id.clone();
    let reply = bench.operate("refund", &[fields("R1", "30"), vec![("op_user_id", mch_id.as_str())]].concat()).await;
    assert_eq!(fault(&reply), "", "the merchant's number itself is one");
}

#[tokio::test]
async fn impossible_refunds_are_refused() {
    let bench = Bench::new();
    assert_eq!(fault(&refund(&bench, "R1", "30").await), "ORDERNOTEXIST");
    bench.order(&[]).await;
    assert_eq!(fault(&refund(&bench, "R1", "30").await), "PARAM_ERROR");
    bench.pay(NO, "ok").await;
    let long = "R".repeat(33);
    for (changed, expected) in [
        (("refund_fee", "0"), "PARAM_ERROR"),
        (("refund_fee", ""), "LACK_PARAMS"),
        (("out_refund_no", ""), "LACK_PARAMS"),
        (("out_refund_no", "R 1"), "PARAM_ERROR"),
        (("out_refund_no", long.as_str()), "PARAM_ERROR"),
        (("refund_account", "MINE"), "PARAM_ERROR"),
        (("transaction_id", "1353933301461607211903715555"), "ORDERNOTEXIST"),
        (("transaction_id", "!"), "PARAM_ERROR"),
    ] {
        let mut all = fields("R1", "30");
        all.retain(|(name, _)| *name != changed.0);
        all.push(changed);
        assert_eq!(fault(&bench.operate("refund", &all).await), expected, "{changed:?}");
    }
    assert_eq!(fault(&bench.call("refund_query", &[("out_refund_no", "R1")]).await), "REFUNDNOTEXIST");
    assert_eq!(fault(&bench.call("refund_query", &[("out_trade_no", NO)]).await), "REFUNDNOTEXIST");
    let id = bench.query(NO).await["transaction_id"].clone();
    bench.advance(366 * 24 * 3600);
    let late = [("transaction_id", id.as_str()), ("out_refund_no", "R1"), ("refund_fee", "30")];
    assert_eq!(fault(&bench.operate("refund", &late).await), "PARAM_ERROR");
}

#[tokio::test]
async fn without_a_certificate_there_is_only_a_page() {
    let clock = Arc::new(HandClock::at(super::NOON));
    let settings =
        Settings { demand_client_certificate: true, clock: Arc::clone(&clock) as _, ..Settings::at("http://127.0.0.1:3100") };
    let bench = Bench::with(settings, clock);
    for path in ["/cgi-bin/pay/qpay_refund.cgi", "/cgi-bin/pay/qpay_reverse.cgi"] {
        let (code, body) = bench.post(path, bench.request(&fields("R1", "30"))).await;
        assert_eq!(code, StatusCode::BAD_REQUEST);
        assert!(body.starts_with(b"<html>"));
    }
    assert_eq!(fault(&bench.query(NO).await), "ORDERNOTEXIST");
}
