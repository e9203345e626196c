//! The wallet's side: who may pay what and when, and what the merchant sees by query.

use super::{Bench, NO, fault};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_paid_order_is_paid_once() {
    let bench = Bench::new();
    let order = bench.order(&[("attach", "a,b"), ("device_info", "WP00000001")]).await;
    let (status, receipt) = bench.pay(&order["code_url"], "ok").await;
    assert_eq!((status, &receipt["ok"], &receipt["amount"]), (StatusCode::OK, &json!(true), &json!(888)));
    let query = bench.query(NO).await;
    let of = |name: &str| query[name].as_str();
    assert_eq!((of("trade_state"), of("total_fee"), of("cash_fee"), of("attach")), ("SUCCESS", "888", "888", "a,b"));
    assert_eq!((of("device_info"), of("time_end"), of("fee_type")), ("WP00000001", "20240601120000", "CNY"));
    assert_eq!((of("transaction_id").len(), receipt["trade_no"].as_str()), (28, Some(of("transaction_id"))));
    assert_eq!(bench.pay(&order["code_url"], "ok").await.1["error"], "already_paid");
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", NO)]).await), "ORDERPAID");
    assert_eq!(fault(&bench.order(&[("attach", "a,b"), ("device_info", "WP00000001")]).await), "ORDERPAID");
    let by_id = bench.call("order_query", &[("transaction_id", of("transaction_id"))]).await;
    assert_eq!(by_id["out_trade_no"], NO);
}

#[tokio::test]
async fn every_text_a_payer_may_have_finds_the_trade() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    let token = &order["prepay_id"];
    for code in [
        order["code_url"].clone(),
        order["code_url"].replace("http://127.0.0.1:3100", "https://qpay.qq.com"),
        format!("https://myun.tenpay.com/mqq/pay/qrcode.html?_wv=1027&_bid=2183&t={token}"),
        token.clone(),
        format!("prepay_id={token}"),
        NO.to_owned(),
    ] {
        let (status, answer) = bench.pay(&format!(" {code}\n"), "fail").await;
        assert_eq!((status, &answer["ok"], &answer["state"]), (StatusCode::OK, &json!(false), &json!("failed")), "{code}");
    }
    assert_eq!(bench.query(NO).await["trade_state"], "NOTPAY");
    for stranger in ["http://127.0.0.1:3100/qr/00000000", "https://qpay.qq.com/", "https://qpay.qq.com", "nothing"] {
        assert_eq!(bench.pay(stranger, "ok").await.0, StatusCode::NOT_FOUND, "{stranger}");
    }
}

#[tokio::test]
async fn a_browser_that_opens_a_code_is_led_into_the_wallet() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    let path = order["code_url"].strip_prefix("http://127.0.0.1:3100").expect("own origin").to_owned();
    for path in [path, format!("/mqq/pay/qrcode.html?_wv=1027&_bid=2183&t={}", order["prepay_id"])] {
        let response =
            tower::ServiceExt::oneshot(bench.router.clone(), Request::get(&path).body(Body::empty()).expect("request"));
        let response = response.await.expect("routes");
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let to = response.headers()["location"].to_str().expect("text");
        let to = to.strip_prefix("http://127.0.0.1:3100").expect("own origin");
        let (status, page) = bench.raw(Request::get(to).body(Body::empty()).expect("request")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(String::from_utf8_lossy(&page).contains("8.88"), "{path}");
    }
}

#[tokio::test]
async fn codes_die_after_two_hours_while_the_order_lives() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.advance(2 * 3600);
    assert_eq!(bench.pay(&order["code_url"], "ok").await.1["error"], "expired");
    let again = bench.order(&[]).await;
    assert_eq!(bench.pay(&again["code_url"], "ok").await.0, StatusCode::OK);
}

#[tokio::test]
async fn late_money_arrives_after_the_close() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", NO)]).await), "");
    assert_eq!(bench.pay(&order["code_url"], "late").await.0, StatusCode::OK);
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn a_payer_without_money_pays_nothing() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    let (status, answer) = bench.json("/wallet/pay", json!({ "code": order["code_url"], "account": "poor" })).await;
    assert_eq!((status, &answer["error"]), (StatusCode::CONFLICT, &json!("not_enough")));
    assert_eq!(bench.query(NO).await["trade_state"], "NOTPAY");
}

#[tokio::test]
async fn a_wrong_amount_shows_in_query_and_book() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.pay(&order["code_url"], "wrong_amount").await;
    assert_eq!(bench.query(NO).await["total_fee"], "887");
    let book = bench.simulator.book();
    assert_eq!((&book["trades"][0]["amount"], &book["trades"][0]["paid_amount"]), (&json!(888), &json!(887)));
}

#[tokio::test]
async fn a_discount_of_the_wallet_lowers_the_cash_and_not_the_total() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.json("/wallet/pay", json!({ "code": order["code_url"], "account": "coupons" })).await;
    let query = bench.query(NO).await;
    let of = |name: &str| query[name].as_str();
    assert_eq!((of("total_fee"), of("cash_fee"), of("coupon_fee")), ("888", "800", "88"));
}

#[tokio::test]
async fn while_a_password_is_typed_the_order_cannot_be_closed() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    let (_, receipt) = bench.pay(&order["code_url"], "password").await;
    assert_eq!((&receipt["ok"], &receipt["state"]), (&json!(false), &json!("paying")));
    assert_eq!(bench.query(NO).await["trade_state"], "USERPAYING");
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", NO)]).await), "USERPAYING");
    bench.pass(10).await;
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn down_lasts_for_a_while_and_only_for_its_trade() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.order(&[("out_trade_no", "OTHER-1")]).await;
    bench.pay(&order["code_url"], "down").await;
    let (status, _) = bench.post("/cgi-bin/pay/qpay_order_query.cgi", bench.request(&[("out_trade_no", NO)])).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert_eq!(bench.query("OTHER-1").await["trade_state"], "NOTPAY");
    bench.advance(60);
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn after_thirty_days_only_the_providers_number_finds_a_payment() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.pay(&order["code_url"], "ok").await;
    let id = bench.query(NO).await["transaction_id"].clone();
    bench.operate("refund", &[("out_trade_no", NO), ("out_refund_no", "R1"), ("refund_fee", "1")]).await;
    bench.advance(30 * 24 * 3600 - 1);
    assert_eq!(fault(&bench.query(NO).await), "");
    bench.advance(1);
    let refund = [("out_refund_no", "R2"), ("refund_fee", "1")];
    assert_eq!(fault(&bench.query(NO).await), "PARAM_ERROR");
    assert_eq!(fault(&bench.operate("refund", &[&refund[..], &[("out_trade_no", NO)]].concat()).await), "PARAM_ERROR");
    assert_eq!(fault(&bench.call("refund_query", &[("out_refund_no", "R1")]).await), "PARAM_ERROR");
    let by_id = ("transaction_id", id.as_str());
    assert_eq!(fault(&bench.call("order_query", &[by_id]).await), "");
    assert_eq!(fault(&bench.operate("refund", &[&refund[..], &[by_id]].concat()).await), "");
    assert_eq!(fault(&bench.call("refund_query", &[("out_refund_no", "R1"), by_id]).await), "");
}
