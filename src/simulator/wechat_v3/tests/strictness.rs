//! What the provider refuses, and how.

use super::*;

const TARGET: &str = "/v3/pay/transactions/native";

/// Sends an order with a header changed or removed.
async fn with_header(bench: &Bench, name: &'static str, value: Option<&str>) -> Reply {
    let body = bench.order_body(&[]).to_string();
    let mut request = bench.request("POST", TARGET, &body).body(Body::from(body.clone())).expect("request");
    request.headers_mut().remove(name);
    if let Some(value) = value {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    bench.send(request).await
}

#[tokio::test]
async fn headers_are_demanded() {
    let bench = Bench::new();
    for (name, value) in [
        ("user-agent", None),
        ("accept", None),
        ("accept", Some("text/html")),
        ("content-type", None),
        ("content-type", Some("text/plain")),
        ("authorization", None),
        ("authorization", Some("Basic x")),
    ] {
        let reply = with_header(&bench, name, value).await;
        assert!((400..500).contains(&reply.status), "{name} {value:?}");
    }
    assert_eq!(with_header(&bench, "accept", Some("*/*")).await.status, 200);
    let missing = with_header(&bench, "authorization", None).await;
    assert_eq!((missing.status, missing.json()), (401, json!({"code": "SIGN_ERROR", "message": "Authorization不合法"})));
}

#[tokio::test]
async fn the_authorization_is_read_in_any_order_and_checked_in_every_part() {
    let bench = Bench::new();
    let body = bench.order_body(&[]).to_string();
    let good = bench.authorization("POST", TARGET, NOON / 1000, "A1", body.as_bytes());
    let (scheme, pairs) = good.split_once(' ').expect("a scheme");
    let mut turned: Vec<&str> = pairs.split(',').collect();
    turned.reverse();
    let turned = format!("{scheme} {}", turned.join(", "));
    assert_eq!(with_header(&bench, "authorization", Some(&turned)).await.status, 200);
    assert_eq!(with_header(&bench, "authorization", Some(&turned)).await.fault().1, "SIGN_ERROR", "a nonce twice");
    bench.switch(json!({ "check_nonces": false })).await;
    assert_eq!(with_header(&bench, "authorization", Some(&turned)).await.status, 200);
    let at = |seconds: i64| bench.authorization("POST", TARGET, NOON / 1000 + seconds, "A2", body.as_bytes());
    let other_body = bench.authorization("POST", TARGET, NOON / 1000, "A3", b"{}");
    let other_target = bench.authorization("POST", "/v3/pay/transactions/app", NOON / 1000, "A4", body.as_bytes());
    let other_method = bench.authorization("GET", TARGET, NOON / 1000, "A5", body.as_bytes());
    for (what, header) in [
        ("late", at(-301)),
        ("early", at(301)),
        ("milliseconds", at(NOON)),
        ("another body", other_body),
        ("another target", other_target),
        ("another method", other_method),
        ("another serial", good.replace("serial_no=\"", "serial_no=\"0")),
        ("no serial", good.split(",serial_no").next().expect("text").to_owned()),
        ("a long nonce", good.replace("A1", &"A".repeat(33))),
        ("no quotes", good.replace('"', "")),
        ("twice", format!("{good},mchid=\"1\"")),
    ] {
        let reply = with_header(&bench, "authorization", Some(&header)).await;
        assert_eq!((reply.status, reply.json()["code"].as_str()), (401, Some("SIGN_ERROR")), "{what}");
    }
    let stranger = good.replace(bench.id("mchid"), "1900000001");
    assert_eq!(with_header(&bench, "authorization", Some(&stranger)).await.fault().1, "MCH_NOT_EXISTS");
    for seconds in [-300, 300] {
        assert_eq!(with_header(&bench, "authorization", Some(&at(seconds))).await.status, 200, "{seconds}");
    }
}

#[tokio::test]
async fn a_wrong_signature_is_told_what_was_signed() {
    let bench = Bench::new();
    let other = bench.authorization("POST", TARGET, NOON / 1000, "A1", b"{}");
    let detail = with_header(&bench, "authorization", Some(&other)).await.json()["detail"].clone();
    assert_eq!((&detail["field"], &detail["location"]), (&json!("signature"), &json!("authorization")));
    assert_eq!(detail["sign_information"]["method"], "POST");
    assert_eq!(detail["sign_information"]["url"], TARGET);
    assert!(detail["sign_information"]["truncated_sign_message"].as_str().expect("text").starts_with("POST\n/v3/pay"));
}

#[tokio::test]
async fn fields_are_read_strictly() {
    let bench = Bench::new();
    let long = "长".repeat(128);
    for (what, change) in [
        ("a field nobody defined", ("spbill_create_ip", json!("1.2.3.4"))),
        ("a v2 name", ("total_fee", json!(1))),
        ("a number as text", ("amount", json!({"total": "100"}))),
        ("decimals", ("amount", json!({"total": 1.5}))),
        ("nothing", ("amount", json!({"total": 0}))),
        ("less than nothing", ("amount", json!({"total": -1}))),
        ("another currency", ("amount", json!({"total": 1, "currency": "USD"}))),
        ("a field inside", ("amount", json!({"total": 1, "fen": 1}))),
        ("null inside", ("amount", json!({"total": 1, "currency": null}))),
        ("no amount", ("amount", Value::Null)),
        ("a long description", ("description", json!(long))),
        ("no description", ("description", json!(""))),
        ("emoji", ("description", json!("🍵"))),
        ("a number as description", ("description", json!(1))),
        ("a short number", ("out_trade_no", json!("12345"))),
        ("a long number", ("out_trade_no", json!("1".repeat(33)))),
        ("an odd number", ("out_trade_no", json!("12345/6"))),
        ("an address with query", ("notify_url", json!("https://pay.example.com/n?a=1"))),
        ("no address", ("notify_url", json!("pay.example.com"))),
        ("an odd time", ("time_expire", json!("20240601120500"))),
        ("an odd limit", ("limit_pay", json!(["no_gold"]))),
        ("a payer without need", ("payer", json!({"openid": "o"}))),
        ("a scene without address", ("scene_info", json!({"device_id": "1"}))),
        ("another merchant", ("mchid", json!("1900000001"))),
    ] {
        let reply = bench.order(&[change]).await;
        assert_eq!((reply.status, reply.json()["code"].as_str()), (400, Some("PARAM_ERROR")), "{what}");
    }
    assert_eq!(bench.order(&[("spbill_create_ip", json!("1.2.3.4"))]).await.fault().2, "270924358");
    assert_eq!(bench.order(&[("appid", json!("wx0000000000000000"))]).await.fault().1, "APPID_MCHID_NOT_MATCH");
    for body in ["", "[]", "{", "null", "{\"description\":null}"] {
        assert_eq!(bench.post_text(TARGET, body).await.fault().1, "PARAM_ERROR", "{body}");
    }
    let attached = [("attach", json!("x")), ("goods_tag", json!("g")), ("support_fapiao", json!(true))];
    assert_eq!(bench.order(&attached).await.status, 200);
    let counted = bench.simulator.book();
    assert!(counted["refusals"]["wechat_v3"].as_object().is_some_and(|r| r.len() > 10), "refusals are counted");
}

#[tokio::test]
async fn switches_make_it_stricter() {
    let bench = Bench::new();
    let plain = [("notify_url", json!("http://127.0.0.1/n"))];
    let near = json!({"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}});
    assert_eq!(bench.order(&plain).await.status, 200);
    let h5 = bench.order_body(&[("scene_info", near), ("out_trade_no", json!("H5-000001"))]);
    assert_eq!(bench.post("/v3/pay/transactions/h5", &h5).await.status, 200);
    bench.switch(json!({ "https_only": true, "public_payers_only": true })).await;
    assert_eq!(bench.order(&plain).await.fault().1, "PARAM_ERROR");
    assert_eq!(bench.post("/v3/pay/transactions/h5", &h5).await.fault().1, "PARAM_ERROR");
    let (status, _) = bench.wallet("/wallet/wechat_v3/switches", json!({ "no_such": 1 })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_service_provider_names_its_merchant_everywhere() {
    let bench = Bench::new();
    let sub = format!("16{}", crate::simulator::Keys::new(Some(1)).text("wechat_v3/sub_mchid", b"0123456789", 8));
    let body = |sub: &str| {
        json!({
            "sp_appid": bench.id("appid"), "sp_mchid": bench.id("mchid"), "sub_mchid": sub, "description": "x",
            "out_trade_no": NO, "notify_url": "https://pay.example.com/n", "amount": {"total": 100}
        })
    };
    let native = "/v3/pay/partner/transactions/native";
    assert_eq!(bench.post(native, &body("1600000000")).await.fault().2, "268443701");
    assert_eq!(bench.post(native, &body(bench.id("mchid"))).await.fault().2, "268443705");
    let mut none = body(&sub);
    none.as_object_mut().expect("an object").remove("sub_mchid");
    assert_eq!(bench.post(native, &none).await.fault().2, "268443704");
    assert_eq!(bench.post(native, &body(&sub)).await.status, 200);
    bench.pay(NO, "ok").await;
    let orders = format!("/v3/pay/partner/transactions/out-trade-no/{NO}");
    let paid = bench.get(&format!("{orders}?sp_mchid={}&sub_mchid={sub}", bench.id("mchid"))).await.json();
    assert_eq!((&paid["sub_mchid"], paid.get("mchid")), (&json!(sub), None));
    assert!(paid["payer"]["sp_openid"].is_string());
}
