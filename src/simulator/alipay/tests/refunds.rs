//! Refunds: idempotent by number, cumulative in `refund_fee`, and each error of the table.

use super::stage::{Scene, order};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_refund_number_moves_money_once() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "100.00", None).await;
    assert_eq!(merchant.refund("N1", "1.00", "R1").await["sub_code"], "ACQ.TRADE_NOT_EXIST");
    scene.pay(&code, "ok").await.expect("paid");
    // number, amount, fund_change or sub code, cumulative fee
    for (number, amount, outcome, fee) in [
        ("", "30.00", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", ""),
        ("R1", "30.00", "Y", "30.00"),
        ("R1", "30.00", "N", "30.00"),
        ("R1", "30", "N", "30.00"),
        ("R1", "31.00", "ACQ.DISCORDANT_REPEAT_REQUEST", ""),
        ("R2", "70.01", "ACQ.REASON_TRADE_REFUND_FEE_ERR", ""),
        ("R2", "20.00", "Y", "50.00"),
        ("R1", "30.00", "N", "50.00"),
        ("R3", "50.00", "Y", "100.00"),
        ("R3", "50.00", "N", "100.00"),
        ("R4", "0.01", "ACQ.TRADE_HAS_CLOSE", ""),
    ] {
        let node = merchant.refund("N1", amount, number).await;
        let seen = node["fund_change"].as_str().or(node["sub_code"].as_str()).unwrap_or_default();
        assert_eq!((seen, node["refund_fee"].as_str().unwrap_or_default()), (outcome, fee), "{number} {amount}: {node}");
    }
    assert_eq!(merchant.status("N1").await, "TRADE_CLOSED");
}

#[tokio::test]
async fn without_a_number_only_everything_goes_back() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    assert_eq!(merchant.refund("N1", "1.00", "").await["fund_change"], "Y");
    let node = merchant.call("alipay.trade.fastpay.refund.query", json!({ "out_trade_no": "N1", "out_request_no": "N1" })).await;
    assert_eq!(node["refund_status"], "REFUND_SUCCESS");
    assert_eq!(merchant.refund("N1", "1.00", "").await["fund_change"], "N");
}

#[tokio::test]
async fn only_a_paid_trade_is_refunded() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = order("N1", "1.00");
    biz["buyer_id"] = "2088102146225135".into();
    merchant.call("alipay.trade.create", biz).await;
    assert_eq!(merchant.refund("N1", "1.00", "R1").await["sub_code"], "ACQ.TRADE_STATUS_ERROR");
    merchant.call("alipay.trade.close", json!({ "out_trade_no": "N1" })).await;
    assert_eq!(merchant.refund("N1", "1.00", "R1").await["sub_code"], "ACQ.TRADE_HAS_CLOSE");
    for bad in ["0.00", "1.001", "-1.00", "x"] {
        assert_eq!(merchant.refund("N1", bad, "R1").await["sub_code"], "ACQ.INVALID_PARAMETER");
    }
}

#[tokio::test]
async fn the_refund_query_says_nothing_of_what_did_not_happen() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    let ask = json!({ "out_trade_no": "N1", "out_request_no": "R1" });
    let node = merchant.call("alipay.trade.fastpay.refund.query", ask.clone()).await;
    assert_eq!(node, json!({ "code": "10000", "msg": "Success" }));
    merchant.refund("N1", "0.40", "R1").await;
    let node = merchant.call("alipay.trade.fastpay.refund.query", ask).await;
    assert_eq!(node["refund_amount"], "0.40");
    assert_eq!(node["total_amount"], "1.00");
    assert_eq!(node["refund_status"], "REFUND_SUCCESS");
}

#[tokio::test]
async fn a_stuck_refund_waits_for_its_release() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "refund_stuck").await.expect("paid");
    let node = merchant.refund("N1", "0.60", "R1").await;
    assert_eq!((node["fund_change"].as_str(), node["refund_fee"].as_str()), (Some("N"), Some("0.00")));
    assert_eq!(merchant.refund("N1", "0.60", "R2").await["sub_code"], "ACQ.REASON_TRADE_REFUND_FEE_ERR");
    let ask = json!({ "out_trade_no": "N1", "out_request_no": "R1" });
    assert!(merchant.call("alipay.trade.fastpay.refund.query", ask.clone()).await.get("refund_status").is_none());
    assert_eq!(scene.simulator.release_refunds(), 1);
    assert_eq!(merchant.call("alipay.trade.fastpay.refund.query", ask).await["refund_status"], "REFUND_SUCCESS");
    let node = merchant.refund("N1", "0.60", "R1").await;
    assert_eq!((node["fund_change"].as_str(), node["refund_fee"].as_str()), (Some("N"), Some("0.60")));
}

#[tokio::test]
async fn an_empty_merchant_account_refuses_and_the_repeat_goes_through() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    scene.switch("seller_balance_empty").await;
    assert_eq!(merchant.refund("N1", "1.00", "R1").await["sub_code"], "ACQ.SELLER_BALANCE_NOT_ENOUGH");
    assert_eq!(merchant.refund("N1", "1.00", "R1").await["fund_change"], "Y");
}

#[tokio::test]
async fn cancelling_closes_or_refunds() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let cancel = |number: &'static str| merchant.call("alipay.trade.cancel", json!({ "out_trade_no": number }));
    let node = cancel("N0").await;
    assert_eq!((node["code"].as_str(), node["retry_flag"].as_str(), node.get("action")), (Some("10000"), Some("N"), None));
    let open = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&open, "fail").await.expect("tried");
    assert_eq!(cancel("N1").await["action"], "close");
    assert_eq!(merchant.status("N1").await, "TRADE_CLOSED");
    assert_eq!(cancel("N1").await.get("action"), None);
    let paid = merchant.precreate("N2", "1.00", None).await;
    scene.pay(&paid, "ok").await.expect("paid");
    assert_eq!(cancel("N2").await["action"], "refund");
    assert_eq!(merchant.status("N2").await, "TRADE_CLOSED");
    let old = merchant.precreate("N3", "1.00", None).await;
    scene.pay(&old, "ok").await.expect("paid");
    scene.advance(Duration::from_secs(24 * 60 * 60)).await;
    assert_eq!(cancel("N3").await["sub_code"], "ACQ.TRADE_CANCEL_TIME_OUT");
}
