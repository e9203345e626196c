//! Orders over the API: fields, idempotency, finding, listing, closing, foreign objects.

use super::app::TestApp;
use super::merchant::now_s;
use crate::web::api::calls;
use serde_json::{Value, json};

const ORDERS: &str = "/api/v1/orders";
const QUERY: &str = "/api/v1/orders/query";
const CLOSE: &str = "/api/v1/orders/close";
const LIST: &str = "/api/v1/orders/list";

#[tokio::test]
async fn an_order_has_what_it_was_given() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let given = [
        ("out_order_no", "A-1_2.3"),
        ("amount", "1000000000000"),
        ("subject", "青瓷茶壶 🫖"),
        ("body", "two of them"),
        ("currency", "CNY"),
        ("methods", "wechat_native,alipay_qr"),
        ("notify_url", "https://shop.example/hook"),
        ("return_url", "https://shop.example/back?a=1"),
        ("expires_in", "60"),
        ("attach", "{\"mine\":1}"),
        ("client_ip", "203.0.113.9"),
        ("user_id", "u-7"),
        ("platform", "web"),
        ("scene", "cart"),
        ("refers", r#"[{"type":"course","refer_id":"7"}]"#),
        ("extra", r#"{"openid":"o-1"}"#),
    ];
    let created = merchant.call(ORDERS, &given).await.done();
    let mut names: Vec<&str> = created.as_object().expect("object").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["amount", "checkout_url", "created_at", "expires_at", "order_no", "out_order_no", "status"]);
    assert_eq!(created["status"], "created");
    assert_eq!(created["expires_at"].as_i64().expect("ms") - created["created_at"].as_i64().expect("ms"), 60_000);
    let number = created["order_no"].as_str().expect("number");
    assert!(number.len() == 26 && number.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
    let url = created["checkout_url"].as_str().expect("url");
    let token = url.strip_prefix(&format!("{}/checkout/", app.url)).expect("our page");
    assert!(token.len() >= 22 && !url.contains(number), "128 bits at least, and not the number");

    let order = merchant.call(QUERY, &[("out_order_no", "A-1_2.3")]).await.done();
    for (name, wanted) in [
        ("amount", json!(1_000_000_000_000_i64)),
        ("subject", json!("青瓷茶壶 🫖")),
        ("currency", json!("CNY")),
        ("status", json!("created")),
        ("refund_status", json!("none")),
        ("refunded_amount", json!(0)),
        ("attach", json!("{\"mine\":1}")),
        ("user_id", json!("u-7")),
        ("platform", json!("web")),
        ("scene", json!("cart")),
        ("checkout_url", json!(url)),
        ("app_id", json!(merchant.app_id)),
        ("close_reason", Value::Null),
        ("paid_at", Value::Null),
        ("payments", json!([])),
        ("refunds", json!([])),
        ("cases", json!([])),
    ] {
        assert_eq!(order[name], wanted, "{name}");
    }
}

/// One row per rule: the field, a value that breaks it.
#[tokio::test]
async fn every_rule_names_its_field() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let long = |n: usize| "字".repeat(n);
    let (out, subject, body, attach, user, word) = ("x".repeat(65), long(129), long(1001), long(2049), long(65), long(33));
    let url = format!("https://a.example/{}", "x".repeat(2048));
    let rows: Vec<(&str, &str)> = vec![
        ("out_order_no", &out),
        ("out_order_no", "a b"),
        ("out_order_no", "中"),
        ("out_order_no", "a/b"),
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "1.5"),
        ("amount", "1e3"),
        ("amount", "1000000000001"),
        ("amount", "０"),
        ("subject", &subject),
        ("subject", "a\u{202e}b"),
        ("subject", "a\nb"),
        ("body", &body),
        ("body", "a\u{0}b"),
        ("currency", "USD"),
        ("currency", "cny"),
        ("methods", "paypal"),
        ("methods", "wechat_native,,alipay_qr"),
        ("notify_url", "ftp://a.example"),
        ("notify_url", &url),
        ("notify_url", "/relative"),
        ("return_url", "https://user@a.example/"),
        ("cancel_url", "javascript:alert(1)"),
        ("show_url", "data:text/html,x"),
        ("expires_in", "59"),
        ("expires_in", "604801"),
        ("attach", &attach),
        ("attach", "a\u{2066}b"),
        ("client_ip", "1.2.3"),
        ("user_id", &user),
        ("platform", &word),
        ("scene", &word),
        ("refers", "{}"),
        ("refers", r#"[{"type":"x"}]"#),
        ("extra", "[]"),
        ("extra", r#"{"a":{"b":1}}"#),
    ];
    for (name, value) in rows {
        let mut fields = vec![("out_order_no", "A-1"), ("amount", "100"), ("subject", "tea")];
        fields.retain(|(k, _)| *k != name);
        fields.push((name, value));
        let answer = merchant.call(ORDERS, &fields).await;
        let data = answer.refused("280002", 400);
        assert_eq!(data["field"], name, "{value:?}: {}", answer.text);
        assert!(data["rule"].as_str().is_some_and(|rule| !rule.is_empty()));
    }
    for name in ["out_order_no", "amount", "subject"] {
        let mut fields = vec![("out_order_no", "A-1"), ("amount", "100"), ("subject", "tea")];
        fields.retain(|(k, _)| *k != name);
        assert_eq!(merchant.call(ORDERS, &fields).await.refused("280001", 400)["field"], name);
    }
    // Refused input stored nothing.
    merchant.call(QUERY, &[("out_order_no", "A-1")]).await.refused("280201", 404);
}

#[tokio::test]
async fn the_longest_values_fit() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let (out, subject, body, attach, word) =
        ("x".repeat(64), "🫖".repeat(128), "字".repeat(1000), "字".repeat(2048), "字".repeat(32));
    merchant
        .call(
            ORDERS,
            &[
                ("out_order_no", &out),
                ("amount", "1"),
                ("subject", &subject),
                ("body", &body),
                ("attach", &attach),
                ("platform", &word),
                ("expires_in", "604800"),
            ],
        )
        .await
        .done();
}

#[tokio::test]
async fn the_same_call_again_gives_the_same_order_and_another_one_names_what_differs() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let fields = [("out_order_no", "A-1"), ("amount", "100"), ("subject", "tea"), ("methods", "alipay_qr,wechat_native")];
    let first = merchant.call(ORDERS, &fields).await.done();
    let again =
        [("out_order_no", "A-1"), ("amount", "100"), ("subject", "tea"), ("methods", "wechat_native,alipay_qr"), ("body", "")];
    assert_eq!(merchant.call(ORDERS, &again).await.done(), first);
    let other = [("out_order_no", "A-1"), ("amount", "101"), ("subject", "coffee"), ("methods", "alipay_qr,wechat_native")];
    let data = merchant.call(ORDERS, &other).await.refused("280202", 409);
    assert_eq!(data["fields"], json!(["amount", "subject"]));
    // Another app may use the number.
    app.merchant().await.call(ORDERS, &other).await.done();
}

#[tokio::test]
async fn racing_creates_make_one_order() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let answers = futures::future::join_all((0..20).map(|_| merchant.create("A-1", 100))).await;
    let numbers: std::collections::BTreeSet<String> = answers.iter().map(|a| a.done()["order_no"].to_string()).collect();
    assert_eq!(numbers.len(), 1);
}

#[tokio::test]
async fn foreign_and_unknown_orders_are_not_found() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.merchant().await, app.merchant().await);
    let created = owner.create("A-1", 100).await.done();
    let number = created["order_no"].as_str().expect("number");
    for call in [QUERY, CLOSE] {
        stranger.call(call, &[("order_no", number)]).await.refused("280201", 404);
        stranger.call(call, &[("out_order_no", "A-1")]).await.refused("280201", 404);
        owner.call(call, &[("order_no", "nonsense")]).await.refused("280201", 404);
        assert_eq!(owner.call(call, &[]).await.refused("280001", 400)["field"], "order_no");
    }
    stranger.call("/api/v1/payments", &[("order_no", number), ("method", "wechat_native")]).await.refused("280201", 404);
    stranger
        .call("/api/v1/refunds", &[("order_no", number), ("out_refund_no", "R"), ("amount", "1")])
        .await
        .refused("280201", 404);
    assert_eq!(stranger.call(LIST, &[]).await.done()["items"], json!([]));
    assert_eq!(owner.call(QUERY, &[("order_no", number), ("out_order_no", "A-1")]).await.done()["order_no"], number);
}

#[tokio::test]
async fn closing_closes_once_and_again_is_no_fault() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let number = created["order_no"].as_str().expect("number");
    for _ in 0..2 {
        let order = merchant.call(CLOSE, &[("order_no", number)]).await.done();
        assert_eq!((&order["status"], &order["close_reason"]), (&json!("closed"), &json!("merchant")));
    }
    merchant.call("/api/v1/payments", &[("order_no", number), ("method", "wechat_native")]).await.refused("280204", 409);
}

#[tokio::test]
async fn a_list_is_walked_page_by_page_without_gaps() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    for n in 0..7 {
        merchant.create(&format!("A-{n}"), 100 + n).await.done();
    }
    merchant.call(CLOSE, &[("out_order_no", "A-3")]).await.done();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = merchant.call(LIST, &[("limit", "3"), ("cursor", &cursor)]).await.done();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 3 && items.iter().all(|o| o.get("payments").is_none()));
        seen.extend(items.iter().map(|o| o["out_order_no"].as_str().expect("number").to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["A-6", "A-5", "A-4", "A-3", "A-2", "A-1", "A-0"]);

    let closed = merchant.call(LIST, &[("status", "closed")]).await.done();
    assert_eq!(closed["items"].as_array().map(Vec::len), Some(1));
    let later = ((now_s() + 60) * 1000).to_string();
    assert_eq!(merchant.call(LIST, &[("from", &later)]).await.done()["items"], json!([]));
    assert_eq!(merchant.call(LIST, &[("to", &later)]).await.done()["items"].as_array().map(Vec::len), Some(7));

    // A cursor of somebody else, or one that was touched, is no cursor.
    assert!(!cursor.is_empty());
    app.merchant().await.call(LIST, &[("cursor", &cursor)]).await.refused("280002", 400);
    let touched = format!("A{}", &cursor[1..]);
    if touched != cursor {
        merchant.call(LIST, &[("cursor", &touched)]).await.refused("280002", 400);
    }
    for (name, value) in
        [("limit", "0"), ("limit", "101"), ("status", "done"), ("method", "bar"), ("from", "-1"), ("cursor", "x")]
    {
        assert_eq!(merchant.call(LIST, &[(name, value)]).await.refused("280002", 400)["field"], name);
    }
}

#[tokio::test]
async fn the_reference_lists_every_call_that_is_served() {
    let app = TestApp::start().await;
    let document: Value = app.get("/openapi.json").await.json().await.expect("JSON");
    assert!(!document.to_string().contains("api-"), "a text is missing: {document}");
    let merchant = app.merchant().await;
    for call in calls::ALL {
        assert!(document["paths"][call.path]["post"].is_object(), "{}", call.path);
        // Served means: it gets as far as the app.
        merchant.send_raw(call.path, b"{}".to_vec()).await.refused_unsigned("280001", 400);
    }
    let page = app.get("/docs").await;
    assert_eq!(page.status().as_u16(), 200);
    assert!(page.text().await.expect("text").contains("/api/v1/orders/query"));
}
