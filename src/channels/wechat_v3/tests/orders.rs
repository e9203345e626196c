//! What is ordered, and what the payer gets to do.

use super::super::sign::tests::vectors::A_BODY;
use super::*;
use crate::channels::keys::VerifyingKey;

async fn start(request: &StartRequest, reply: Value) -> (Stage, Result<Started, ChannelError>) {
    let stage = Stage::set(move |_| signed(&reply)).await;
    let started = stage.channel.start(request).await;
    (stage, started)
}

fn invoked(started: Result<Started, ChannelError>) -> (String, serde_json::Map<String, Value>) {
    match started.unwrap().next {
        NextStep::Invoke { bridge, params } => (bridge, params),
        other => panic!("no bridge: {other:?}"),
    }
}

#[tokio::test]
async fn the_published_order_goes_out_byte_for_byte() {
    let request = StartRequest {
        pay_no: "CS20240601000001".to_owned(),
        amount: Amount::from_fen(1).unwrap(),
        notify_url: "https://pay.example.com/notify/wechat/v3".to_owned(),
        ..start_request(Method::WechatNative)
    };
    let (stage, started) = start(&request, json!({"code_url": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"})).await;
    let sent = stage.server.seen().remove(0);
    assert_eq!((sent.path.as_str(), sent.text().as_str()), ("/v3/pay/transactions/native", A_BODY));
    assert_rightly_sent(&sent);
    assert_eq!(sent.header("wechatpay-serial"), Some(PUBLIC_ID), "asks for the public key's signature");
    let next = NextStep::Qr { code_url: "weixin://wxpay/bizpayurl?pr=p4lpSuKzz".to_owned(), expires_at: NOON + 300_000 };
    assert_eq!(started.unwrap().next, next);
}

#[tokio::test]
async fn every_attempt_is_signed_afresh_over_the_same_body() {
    let stage = Stage::set(|_| signed(&json!({"code_url": "weixin://x"}))).await;
    let request = start_request(Method::WechatNative);
    stage.channel.start(&request).await.unwrap();
    stage.channel.start(&StartRequest { now_ms: NOON + 60_000, ..request }).await.unwrap();
    let seen = stage.server.seen();
    assert_eq!(seen[0].body, seen[1].body);
    assert_ne!(parts(&seen[0])["nonce_str"], parts(&seen[1])["nonce_str"]);
    assert!(parts(&seen[0])["nonce_str"].len() <= 32);
}

#[tokio::test]
async fn a_code_of_any_shape_is_shown_as_it_is() {
    for code in ["weixin://pay.weixin.qq.com/bizpayurl/up?pr=NwY5Mz9&groupid=00", "weixin://wxpay/bizpayurl?pr=x"] {
        let (_, started) = start(&start_request(Method::WechatNative), json!({ "code_url": code })).await;
        assert!(matches!(started.unwrap().next, NextStep::Qr { code_url, .. } if code_url == code));
    }
}

#[tokio::test]
async fn a_code_lives_two_hours_at_most_and_a_link_five_minutes() {
    let long = |method| StartRequest { deadline: NOON + 86_400_000, ..start_request(method) };
    let (_, started) = start(&long(Method::WechatNative), json!({"code_url": "weixin://x"})).await;
    assert_eq!(started.unwrap().code_expires_at, Some(NOON + 7_200_000));
    let (_, started) = start(&long(Method::WechatH5), json!({"h5_url": "https://wx.tenpay.com/x?a=1"})).await;
    assert_eq!(started.unwrap().code_expires_at, Some(NOON + 300_000));
}

#[tokio::test]
async fn a_page_gets_the_package_signed() {
    let (stage, started) = start(&start_request(Method::WechatJsapi), json!({"prepay_id": "wx2014"})).await;
    let (_, path, body) = stage.last();
    assert_eq!((path.as_str(), &body["payer"]), ("/v3/pay/transactions/jsapi", &json!({ "openid": OPENID })));
    let (bridge, params) = invoked(started);
    assert_eq!(bridge, "wechat_jsapi");
    let names: Vec<&str> = params.keys().map(String::as_str).collect();
    assert_eq!(names, ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"]);
    assert_eq!((&params["timeStamp"], &params["package"]), (&json!("1717214400"), &json!("prepay_id=wx2014")));
    assert_eq!(params["signType"], "RSA");
    assert_signed(&params, APPID, "prepay_id=wx2014", "paySign");
}

#[tokio::test]
async fn a_mini_program_signs_its_appid_without_handing_it_on() {
    let (stage, started) = start(&start_request(Method::WechatMini), json!({"prepay_id": "wx2014"})).await;
    assert_eq!(stage.last().1, "/v3/pay/transactions/jsapi");
    let (bridge, params) = invoked(started);
    assert_eq!((bridge.as_str(), params.contains_key("appId")), ("wechat_mini", false));
    assert_signed(&params, APPID, "prepay_id=wx2014", "paySign");
}

#[tokio::test]
async fn an_app_gets_the_bare_prepay_id_signed() {
    let (stage, started) = start(&start_request(Method::WechatApp), json!({"prepay_id": "wx2014"})).await;
    let (_, path, body) = stage.last();
    assert_eq!((path.as_str(), body.get("payer")), ("/v3/pay/transactions/app", None));
    let (bridge, params) = invoked(started);
    assert_eq!(bridge, "wechat_app");
    assert_eq!((&params["appId"], &params["partnerId"]), (&json!(APPID), &json!(MCHID)));
    assert_eq!((&params["prepayId"], &params["packageValue"]), (&json!("wx2014"), &json!("Sign=WXPay")));
    assert_eq!((&params["package"], &params["timeStamp"]), (&json!("Sign=WXPay"), &json!("1717214400")));
    assert_signed(&params, APPID, "wx2014", "sign");
}

fn assert_signed(params: &serde_json::Map<String, Value>, appid: &str, subject: &str, name: &str) {
    let nonce = params["nonceStr"].as_str().unwrap();
    assert!((1..=32).contains(&nonce.len()));
    let text = sign::wallet_text(appid, NOON / 1000, nonce, subject);
    let signature = STANDARD.decode(params[name].as_str().unwrap()).unwrap();
    assert!(VerifyingKey::read(&MERCHANT_PUBLIC).unwrap().verify_sha256(&text, &signature));
}

#[tokio::test]
async fn a_phones_browser_is_sent_to_the_link_with_the_way_back() {
    let url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2";
    let (stage, started) = start(&start_request(Method::WechatH5), json!({ "h5_url": url })).await;
    let (_, path, body) = stage.last();
    assert_eq!(path, "/v3/pay/transactions/h5");
    let info = json!({"type": "Wap", "app_name": "小店", "app_url": "https://pay.example.com"});
    assert_eq!(body["scene_info"], json!({"payer_client_ip": "203.0.113.7", "h5_info": info}));
    let back = format!("&redirect_url=https%3A%2F%2Fpay%2Eexample%2Ecom%2Freturn%2F{PAY_NO}");
    let origin = &stage.server.origin;
    let expected = format!("{origin}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2{back}");
    assert_eq!(started.unwrap().next, NextStep::Redirect { url: expected }, "the second host is the gateway's too");
}

#[tokio::test]
async fn the_scene_keeps_within_the_providers_lengths() {
    let request = StartRequest {
        merchant_name: "店".repeat(100),
        public_url: format!("https://{}.example.com", "a".repeat(130)),
        ..start_request(Method::WechatH5)
    };
    let (stage, _) = start(&request, json!({"h5_url": "https://x/y?z"})).await;
    let info = stage.last().2["scene_info"]["h5_info"].clone();
    assert_eq!((info["app_name"].as_str().unwrap().len(), info.get("app_url")), (63, None));
}

#[tokio::test]
async fn a_method_without_its_fact_names_it() {
    let request = StartRequest { facts: BTreeMap::new(), ..start_request(Method::WechatJsapi) };
    let (stage, started) = start(&request, Value::Null).await;
    assert_eq!(started.err(), Some(ChannelError::MissingFact("openid")));
    assert!(stage.server.seen().is_empty());
    let (_, started) = start(&start_request(Method::WechatMicropay), Value::Null).await;
    assert!(matches!(started, Err(ChannelError::Unsupported(_))));
}

#[tokio::test]
async fn long_and_odd_subjects_become_what_the_provider_takes() {
    for (subject, sent) in [
        ("蓝色茶壶 🍵".to_owned(), "蓝色茶壶".to_owned()),
        ("壶".repeat(60), "壶".repeat(42)),
        ("🍵🍵".to_owned(), "小店".to_owned()),
        ("a\u{7}b".to_owned(), "ab".to_owned()),
    ] {
        let request = StartRequest { subject, ..start_request(Method::WechatNative) };
        let (stage, _) = start(&request, json!({"code_url": "weixin://x"})).await;
        assert_eq!(stage.last().2["description"], sent);
    }
}

#[tokio::test]
async fn a_short_time_is_lifted_to_the_providers_minute() {
    let request = StartRequest { deadline: NOON + 5_000, ..start_request(Method::WechatNative) };
    let (stage, _) = start(&request, json!({"code_url": "weixin://x"})).await;
    assert_eq!(stage.last().2["time_expire"], "2024-06-01T12:01:00+08:00");
}

#[tokio::test]
async fn addresses_that_the_provider_refuses_are_not_sent() {
    for url in ["https://pay.example.com/n?a=1", "https://pay.example.com/n#a"] {
        let request = StartRequest { notify_url: url.to_owned(), ..start_request(Method::WechatNative) };
        let (stage, started) = start(&request, Value::Null).await;
        assert_eq!(word(&started), "refused PARAM_ERROR");
        assert!(stage.server.seen().is_empty());
    }
    // The provider itself wants HTTPS.
    let channel = open_at("", &[]).unwrap();
    let request = StartRequest { notify_url: "http://pay.example.com/n".to_owned(), ..start_request(Method::WechatNative) };
    assert_eq!(word(&channel.start(&request).await), "refused PARAM_ERROR");
}

#[tokio::test]
async fn a_reply_without_what_the_method_needs_is_unclear() {
    for (method, reply) in [
        (Method::WechatNative, json!({})),
        (Method::WechatNative, json!({"code_url": ""})),
        (Method::WechatJsapi, json!({"code_url": "weixin://x"})),
        (Method::WechatApp, json!({"prepay_id": null})),
        (Method::WechatH5, json!({"h5_url": "javascript:alert(1)"})),
        (Method::WechatNative, json!([1])),
    ] {
        let (_, started) = start(&start_request(method), reply.clone()).await;
        assert_eq!(word(&started), "unclear", "{method} {reply}");
    }
}

#[tokio::test]
async fn a_used_number_is_doubt_and_other_refusals_are_a_no() {
    for (status, code, message, sub_code, expected) in [
        (403, "OUT_TRADE_NO_USED", "商户订单号重复", "", "unclear"),
        (400, "ORDERPAID", "订单已支付", "", "unclear"),
        (400, "ORDER_PAID", "订单已支付", "", "unclear"),
        (400, "INVALID_REQUEST", "说明", "268498688", "unclear"),
        (400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致", "", "unclear"),
        (400, "INVALID_REQUEST", "说明", "268449538", "unclear"),
        (400, "INVALID_REQUEST", "说明", "268501013", "refused INVALID_REQUEST"),
        (400, "PARAM_ERROR", "说明", "268435461", "refused PARAM_ERROR"),
        (400, "APPID_MCHID_NOT_MATCH", "说明", "", "refused APPID_MCHID_NOT_MATCH"),
        (400, "ORDER_CLOSED", "说明", "", "refused ORDER_CLOSED"),
        (401, "SIGN_ERROR", "说明", "", "refused SIGN_ERROR"),
        (403, "NO_AUTH", "说明", "", "refused NO_AUTH"),
        (403, "NEVER_HEARD_OF", "说明", "", "unclear"),
        (429, "FREQUENCY_LIMITED", "说明", "", "unclear"),
        (429, "PARAM_ERROR", "说明", "", "unclear"),
        (500, "SYSTEM_ERROR", "说明", "", "unclear"),
    ] {
        let stage = Stage::once(refused_with(status, code, message, sub_code)).await;
        let started = stage.channel.start(&start_request(Method::WechatNative)).await;
        assert_eq!(word(&started), expected, "{status} {code} {message} {sub_code}");
    }
}

#[tokio::test]
async fn a_service_provider_orders_for_the_sub_merchant() {
    let stage = Stage::with(SERVICE_PROVIDER, |_| signed(&json!({"prepay_id": "wx2014"}))).await;
    let started = stage.channel.start(&start_request(Method::WechatJsapi)).await;
    let (_, path, body) = stage.last();
    assert_eq!(path, "/v3/pay/partner/transactions/jsapi");
    assert_eq!((&body["sp_appid"], &body["sp_mchid"]), (&json!(APPID), &json!(MCHID)));
    assert_eq!((&body["sub_appid"], &body["sub_mchid"]), (&json!("wx9999999999999999"), &json!("1900000110")));
    assert_eq!((&body["payer"], body.get("mchid")), (&json!({ "sp_openid": OPENID }), None));
    let (_, params) = invoked(started);
    assert_eq!(params["appId"], APPID);

    let mut request = start_request(Method::WechatJsapi);
    request.facts.insert("sub_openid".to_owned(), "oSub".to_owned());
    let (_, params) = invoked(stage.channel.start(&request).await);
    assert_eq!(stage.last().2["payer"], json!({"sub_openid": "oSub"}));
    assert_signed(&params, "wx9999999999999999", "prepay_id=wx2014", "paySign");
}
