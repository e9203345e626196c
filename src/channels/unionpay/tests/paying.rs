//! Beginning, asking and giving up.

use super::*;
use crate::pay::channel::{Channel, CheckMeaning, Closing, NextStep, Paid, Remote};

#[tokio::test]
async fn a_page_payment_is_a_signed_form_without_any_call() {
    let stage = Stage::answering(&[]).await;
    for (method, channel_type, description) in
        [(Method::UnionpayWeb, "07", None), (Method::UnionpayWap, "08", Some("蓝色茶壶 AB"))]
    {
        let started = stage.channel.start(&start(method)).await.unwrap();
        let NextStep::Form { action, fields } = started.next else { panic!("no form") };
        assert_eq!(action, format!("{}/gateway/api/frontTransReq.do", stage.server.origin));
        assert_ours(&fields);
        for (name, value) in [
            ("txnType", "01"),
            ("txnSubType", "01"),
            ("bizType", "000201"),
            ("channelType", channel_type),
            ("orderId", PAY_NO),
            ("txnTime", "20240301120000"),
            ("txnAmt", "8888"),
            ("currencyCode", "156"),
            ("payTimeout", "20240301121500"),
            ("frontUrl", "https://cashier.example.com/return/01JD3ZQ8K7M4N5P6Q7R8S9T0VW"),
            ("backUrl", "https://cashier.example.com/notify/ch_1/pay"),
            ("riskRateInfo", "{commodityName=蓝色茶壶 AB}"),
        ] {
            assert_eq!(fields.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(fields.get("orderDesc").map(String::as_str), description);
        assert_eq!(started.code_expires_at, Some(NOON + 5 * MINUTE), "its time must be the present one when it is posted");
        assert_eq!(started.provider_data["pay_timeout"], (NOON + 15 * MINUTE).to_string());
        assert!(started.paid.is_none());
    }
    assert!(stage.server.seen().is_empty());
}

#[tokio::test]
async fn production_goes_to_the_providers_own_hosts() {
    let channel = open_at(None, &[]).unwrap();
    let NextStep::Form { action, .. } = channel.start(&start(Method::UnionpayWeb)).await.unwrap().next else { panic!("no form") };
    assert_eq!(action, "https://gateway.95516.com/gateway/api/frontTransReq.do");
    assert_eq!(super::super::exchange::BILL.host, "https://filedownload.95516.com");
}

// Pitfall 10: taken in is not paid.
#[tokio::test]
async fn the_app_gets_its_number_and_nothing_is_paid_by_that() {
    let stage = Stage::answering(&[("orderId", PAY_NO), ("tn", "650000000000000000001"), ("txnTime", "20240301120000")]).await;
    let started = stage.channel.start(&start(Method::UnionpayApp)).await.unwrap();
    let NextStep::Invoke { bridge, params } = started.next else { panic!("nothing to invoke") };
    assert_eq!(bridge, "unionpay_app");
    assert_eq!(serde_json::Value::Object(params), serde_json::json!({ "tn": "650000000000000000001" }));
    assert!(started.paid.is_none());
    let (path, sent) = stage.last();
    assert_eq!(path, "/gateway/api/appTransReq.do");
    assert_eq!((sent["channelType"].as_str(), sent["txnSubType"].as_str()), ("08", "01"));
}

#[tokio::test]
async fn a_code_is_applied_for() {
    let stage = Stage::answering(&[("orderId", PAY_NO), ("qrCode", "https://qr.95516.com/00010000/623?a=b")]).await;
    let started = stage.channel.start(&start(Method::UnionpayQr)).await.unwrap();
    let expires_at = NOON + 15 * MINUTE;
    assert_eq!(started.next, NextStep::Qr { code_url: "https://qr.95516.com/00010000/623?a=b".to_owned(), expires_at });
    assert!(started.paid.is_none());
    let (path, sent) = stage.last();
    assert_eq!(path, "/gateway/api/backTransReq.do");
    for (name, value) in [("txnSubType", "07"), ("bizType", "000000"), ("channelType", "08")] {
        assert_eq!(sent[name], value);
    }
    assert!(!sent.contains_key("frontUrl") && !sent.contains_key("riskRateInfo"));
}

#[tokio::test]
async fn a_definite_no_is_told_apart_from_doubt() {
    for (code, refused) in [
        ("01", true),
        ("11", true),
        ("33", true),
        ("32", true),
        ("12", true),
        ("03", false),
        ("05", false),
        ("99", false),
        ("47", false),
    ] {
        let stage = Stage::set(move |_| answer(&[("respCode", code), ("respMsg", "说明")])).await;
        for method in [Method::UnionpayApp, Method::UnionpayQr] {
            let error = stage.channel.start(&start(method)).await.unwrap_err();
            assert_eq!(matches!(error, ChannelError::Refused { .. }), refused, "{code}: {error}");
            assert!(refused || matches!(error, ChannelError::Unclear(_)), "{code}: {error}");
        }
    }
    let stage = Stage::answering(&[("orderId", PAY_NO)]).await;
    let error = stage.channel.start(&start(Method::UnionpayQr)).await.unwrap_err();
    assert!(matches!(error, ChannelError::Unclear(_)), "no code in the answer: {error}");
    let mut long = start(Method::UnionpayWeb);
    long.return_url = "x".repeat(257);
    assert!(matches!(stage.channel.start(&long).await, Err(ChannelError::Refused { .. })));
}

fn state(code: &'static str) -> impl Fn(&Fields) -> Script + Send + Sync + 'static {
    move |_| {
        answer(&[
            ("orderId", PAY_NO),
            ("txnType", "01"),
            ("txnSubType", "01"),
            ("txnTime", "20240301120000"),
            ("txnAmt", "8888"),
            ("currencyCode", "156"),
            ("queryId", "742403011200001234568"),
            ("traceTime", "0301120130"),
            ("accNo", "6226********0048"),
            ("origRespCode", code),
            ("origRespMsg", "说明"),
        ])
    }
}

// Pitfalls 10 and 15.
#[tokio::test]
async fn a_paid_payment_counts_with_what_was_paid() {
    for code in ["00", "A6"] {
        let stage = Stage::set(state(code)).await;
        let paid = Paid {
            trade_no: "742403011200001234568".to_owned(),
            amount: Amount::from_fen(8888).unwrap(),
            payer: Some("6226********0048".to_owned()),
            paid_at: Some(NOON + 90_000),
        };
        assert_eq!(stage.channel.query(&payment(3)).await, Ok(Remote::Paid(paid)));
        assert_eq!(stage.channel.close(&payment(3)).await, Ok(Closing::AlreadyPaid));
    }
}

// Pitfall 9: the question names the payment's own time, in Beijing.
#[tokio::test]
async fn the_question_names_the_original_number_and_time() {
    let stage = Stage::set(state("00")).await;
    stage.channel.query(&payment(10)).await.unwrap();
    let (path, sent) = stage.last();
    assert_eq!(path, "/gateway/api/queryTrans.do");
    for (name, value) in
        [("txnType", "00"), ("txnSubType", "00"), ("bizType", "000000"), ("orderId", PAY_NO), ("txnTime", "20240301120000")]
    {
        assert_eq!(sent[name], value);
    }
    assert!(!sent.contains_key("txnAmt"));
}

// Pitfall 11.
#[tokio::test]
async fn nothing_but_money_is_final_before_the_payments_end() {
    let failed = |code: &str| Remote::Failed { code: code.to_owned(), message: "说明".to_owned() };
    for (code, before, after) in [
        ("03", Remote::Pending, Remote::Pending),
        ("04", Remote::Pending, Remote::Pending),
        ("05", Remote::Pending, Remote::Pending),
        ("70", Remote::Pending, Remote::Pending),
        ("01", Remote::Pending, failed("01")),
        ("60", Remote::Pending, failed("60")),
        ("42", Remote::Pending, failed("42")),
    ] {
        let stage = Stage::set(state(code)).await;
        assert_eq!(stage.channel.query(&payment(14)).await, Ok(before.clone()), "{code}");
        assert_eq!(stage.channel.query(&payment(16)).await, Ok(before), "{code}: clocks differ");
        assert_eq!(stage.channel.query(&payment(17)).await, Ok(after), "{code}");
    }
    let stage = Stage::answering(&[("respCode", "34"), ("respMsg", "查无此交易")]).await;
    assert_eq!(stage.channel.query(&payment(14)).await, Ok(Remote::Unknown));
    assert_eq!(stage.channel.query(&payment(17)).await, Ok(Remote::Closed));
    let mut unclear = payment(14);
    unclear.provider_data.clear();
    assert_eq!(stage.channel.query(&unclear).await, Ok(Remote::Unknown), "a start without an end keeps nothing");
    unclear.now_ms = NOON + 17 * MINUTE;
    assert_eq!(stage.channel.query(&unclear).await, Ok(Remote::Closed));
}

#[tokio::test]
async fn a_failed_question_teaches_nothing() {
    for code in ["03", "04", "05", "06", "37", "11", "01", "10", "99", "47"] {
        let stage = Stage::set(move |_| answer(&[("respCode", code), ("origRespCode", "00"), ("txnAmt", "8888")])).await;
        let asked = stage.channel.query(&payment(20)).await;
        assert!(matches!(asked, Err(ChannelError::Unclear(_))), "{code}: {asked:?}");
        let closed = stage.channel.close(&payment(20)).await;
        assert!(matches!(closed, Err(ChannelError::Unclear(_))), "{code}: {closed:?}");
    }
}

#[tokio::test]
async fn answers_that_are_not_about_us_are_not_believed() {
    let paid = |more: &'static [(&'static str, &'static str)]| {
        move |_: &Fields| {
            let mut pairs = vec![
                ("orderId", PAY_NO),
                ("txnType", "01"),
                ("txnTime", "20240301120000"),
                ("txnAmt", "8888"),
                ("queryId", "742403011200001234568"),
                ("origRespCode", "00"),
            ];
            pairs.extend(more);
            answer(&pairs)
        }
    };
    for more in [
        &[("orderId", "01JD3ZQ8K7M4N5P6Q7R8S9T0XX")][..],
        &[("merId", "777290058100002")],
        &[("txnTime", "20240301120001")],
        &[("orderId", "")],
        &[("merId", "")],
        &[("txnTime", "")],
        &[("txnType", "04")],
        &[("txnType", "")],
        &[("txnAmt", "")],
        &[("txnAmt", "88.88")],
        &[("txnAmt", "-1")],
        &[("queryId", "")],
        &[("currencyCode", "840")],
        &[("origRespCode", "")],
    ] {
        let stage = Stage::set(paid(more)).await;
        let asked = stage.channel.query(&payment(1)).await;
        assert!(matches!(asked, Err(ChannelError::Unclear(_))), "{more:?}: {asked:?}");
    }
    let stage = Stage::set(paid(&[("txnAmt", "8887")])).await;
    let asked = stage.channel.query(&payment(1)).await;
    assert!(matches!(asked, Ok(Remote::Paid(paid)) if paid.amount.fen() == 8887), "the core compares amounts");
}

#[tokio::test]
async fn unsigned_and_unreadable_answers_are_doubt() {
    let unsigned = || {
        let mut fields =
            theirs(&[("orderId", PAY_NO), ("txnType", "01"), ("origRespCode", "00"), ("txnAmt", "8888"), ("queryId", "1")]);
        fields.remove("signature");
        wire(&fields)
    };
    let line_ends =
        || wire(&theirs(&[("respCode", "34"), ("orderId", PAY_NO), ("txnTime", "20240301120000")])).replace("\r\n", "\n");
    let scripts: [fn(String) -> Script; 1] = [Script::ok];
    for body in [unsigned(), line_ends(), String::new(), "<html>busy</html>".to_owned(), "respCode=00".to_owned()] {
        let kept = body.clone();
        let stage = Stage::set(move |_| scripts[0](kept.clone())).await;
        let asked = stage.channel.query(&payment(20)).await;
        assert!(matches!(asked, Err(ChannelError::Unclear(_))), "{body}: {asked:?}");
    }
    let stage = Stage::set(|_| Script::status(502, "")).await;
    assert!(matches!(stage.channel.query(&payment(1)).await, Err(ChannelError::Unclear(_))));
    let absent = || wire(&theirs(&[("respCode", "34"), ("orderId", PAY_NO), ("txnTime", "20240301120000")]));
    let stage = Stage::set(move |_| Script::ok(format!("{}\r\n", absent()))).await;
    assert_eq!(stage.channel.query(&payment(1)).await, Ok(Remote::Unknown), "a line end after the body is no part of it");
}

#[tokio::test]
async fn giving_up_waits_for_moving_money_only() {
    for (code, expected) in [
        ("03", Closing::NotYet("03 说明".to_owned())),
        ("05", Closing::NotYet("05 说明".to_owned())),
        ("01", Closing::Closed),
        ("64", Closing::Closed),
    ] {
        let stage = Stage::set(state(code)).await;
        assert_eq!(stage.channel.close(&payment(2)).await, Ok(expected), "{code}");
        assert_eq!(stage.last().0, "/gateway/api/queryTrans.do", "there is nothing else to call");
    }
    let stage = Stage::answering(&[("respCode", "34")]).await;
    assert_eq!(stage.channel.close(&payment(2)).await, Ok(Closing::Closed));
}

#[tokio::test]
async fn the_check_button_tells_what_is_wrong() {
    use CheckMeaning as M;
    let unsigned = |code: &str| Script::ok(format!("respCode={code}&respMsg=x"));
    let cases: Vec<(Result<&'static str, Script>, M)> = vec![
        (Ok("34"), M::Works),
        (Ok("11"), M::OurSignatureRefused),
        (Ok("31"), M::UnknownAccount),
        (Ok("32"), M::NotPermitted),
        (Ok("10"), M::Other),
        // At the door nobody may have read the number.
        (Err(answer(&[("respCode", "11"), ("respMsg", "验证签名失败[9100004]")])), M::OurSignatureRefused),
        (Err(unsigned("11")), M::OurSignatureRefused),
        (Err(unsigned("34")), M::TheirSignatureWrong),
        (Err(Script::ok("<html>")), M::Other),
        (Err(Script::status(502, "")), M::Unreachable),
    ];
    for (script, expected) in cases {
        let script = std::sync::Mutex::new(Some(script));
        let stage = Stage::set(move |asked| match script.lock().unwrap().take().unwrap() {
            Ok(code) => about(asked, &[("respCode", code)]),
            Err(script) => script,
        })
        .await;
        let report = stage.channel.check().await.unwrap();
        assert_eq!(report.meaning, expected, "{report:?}");
        assert_eq!(report.ok, expected == M::Works);
        let (path, fields) = stage.last();
        assert_eq!(path, "/gateway/api/queryTrans.do");
        assert!(report.asked.contains(&fields["orderId"]));
    }
}

// Pitfalls 8 and 17.
#[tokio::test]
async fn numbers_and_amounts_have_the_providers_form() {
    let stage = Stage::answering(&[]).await;
    let mut request = start(Method::UnionpayWeb);
    request.pay_no = World::system().number();
    request.amount = Amount::from_fen(1).unwrap();
    let NextStep::Form { fields, .. } = stage.channel.start(&request).await.unwrap().next else { panic!("no form") };
    let number = &fields["orderId"];
    assert!((8..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric()), "{number}");
    assert_eq!(fields["txnAmt"], "1", "fen");
    assert_eq!(shanghai::parse_compact(&fields["txnTime"]), Some(NOON));
}
