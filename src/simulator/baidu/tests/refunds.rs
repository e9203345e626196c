use super::stage::Stage;
use crate::simulator::{Behaviour, Provider as _};
use serde_json::{Value, json};

fn verdict(data: &Value) -> String {
    json!({ "errno": 0, "msg": "success", "data": data }).to_string()
}

fn approve(fen: i64) -> String {
    verdict(&json!({ "auditStatus": 1, "calculateRes": { "refundPayMoney": fen } }))
}

async fn apply(stage: &Stage, (order_id, user_id): &(String, String), number: &str, fen: &str, more: &[(&str, &str)]) -> Value {
    let usual = [
        ("orderId", order_id.as_str()),
        ("userId", user_id),
        ("tpOrderId", "P1"),
        ("refundType", "2"),
        ("refundReason", "客服退款"),
        ("applyRefundMoney", fen),
        ("bizRefundBatchId", number),
    ];
    let pairs: Vec<(&str, &str)> =
        usual.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).chain(more.iter().copied()).collect();
    stage.service("POST", "applyOrderRefund", &pairs).await
}

#[tokio::test]
async fn a_refund_without_audit_is_carried_out_and_told() {
    let mut stage = Stage::new().await;
    let ids = stage.paid("P1", 990, Behaviour::Ok).await;
    for _ in 0..2 {
        let opened = apply(&stage, &ids, "R1", "100", &[("isSkipAudit", "1")]).await;
        assert_eq!((&opened["errno"], &opened["data"]["refundPayMoney"]), (&json!(0), &json!(100)));
    }
    let (kind, fields) = stage.heard().await;
    assert_eq!((kind.as_str(), fields["refundStatus"].as_str(), fields["tpOrderId"].as_str()), ("refund", "1", "P1"));
    let list = stage.service("GET", "findOrderRefund", &[("tpOrderId", "P1"), ("userId", &ids.1)]).await;
    assert_eq!(list["data"].as_array().expect("a list").len(), 1, "the same number is the same refund");
    assert_eq!((&list["data"][0]["refundStatus"], &list["data"][0]["bizRefundBatchId"]), (&json!(2), &json!("R1")));
    assert_eq!(apply(&stage, &ids, "R1", "101", &[("isSkipAudit", "1")]).await["errno"], 10019);
    assert_eq!(apply(&stage, &ids, "R2", "891", &[("isSkipAudit", "1")]).await["errno"], 10018);
    assert_eq!(apply(&stage, &ids, "R2", "890", &[("isSkipAudit", "1")]).await["errno"], 0);
}

#[tokio::test]
async fn faulty_refunds_are_refused() {
    let mut stage = Stage::new().await;
    let ids = stage.paid("P1", 990, Behaviour::Ok).await;
    for (name, value, errno) in [
        ("userId", "1", 10002),
        ("orderId", "1", 10013),
        ("tpOrderId", "P2", 10013),
        ("refundType", "4", 10001),
        ("refundReason", "", 10001),
        ("applyRefundMoney", "1.00", 10001),
        ("applyRefundMoney", "0", 10001),
        ("bizRefundBatchId", "", 10001),
        ("isSkipAudit", "2", 10001),
        ("pmAppKey", "MMOTHER", 10012),
    ] {
        assert_eq!(apply(&stage, &ids, "R1", "100", &[(name, value)]).await["errno"], errno, "{name} {value}");
    }
    assert!(stage.baidu.desk().ledger.get("P1").expect("there").batches.is_empty());
}

#[tokio::test]
async fn a_part_goes_back_only_of_a_consumed_order() {
    let mut stage = Stage::new().await;
    let ids = stage.paid("P1", 990, Behaviour::Ok).await;
    let (order_id, user_id) = (ids.0.as_str(), ids.1.as_str());
    let pairs = [("orderId", order_id), ("userId", user_id), ("type", "3")];
    assert_eq!(stage.legacy("POST", "/cashier/syncOrderStatus", "rsaSign", &pairs).await["errno"], 0);
    assert_eq!(apply(&stage, &ids, "R1", "100", &[("isSkipAudit", "1")]).await["errno"], 10017);
    assert_eq!(apply(&stage, &ids, "R1", "990", &[("isSkipAudit", "1")]).await["errno"], 0);
    assert_eq!(stage.heard().await.0, "refund");
}

#[tokio::test]
async fn the_merchant_may_approve_reject_or_think() {
    let mut stage = Stage::new().await;
    let (order_id, _) = stage.paid("P1", 990, Behaviour::Ok).await;
    let ask = format!("/baidu/orders/{order_id}/refund");
    stage.will_answer("audit", verdict(&json!({ "auditStatus": 3 })));
    stage.will_answer("audit", r#"{"errno":100,"msg":"fail"}"#);
    stage.will_answer("audit", verdict(&json!({ "auditStatus": 1, "calculateRes": { "refundPayMoney": "990" } })));
    stage.will_answer("audit", verdict(&json!({ "auditStatus": 2, "calculateRes": { "refundPayMoney": 0 } })));
    let (_, opened) = stage.send("POST", &ask, String::new()).await;
    let batch = opened["data"]["refundBatchId"].as_str().expect("a number").to_owned();
    for _ in 0..4 {
        let (kind, fields) = stage.heard().await;
        assert_eq!((kind.as_str(), fields["refundBatchId"].as_str()), ("audit", batch.as_str()));
    }
    let (kind, fields) = stage.heard().await;
    assert_eq!((kind.as_str(), fields["refundStatus"].as_str()), ("refund", "2"));
    stage.will_answer("audit", approve(400));
    stage.send("POST", &ask, String::new()).await;
    assert_eq!(stage.heard().await.0, "audit");
    let (kind, fields) = stage.heard().await;
    assert_eq!((kind.as_str(), fields["refundStatus"].as_str()), ("refund", "1"));
    assert_eq!(stage.baidu.desk().ledger.get("P1").expect("there").left(), 590, "as much as was approved");
}

#[tokio::test]
async fn the_older_refund_is_always_audited_and_answers_in_text() {
    let mut stage = Stage::new().await;
    let (order_id, user_id) = stage.paid("P1", 990, Behaviour::Ok).await;
    let pairs = [
        ("orderId", order_id.as_str()),
        ("userId", &user_id),
        ("tpOrderId", "P1"),
        ("refundType", "2"),
        ("refundReason", "客服退款"),
        ("applyRefundMoney", "100"),
        ("bizRefundBatchId", "R1"),
    ];
    stage.will_answer("audit", approve(100));
    let opened = stage.legacy("POST", "/cashier/applyOrderRefund", "rsaSign", &pairs).await;
    assert_eq!((&opened["errno"], &opened["data"]["refundPayMoney"]), (&json!(0), &json!("100")));
    assert_eq!(stage.heard().await.0, "audit");
    assert_eq!(stage.heard().await.0, "refund");
    let spoilt = [pairs.as_slice(), &[("appKey", "MMOTHER")]].concat();
    assert_eq!(stage.legacy("POST", "/cashier/applyOrderRefund", "rsaSign", &spoilt).await["errno"], 10012);
    assert_eq!(stage.legacy("POST", "/cashier/applyOrderRefund", "sign", &pairs).await["errno"], 10011, "another field's name");
    let historic = [pairs.as_slice(), &[("method", "nuomi.cashier.applyorderrefund")]].concat();
    assert_eq!(stage.legacy("POST", "/nop/server/rest", "rsaSign", &historic).await["errno"], 0);
}

#[tokio::test]
async fn stuck_refunds_go_through_when_released() {
    let mut stage = Stage::new().await;
    let ids = stage.paid("P1", 990, Behaviour::RefundStuck).await;
    apply(&stage, &ids, "R1", "990", &[("isSkipAudit", "1")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(stage.is_silent());
    assert_eq!(stage.desk.release_refunds(), 1);
    assert_eq!(stage.heard().await.1["refundStatus"], "1");
    assert_eq!(stage.desk.release_refunds(), 0);
}
