//! Refunds and their queries.

use super::*;

fn accepted(pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![("out_refund_no", REFUND_NO), ("refund_id", "50300"), ("refund_fee", "30"), ("total_fee", "100")];
    all.extend_from_slice(pairs);
    signed(&all)
}

#[tokio::test]
async fn an_accepted_refund_is_processing_not_done() {
    let stage = Stage::set(|_| accepted(&[])).await;
    let expected = RemoteRefund::Processing { provider_refund_no: Some("50300".to_owned()) };
    assert_eq!(stage.channel.refund(&refund_request()).await.unwrap(), expected);
    let (path, mut fields) = stage.last();
    assert_eq!(path, "/secapi/pay/refund");
    fields.remove("nonce_str");
    fields.remove("sign");
    assert_eq!(
        fields,
        map(&[
            ("appid", APPID),
            ("mch_id", MCH_ID),
            ("sign_type", "MD5"),
            ("transaction_id", "4200002024060100000000000001"),
            ("out_refund_no", REFUND_NO),
            ("total_fee", "100"),
            ("refund_fee", "30"),
            ("refund_fee_type", "CNY"),
            ("refund_desc", "七天无理由"),
            ("notify_url", "https://pay.example.com/notify/ch_1/refund"),
        ])
    );
}

#[tokio::test]
async fn a_repeat_uses_the_same_number_and_a_reason_that_fits() {
    let stage = Stage::set(|_| accepted(&[])).await;
    let request = RefundRequest { provider_trade_no: None, reason: "🎁很长的理由".repeat(20), ..refund_request() };
    let mut numbers = Vec::new();
    for _ in 0..2 {
        stage.channel.refund(&request).await.unwrap();
        let (_, fields) = stage.last();
        assert_eq!(fields["out_trade_no"], PAY_NO);
        assert!((60..=80).contains(&fields["refund_desc"].len()));
        numbers.push(fields["out_refund_no"].clone());
    }
    assert_eq!(numbers, [REFUND_NO, REFUND_NO]);
}

#[tokio::test]
async fn a_reply_about_another_refund_or_amount_is_unclear() {
    for broken in [("out_refund_no", "OTHER"), ("out_refund_no", ""), ("refund_fee", "31"), ("refund_fee", "")] {
        let stage = Stage::set(move |_| accepted(&[broken])).await;
        assert_eq!(word(&stage.channel.refund(&refund_request()).await), "unclear", "{broken:?}");
    }
}

#[tokio::test]
async fn refusals_of_a_refund_are_told_from_doubt() {
    for (code, expected) in [
        ("SYSTEMERROR", "unclear"),
        ("BIZERR_NEED_RETRY", "unclear"),
        ("FREQUENCY_LIMITED", "unclear"),
        ("INVALID_REQ_TOO_MUCH", "unclear"),
        ("ERROR", "unclear"),
        ("INVALID_REQUEST", "unclear"),
        ("NOTENOUGH", "refused NOTENOUGH"),
        ("TRADE_OVERDUE", "refused TRADE_OVERDUE"),
        ("USER_ACCOUNT_ABNORMAL", "refused USER_ACCOUNT_ABNORMAL"),
        ("INVALID_TRANSACTIONID", "refused INVALID_TRANSACTIONID"),
        ("ORDERNOTEXIST", "refused ORDERNOTEXIST"),
        ("PARAM_ERROR", "refused PARAM_ERROR"),
        ("SIGNERROR", "refused SIGNERROR"),
        ("NOAUTH", "refused NOAUTH"),
    ] {
        let stage = Stage::set(move |_| failed(code)).await;
        assert_eq!(word(&stage.channel.refund(&refund_request()).await), expected, "{code}");
    }
}

#[tokio::test]
async fn a_missing_certificate_is_named() {
    let page = "<html><head><title>400 No required SSL certificate was sent</title></head></html>";
    let stage = Stage::set(move |_| Script::status(400, page)).await;
    let expected = "client_cert_pem: client certificate missing or wrong";
    assert_eq!(word(&stage.channel.refund(&refund_request()).await), expected);
    assert_eq!(word(&stage.channel.close(&payment(Method::WechatMicropay)).await), expected);
    assert_eq!(word(&stage.channel.query(&payment(Method::WechatNative)).await), "unclear", "queries need no certificate");
    let garbage = Stage::set(|_| Script::ok("<html>maintenance</html>")).await;
    assert_eq!(word(&garbage.channel.refund(&refund_request()).await), "unclear", "a page with 200 tells nothing");
}

#[tokio::test]
async fn production_refunds_are_not_tried_without_a_certificate() {
    let channel = open_at("", &[]).unwrap();
    let expected = "client_cert_pem: is required for refunds and reversals";
    assert_eq!(word(&channel.refund(&refund_request()).await), expected);
    assert_eq!(word(&channel.close(&payment(Method::WechatMicropay)).await), expected);
}

fn group(status: &str, pairs: &[(&str, &str)]) -> Script {
    let mut all = vec![
        ("out_trade_no", PAY_NO),
        ("refund_count", "2"),
        ("out_refund_no_0", "SOMEBODY-ELSES"),
        ("refund_status_0", "SUCCESS"),
        ("refund_fee_0", "30"),
        ("refund_id_0", "50299"),
        ("out_refund_no_1", REFUND_NO),
        ("refund_id_1", "50300"),
        ("refund_fee_1", "30"),
        ("refund_status_1", status),
        ("refund_success_time_1", "2024-06-01 12:30:00"),
        ("refund_recv_accout_1", "支付用户零钱"),
    ];
    all.extend_from_slice(pairs);
    signed(&all)
}

#[tokio::test]
async fn our_refund_is_found_among_the_others() {
    let succeeded =
        RemoteRefund::Succeeded { provider_refund_no: Some("50300".to_owned()), succeeded_at: Some(NOON + 1_800_000) };
    let processing = RemoteRefund::Processing { provider_refund_no: Some("50300".to_owned()) };
    // CHANGE: the payer's account did not take it; the merchant still may send it elsewhere from the platform.
    for (status, expected) in [
        ("SUCCESS", succeeded),
        ("PROCESSING", processing.clone()),
        ("CHANGE", processing.clone()),
        ("NEVER_HEARD_OF", processing.clone()),
        ("", processing),
    ] {
        let stage = Stage::set(move |_| group(status, &[])).await;
        assert_eq!(stage.channel.query_refund(&refund_request()).await.unwrap(), expected, "{status}");
        let (path, fields) = stage.last();
        assert_eq!((path.as_str(), fields["out_refund_no"].as_str()), ("/pay/refundquery", REFUND_NO));
    }
    let stage = Stage::set(|_| group("REFUNDCLOSE", &[])).await;
    let Ok(RemoteRefund::Failed { code, .. }) = stage.channel.query_refund(&refund_request()).await else { panic!() };
    assert_eq!(code, "REFUNDCLOSE");
}

#[tokio::test]
async fn a_refund_that_is_missing_or_different_is_unclear() {
    for broken in [("out_refund_no_1", "OTHER"), ("refund_fee_1", "31"), ("refund_fee_1", "")] {
        let stage = Stage::set(move |_| group("SUCCESS", &[broken])).await;
        assert_eq!(word(&stage.channel.query_refund(&refund_request()).await), "unclear", "{broken:?}");
    }
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_unknown() {
    let stage = Stage::set(|_| failed("REFUNDNOTEXIST")).await;
    assert_eq!(stage.channel.query_refund(&refund_request()).await.unwrap(), RemoteRefund::Unknown);
}
