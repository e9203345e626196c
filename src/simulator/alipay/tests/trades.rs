//! Trades: when they come into being, when they end, and what is said about them.

use super::stage::{NOON, Scene, at, order, page_order};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_precreated_trade_exists_only_once_scanned() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "88.88", None).await;
    assert!(code.starts_with("https://qr.alipay.com/bax"));
    assert_eq!(merchant.status("N1").await, "ACQ.TRADE_NOT_EXIST");
    let node = merchant.call("alipay.trade.close", json!({ "out_trade_no": "N1" })).await;
    assert_eq!(node["sub_code"], "ACQ.TRADE_NOT_EXIST");
    let receipt = scene.pay(&code, "ok").await.expect("paid");
    assert!(receipt.ok);
    let node = merchant.call("alipay.trade.query", json!({ "out_trade_no": "N1", "query_options": ["fund_bill_list"] })).await;
    assert_eq!(node["trade_status"], "TRADE_SUCCESS");
    assert_eq!(node["total_amount"], "88.88");
    assert_eq!(node["send_pay_date"], at(0));
    assert_eq!(node["trade_no"].as_str().map(str::len), Some(28));
    assert_eq!(node["fund_bill_list"], json!([{ "amount": "88.88", "fund_channel": "ALIPAYACCOUNT" }]));
    assert_eq!(scene.pay(&code, "ok").await.expect_err("once").code, "paid");
}

#[tokio::test]
async fn a_code_outlives_the_close_that_found_no_trade() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    merchant.call("alipay.trade.close", json!({ "out_trade_no": "N1" })).await;
    assert!(scene.pay(&code, "ok").await.expect("still payable").ok);
}

#[tokio::test]
async fn precreating_again_gives_the_same_code_until_the_data_changes() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let first = merchant.precreate("N1", "1.00", None).await;
    assert_eq!(merchant.precreate("N1", "1.00", None).await, first);
    let second = merchant.precreate("N1", "2.00", None).await;
    assert_ne!(second, first);
    assert_eq!(scene.pay(&first, "ok").await.expect_err("replaced").code, "unknown_code");
    assert!(!scene.pay(&second, "fail").await.expect("tried").ok);
    let node = merchant.call("alipay.trade.precreate", order("N1", "3.00")).await;
    assert_eq!(node["sub_code"], "ACQ.CONTEXT_INCONSISTENT");
    scene.pay(&second, "ok").await.expect("paid");
    let node = merchant.call("alipay.trade.precreate", order("N1", "2.00")).await;
    assert_eq!(node["sub_code"], "ACQ.TRADE_HAS_SUCCESS");
}

#[tokio::test]
async fn the_deadline_closes_an_open_trade_and_spends_the_code() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = order("N1", "1.00");
    biz["time_expire"] = at(60_000).into();
    biz["timeout_express"] = "2h".into();
    let code = merchant.call("alipay.trade.precreate", biz).await["qr_code"].as_str().expect("a code").to_owned();
    assert!(!scene.pay(&code, "fail").await.expect("tried").ok);
    assert_eq!(merchant.status("N1").await, "WAIT_BUYER_PAY");
    scene.advance(Duration::from_secs(60)).await;
    assert_eq!(merchant.status("N1").await, "TRADE_CLOSED");
    assert_eq!(scene.pay(&code, "ok").await.expect_err("over").code, "closed");
    assert!(scene.pay(&code, "late").await.expect("wins the race").ok);
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
}

#[tokio::test]
async fn a_code_that_was_never_scanned_runs_out() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.advance(Duration::from_secs(2 * 60 * 60)).await;
    assert_eq!(scene.pay(&code, "ok").await.expect_err("over").code, "expired");
    assert_eq!(merchant.status("N1").await, "ACQ.TRADE_NOT_EXIST");
}

#[tokio::test]
async fn closing_is_for_trades_that_wait() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = order("N1", "1.00");
    biz["buyer_id"] = "2088102146225135".into();
    let trade_no = merchant.call("alipay.trade.create", biz.clone()).await["trade_no"].clone();
    assert_eq!(merchant.status("N1").await, "WAIT_BUYER_PAY");
    let node = merchant.call("alipay.trade.close", json!({ "trade_no": trade_no })).await;
    assert_eq!(node["out_trade_no"], "N1");
    assert_eq!(merchant.status("N1").await, "TRADE_CLOSED");
    assert_eq!(merchant.call("alipay.trade.close", json!({ "trade_no": trade_no })).await["sub_code"], "ACQ.TRADE_STATUS_ERROR");
    assert_eq!(merchant.call("alipay.trade.create", biz).await["sub_code"], "ACQ.TRADE_HAS_CLOSE");
}

#[tokio::test]
async fn creating_needs_a_buyer_who_is_not_the_seller() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    assert_eq!(merchant.call("alipay.trade.create", order("N1", "1.00")).await["sub_code"], "ACQ.INVALID_PARAMETER");
    let mut biz = order("N1", "1.00");
    biz["buyer_id"] = merchant.seller_id.clone().into();
    assert_eq!(merchant.call("alipay.trade.create", biz).await["sub_code"], "ACQ.BUYER_SELLER_EQUAL");
}

#[tokio::test]
async fn a_created_trade_is_paid_by_its_number() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = order("N1", "1.00");
    biz["buyer_open_id"] = "somebody".into();
    let trade_no = merchant.call("alipay.trade.create", biz).await["trade_no"].as_str().expect("a number").to_owned();
    assert!(scene.pay(&trade_no, "ok").await.expect("paid").ok);
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
}

#[tokio::test]
async fn an_order_string_and_a_page_address_are_codes_of_the_wallet() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = order("N1", "1.00");
    biz["product_code"] = "QUICK_MSECURITY_PAY".into();
    let order_string = merchant.signed_query("alipay.trade.app.pay", &biz, &[]);
    assert!(scene.pay(&order_string, "ok").await.expect("paid").ok);
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
    let address = format!(
        "http://127.0.0.1:3100/gateway.do?{}",
        merchant.signed_query("alipay.trade.page.pay", &page_order("N2", "1.00"), &[])
    );
    assert_eq!(merchant.status("N2").await, "ACQ.TRADE_NOT_EXIST");
    assert!(scene.pay(&address, "ok").await.expect("paid").ok);
    assert_eq!(merchant.status("N2").await, "TRADE_SUCCESS");
    let forged = address.replace("1.00", "0.01");
    assert_eq!(scene.pay(&forged, "ok").await.expect_err("forged").code, "unknown_code");
}

#[tokio::test]
async fn a_wrong_amount_is_reported_by_query_too() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "88.88", None).await;
    scene.pay(&code, "wrong_amount").await.expect("paid");
    let node = merchant.call("alipay.trade.query", json!({ "out_trade_no": "N1" })).await;
    assert_eq!((node["trade_status"].as_str(), node["total_amount"].as_str()), (Some("TRADE_SUCCESS"), Some("88.87")));
}

#[tokio::test]
async fn a_trade_is_finished_when_it_can_no_longer_be_refunded() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    scene.advance(Duration::from_secs(90 * 24 * 60 * 60)).await;
    assert_eq!(merchant.status("N1").await, "TRADE_FINISHED");
    assert_eq!(merchant.refund("N1", "1.00", "R1").await["sub_code"], "ACQ.TRADE_HAS_FINISHED");
}

#[tokio::test]
async fn down_breaks_calls_about_its_trade_only() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "down").await.expect("paid");
    let mut params = merchant.params("alipay.trade.query", &json!({ "out_trade_no": "N1" }));
    merchant.sign(&mut params);
    assert!(merchant.send(params).await.contains("502 Bad Gateway"));
    assert_eq!(merchant.status("N2").await, "ACQ.TRADE_NOT_EXIST");
    scene.advance(Duration::from_secs(60)).await;
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
}

#[tokio::test]
async fn the_book_shows_what_happened() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "10.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    merchant.refund("N1", "4.00", "R1").await;
    let trade = scene.simulator.book()["trades"][0].clone();
    assert_eq!(trade["out_trade_no"], "N1");
    assert_eq!(trade["state"], "paid");
    assert_eq!((trade["amount"].as_i64(), trade["refunded_amount"].as_i64()), (Some(1000), Some(400)));
    assert_eq!(trade["paid_at"], NOON);
    assert_eq!(trade["refunds"][0]["state"], "succeeded");
}
