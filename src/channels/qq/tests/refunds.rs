//! Refunds and their queries.

use super::*;

fn accepted(pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![
        ("transaction_id", TRADE_NO),
        ("out_trade_no", PAY_NO),
        ("total_fee", "888"),
        ("out_refund_no", REFUND_NO),
        ("refund_id", "1121218133801201611098791376"),
        ("refund_channel", "ORIGINAL"),
        ("refund_fee", "100"),
    ];
    all.extend_from_slice(pairs);
    signed(&all)
}

#[tokio::test]
async fn an_accepted_refund_is_processing_not_done() {
    let stage = Stage::set(|_| accepted(&[])).await;
    let expected = RemoteRefund::Processing { provider_refund_no: Some("1121218133801201611098791376".to_owned()) };
    assert_eq!(stage.channel.refund(&refund_request()).await.unwrap(), expected);
    let (path, mut fields) = stage.last();
    assert_eq!(path, "/cgi-bin/pay/qpay_refund.cgi");
    fields.remove("nonce_str");
    fields.remove("sign");
    // No total, no reason, no address for notices; but an operator.
    assert_eq!(
        fields,
        map(&[
            ("appid", APPID),
            ("mch_id", MCH_ID),
            ("transaction_id", TRADE_NO),
            ("out_refund_no", REFUND_NO),
            ("refund_fee", "100"),
            ("op_user_id", MCH_ID),
            ("op_user_passwd", "96e79218965eb72c92a549dd5a330112"),
        ])
    );
}

#[tokio::test]
async fn the_operator_of_the_account_signs_for_the_money() {
    let stage = Stage::with(&[("op_user_id", "1900000109001")], |_| accepted(&[])).await;
    stage.channel.refund(&refund_request()).await.unwrap();
    assert_eq!(stage.last().1["op_user_id"], "1900000109001");
}

#[tokio::test]
async fn without_an_operators_password_nothing_is_sent() {
    let stage = Stage::with(&[("op_user_passwd", "")], |request| {
        if request.path.ends_with("qpay_order_query.cgi") {
            signed(&[("out_trade_no", PAY_NO), ("trade_state", "USERPAYING")])
        } else {
            accepted(&[])
        }
    })
    .await;
    let expected = "op_user_passwd: is required for refunds and reversals";
    assert_eq!(word(&stage.channel.refund(&refund_request()).await), expected);
    assert_eq!(word(&stage.channel.close(&payment(Method::QqMicropay)).await), expected);
    assert_eq!(stage.paths(), ["/cgi-bin/pay/qpay_order_query.cgi"]);
}

#[tokio::test]
async fn a_repeat_uses_the_same_number() {
    let stage = Stage::set(|_| accepted(&[])).await;
    let request = RefundRequest { provider_trade_no: None, ..refund_request() };
    for _ in 0..2 {
        stage.channel.refund(&request).await.unwrap();
        let (_, fields) = stage.last();
        assert_eq!((fields["out_trade_no"].as_str(), fields["out_refund_no"].as_str()), (PAY_NO, REFUND_NO));
    }
}

#[tokio::test]
async fn a_reply_about_another_refund_or_amount_is_unclear() {
    for broken in [("out_refund_no", "OTHER"), ("out_refund_no", ""), ("refund_fee", "101"), ("refund_fee", "")] {
        let stage = Stage::set(move |_| accepted(&[broken])).await;
        assert_eq!(word(&stage.channel.refund(&refund_request()).await), "unclear", "{broken:?}");
    }
}

#[tokio::test]
async fn an_unknown_code_leaves_a_refund_open() {
    for (code, expected) in [
        ("SYSTEMERROR", "unclear"),
        ("NEVER_HEARD_OF", "unclear"),
        ("NOTENOUGH", "refused NOTENOUGH"),
        ("ORDERNOTEXIST", "refused ORDERNOTEXIST"),
        ("PARAM_ERROR", "refused PARAM_ERROR"),
        ("SIGNERROR", "refused SIGNERROR"),
    ] {
        let stage = Stage::set(move |_| failed(code)).await;
        assert_eq!(word(&stage.channel.refund(&refund_request()).await), expected, "{code}");
    }
}

#[tokio::test]
async fn a_missing_certificate_is_named() {
    let page = "<html><head><title>400 No required SSL certificate was sent</title></head></html>";
    let stage = Stage::set(move |request| {
        if request.path.ends_with("query.cgi") {
            signed(&[("out_trade_no", PAY_NO), ("trade_state", "USERPAYING")])
        } else {
            Script::status(400, page)
        }
    })
    .await;
    let expected = "client_cert_pem: client certificate missing or wrong";
    assert_eq!(word(&stage.channel.refund(&refund_request()).await), expected);
    assert_eq!(word(&stage.channel.close(&payment(Method::QqMicropay)).await), expected);
    let garbage = Stage::set(|_| Script::ok("<html>maintenance</html>")).await;
    assert_eq!(word(&garbage.channel.refund(&refund_request()).await), "unclear", "a page with 200 tells nothing");
}

#[tokio::test]
async fn production_refunds_are_not_tried_without_a_certificate() {
    let channel = open_at("", &[]).unwrap();
    assert_eq!(word(&channel.refund(&refund_request()).await), "client_cert_pem: is required for refunds and reversals");
}

fn group(status: &str, pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![
        ("out_trade_no", PAY_NO),
        ("transaction_id", TRADE_NO),
        ("total_fee", "888"),
        // Wrong on purpose: nobody is to trust it.
        ("refund_count", "1"),
        ("out_refund_no_0", "SOMEBODY-ELSES"),
        ("refund_status_0", "SUCCESS"),
        ("refund_fee_0", "100"),
        ("refund_id_0", "1120"),
        ("out_refund_no_1", REFUND_NO),
        ("refund_id_1", "1121"),
        ("refund_fee_1", "100"),
        ("coupon_refund_fee_1", "88"),
        ("cash_refund_fee_1", "12"),
        ("refund_status_1", status),
        ("refund_recv_accout_1", "QQ钱包余额"),
    ];
    all.extend_from_slice(pairs);
    signed(&all)
}

#[tokio::test]
async fn our_refund_is_found_among_the_others() {
    let number = || Some("1121".to_owned());
    let processing = RemoteRefund::Processing { provider_refund_no: number() };
    for (status, expected) in [
        ("SUCCESS", RemoteRefund::Succeeded { provider_refund_no: number(), succeeded_at: None }),
        ("PROCESSING", processing.clone()),
        ("NEVER_HEARD_OF", processing.clone()),
        ("", processing),
    ] {
        let stage = Stage::set(move |_| group(status, &[])).await;
        assert_eq!(stage.channel.query_refund(&refund_request()).await.unwrap(), expected, "{status}");
        let (path, fields) = stage.last();
        assert_eq!(path, "/cgi-bin/pay/qpay_refund_query.cgi");
        // The second number serves payments of thirty days ago and more.
        assert_eq!((fields["out_refund_no"].as_str(), fields["transaction_id"].as_str()), (REFUND_NO, TRADE_NO));
    }
    for status in ["FAIL", "CHANGE"] {
        let stage = Stage::set(move |_| group(status, &[])).await;
        let Ok(RemoteRefund::Failed { code, .. }) = stage.channel.query_refund(&refund_request()).await else { panic!() };
        assert_eq!(code, status);
    }
}

#[tokio::test]
async fn a_refund_that_is_missing_or_different_is_unclear() {
    for broken in [("out_refund_no_1", "OTHER"), ("out_refund_no_0", ""), ("refund_fee_1", "12"), ("refund_fee_1", "")] {
        let stage = Stage::set(move |_| group("SUCCESS", &[broken])).await;
        assert_eq!(word(&stage.channel.query_refund(&refund_request()).await), "unclear", "{broken:?}");
    }
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_unknown() {
    let stage = Stage::set(|_| failed("REFUNDNOTEXIST")).await;
    assert_eq!(stage.channel.query_refund(&refund_request()).await.unwrap(), RemoteRefund::Unknown);
}
