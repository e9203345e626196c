//! Money over the API, against the real simulator: payments, notices, webhooks, refunds.

use super::app::{TestApp, eventually, location};
use super::merchant::text_of;
use crate::pay::Secret;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const QUERY: &str = "/api/v1/orders/query";
const PAYMENTS: &str = "/api/v1/payments";
const REFUNDS: &str = "/api/v1/refunds";
const REFUND_QUERY: &str = "/api/v1/refunds/query";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test]
async fn a_payment_is_noticed_and_told_to_the_merchant() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let number = app.paid_order(&merchant, "A-1", 12_800).await;
    let order = merchant.call(QUERY, &[("order_no", &number)]).await.done();
    assert_eq!((&order["method"], &order["pay_no"]), (&json!("wechat_native"), &order["payments"][0]["pay_no"]));
    assert_eq!(order["payments"][0]["status"], "succeeded");
    assert!(order["paid_at"].is_i64() && order["payments"][0]["provider_trade_no"].is_string());

    eventually("the webhook arrives", async || !app.receiver.of_type("order.paid").is_empty()).await;
    let hooks = app.receiver.of_type("order.paid");
    let hook = &hooks[0];
    assert!(hook.is_signed_with(&merchant.webhook_secret), "{hook:?}");
    assert!(!hook.is_signed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    let body = hook.json();
    assert_eq!((&body["data"]["order_no"], &body["data"]["status"]), (&json!(number), &json!("paid")));
    assert!(text(&body["timestamp"]).contains('T'));
}

#[tokio::test]
async fn a_webhook_is_sent_again_with_the_same_id_and_bytes_until_it_is_taken() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    app.receiver.fail_next(1);
    app.paid_order(&merchant, "A-1", 100).await;
    eventually("it comes twice", async || app.receiver.of_type("order.paid").len() >= 2).await;
    let hooks = app.receiver.of_type("order.paid");
    assert_eq!((&hooks[0].id, &hooks[0].body), (&hooks[1].id, &hooks[1].body));
    assert!(hooks.iter().all(|h| h.is_signed_with(&merchant.webhook_secret)));
}

#[tokio::test]
async fn starting_again_gives_the_same_payment_and_code() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let start = [("order_no", text(&created["order_no"])), ("method", "wechat_native")];
    let first = merchant.call(PAYMENTS, &start).await.done();
    assert_eq!(first["next"]["type"], "qr");
    assert_eq!(merchant.call(PAYMENTS, &start).await.done(), first);
    assert_eq!(first.as_object().map(serde_json::Map::len), Some(2));
}

#[tokio::test]
async fn a_bar_code_finds_its_wallet() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let number = text(&created["order_no"]);
    let issue = app.anonymous.post(format!("{}/wallet/codes", app.simulator_url)).json(&json!({ "kind": "wechat_v2" }));
    let code: Value = issue.send().await.expect("answer").json().await.expect("JSON");
    let auth_code = text(&code["auth_code"]);
    let data = merchant.call(PAYMENTS, &[("order_no", number), ("method", "bar")]).await.refused("280001", 400);
    assert_eq!(data["field"], "auth_code");
    let data =
        merchant.call(PAYMENTS, &[("order_no", number), ("method", "bar"), ("auth_code", "99")]).await.refused("280002", 400);
    assert_eq!(data["field"], "auth_code");
    let started = merchant.call(PAYMENTS, &[("order_no", number), ("method", "bar"), ("auth_code", auth_code)]).await.done();
    assert!(["done", "wait"].contains(&text(&started["next"]["type"])), "{started}");
    eventually("it is paid", async || merchant.call(QUERY, &[("order_no", number)]).await.done()["status"] == "paid").await;
}

#[tokio::test]
async fn what_a_method_cannot_do_is_said_with_its_own_code() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let start = [("order_no", text(&created["order_no"])), ("method", "wechat_native")];
    merchant.call(PAYMENTS, &start).await.refused("280301", 422); // no channel at all
    app.channel("wechat_v2").await;
    eventually("the channel is offered", async || merchant.call(PAYMENTS, &start).await.code() == "000000").await;
    merchant.call(PAYMENTS, &[start[0], ("method", "alipay_qr")]).await.refused("280301", 422);
    assert_eq!(merchant.call(PAYMENTS, &[start[0], ("method", "paypal")]).await.refused("280002", 400)["field"], "method");
    let data = merchant.call(PAYMENTS, &[start[0], ("method", "wechat_jsapi")]).await.refused("280001", 400);
    assert_eq!(data["field"], "openid");

    app.channel("alipay").await;
    let huge = merchant.create("A-2", 1_000_000_000_000).await.done();
    let start = [("order_no", text(&huge["order_no"])), ("method", "alipay_qr")];
    eventually("this channel is offered, too", async || merchant.call(PAYMENTS, &start).await.code() != "280301").await;
    let data = merchant.call(PAYMENTS, &start).await.refused("280302", 422);
    assert!(data["max"].as_i64().is_some_and(|max| max < 1_000_000_000_000));
}

#[tokio::test]
async fn a_providers_no_and_its_silence_are_told_apart() {
    let app = TestApp::start().await;
    let refusing = app.merchant().await;
    let silent = app.merchant().await;
    let app_id = |m: &super::merchant::Merchant| crate::model::AppId::parse(&m.app_id).expect("id");
    app.channel_with("wechat_v2", |input| {
        input.app_id = Some(app_id(&refusing));
        input.credentials.insert("key".to_owned(), Secret::new("0123456789abcdef0123456789abcdef".to_owned()));
    })
    .await;
    app.channel_with("wechat_v2", |input| {
        input.app_id = Some(app_id(&silent));
        input.gateway_url = Some("http://127.0.0.1:9".to_owned());
    })
    .await;
    let created = refusing.create("A-1", 100).await.done();
    let answer = refusing.call(PAYMENTS, &[("order_no", text(&created["order_no"])), ("method", "wechat_native")]).await;
    // Its reply to a wrong signature is not signed, so a channel may also count it as unclear.
    assert!(["280501", "280502"].contains(&answer.code().as_str()), "{}", answer.text);
    let created = silent.create("A-1", 100).await.done();
    silent.call(PAYMENTS, &[("order_no", text(&created["order_no"])), ("method", "wechat_native")]).await.refused("280502", 502);
}

#[tokio::test]
async fn the_providers_own_words_come_with_its_no() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let issue = app.anonymous.post(format!("{}/wallet/codes", app.simulator_url));
    let issue = issue.json(&json!({ "kind": "wechat_v2", "account": "poor" })).send().await.expect("answer");
    let code: Value = issue.json().await.expect("JSON");
    let start = [("order_no", text(&created["order_no"])), ("method", "bar"), ("auth_code", text(&code["auth_code"]))];
    let data = merchant.call(PAYMENTS, &start).await.refused("280501", 422);
    assert_eq!(data["code"], "NOTENOUGH");
    assert!(data["message"].as_str().is_some_and(|m| !m.is_empty()));
}

#[tokio::test]
async fn money_goes_back_in_parts_and_never_more_than_came() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let unpaid = merchant.create("A-0", 100).await.done();
    let ask = |out: &'static str, amount: &'static str| [("out_refund_no", out), ("amount", amount)];
    merchant
        .call(REFUNDS, &[&[("order_no", text(&unpaid["order_no"]))][..], &ask("R-0", "1")].concat())
        .await
        .refused("280403", 409);

    let number = app.paid_order(&merchant, "A-1", 100).await;
    let order = [("order_no", number.as_str())];
    let first = merchant.call(REFUNDS, &[&order[..], &ask("R-1", "30"), &[("reason", "broken lid")]].concat()).await.done();
    assert_eq!((&first["out_refund_no"], &first["amount"], &first["reason"]), (&json!("R-1"), &json!(30), &json!("broken lid")));
    // The same again: the same refund, not a second one.
    let again = merchant.call(REFUNDS, &[&order[..], &ask("R-1", "30"), &[("reason", "broken lid")]].concat()).await.done();
    assert_eq!(again["refund_no"], first["refund_no"]);
    let data = merchant
        .call(REFUNDS, &[&order[..], &ask("R-1", "31"), &[("reason", "broken lid")]].concat())
        .await
        .refused("280202", 409);
    assert_eq!(data["fields"], json!(["amount"]));
    let data = merchant.call(REFUNDS, &[&order[..], &ask("R-2", "71")].concat()).await.refused("280401", 422);
    assert_eq!(data["left"], 70);
    merchant.call(REFUNDS, &[&order[..], &ask("R-2", "70")].concat()).await.done();
    eventually("all of it is back", async || merchant.call(QUERY, &order).await.done()["refund_status"] == "full").await;
    let found = merchant.call(REFUND_QUERY, &[("out_refund_no", "R-2")]).await.done();
    assert_eq!((&found["status"], &found["order_no"]), (&json!("succeeded"), &json!(number)));
    assert_eq!(merchant.call(REFUND_QUERY, &[("refund_no", text(&found["refund_no"]))]).await.done()["out_refund_no"], "R-2");
    eventually("the merchant hears of both", async || app.receiver.of_type("refund.succeeded").len() >= 2).await;

    merchant.call(REFUND_QUERY, &[("out_refund_no", "R-9")]).await.refused("280402", 404);
    assert_eq!(merchant.call(REFUND_QUERY, &[]).await.refused("280001", 400)["field"], "refund_no");
    let stranger = app.merchant().await;
    stranger.call(REFUND_QUERY, &[("refund_no", text(&found["refund_no"]))]).await.refused("280402", 404);
    for (name, value) in [("out_refund_no", "a b"), ("amount", "0"), ("reason", "a\u{202e}"), ("notify_url", "x")] {
        let mut fields = [&order[..], &ask("R-3", "1")].concat();
        fields.retain(|(k, _)| *k != name);
        fields.push((name, value));
        assert_eq!(merchant.call(REFUNDS, &fields).await.refused("280002", 400)["field"], name);
    }
}

#[tokio::test]
async fn a_paid_order_cannot_be_closed() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let number = app.paid_order(&merchant, "A-1", 100).await;
    merchant.call("/api/v1/orders/close", &[("order_no", &number)]).await.refused("280203", 409);
    merchant.call(PAYMENTS, &[("order_no", &number), ("method", "wechat_native")]).await.refused("280203", 409);
}

#[tokio::test]
async fn closing_finds_money_that_nobody_told_us_about() {
    let app = TestApp::start_with(&[("plans.query_s", "3600")]).await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let number = text(&created["order_no"]);
    let started = merchant.call(PAYMENTS, &[("order_no", number), ("method", "wechat_native")]).await.done();
    app.wallet(text(&started["next"]["code_url"]), "no_notice").await;
    merchant.call("/api/v1/orders/close", &[("order_no", number)]).await.refused("280203", 409);
    assert_eq!(merchant.call(QUERY, &[("order_no", number)]).await.done()["status"], "paid");
}

#[tokio::test]
async fn a_payer_goes_back_with_a_signed_address() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let fields =
        [("out_order_no", "A-1"), ("amount", "100"), ("subject", "tea"), ("return_url", "https://shop.example/back?mine=1#top")];
    let created = merchant.call("/api/v1/orders", &fields).await.done();
    let token = text(&created["checkout_url"]).rsplit('/').next().expect("token").to_owned();
    let number = text(&created["order_no"]);
    let started = merchant.call(PAYMENTS, &[("order_no", number), ("method", "wechat_native")]).await.done();
    let status = async || app.get(&format!("/checkout/{token}/status")).await.json::<Value>().await.expect("JSON");
    assert_eq!(status().await["redirect_url"], Value::Null);
    // The browser comes back before anybody knows: it proves nothing.
    let back = app.get(&format!("/return/{}", text(&started["pay_no"]))).await;
    assert_eq!((back.status().as_u16(), location(back.headers())), (303, text(&created["checkout_url"]).to_owned()));
    assert_ne!(status().await["status"], "paid");
    app.wallet(text(&started["next"]["code_url"]), "ok").await;
    eventually("the page shows it", async || status().await["state"] == "paid").await;
    let url = url::Url::parse(text(&status().await["redirect_url"])).expect("address");
    assert_eq!((url.host_str(), url.fragment()), (Some("shop.example"), Some("top")));
    let mut query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(query.remove("mine").as_deref(), Some("1"));
    let sign = query.remove("sign").expect("sign");
    assert_eq!(
        query.keys().map(String::as_str).collect::<Vec<_>>(),
        ["app_id", "nonce", "order_no", "out_order_no", "sign_type", "status", "timestamp"]
    );
    assert_eq!(query["status"], "paid");
    assert!(merchant.fits(&text_of(&query), &sign));
}
