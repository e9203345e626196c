use super::stage::Stage;
use crate::simulator::{Behaviour, HandClock, Settings};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn an_order_is_found_by_the_merchants_number_and_cancelled_by_baidus() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.service("GET", "findByTpOrderId", &[("tpOrderId", "P1")]).await["errno"], 10013);
    let (_, opened) = stage.send("POST", "/baidu/cashier", stage.order_info("P1", 990).to_string()).await;
    let order_id = opened["data"]["orderId"].as_str().expect("a number").to_owned();
    let found = stage.service("GET", "findByTpOrderId", &[("tpOrderId", "P1")]).await;
    assert_eq!((&found["data"]["status"], &found["data"]["totalMoney"]), (&json!(1), &json!(990)));
    assert_eq!(found["data"]["orderId"].to_string(), order_id, "a bare number");
    assert_eq!(stage.service("GET", "cancelOrder", &[("orderId", &order_id)]).await["errno"], 0);
    assert_eq!(stage.service("GET", "findByTpOrderId", &[("tpOrderId", "P1")]).await["data"]["status"], -1);
    let (paid, _) = stage.paid("P2", 990, Behaviour::Ok).await;
    assert_eq!(stage.service("GET", "findByTpOrderId", &[("tpOrderId", "P2")]).await["data"]["status"], 2);
    assert_eq!(stage.service("GET", "cancelOrder", &[("orderId", &paid)]).await["errno"], 10015);
}

#[tokio::test]
async fn a_token_is_given_for_the_right_secret_and_ends() {
    let clock = Arc::new(HandClock::at(1_800_000_000_000));
    let given = Arc::clone(&clock);
    let stage = Stage::with(move |settings| Settings { clock: given, ..settings }).await;
    let account = &stage.baidu.account;
    let ask =
        |id: &str, secret: &str| format!("/oauth/2.0/token?grant_type=client_credentials&client_id={id}&client_secret={secret}");
    for (id, secret) in [("x", account.client_secret.as_str()), (account.client_id.as_str(), "x")] {
        let (status, answer) = stage.send("GET", &ask(id, secret), String::new()).await;
        assert_eq!((status, &answer["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    }
    let find = |token: &str| {
        format!(
            "/rest/2.0/smartapp/pay/paymentservice/findByTpOrderId?access_token={token}&pmAppKey={}&tpOrderId=P1",
            account.app_key
        )
    };
    let token = stage.token().await;
    assert_eq!(stage.send("GET", &find(&token), String::new()).await.1["errno"], 10013);
    assert_eq!(stage.send("GET", &find("x"), String::new()).await.1["error_code"], 110);
    clock.advance(Duration::from_secs(86_400));
    assert_eq!(stage.send("GET", &find(&token), String::new()).await.1["error_code"], 111);
}

#[tokio::test]
async fn the_older_query_tells_states_two_levels_deep() {
    let mut stage = Stage::new().await;
    let (order_id, user_id) = stage.paid("P1", 990, Behaviour::Ok).await;
    let app_id = stage.baidu.account.app_id.clone();
    let path = "/platform/entity/openapi/queryorderdetail";
    let pairs = [("appId", app_id.as_str()), ("orderId", &order_id), ("siteId", &user_id)];
    let answer = stage.legacy("GET", path, "sign", &pairs).await;
    let states = &answer["data"]["data"];
    let number = |name: &str| states[name]["statusNum"].clone();
    assert_eq!([number("payStatus"), number("refundStatus"), number("verification")], [json!(1), json!(-1), json!(1)]);
    assert_eq!(stage.legacy("GET", path, "rsaSign", &pairs).await["errno"], 10011, "another field's name");
    let other = [("appId", app_id.as_str()), ("orderId", &order_id), ("siteId", "1")];
    assert_eq!(stage.legacy("GET", path, "sign", &other).await["errno"], 10002);
}

#[tokio::test]
async fn the_front_end_can_be_down_for_one_order() {
    let mut stage = Stage::with(|settings| Settings { notice_speed: 1.0, ..settings }).await;
    stage.paid("P1", 990, Behaviour::Down).await;
    assert_eq!(stage.service("GET", "findByTpOrderId", &[("tpOrderId", "P1")]).await, Value::Null, "an HTML page");
    assert_eq!(stage.service("GET", "findByTpOrderId", &[("tpOrderId", "P2")]).await["errno"], 10013);
}

#[tokio::test]
async fn a_bill_lists_what_is_settled() {
    let mut stage = Stage::new().await;
    stage.paid("P1", 10_000, Behaviour::Ok).await;
    let at = crate::simulator::beijing(stage.baidu.now_ms());
    let day = format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    let offered = stage.service("GET", "orderBill", &[("billTime", &day)]).await;
    let url = offered["data"]["data"][0]["url"].as_str().expect("an address").to_owned();
    assert!(url.ends_with(&format!("/baidu/bill/order/{day}")));
    assert_eq!(stage.service("GET", "orderBill", &[("billTime", "today")]).await["errno"], 10001);
}
