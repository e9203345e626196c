use super::gateway::Loopback;
use super::*;
use crate::pay::channel::{Channel, ChannelError, CheckMeaning, Closing, Remote, RemoteRefund};

const QUERY: &str = "alipay.trade.query";
const CLOSE: &str = "alipay.trade.close";
const CANCEL: &str = "alipay.trade.cancel";
const REFUND: &str = "alipay.trade.refund";
const REFUND_QUERY: &str = "alipay.trade.fastpay.refund.query";

fn business(code: &str) -> String {
    format!(r#"{{"code":"40004","msg":"Business Failed","sub_code":"{code}","sub_msg":"why"}}"#)
}

fn trade(status: &str) -> String {
    format!(r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"T","total_amount":"88.88","trade_status":"{status}"}}"#)
}

async fn query(script: &[(&str, &str)]) -> Result<Remote, ChannelError> {
    let loopback = Loopback::signing(script).await;
    channel(&public_mode(), &loopback.url).query(&payment(Method::AlipayQr)).await
}

async fn close(method: Method, script: &[(&str, &str)]) -> Result<Closing, ChannelError> {
    let loopback = Loopback::signing(script).await;
    let result = channel(&public_mode(), &loopback.url).close(&payment(method)).await;
    let asked: Vec<String> = loopback.seen().iter().map(|seen| seen.params()["method"].clone()).collect();
    let expected: Vec<&str> = script.iter().map(|(method, _)| *method).collect();
    assert_eq!(asked, expected);
    result
}

async fn refund_with(script: &[(&str, &str)]) -> Result<RemoteRefund, ChannelError> {
    let loopback = Loopback::signing(script).await;
    let result = channel(&public_mode(), &loopback.url).refund(&refund()).await;
    assert_eq!(loopback.seen().len(), script.len(), "calls");
    result
}

// Pitfall 12: before anybody opened the page or scanned the code there is no trade.
#[tokio::test]
async fn a_trade_nobody_opened_is_unknown_not_failed() {
    assert_eq!(query(&[(QUERY, &business("ACQ.TRADE_NOT_EXIST"))]).await, Ok(Remote::Unknown));
    assert_eq!(query(&[(QUERY, &business("aop.ACQ.TRADE_NOT_EXIST"))]).await, Ok(Remote::Unknown));
}

#[tokio::test]
async fn a_query_tells_the_state_and_nothing_else() {
    assert!(matches!(query(&[(QUERY, &trade("TRADE_SUCCESS"))]).await, Ok(Remote::Paid(p)) if p.amount == fen(8888)));
    assert_eq!(query(&[(QUERY, &trade("WAIT_BUYER_PAY"))]).await, Ok(Remote::Pending));
    assert_eq!(query(&[(QUERY, &trade("TRADE_CLOSED"))]).await, Ok(Remote::Closed));
    for node in [
        trade("TRADE_SUCCESS").replace(PAY_NO, "G2"),
        business("ACQ.SYSTEM_ERROR"),
        business("ACQ.INVALID_PARAMETER"),
        r#"{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}"#.to_owned(),
    ] {
        assert!(matches!(query(&[(QUERY, &node)]).await, Err(ChannelError::Unclear(_))), "{node}");
    }
}

#[tokio::test]
async fn closing_follows_the_true_state() {
    let closed = format!(r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"T"}}"#);
    let refused = business("ACQ.TRADE_STATUS_ERROR");
    let follow = |state: &str| (refused.clone(), trade(state));
    let page = Method::AlipayPage;
    assert_eq!(close(page, &[(CLOSE, &closed)]).await, Ok(Closing::Closed));
    assert_eq!(close(page, &[(CLOSE, &business("ACQ.TRADE_NOT_EXIST"))]).await, Ok(Closing::Closed));
    let (no, state) = follow("TRADE_SUCCESS");
    assert_eq!(close(page, &[(CLOSE, &no), (QUERY, &state)]).await, Ok(Closing::AlreadyPaid));
    let (no, state) = follow("TRADE_CLOSED");
    assert_eq!(close(page, &[(CLOSE, &no), (QUERY, &state)]).await, Ok(Closing::Closed));
    let (no, state) = follow("WAIT_BUYER_PAY");
    assert!(matches!(close(page, &[(CLOSE, &no), (QUERY, &state)]).await, Ok(Closing::NotYet(_))));
    let has_success = business("ACQ.TRADE_HAS_SUCCESS");
    assert_eq!(close(page, &[(CLOSE, &has_success), (QUERY, &trade("TRADE_SUCCESS"))]).await, Ok(Closing::AlreadyPaid));
    assert!(matches!(close(page, &[(CLOSE, &business("ACQ.SYSTEM_ERROR"))]).await, Err(ChannelError::Unclear(_))));
    assert!(matches!(close(page, &[(CLOSE, &business("ACQ.INVALID_PARAMETER"))]).await, Err(ChannelError::Refused { .. })));
    let other = closed.replace(PAY_NO, "G2");
    assert!(matches!(close(page, &[(CLOSE, &other)]).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn a_bar_code_is_reversed_until_the_provider_is_content() {
    let bar = Method::AlipayBar;
    let cancelled = |retry: &str, action: &str| {
        format!(r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"T","retry_flag":"{retry}","action":"{action}"}}"#)
    };
    assert_eq!(close(bar, &[(CANCEL, &cancelled("N", "close"))]).await, Ok(Closing::Closed));
    assert_eq!(close(bar, &[(CANCEL, &cancelled("N", "refund"))]).await, Ok(Closing::Closed));
    assert_eq!(close(bar, &[(CANCEL, &cancelled("N", ""))]).await, Ok(Closing::Closed));
    assert!(matches!(close(bar, &[(CANCEL, &cancelled("Y", "close"))]).await, Ok(Closing::NotYet(_))));
    let unavailable = r#"{"code":"20000","sub_code":"aop.unknow-error"}"#;
    assert!(matches!(close(bar, &[(CANCEL, unavailable)]).await, Err(ChannelError::Unclear(_))));
    let too_late = business("ACQ.TRADE_CANCEL_TIME_OUT");
    assert_eq!(close(bar, &[(CANCEL, &too_late), (QUERY, &trade("TRADE_SUCCESS"))]).await, Ok(Closing::AlreadyPaid));
    let no_balance = business("ACQ.SELLER_BALANCE_NOT_ENOUGH");
    assert_eq!(close(bar, &[(CANCEL, &no_balance), (QUERY, &trade("TRADE_SUCCESS"))]).await, Ok(Closing::AlreadyPaid));
}

fn refunded(fund_change: &str) -> String {
    // The sum of all refunds of the trade, not this one's amount.
    format!(
        r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"T","fund_change":"{fund_change}","refund_fee":"50.00","gmt_refund_pay":"2024-03-01 13:00:00"}}"#
    )
}

fn refund_state(status: &str, amount: &str) -> String {
    format!(
        r#"{{"code":"10000","out_trade_no":"{PAY_NO}","out_request_no":"{}","refund_status":"{status}","refund_amount":"{amount}"}}"#,
        refund().refund_no
    )
}

const NOT_REFUNDED: &str = r#"{"code":"10000","msg":"Success"}"#;

#[tokio::test]
async fn a_refund_that_moved_money_succeeded() {
    let loopback = Loopback::signing(&[(REFUND, &refunded("Y"))]).await;
    let result = channel(&public_mode(), &loopback.url).refund(&refund()).await;
    let succeeded_at = Some(NOON + 3_600_000);
    assert_eq!(result, Ok(RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at }));
    let expected = serde_json::json!({
        "out_trade_no": PAY_NO,
        "refund_amount": "20.00",
        "out_request_no": refund().refund_no,
        "refund_reason": "buyer's wish",
    });
    assert_eq!(loopback.seen()[0].biz(), expected);
}

// Pitfall 11: 10000 alone is no refund.
#[tokio::test]
async fn a_refund_that_moved_nothing_is_asked_about() {
    let done = RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at: None };
    let processing = RemoteRefund::Processing { provider_refund_no: None };
    let no_change = refunded("N");
    let yes = refund_state("REFUND_SUCCESS", "20.00");
    assert_eq!(refund_with(&[(REFUND, &no_change), (REFUND_QUERY, &yes)]).await, Ok(done));
    assert_eq!(refund_with(&[(REFUND, &no_change), (REFUND_QUERY, NOT_REFUNDED)]).await, Ok(processing.clone()));
    let silent = no_change.replace(r#""fund_change":"N","#, "");
    assert_eq!(refund_with(&[(REFUND, &silent), (REFUND_QUERY, NOT_REFUNDED)]).await, Ok(processing));
    let other = refunded("Y").replace(PAY_NO, "G2");
    assert!(matches!(refund_with(&[(REFUND, &other)]).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn a_refused_refund_failed_unless_an_earlier_try_went_through() {
    for code in ["ACQ.TRADE_NOT_ALLOW_REFUND", "ACQ.REASON_TRADE_REFUND_FEE_ERR", "ACQ.TRADE_HAS_FINISHED", "ACQ.TRADE_NOT_EXIST"]
    {
        let failed = RemoteRefund::Failed { code: code.to_owned(), message: "why".to_owned() };
        assert_eq!(refund_with(&[(REFUND, &business(code)), (REFUND_QUERY, NOT_REFUNDED)]).await, Ok(failed));
    }
    let closed = business("ACQ.TRADE_HAS_CLOSE");
    let earlier = refund_state("REFUND_SUCCESS", "20.00");
    assert!(matches!(refund_with(&[(REFUND, &closed), (REFUND_QUERY, &earlier)]).await, Ok(RemoteRefund::Succeeded { .. })));
    let balance = business("ACQ.SELLER_BALANCE_NOT_ENOUGH");
    assert!(matches!(refund_with(&[(REFUND, &balance)]).await, Ok(RemoteRefund::Processing { .. })), "later, same number");
    for unclear in [business("ACQ.SYSTEM_ERROR"), business("ACQ.NEVER_SEEN")] {
        assert!(matches!(refund_with(&[(REFUND, &unclear)]).await, Err(ChannelError::Unclear(_))), "{unclear}");
    }
}

#[tokio::test]
async fn a_refund_query_believes_only_its_own_refund() {
    let ask = async |node: &str| {
        let loopback = Loopback::signing(&[(REFUND_QUERY, node)]).await;
        channel(&public_mode(), &loopback.url).query_refund(&refund()).await
    };
    let success = refund_state("REFUND_SUCCESS", "20.00");
    assert!(matches!(ask(&success).await, Ok(RemoteRefund::Succeeded { .. })));
    assert_eq!(ask(NOT_REFUNDED).await, Ok(RemoteRefund::Unknown));
    assert_eq!(ask(&business("ACQ.TRADE_NOT_EXIST")).await, Ok(RemoteRefund::Unknown));
    assert!(matches!(ask(&refund_state("REFUND_PROCESSING", "20.00")).await, Ok(RemoteRefund::Processing { .. })));
    for wrong in [
        refund_state("REFUND_SUCCESS", "20.01"),
        success.replace(&refund().refund_no, "R2"),
        success.replace(PAY_NO, "G2"),
        business("ACQ.SYSTEM_ERROR"),
    ] {
        assert!(matches!(ask(&wrong).await, Err(ChannelError::Unclear(_))), "{wrong}");
    }
}

#[tokio::test]
async fn the_check_names_what_is_wrong() {
    let signed = |node: &str| answer(QUERY, node);
    let unsigned = |node: &str| format!(r#"{{"alipay_trade_query_response":{node}}}"#).into_bytes();
    let refusal = |code: &str, sub: &str| format!(r#"{{"code":"{code}","sub_code":"{sub}","sub_msg":"why"}}"#);
    for (status, body, meaning) in [
        (200, signed(&business("ACQ.TRADE_NOT_EXIST")), CheckMeaning::Works),
        (200, unsigned(&business("ACQ.TRADE_NOT_EXIST")), CheckMeaning::TheirSignatureWrong),
        (200, br#"{"alipay_trade_query_response":{"code":"10000"},"sign":"AAAA"}"#.to_vec(), CheckMeaning::TheirSignatureWrong),
        (200, unsigned(&refusal("40002", "isv.invalid-signature")), CheckMeaning::OurSignatureRefused),
        (200, unsigned(&refusal("40002", "isv.invalid-app-id")), CheckMeaning::UnknownAccount),
        (200, signed(&refusal("40006", "isv.insufficient-isv-permissions")), CheckMeaning::NotPermitted),
        (200, signed(&refusal("20000", "isp.unknow-error")), CheckMeaning::Unreachable),
        (200, b"nonsense".to_vec(), CheckMeaning::Unreachable),
        (502, Vec::new(), CheckMeaning::Unreachable),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let loopback = Loopback::answering([(status, body)]).await;
        let report = channel(&public_mode(), &loopback.url).check().await.unwrap();
        assert_eq!(report.meaning, meaning, "{shown}");
        assert_eq!(report.ok, meaning == CheckMeaning::Works);
        assert!(report.asked.starts_with("alipay.trade.query "), "{}", report.asked);
        let number = loopback.seen()[0].biz()["out_trade_no"].as_str().unwrap().to_owned();
        assert!(report.asked.ends_with(&number));
    }
    let closed_port = channel(&public_mode(), "http://127.0.0.1:9/gateway.do").check().await.unwrap();
    assert_eq!(closed_port.meaning, CheckMeaning::Unreachable);
}

// Pitfall 17: an unsigned error in GBK is an unclear answer with readable words.
#[tokio::test]
async fn a_gbk_error_body_is_unclear_and_readable() {
    let mut body = br#"{"alipay_trade_query_response":{"code":"20000","sub_code":"aop.unknow-error","sub_msg":""#.to_vec();
    body.extend([0xcf, 0xb5, 0xcd, 0xb3, 0xb7, 0xb1, 0xc3, 0xa6]);
    body.extend(br#""}}"#);
    let loopback = Loopback::answering([(200, body)]).await;
    match channel(&public_mode(), &loopback.url).query(&payment(Method::AlipayQr)).await {
        Err(ChannelError::Unclear(words)) => assert!(words.contains("系统繁忙"), "{words}"),
        other => panic!("{other:?}"),
    }
}
