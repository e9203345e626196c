//! Orders, their repeats, their end; paying.

use super::*;

#[tokio::test]
async fn each_product_gives_what_its_payer_opens() {
    let bench = Bench::new();
    let code = bench.code(&[]).await;
    assert!(code.starts_with("weixin://pay.weixin.qq.com/bizpayurl/up?pr="), "{code}");
    let payer = ("payer", json!({"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}));
    let scene = ("scene_info", json!({"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap", "app_name": "小店"}}));
    for (product, number, more, name) in [
        ("jsapi", "JS-000001", Some(payer), "prepay_id"),
        ("app", "APP-00001", None, "prepay_id"),
        ("h5", "H5-000001", Some(scene), "h5_url"),
    ] {
        let mut changes = vec![("out_trade_no", json!(number))];
        changes.extend(more);
        let reply = bench.post(&format!("/v3/pay/transactions/{product}"), &bench.order_body(&changes)).await;
        let opened = reply.json()[name].as_str().expect("given").to_owned();
        let (_, receipt) = bench.pay(&opened, "ok").await;
        assert_eq!((&receipt["ok"], &receipt["out_trade_no"]), (&json!(true), &json!(number)), "{product}");
    }
    let (_, receipt) = bench.pay(&code, "ok").await;
    assert_eq!(receipt["ok"], true);
}

#[tokio::test]
async fn a_page_needs_a_payer_and_a_link_a_scene() {
    let bench = Bench::new();
    let jsapi = bench.post("/v3/pay/transactions/jsapi", &bench.order_body(&[])).await;
    assert_eq!(jsapi.fault(), (400, "PARAM_ERROR".to_owned(), "268501013".to_owned()));
    for scene in [Value::Null, json!({"payer_client_ip": "1.2.3.4"}), json!({"payer_client_ip": "x", "h5_info": {"type": "Wap"}})]
    {
        let body = bench.order_body(&[("scene_info", scene.clone())]);
        assert_eq!(bench.post("/v3/pay/transactions/h5", &body).await.fault().1, "PARAM_ERROR", "{scene}");
    }
}

#[tokio::test]
async fn a_repeat_is_taken_once_more_and_ends_the_old_code() {
    let bench = Bench::new();
    let old = bench.code(&[]).await;
    let new = bench.code(&[("time_expire", json!("2024-06-01T13:00:00+08:00"))]).await;
    assert_ne!(old, new);
    assert_eq!(bench.pay(&old, "ok").await.1["error"], "expired");
    let changed = bench.order(&[("description", json!("另一件"))]).await;
    assert_eq!(changed.fault(), (400, "INVALID_REQUEST".to_owned(), "268498688".to_owned()));
    let app = bench.post("/v3/pay/transactions/app", &bench.order_body(&[])).await;
    assert_eq!(app.fault().2, "268498688");
    assert_eq!(bench.pay(&new, "ok").await.1["ok"], true);
    assert_eq!(bench.order(&[]).await.fault().1, "ORDERPAID");
}

#[tokio::test]
async fn the_time_to_pay_is_kept_within_the_providers_limits() {
    for (asked, seconds) in
        [("2024-06-01T12:00:05+08:00", 60), ("2024-06-01T11:00:00+08:00", 60), ("2024-06-01T12:05:00+08:00", 300)]
    {
        let bench = Bench::new();
        let code = bench.code(&[("time_expire", json!(asked))]).await;
        bench.advance(seconds - 1);
        assert_eq!(bench.wallet("/wallet/behave", json!({"code": code, "behaviour": "ok"})).await.0, StatusCode::OK);
        bench.advance(1);
        assert_eq!(bench.pay(&code, "ok").await.1["error"], "expired", "{asked}");
        assert_eq!(bench.order(&[]).await.fault().1, "ORDER_CLOSED");
        bench.advance(300);
        assert_eq!(bench.query(NO).await["trade_state"], "CLOSED");
    }
}

#[tokio::test]
async fn codes_and_links_die_before_their_order() {
    let bench = Bench::new();
    let code = bench.code(&[]).await;
    let scene = ("scene_info", json!({"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}));
    let h5 = bench.post("/v3/pay/transactions/h5", &bench.order_body(&[("out_trade_no", json!("H5-000001")), scene])).await;
    let link = h5.json()["h5_url"].as_str().expect("a link").to_owned();
    bench.advance(301);
    assert_eq!(bench.pay(&link, "ok").await.1["error"], "expired");
    bench.advance(7200 - 301);
    assert_eq!(bench.pay(&code, "ok").await.1["error"], "expired");
    assert_eq!(bench.query(NO).await["trade_state"], "NOTPAY");
}

#[tokio::test]
async fn an_unpaid_order_tells_little_and_a_paid_one_everything() {
    let bench = Bench::new();
    bench.order(&[("attach", json!("x"))]).await;
    let unpaid = bench.query(NO).await;
    assert_eq!((&unpaid["trade_state"], &unpaid["attach"]), (&json!("NOTPAY"), &json!("x")));
    for absent in ["transaction_id", "amount", "payer", "success_time"] {
        assert_eq!(unpaid.get(absent), None, "{absent}");
    }
    bench.wallet("/wallet/pay", json!({"code": NO, "behaviour": "ok", "account": "coupons"})).await;
    let paid = bench.query(NO).await;
    assert_eq!(paid["trade_state"], "SUCCESS");
    assert_eq!(paid["success_time"], "2024-06-01T12:00:00+08:00");
    assert_eq!(paid["amount"], json!({"total": 100, "payer_total": 90, "currency": "CNY", "payer_currency": "CNY"}));
    assert_eq!(paid["promotion_detail"][0]["amount"], 10);
    let id = paid["transaction_id"].as_str().expect("a number");
    assert!(id.len() == 28 && id.starts_with("42"), "{id}");
    let by_id = bench.get(&format!("/v3/pay/transactions/id/{id}?mchid={}", bench.id("mchid"))).await.json();
    assert_eq!(by_id, paid);
}

#[tokio::test]
async fn questions_about_nothing_get_the_providers_no() {
    let bench = Bench::new();
    let mchid = bench.id("mchid");
    let missing = bench.get(&format!("/v3/pay/transactions/out-trade-no/NOBODY1?mchid={mchid}")).await;
    assert_eq!(missing.fault(), (404, "ORDER_NOT_EXIST".to_owned(), "268512771".to_owned()));
    assert_eq!(bench.get(&format!("/v3/pay/transactions/id/4200?mchid={mchid}")).await.fault().1, "ORDER_NOT_EXIST");
    assert_eq!(bench.get(&format!("/v3/pay/transactions/id/4-2?mchid={mchid}")).await.fault().1, "INVALID_TRANSACTIONID");
    bench.order(&[]).await;
    assert_eq!(bench.get(&format!("/v3/pay/transactions/out-trade-no/{NO}")).await.fault().1, "PARAM_ERROR");
    assert_eq!(bench.get(&format!("/v3/pay/transactions/out-trade-no/{NO}?mchid=1900000001")).await.fault().1, "PARAM_ERROR");
    // The number as it is encoded on the wire is signed and found.
    bench.order(&[("out_trade_no", json!("CS|2024*1"))]).await;
    assert_eq!(bench.query("CS%7C2024%2A1").await["out_trade_no"], "CS|2024*1");
}

#[tokio::test]
async fn closing_is_repeatable_and_never_undoes_a_payment() {
    let bench = Bench::new();
    let code = bench.code(&[]).await;
    for _ in 0..2 {
        let closed = bench.close(NO).await;
        assert_eq!((closed.status, closed.body.len()), (204, 0));
        assert!(!closed.header("wechatpay-signature").is_empty());
    }
    assert_eq!(bench.pay(&code, "ok").await.1["error"], "closed");
    assert_eq!(bench.order(&[]).await.fault().1, "ORDER_CLOSED");
    assert_eq!(bench.pay(&code, "late").await.1["ok"], true);
    assert_eq!(bench.close(NO).await.fault(), (400, "ORDERPAID".to_owned(), "268498689".to_owned()));
    assert_eq!(bench.close("NOBODY1").await.fault().1, "ORDER_NOT_EXIST");
}

#[tokio::test]
async fn a_payer_who_types_cannot_be_closed_and_is_through_at_last() {
    let bench = Bench::new();
    bench.order(&[]).await;
    assert_eq!(bench.pay(NO, "password").await.1["state"], "paying");
    assert_eq!(bench.query(NO).await["trade_state"], "USERPAYING");
    assert_eq!(bench.close(NO).await.fault().1, "USERPAYING");
    bench.advance(10);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.query(NO).await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn behaviours_do_what_they_say() {
    let bench = Bench::new();
    let code = bench.code(&[]).await;
    assert_eq!(bench.pay(&code, "fail").await.1["ok"], false);
    assert_eq!(bench.query(NO).await["trade_state"], "NOTPAY", "a failed attempt leaves the order payable");
    let other = bench.wallet("/wallet/pay", json!({"code": code, "behaviour": "ok", "account": "xiaohong"})).await;
    assert_eq!(other.1["error"], "other_payer");
    bench.pay(&code, "wrong_amount").await;
    assert_eq!(bench.query(NO).await["amount"]["total"], 99);

    bench.order(&[("out_trade_no", json!("DOWN-001"))]).await;
    bench.pay("DOWN-001", "down").await;
    let target = format!("/v3/pay/transactions/out-trade-no/DOWN-001?mchid={}", bench.id("mchid"));
    assert_eq!(bench.get(&target).await.status, 502);
    bench.advance(61);
    assert_eq!(bench.query("DOWN-001").await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn the_link_of_a_phone_leads_through_the_page_into_the_wallet_and_back() {
    let bench = Bench::new();
    let scene = ("scene_info", json!({"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}));
    let h5 = bench.post("/v3/pay/transactions/h5", &bench.order_body(&[scene])).await;
    let link = h5.json()["h5_url"].as_str().expect("a link").to_owned();
    let path = link.strip_prefix("http://127.0.0.1:3100").expect("the simulator's own");
    let page = |more: &str| Request::get(format!("{path}{more}")).body(Body::empty()).expect("request");
    let shown = bench.send(page("&redirect_url=https%3A%2F%2Fpay.example.com%2Freturn%2F1")).await;
    let text = String::from_utf8(shown.body.to_vec()).expect("text");
    assert!(
        text.contains("¥ 1.00") && text.contains("/wallet?code=") && text.contains("https://pay.example.com/return/1"),
        "{text}"
    );
    let bad = bench.send(page("&redirect_url=javascript%3Aalert(1)")).await;
    assert!(!String::from_utf8(bad.body.to_vec()).expect("text").contains("javascript"));
    let (_, receipt) = bench.pay(&link, "ok").await;
    assert_eq!(receipt["return_url"], "https://pay.example.com/return/1");
}
