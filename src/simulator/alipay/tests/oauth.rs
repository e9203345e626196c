//! From the authorisation page to a buyer.

use super::stage::{Merchant, Scene, order};
use axum::http::{StatusCode, header};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

async fn code(scene: &Scene, merchant: &Merchant) -> String {
    let uri = format!(
        "/oauth2/publicAppAuthorize.htm?app_id={}&scope=auth_base&redirect_uri=https%3A%2F%2Fshop.example%2Fauth%3Fa%3D1&state=S1",
        merchant.app_id
    );
    let (status, headers, _) = scene.get(&uri).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let target = url::Url::parse(headers[header::LOCATION].to_str().expect("text")).expect("an address");
    let query: HashMap<String, String> = target.query_pairs().into_owned().collect();
    assert_eq!((query["a"].as_str(), query["state"].as_str(), query["source"].as_str()), ("1", "S1", "alipay_wallet"));
    assert_eq!(query["auth_code"].len(), 32);
    query["auth_code"].clone()
}

async fn token(merchant: &Merchant, pairs: &[(&str, &str)]) -> String {
    let mut params = merchant.params("alipay.system.oauth.token", &Value::Null);
    params.extend(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    merchant.sign(&mut params);
    merchant.send(params).await
}

#[tokio::test]
async fn a_code_becomes_the_buyer_once() {
    let scene = Scene::new();
    for (merchant, id) in [(scene.merchant(), "user_id"), (scene.certified_merchant(), "open_id")] {
        let code = code(&scene, &merchant).await;
        let ask = [("grant_type", "authorization_code"), ("code", code.as_str())];
        let node = merchant.read(&token(&merchant, &ask).await, "alipay_system_oauth_token_response");
        assert!(node.get("code").is_none(), "a good answer has no code");
        let buyer = node[id].as_str().expect("an identity");
        let again = merchant.read(&token(&merchant, &ask).await, "error_response");
        assert_eq!(again["sub_code"], "isv.code-invalid");
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", node["refresh_token"].as_str().expect("a token"))];
        let renewed = merchant.read(&token(&merchant, &refresh).await, "alipay_system_oauth_token_response");
        assert_eq!(renewed[id], buyer);
        let mut biz = order("N1", "1.00");
        biz[if id == "user_id" { "buyer_id" } else { "buyer_open_id" }] = buyer.into();
        let trade_no = merchant.call("alipay.trade.create", biz).await["trade_no"].as_str().expect("a trade").to_owned();
        assert!(scene.pay(&trade_no, "ok").await.expect("the buyer pays").ok);
    }
}

#[tokio::test]
async fn codes_run_out_and_belong_to_one_app() {
    let scene = Scene::new();
    let (one, other) = (scene.merchant(), scene.certified_merchant());
    let stolen = code(&scene, &one).await;
    let answer = token(&other, &[("grant_type", "authorization_code"), ("code", &stolen)]).await;
    assert_eq!(other.read(&answer, "error_response")["sub_code"], "isv.code-invalid");
    let old = code(&scene, &one).await;
    scene.advance(Duration::from_secs(10 * 60)).await;
    let answer = token(&one, &[("grant_type", "authorization_code"), ("code", &old)]).await;
    assert_eq!(one.read(&answer, "error_response")["sub_code"], "isv.code-invalid");
}

#[tokio::test]
async fn a_bad_authorisation_request_is_a_page() {
    let scene = Scene::new();
    let app_id = scene.merchant().app_id;
    for query in [
        "app_id=1&scope=auth_base&redirect_uri=https%3A%2F%2Fshop.example".to_owned(),
        format!("app_id={app_id}&scope=auth_all&redirect_uri=https%3A%2F%2Fshop.example"),
        format!("app_id={app_id}&scope=auth_base&redirect_uri=javascript%3A1"),
        format!("app_id={app_id}&scope=auth_base&redirect_uri=https%3A%2F%2Fshop.example&state=a-b"),
    ] {
        let (status, headers, body) = scene.get(&format!("/oauth2/publicAppAuthorize.htm?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        assert!(headers.get(header::LOCATION).is_none());
        assert!(body.starts_with(b"<!DOCTYPE html>"));
    }
}
