use super::super::sign;
use super::gateway::Loopback;
use super::*;
use crate::channels::keys::VerifyingKey;
use crate::pay::channel::{Channel, ChannelError, NextStep, Started};
use serde_json::json;

/// What the gateway would do with a request: verify our signature over all that arrived.
fn is_signed(params: &BTreeMap<String, String>) -> bool {
    let text = sign::request_text(params);
    let signature = STANDARD.decode(&params["sign"]).unwrap();
    VerifyingKey::read(PUBLIC_M).unwrap().verify_sha256(text.as_bytes(), &signature)
}

fn query_of(url: &str) -> BTreeMap<String, String> {
    form(url.split_once('?').unwrap().1)
}

async fn started(method: Method) -> Started {
    channel(&public_mode(), "https://g.example/gateway.do").start(&start(method)).await.unwrap()
}

// Pitfalls 8, 9, 13 and 19: Shanghai time, amounts from integers, a deadline, nothing to pass back.
#[tokio::test]
async fn a_page_payment_is_a_form_to_post() {
    let NextStep::Form { action, fields } = started(Method::AlipayPage).await.next else { panic!("no form") };
    let mut params = query_of(&action);
    assert!(!params.contains_key("biz_content"), "it travels in the form");
    params.extend(fields.clone());
    assert!(is_signed(&params));
    assert_eq!(params["method"], "alipay.trade.page.pay");
    assert_eq!(params["charset"], "utf-8");
    assert_eq!(params["timestamp"], "2024-03-01 12:00:00");
    assert_eq!(params["notify_url"], "https://cashier.example.com/notify/ch_1/pay");
    assert_eq!(params["return_url"], format!("https://cashier.example.com/return/{PAY_NO}"));
    let biz: serde_json::Value = serde_json::from_str(&fields["biz_content"]).unwrap();
    let expected = json!({
        "out_trade_no": PAY_NO,
        "total_amount": "88.88",
        "subject": "测试商品 A+B 100%",
        "product_code": "FAST_INSTANT_TRADE_PAY",
        "time_expire": "2024-03-01 12:30:00",
    });
    assert_eq!(biz, expected);
}

#[tokio::test]
async fn a_wap_payment_is_one_address() {
    let NextStep::Redirect { url } = started(Method::AlipayWap).await.next else { panic!("no address") };
    assert!(url.starts_with("https://g.example/gateway.do?"));
    let params = query_of(&url);
    assert!(is_signed(&params));
    assert_eq!(params["method"], "alipay.trade.wap.pay");
    let biz: serde_json::Value = serde_json::from_str(&params["biz_content"]).unwrap();
    assert_eq!(biz["product_code"], "QUICK_WAP_WAY");
    assert_eq!(biz["quit_url"], "https://cashier.example.com/checkout/t");
    assert_eq!(biz["time_expire"], "2024-03-01 12:30:00");
}

#[tokio::test]
async fn an_app_payment_is_an_order_string() {
    let NextStep::Invoke { bridge, params } = started(Method::AlipayApp).await.next else { panic!("no call") };
    assert_eq!(bridge, "alipay_app");
    assert_eq!(params.len(), 1);
    let order = form(params["orderStr"].as_str().unwrap());
    assert!(is_signed(&order));
    assert_eq!(order["method"], "alipay.trade.app.pay");
    assert!(!order.contains_key("return_url"));
    let biz: serde_json::Value = serde_json::from_str(&order["biz_content"]).unwrap();
    assert_eq!(biz["product_code"], "QUICK_MSECURITY_PAY");
}

#[tokio::test]
async fn certificate_mode_sends_both_serial_numbers() {
    let channel = channel(&certificate_mode(), "https://g.example/gateway.do");
    let NextStep::Redirect { url } = channel.start(&start(Method::AlipayWap)).await.unwrap().next else { panic!("no address") };
    let params = query_of(&url);
    assert!(is_signed(&params));
    assert_eq!(params["app_cert_sn"], "299e68bffbc7c22884cb9d012285bd94");
    assert_eq!(params["alipay_root_cert_sn"], "408202301f65af253e8591e7f55a8564_d240f4853affea3558f63340f81c8b5a");
}

// Pitfall 13: a trade always gets a deadline, and never less than the provider's minimum.
#[tokio::test]
async fn a_deadline_too_near_becomes_the_providers_minimum() {
    let channel = channel(&public_mode(), "https://g.example/gateway.do");
    let mut request = start(Method::AlipayApp);
    request.deadline = NOON + 5_000;
    let NextStep::Invoke { params, .. } = channel.start(&request).await.unwrap().next else { panic!("no call") };
    let order = form(params["orderStr"].as_str().unwrap());
    let biz: serde_json::Value = serde_json::from_str(&order["biz_content"]).unwrap();
    assert_eq!(biz["time_expire"], "2024-03-01 12:01:00");
}

// Pitfall 4: the charset stands in the address, the business part in the body.
#[tokio::test]
async fn a_code_is_made_by_a_call_in_the_official_shape() {
    let node =
        format!(r#"{{"code":"10000","msg":"Success","out_trade_no":"{PAY_NO}","qr_code":"https:\/\/qr.alipay.com\/bax0"}}"#);
    let loopback = Loopback::signing(&[("alipay.trade.precreate", &node)]).await;
    let mut request = start(Method::AlipayQr);
    request.body = Some("two\nlines".to_owned());
    let started = channel(&public_mode(), &loopback.url).start(&request).await.unwrap();
    let expires_at = request.deadline;
    assert_eq!(started.next, NextStep::Qr { code_url: "https://qr.alipay.com/bax0".to_owned(), expires_at });
    assert_eq!(started.code_expires_at, Some(expires_at));
    assert_eq!(started.paid, None);

    let seen = &loopback.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/gateway.do"));
    assert_eq!(seen.content_type, "application/x-www-form-urlencoded;charset=utf-8");
    assert_eq!(form(&seen.query)["charset"], "utf-8");
    assert!(form(&seen.query).contains_key("sign"));
    assert_eq!(form(&seen.body).keys().collect::<Vec<_>>(), ["biz_content"]);
    assert!(is_signed(&seen.params()));
    assert_eq!(seen.params()["notify_url"], request.notify_url);
    assert_eq!(seen.biz()["product_code"], "FACE_TO_FACE_PAYMENT");
    assert_eq!(seen.biz()["body"], "twolines");
}

#[tokio::test]
async fn a_code_never_outlives_the_providers_limit() {
    let node = format!(r#"{{"code":"10000","out_trade_no":"{PAY_NO}","qr_code":"q"}}"#);
    let loopback = Loopback::signing(&[("alipay.trade.precreate", &node)]).await;
    let mut request = start(Method::AlipayQr);
    request.deadline = NOON + 86_400_000;
    let started = channel(&public_mode(), &loopback.url).start(&request).await.unwrap();
    assert_eq!(started.code_expires_at, Some(NOON + 7_200_000));
    assert_eq!(loopback.seen()[0].biz()["time_expire"], "2024-03-02 12:00:00");
}

#[tokio::test]
async fn a_page_inside_the_wallet_needs_its_user() {
    let node = format!(r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"20240301T"}}"#);
    let loopback = Loopback::signing(&[("alipay.trade.create", &node), ("alipay.trade.create", &node)]).await;
    let channel = channel(&public_mode(), &loopback.url);
    let mut request = start(Method::AlipayJsapi);
    assert_eq!(channel.start(&request).await.unwrap_err(), ChannelError::MissingFact("user_id"));
    request.facts.insert("buyer_open_id".to_owned(), "074a1C".to_owned());
    let NextStep::Invoke { bridge, params } = channel.start(&request).await.unwrap().next else { panic!("no call") };
    assert_eq!((bridge.as_str(), &params["tradeNO"]), ("alipay_jsapi", &json!("20240301T")));
    request.facts.insert("op_app_id".to_owned(), "2021000000000009".to_owned());
    channel.start(&request).await.unwrap();
    let seen = loopback.seen();
    assert_eq!(seen[0].biz()["buyer_open_id"], "074a1C");
    assert_eq!(seen[0].biz()["product_code"], "FACE_TO_FACE_PAYMENT");
    assert_eq!(seen[1].biz()["product_code"], "JSAPI_PAY");
    assert_eq!(seen[1].biz()["op_app_id"], "2021000000000009");
}

fn bar() -> StartRequest {
    StartRequest { auth_code: Some(Secret::new("280000000000000001".to_owned())), ..start(Method::AlipayBar) }
}

#[tokio::test]
async fn a_bar_code_can_be_paid_at_once() {
    let node = format!(
        r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"T","total_amount":"88.88","buyer_logon_id":"a***@b","gmt_payment":"2024-03-01 12:00:01","fund_bill_list":[{{"fund_channel":"PCREDIT","amount":"88.88"}}]}}"#
    );
    let loopback = Loopback::signing(&[("alipay.trade.pay", &node)]).await;
    let started = channel(&public_mode(), &loopback.url).start(&bar()).await.unwrap();
    assert_eq!(started.next, NextStep::Done);
    let paid = started.paid.unwrap();
    assert_eq!((paid.trade_no.as_str(), paid.amount, paid.paid_at), ("T", fen(8888), Some(NOON + 1_000)));
    let biz = loopback.seen()[0].biz();
    assert_eq!((&biz["scene"], &biz["auth_code"]), (&json!("bar_code"), &json!("280000000000000001")));
}

#[tokio::test]
async fn a_bar_code_can_wait_for_a_password() {
    let node = format!(r#"{{"code":"10003","msg":"order success pay inprocess","out_trade_no":"{PAY_NO}","trade_no":"T"}}"#);
    let loopback = Loopback::signing(&[("alipay.trade.pay", &node)]).await;
    let started = channel(&public_mode(), &loopback.url).start(&bar()).await.unwrap();
    assert_eq!((started.next, started.paid), (NextStep::Wait, None));
    let without_code = channel(&public_mode(), &loopback.url).start(&start(Method::AlipayBar)).await;
    assert_eq!(without_code.unwrap_err(), ChannelError::MissingFact("auth_code"));
}

async fn bar_refusal(node: &str) -> ChannelError {
    let loopback = Loopback::signing(&[("alipay.trade.pay", node)]).await;
    channel(&public_mode(), &loopback.url).start(&bar()).await.unwrap_err()
}

#[tokio::test]
async fn refusals_are_definite_only_when_their_code_is_known() {
    let refused = |code: &str| format!(r#"{{"code":"40004","msg":"Business Failed","sub_code":"{code}","sub_msg":"why"}}"#);
    for code in ["ACQ.BUYER_BALANCE_NOT_ENOUGH", "ACQ.PAYMENT_AUTH_CODE_INVALID", "ACQ.CONTEXT_INCONSISTENT"] {
        let expected = ChannelError::Refused { code: code.to_owned(), message: "why".to_owned() };
        assert_eq!(bar_refusal(&refused(code)).await, expected);
        assert_eq!(bar_refusal(&refused(&format!("aop.{code}"))).await, expected);
    }
    for node in [
        refused("ACQ.SYSTEM_ERROR"),
        refused("ACQ.NEVER_SEEN"),
        refused(""),
        r#"{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"}"#.to_owned(),
        r#"{"code":"99999"}"#.to_owned(),
        r#"{"msg":"Success"}"#.to_owned(),
    ] {
        assert!(matches!(bar_refusal(&node).await, ChannelError::Unclear(_)), "{node}");
    }
    let config = r#"{"code":"40006","msg":"Insufficient Permissions","sub_code":"isv.insufficient-isv-permissions"}"#;
    assert!(matches!(bar_refusal(config).await, ChannelError::Refused { .. }));
}

#[tokio::test]
async fn nothing_unverified_decides_about_a_payment() {
    let paid = format!(r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"T","total_amount":"88.88"}}"#);
    let other_number = r#"{"code":"10000","out_trade_no":"G2","trade_no":"T","total_amount":"88.88"}"#;
    let refusal = r#"{"code":"40004","sub_code":"ACQ.BUYER_BALANCE_NOT_ENOUGH"}"#;
    let unsigned = |node: &str| format!(r#"{{"alipay_trade_pay_response":{node}}}"#).into_bytes();
    for (status, body) in [
        (200, unsigned(&paid)),
        (200, unsigned(refusal)),
        (200, format!(r#"{{"alipay_trade_pay_response":{paid},"sign":""}}"#).into_bytes()),
        (200, format!(r#"{{"alipay_trade_pay_response":{paid},"sign":"AAAA"}}"#).into_bytes()),
        (200, format!(r#"{{"alipay_trade_pay_response":{refusal},"sign":"AAAA"}}"#).into_bytes()),
        (200, answer("alipay.trade.pay", other_number)),
        (200, answer("alipay.trade.query", &paid)),
        (200, r#"{"error_response":{"code":"40002","sub_code":"isv.invalid-signature"}}"#.into()),
        (200, b"<html>".to_vec()),
        (404, answer("alipay.trade.pay", &paid)),
        (502, answer("alipay.trade.pay", &paid)),
        (302, Vec::new()),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let loopback = Loopback::answering([(status, body)]).await;
        let result = channel(&public_mode(), &loopback.url).start(&bar()).await;
        assert!(matches!(result, Err(ChannelError::Unclear(_))), "{status} {shown}: {result:?}");
    }
}

#[tokio::test]
async fn a_number_that_is_paid_already_is_reported_paid() {
    let has_success = r#"{"code":"40004","sub_code":"ACQ.TRADE_HAS_SUCCESS"}"#;
    let paid = format!(
        r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_no":"T","total_amount":"88.88","trade_status":"TRADE_SUCCESS"}}"#
    );
    let loopback = Loopback::signing(&[("alipay.trade.precreate", has_success), ("alipay.trade.query", &paid)]).await;
    let started = channel(&public_mode(), &loopback.url).start(&start(Method::AlipayQr)).await.unwrap();
    assert_eq!(started.next, NextStep::Done);
    assert_eq!(started.paid.unwrap().amount, fen(8888));

    let closed = r#"{"code":"40004","sub_code":"ACQ.TRADE_HAS_CLOSE"}"#;
    let state = format!(r#"{{"code":"10000","out_trade_no":"{PAY_NO}","trade_status":"TRADE_CLOSED"}}"#);
    let loopback = Loopback::signing(&[("alipay.trade.precreate", closed), ("alipay.trade.query", &state)]).await;
    let burnt = channel(&public_mode(), &loopback.url).start(&start(Method::AlipayQr)).await;
    assert!(matches!(burnt, Err(ChannelError::Refused { code, .. }) if code == "ACQ.TRADE_HAS_CLOSE"));
}
