use super::stage::Stage;
use crate::simulator::{Behaviour, OfferState, Provider as _};
use serde_json::{Value, json};

fn changed(info: &Value, name: &str, value: Value) -> String {
    let mut info = info.clone();
    info[name] = value;
    info.to_string()
}

#[tokio::test]
async fn an_order_info_is_looked_at_opened_and_paid_once() {
    let mut stage = Stage::new().await;
    let info = stage.order_info("P1", 990);
    let wrapped = json!({ "orderInfo": info }).to_string();
    let offer = stage.desk.look_up(&wrapped).expect("known");
    assert_eq!((offer.amount.fen(), offer.state, offer.trade_no), (990, OfferState::Open, None));
    let (_, opened) = stage.send("POST", "/baidu/cashier", wrapped.clone()).await;
    let order_id = opened["data"]["orderId"].as_str().expect("a number").to_owned();
    let receipt = stage.pay(&wrapped, Behaviour::Ok).await.expect("paid");
    assert_eq!((receipt.ok, receipt.trade_no.as_str(), receipt.amount.fen()), (true, order_id.as_str(), 990));
    let (kind, fields) = stage.heard().await;
    assert_eq!(kind, "pay");
    for (name, value) in [
        ("tpOrderId", "P1"),
        ("orderId", order_id.as_str()),
        ("dealId", &stage.baidu.account.deal_id),
        ("status", "2"),
        ("totalMoney", "990"),
        ("payMoney", "990"),
        ("promoDetail", ""),
        ("returnData", r#"{"k":"v"}"#),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
    for code in [wrapped.as_str(), "P1", &order_id] {
        assert_eq!(stage.pay(code, Behaviour::Ok).await.expect_err("once").code, "paid", "{code}");
    }
    let (_, again) = stage.send("POST", "/baidu/cashier", wrapped).await;
    assert_eq!(again["errCode"], 10015, "{again}");
}

#[tokio::test]
async fn the_cashier_refuses_what_is_not_signed_or_not_text() {
    let stage = Stage::new().await;
    let info = stage.order_info("P1", 990);
    for (name, value) in [
        ("totalAmount", json!(990)),
        ("totalAmount", json!("990.0")),
        ("totalAmount", json!("991")),
        ("tpOrderId", json!("P2")),
        ("rsaSign", json!("AAAA")),
        ("rsaSign", json!("")),
        ("signFieldsRange", json!("2")),
        // Signed with the amount, announced without it.
        ("signFieldsRange", json!("0")),
        ("bizInfo", json!({ "tpData": {} })),
        ("bizInfo", json!("no json")),
        ("dealTitle", json!("")),
    ] {
        let (_, answer) = stage.send("POST", "/baidu/cashier", changed(&info, name, value.clone())).await;
        assert_eq!(answer["errCode"], 6, "{name} {value}: {answer}");
        assert!(stage.desk.look_up(&changed(&info, name, value)).is_none());
    }
    let (_, answer) = stage.send("POST", "/baidu/cashier", "[]".to_owned()).await;
    assert_eq!(answer["errCode"], 6);
    assert!(stage.desk.look_up(&info.to_string()).is_some());
    assert!(stage.desk.look_up("weixin://wxpay/bizpayurl?pr=x").is_none());
}

#[tokio::test]
async fn a_number_stands_for_one_amount() {
    let stage = Stage::new().await;
    stage.send("POST", "/baidu/cashier", stage.order_info("P1", 990).to_string()).await;
    let (_, other) = stage.send("POST", "/baidu/cashier", stage.order_info("P1", 991).to_string()).await;
    assert_eq!(other["errCode"], 10020, "{other}");
}

#[tokio::test]
async fn a_cancelled_order_takes_late_money_only() {
    let mut stage = Stage::new().await;
    let (_, opened) = stage.send("POST", "/baidu/cashier", stage.order_info("P1", 990).to_string()).await;
    let order_id = opened["data"]["orderId"].as_str().expect("a number").to_owned();
    let (_, done) = stage.send("POST", &format!("/baidu/cashier/{order_id}/cancel"), String::new()).await;
    assert_eq!(done["errno"], 0);
    assert_eq!(stage.pay("P1", Behaviour::Ok).await.expect_err("closed").code, "closed");
    assert!(stage.pay("P1", Behaviour::Late).await.expect("late").ok);
    assert_eq!(stage.heard().await.0, "pay");
}

#[tokio::test]
async fn behaviours_of_payers_show_in_the_notices() {
    let mut stage = Stage::new().await;
    let fail = stage.pay(&stage.order_info("F", 990).to_string(), Behaviour::Fail).await.expect("answered");
    assert!(!fail.ok && stage.is_silent());
    assert!(stage.pay("F", Behaviour::NoNotice).await.expect("paid").ok);
    let wrong = stage.pay(&stage.order_info("W", 990).to_string(), Behaviour::WrongAmount).await.expect("paid");
    assert_eq!((wrong.amount.fen(), stage.heard().await.1["totalMoney"].as_str()), (989, "989"));
    stage.pay(&stage.order_info("T", 990).to_string(), Behaviour::Twice).await.expect("paid");
    for _ in 0..2 {
        assert_eq!(stage.heard().await.1["tpOrderId"], "T");
    }
    let typing = stage.pay(&stage.order_info("P", 990).to_string(), Behaviour::Password).await.expect("typing");
    assert_eq!((typing.ok, typing.state), (false, OfferState::Paying));
    assert_eq!(stage.heard().await.1["tpOrderId"], "P");
    let bad = r#"{"errno":100,"msg":"fail"}"#;
    for _ in 0..2 {
        stage.will_answer("pay", bad);
    }
    stage.pay(&stage.order_info("B", 990).to_string(), Behaviour::BadSignature).await.expect("paid");
    for expected in [false, false, true] {
        let (_, fields) = stage.heard_unproved().await;
        assert_eq!(stage.baidu.account.platform.verifies(&fields, &fields["rsaSign"]), expected);
    }
}

#[tokio::test]
async fn a_payment_comes_again_until_it_is_acknowledged() {
    let mut stage = Stage::new().await;
    for answer in [r#"{"errno":100,"msg":"fail"}"#, "success", ""] {
        stage.will_answer("pay", answer);
    }
    stage.pay(&stage.order_info("P1", 990).to_string(), Behaviour::Ok).await.expect("paid");
    for _ in 0..4 {
        assert_eq!(stage.heard().await.1["tpOrderId"], "P1");
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(stage.is_silent(), "acknowledged");
    assert!(stage.baidu.desk().ledger.get("P1").expect("there").consumed);
}

// An order that the merchant does not want, or does not say that it is consumed, goes back whole, after an audit.
#[tokio::test]
async fn an_unwanted_payment_goes_back_by_itself() {
    for unwanted in
        [r#"{"errno":0,"msg":"success","data":{"isErrorOrder":1,"isConsumed":2}}"#, r#"{"errno":0,"msg":"success","data":{}}"#]
    {
        let mut stage = Stage::new().await;
        stage.will_answer("pay", unwanted);
        stage.will_answer(
            "audit",
            r#"{"errno":0,"msg":"success","data":{"auditStatus":1,"calculateRes":{"refundPayMoney":990}}}"#,
        );
        stage.pay(&stage.order_info("P1", 990).to_string(), Behaviour::Ok).await.expect("paid");
        assert_eq!(stage.heard().await.0, "pay");
        assert_eq!(stage.heard().await.0, "audit");
        let (kind, fields) = stage.heard().await;
        assert_eq!((kind.as_str(), fields["refundStatus"].as_str()), ("refund", "1"));
    }
}
