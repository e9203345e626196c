//! Starting payments.

use super::*;

const TOKEN: &str = "5M7cf9dd6fe6d41a9ca1b2c3d4e5f607";

fn accepted(_: &Request) -> Script {
    signed(&[("trade_type", "X"), ("prepay_id", TOKEN), ("code_url", "https://qpay.qq.com/qr/5c4fdb1c")])
}

#[tokio::test]
async fn an_order_carries_what_the_provider_documents() {
    let stage = Stage::set(accepted).await;
    stage.channel.start(&start_request(Method::QqNative)).await.unwrap();
    let (path, mut fields) = stage.last();
    assert_eq!(path, "/cgi-bin/pay/qpay_unified_order.cgi");
    let nonce = fields.remove("nonce_str").unwrap();
    assert!((16..=32).contains(&nonce.len()) && nonce.bytes().all(|b| b.is_ascii_alphanumeric()));
    let signature = fields.remove("sign").unwrap();
    assert_eq!(signature, signature.to_ascii_uppercase());
    assert_eq!(
        fields,
        map(&[
            ("appid", APPID),
            ("mch_id", MCH_ID),
            ("body", "收银台-测试商品"),
            ("out_trade_no", PAY_NO),
            ("fee_type", "CNY"),
            ("total_fee", "888"),
            ("spbill_create_ip", "203.0.113.7"),
            ("time_start", "20240601120000"),
            ("time_expire", "20240601120500"),
            ("notify_url", "https://pay.example.com/notify/ch_1/pay"),
            ("trade_type", "NATIVE"),
        ])
    );
}

#[tokio::test]
async fn a_repeat_sends_the_same_parameters_later_on() {
    let stage = Stage::set(accepted).await;
    for method in [Method::QqNative, Method::QqJsapi, Method::QqApp] {
        let mut request = start_request(method);
        let mut sent = Vec::new();
        for _ in 0..2 {
            stage.channel.start(&request).await.unwrap();
            let (_, mut fields) = stage.last();
            fields.remove("nonce_str");
            fields.remove("sign");
            sent.push(fields);
            request.now_ms += 55_000;
        }
        assert_eq!(sent[0], sent[1], "{method}");
    }
}

#[tokio::test]
async fn no_method_needs_an_openid() {
    for (method, trade_type) in [(Method::QqNative, "NATIVE"), (Method::QqJsapi, "JSAPI"), (Method::QqApp, "APP")] {
        let stage = Stage::set(accepted).await;
        stage.channel.start(&start_request(method)).await.unwrap();
        let (_, fields) = stage.last();
        assert_eq!((fields["trade_type"].as_str(), text(&fields, "openid")), (trade_type, None));
    }
    let stage = Stage::set(accepted).await;
    assert_eq!(word(&stage.channel.start(&start_request(Method::WechatNative)).await), "not supported: this method");
}

#[tokio::test]
async fn a_code_is_shown_as_it_came_and_dies_with_the_payment_or_after_two_hours() {
    let stage = Stage::set(accepted).await;
    for (deadline, expires_at) in [(NOON + 300_000, NOON + 300_000), (NOON + 86_400_000, NOON + 7_200_000)] {
        let request = StartRequest { deadline, ..start_request(Method::QqNative) };
        let started = stage.channel.start(&request).await.unwrap();
        let code_url = "https://qpay.qq.com/qr/5c4fdb1c".to_owned();
        assert_eq!(started.next, NextStep::Qr { code_url, expires_at });
        assert_eq!(started.code_expires_at, Some(expires_at));
    }
}

#[tokio::test]
async fn a_short_deadline_is_stretched_for_the_provider_and_not_for_the_payer() {
    let stage = Stage::set(accepted).await;
    let short = StartRequest { deadline: NOON + 10_000, ..start_request(Method::QqNative) };
    let started = stage.channel.start(&short).await.unwrap();
    assert_eq!(stage.last().1["time_expire"], "20240601120130");
    assert_eq!(started.code_expires_at, Some(NOON + 10_000));
}

#[tokio::test]
async fn a_page_inside_qq_gets_the_bare_token_without_a_signature() {
    let stage = Stage::set(accepted).await;
    let started = stage.channel.start(&start_request(Method::QqJsapi)).await.unwrap();
    let params = serde_json::json!({
        "tokenId": TOKEN,
        "pubAcc": "",
        "pubAccHint": "",
        "appInfo": "appid#100619284|bargainor_id#1900000109|channel#wallet",
    });
    assert_eq!(started.next, NextStep::Invoke { bridge: "qq_jsapi".to_owned(), params: params.as_object().unwrap().clone() });
}

/// The vector of an app's call, by way of the order.
#[test]
fn an_app_gets_what_its_library_wants() {
    let account = Account {
        mch_id: "2001".to_owned(),
        key: Secret::new(KEY.to_owned()),
        appid: Some(APPID.to_owned()),
        app_key: Some(Secret::new(APP_KEY.to_owned())),
        op_user_id: String::new(),
        op_user_passwd: None,
    };
    let nonce = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS".to_owned();
    let started = order::opened(&map(&[("prepay_id", TOKEN)]), &start_request(Method::QqApp), &account, nonce.clone()).unwrap();
    let params = serde_json::json!({
        "appId": APPID,
        "serialNumber": PAY_NO,
        "callbackScheme": "qwallet100619284",
        "tokenId": TOKEN,
        "pubAcc": "",
        "pubAccHint": "",
        "nonce": nonce,
        "timeStamp": "1717214400",
        "bargainorId": "2001",
        "sigType": "HMAC-SHA1",
        "sig": "yYVWGRG6wDE6//Ha++aL2JI7xuo=",
    });
    assert_eq!(started.next, NextStep::Invoke { bridge: "qq_app".to_owned(), params: params.as_object().unwrap().clone() });
}

#[tokio::test]
async fn what_a_wallet_call_needs_is_named_before_anything_is_sent() {
    for (missing, method, expected) in [
        ("appid", Method::QqJsapi, "appid: is required to open the wallet from a page or an app"),
        ("appid", Method::QqApp, "appid: is required to open the wallet from a page or an app"),
        ("app_key", Method::QqApp, "app_key: is required to open the wallet from an app"),
        ("app_key", Method::QqJsapi, "ok"),
        ("appid", Method::QqNative, "ok"),
    ] {
        let stage = Stage::with(&[(missing, "")], |_| {
            signed(&[("appid", ""), ("prepay_id", TOKEN), ("code_url", "https://qpay.qq.com/qr/5c4fdb1c")])
        })
        .await;
        assert_eq!(word(&stage.channel.start(&start_request(method)).await), expected, "{method} without {missing}");
        assert_eq!(stage.server.seen().len(), usize::from(expected == "ok"));
    }
}

#[tokio::test]
async fn the_payers_address_is_always_an_ipv4_one() {
    let stage = Stage::set(accepted).await;
    for (client, public, expected) in [
        ("203.0.113.7", "https://pay.example.com", "203.0.113.7"),
        ("::ffff:203.0.113.7", "https://pay.example.com", "203.0.113.7"),
        ("2001:db8::1", "https://198.51.100.4:8443", "198.51.100.4"),
        ("2001:db8::1", "https://pay.example.com", "127.0.0.1"),
        ("nonsense", "nonsense", "127.0.0.1"),
    ] {
        let request =
            StartRequest { client_ip: client.to_owned(), public_url: public.to_owned(), ..start_request(Method::QqNative) };
        stage.channel.start(&request).await.unwrap();
        assert_eq!(stage.last().1["spbill_create_ip"], expected, "{client}");
    }
}

#[tokio::test]
async fn refusals_of_an_order_are_told_from_doubt() {
    for (code, expected) in [
        ("SYSTEMERROR", "unclear"),
        ("ORDERPAID", "unclear"),
        ("OUT_TRADE_NO_USED", "unclear"),
        ("NEVER_HEARD_OF", "unclear"),
        ("ORDERCLOSED", "refused ORDERCLOSED"),
        ("SIGNERROR", "refused SIGNERROR"),
        ("PARAM_ERROR", "refused PARAM_ERROR"),
        ("LACK_PARAMS", "refused LACK_PARAMS"),
        ("NOAUTH", "refused NOAUTH"),
        ("APPID_OR_OPENID_ERR", "refused APPID_OR_OPENID_ERR"),
    ] {
        let stage = Stage::set(move |_| failed(code)).await;
        assert_eq!(word(&stage.channel.start(&start_request(Method::QqNative)).await), expected, "{code}");
    }
}

#[tokio::test]
async fn an_accepted_order_without_its_code_is_unclear() {
    let stage = Stage::set(|_| signed(&[("trade_type", "X")])).await;
    for method in [Method::QqNative, Method::QqJsapi, Method::QqApp] {
        assert_eq!(word(&stage.channel.start(&start_request(method)).await), "unclear", "{method}");
    }
}

#[tokio::test]
async fn an_address_with_a_query_is_refused_before_the_provider_does() {
    let stage = Stage::set(accepted).await;
    for url in ["https://pay.example.com/n?x=1".to_owned(), format!("https://pay.example.com/{}", "n".repeat(250))] {
        for request in [start_request(Method::QqNative), bar(CODE)] {
            let request = StartRequest { notify_url: url.clone(), ..request };
            assert_eq!(word(&stage.channel.start(&request).await), "refused PARAM_ERROR");
        }
    }
    assert!(stage.server.seen().is_empty());
}

#[tokio::test]
async fn a_subject_is_cut_at_a_character_and_loses_its_emoji() {
    let stage = Stage::set(accepted).await;
    let long = "中".repeat(60);
    let cut = "中".repeat(42);
    for (subject, merchant, expected) in
        [("tea 🍵 pot", "小店", "tea  pot"), (long.as_str(), "小店", cut.as_str()), ("🎁", "小店", "小店"), ("🎁", "🏪", PAY_NO)]
    {
        let request =
            StartRequest { subject: subject.to_owned(), merchant_name: merchant.to_owned(), ..start_request(Method::QqNative) };
        stage.channel.start(&request).await.unwrap();
        assert_eq!(stage.last().1["body"], expected);
    }
}

fn bar_paid(pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![
        ("openid", "9E2C4D5A1B7F4E0C8A6D3B2F1C0E9D8A"),
        ("trade_type", "MICROPAY"),
        ("trade_state", "SUCCESS"),
        ("fee_type", "CNY"),
        ("total_fee", "888"),
        ("cash_fee", "800"),
        ("coupon_fee", "88"),
        ("transaction_id", TRADE_NO),
        ("out_trade_no", PAY_NO),
        ("time_end", "20240601120130"),
    ];
    all.extend_from_slice(pairs);
    signed(&all)
}

#[tokio::test]
async fn a_bar_code_is_charged_at_once() {
    let stage = Stage::set(|_| bar_paid(&[])).await;
    let started = stage.channel.start(&bar(CODE)).await.unwrap();
    assert_eq!(started.next, NextStep::Done);
    let paid = Paid {
        trade_no: TRADE_NO.to_owned(),
        amount: Amount::from_fen(888).unwrap(),
        payer: Some("9E2C4D5A1B7F4E0C8A6D3B2F1C0E9D8A".to_owned()),
        paid_at: Some(NOON + 90_000),
    };
    assert_eq!(started.paid, Some(paid));
    let (path, fields) = stage.last();
    assert_eq!(path, "/cgi-bin/pay/qpay_micro_pay.cgi");
    for (name, value) in [
        ("auth_code", CODE),
        ("total_fee", "888"),
        ("fee_type", "CNY"),
        ("trade_type", "MICROPAY"),
        ("device_info", "CASHIER"),
        ("notify_url", "https://pay.example.com/notify/ch_1/pay"),
    ] {
        assert_eq!(text(&fields, name), Some(value), "{name}");
    }
    let mut till = bar(CODE);
    till.facts.insert("device_info".to_owned(), "TILL-7".to_owned());
    stage.channel.start(&till).await.unwrap();
    assert_eq!(stage.last().1["device_info"], "TILL-7");
}

#[tokio::test]
async fn outcomes_of_a_bar_code_are_told_apart() {
    for (code, expected) in [
        ("USERPAYING", "ok"),
        ("SYSTEMERROR", "unclear"),
        ("ORDERPAID", "unclear"),
        ("OUT_TRADE_NO_USED", "unclear"),
        ("NEVER_HEARD_OF", "unclear"),
        ("NOTENOUGH", "refused NOTENOUGH"),
        ("AUTHCODEEXPIRE", "refused AUTHCODEEXPIRE"),
        ("PARAM_ERROR", "refused PARAM_ERROR"),
    ] {
        let stage = Stage::set(move |_| failed(code)).await;
        let result = stage.channel.start(&bar(CODE)).await;
        assert_eq!(word(&result), expected, "{code}");
        if let Ok(started) = result {
            assert_eq!((started.next, started.paid), (NextStep::Wait, None));
        }
    }
    let typing = Stage::set(|_| bar_paid(&[("trade_state", "USERPAYING"), ("transaction_id", "")])).await;
    assert_eq!(typing.channel.start(&bar(CODE)).await.unwrap().next, NextStep::Wait);
    for broken in [
        ("out_trade_no", "OTHER"),
        ("transaction_id", ""),
        ("total_fee", ""),
        ("total_fee", "8.88"),
        ("fee_type", "USD"),
        ("trade_state", "NEVER_HEARD_OF"),
    ] {
        let stage = Stage::set(move |_| bar_paid(&[broken])).await;
        assert_eq!(word(&stage.channel.start(&bar(CODE)).await), "unclear", "{broken:?}");
    }
}

#[tokio::test]
async fn codes_of_another_shape_never_leave_the_house() {
    let stage = Stage::set(|_| bar_paid(&[])).await;
    for code in
        ["", "91123456789012345", "9112345678901234567", "134567890123456789", "91123456789012345a", "９１1234567890123456"]
    {
        assert_eq!(word(&stage.channel.start(&bar(code)).await), "refused AUTH_CODE_INVALID", "{code}");
    }
    let without = start_request(Method::QqMicropay);
    assert_eq!(stage.channel.start(&without).await.unwrap_err(), ChannelError::MissingFact("auth_code"));
    assert!(stage.server.seen().is_empty());
}
