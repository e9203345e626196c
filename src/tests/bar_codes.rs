//! Bar codes from the merchant's call, or the panel's till, to the end: paid at once, after a password, refused, or taken
//! back when the time is up. The real server, the real simulator.

use super::app::{TestApp, eventually};
use super::clerk::Clerk;
use super::merchant::Merchant;
use crate::model::{Method, Role};
use crate::pay::bar_method;
use serde_json::{Value, json};

const PAYMENTS: &str = "/api/v1/payments";
const QUERY: &str = "/api/v1/orders/query";
/// Wallets that show bar codes, and the method that each code is paid by.
const WALLETS: [(&str, Method); 3] =
    [("wechat_v2", Method::WechatMicropay), ("alipay", Method::AlipayBar), ("qq", Method::QqMicropay)];
/// Those that take a payment back at once. QQ does so after five minutes only: see `qq_channel`.
const KINDS: [&str; 2] = ["wechat_v2", "alipay"];

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A code of the payer's wallet.
async fn code(app: &TestApp, kind: &str, behaviour: &str, account: &str) -> String {
    let ask = json!({ "kind": kind, "behaviour": behaviour, "account": account });
    let issue = app.anonymous.post(format!("{}/wallet/codes", app.simulator_url)).json(&ask);
    let answer: Value = issue.send().await.expect("answer").json().await.expect("JSON");
    text(&answer["auth_code"]).to_owned()
}

/// A printed code of the simulated provider whose payer never types the password.
fn never_typed(kind: &str) -> &'static str {
    if kind == "alipay" { "280000000000000003" } else { "134567890123456705" }
}

async fn order_of(merchant: &Merchant, number: &str) -> Value {
    merchant.call(QUERY, &[("order_no", number)]).await.done()
}

async fn start(merchant: &Merchant, number: &str, code: &str) -> super::merchant::Answer {
    merchant.call(PAYMENTS, &[("order_no", number), ("method", "bar"), ("auth_code", code)]).await
}

#[tokio::test]
async fn the_code_alone_tells_the_provider() {
    let app = TestApp::start().await;
    for (kind, _) in WALLETS {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    for (n, (kind, method)) in WALLETS.into_iter().enumerate() {
        let code = code(&app, kind, "ok", "xiaoming").await;
        let created = merchant.create(&format!("A-{n}"), 4200).await.done();
        let number = text(&created["order_no"]);
        start(&merchant, number, &code).await.done();
        eventually("it is paid", async || order_of(&merchant, number).await["status"] == "paid").await;
        let order = order_of(&merchant, number).await;
        assert_eq!((&order["method"], bar_method(&code)), (&json!(method), Some(method)));
        // The same call again is told that it is paid, and takes nothing.
        start(&merchant, number, &code).await.refused("280203", 409);
        assert_eq!(order["payments"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn a_password_is_waited_for_by_asking() {
    let app = TestApp::start().await;
    for (kind, _) in WALLETS {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    let mut waiting = Vec::new();
    for (n, (kind, _)) in WALLETS.into_iter().enumerate() {
        let code = code(&app, kind, "password", "xiaoming").await;
        let created = merchant.create(&format!("A-{n}"), 4200).await.done();
        let number = text(&created["order_no"]).to_owned();
        let started = start(&merchant, &number, &code).await.done();
        assert_eq!(started["next"]["type"], "wait", "{started}");
        // The code is spent: the same call gives the payment that waits.
        assert_eq!(start(&merchant, &number, &code).await.done()["pay_no"], started["pay_no"]);
        assert_eq!(order_of(&merchant, &number).await["status"], "paying");
        waiting.push(number);
    }
    for number in &waiting {
        eventually("it is paid", async || order_of(&merchant, number).await["status"] == "paid").await;
    }
}

#[tokio::test]
async fn what_is_not_confirmed_in_time_is_taken_back() {
    let app = TestApp::start_with(&[("plans.bar_limit_s", "1"), ("plans.close_s", "1,1,1,2")]).await;
    for kind in KINDS {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    let mut started = Vec::new();
    for (n, kind) in KINDS.iter().enumerate() {
        let created = merchant.create(&format!("A-{n}"), 4200).await.done();
        let number = text(&created["order_no"]).to_owned();
        let answer = start(&merchant, &number, never_typed(kind)).await.done();
        assert_eq!(answer["next"]["type"], "wait", "{answer}");
        started.push((number, text(&answer["pay_no"]).to_owned()));
    }
    for (number, pay_no) in &started {
        // WeChat gives up by itself after a minute, which is short here: that counts as failed.
        let over = async || order_of(&merchant, number).await["payments"][0]["status"].as_str().map(str::to_owned);
        eventually("the payment is over", async || over().await.is_some_and(|s| s == "closed" || s == "failed")).await;
        let order = order_of(&merchant, number).await;
        assert_eq!((order["status"].as_str(), &order["cases"]), (Some("paying"), &json!([])));
        let book = app.simulator.book();
        let trade = book["trades"].as_array().expect("trades").iter().find(|t| t["out_trade_no"] == *pay_no);
        let trade = trade.expect("in the provider's book");
        assert_ne!(trade["state"], "paid", "{trade}");
        // The order can still be paid, by another code.
        let again = code(&app, "wechat_v2", "ok", "xiaoming").await;
        start(&merchant, number, &again).await.done();
        eventually("it is paid", async || order_of(&merchant, number).await["status"] == "paid").await;
    }
}

/// At the till.
impl Clerk<'_> {
    /// Types the amount, scans, and gives the page of the charge.
    async fn charge(&self, app_id: &str, amount: &str, code: &str) -> String {
        let form = self.get("/admin/till").await;
        let number = form.split("name=\"out_order_no\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let number = number.unwrap_or_else(|| panic!("no number: {form}"));
        self.send(app_id, number, amount, code).await
    }

    async fn send(&self, app_id: &str, number: &str, amount: &str, code: &str) -> String {
        let fields = [("app_id", app_id), ("out_order_no", number), ("amount", amount), ("auth_code", code)];
        self.post("charge", &fields).await
    }

    async fn state(&self, page: &str) -> String {
        let html = self.get(page).await;
        let state = html.split("data-testid=\"till-state\" data-state=\"").nth(1).and_then(|rest| rest.split('"').next());
        state.unwrap_or_else(|| panic!("no state: {html}")).to_owned()
    }

    async fn becomes(&self, page: &str, state: &str) {
        eventually(state, async || self.state(page).await == state).await;
    }
}

#[tokio::test]
async fn the_till_takes_money_and_says_how_it_went() {
    let app = TestApp::start_with(&[("plans.bar_limit_s", "20"), ("plans.close_s", "1,1,1,2")]).await;
    for kind in KINDS {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    let till = Clerk::sign_in(&app, Role::Finance).await;
    let id = merchant.app_id.as_str();

    let page = till.charge(id, "42.00", &code(&app, "wechat_v2", "ok", "xiaoming").await).await;
    assert!(page.starts_with("/admin/till/"), "{page}");
    till.becomes(&page, "paid").await;
    let html = till.get(&page).await;
    assert!(html.contains("42.00") && html.contains("till-next") && !html.contains("http-equiv=\"refresh\""), "{html}");
    eventually("the merchant hears of it", async || !app.receiver.of_type("order.paid").is_empty()).await;

    let waits = till.charge(id, "1", &code(&app, "alipay", "password", "xiaoming").await).await;
    till.becomes(&waits, "paid").await;
    let endless = till.charge(id, "1", never_typed("alipay")).await;
    let html = till.get(&endless).await;
    assert!(html.contains("data-state=\"waiting\"") && html.contains("http-equiv=\"refresh\""), "{html}");

    let refused = till.charge(id, "1", &code(&app, "wechat_v2", "ok", "poor").await).await;
    till.becomes(&refused, "failed").await;
    let html = till.get(&refused).await;
    assert!(html.contains("余额不足"), "the provider's words: {html}");
    // Another code for the same charge, from the page itself.
    let order_no = refused.rsplit('/').next().expect("number");
    let bundle = app.cashier.store().bundle(&crate::model::OrderNo::parse(order_no).expect("number")).await;
    let number = bundle.expect("store").expect("order").order.out_order_no;
    assert_eq!(till.send(id, &number, "1.00", &code(&app, "alipay", "ok", "xiaoming").await).await, refused);
    till.becomes(&refused, "paid").await;
    // A button pressed twice takes the money once.
    assert_eq!(till.send(id, &number, "1.00", &code(&app, "alipay", "ok", "xiaoming").await).await, refused);
    assert_eq!(till.state(&refused).await, "paid");
    let entries = app.cashier.store().audit(&crate::pay::store::PageRequest { limit: 50, ..Default::default() }).await;
    let entries = entries.expect("audit").items;
    assert!(entries.iter().filter(|e| e.action == "till.charge" && e.actor.starts_with("staff_")).count() >= 4, "{entries:?}");
    assert!(!format!("{entries:?}").contains("auth_code"));
}

#[tokio::test]
async fn a_charge_that_nobody_confirms_is_reversed_before_the_tills_eyes() {
    let app = TestApp::start_with(&[("plans.bar_limit_s", "1"), ("plans.close_s", "1,1,1,2")]).await;
    app.channel("alipay").await;
    let merchant = app.merchant().await;
    let till = Clerk::sign_in(&app, Role::Owner).await;
    let page = till.charge(&merchant.app_id, "3.5", never_typed("alipay")).await;
    till.becomes(&page, "reversed").await;
    assert!(till.get(&page).await.contains("nothing was kept"));
}

#[tokio::test]
async fn a_till_refuses_what_makes_no_sense_and_opens_for_money_people_only() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let till = Clerk::sign_in(&app, Role::Admin).await;
    let id = merchant.app_id.as_str();
    let good = code(&app, "wechat_v2", "ok", "xiaoming").await;
    for (app_id, amount, code) in [
        (id, "0", good.as_str()),
        (id, "-1", &good),
        (id, "1.001", &good),
        (id, "", &good),
        (id, "1", ""),
        (id, "1", "99"),
        ("app_nobody", "1", &good),
        (id, "1", "281234567890123456"), // Alipay's, and there is no such channel
    ] {
        let to = till.charge(app_id, amount, code).await;
        assert!(to.contains("__err="), "{app_id} {amount} {code}: {to}");
    }
    assert!(till.send(id, "A-1", "1", &good).await.contains("__err="), "a number that is not the till's");
    for role in [Role::Support, Role::Developer, Role::Viewer] {
        let other = Clerk::sign_in(&app, role).await;
        let html = other.get("/admin/till").await;
        assert!(!html.contains("data-testid=\"till\"") && !html.contains("href=\"/admin/till\""), "{role}: {html}");
    }
    let page = till.charge(id, "1", &good).await;
    till.becomes(&page, "paid").await;
    // An order of the merchant's own is no charge of the till.
    let created = merchant.create("A-1", 100).await.done();
    let html = till.get(&format!("/admin/till/{}", text(&created["order_no"]))).await;
    assert!(!html.contains("till-state"), "{html}");
}
