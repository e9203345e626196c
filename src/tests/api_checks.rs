//! What every call is checked for, and in which order.

use super::app::TestApp;
use super::merchant::{Merchant, nonce, now_s, rsa_public_pem, text_of};
use crate::model::AppId;
use std::collections::BTreeMap;

const ORDERS: &str = "/api/v1/orders";
const QUERY: &str = "/api/v1/orders/query";

fn order() -> Vec<(&'static str, &'static str)> {
    vec![("out_order_no", "A-1"), ("amount", "100"), ("subject", "tea")]
}

fn with(pairs: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut all = order();
    all.retain(|(k, _)| !pairs.iter().any(|(name, _)| name == k));
    all.extend_from_slice(pairs);
    all
}

#[tokio::test]
async fn bodies_that_are_no_flat_json_are_refused_without_a_signature() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let signed = merchant.signed(&order());
    let good = serde_json::to_string(&signed).expect("JSON");
    let doubled = good.replacen('{', r#"{"amount":"1","#, 1);
    let nested = good.replacen('{', r#"{"x":{"y":1},"#, 1);
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let truncated = good.as_bytes()[..good.len() - 5].to_vec();
    let gbk = [br#"{"app_id":"#.to_vec(), vec![0xb2, 0xe8], b"\"}".to_vec()].concat();
    for body in [
        b"".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"a=1&b=2".to_vec(),
        doubled.into_bytes(),
        nested.into_bytes(),
        utf16,
        truncated,
        gbk,
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = merchant.send_raw(ORDERS, body).await;
        assert_eq!((answer.status, answer.code().as_str(), answer.signature_fits), (400, "280002", None), "{shown}");
    }
    merchant.send(ORDERS, &signed).await.done();
}

#[tokio::test]
async fn a_body_above_64_kib_is_413_and_one_below_is_read() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let big = "x".repeat(65 * 1024);
    merchant
        .call(ORDERS, &with(&[]).into_iter().chain([("unknown", big.as_str())]).collect::<Vec<_>>())
        .await
        .refused_unsigned("280002", 413);
    let fits = "x".repeat(60 * 1024);
    merchant.call(ORDERS, &with(&[]).into_iter().chain([("unknown", fits.as_str())]).collect::<Vec<_>>()).await.done();
}

/// Each row has two faults; the one that comes first in the promised order is answered.
#[tokio::test]
async fn checks_come_in_the_promised_order() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let old = (now_s() - 301).to_string();
    let stranger = "app_00000000000000000000000000";
    let send = async |change: &[(&str, &str)], sign: Option<&str>| {
        let mut fields = merchant.fields(&order());
        for (name, value) in change {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        let sign = sign.map_or_else(|| merchant.sign(&text_of(&fields)), str::to_owned);
        fields.insert("sign".to_owned(), sign);
        merchant.send(ORDERS, &fields).await
    };
    // app before timestamp
    send(&[("app_id", stranger), ("timestamp", &old)], None).await.refused_unsigned("280104", 401);
    send(&[("app_id", ""), ("timestamp", &old)], None).await.refused_unsigned("280001", 400);
    send(&[("app_id", "nonsense")], None).await.refused_unsigned("280104", 401);
    // timestamp before signature
    send(&[("timestamp", &old)], Some("wrong")).await.refused("280102", 401);
    send(&[("timestamp", "")], Some("wrong")).await.refused("280001", 400);
    send(&[("timestamp", "soon")], Some("wrong")).await.refused("280002", 400);
    // signature before fields
    send(&[("amount", "0")], Some("wrong")).await.refused("280101", 401);
    send(&[("amount", "0")], Some("")).await.refused("280001", 400);
    send(&[("amount", "0"), ("sign_type", "SHA1")], None).await.refused("280002", 400);
    // fields before nonce, and a refused call leaves the nonce unspent
    let once = nonce();
    send(&[("amount", "0"), ("nonce", &once)], None).await.refused("280002", 400);
    send(&[("nonce", &once)], Some("wrong")).await.refused("280101", 401);
    send(&[("nonce", &once)], None).await.done();
    // the nonce before business: the same number with another amount would be 280202
    send(&[("nonce", &once), ("amount", "7")], None).await.refused("280103", 401);
    send(&[("amount", "7")], None).await.refused("280202", 409);
}

#[tokio::test]
async fn a_timestamp_counts_within_300_seconds_on_both_sides() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    for (offset, fits) in [(-310, false), (-290, true), (290, true), (310, false)] {
        let timestamp = (now_s() + offset).to_string();
        let answer = merchant
            .call(ORDERS, &[order(), vec![]].concat().into_iter().chain([("timestamp", timestamp.as_str())]).collect::<Vec<_>>())
            .await;
        if fits { drop(answer.done()) } else { drop(answer.refused("280102", 401)) }
    }
}

#[tokio::test]
async fn a_nonce_works_once_per_app() {
    let app = TestApp::start().await;
    let (one, other) = (app.merchant().await, app.merchant().await);
    let once = nonce();
    one.call(QUERY, &[("order_no", "x"), ("nonce", &once)]).await.refused("280201", 404);
    one.call(QUERY, &[("order_no", "x"), ("nonce", &once)]).await.refused("280103", 401);
    other.call(QUERY, &[("order_no", "x"), ("nonce", &once)]).await.refused("280201", 404);
    for bad in ["short", &"n".repeat(65)] {
        let data = one.call(QUERY, &[("order_no", "x"), ("nonce", bad)]).await.refused("280002", 400);
        assert_eq!(data["field"], "nonce");
    }
    let data = one.call(QUERY, &[("order_no", "x"), ("nonce", "")]).await.refused("280001", 400);
    assert_eq!(data["field"], "nonce");
}

#[tokio::test]
async fn one_replayed_body_has_one_effect() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let signed = merchant.signed(&order());
    let answers = futures::future::join_all((0..8).map(|_| merchant.send(ORDERS, &signed))).await;
    let done = answers.iter().filter(|a| a.code() == "000000").count();
    let seen = answers.iter().filter(|a| a.code() == "280103").count();
    assert_eq!((done, seen), (1, 7));
}

#[tokio::test]
async fn all_three_signatures_work_both_ways() {
    let app = TestApp::start().await;
    let mut merchant = app.merchant().await;
    merchant.call(ORDERS, &order()).await.done();

    merchant.sign_type = "MD5";
    let refused = merchant.call(ORDERS, &order()).await;
    assert_eq!((refused.code().as_str(), refused.json()["data"]["field"].as_str()), ("280002", Some("sign_type")));
    app.change_app(&merchant, |a| a.settings.allow_md5 = true).await;
    merchant.call(ORDERS, &order()).await.done();

    merchant.sign_type = "RSA2";
    merchant.platform_pem = app.cashier.platform_key().await.expect("platform key");
    merchant.call(ORDERS, &order()).await.refused("280101", 401); // no key of the merchant yet
    let app_id = AppId::parse(&merchant.app_id).expect("id");
    app.cashier.set_merchant_key(&app_id, &rsa_public_pem(), "test").await.expect("key");
    merchant.call(ORDERS, &order()).await.done();
}

#[tokio::test]
async fn the_default_signature_is_hmac_and_hex_has_no_case() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let mut fields = merchant.fields(&order());
    fields.remove("sign_type");
    let sign = merchant.sign(&text_of(&fields)).to_uppercase();
    fields.insert("sign".to_owned(), sign);
    merchant.send(ORDERS, &fields).await.done();
    let mut fields = merchant.fields(&order());
    fields.insert("sign_type".to_owned(), "hmac-sha256".to_owned());
    fields.insert("sign".to_owned(), merchant.sign(&text_of(&fields)));
    let data = merchant.send(ORDERS, &fields).await.refused("280002", 400);
    assert_eq!(data["field"], "sign_type");
}

#[tokio::test]
async fn a_changed_field_breaks_the_signature() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let signed = merchant.signed(&order());
    for name in signed.keys().filter(|k| !matches!(k.as_str(), "app_id" | "timestamp" | "sign_type" | "sign")) {
        let mut changed = signed.clone();
        changed.entry(name.clone()).and_modify(|v| v.push('1'));
        merchant.send(ORDERS, &changed).await.refused("280101", 401);
    }
    let added: BTreeMap<_, _> = signed.clone().into_iter().chain([("unknown".to_owned(), "1".to_owned())]).collect();
    merchant.send(ORDERS, &added).await.refused("280101", 401);
    let foreign = app.merchant().await;
    let mut stolen = signed.clone();
    stolen.insert("app_id".to_owned(), foreign.app_id.clone());
    foreign.send(ORDERS, &stolen).await.refused("280101", 401);
    // Empty fields are not signed, unknown ones are and change nothing.
    let empty: BTreeMap<_, _> = signed.into_iter().chain([("unknown".to_owned(), String::new())]).collect();
    merchant.send(ORDERS, &empty).await.done();
    merchant.call(ORDERS, &with(&[("unknown", "1")])).await.done();
}

#[tokio::test]
async fn numbers_may_be_numbers_or_text() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let signed = merchant.signed(&order());
    let body = serde_json::json!({
        "app_id": signed["app_id"], "timestamp": signed["timestamp"].parse::<i64>().expect("number"), "nonce": signed["nonce"],
        "sign_type": signed["sign_type"], "out_order_no": "A-1", "amount": 100, "subject": "tea", "body": null,
        "sign": signed["sign"],
    });
    merchant.send_raw(ORDERS, body.to_string().into_bytes()).await.done();
    merchant.call(ORDERS, &order()).await.done();
}

#[tokio::test]
async fn a_switched_off_app_is_unknown() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    app.change_app(&merchant, |a| a.enabled = false).await;
    merchant.call(ORDERS, &order()).await.refused_unsigned("280104", 401);
}

#[tokio::test]
async fn both_keys_work_during_a_rotation() {
    let app = TestApp::start().await;
    let old = app.merchant().await;
    let app_id = AppId::parse(&old.app_id).expect("id");
    let key = app.cashier.rotate_key(&app_id, crate::pay::AppKeyKind::Api, 3600, "test").await.expect("key");
    let new = Merchant::new(&app.url, &old.app_id, key.expose(), &old.webhook_secret);
    new.call(ORDERS, &order()).await.done();
    assert_eq!(old.call(ORDERS, &order()).await.code(), "000000");
}

#[tokio::test]
async fn too_many_orders_are_429_for_that_app_only() {
    let app = TestApp::start_with(&[("limits.orders_per_s", "1"), ("limits.orders_burst", "2")]).await;
    let (loud, quiet) = (app.merchant().await, app.merchant().await);
    let answers = futures::future::join_all((0..10).map(|n| async move { (n, ()) }).map(|n| async {
        let (n, ()) = n.await;
        loud.create(&format!("L-{n}"), 100).await
    }))
    .await;
    let refused: Vec<_> = answers.iter().filter(|a| a.status == 429).collect();
    assert!(!refused.is_empty());
    for answer in refused {
        answer.refused_unsigned("280601", 429);
        let seconds: u32 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!(seconds >= 1);
    }
    quiet.create("Q-1", 100).await.done();
    // Other calls go on.
    loud.call(QUERY, &[("order_no", "x")]).await.refused("280201", 404);
}

#[tokio::test]
async fn wrong_signatures_close_the_door_for_their_app_only() {
    let app = TestApp::start_with(&[("limits.failed_signatures_per_min", "3")]).await;
    let (guessed, other) = (app.merchant().await, app.merchant().await);
    let mut fields = guessed.signed(&order());
    fields.insert("sign".to_owned(), "00".repeat(32));
    for _ in 0..3 {
        guessed.send(ORDERS, &fields).await.refused("280101", 401);
    }
    guessed.call(ORDERS, &order()).await.refused_unsigned("280601", 429);
    other.call(ORDERS, &order()).await.done();
}

#[tokio::test]
async fn unknown_calls_and_methods_are_answered_in_json() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    assert_eq!(merchant.send_raw("/api/v1/nothing", b"{}".to_vec()).await.status, 404);
    let answer = app.get(ORDERS).await;
    assert_eq!(answer.status().as_u16(), 405);
    assert!(answer.text().await.expect("text").contains("\"code\""));
}
