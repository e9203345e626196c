//! Methods whose order the payer's browser posts to the provider, through the whole server: LianLian with the facts about
//! the payer, JD with its encrypted form.

use super::app::{TestApp, eventually};
use super::merchant::Merchant;
use serde_json::{Value, json};

const ORDERS: &str = "/api/v1/orders";
const PAYMENTS: &str = "/api/v1/payments";
const QUERY: &str = "/api/v1/orders/query";
const REFUNDS: &str = "/api/v1/refunds";
const REFUND_QUERY: &str = "/api/v1/refunds/query";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

async fn order(merchant: &Merchant, number: &str, more: &[(&str, &str)]) -> String {
    let mut fields = vec![("out_order_no", number), ("amount", "12800"), ("subject", "青瓷茶壶")];
    fields.extend_from_slice(more);
    text(&merchant.call(ORDERS, &fields).await.done()["order_no"]).to_owned()
}

/// Posts a payment's form as a browser without scripts does; the provider's page after its redirects.
async fn post(app: &TestApp, next: &Value) -> String {
    assert_eq!(next["type"], "form", "{next}");
    assert!(text(&next["action"]).starts_with(&app.simulator_url), "{next}");
    let browser = reqwest::Client::builder().no_proxy().build().expect("client");
    let fields: Vec<(&str, &str)> =
        next["fields"].as_object().expect("fields").iter().map(|(n, v)| (n.as_str(), text(v))).collect();
    browser.post(text(&next["action"])).form(&fields).send().await.expect("a page").text().await.expect("text")
}

/// Nobody asks a provider by plan or for a page: what becomes known was told.
const ONLY_NOTICES: [(&str, &str); 3] = [("plans.query_s", "3600"), ("plans.page_query_s", "3600"), ("plans.refund_s", "3600")];

/// Starts a method, posts its form, pays, and waits for the notice to do its work.
async fn pay(app: &TestApp, merchant: &Merchant, order_no: &str, method: &str) {
    let started = merchant.call(PAYMENTS, &[("order_no", order_no), ("method", method)]).await.done();
    let page = post(app, &started["next"]).await;
    assert!(page.contains("data-testid=\"pay\""), "{page}");
    assert_eq!(app.wallet(text(&started["pay_no"]), "ok").await["ok"], true);
    let order = async || merchant.call(QUERY, &[("order_no", order_no)]).await.done();
    eventually("the order is paid", async || order().await["status"] == "paid").await;
    assert_eq!(order().await["payments"][0]["verified_by"], "notice");
}

async fn refund(merchant: &Merchant, order_no: &str, number: &str) {
    merchant.call(REFUNDS, &[("order_no", order_no), ("out_refund_no", number), ("amount", "800")]).await.done();
    eventually("the refund is done", async || {
        merchant.call(REFUND_QUERY, &[("out_refund_no", number)]).await.done()["status"] == "succeeded"
    })
    .await;
}

#[tokio::test]
async fn a_fact_that_lianlian_needs_and_the_order_lacks_is_named() {
    let app = TestApp::start().await;
    app.channel("lianlian").await;
    let merchant = app.merchant().await;
    let all = [("user_id", "u-1"), ("user_name", "测试"), ("id_no", "110101199003077715")];
    for method in ["lianlian_web", "lianlian_wap"] {
        for (lacking, _) in all {
            let facts: Value = all.iter().filter(|(name, _)| *name != lacking).map(|(n, v)| (*n, json!(v))).collect();
            let order_no = order(&merchant, &format!("{method}-{lacking}"), &[("extra", &facts.to_string())]).await;
            let data = merchant.call(PAYMENTS, &[("order_no", &order_no), ("method", method)]).await.refused("280001", 400);
            assert_eq!(data["field"], lacking);
        }
    }
}

#[tokio::test]
async fn lianlian_is_paid_noticed_and_refunded() {
    let app = TestApp::start_with(&ONLY_NOTICES).await;
    app.channel("lianlian").await;
    let merchant = app.merchant().await;
    // The name under LianLian's own word, the person's id as the order's own field.
    let extra = json!({ "acct_name": "测试", "id_no": "110101199003077715" }).to_string();
    for method in ["lianlian_web", "lianlian_wap"] {
        let order_no = order(&merchant, method, &[("extra", &extra), ("user_id", "u-1")]).await;
        pay(&app, &merchant, &order_no, method).await;
        refund(&merchant, &order_no, &format!("R-{method}")).await;
    }
    assert_eq!(app.simulator.book()["refusals"], json!({}), "nothing was refused");
}

#[tokio::test]
async fn jd_is_paid_noticed_and_refunded() {
    let app = TestApp::start_with(&ONLY_NOTICES).await;
    app.channel("jd").await;
    let merchant = app.merchant().await;
    for method in ["jd_web", "jd_h5"] {
        let order_no = order(&merchant, method, &[]).await;
        pay(&app, &merchant, &order_no, method).await;
        refund(&merchant, &order_no, &format!("R-{method}")).await;
    }
    assert_eq!(app.simulator.book()["refusals"], json!({}), "nothing was refused");
}

#[tokio::test]
async fn a_jd_payment_without_a_notice_is_found_by_asking() {
    let app = TestApp::start().await;
    app.channel("jd").await;
    let merchant = app.merchant().await;
    let order_no = order(&merchant, "qr", &[]).await;
    let started = merchant.call(PAYMENTS, &[("order_no", &order_no), ("method", "jd_qr")]).await.done();
    assert_eq!(app.wallet(text(&started["next"]["code_url"]), "no_notice").await["ok"], true);
    let order = async || merchant.call(QUERY, &[("order_no", &order_no)]).await.done();
    eventually("asking finds it out", async || order().await["status"] == "paid").await;
    assert_eq!(order().await["payments"][0]["verified_by"], "query");
}

/// Whoever leaves one of these pages open can still pay on it after the order was closed: the provider cannot close it.
/// Such money is a case and goes back.
#[tokio::test]
async fn money_for_a_closed_order_is_a_case_and_goes_back() {
    let app = TestApp::start().await;
    app.channel("jd").await;
    let merchant = app.merchant().await;
    let order_no = order(&merchant, "late", &[]).await;
    let started = merchant.call(PAYMENTS, &[("order_no", &order_no), ("method", "jd_web")]).await.done();
    post(&app, &started["next"]).await;
    merchant.call("/api/v1/orders/close", &[("order_no", &order_no)]).await.done();
    assert_eq!(app.wallet(text(&started["pay_no"]), "ok").await["ok"], true);
    eventually("the case is resolved", async || {
        let order = merchant.call(QUERY, &[("order_no", &order_no)]).await.done();
        order["cases"][0]["kind"] == "late" && order["cases"][0]["status"] == "resolved"
    })
    .await;
    let order = merchant.call(QUERY, &[("order_no", &order_no)]).await.done();
    assert_eq!((&order["status"], &order["cases"][0]["answer"]), (&json!("closed"), &json!("refund")));
}
