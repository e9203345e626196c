//! What the gateway refuses, in which order, and with which words.

use super::stage::{Merchant, Scene, Sent, order};
use axum::http::StatusCode;
use serde_json::{Value, json};

fn refused(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).expect("JSON");
    assert!(document.get("sign").is_none(), "answers before the caller is known are unsigned: {text}");
    document.as_object().expect("an object").values().next().expect("a node").clone()
}

async fn with(merchant: &Merchant, change: impl Fn(&mut Sent), sign: bool) -> Value {
    let mut params = merchant.params("alipay.trade.query", &json!({ "out_trade_no": "N1" }));
    if sign {
        change(&mut params);
        merchant.sign(&mut params);
    } else {
        merchant.sign(&mut params);
        change(&mut params);
    }
    refused(&merchant.send(params).await)
}

#[tokio::test]
async fn system_parameters_are_checked_one_by_one() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    type Change = fn(&mut Sent);
    let signed: &[(Change, &str, &str)] = &[
        (|p| drop(p.remove("method")), "40001", "isv.missing-method"),
        (|p| drop(p.insert("method".into(), "alipay.trade.nothing".into())), "40002", "isv.invalid-method"),
        (|p| drop(p.remove("app_id")), "40001", "isv.missing-app-id"),
        (|p| drop(p.insert("app_id".into(), "2021999999999999".into())), "40002", "isv.invalid-app-id"),
        (|p| drop(p.remove("sign_type")), "40001", "isv.missing-signature-type"),
        (|p| drop(p.insert("sign_type".into(), "RSA".into())), "40002", "isv.invalid-signature-type"),
        (|p| drop(p.remove("timestamp")), "40001", "isv.missing-timestamp"),
        (|p| drop(p.insert("timestamp".into(), "2024-03-01T12:00:00".into())), "40002", "isv.invalid-timestamp"),
        (|p| drop(p.remove("version")), "40001", "isv.missing-version"),
        (|p| drop(p.insert("version".into(), "2.0".into())), "40002", "isv.invalid-parameter"),
        (|p| drop(p.insert("format".into(), "XML".into())), "40002", "isv.invalid-format"),
        (|p| drop(p.insert("charset".into(), "latin1".into())), "40002", "isv.invalid-charset"),
        (|p| drop(p.insert("encrypt_type".into(), "AES".into())), "40002", "isv.invalid-encrypt"),
        (|p| drop(p.insert("app_cert_sn".into(), "ab".into())), "40002", "isv.missing-signature-config"),
    ];
    for (change, code, sub_code) in signed {
        let node = with(&merchant, change, true).await;
        assert_eq!((node["code"].as_str(), node["sub_code"].as_str()), (Some(*code), Some(*sub_code)));
    }
    let tampered: &[(Change, &str, &str)] = &[
        (|p| drop(p.remove("sign")), "40001", "isv.missing-signature"),
        (|p| drop(p.insert("biz_content".into(), "{}".into())), "40002", "isv.invalid-signature"),
        (|p| drop(p.insert("extra".into(), "1".into())), "40002", "isv.invalid-signature"),
        (|p| drop(p.insert("sign".into(), "AAAA".into())), "40002", "isv.invalid-signature"),
    ];
    for (change, code, sub_code) in tampered {
        let node = with(&merchant, change, false).await;
        assert_eq!((node["code"].as_str(), node["sub_code"].as_str()), (Some(*code), Some(*sub_code)));
    }
}

#[tokio::test]
async fn the_first_fault_in_the_gateways_order_is_the_one_named() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let node =
        with(&merchant, |p| ["timestamp", "version", "sign", "sign_type"].iter().for_each(|k| drop(p.remove(*k))), false).await;
    assert_eq!(node["sub_code"], "isv.missing-signature-type");
}

#[tokio::test]
async fn a_bad_signature_is_answered_with_the_text_that_was_seen() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let node = with(&merchant, |p| drop(p.insert("extra".into(), "\"x\"".into())), false).await;
    let message = node["sub_msg"].as_str().expect("text");
    assert!(message.contains("extra=&quot;x&quot;&amp;format=JSON"), "{message}");
    assert!(!message.contains("sign="), "{message}");
    let book = scene.simulator.book();
    assert_eq!(book["refusals"]["alipay"]["isv.invalid-signature"], 1);
}

#[tokio::test]
async fn sign_type_is_part_of_a_requests_text() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut params = merchant.params("alipay.trade.query", &json!({ "out_trade_no": "N1" }));
    let sign_type = params.remove("sign_type").expect("there");
    merchant.sign(&mut params);
    params.insert("sign_type".into(), sign_type);
    assert_eq!(refused(&merchant.send(params).await)["sub_code"], "isv.invalid-signature");
}

#[tokio::test]
async fn chinese_text_needs_the_character_set_in_the_address() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut params = merchant.params("alipay.trade.precreate", &order("N1", "1.00"));
    merchant.sign(&mut params);
    let form = "application/x-www-form-urlencoded;charset=utf-8";
    let (_, _, body) = scene.post("/gateway.do", form, Merchant::form(&params)).await;
    let (node, _, _) = encoding_rs::GBK.decode(&body);
    assert_eq!(refused(&node)["sub_code"], "isv.invalid-signature");
    let charset = params.remove("charset").expect("there");
    let (_, _, body) = scene.post(&format!("/gateway.do?charset={charset}"), form, Merchant::form(&params)).await;
    let node = merchant.read(std::str::from_utf8(&body).expect("UTF-8"), "alipay_trade_precreate_response");
    assert_eq!(node["code"], "10000");
}

#[tokio::test]
async fn business_fields_are_held_to_their_rules() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let long = "长".repeat(257);
    let bad: &[(&str, Value)] = &[
        ("out_trade_no", json!("")),
        ("out_trade_no", json!("has-dash")),
        ("out_trade_no", json!("x".repeat(65))),
        ("total_amount", json!("0.00")),
        ("total_amount", json!("1.005")),
        ("total_amount", json!("-1.00")),
        ("total_amount", json!("100000000.01")),
        ("total_amount", json!(" 1.00")),
        ("subject", json!(null)),
        ("subject", json!(long)),
        ("subject", json!("a/b")),
        ("subject", json!("a=b")),
        ("subject", json!("a&b")),
        ("subject", json!("line\nbreak")),
        ("subject", json!("茶壶😀")),
        ("body", json!("x".repeat(129))),
        ("product_code", json!("FAST_INSTANT_TRADE_PAY")),
        ("timeout_express", json!("1.5h")),
        ("timeout_express", json!("16d")),
        ("timeout_express", json!("0m")),
        ("time_expire", json!("2024-03-01 12:00")),
        ("time_expire", json!("2024-03-01 11:59:59")),
        ("goods_detail", json!({ "goods_id": "1" })),
        ("goods_type", json!("2")),
        ("passback_params", json!("x".repeat(513))),
    ];
    for (field, value) in bad {
        let mut biz = order("N1", "1.00");
        biz[*field] = value.clone();
        let node = merchant.call("alipay.trade.precreate", biz).await;
        assert_eq!(
            (node["code"].as_str(), node["sub_code"].as_str()),
            (Some("40004"), Some("ACQ.INVALID_PARAMETER")),
            "{field}={value}"
        );
        assert!(node["sub_msg"].as_str().expect("text").contains(field), "{field}: {node}");
    }
    let mut biz = order("N1", "1.00");
    biz["seller_id"] = "2088999999999999".into();
    assert_eq!(merchant.call("alipay.trade.precreate", biz).await["sub_code"], "ACQ.PARTNER_ERROR");
    let mut biz = order("N1", "1.00");
    biz["seller_id"] = merchant.seller_id.clone().into();
    biz["timeout_express"] = "1c".into();
    biz["time_expire"] = "2024-03-01 12:30:00".into();
    assert_eq!(merchant.call("alipay.trade.precreate", biz).await["code"], "10000");
    let node = merchant.call_with("alipay.trade.precreate", order("N2", "1.00"), &[("notify_url", "ftp://x")]).await;
    assert_eq!(node["sub_code"], "isv.invalid-parameter");
}

#[tokio::test]
async fn app_pay_is_not_a_call_for_servers() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = order("N1", "1.00");
    biz["product_code"] = "QUICK_MSECURITY_PAY".into();
    assert_eq!(merchant.call("alipay.trade.app.pay", biz).await["sub_code"], "isv.invalid-method");
}

#[tokio::test]
async fn faults_of_the_gateway_can_be_switched_on() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut params = merchant.params("alipay.trade.query", &json!({ "out_trade_no": "N1" }));
    merchant.sign(&mut params);
    scene.switch("drop_sign").await;
    assert!(!merchant.send(params.clone()).await.contains("\"sign\""));
    scene.switch("corrupt_sign").await;
    let text = merchant.send(params.clone()).await;
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let node = text.split_once("_response\":").and_then(|(_, rest)| rest.rsplit_once(",\"sign\"")).expect("a node").0;
    assert!(!merchant.verifies(node.as_bytes(), document["sign"].as_str().expect("signed")));
    scene.switch("sign_first").await;
    let text = merchant.send(params.clone()).await;
    assert!(text.starts_with("{\"sign\":"));
    assert_eq!(merchant.read(&text, "alipay_trade_query_response")["sub_code"], "ACQ.TRADE_NOT_EXIST");
    scene.switch("unknown").await;
    let text = merchant.send(params.clone()).await;
    assert_eq!(merchant.read(&text, "alipay_trade_query_response")["code"], "20000");
    scene.switch("http_502").await;
    let (status, _, _) = scene.post(&format!("/gateway.do?{}", Merchant::form(&params)), "text/plain", "").await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    scene.switch("gbk_body").await;
    let (_, _, body) = scene.post(&format!("/gateway.do?{}", Merchant::form(&params)), "text/plain", "").await;
    assert!(String::from_utf8(body.to_vec()).is_err());
    scene.switch("cut").await;
    let (_, _, body) = scene.post(&format!("/gateway.do?{}", Merchant::form(&params)), "text/plain", "").await;
    assert!(body.is_empty());
}
