//! Payment codes: single use, short-lived, and every outcome of the call.

use super::super::bar::REFUSED;
use super::stage::{Merchant, Scene, order};
use serde_json::{Value, json};
use std::time::Duration;

async fn pay(merchant: &Merchant, number: &str, code: &str) -> Value {
    let mut biz = order(number, "8.88");
    biz["scene"] = "bar_code".into();
    biz["auth_code"] = code.into();
    merchant.call("alipay.trade.pay", biz).await
}

#[tokio::test]
async fn a_code_pays_once() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = scene.bar_code("ok").await;
    assert!(code.starts_with("28") && code.len() == 18, "{code}");
    let node = pay(&merchant, "N1", &code).await;
    assert_eq!(node["code"], "10000");
    assert_eq!(node["receipt_amount"], "8.88");
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
    assert_eq!(pay(&merchant, "N1", &code).await["sub_code"], "ACQ.TRADE_HAS_SUCCESS");
    assert_eq!(pay(&merchant, "N2", &code).await["sub_code"], "ACQ.PAYMENT_AUTH_CODE_INVALID");
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = scene.bar_code("ok").await;
    scene.advance(Duration::from_secs(60)).await;
    assert_eq!(pay(&merchant, "N1", &code).await["sub_code"], "ACQ.PAYMENT_AUTH_CODE_INVALID");
    assert_eq!(merchant.status("N1").await, "ACQ.TRADE_NOT_EXIST");
    for bad in ["2812345", "311234567890123456", "28123456789012345x"] {
        assert_eq!(pay(&merchant, "N1", bad).await["sub_code"], "ACQ.PAYMENT_AUTH_CODE_INVALID");
    }
}

#[tokio::test]
async fn a_password_is_waited_for() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = scene.bar_code("password").await;
    let node = pay(&merchant, "N1", &code).await;
    assert_eq!(node["code"], "10003");
    assert_eq!(merchant.status("N1").await, "WAIT_BUYER_PAY");
    scene.advance(Duration::from_secs(10)).await;
    for _ in 0..100 {
        if merchant.status("N1").await == "TRADE_SUCCESS" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the password never came");
}

#[tokio::test]
async fn a_cancelled_trade_is_not_paid_by_a_late_password() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    pay(&merchant, "N1", &scene.bar_code("password").await).await;
    assert_eq!(merchant.call("alipay.trade.cancel", json!({ "out_trade_no": "N1" })).await["action"], "close");
    scene.advance(Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(merchant.status("N1").await, "TRADE_CLOSED");
}

#[tokio::test]
async fn a_failed_code_leaves_no_trade() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = scene.bar_code("fail").await;
    assert_eq!(pay(&merchant, "N1", &code).await["sub_code"], "ACQ.BUYER_BALANCE_NOT_ENOUGH");
    assert_eq!(merchant.status("N1").await, "ACQ.TRADE_NOT_EXIST");
    assert_eq!(pay(&merchant, "N1", &scene.bar_code("ok").await).await["code"], "10000");
}

#[tokio::test]
async fn fixed_codes_always_end_the_same_way() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    assert_eq!(pay(&merchant, "A1", "280000000000000001").await["code"], "10000");
    assert_eq!(pay(&merchant, "A2", "280000000000000002").await["code"], "10003");
    assert_eq!(pay(&merchant, "A3", "280000000000000003").await["code"], "10003");
    assert_eq!(pay(&merchant, "A4", "280000000000000004").await["code"], "20000");
    assert_eq!(merchant.status("A4").await, "ACQ.TRADE_NOT_EXIST");
    assert_eq!(pay(&merchant, "A5", "280000000000000005").await["code"], "20000");
    assert_eq!(merchant.status("A5").await, "TRADE_SUCCESS");
    for (n, name) in REFUSED.iter().enumerate() {
        let node = pay(&merchant, "A6", &format!("2800000000000000{:02}", n + 10)).await;
        assert_eq!(node["sub_code"], format!("ACQ.{name}"));
    }
}

#[tokio::test]
async fn down_breaks_the_answer_after_the_money_moved() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = order("N1", "1.00");
    biz["scene"] = "bar_code".into();
    biz["auth_code"] = scene.bar_code("down").await.into();
    let mut params = merchant.params("alipay.trade.pay", &biz);
    merchant.sign(&mut params);
    assert!(merchant.send(params).await.contains("502 Bad Gateway"));
    scene.advance(Duration::from_secs(60)).await;
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
}
