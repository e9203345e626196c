//! Orders paid by UnionPay through the whole server: the browser's way back, and refunds that are told later.

use super::app::{TestApp, client, eventually, location};
use serde_json::Value;
use std::collections::BTreeMap;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test]
async fn the_browsers_return_is_a_reason_to_ask_and_no_proof() {
    // Nobody else asks meanwhile.
    let app = TestApp::start_with(&[("plans.query_s", "600")]).await;
    app.channel("unionpay").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 8888).await.done();
    let (number, checkout) = (text(&created["order_no"]), text(&created["checkout_url"]));
    let started = merchant.call("/api/v1/payments", &[("order_no", number), ("method", "unionpay_web")]).await.done();
    let (pay_no, next) = (text(&started["pay_no"]), &started["next"]);
    assert_eq!(next["type"], "form");
    let fields: BTreeMap<String, String> = serde_json::from_value(next["fields"].clone()).expect("texts");
    let page = client().post(text(&next["action"])).form(&fields).send().await.expect("a page").text().await.expect("text");
    assert!(page.contains("data-testid=\"pay\""), "{page}");

    // Forged to the letter but for the signature: it leads to the checkout like any other, and to nothing else.
    let claim = [("orderId", pay_no), ("respCode", "00"), ("txnAmt", "8888")];
    let back = client().post(format!("{}/return/{pay_no}", app.url)).header("sec-fetch-site", "cross-site").form(&claim);
    let back = back.send().await.expect("answers");
    assert_eq!((back.status().as_u16(), location(back.headers())), (303, checkout.to_owned()));
    let state = async || merchant.call("/api/v1/orders/query", &[("order_no", number)]).await.done()["status"].clone();
    assert_eq!(state().await, "paying");

    app.wallet(pay_no, "no_notice").await;
    let back = client().post(format!("{}/return/{pay_no}", app.url)).header("sec-fetch-site", "cross-site").form(&claim);
    assert_eq!(back.send().await.expect("answers").status(), 303);
    eventually("the question finds the money", async || state().await == "paid").await;
    let order = merchant.call("/api/v1/orders/query", &[("order_no", number)]).await.done();
    assert_eq!(order["payments"][0]["verified_by"], "query");
}

#[tokio::test]
async fn a_paid_code_is_refunded_by_notice() {
    // Nobody asks by plan: whatever becomes known was told.
    let app = TestApp::start_with(&[("plans.query_s", "3600"), ("plans.refund_s", "3600")]).await;
    app.channel("unionpay").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 8888).await.done();
    let number = text(&created["order_no"]);
    let started = merchant.call("/api/v1/payments", &[("order_no", number), ("method", "unionpay_qr")]).await.done();
    app.wallet(text(&started["next"]["code_url"]), "ok").await;
    let order = async || merchant.call("/api/v1/orders/query", &[("order_no", number)]).await.done();
    eventually("the notice arrives", async || order().await["status"] == "paid").await;
    assert_eq!(order().await["payments"][0]["verified_by"], "notice");
    for (refund_no, amount, part) in [("R-1", "2000", "partial"), ("R-2", "6888", "full")] {
        let fields = [("order_no", number), ("out_refund_no", refund_no), ("amount", amount), ("reason", "不要了")];
        let refund = merchant.call("/api/v1/refunds", &fields).await.done();
        assert!(matches!(text(&refund["status"]), "processing" | "succeeded"), "{refund}");
        eventually("the refund is told", async || order().await["refund_status"] == part).await;
    }
}
