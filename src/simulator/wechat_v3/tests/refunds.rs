//! Money on its way back.

use super::*;

const REFUNDS: &str = "/v3/refund/domestic/refunds";

fn body(changes: &[(&str, Value)]) -> Value {
    let mut body = json!({
        "out_trade_no": NO, "out_refund_no": "RF20240601000001", "reason": "买错了",
        "amount": {"refund": 30, "total": 100, "currency": "CNY"}
    });
    let fields = body.as_object_mut().expect("an object");
    for (name, value) in changes {
        match value {
            Value::Null => fields.remove(*name),
            value => fields.insert((*name).to_owned(), value.clone()),
        };
    }
    body
}

async fn paid(behaviour: &str) -> Bench {
    let bench = Bench::new();
    bench.order(&[]).await;
    bench.pay(NO, behaviour).await;
    bench
}

async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_refund_is_accepted_and_then_succeeds() {
    let bench = paid("ok").await;
    let accepted = bench.post(REFUNDS, &body(&[])).await.json();
    assert_eq!((&accepted["status"], &accepted["amount"]["refund"]), (&json!("PROCESSING"), &json!(30)));
    assert_eq!(accepted.get("success_time"), None);
    bench.advance(3);
    settle().await;
    let done = bench.get(&format!("{REFUNDS}/RF20240601000001")).await.json();
    assert_eq!((&done["status"], &done["success_time"]), (&json!("SUCCESS"), &json!("2024-06-01T12:00:03+08:00")));
    assert_eq!(bench.query(NO).await["trade_state"], "REFUND");
}

#[tokio::test]
async fn the_number_makes_a_repeat_harmless() {
    let bench = paid("refund_stuck").await;
    let first = bench.post(REFUNDS, &body(&[])).await.json();
    assert_eq!(bench.post(REFUNDS, &body(&[])).await.json(), first);
    let more = json!({"refund": 31, "total": 100, "currency": "CNY"});
    assert_eq!(bench.post(REFUNDS, &body(&[("amount", more)])).await.fault().1, "INVALID_REQUEST");
    assert_eq!(bench.simulator.book()["trades"][0]["refunded_amount"], 30);
}

#[tokio::test]
async fn refunds_that_cannot_be_are_refused() {
    let bench = Bench::new();
    assert_eq!(bench.post(REFUNDS, &body(&[])).await.fault().1, "RESOURCE_NOT_EXISTS");
    bench.order(&[]).await;
    assert_eq!(bench.post(REFUNDS, &body(&[])).await.fault().1, "INVALID_REQUEST", "unpaid");
    bench.pay(NO, "ok").await;
    let amount = |refund: i64, total: i64| ("amount", json!({"refund": refund, "total": total, "currency": "CNY"}));
    for (what, change, code) in [
        ("more than paid", amount(101, 100), "INVALID_REQUEST"),
        ("another total", amount(30, 99), "PARAM_ERROR"),
        ("nothing", amount(0, 100), "PARAM_ERROR"),
        ("no currency", ("amount", json!({"refund": 30, "total": 100})), "PARAM_ERROR"),
        ("no number", ("out_refund_no", Value::Null), "PARAM_ERROR"),
        ("an odd number", ("out_refund_no", json!("a/b")), "PARAM_ERROR"),
        ("no order", ("out_trade_no", Value::Null), "PARAM_ERROR"),
        ("a long reason", ("reason", json!("长".repeat(81))), "PARAM_ERROR"),
        ("a field of v2", ("refund_fee", json!(30)), "PARAM_ERROR"),
    ] {
        assert_eq!(bench.post(REFUNDS, &body(&[change])).await.fault().1, code, "{what}");
    }
    let all = json!({"refund": 100, "total": 100, "currency": "CNY"});
    assert_eq!(bench.post(REFUNDS, &body(&[("amount", all)])).await.status, 200);
    let second = body(&[("out_refund_no", json!("RF2")), ("amount", json!({"refund": 1, "total": 100, "currency": "CNY"}))]);
    assert_eq!(bench.post(REFUNDS, &second).await.fault().1, "INVALID_REQUEST", "nothing left");
    assert_eq!(bench.get(&format!("{REFUNDS}/NOBODY")).await.fault().1, "RESOURCE_NOT_EXISTS");
    bench.advance(366 * 86_400);
    let late = body(&[("out_refund_no", json!("RF3"))]);
    assert_eq!(bench.post(REFUNDS, &late).await.fault().1, "INVALID_REQUEST", "too late");
}

#[tokio::test]
async fn a_closed_refund_gives_its_amount_free_again() {
    let bench = paid("refund_stuck").await;
    let all = ("amount", json!({"refund": 100, "total": 100, "currency": "CNY"}));
    bench.post(REFUNDS, &body(std::slice::from_ref(&all))).await;
    let end = |number: &str, status: &str| {
        let body = json!({"out_refund_no": number, "status": status});
        bench.wallet("/wallet/wechat_v3/refunds", body)
    };
    assert_eq!(end("RF20240601000001", "CLOSED").await.0, StatusCode::OK);
    assert_eq!(end("RF20240601000001", "SUCCESS").await.0, StatusCode::CONFLICT);
    assert_eq!(bench.post(REFUNDS, &body(&[all, ("out_refund_no", json!("RF2"))])).await.status, 200);
    assert_eq!(end("RF2", "ABNORMAL").await.0, StatusCode::OK);
    let stuck = bench.get(&format!("{REFUNDS}/RF2")).await.json();
    assert_eq!(stuck["status"], "ABNORMAL");
}
