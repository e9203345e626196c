use super::vectors::LEGACY_QUERY;
use super::*;
use crate::pay::channel::{Channel, CheckMeaning, Closing, Paid, Remote};
use std::sync::atomic::{AtomicUsize, Ordering};

const PAID: &str = r#"{"errno":0,"msg":"success","data":{"tpOrderId":"3028903626","appKey":"MMUBBH","dealId":470193086,
    "orderId":81341494729172,"userId":3391629990,"status":2,"totalMoney":1,"payMoney":1}}"#;
const UNPAID: &str = r#"{"errno":0,"msg":"success","data":{"tpOrderId":"3028903626","orderId":"81341494729172","status":"1"}}"#;
const CANCELLED: &str = r#"{"errno":0,"msg":"success","data":{"tpOrderId":"3028903626","orderId":1,"status":-1}}"#;
const NONE: &str = r#"{"errno":0,"msg":"success","data":null}"#;
const NO_SUCH: &str = r#"{"errno":4711,"msg":"订单不存在","data":null}"#;
const NO_MERCHANT: &str = r#"{"errno":4712,"msg":"商户不存在","data":null}"#;
const BUSY: &str = r#"{"errno":1,"msg":"系统繁忙","data":null}"#;

async fn state(answer: &'static [(&'static str, &'static str)]) -> Result<Remote, ChannelError> {
    channel(true, &serving(answer).await.origin).query(&payment(false)).await
}

async fn closing(
    with_client: bool,
    is_known: bool,
    answers: &'static [(&'static str, &'static str)],
) -> Result<Closing, ChannelError> {
    channel(with_client, &serving(answers).await.origin).close(&payment(is_known)).await
}

#[tokio::test]
async fn a_lost_notice_is_made_up_for_by_our_number() {
    let server = serving(&[("findByTpOrderId", PAID)]).await;
    let channel = channel(true, &server.origin);
    let paid = Paid { trade_no: ORDER_ID.to_owned(), amount: fen(1), payer: Some(USER_ID.to_owned()), paid_at: None };
    assert_eq!(channel.query(&payment(false)).await, Ok(Remote::Paid(paid)));
    assert!(channel.query(&payment(false)).await.is_ok());
    let seen = server.seen();
    assert_eq!(seen.len(), 3, "one token for two questions");
    assert!(seen[0].path.starts_with("/oauth/2.0/token?"));
    let expected = BTreeMap::from([
        ("client_id", "mini-app-key"),
        ("client_secret", "mini-app-secret"),
        ("grant_type", "client_credentials"),
        ("scope", "smartapp_snsapi_base"),
    ]);
    assert_eq!(sent(&seen[0]), expected.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
    assert!(seen[1].path.starts_with("/rest/2.0/smartapp/pay/paymentservice/findByTpOrderId?"));
    assert_eq!(seen[1].method, "GET");
    let expected = BTreeMap::from([("access_token", "t+1"), ("pmAppKey", APP_KEY), ("tpOrderId", PAY_NO)]);
    assert_eq!(sent(&seen[1]), expected.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
}

#[tokio::test]
async fn only_a_clear_answer_is_a_state() {
    assert_eq!(state(&[("findByTpOrderId", UNPAID)]).await, Ok(Remote::Pending));
    assert_eq!(state(&[("findByTpOrderId", CANCELLED)]).await, Ok(Remote::Closed));
    assert_eq!(state(&[("findByTpOrderId", NONE)]).await, Ok(Remote::Unknown));
    assert_eq!(state(&[("findByTpOrderId", NO_SUCH)]).await, Ok(Remote::Unknown));
    assert_eq!(state(&[("findByTpOrderId", BUSY)]).await, Ok(Remote::Pending));
    assert_eq!(state(&[("findByTpOrderId", NO_MERCHANT)]).await, Ok(Remote::Pending), "says nothing of the order");
    for unclear in [
        "502",
        "<html>",
        r#"{"errno":0,"data":{"tpOrderId":"3028903627","orderId":1,"status":2,"totalMoney":1}}"#,
        r#"{"errno":0,"data":{"tpOrderId":"3028903626","appKey":"MMOTHER","orderId":1,"status":2,"totalMoney":1}}"#,
        r#"{"errno":0,"data":{"tpOrderId":"3028903626","orderId":1,"status":2}}"#,
        r#"{"errno":0,"data":{"tpOrderId":"3028903626","status":2,"totalMoney":1}}"#,
        r#"{"error_code":6,"error_msg":"No permission"}"#,
    ] {
        let answers = Box::leak(Box::new([("findByTpOrderId", unclear)]));
        assert!(matches!(state(answers).await, Err(ChannelError::Unclear(_))), "{unclear}");
    }
}

#[tokio::test]
async fn without_the_newer_generation_a_question_changes_nothing() {
    let server = serving(&[]).await;
    for is_known in [false, true] {
        assert_eq!(channel(false, &server.origin).query(&payment(is_known)).await, Ok(Remote::Pending));
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let tokens = AtomicUsize::new(0);
    let server = Loopback::serve(move |request| {
        if request.path.starts_with("/oauth") {
            let n = tokens.fetch_add(1, Ordering::SeqCst);
            return Script::ok(format!(r#"{{"access_token":"t{n}","expires_in":86400}}"#));
        }
        match sent(request)["access_token"].as_str() {
            "t0" => Script::ok(r#"{"error_code":111,"error_msg":"Access token expired"}"#),
            _ => Script::ok(PAID),
        }
    })
    .await;
    let channel = channel(true, &server.origin);
    assert!(matches!(channel.query(&payment(false)).await, Ok(Remote::Paid(_))));
    assert!(matches!(channel.query(&payment(false)).await, Ok(Remote::Paid(_))));
    assert_eq!(server.seen().iter().filter(|r| r.path.starts_with("/oauth")).count(), 2);
}

#[tokio::test]
async fn a_token_lives_as_long_as_its_number_says() {
    let server = Loopback::serve(|request| match request.path.starts_with("/oauth") {
        true => Script::ok(r#"{"access_token":"t","expires_in":0}"#),
        false => Script::ok(UNPAID),
    })
    .await;
    let channel = channel(true, &server.origin);
    for _ in 0..2 {
        assert_eq!(channel.query(&payment(false)).await, Ok(Remote::Pending));
    }
    assert_eq!(server.seen().iter().filter(|r| r.path.starts_with("/oauth")).count(), 2, "spent at once");
}

#[tokio::test]
async fn refused_client_credentials_name_the_field() {
    let refusal = r#"{"error":"invalid_client","error_description":"unknown client id"}"#;
    let server = Loopback::serve(move |_| Script::status(401, refusal)).await;
    let channel = channel(true, &server.origin);
    let result = channel.query(&payment(false)).await;
    assert!(
        matches!(&result, Err(ChannelError::Credentials { field: "client_secret", problem }) if problem.contains("invalid_client"))
    );
    assert_eq!(channel.check().await.unwrap().meaning, CheckMeaning::UnknownAccount);
}

#[tokio::test]
async fn closing_asks_first_and_cancels_what_is_unpaid() {
    assert_eq!(closing(true, false, &[("findByTpOrderId", PAID)]).await, Ok(Closing::AlreadyPaid));
    assert_eq!(closing(true, false, &[("findByTpOrderId", CANCELLED)]).await, Ok(Closing::Closed));
    assert_eq!(closing(true, false, &[("findByTpOrderId", NO_SUCH)]).await, Ok(Closing::Closed));
    for unsaid in [BUSY, NO_MERCHANT] {
        let answers = Box::leak(Box::new([("findByTpOrderId", unsaid)]));
        assert!(matches!(closing(true, false, answers).await, Ok(Closing::NotYet(_))), "{unsaid}");
    }
    assert!(matches!(closing(true, false, &[("findByTpOrderId", "502")]).await, Err(ChannelError::Unclear(_))));
    let server = serving(&[("findByTpOrderId", UNPAID), ("cancelOrder", NONE)]).await;
    assert_eq!(channel(true, &server.origin).close(&payment(false)).await, Ok(Closing::Closed));
    let cancel = server.seen().pop().unwrap();
    assert_eq!((sent(&cancel)["orderId"].as_str(), sent(&cancel)["pmAppKey"].as_str()), (ORDER_ID, APP_KEY));
}

#[tokio::test]
async fn a_cancel_that_lost_the_race_finds_the_money() {
    let asked = AtomicUsize::new(0);
    let server = Loopback::serve(move |request| {
        let answer = match request.path.split('?').next().unwrap().rsplit('/').next().unwrap() {
            "token" => r#"{"access_token":"t","expires_in":86400}"#,
            "cancelOrder" => r#"{"errno":5,"msg":"订单已支付"}"#,
            _ if asked.fetch_add(1, Ordering::SeqCst) == 0 => UNPAID,
            _ => PAID,
        };
        Script::ok(answer)
    })
    .await;
    assert_eq!(channel(true, &server.origin).close(&payment(false)).await, Ok(Closing::AlreadyPaid));
}

#[tokio::test]
async fn the_older_generation_closes_what_it_does_not_know_as_paid() {
    const LEGACY_PAID: &str = r#"{"errno":0,"msg":"成功","data":{"data":{"payStatus":{"statusNum":1}}}}"#;
    const LEGACY_UNPAID: &str = r#"{"errno":0,"msg":"成功","data":{"data":{"payStatus":{"statusNum":"-1"}}}}"#;
    assert_eq!(closing(false, false, &[]).await, Ok(Closing::Closed));
    assert_eq!(closing(false, true, &[("queryorderdetail", LEGACY_PAID)]).await, Ok(Closing::AlreadyPaid));
    assert_eq!(closing(false, true, &[("queryorderdetail", LEGACY_UNPAID)]).await, Ok(Closing::Closed));
    assert!(matches!(closing(false, true, &[("queryorderdetail", BUSY)]).await, Ok(Closing::NotYet(_))));
}

#[test]
fn the_older_question_is_signed_as_the_vector_says() {
    let url = channel(false, "http://127.0.0.1:1").legacy_query(ORDER_ID, USER_ID).unwrap();
    let (path, query) = url.split_once('?').unwrap();
    assert_eq!(path, "http://127.0.0.1:1/platform/entity/openapi/queryorderdetail");
    let sent: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(sent["sign"], LEGACY_QUERY.1);
    assert_eq!(sent["siteId"], USER_ID, "the payer goes by this name here");
}

#[tokio::test]
async fn a_check_says_which_credentials_are_at_fault() {
    let check = async |with_client: bool, answers: &'static [(&'static str, &'static str)]| {
        let report = channel(with_client, &serving(answers).await.origin).check().await.unwrap();
        assert_eq!(report.ok, report.meaning == CheckMeaning::Works);
        report.meaning
    };
    const BAD_SIGN: &str = r#"{"errno":2,"msg":"rsa sign error"}"#;
    const BAD_KEY: &str = r#"{"errno":2,"msg":"invalid pmAppKey"}"#;
    assert_eq!(check(true, &[("findByTpOrderId", NO_SUCH), ("queryorderdetail", NO_SUCH)]).await, CheckMeaning::Works);
    assert_eq!(check(true, &[("findByTpOrderId", BAD_KEY)]).await, CheckMeaning::UnknownAccount);
    assert_eq!(
        check(true, &[("findByTpOrderId", NONE), ("queryorderdetail", BAD_SIGN)]).await,
        CheckMeaning::OurSignatureRefused
    );
    assert_eq!(check(true, &[("findByTpOrderId", NONE), ("queryorderdetail", "502")]).await, CheckMeaning::Other);
    assert_eq!(check(true, &[("findByTpOrderId", "502")]).await, CheckMeaning::Unreachable);
    assert_eq!(check(false, &[("queryorderdetail", NO_SUCH)]).await, CheckMeaning::Works);
    assert_eq!(check(false, &[("queryorderdetail", BAD_SIGN)]).await, CheckMeaning::OurSignatureRefused);
    assert_eq!(check(false, &[("queryorderdetail", "502")]).await, CheckMeaning::Unreachable);
}
