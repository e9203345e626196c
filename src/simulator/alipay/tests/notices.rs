//! Notices over the wire: content, signature, repeats, and which product tells what.

use super::stage::{Listener, Merchant, Scene, at, notice_verifies, order, page_order};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_payment_is_told_with_everything_the_merchant_checks() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.merchant();
    let mut biz = order("N1", "88.88");
    biz["passback_params"] = "ch%3D7%26n%3D1".into();
    biz["body"] = "正文".into();
    let code = merchant.call_with("alipay.trade.precreate", biz, &[("notify_url", &listener.url)]).await["qr_code"]
        .as_str()
        .expect("a code")
        .to_owned();
    scene.pay(&code, "ok").await.expect("paid");
    let notice = listener.next(&merchant).await;
    for (name, value) in [
        ("app_id", merchant.app_id.as_str()),
        ("auth_app_id", merchant.app_id.as_str()),
        ("seller_id", merchant.seller_id.as_str()),
        ("out_trade_no", "N1"),
        ("total_amount", "88.88"),
        ("trade_status", "TRADE_SUCCESS"),
        ("notify_type", "trade_status_sync"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("version", "1.0"),
        ("subject", "测试商品 A+B 100%"),
        ("body", "正文"),
        ("passback_params", "ch=7&n=1"),
        ("fund_bill_list", "[{\"amount\":\"88.88\",\"fundChannel\":\"ALIPAYACCOUNT\"}]"),
        ("gmt_payment", &at(0)),
    ] {
        assert_eq!(notice.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!notice.contains_key("refund_fee") && !notice.contains_key("gmt_refund"));
    assert!(listener.is_silent().await);
}

#[tokio::test]
async fn only_the_exact_word_stops_the_repeats() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.merchant();
    *listener.answers.lock().expect("unpoisoned") = ["\"success\"", "success\n", "SUCCESS"].map(str::to_owned).into();
    let code = merchant.precreate("N1", "1.00", Some(&listener.url)).await;
    scene.pay(&code, "ok").await.expect("paid");
    let first = listener.next(&merchant).await;
    for gap_s in [4 * 60, 10 * 60, 10 * 60] {
        assert!(listener.is_silent().await);
        scene.advance(Duration::from_secs(gap_s)).await;
        let again = listener.next(&merchant).await;
        assert_eq!(again["notify_id"], first["notify_id"]);
        assert_ne!(again["notify_time"], first["notify_time"]);
    }
    scene.advance(Duration::from_secs(60 * 60)).await;
    assert!(listener.is_silent().await);
}

#[tokio::test]
async fn behaviours_spoil_silence_and_double_notices() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.merchant();
    for (number, behaviour) in [("N1", "no_notice"), ("N2", "twice"), ("N3", "wrong_amount")] {
        let code = merchant.precreate(number, "1.00", Some(&listener.url)).await;
        scene.pay(&code, behaviour).await.expect("paid");
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        let notice = listener.next(&merchant).await;
        seen.push((notice["out_trade_no"].clone(), notice["total_amount"].clone(), notice["notify_id"].clone()));
    }
    seen.sort();
    assert_eq!(seen[0], seen[1], "both deliveries are of one event");
    assert_eq!((seen[0].0.as_str(), seen[2].0.as_str(), seen[2].1.as_str()), ("N2", "N3", "0.99"));
    assert!(listener.is_silent().await);
}

#[tokio::test]
async fn bad_signatures_come_first_and_good_ones_follow() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.merchant();
    *listener.answers.lock().expect("unpoisoned") = vec!["fail".to_owned(); 2];
    let code = merchant.precreate("N1", "1.00", Some(&listener.url)).await;
    scene.pay(&code, "bad_signature").await.expect("paid");
    for gap_s in [4 * 60, 10 * 60] {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(&listener.raw().await).into_owned().collect();
        assert!(!notice_verifies(&merchant, &pairs));
        assert!(listener.is_silent().await);
        scene.advance(Duration::from_secs(gap_s)).await;
    }
    assert_eq!(listener.next(&merchant).await["trade_status"], "TRADE_SUCCESS");
}

#[tokio::test]
async fn a_late_payment_of_a_closed_trade_is_told_later() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", Some(&listener.url)).await;
    scene.pay(&code, "fail").await.expect("tried");
    merchant.call("alipay.trade.close", json!({ "out_trade_no": "N1" })).await;
    scene.pay(&code, "late").await.expect("paid");
    assert!(listener.is_silent().await);
    scene.advance(Duration::from_secs(30)).await;
    assert_eq!(listener.next(&merchant).await["trade_status"], "TRADE_SUCCESS");
}

async fn opened(merchant: &Merchant, scene: &Scene, product: &str, number: &str, url: &str) {
    let mut biz = order(number, "10.00");
    let (method, code) = match product {
        "page" => ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        "wap" => ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        "app" => ("alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
        _ => {
            let code = merchant.precreate(number, "10.00", Some(url)).await;
            scene.pay(&code, "fail").await.expect("opened");
            return;
        }
    };
    biz["product_code"] = code.into();
    let query = merchant.signed_query(method, &biz, &[("notify_url", url)]);
    let code = if product == "app" { query } else { format!("http://127.0.0.1:3100/gateway.do?{query}") };
    scene.pay(&code, "fail").await.expect("opened");
}

#[tokio::test]
async fn products_tell_different_events() {
    // product, closed unpaid, part refunded, refunded in full
    for (product, closed, part, full) in
        [("page", false, true, true), ("wap", true, true, true), ("app", true, true, true), ("precreate", false, true, false)]
    {
        let (scene, mut listener) = (Scene::new(), Listener::start().await);
        let merchant = scene.merchant();
        opened(&merchant, &scene, product, "N1", &listener.url).await;
        merchant.call("alipay.trade.close", json!({ "out_trade_no": "N1" })).await;
        if closed {
            let notice = listener.next(&merchant).await;
            assert_eq!(notice["trade_status"], "TRADE_CLOSED", "{product}");
            assert!(!notice.contains_key("gmt_payment"));
        }
        assert!(listener.is_silent().await, "{product}");
        opened(&merchant, &scene, product, "N2", &listener.url).await;
        scene.pay("N2", "ok").await.expect("paid");
        assert_eq!(listener.next(&merchant).await["trade_status"], "TRADE_SUCCESS");
        merchant.refund("N2", "4.00", "R1").await;
        if part {
            let notice = listener.next(&merchant).await;
            assert_eq!(
                (notice["trade_status"].as_str(), notice["refund_fee"].as_str(), notice["out_biz_no"].as_str()),
                ("TRADE_SUCCESS", "4.00", "R1")
            );
            assert_eq!(notice["gmt_refund"], format!("{}.000", at(0)));
        }
        merchant.refund("N2", "6.00", "R2").await;
        if full {
            let notice = listener.next(&merchant).await;
            assert_eq!((notice["trade_status"].as_str(), notice["refund_fee"].as_str()), ("TRADE_CLOSED", "10.00"));
            assert!(notice.contains_key("gmt_close") && notice.contains_key("gmt_payment"));
        }
        assert!(listener.is_silent().await, "{product}");
    }
}

#[tokio::test]
async fn running_out_is_told_without_anybody_asking() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.merchant();
    opened(&merchant, &scene, "wap", "N1", &listener.url).await;
    scene.advance(Duration::from_secs(15 * 24 * 60 * 60)).await;
    assert_eq!(listener.next(&merchant).await["trade_status"], "TRADE_CLOSED");
}

#[tokio::test]
async fn a_call_in_gbk_is_told_in_gbk() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.merchant();
    let mut params = merchant.params("alipay.trade.page.pay", &page_order("N1", "1.00"));
    params.insert("charset".into(), "GBK".into());
    params.insert("notify_url".into(), listener.url.clone());
    let text = params.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let sign = merchant.sign_bytes(&encoding_rs::GBK.encode(&text).0);
    params.insert("sign".into(), sign);
    let escape = |text: &str| form_urlencoded::byte_serialize(&encoding_rs::GBK.encode(text).0).collect::<String>();
    let query = params.iter().map(|(k, v)| format!("{k}={}", escape(v))).collect::<Vec<_>>().join("&");
    scene.pay(&format!("http://127.0.0.1:3100/gateway.do?{query}"), "ok").await.expect("paid");
    let body = String::from_utf8(listener.raw().await).expect("ASCII");
    assert!(body.contains("charset=GBK"));
    assert!(body.contains(&format!("subject={}", escape("测试商品 A+B 100%"))), "{body}");
    let answer: Value = scene.simulator.book();
    assert_eq!(answer["trades"][0]["state"], "paid");
}
