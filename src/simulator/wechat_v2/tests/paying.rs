//! The wallet's side: who may pay what and when, and what the merchant sees by query.

use super::{Bench, fault};
use axum::http::StatusCode;
use serde_json::json;

const NO: &str = "CS20240601000001";

#[tokio::test]
async fn a_paid_order_is_paid_once() {
    let bench = Bench::new();
    let order = bench.order(&[("attach", "a,b")]).await;
    assert_eq!(bench.query(NO).await["trade_state"], "NOTPAY");
    let (status, receipt) = bench.pay(&order["code_url"], "ok").await;
    assert_eq!((status, &receipt["ok"], &receipt["amount"]), (StatusCode::OK, &json!(true), &json!(100)));
    let query = bench.query(NO).await;
    assert_eq!((query["trade_state"].as_str(), query["total_fee"].as_str(), query["attach"].as_str()), ("SUCCESS", "100", "a,b"));
    assert_eq!(query["transaction_id"], receipt["trade_no"].as_str().expect("a number"));
    assert_eq!(query["time_end"], "20240601120000");
    assert_eq!(bench.pay(&order["code_url"], "ok").await.1["error"], "already_paid");
    assert_eq!(fault(&bench.call("/pay/closeorder", &[("out_trade_no", NO)]).await), "ORDERPAID");
    assert_eq!(fault(&bench.order(&[("attach", "a,b")]).await), "ORDERPAID");
    let by_id = bench.call("/pay/orderquery", &[("transaction_id", &query["transaction_id"])]).await;
    assert_eq!(by_id["out_trade_no"], NO);
}

#[tokio::test]
async fn every_text_a_payer_may_have_finds_the_trade() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    for code in
        [order["code_url"].clone(), order["prepay_id"].clone(), format!("prepay_id={}", order["prepay_id"]), NO.to_owned()]
    {
        let (status, answer) = bench.pay(&format!(" {code}\n"), "fail").await;
        assert_eq!((status, &answer["ok"], &answer["state"]), (StatusCode::OK, &json!(false), &json!("failed")), "{code}");
    }
    assert_eq!(bench.query(NO).await["trade_state"], "NOTPAY");
    assert_eq!(bench.pay("weixin://wxpay/bizpayurl?pr=nobody", "ok").await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.pay(NO, "sometimes").await.0, StatusCode::BAD_REQUEST);
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
    assert_eq!(fault(&bench.call("/pay/closeorder", &[("out_trade_no", NO)]).await), "");
    let (status, _) = bench.pay(&order["code_url"], "late").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn an_order_belongs_to_its_first_payer() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    let as_payer = |account: &'static str, behaviour: &'static str| {
        bench.json("/wallet/pay", json!({ "code": order["code_url"], "account": account, "behaviour": behaviour }))
    };
    as_payer("xiaoming", "fail").await;
    assert_eq!(as_payer("xiaohong", "ok").await.1["error"], "other_payer");
    assert_eq!(as_payer("xiaoming", "ok").await.1["ok"], true);
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
    assert_eq!(bench.query(NO).await["total_fee"], "99");
    let book = bench.simulator.book();
    assert_eq!((&book["trades"][0]["amount"], &book["trades"][0]["paid_amount"]), (&json!(100), &json!(99)));
}

#[tokio::test]
async fn coupons_lower_cash_and_settlement_but_not_the_total() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.json("/wallet/pay", json!({ "code": order["code_url"], "account": "coupons" })).await;
    let query = bench.query(NO).await;
    let of = |name: &str| query[name].as_str();
    assert_eq!((of("total_fee"), of("cash_fee"), of("coupon_fee"), of("settlement_total_fee")), ("100", "80", "20", "90"));
    assert_eq!((of("coupon_count"), of("coupon_type_0"), of("coupon_type_1")), ("2", "CASH", "NO_CASH"));
}

#[tokio::test]
async fn while_a_password_is_typed_the_order_cannot_be_closed() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    let (_, receipt) = bench.pay(&order["code_url"], "password").await;
    assert_eq!((&receipt["ok"], &receipt["state"]), (&json!(false), &json!("paying")));
    assert_eq!(bench.query(NO).await["trade_state"], "USERPAYING");
    assert_eq!(fault(&bench.call("/pay/closeorder", &[("out_trade_no", NO)]).await), "FREQUENCY_LIMITED");
    tokio::task::yield_now().await;
    bench.advance(10);
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn down_lasts_for_a_while_and_only_for_its_trade() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    bench.order(&[("out_trade_no", "OTHER-1")]).await;
    bench.pay(&order["code_url"], "down").await;
    let body = bench.request(&[("out_trade_no", NO)]);
    assert_eq!(bench.post("/pay/orderquery", body.clone()).await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(bench.query("OTHER-1").await["trade_state"], "NOTPAY");
    bench.advance(60);
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn the_h5_page_leads_to_the_wallet_while_its_link_is_young() {
    let bench = Bench::new();
    let scene = r#"{"h5_info":{"type":"Wap","wap_url":"https://pay.example.com","wap_name":"Example"}}"#;
    let order = bench.order(&[("trade_type", "MWEB"), ("scene_info", scene)]).await;
    let link = format!("{}&redirect_url=https%3A%2F%2Fshop.example.com%2Fback%3Fa%3D1", order["mweb_url"]);
    let path = link.strip_prefix("http://127.0.0.1:3100").expect("own origin").to_owned();
    let get = || bench.raw(axum::http::Request::get(path.as_str()).body(axum::body::Body::empty()).expect("request"));
    let page = String::from_utf8(get().await.1.to_vec()).expect("text");
    assert!(page.contains("/wallet?code=") && page.contains("https://shop.example.com/back?a=1"), "{page}");
    let (_, receipt) = bench.pay(&link, "fail").await;
    assert_eq!(receipt["return_url"], "https://shop.example.com/back?a=1");
    bench.advance(5 * 60);
    assert_eq!(bench.pay(&link, "ok").await.1["error"], "expired");
    let page = String::from_utf8(get().await.1.to_vec()).expect("text");
    assert!(!page.contains("/wallet?code=") && page.contains("支付请求已失效"), "{page}");
}
