use super::vectors::LEGACY_REFUND;
use super::*;
use crate::pay::channel::{Channel, RemoteRefund};

const OPENED: &str = r#"{"errno":0,"msg":"success","data":{"refundBatchId":"152713835","refundPayMoney":"1"}}"#;
const OPENED_BARE: &str = r#"{"errno":0,"msg":"success","data":{"refundBatchId":152713835,"refundPayMoney":1}}"#;

fn processing(number: Option<&str>) -> RemoteRefund {
    RemoteRefund::Processing { provider_refund_no: number.map(str::to_owned) }
}

/// A refund that Baidu has given its number.
fn numbered() -> RefundRequest {
    RefundRequest { provider_refund_no: Some("152713835".to_owned()), ..refund() }
}

async fn asked(
    with_client: bool,
    request: &RefundRequest,
    answers: &'static [(&'static str, &'static str)],
) -> Result<RemoteRefund, ChannelError> {
    channel(with_client, &serving(answers).await.origin).query_refund(request).await
}

#[tokio::test]
async fn the_older_refund_is_signed_as_the_vector_says() {
    let server = serving(&[("applyOrderRefund", OPENED)]).await;
    let result = channel(false, &server.origin).refund(&refund()).await;
    assert_eq!(result, Ok(processing(Some("152713835"))), "opened is not done");
    let request = server.seen().pop().unwrap();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/cashier/applyOrderRefund"));
    let sent = sent(&request);
    assert_eq!(sent["rsaSign"], LEGACY_REFUND.1);
    assert_eq!((sent["refundReason"].as_str(), sent["applyRefundMoney"].as_str()), ("客服退款", "1"));
    assert!(request.text().is_ascii(), "other letters travel percent-encoded");
}

#[tokio::test]
async fn the_newer_refund_is_let_in_by_token_and_needs_no_audit() {
    let server = serving(&[("applyOrderRefund", OPENED_BARE)]).await;
    assert_eq!(channel(true, &server.origin).refund(&refund()).await, Ok(processing(Some("152713835"))));
    let request = server.seen().pop().unwrap();
    assert_eq!(request.path, "/rest/2.0/smartapp/pay/paymentservice/applyOrderRefund?access_token=t%2B1");
    let expected = [
        ("access_token", "t+1"),
        ("applyRefundMoney", "1"),
        ("bizRefundBatchId", "RF202601010001"),
        ("isSkipAudit", "1"),
        ("orderId", ORDER_ID),
        ("pmAppKey", APP_KEY),
        ("refundNotifyUrl", "https://cashier.example.com/notify/ch_1/refund"),
        ("refundReason", "客服退款"),
        ("refundType", "2"),
        ("tpOrderId", PAY_NO),
        ("userId", USER_ID),
    ];
    assert_eq!(sent(&request), expected.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
}

#[tokio::test]
async fn a_payer_that_no_notice_named_is_asked_for() {
    const FOUND: &str = r#"{"errno":0,"data":{"tpOrderId":"3028903626","orderId":81341494729172,"userId":3391629990,"status":2,"totalMoney":100}}"#;
    let nameless = RefundRequest { payer: None, provider_trade_no: None, ..refund() };
    let server = serving(&[("findByTpOrderId", FOUND), ("applyOrderRefund", OPENED_BARE)]).await;
    assert_eq!(channel(true, &server.origin).refund(&nameless).await, Ok(processing(Some("152713835"))));
    let sent = sent(&server.seen().pop().unwrap());
    assert_eq!((sent["userId"].as_str(), sent["orderId"].as_str()), (USER_ID, ORDER_ID));
    let server = serving(&[]).await;
    let result = channel(false, &server.origin).refund(&nameless).await;
    assert!(matches!(result, Err(ChannelError::Refused { .. })), "nothing was asked for: {result:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_refund_that_baidu_opened_is_never_asked_for_again() {
    for with_client in [false, true] {
        let server = serving(&[
            ("findOrderRefund", r#"{"errno":0,"data":[]}"#),
            ("queryorderdetail", r#"{"errno":0,"data":{"data":{"refundStatus":{"statusNum":-1}}}}"#),
        ])
        .await;
        let channel = channel(with_client, &server.origin);
        assert_eq!(channel.refund(&numbered()).await, Ok(processing(None)));
        assert_eq!(channel.query_refund(&numbered()).await, Ok(processing(None)));
        assert!(server.seen().iter().all(|request| !request.path.contains("applyOrderRefund")));
    }
}

#[tokio::test]
async fn only_published_numbers_are_a_definite_no() {
    for with_client in [false, true] {
        let known = serving(&[("applyOrderRefund", r#"{"errno":10003,"msg":"企业余额不足"}"#)]).await;
        let result = channel(with_client, &known.origin).refund(&refund()).await;
        assert!(matches!(&result, Ok(RemoteRefund::Failed { code, .. }) if code == "10003"), "{result:?}");
        let other = serving(&[("applyOrderRefund", r#"{"errno":777,"msg":"超过每日退款上限"}"#)]).await;
        let result = channel(with_client, &other.origin).refund(&refund()).await;
        assert!(matches!(&result, Err(ChannelError::Unclear(words)) if words.contains("777")), "{result:?}");
        let gone = serving(&[("applyOrderRefund", "502")]).await;
        assert!(matches!(channel(with_client, &gone.origin).refund(&refund()).await, Err(ChannelError::Unclear(_))));
    }
}

#[tokio::test]
async fn a_refund_is_found_by_either_number_in_the_list() {
    const LIST: &str = r#"{"errno":0,"data":[
        {"bizRefundBatchId":"RF1","refundBatchId":"1","refundStatus":3},
        {"bizRefundBatchId":"RF202601010001","refundBatchId":"152713835","refundStatus":2}]}"#;
    let done = RemoteRefund::Succeeded { provider_refund_no: Some("152713835".to_owned()), succeeded_at: None };
    assert_eq!(asked(true, &refund(), &[("findOrderRefund", LIST)]).await, Ok(done.clone()));
    let of_baidu = RefundRequest { refund_no: "RF9".to_owned(), ..numbered() };
    assert_eq!(asked(true, &of_baidu, &[("findOrderRefund", LIST)]).await, Ok(done));
    let failed = RefundRequest { refund_no: "RF1".to_owned(), ..refund() };
    let result = asked(true, &failed, &[("findOrderRefund", LIST)]).await;
    assert!(matches!(&result, Ok(RemoteRefund::Failed { code, .. }) if code == "3"), "{result:?}");
    let unknown = RefundRequest { refund_no: "RF2".to_owned(), ..refund() };
    assert_eq!(asked(true, &unknown, &[("findOrderRefund", LIST)]).await, Ok(RemoteRefund::Unknown));
    const OPEN: &str = r#"{"errno":0,"data":[{"bizRefundBatchId":"RF202601010001","refundBatchId":7,"refundStatus":1}]}"#;
    assert_eq!(asked(true, &refund(), &[("findOrderRefund", OPEN)]).await, Ok(processing(Some("7"))));
    const STRANGE: &str = r#"{"errno":0,"data":[{"bizRefundBatchId":"RF202601010001","refundStatus":9}]}"#;
    assert_eq!(asked(true, &refund(), &[("findOrderRefund", STRANGE)]).await, Ok(processing(None)));
}

// The older answer has one state for all refunds of an order: done says nothing of one part among several.
#[tokio::test]
async fn the_older_state_is_definite_only_for_the_whole_amount() {
    const NONE: &str = r#"{"errno":0,"data":{"data":{"refundStatus":{"statusNum":-1}}}}"#;
    const OPEN: &str = r#"{"errno":0,"data":{"data":{"refundStatus":{"statusNum":1}}}}"#;
    const DONE: &str = r#"{"errno":0,"data":{"data":{"refundStatus":{"statusNum":2}}}}"#;
    const FAILED: &str = r#"{"errno":0,"data":{"data":{"refundStatus":{"statusNum":9}}}}"#;
    const TWO_IS_NOT_FAILED: &str = r#"{"errno":0,"data":{"data":{"refundStatus":{"statusNum":3}}}}"#;
    let whole = RefundRequest { amount: fen(100), ..refund() };
    let whole_numbered = RefundRequest { amount: fen(100), ..numbered() };
    assert_eq!(asked(false, &refund(), &[("queryorderdetail", NONE)]).await, Ok(RemoteRefund::Unknown));
    assert_eq!(asked(false, &numbered(), &[("queryorderdetail", NONE)]).await, Ok(processing(None)));
    assert_eq!(asked(false, &whole, &[("queryorderdetail", OPEN)]).await, Ok(processing(None)));
    assert_eq!(asked(false, &refund(), &[("queryorderdetail", DONE)]).await, Ok(processing(None)));
    assert!(matches!(asked(false, &whole, &[("queryorderdetail", DONE)]).await, Ok(RemoteRefund::Succeeded { .. })));
    assert_eq!(asked(false, &refund(), &[("queryorderdetail", FAILED)]).await, Ok(processing(None)));
    assert!(matches!(asked(false, &whole_numbered, &[("queryorderdetail", FAILED)]).await, Ok(RemoteRefund::Failed { .. })));
    assert_eq!(asked(false, &whole_numbered, &[("queryorderdetail", TWO_IS_NOT_FAILED)]).await, Ok(processing(None)));
    assert!(matches!(asked(false, &whole, &[("queryorderdetail", "502")]).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn a_reason_is_always_there() {
    for (given, sent_as) in [("", "退款"), (" \n", "退款"), ("质量\n问题", "质量问题")] {
        let server = serving(&[("applyOrderRefund", OPENED)]).await;
        channel(false, &server.origin).refund(&RefundRequest { reason: given.to_owned(), ..refund() }).await.unwrap();
        assert_eq!(sent(&server.seen().pop().unwrap())["refundReason"], sent_as);
    }
}
