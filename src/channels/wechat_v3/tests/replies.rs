//! Which replies are believed; queries and closing.

use super::*;

fn order(changes: &[(&str, Value)]) -> Value {
    let mut order = json!({
        "appid": APPID, "mchid": MCHID, "out_trade_no": PAY_NO, "transaction_id": "4200002024060100000000000001",
        "trade_type": "NATIVE", "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "OTHERS", "attach": "",
        "success_time": "2024-06-01T12:01:30+08:00", "payer": {"openid": OPENID},
        "amount": {"total": 100, "payer_total": 80, "currency": "CNY", "payer_currency": "CNY"},
        "promotion_detail": [{"coupon_id": "1", "amount": 20}], "never_heard_of": {"a": [1]}
    });
    let fields = order.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Value::Null => fields.remove(*name),
            value => fields.insert((*name).to_owned(), value.clone()),
        };
    }
    order
}

fn paid() -> Paid {
    Paid {
        trade_no: "4200002024060100000000000001".to_owned(),
        amount: Amount::from_fen(100).unwrap(),
        payer: Some(OPENID.to_owned()),
        paid_at: Some(NOON + 90_000),
    }
}

async fn query(reply: Value) -> Result<Remote, ChannelError> {
    Stage::set(move |_| signed(&reply)).await.channel.query(&payment()).await
}

/// A success with its headers changed.
fn with_headers(body: &Value, change: impl Fn(&mut Vec<(&'static str, String)>)) -> Script {
    let body = body.to_string();
    let mut headers = seal_headers(PUBLIC_ID, NOON / 1000, body.as_bytes());
    change(&mut headers);
    Script::Reply { status: 200, headers, body: body.into_bytes() }
}

fn signed_refusal(status: u16, code: &str) -> Script {
    signed_by(PUBLIC_ID, status, &json!({"code": code, "message": "说明"}).to_string())
}

fn with_changed_headers(script: Script, change: impl Fn(&mut Vec<(&'static str, String)>)) -> Script {
    let Script::Reply { status, mut headers, body } = script else { panic!("no reply") };
    change(&mut headers);
    Script::Reply { status, headers, body }
}

fn spoilt(script: Script) -> Script {
    with_changed_headers(script, |headers| {
        headers.iter_mut().filter(|h| h.0 == "wechatpay-nonce").for_each(|h| h.1 = "x".to_owned())
    })
}

fn halved(script: Script) -> Script {
    with_changed_headers(script, |headers| headers.retain(|h| h.0 == "wechatpay-signature"))
}

/// Replies that tell nothing, whatever was asked.
fn worthless() -> Vec<(&'static str, Script)> {
    let good = order(&[]);
    let set = |name: &'static str, value: &'static str| {
        with_headers(&good, move |headers| headers.iter_mut().filter(|(n, _)| *n == name).for_each(|h| h.1 = value.to_owned()))
    };
    let without = |name: &'static str| with_headers(&good, move |headers| headers.retain(|(n, _)| *n != name));
    let at = |seconds: i64| {
        let body = good.to_string();
        let headers = seal_headers(PUBLIC_ID, NOON / 1000 + seconds, body.as_bytes());
        Script::Reply { status: 200, headers, body: body.into_bytes() }
    };
    let spaced = {
        let headers = seal_headers(PUBLIC_ID, NOON / 1000, good.to_string().as_bytes());
        Script::Reply { status: 200, headers, body: serde_json::to_vec_pretty(&good).unwrap() }
    };
    vec![
        ("unsigned", Script::ok(good.to_string())),
        ("unsigned and empty", Script::status(204, "")),
        ("no signature", without("wechatpay-signature")),
        ("no time", without("wechatpay-timestamp")),
        ("no nonce", without("wechatpay-nonce")),
        ("no serial", without("wechatpay-serial")),
        ("another nonce", set("wechatpay-nonce", "other")),
        ("another time", set("wechatpay-timestamp", "1717214401")),
        ("no number as time", set("wechatpay-timestamp", "soon")),
        ("milliseconds", set("wechatpay-timestamp", "1717214400000")),
        ("no base64", set("wechatpay-signature", "?")),
        ("another public key's number", set("wechatpay-serial", "PUB_KEY_ID_1")),
        ("the merchant's own number", set("wechatpay-serial", SERIAL)),
        ("signed too long ago", at(-300)),
        ("signed in the future", at(300)),
        ("the same object in other bytes", spaced),
        ("a probe", set("wechatpay-signature", "WECHATPAY/SIGNTEST/n2K1")),
        (
            "another algorithm",
            with_headers(&good, |h| h.push(("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3".to_owned()))),
        ),
        ("a web page", signed_by(PUBLIC_ID, 200, "<html></html>")),
        ("a web page as refusal", Script::status(403, "<html></html>")),
        ("a refusal without words", Script::status(400, "{}")),
        ("HTTP 500", refused(500, "SYSTEM_ERROR")),
        ("HTTP 503", refused(503, "SERVICE_UNAVAILABLE")),
        ("too often", refused(429, "RATELIMIT_EXCEEDED")),
        ("a code never heard of", refused(403, "NEVER_HEARD_OF")),
        ("a refusal with a wrong signature", spoilt(signed_refusal(404, "ORDER_NOT_EXIST"))),
        ("a refusal of no refund with a wrong signature", spoilt(signed_refusal(404, "RESOURCE_NOT_EXISTS"))),
        ("a refusal with half a signature", halved(signed_refusal(400, "PARAM_ERROR"))),
        ("a refusal signed by nobody known", signed_by("PUB_KEY_ID_1", 400, r#"{"code":"PARAM_ERROR","message":"x"}"#)),
    ]
}

#[tokio::test]
async fn worthless_replies_change_nothing() {
    for (what, script) in worthless() {
        assert_eq!(word(&Stage::once(script).await.channel.query(&payment()).await), "unclear", "query: {what}");
    }
    for (what, script) in worthless() {
        let result = Stage::once(script).await.channel.start(&start_request(Method::WechatNative)).await;
        assert_eq!(word(&result), "unclear", "start: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&Stage::once(script).await.channel.refund(&refund_request()).await), "unclear", "refund: {what}");
    }
    for (what, script) in worthless() {
        let result = Stage::once(script).await.channel.query_refund(&refund_request()).await;
        assert_eq!(word(&result), "unclear", "refund query: {what}");
    }
    // For closing, a signed body of any kind would do, and too many questions are a reason to come back.
    for (what, script) in worthless() {
        let closed = Stage::once(script).await.channel.close(&payment()).await;
        match what {
            "a web page" => assert_eq!(closed, Ok(Closing::Closed)),
            "too often" => assert!(matches!(closed, Ok(Closing::NotYet(_))), "{closed:?}"),
            _ => assert_eq!(word(&closed), "unclear", "close: {what}"),
        }
    }
}

#[tokio::test]
async fn the_order_is_asked_for_by_whichever_number_is_known() {
    let stage = Stage::set(|_| refused(404, "ORDER_NOT_EXIST")).await;
    assert_eq!(stage.channel.query(&payment()).await, Ok(Remote::Unknown));
    let (method, path, _) = stage.last();
    assert_eq!((method.as_str(), path), ("GET", format!("/v3/pay/transactions/out-trade-no/{PAY_NO}?mchid={MCHID}")));
    let known = PaymentRef { provider_trade_no: Some("4200002024".to_owned()), ..payment() };
    let _ = stage.channel.query(&known).await;
    assert_eq!(stage.last().1, format!("/v3/pay/transactions/id/4200002024?mchid={MCHID}"));
    // Signed as it travels, escapes and all.
    let odd = PaymentRef { pay_no: "CS|2024*06/01".to_owned(), ..payment() };
    let _ = stage.channel.query(&odd).await;
    assert_eq!(stage.last().1, format!("/v3/pay/transactions/out-trade-no/CS%7C2024%2A06%2F01?mchid={MCHID}"));
}

#[tokio::test]
async fn states_mean_what_the_sheet_says_and_unknown_ones_are_pending() {
    let failed = Remote::Failed { code: "PAYERROR".to_owned(), message: "支付成功".to_owned() };
    for (state, expected) in [
        ("SUCCESS", Remote::Paid(paid())),
        ("REFUND", Remote::Paid(paid())),
        ("NOTPAY", Remote::Pending),
        ("USERPAYING", Remote::Pending),
        ("ACCEPT", Remote::Pending),
        ("CLOSED", Remote::Closed),
        ("REVOKED", Remote::Closed),
        ("PAYERROR", failed),
        ("NEVER_HEARD_OF", Remote::Pending),
        ("success", Remote::Pending),
    ] {
        assert_eq!(query(order(&[("trade_state", json!(state))])).await, Ok(expected), "{state}");
    }
    // Unpaid orders come without most fields.
    let bare = json!({"appid": APPID, "mchid": MCHID, "out_trade_no": PAY_NO, "trade_state": "NOTPAY", "trade_state_desc": "订单未支付"});
    assert_eq!(query(bare).await, Ok(Remote::Pending));
}

#[tokio::test]
async fn any_rfc_3339_time_is_read() {
    for text in ["2024-06-01T12:01:30+08:00", "2024-06-01T04:01:30Z", "2024-06-01T06:01:30.000+02:00"] {
        assert_eq!(query(order(&[("success_time", json!(text))])).await, Ok(Remote::Paid(paid())), "{text}");
    }
    let timeless = Paid { paid_at: None, ..paid() };
    assert_eq!(query(order(&[("success_time", json!("yesterday"))])).await, Ok(Remote::Paid(timeless)));
}

#[tokio::test]
async fn a_refunded_order_without_its_facts_is_unclear() {
    for missing in ["amount", "transaction_id"] {
        let bare = order(&[("trade_state", json!("REFUND")), (missing, Value::Null)]);
        assert_eq!(word(&query(bare.clone()).await), "unclear", "{missing}");
        // Nor is what we know already put in its place.
        let known = PaymentRef { provider_trade_no: Some("4200002024060100000000000001".to_owned()), ..payment() };
        let stage = Stage::set(move |_| signed(&bare)).await;
        assert_eq!(word(&stage.channel.query(&known).await), "unclear", "{missing}");
    }
    let other = order(&[("trade_state", json!("REFUND")), ("amount", json!({"total": 90, "currency": "CNY"}))]);
    let Ok(Remote::Paid(told)) = query(other).await else { panic!("not paid") };
    assert_eq!(told.amount.fen(), 90, "as the provider states it");
}

#[tokio::test]
async fn answers_about_something_else_are_unclear() {
    for change in [
        ("out_trade_no", json!("01JD3ZQ8K7M4N5P6Q7R8S9T0ZZ")),
        ("out_trade_no", Value::Null),
        ("mchid", json!("1900000110")),
        ("appid", json!("wx0000000000000000")),
        ("sub_mchid", json!("1900000110")),
        ("trade_state", Value::Null),
        ("transaction_id", Value::Null),
        ("amount", Value::Null),
        ("amount", json!({"total": "100"})),
        ("amount", json!({"total": 1.5})),
        ("amount", json!({"total": -1})),
        ("amount", json!({"total": 100, "currency": "USD"})),
    ] {
        assert_eq!(word(&query(order(std::slice::from_ref(&change))).await), "unclear", "{change:?}");
    }
    let known = PaymentRef { provider_trade_no: Some("4299".to_owned()), ..payment() };
    let stage = Stage::set(|_| signed(&order(&[]))).await;
    assert_eq!(word(&stage.channel.query(&known).await), "unclear", "another transaction");
}

#[tokio::test]
async fn closing_says_what_became_of_the_order() {
    let stage = Stage::set(|_| signed_by(PUBLIC_ID, 204, "")).await;
    assert_eq!(stage.channel.close(&payment()).await, Ok(Closing::Closed));
    let (method, path, body) = stage.last();
    assert_eq!((method.as_str(), path), ("POST", format!("/v3/pay/transactions/out-trade-no/{PAY_NO}/close")));
    assert_eq!(body, json!({ "mchid": MCHID }));
    for (status, code, message, sub_code, expected) in [
        (400, "ORDERPAID", "订单已支付", "", Some(Closing::AlreadyPaid)),
        (403, "ORDER_PAID", "x", "", Some(Closing::AlreadyPaid)),
        (400, "INVALID_REQUEST", "x", "268498689", Some(Closing::AlreadyPaid)),
        (400, "USERPAYING", "x", "", Some(Closing::NotYet("USERPAYING x".to_owned()))),
        (400, "INVALID_REQUEST", "用户支付中", "", Some(Closing::NotYet("INVALID_REQUEST 用户支付中".to_owned()))),
        (429, "FREQUENCY_LIMITED", "x", "", Some(Closing::NotYet("FREQUENCY_LIMITED x".to_owned()))),
        (400, "INVALID_REQUEST", "x", "268449641", None),
        (401, "SIGN_ERROR", "x", "", None),
    ] {
        let stage = Stage::once(refused_with(status, code, message, sub_code)).await;
        let closed = stage.channel.close(&payment()).await;
        match expected {
            Some(expected) => assert_eq!(closed, Ok(expected), "{code} {sub_code}"),
            None => assert_eq!(word(&closed), format!("refused {code}")),
        }
    }
}

/// What nobody signed does not end the waiting for money; the order's own state does, which is signed.
#[tokio::test]
async fn an_order_is_over_only_by_proof() {
    let closing = async |refusal: fn() -> Script, state: fn() -> Script| {
        let stage = Stage::set(move |r| if r.path.ends_with("/close") { refusal() } else { state() }).await;
        (stage.channel.close(&payment()).await, stage.server.seen().len())
    };
    let unused = || Script::status(500, "");
    for refusal in [|| signed_refusal(400, "ORDER_CLOSED"), || signed_refusal(404, "ORDER_NOT_EXIST")] {
        assert_eq!(closing(refusal, unused).await, (Ok(Closing::Closed), 1), "signed");
    }
    let closed = || signed(&order(&[("trade_state", json!("CLOSED")), ("transaction_id", Value::Null)]));
    let open = || signed(&order(&[("trade_state", json!("NOTPAY")), ("transaction_id", Value::Null)]));
    let money = || signed(&order(&[]));
    for refusal in [|| refused(400, "ORDER_CLOSED"), || refused(404, "ORDER_NOT_EXIST")] {
        assert_eq!(closing(refusal, closed).await, (Ok(Closing::Closed), 2));
        assert_eq!(closing(refusal, money).await, (Ok(Closing::AlreadyPaid), 2));
        assert!(matches!(closing(refusal, open).await, (Ok(Closing::NotYet(_)), 2)));
        assert_eq!(closing(refusal, || signed_refusal(404, "ORDER_NOT_EXIST")).await, (Ok(Closing::Closed), 2));
        for nothing in [unused, || refused(404, "ORDER_NOT_EXIST"), || Script::ok("{}"), || refused(401, "SIGN_ERROR")] {
            assert_eq!(word(&closing(refusal, nothing).await.0), "unclear");
        }
    }
}

#[tokio::test]
async fn signed_refusals_count_as_unsigned_ones_do() {
    let stage = Stage::once(signed_refusal(400, "PARAM_ERROR")).await;
    assert_eq!(word(&stage.channel.start(&start_request(Method::WechatNative)).await), "refused PARAM_ERROR");
    let stage = Stage::once(signed_refusal(404, "ORDER_NOT_EXIST")).await;
    assert_eq!(stage.channel.query(&payment()).await, Ok(Remote::Unknown));
}

#[tokio::test]
async fn a_service_provider_names_both_merchants() {
    let stage = Stage::with(SERVICE_PROVIDER, |r| match r.path.ends_with("/close") {
        true => signed_by(PUBLIC_ID, 204, ""),
        false => signed(&json!({
            "sp_appid": APPID, "sp_mchid": MCHID, "sub_appid": "wx9999999999999999", "sub_mchid": "1900000110",
            "out_trade_no": PAY_NO, "transaction_id": "42", "trade_state": "SUCCESS", "amount": {"total": 100},
            "payer": {"sp_openid": "oSp", "sub_openid": "oSub"}
        })),
    })
    .await;
    let Ok(Remote::Paid(paid)) = stage.channel.query(&payment()).await else { panic!("not paid") };
    assert_eq!(paid.payer.as_deref(), Some("oSp"));
    let orders = format!("/v3/pay/partner/transactions/out-trade-no/{PAY_NO}");
    assert_eq!(stage.last().1, format!("{orders}?sp_mchid={MCHID}&sub_mchid=1900000110"));
    assert_eq!(stage.channel.close(&payment()).await, Ok(Closing::Closed));
    let (_, path, body) = stage.last();
    assert_eq!((path, body), (format!("{orders}/close"), json!({"sp_mchid": MCHID, "sub_mchid": "1900000110"})));
}
