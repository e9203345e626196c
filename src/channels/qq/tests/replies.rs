//! Which replies are believed; queries, closing and reversing.

use super::*;

/// Replies that tell nothing, whatever was asked.
fn worthless() -> Vec<(&'static str, Script)> {
    let good = signed_map(&[
        ("out_trade_no", PAY_NO),
        ("trade_state", "SUCCESS"),
        ("transaction_id", TRADE_NO),
        ("total_fee", "888"),
        ("prepay_id", "5M"),
        ("code_url", "https://qpay.qq.com/qr/5c4fdb1c"),
    ]);
    let without = |name: &str| {
        let mut fields = good.clone();
        fields.remove(name);
        to_xml(&fields)
    };
    let bare = |pairs: &[(&str, &str)]| Script::ok(to_xml(&map(pairs)));
    let text = to_xml(&good);
    vec![
        ("empty", Script::ok("")),
        ("a web page", Script::ok("<!DOCTYPE html><html><body>Bad Gateway</body></html>")),
        ("a web page with 404", Script::status(404, "<html></html>")),
        ("JSON", Script::ok("{}")),
        ("unsigned", Script::ok(without("sign"))),
        ("the inner code removed", Script::ok(without("retcode"))),
        ("another field added", Script::ok(text.replace("</xml>", "<extra>1</extra></xml>"))),
        ("a field changed", Script::ok(text.replace("<total_fee>888<", "<total_fee>889<"))),
        ("an element twice", Script::ok(text.replace("</xml>", "<total_fee>888</total_fee></xml>"))),
        ("a document type", Script::ok(format!("<!DOCTYPE xml>{text}"))),
        ("right but with HTTP 403", Script::status(403, text.clone())),
        ("right but with HTTP 500", Script::status(500, text.clone())),
        ("too large", Script::ok(text.replace("</xml>", &format!("{}</xml>", " ".repeat(70_000))))),
        ("the other appid", signed(&[("appid", "100000000")])),
        ("the other merchant", signed(&[("mch_id", "1900000110")])),
        ("a sub-merchant", signed(&[("sub_mch_id", "1900000110")])),
        ("no merchant", signed(&[("mch_id", "")])),
        ("no result", signed(&[("result_code", "")])),
        ("a result never heard of", signed(&[("result_code", "MAYBE")])),
        ("a failure without code", signed(&[("result_code", "FAIL"), ("err_code_des", "系统错误")])),
        ("a system error in words", bare(&[("return_code", "FAIL"), ("return_msg", "系统错误")])),
        ("a failure in no words", bare(&[("return_code", "FAIL")])),
        ("an unsigned word about the order", bare(&[("return_code", "FAIL"), ("return_msg", "ORDERPAID")])),
        ("a return code never heard of", bare(&[("return_code", "ERROR"), ("return_msg", "x")])),
        ("no return code", bare(&[("result_code", "SUCCESS")])),
        ("SYSTEMERROR", failed("SYSTEMERROR")),
        ("a code never heard of", failed("NEVER_HEARD_OF")),
    ]
}

#[tokio::test]
async fn worthless_replies_change_nothing() {
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.query(&payment(Method::QqNative)).await), "unclear", "query: {what}");
    }
    for (what, script) in worthless() {
        let result = once(script).await.channel.start(&start_request(Method::QqNative)).await;
        assert_eq!(word(&result), "unclear", "start: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.close(&payment(Method::QqNative)).await), "unclear", "close: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.start(&bar(CODE)).await), "unclear", "micropay: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.refund(&refund_request()).await), "unclear", "refund: {what}");
    }
    for (what, script) in worthless() {
        assert_eq!(word(&once(script).await.channel.query_refund(&refund_request()).await), "unclear", "refund query: {what}");
    }
}

#[tokio::test]
async fn a_lower_case_signature_is_as_good() {
    let mut fields = signed_map(&[("out_trade_no", PAY_NO), ("trade_state", "NOTPAY")]);
    let lower = fields["sign"].to_ascii_lowercase();
    fields.insert("sign".to_owned(), lower);
    let stage = once(Script::ok(to_xml(&fields))).await;
    assert_eq!(stage.channel.query(&payment(Method::QqNative)).await.unwrap(), Remote::Pending);
}

#[tokio::test]
async fn refusals_in_words_are_definite_and_bring_the_inner_reason() {
    for (message, code) in [
        ("签名错误", "SIGNERROR"),
        ("签名校验失败", "SIGNERROR"),
        ("appid和mch_id不匹配", "APPID_MCHID_NOT_MATCH"),
        ("商户号不存在", "MCHID_NOT_EXIST"),
        ("缺少参数", "LACK_PARAMS"),
        ("XML格式错误", "XML_FORMAT_ERROR"),
    ] {
        let body = to_xml(&map(&[("return_code", "FAIL"), ("return_msg", message)]));
        let result = once(Script::ok(body)).await.channel.start(&start_request(Method::QqNative)).await;
        assert_eq!(result.unwrap_err(), ChannelError::Refused { code: code.to_owned(), message: message.to_owned() });
    }
    for name in ["err_code_des", "err_code_desc"] {
        let script = signed(&[
            ("result_code", "FAIL"),
            ("err_code", "PARAM_ERROR"),
            (name, "参数错误"),
            ("retcode", "66227005"),
            ("retmsg", "total_fee"),
        ]);
        let result = once(script).await.channel.start(&start_request(Method::QqNative)).await;
        let Err(ChannelError::Refused { message, .. }) = result else { panic!("{result:?}") };
        assert_eq!(message, "参数错误 (retcode 66227005: total_fee)", "{name}");
    }
}

fn state(pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![
        ("out_trade_no", PAY_NO),
        ("trade_state", "SUCCESS"),
        ("trade_type", "NATIVE"),
        ("bank_type", "BALANCE"),
        ("transaction_id", TRADE_NO),
        ("total_fee", "888"),
        ("cash_fee", "800"),
        ("coupon_fee", "88"),
        ("fee_type", "CNY"),
        ("openid", "9E2C"),
        ("time_end", "20240601120130"),
    ];
    all.extend_from_slice(pairs);
    signed(&all)
}

fn paid() -> Remote {
    Remote::Paid(Paid {
        trade_no: TRADE_NO.to_owned(),
        amount: Amount::from_fen(888).unwrap(),
        payer: Some("9E2C".to_owned()),
        paid_at: Some(NOON + 90_000),
    })
}

#[tokio::test]
async fn states_are_read_as_documented_and_unknown_ones_as_pending() {
    for (name, expected) in [
        ("SUCCESS", paid()),
        ("REFUND", paid()),
        ("NOTPAY", Remote::Pending),
        ("USERPAYING", Remote::Pending),
        ("PAYERROR", Remote::Pending),
        ("NEVER_HEARD_OF", Remote::Pending),
        ("CLOSED", Remote::Closed),
        ("REVOKED", Remote::Closed),
    ] {
        let stage = once(state(&[("trade_state", name)])).await;
        assert_eq!(stage.channel.query(&payment(Method::QqNative)).await.unwrap(), expected, "{name}");
        assert_eq!(stage.last().0, "/cgi-bin/pay/qpay_order_query.cgi");
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
        ("total_fee", "8.88"),
        ("total_fee", "-888"),
        ("total_fee", "+888"),
        ("total_fee", "99999999999999999999"),
        ("fee_type", "USD"),
    ] {
        let result = once(state(&[broken])).await.channel.query(&payment(Method::QqNative)).await;
        assert_eq!(word(&result), "unclear", "{broken:?}");
    }
}

#[tokio::test]
async fn the_providers_number_is_asked_for_where_it_is_known() {
    let stage = Stage::set(|_| state(&[])).await;
    stage.channel.query(&payment(Method::QqNative)).await.unwrap();
    let (_, fields) = stage.last();
    assert_eq!((text(&fields, "out_trade_no"), text(&fields, "transaction_id")), (Some(PAY_NO), None));

    let known = |number: &str| PaymentRef { provider_trade_no: Some(number.to_owned()), ..payment(Method::QqNative) };
    assert_eq!(stage.channel.query(&known(TRADE_NO)).await.unwrap(), paid());
    let (_, fields) = stage.last();
    assert_eq!((text(&fields, "out_trade_no"), text(&fields, "transaction_id")), (None, Some(TRADE_NO)));
    assert_eq!(word(&stage.channel.query(&known("42001")).await), "unclear", "an answer about another transaction");
}

#[tokio::test]
async fn an_order_that_is_not_there_is_unknown_not_failed() {
    let stage = once(failed("ORDERNOTEXIST")).await;
    assert_eq!(stage.channel.query(&payment(Method::QqNative)).await.unwrap(), Remote::Unknown);
}

/// Answers the query with a state, everything else with the other reply.
async fn after_query(state_name: &'static str, then: impl Fn() -> Script + Send + Sync + 'static) -> Stage {
    Stage::set(
        move |request| {
            if request.path.ends_with("qpay_order_query.cgi") { state(&[("trade_state", state_name)]) } else { then() }
        },
    )
    .await
}

fn closing(result: &Result<Closing, ChannelError>) -> String {
    match result {
        Ok(Closing::Closed) => "closed".to_owned(),
        Ok(Closing::NotYet(_)) => "not yet".to_owned(),
        Ok(Closing::AlreadyPaid) => "paid".to_owned(),
        Err(_) => word(result),
    }
}

#[tokio::test]
async fn an_order_is_asked_for_before_it_is_closed() {
    for (name, expected, calls) in [
        ("SUCCESS", "paid", 1),
        ("REFUND", "paid", 1),
        ("CLOSED", "closed", 1),
        ("NOTPAY", "closed", 2),
        ("USERPAYING", "closed", 2),
    ] {
        let stage = after_query(name, || signed(&[])).await;
        assert_eq!(closing(&stage.channel.close(&payment(Method::QqNative)).await), expected, "{name}");
        assert_eq!(stage.server.seen().len(), calls, "{name}");
        assert_eq!(stage.paths()[0], "/cgi-bin/pay/qpay_order_query.cgi");
    }
    let never_seen = once(failed("ORDERNOTEXIST")).await;
    assert_eq!(never_seen.channel.close(&payment(Method::QqNative)).await.unwrap(), Closing::Closed);
}

#[tokio::test]
async fn closing_ends_as_the_provider_says() {
    for (code, expected) in [
        ("ORDERCLOSED", "closed"),
        ("ORDERNOTEXIST", "closed"),
        ("ORDERPAID", "paid"),
        ("USERPAYING", "not yet"),
        ("SIGNERROR", "refused SIGNERROR"),
        ("SYSTEMERROR", "unclear"),
        ("NEVER_HEARD_OF", "unclear"),
    ] {
        let stage = after_query("NOTPAY", move || failed(code)).await;
        assert_eq!(closing(&stage.channel.close(&payment(Method::QqNative)).await), expected, "{code}");
        let (path, fields) = stage.last();
        assert_eq!((path.as_str(), fields["out_trade_no"].as_str()), ("/cgi-bin/pay/qpay_close_order.cgi", PAY_NO));
    }
}

#[tokio::test]
async fn a_bar_code_payment_is_reversed_not_closed() {
    let recall = |value: &'static str| move || signed(&[("recall", value)]);
    let failing = |code: &'static str, value: &'static str| {
        move || signed(&[("result_code", "FAIL"), ("err_code", code), ("recall", value)])
    };
    type Answer = Box<dyn Fn() -> Script + Send + Sync>;
    let cases: Vec<(&str, Answer, &str)> = vec![
        ("done", Box::new(recall("N")), "closed"),
        ("again", Box::new(recall("Y")), "not yet"),
        ("nothing said", Box::new(recall("")), "closed"),
        ("payer is typing", Box::new(failing("USERPAYING", "")), "not yet"),
        ("system error to be repeated", Box::new(failing("SYSTEMERROR", "Y")), "not yet"),
        ("system error", Box::new(failing("SYSTEMERROR", "N")), "unclear"),
        ("unknown code", Box::new(failing("NEVER_HEARD_OF", "")), "unclear"),
        ("never arrived", Box::new(failing("ORDERNOTEXIST", "N")), "closed"),
        ("reversed before", Box::new(failing("ORDERREVERSED", "")), "closed"),
        ("wrong password", Box::new(failing("PARAM_ERROR", "N")), "refused PARAM_ERROR"),
    ];
    for (what, script, expected) in cases {
        let stage = after_query("USERPAYING", script).await;
        assert_eq!(closing(&stage.channel.close(&payment(Method::QqMicropay)).await), expected, "{what}");
        let (path, fields) = stage.last();
        assert_eq!(path, "/cgi-bin/pay/qpay_reverse.cgi");
        assert_eq!((fields["op_user_id"].as_str(), fields["out_trade_no"].as_str()), (MCH_ID, PAY_NO));
        assert_eq!(fields["op_user_passwd"], "96e79218965eb72c92a549dd5a330112");
    }
}

#[tokio::test]
async fn a_bar_code_payment_is_not_reversed_within_five_minutes() {
    let at = |now_ms| PaymentRef { now_ms, ..payment(Method::QqMicropay) };
    let stage = after_query("USERPAYING", || signed(&[("recall", "N")])).await;
    assert_eq!(closing(&stage.channel.close(&at(NOON + 299_999)).await), "not yet");
    assert_eq!(stage.server.seen().len(), 1);
    assert_eq!(closing(&stage.channel.close(&at(NOON + 300_000)).await), "closed");
    // A number that is not there yet may still arrive.
    let unknown = Stage::set(|_| failed("ORDERNOTEXIST")).await;
    assert_eq!(closing(&unknown.channel.close(&at(NOON + 299_999)).await), "not yet");
    assert_eq!(closing(&unknown.channel.close(&at(NOON + 300_000)).await), "closed");
    // Money that is there is not sent back by closing.
    let paid = after_query("SUCCESS", || signed(&[("recall", "N")])).await;
    assert_eq!(closing(&paid.channel.close(&at(NOON + 300_000)).await), "paid");
    assert_eq!(paid.server.seen().len(), 1);
}
