//! `/cashier` links, checkout status and events.

use super::app::{TestApp, eventually, location};
use super::merchant::{Merchant, nonce, now_s, text_of};
use std::collections::BTreeMap;

fn link(fields: &BTreeMap<String, String>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    format!("/cashier?{}", query.finish())
}

fn signed_at(merchant: &Merchant, timestamp: i64, own: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut fields = merchant.fields(own);
    fields.insert("timestamp".to_owned(), timestamp.to_string());
    fields.insert("sign".to_owned(), merchant.sign(&text_of(&fields)));
    fields
}

const ORDER: [(&str, &str); 3] = [("out_order_no", "A-1"), ("amount", "100"), ("subject", "茶 & tea")];

#[tokio::test]
async fn a_link_opens_the_checkout_and_opens_it_again() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let signed = merchant.signed(&ORDER);
    let first = app.get(&link(&signed)).await;
    assert_eq!(first.status().as_u16(), 303);
    let checkout = location(first.headers());
    assert!(checkout.starts_with(&format!("{}/checkout/", app.url)));
    for _ in 0..2 {
        assert_eq!(location(app.get(&link(&signed)).await.headers()), checkout);
    }
    // As a form, with another nonce.
    let form = app.anonymous.post(format!("{}/cashier", app.url)).form(&merchant.signed(&ORDER)).send().await.expect("answer");
    assert_eq!((form.status().as_u16(), location(form.headers())), (303, checkout.clone()));
    // Days later.
    let old = signed_at(&merchant, now_s() - 86_400, &ORDER);
    assert_eq!(location(app.get(&link(&old)).await.headers()), checkout);
}

#[tokio::test]
async fn a_link_opened_many_times_at_once_makes_one_order() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let signed = link(&merchant.signed(&ORDER));
    let answers = futures::future::join_all((0..10).map(|_| app.get(&signed))).await;
    let places: std::collections::BTreeSet<String> = answers.iter().map(|a| location(a.headers())).collect();
    assert_eq!(places.len(), 1);
}

#[tokio::test]
async fn a_bad_link_is_a_page_for_a_person() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let mut forged = merchant.signed(&ORDER);
    forged.insert("amount".to_owned(), "1".to_owned());
    let old = signed_at(&merchant, now_s() - 400, &ORDER);
    let mut stranger = merchant.signed(&ORDER);
    stranger.insert("app_id".to_owned(), "app_00000000000000000000000000".to_owned());
    let invalid = merchant.signed(&[("out_order_no", "A-1"), ("amount", "0"), ("subject", "tea")]);
    for (fields, status, code) in [(forged, 401, "280101"), (stranger, 401, "280104"), (invalid, 400, "280002")] {
        let answer = app.get(&link(&fields)).await;
        assert_eq!(answer.status().as_u16(), status, "{code}");
        assert!(answer.headers()["content-type"].to_str().expect("text").starts_with("text/html"));
        let page = answer.text().await.expect("text");
        assert!(page.contains(code) && page.contains("<h1>"), "{page}");
    }
    assert_eq!(app.get(&link(&old)).await.status().as_u16(), 401);
    assert_eq!(app.get("/cashier?app_id=%ff").await.status().as_u16(), 400);
    assert_eq!(app.get("/cashier?a=1&a=2").await.status().as_u16(), 400);
    assert_eq!(app.get("/cashier").await.status().as_u16(), 400);
}

#[tokio::test]
async fn a_known_link_with_other_values_is_refused() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    app.get(&link(&merchant.signed(&ORDER))).await;
    let other = merchant.signed(&[("out_order_no", "A-1"), ("amount", "999"), ("subject", "tea")]);
    assert_eq!(app.get(&link(&other)).await.status().as_u16(), 409);
}

#[tokio::test]
async fn a_nonce_spent_elsewhere_opens_nothing_new() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let once = nonce();
    merchant.call("/api/v1/orders", &[("out_order_no", "A-0"), ("amount", "1"), ("subject", "x"), ("nonce", &once)]).await.done();
    let mut fields = merchant.fields(&ORDER);
    fields.insert("nonce".to_owned(), once);
    fields.insert("sign".to_owned(), merchant.sign(&text_of(&fields)));
    assert_eq!(app.get(&link(&fields)).await.status().as_u16(), 401);
    merchant.call("/api/v1/orders/query", &[("out_order_no", "A-1")]).await.refused("280201", 404);
}

#[tokio::test]
async fn the_stream_says_what_the_status_says_and_then_what_changes() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let token = created["checkout_url"].as_str().expect("url").rsplit('/').next().expect("token").to_owned();
    let status: serde_json::Value = app.get(&format!("/checkout/{token}/status")).await.json().await.expect("JSON");
    let mut names: Vec<_> = status.as_object().expect("object").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["method", "pay_no", "redirect_url", "refund_status", "remaining_ms", "state", "status"]);
    assert_eq!((status["state"].as_str(), status["status"].as_str()), (Some("choose"), Some("created")));

    let mut stream = app.get(&format!("/checkout/{token}/events")).await;
    assert!(stream.headers()["content-type"].to_str().expect("text").starts_with("text/event-stream"));
    let mut heard = String::new();
    let started = merchant
        .call("/api/v1/payments", &[("order_no", created["order_no"].as_str().expect("no")), ("method", "wechat_native")])
        .await
        .done();
    app.wallet(started["next"]["code_url"].as_str().expect("code"), "ok").await;
    let listen = async {
        while !heard.contains("\"state\":\"paid\"") {
            let chunk = stream.chunk().await.expect("stream").expect("it goes on");
            heard.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), listen).await.expect("the stream tells of the payment");
    assert!(heard.starts_with("event: status\ndata: {"), "{heard}");
    assert!(heard.matches("event: status").count() >= 2);
    for path in ["status", "events"] {
        assert_eq!(app.get(&format!("/checkout/unknown/{path}")).await.status().as_u16(), 404);
    }
}

#[tokio::test]
async fn one_address_holds_only_so_many_streams() {
    let app = TestApp::start_with(&[("limits.sse_per_address", "2")]).await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let token = created["checkout_url"].as_str().expect("url").rsplit('/').next().expect("token").to_owned();
    let path = format!("/checkout/{token}/events");
    let (one, _two) = (app.get(&path).await, app.get(&path).await);
    let third = app.get(&path).await;
    assert_eq!(third.status().as_u16(), 429);
    assert!(third.headers().contains_key("retry-after"));
    drop(one);
    eventually("a place is free again", async || app.get(&path).await.status().as_u16() == 200).await;
}

#[tokio::test]
async fn a_stream_ends_with_the_server() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let token = created["checkout_url"].as_str().expect("url").rsplit('/').next().expect("token").to_owned();
    let mut stream = app.get(&format!("/checkout/{token}/events")).await;
    assert!(stream.chunk().await.expect("stream").is_some());
    app.end();
    let rest = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), rest).await.expect("it ends");
    eventually("nobody listens any more", async || app.anonymous.get(&app.url).send().await.is_err()).await;
}
