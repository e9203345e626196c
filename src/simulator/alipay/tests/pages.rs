//! The pages in the payer's browser.

use super::stage::{Merchant, Scene, Sent, at, notice_verifies, page_order};
use axum::http::{StatusCode, header};
use serde_json::json;

const RETURN: (&str, &str) = ("return_url", "https://shop.example/back?x=1");

fn text(body: &[u8]) -> String {
    String::from_utf8(body.to_vec()).expect("UTF-8")
}

fn trade_no(html: &str) -> String {
    html.split_once("/alipay/cashier/").and_then(|(_, rest)| rest.split_once("/pay")).expect("a form").0.to_owned()
}

#[tokio::test]
async fn paying_leads_back_with_a_signed_result() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let query = merchant.signed_query("alipay.trade.page.pay", &page_order("N1", "88.88"), &[RETURN]);
    let (status, headers, body) = scene.get(&format!("/gateway.do?{query}")).await;
    let html = text(&body);
    assert_eq!(status, StatusCode::OK);
    assert!(headers[header::CONTENT_TYPE].to_str().expect("text").starts_with("text/html"));
    assert!(html.contains("88.88") && html.contains("测试商品 A+B 100%") && !html.contains("<script"));
    assert_eq!(merchant.status("N1").await, "WAIT_BUYER_PAY");
    let button = format!("/alipay/cashier/{}/pay", trade_no(&html));
    let (status, headers, _) = scene.post(&button, "application/x-www-form-urlencoded", "account=xiaoming&behaviour=ok").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let back = headers[header::LOCATION].to_str().expect("text");
    let result = back.strip_prefix("https://shop.example/back?x=1&").expect("the merchant's own query stays");
    let pairs: Vec<(String, String)> = form_urlencoded::parse(result.as_bytes()).into_owned().collect();
    let names: Vec<&str> = pairs.iter().map(|(k, _)| k.as_str()).collect();
    assert_eq!(
        names,
        [
            "charset",
            "out_trade_no",
            "method",
            "total_amount",
            "sign",
            "trade_no",
            "auth_app_id",
            "version",
            "app_id",
            "sign_type",
            "seller_id",
            "timestamp"
        ]
    );
    assert!(pairs.contains(&("method".into(), "alipay.trade.page.pay.return".into())));
    assert!(pairs.contains(&("timestamp".into(), at(0))));
    assert!(notice_verifies(&merchant, &pairs));
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
    let (_, _, body) = scene.get(&format!("/gateway.do?{query}")).await;
    assert!(text(&body).contains("data-testid=\"return-link\""), "opened again, it says paid");
}

#[tokio::test]
async fn a_posted_form_opens_the_page_and_its_number_is_a_code() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut params = merchant.params("alipay.trade.page.pay", &page_order("N1", "1.00"));
    merchant.sign(&mut params);
    let content = params.remove("biz_content").expect("there");
    let body = Merchant::form(&Sent::from([("biz_content".to_owned(), content)]));
    assert_eq!(scene.pay("N1", "ok").await.expect_err("not opened").code, "unknown_code");
    let (status, _, html) =
        scene.post(&format!("/gateway.do?{}", Merchant::form(&params)), "application/x-www-form-urlencoded", body).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text(&html).contains("data-testid=\"pay\""));
    assert!(scene.pay("N1", "ok").await.expect("paid").ok);
}

#[tokio::test]
async fn giving_up_leads_to_quit_url_on_phones() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = page_order("N1", "1.00");
    biz["product_code"] = "QUICK_WAP_WAY".into();
    biz["quit_url"] = "https://shop.example/quit".into();
    let query = merchant.signed_query("alipay.trade.wap.pay", &biz, &[RETURN]);
    let (_, _, body) = scene.get(&format!("/gateway.do?{query}")).await;
    let html = text(&body);
    assert!(html.contains("data-testid=\"cancel\" href=\"https://shop.example/quit\""), "{html}");
    let button = format!("/alipay/cashier/{}/pay", trade_no(&html));
    let (_, headers, _) = scene.post(&button, "application/x-www-form-urlencoded", "").await;
    assert!(headers[header::LOCATION].to_str().expect("text").contains("alipay.trade.wap.pay.return"));
}

#[tokio::test]
async fn a_failed_payment_stays_on_the_page() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let query = merchant.signed_query("alipay.trade.page.pay", &page_order("N1", "1.00"), &[RETURN]);
    let (_, _, body) = scene.get(&format!("/gateway.do?{query}")).await;
    let button = format!("/alipay/cashier/{}/pay", trade_no(&text(&body)));
    let (status, _, body) = scene.post(&button, "application/x-www-form-urlencoded", "behaviour=fail").await;
    assert_eq!(status, StatusCode::OK);
    assert!(text(&body).contains("data-testid=\"note\""));
    assert_eq!(merchant.status("N1").await, "WAIT_BUYER_PAY");
    let (status, _, _) = scene.post(&button, "application/x-www-form-urlencoded", "").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "the next attempt is a fresh one");
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
}

#[tokio::test]
async fn a_behaviour_set_beforehand_is_chosen_on_the_page() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let query = merchant.signed_query("alipay.trade.page.pay", &page_order("N1", "1.00"), &[RETURN]);
    let (_, _, body) = scene.get(&format!("/gateway.do?{query}")).await;
    let wish = json!({ "code": "N1", "behaviour": "password" }).to_string();
    scene.post("/wallet/behave", "application/json", wish).await;
    let trade_no = trade_no(&text(&body));
    let (_, _, body) = scene.get(&format!("/alipay/cashier/{trade_no}")).await;
    assert!(text(&body).contains("value=\"password\" selected"));
    let button = format!("/alipay/cashier/{trade_no}/pay");
    let (_, headers, _) = scene.post(&button, "application/x-www-form-urlencoded", "").await;
    assert_eq!(headers[header::LOCATION], format!("/alipay/cashier/{trade_no}"));
    let (_, _, body) = scene.get(&format!("/alipay/cashier/{trade_no}")).await;
    assert!(text(&body).contains("data-testid=\"note\"") && !text(&body).contains("data-testid=\"pay\""));
}

#[tokio::test]
async fn faults_are_a_page_and_never_json() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let query = merchant.signed_query("alipay.trade.page.pay", &page_order("N1", "1.00"), &[]);
    let mut wrong_product = page_order("N2", "1.00");
    wrong_product["product_code"] = "QUICK_WAP_WAY".into();
    let wrong_product = merchant.signed_query("alipay.trade.page.pay", &wrong_product, &[]);
    for (query, code) in [(query.replace("1.00", "0.01"), "isv.invalid-signature"), (wrong_product, "ACQ.INVALID_PARAMETER")] {
        let (_, headers, body) = scene.get(&format!("/gateway.do?{query}")).await;
        let html = text(&body);
        assert!(headers[header::CONTENT_TYPE].to_str().expect("text").starts_with("text/html"));
        assert!(html.starts_with("<!DOCTYPE html>") && html.contains(code), "{html}");
        assert!(!html.contains("&amp;amp;"), "escaped once");
    }
    assert_eq!(merchant.status("N1").await, "ACQ.TRADE_NOT_EXIST");
}

#[tokio::test]
async fn a_subject_is_shown_as_text() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let mut biz = page_order("N1", "1.00");
    biz["subject"] = json!("<b>\"茶壶'");
    let query = merchant.signed_query("alipay.trade.page.pay", &biz, &[]);
    let (_, _, body) = scene.get(&format!("/gateway.do?{query}")).await;
    assert!(text(&body).contains("&lt;b&gt;&quot;茶壶&#39;"));
}
