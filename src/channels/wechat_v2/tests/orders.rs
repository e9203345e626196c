//! Starting payments.

use super::*;

fn accepted(_: &Request) -> Script {
    signed(&[
        ("trade_type", "X"),
        ("prepay_id", "wx201410272009395522657a690389285100"),
        ("code_url", "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"),
        ("mweb_url", "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20&package=1"),
    ])
}

#[tokio::test]
async fn an_order_carries_what_the_provider_documents() {
    let stage = Stage::set(accepted).await;
    stage.channel.start(&start_request(Method::WechatNative)).await.unwrap();
    let (path, mut fields) = stage.last();
    assert_eq!(path, "/pay/unifiedorder");
    assert!(
        fields.remove("nonce_str").is_some_and(|n| (16..=32).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_alphanumeric()))
    );
    fields.remove("sign");
    assert_eq!(
        fields,
        map(&[
            ("appid", APPID),
            ("mch_id", MCH_ID),
            ("sign_type", "MD5"),
            ("body", "收银台-测试商品"),
            ("out_trade_no", PAY_NO),
            ("fee_type", "CNY"),
            ("total_fee", "100"),
            ("spbill_create_ip", "203.0.113.7"),
            ("time_start", "20240601120000"),
            ("time_expire", "20240601120500"),
            ("notify_url", "https://pay.example.com/notify/ch_1/pay"),
            ("trade_type", "NATIVE"),
            ("product_id", PAY_NO),
        ])
    );
}

#[tokio::test]
async fn a_repeat_sends_the_same_parameters_later_on() {
    let stage = Stage::set(accepted).await;
    for method in [Method::WechatNative, Method::WechatH5, Method::WechatJsapi, Method::WechatApp] {
        let mut first = start_request(method);
        stage.channel.start(&first).await.unwrap();
        let (_, mut sent) = stage.last();
        first.now_ms += 55_000;
        stage.channel.start(&first).await.unwrap();
        let (_, mut repeated) = stage.last();
        for fields in [&mut sent, &mut repeated] {
            fields.remove("nonce_str");
            fields.remove("sign");
        }
        assert_eq!(sent, repeated, "{method}");
    }
}

#[tokio::test]
async fn a_short_deadline_is_stretched_to_what_the_provider_takes() {
    let stage = Stage::set(accepted).await;
    let short = StartRequest { deadline: NOON + 10_000, ..start_request(Method::WechatNative) };
    let started = stage.channel.start(&short).await.unwrap();
    let expires = shanghai::parse_compact(&stage.last().1["time_expire"]).unwrap();
    assert!(expires >= NOON + 60_000);
    assert_eq!(started.code_expires_at, Some(NOON + 10_000), "but nobody is shown a longer life");
}

#[tokio::test]
async fn each_method_brings_its_own_fields() {
    let scene = r#"{"h5_info":{"type":"Wap","wap_url":"https://pay.example.com","wap_name":"小店"}}"#;
    for (method, trade_type, extra) in [
        (Method::WechatNative, "NATIVE", ("product_id", PAY_NO)),
        (Method::WechatH5, "MWEB", ("scene_info", scene)),
        (Method::WechatJsapi, "JSAPI", ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")),
        (Method::WechatMini, "JSAPI", ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")),
        (Method::WechatApp, "APP", ("openid", "")),
    ] {
        let stage = Stage::set(accepted).await;
        stage.channel.start(&start_request(method)).await.unwrap();
        let (_, fields) = stage.last();
        assert_eq!(fields["trade_type"], trade_type);
        assert_eq!(text(&fields, extra.0).unwrap_or_default(), extra.1, "{method}");
        let special = ["product_id", "scene_info", "openid"].iter().filter(|f| fields.contains_key(**f)).count();
        assert_eq!(special, usize::from(!extra.1.is_empty()), "{method}");
    }
}

#[tokio::test]
async fn jsapi_without_openid_says_what_is_missing_and_sends_nothing() {
    let stage = Stage::set(accepted).await;
    for method in [Method::WechatJsapi, Method::WechatMini] {
        let request = StartRequest { facts: BTreeMap::new(), ..start_request(method) };
        assert_eq!(stage.channel.start(&request).await.unwrap_err(), ChannelError::MissingFact("openid"));
    }
    assert!(stage.server.seen().is_empty());
}

#[tokio::test]
async fn the_scene_fits_whatever_the_shop_is_called() {
    let stage = Stage::set(accepted).await;
    let request = StartRequest { merchant_name: "很长的店名\"".repeat(40), ..start_request(Method::WechatH5) };
    stage.channel.start(&request).await.unwrap();
    let scene = stage.last().1["scene_info"].clone();
    assert!(scene.len() <= 256 && scene.len() > 200, "{scene}");
    let json: serde_json::Value = serde_json::from_str(&scene).unwrap();
    assert_eq!(json["h5_info"]["wap_url"], "https://pay.example.com");
}

#[tokio::test]
async fn a_code_is_shown_until_it_or_the_payment_ends() {
    let stage = Stage::set(accepted).await;
    for (deadline, expires_at) in [(NOON + 300_000, NOON + 300_000), (NOON + 86_400_000, NOON + 7_200_000)] {
        let request = StartRequest { deadline, ..start_request(Method::WechatNative) };
        let started = stage.channel.start(&request).await.unwrap();
        let code_url = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz".to_owned();
        assert_eq!(started.next, NextStep::Qr { code_url, expires_at });
        assert_eq!(started.paid, None);
    }
}

#[tokio::test]
async fn an_h5_link_goes_to_the_gateway_and_leads_back() {
    let stage = Stage::set(accepted).await;
    let request = StartRequest { deadline: NOON + 86_400_000, ..start_request(Method::WechatH5) };
    let started = stage.channel.start(&request).await.unwrap();
    let back = format!("https%3A%2F%2Fpay%2Eexample%2Ecom%2Freturn%2F{PAY_NO}");
    let url = format!("{}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20&package=1&redirect_url={back}", stage.server.origin);
    assert_eq!(started.next, NextStep::Redirect { url });
    assert_eq!(started.code_expires_at, Some(NOON + 300_000), "the link lives five minutes");
}

/// The vectors of client signatures: method, algorithm, parameters.
#[test]
fn client_parameters_match_the_published_signatures() {
    let nonce = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";
    let package = "prepay_id=wx201410272009395522657a690389285100";
    let reply = map(&[("prepay_id", "wx201410272009395522657a690389285100")]);
    let gateway = Gateway::parse(None).unwrap();
    let jsapi = |how, sign| {
        map(&[
            ("appId", APPID),
            ("timeStamp", "1717214400"),
            ("nonceStr", nonce),
            ("package", package),
            ("signType", how),
            ("paySign", sign),
        ])
    };
    let app = |sign| {
        map(&[
            ("appid", APPID),
            ("partnerid", MCH_ID),
            ("prepayid", "wx201410272009395522657a690389285100"),
            ("package", "Sign=WXPay"),
            ("noncestr", nonce),
            ("timestamp", "1717214400"),
            ("sign", sign),
        ])
    };
    let (md5, hmac) = ("92697F20F9285E0FF43870D64BA583F1", "4C5C0FC0C6906925A28F1AD2DA9E75449D97F13D37509EBCD0BD96E9A2500148");
    let mut mini = jsapi("MD5", md5);
    mini.remove("appId");
    for (method, sign_type, bridge, expected) in [
        (Method::WechatJsapi, SignType::Md5, "wechat_jsapi", jsapi("MD5", md5)),
        (Method::WechatJsapi, SignType::HmacSha256, "wechat_jsapi", jsapi("HMAC-SHA256", hmac)),
        (Method::WechatMini, SignType::Md5, "wechat_mini", mini),
        (Method::WechatApp, SignType::Md5, "wechat_app", app("C0F46E7A896B52B0B84F547E2709B544")),
        (
            Method::WechatApp,
            SignType::HmacSha256,
            "wechat_app",
            app("799E89013183672B6A68568257800C68CDEAC1437510816B37A69C556AD2FBE1"),
        ),
    ] {
        let account = Account {
            appid: APPID.to_owned(),
            mch_id: MCH_ID.to_owned(),
            key: Secret::new(KEY.to_owned()),
            sign_type,
            sub_appid: None,
            sub_mch_id: None,
        };
        let started = order::opened(&reply, &start_request(method), &account, &gateway, nonce.to_owned()).unwrap();
        let params = expected.into_iter().map(|(n, v)| (n, v.into())).collect();
        assert_eq!(started.next, NextStep::Invoke { bridge: bridge.to_owned(), params });
    }
}

#[tokio::test]
async fn a_sub_merchants_payer_pays_under_the_sub_merchants_appid() {
    let sub = [("sub_appid", "wx9999999999999999"), ("sub_mch_id", "1900000110")];
    let stage = Stage::with(&sub, accepted).await;
    let mut request = start_request(Method::WechatJsapi);
    request.facts.insert("sub_openid".to_owned(), "oSub".to_owned());
    let NextStep::Invoke { params, .. } = stage.channel.start(&request).await.unwrap().next else { panic!() };
    let (_, fields) = stage.last();
    assert_eq!((text(&fields, "openid"), text(&fields, "sub_openid")), (None, Some("oSub")));
    assert_eq!(params["appId"], "wx9999999999999999");
    request.facts.remove("sub_openid");
    let NextStep::Invoke { params, .. } = stage.channel.start(&request).await.unwrap().next else { panic!() };
    assert_eq!(params["appId"], APPID);
}

#[tokio::test]
async fn refusals_of_an_order_are_told_from_doubt() {
    for (code, expected) in [
        ("SYSTEMERROR", "unclear"),
        ("ORDERPAID", "unclear"),
        ("OUT_TRADE_NO_USED", "unclear"),
        ("NEVER_HEARD_OF", "unclear"),
        ("FREQUENCY_LIMITED", "unclear"),
        ("ORDERCLOSED", "refused ORDERCLOSED"),
        ("INVALID_REQUEST", "refused INVALID_REQUEST"),
        ("NOAUTH", "refused NOAUTH"),
        ("NOTENOUGH", "refused NOTENOUGH"),
        ("APPID_NOT_EXIST", "refused APPID_NOT_EXIST"),
        ("MCHID_NOT_EXIST", "refused MCHID_NOT_EXIST"),
        ("APPID_MCHID_NOT_MATCH", "refused APPID_MCHID_NOT_MATCH"),
        ("LACK_PARAMS", "refused LACK_PARAMS"),
        ("PARAM_ERROR", "refused PARAM_ERROR"),
        ("SIGNERROR", "refused SIGNERROR"),
        ("XML_FORMAT_ERROR", "refused XML_FORMAT_ERROR"),
        ("REQUIRE_POST_METHOD", "refused REQUIRE_POST_METHOD"),
        ("POST_DATA_EMPTY", "refused POST_DATA_EMPTY"),
        ("NOT_UTF8", "refused NOT_UTF8"),
    ] {
        let stage = Stage::set(move |_| failed(code)).await;
        assert_eq!(word(&stage.channel.start(&start_request(Method::WechatNative)).await), expected, "{code}");
    }
    let used =
        |_: &Request| signed(&[("result_code", "FAIL"), ("err_code", "INVALID_REQUEST"), ("err_code_des", "201 商户订单号重复")]);
    assert_eq!(word(&Stage::set(used).await.channel.start(&start_request(Method::WechatNative)).await), "unclear");
}

#[tokio::test]
async fn an_accepted_order_without_its_code_is_unclear() {
    let stage = Stage::set(|_| signed(&[("trade_type", "X")])).await;
    for method in [Method::WechatNative, Method::WechatH5, Method::WechatJsapi, Method::WechatApp] {
        assert_eq!(word(&stage.channel.start(&start_request(method)).await), "unclear", "{method}");
    }
}

#[tokio::test]
async fn an_address_with_a_query_is_refused_before_the_provider_does() {
    let stage = Stage::set(accepted).await;
    for url in ["https://pay.example.com/n?x=1".to_owned(), format!("https://pay.example.com/{}", "n".repeat(250))] {
        let request = StartRequest { notify_url: url, ..start_request(Method::WechatNative) };
        assert_eq!(word(&stage.channel.start(&request).await), "refused PARAM_ERROR");
    }
    assert!(stage.server.seen().is_empty());
}

#[tokio::test]
async fn a_subject_of_emoji_only_gives_way_to_the_merchants_name() {
    let stage = Stage::set(accepted).await;
    for (merchant, expected) in [("小店", "小店"), ("🏪", PAY_NO)] {
        let request =
            StartRequest {
                subject: "🎁".to_owned(), merchant_name: merchant.to_owned(), ..start_request(Method::WechatNative)
            };
        stage.channel.start(&request).await.unwrap();
        assert_eq!(stage.last().1["body"], expected);
    }
}

fn bar_paid(pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![
        ("openid", "oPayer"),
        ("trade_type", "MICROPAY"),
        ("total_fee", "100"),
        ("cash_fee", "80"),
        ("transaction_id", "42000"),
        ("out_trade_no", PAY_NO),
        ("time_end", "20240601120130"),
    ];
    all.extend_from_slice(pairs);
    signed(&all)
}

#[tokio::test]
async fn a_bar_code_is_charged_at_once() {
    let stage = Stage::set(|_| bar_paid(&[])).await;
    let started = stage.channel.start(&bar("134567890123456789")).await.unwrap();
    assert_eq!(started.next, NextStep::Done);
    let paid = Paid {
        trade_no: "42000".to_owned(),
        amount: Amount::from_fen(100).unwrap(),
        payer: Some("oPayer".to_owned()),
        paid_at: Some(NOON + 90_000),
    };
    assert_eq!(started.paid, Some(paid));
    let (path, fields) = stage.last();
    assert_eq!(path, "/pay/micropay");
    assert_eq!((fields["auth_code"].as_str(), fields["total_fee"].as_str()), ("134567890123456789", "100"));
    for absent in ["notify_url", "trade_type", "openid"] {
        assert!(!fields.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn outcomes_of_a_bar_code_are_told_apart() {
    for (code, expected) in [
        ("USERPAYING", "ok"),
        ("SYSTEMERROR", "unclear"),
        ("BANKERROR", "unclear"),
        ("ORDERPAID", "unclear"),
        ("OUT_TRADE_NO_USED", "unclear"),
        ("NEVER_HEARD_OF", "unclear"),
        ("NOTENOUGH", "refused NOTENOUGH"),
        ("NOTSUPORTCARD", "refused NOTSUPORTCARD"),
        ("AUTHCODEEXPIRE", "refused AUTHCODEEXPIRE"),
        ("AUTH_CODE_ERROR", "refused AUTH_CODE_ERROR"),
        ("AUTH_CODE_INVALID", "refused AUTH_CODE_INVALID"),
        ("BUYER_MISMATCH", "refused BUYER_MISMATCH"),
        ("TRADE_ERROR", "refused TRADE_ERROR"),
        ("RULELIMIT", "refused RULELIMIT"),
        ("ORDERCLOSED", "refused ORDERCLOSED"),
        ("ORDERREVERSED", "refused ORDERREVERSED"),
    ] {
        let stage = Stage::set(move |_| failed(code)).await;
        let result = stage.channel.start(&bar("134567890123456789")).await;
        assert_eq!(word(&result), expected, "{code}");
        if let Ok(started) = result {
            assert_eq!((started.next, started.paid), (NextStep::Wait, None));
        }
    }
    for broken in
        [("out_trade_no", "OTHER"), ("transaction_id", ""), ("total_fee", ""), ("total_fee", "1.00"), ("fee_type", "USD")]
    {
        let stage = Stage::set(move |_| bar_paid(&[broken])).await;
        assert_eq!(word(&stage.channel.start(&bar("134567890123456789")).await), "unclear", "{broken:?}");
    }
}

#[tokio::test]
async fn codes_of_another_shape_never_leave_the_house() {
    let stage = Stage::set(|_| bar_paid(&[])).await;
    for code in [
        "",
        "12345678901234567",
        "1234567890123456789",
        "164567890123456789",
        "284567890123456789",
        "13456789012345678a",
        "１３４５６７８９０１２３４５６７８９",
    ] {
        assert_eq!(word(&stage.channel.start(&bar(code)).await), "refused AUTH_CODE_INVALID", "{code}");
    }
    let without = start_request(Method::WechatMicropay);
    assert_eq!(stage.channel.start(&without).await.unwrap_err(), ChannelError::MissingFact("auth_code"));
    assert!(stage.server.seen().is_empty());
    for prefix in 10..=15 {
        assert_eq!(word(&stage.channel.start(&bar(&format!("{prefix}4567890123456789"))).await), "ok", "{prefix}");
    }
}
