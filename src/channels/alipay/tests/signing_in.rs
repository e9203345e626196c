//! Who the buyer is.

use super::gateway::Loopback;
use super::{NOON, certificate_mode, channel, form, public_mode};
use crate::pay::channel::{ChannelError, SignIn};
use std::collections::BTreeMap;

const METHOD: &str = "alipay.system.oauth.token";
const CODE: &str = "4b203fe6c11548bcabd8da5bb087a83b";

async fn exchange(node: &str) -> (Result<BTreeMap<String, String>, ChannelError>, Loopback) {
    let gateway = Loopback::signing(&[(METHOD, node)]).await;
    let result = channel(&public_mode(), &gateway.url).payer(CODE, NOON).await;
    (result, gateway)
}

fn facts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_page_is_silent_and_brings_the_browser_back() {
    let alipay = channel(&public_mode(), "http://127.0.0.1:9/gateway.do");
    let page = alipay.page("https://pay.example.com/checkout/t/signed-in/alipay_jsapi", "1700000000abc");
    let (address, query) = page.split_once('?').unwrap();
    assert_eq!(address, "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm");
    let expected = facts(&[
        ("app_id", super::APP_ID),
        ("scope", "auth_base"),
        ("redirect_uri", "https://pay.example.com/checkout/t/signed-in/alipay_jsapi"),
        ("state", "1700000000abc"),
    ]);
    assert_eq!(form(query), expected);
    assert_eq!(alipay.code_parameter(), "auth_code");
}

#[tokio::test]
async fn the_token_call_has_top_level_parameters_and_no_business_part() {
    let (result, gateway) = exchange(r#"{"access_token":"a","expires_in":"3600","user_id":"2088102150477652"}"#).await;
    assert_eq!(result, Ok(facts(&[("buyer_id", "2088102150477652")])));
    let params = gateway.seen()[0].params();
    assert_eq!((params["grant_type"].as_str(), params["code"].as_str()), ("authorization_code", CODE));
    assert_eq!(params["method"], METHOD);
    assert!(!params.contains_key("biz_content") && !params.contains_key("notify_url"), "{params:?}");
}

#[tokio::test]
async fn newer_apps_are_told_an_open_id() {
    let (result, _) = exchange(r#"{"access_token":"a","open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"}"#).await;
    assert_eq!(result, Ok(facts(&[("buyer_open_id", "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5")])));
    let (result, _) = exchange(r#"{"user_id":"2088102150477652","open_id":"074a1C"}"#).await;
    assert_eq!(result, Ok(facts(&[("buyer_open_id", "074a1C"), ("buyer_id", "2088102150477652")])));
}

#[tokio::test]
async fn a_spent_code_is_refused_and_everything_odd_is_unclear() {
    let spent = r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"授权码code无效"}"#;
    let (result, _) = exchange(spent).await;
    assert!(matches!(&result, Err(ChannelError::Refused { code, .. }) if code.contains("code-invalid")), "{result:?}");
    for odd in
        [r#"{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"}"#, "{}", r#"{"user_id":"a b"}"#]
    {
        let (result, _) = exchange(odd).await;
        assert!(matches!(result, Err(ChannelError::Unclear(_))), "{odd}: {result:?}");
    }
    // The refusal as it comes without a signature, under the name for errors.
    let body = format!(r#"{{"error_response":{spent}}}"#).into_bytes();
    let gateway = Loopback::answering([(200, body)]).await;
    let result = channel(&certificate_mode(), &gateway.url).payer(CODE, NOON).await;
    assert!(matches!(result, Err(ChannelError::Refused { .. })), "{result:?}");
}

#[tokio::test]
async fn an_id_without_a_signature_is_nobody() {
    let body = br#"{"alipay_system_oauth_token_response":{"user_id":"2088102150477652"}}"#.to_vec();
    let gateway = Loopback::answering([(200, body)]).await;
    let result = channel(&public_mode(), &gateway.url).payer(CODE, NOON).await;
    assert!(matches!(result, Err(ChannelError::Unclear(_))), "{result:?}");
}

#[tokio::test]
async fn no_code_needs_no_call() {
    for code in ["", "a b", &"x".repeat(41)] {
        let result = channel(&public_mode(), "http://127.0.0.1:9/gateway.do").payer(code, NOON).await;
        assert!(matches!(result, Err(ChannelError::Refused { .. })));
    }
}
