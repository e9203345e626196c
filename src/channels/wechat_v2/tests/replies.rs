//! Which replies are believed; queries and closing.

use super::*;

/// Replies that tell nothing, whatever was asked.
fn worthless() -> Vec<(&'static str, Script)> {
    let good =
        signed_map(&[("out_trade_no", PAY_NO), ("trade_state", "SUCCESS"), ("transaction_id", "42"), ("total_fee", "100")]);
    let without = |name: &str| {
        let mut fields = good.clone();
        fields.remove(name);
        to_xml(&fields)
    };
    let bare = |pairs: &[(&str, &str)]| Script::ok(to_xml(&map(pairs)));
    let text = to_xml(&good);
    let otherwise = |how| {
        let mut fields = good.clone();
        let signature = sign::sign(&fields, KEY, how);
        fields.insert("sign".to_owned(), signature);
        to_xml(&fields)
    };
    vec![
        ("empty", Script::ok("")),
        ("a web page", Script::ok("<!DOCTYPE html><html><body>Bad Gateway</body></html>")),
        ("a web page with 404", Script::status(404, "<html></html>")),
        ("JSON", Script::ok("{}")),
        ("unsigned", Script::ok(without("sign"))),
        ("another field added", Script::ok(text.replace("</xml>", "<extra>1</extra></xml>"))),
        ("a field changed", Script::ok(text.replace("<total_fee>100<", "<total_fee>101<"))),
        ("another algorithm", Script::ok(otherwise(SignType::HmacSha256))),
        ("an element twice", Script::ok(text.replace("</xml>", "<total_fee>100</total_fee></xml>"))),
        ("a document type", Script::ok(format!("<!DOCTYPE xml>{text}"))),
        ("right but with HTTP 403", Script::status(403, text.clone())),
        ("right but with HTTP 500", Script::status(500, text.clone())),
        ("too large", Script::ok(text.replace("</xml>", &format!("{}</xml>", " ".repeat(70_000))))),
        ("the other appid", signed(&[("appid", "wx0000000000000000")])),
        ("the other merchant", signed(&[("mch_id", "1900000110")])),
        ("a sub-merchant we do not have", signed(&[("sub_mch_id", "1900000110")])),
        ("no appid", signed(&[("appid", "")])),
        ("no merchant", signed(&[("mch_id", "")])),
        ("no result", signed(&[("result_code", "")])),
        ("a result never heard of", signed(&[("result_code", "MAYBE")])),
        ("a failure without code", signed(&[("result_code", "FAIL")])),
        ("a system error in words", bare(&[("return_code", "FAIL"), ("return_msg", "system error")])),
        ("a failure in no words", bare(&[("return_code", "FAIL")])),
        ("an unsigned word about the order", bare(&[("return_code", "FAIL"), ("return_msg", "ORDERPAID")])),
        ("a return code never heard of", bare(&[("return_code", "ERROR"), ("return_msg", "x")])),
        ("no return code", bare(&[("result_code", "SUCCESS")])),
        ("SYSTEMERROR", failed("SYSTEMERROR")),
        ("a code never heard of", failed("NEVER_HEARD_OF")),
    ]
}

/// A stage for one reply.
async fn once(script: Script) -> Stage {
    let script = std::sync::Mutex::new(Some(script));
    Stage::set(move |_| script.lock().unwrap().take().unwrap_or(Script::status(500, ""))).await
}

#[tokio::test]
async fn worthless_replies_change_nothing() {
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.query(&payment(Method::WechatNative)).await), "unclear", "query: {what}");
    }
    for (what, script) in worthless() {
        let result = once(script).await.channel.start(&start_request(Method::WechatNative)).await;
        assert_eq!(word(&result), "unclear", "start: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.close(&payment(Method::WechatNative)).await), "unclear", "close: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.start(&bar("134567890123456789")).await), "unclear", "micropay: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.refund(&refund_request()).await), "unclear", "refund: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.query_refund(&refund_request()).await), "unclear", "refund query: {what}");
    }
}

#[tokio::test]
async fn refusals_in_words_are_definite() {
    for (message, code) in [
        ("签名错误", "SIGNERROR"),
        ("签名错误，请检查后再试", "SIGNERROR"),
        ("appid和mch_id不匹配，请检查后再试", "APPID_MCHID_NOT_MATCH"),
        ("appid and mch_id not match", "APPID_MCHID_NOT_MATCH"),
        ("appid不存在", "APPID_NOT_EXIST"),
        ("受理机构必须传入sub_mch_id", "LACK_PARAMS"),
        ("缺少参数", "LACK_PARAMS"),
        ("XML格式错误", "XML_FORMAT_ERROR"),
        ("子商户mchid不能与自身mchid相同", "PARAM_ERROR"),
    ] {
        let body = to_xml(&map(&[("return_code", "FAIL"), ("return_msg", message)]));
        let result = once(Script::ok(body)).await.channel.start(&start_request(Method::WechatNative)).await;
        assert_eq!(result.unwrap_err(), ChannelError::Refused { code: code.to_owned(), message: message.to_owned() });
    }
}

fn state(pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![
        ("out_trade_no", PAY_NO),
        ("trade_state", "SUCCESS"),
        ("transaction_id", "42000"),
        ("total_fee", "100"),
        ("cash_fee", "1"),
        ("settlement_total_fee", "90"),
        ("coupon_fee_0", "10"),
        ("fee_type", "CNY"),
        ("openid", "oPayer"),
        ("time_end", "20240601120130"),
    ];
    all.extend_from_slice(pairs);
    signed(&all)
}

fn paid() -> Remote {
    Remote::Paid(Paid {
        trade_no: "42000".to_owned(),
        amount: Amount::from_fen(100).unwrap(),
        payer: Some("oPayer".to_owned()),
        paid_at: Some(NOON + 90_000),
    })
}

#[tokio::test]
async fn states_are_read_as_documented_and_unknown_ones_as_pending() {
    let failed = Remote::Failed { code: "PAYERROR".to_owned(), message: "支付失败".to_owned() };
    for (name, expected) in [
        ("SUCCESS", paid()),
        ("REFUND", paid()),
        ("NOTPAY", Remote::Pending),
        ("USERPAYING", Remote::Pending),
        ("ACCEPT", Remote::Pending),
        ("NEVER_HEARD_OF", Remote::Pending),
        ("CLOSED", Remote::Closed),
        ("REVOKED", Remote::Closed),
        ("PAYERROR", failed),
    ] {
        let stage = once(state(&[("trade_state", name), ("trade_state_desc", "支付失败")])).await;
        assert_eq!(stage.channel.query(&payment(Method::WechatNative)).await.unwrap(), expected, "{name}");
        assert_eq!(stage.last().0, "/pay/orderquery");
    }
}

#[tokio::test]
async fn a_sparse_reply_about_an_unpaid_order_is_enough() {
    let stage = once(signed(&[("out_trade_no", PAY_NO), ("trade_state", "NOTPAY")])).await;
    assert_eq!(stage.channel.query(&payment(Method::WechatNative)).await.unwrap(), Remote::Pending);
}

#[tokio::test]
async fn a_refunded_order_counts_as_paid_even_without_details() {
    let sparse = || signed(&[("out_trade_no", PAY_NO), ("trade_state", "REFUND")]);
    for (known, trade_no) in [(Some("42000".to_owned()), "42000"), (None, PAY_NO)] {
        let asked = PaymentRef { provider_trade_no: known, ..payment(Method::WechatNative) };
        let Remote::Paid(paid) = once(sparse()).await.channel.query(&asked).await.unwrap() else { panic!() };
        assert_eq!((paid.trade_no.as_str(), paid.amount.fen()), (trade_no, 100));
    }
}

#[tokio::test]
async fn success_without_its_facts_is_unclear() {
    for broken in [
        ("out_trade_no", "OTHER"),
        ("out_trade_no", ""),
        ("trade_state", ""),
        ("transaction_id", ""),
        ("total_fee", ""),
        ("total_fee", "1.00"),
        ("total_fee", "-100"),
        ("total_fee", "+100"),
        ("total_fee", "1e2"),
        ("total_fee", "99999999999999999999"),
        ("fee_type", "USD"),
    ] {
        let result = once(state(&[broken])).await.channel.query(&payment(Method::WechatNative)).await;
        assert_eq!(word(&result), "unclear", "{broken:?}");
    }
    let without_currency = once(state(&[("fee_type", "")])).await;
    assert_eq!(without_currency.channel.query(&payment(Method::WechatNative)).await.unwrap(), paid());
}

#[tokio::test]
async fn the_providers_number_is_asked_for_where_it_is_known() {
    let stage = Stage::set(|_| state(&[])).await;
    stage.channel.query(&payment(Method::WechatNative)).await.unwrap();
    let (_, fields) = stage.last();
    assert_eq!((text(&fields, "out_trade_no"), text(&fields, "transaction_id")), (Some(PAY_NO), None));

    let known = |number: &str| PaymentRef { provider_trade_no: Some(number.to_owned()), ..payment(Method::WechatNative) };
    assert_eq!(stage.channel.query(&known("42000")).await.unwrap(), paid());
    let (_, fields) = stage.last();
    assert_eq!((text(&fields, "out_trade_no"), text(&fields, "transaction_id")), (None, Some("42000")));
    assert_eq!(word(&stage.channel.query(&known("42001")).await), "unclear", "an answer about another transaction");
}

#[tokio::test]
async fn an_order_that_is_not_there_is_unknown_not_failed() {
    let stage = once(failed("ORDERNOTEXIST")).await;
    assert_eq!(stage.channel.query(&payment(Method::WechatNative)).await.unwrap(), Remote::Unknown);
}

#[tokio::test]
async fn closing_ends_as_the_provider_says() {
    let not_yet = |code: &str| format!("{:?}", Closing::NotYet(format!("{code} 说明")));
    for (code, expected) in [
        ("", format!("{:?}", Closing::Closed)),
        ("ORDERCLOSED", format!("{:?}", Closing::Closed)),
        ("ORDERNOTEXIST", format!("{:?}", Closing::Closed)),
        ("ORDERPAID", format!("{:?}", Closing::AlreadyPaid)),
        ("FREQUENCY_LIMITED", not_yet("FREQUENCY_LIMITED")),
        ("USERPAYING", not_yet("USERPAYING")),
        ("TRADE_STATE_ERROR", not_yet("TRADE_STATE_ERROR")),
        ("SIGNERROR", "refused SIGNERROR".to_owned()),
        ("SYSTEMERROR", "unclear".to_owned()),
    ] {
        let stage = once(if code.is_empty() { signed(&[]) } else { failed(code) }).await;
        let result = stage.channel.close(&payment(Method::WechatNative)).await;
        let got = result.as_ref().map_or_else(|_| word(&result), |closing| format!("{closing:?}"));
        assert_eq!(got, expected, "{code}");
        let (path, fields) = stage.last();
        assert_eq!((path.as_str(), fields["out_trade_no"].as_str()), ("/pay/closeorder", PAY_NO));
    }
}

#[tokio::test]
async fn a_bar_code_payment_is_reversed_not_closed() {
    let recall = |value: &str| signed(&[("recall", value)]);
    let failing = |code: &str, value: &str| signed(&[("result_code", "FAIL"), ("err_code", code), ("recall", value)]);
    for (what, script, expected) in [
        ("done", recall("N"), "closed"),
        ("again", recall("Y"), "not yet"),
        ("nothing said", recall(""), "closed"),
        ("payer is typing", failing("USERPAYING", "Y"), "not yet"),
        ("payer is typing, no recall", failing("USERPAYING", ""), "not yet"),
        ("system error to be repeated", failing("SYSTEMERROR", "Y"), "not yet"),
        ("system error", failing("SYSTEMERROR", "N"), "unclear"),
        ("never arrived", failing("ORDERNOTEXIST", "N"), "closed"),
        ("reversed before", failing("ORDERREVERSED", ""), "closed"),
        ("too old", failing("REVERSE_EXPIRE", "N"), "refused REVERSE_EXPIRE"),
        ("bad id", failing("INVALID_TRANSACTIONID", "N"), "refused INVALID_TRANSACTIONID"),
    ] {
        let stage = once(script).await;
        let result = stage.channel.close(&payment(Method::WechatMicropay)).await;
        let got = match &result {
            Ok(Closing::Closed) => "closed".to_owned(),
            Ok(Closing::NotYet(_)) => "not yet".to_owned(),
            Ok(Closing::AlreadyPaid) => "paid".to_owned(),
            Err(_) => word(&result),
        };
        assert_eq!(got, expected, "{what}");
        assert_eq!(stage.last().0, "/secapi/pay/reverse");
    }
}

#[tokio::test]
async fn a_bar_code_payment_is_not_reversed_within_fifteen_seconds() {
    let stage = Stage::set(|_| signed(&[("recall", "N")])).await;
    let at = |now_ms| PaymentRef { now_ms, ..payment(Method::WechatMicropay) };
    assert!(matches!(stage.channel.close(&at(NOON + 14_999)).await, Ok(Closing::NotYet(_))));
    assert!(stage.server.seen().is_empty());
    assert_eq!(stage.channel.close(&at(NOON + 15_000)).await.unwrap(), Closing::Closed);
}
