//! The database held by somebody else for longer than we wait: honest answers meanwhile, and everything works again by
//! itself afterwards.

use super::app::{TestApp, eventually};
use super::auditor::Auditor;
use super::forger::Forger;
use crate::pay::World;
use serde_json::Value;
use sqlx::{AnyConnection, Connection, Executor};
use std::time::Duration;

/// Longer than six patient writes.
const HELD: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_said_and_survived() {
    let dir = tempfile::tempdir().expect("directory");
    let database = format!("sqlite://{}", dir.path().join("cashier.db").display());
    let app = TestApp::start_with(&[("database.url", &database), ("plans.query_s", "3600")]).await;
    let channel = app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let credentials = app.simulator.credentials().into_iter().find(|d| d["kind"] == "wechat_v2").expect("simulated");
    let text = |name: &str| credentials["credentials"][name].as_str().expect("text").to_owned();
    let forger = Forger::WeChat { appid: text("appid"), mch_id: text("mch_id"), key: text("key") };

    let created = merchant.create("A-1", 100).await.done();
    let order_no = created["order_no"].as_str().expect("number").to_owned();
    let start = [("order_no", order_no.as_str()), ("method", "wechat_native")];
    let started = merchant.call("/api/v1/payments", &start).await.done();
    let code = started["next"]["code_url"].as_str().expect("code");
    let paid = app.wallet(code, "no_notice").await;
    let pay_no = started["pay_no"].as_str().expect("number");
    let notice = forger.signed(&forger.truth(pay_no, 100, paid["trade_no"].as_str().expect("number")));
    let send = async || {
        let request = app.anonymous.post(format!("{}/notify/{channel}/pay", app.url)).body(notice.clone());
        let answer = request.send().await.expect("answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };

    let mut holder = AnyConnection::connect(&database).await.expect("opens");
    holder.execute("pragma busy_timeout = 5000").await.expect("set");
    holder.execute("begin immediate").await.expect("held");
    let held_since = std::time::Instant::now();
    while held_since.elapsed() < HELD {
        // Writes wait as long as they may, then say so; nothing is half done.
        let (refused, noticed) = futures::join!(merchant.create("A-2", 100), send());
        assert_eq!((refused.status, refused.code().as_str()), (503, "280900"), "{}", refused.text);
        assert!(!refused.text.contains("lock") && !refused.text.contains("SQL"), "causes stay inside: {}", refused.text);
        assert!(forger.is_failure(noticed.0, &noticed.1), "{noticed:?}");
        // Reads go on.
        let page = app.get(created["checkout_url"].as_str().expect("url").strip_prefix(&app.url).expect("ours")).await;
        assert_eq!(page.status().as_u16(), 200);
        assert_eq!(app.get("/healthz").await.status().as_u16(), 200);
    }
    holder.execute("rollback").await.expect("let go");
    holder.close().await.expect("closed");

    // No restart: the notice is taken when it comes again, the merchant's second try makes the order.
    eventually("the notice is accepted", async || {
        let (status, text) = send().await;
        forger.is_success(status, &text)
    })
    .await;
    eventually("orders are made again", async || merchant.create("A-2", 100).await.code() == "000000").await;
    let order: Value = merchant.call("/api/v1/orders/query", &[("order_no", &order_no)]).await.done();
    assert_eq!((&order["status"], &order["cases"]), (&"paid".into(), &Value::Array(Vec::new())));
    eventually("the merchant hears of it", async || app.receiver.of_type("order.paid").len() == 1).await;
    assert_eq!(app.get("/readyz").await.status().as_u16(), 200);
    let differences = Auditor::open(&database).await.differences(&app.simulator.book(), World::system().now_ms()).await;
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The caller's patience ends before ours with the database: it is told so, rightly signed, and the order is made all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_takes_too_long_is_answered_and_goes_on() {
    let dir = tempfile::tempdir().expect("directory");
    let database = format!("sqlite://{}", dir.path().join("cashier.db").display());
    let app = TestApp::start_with(&[("database.url", &database), ("limits.api_request_s", "2")]).await;
    let merchant = app.merchant().await;
    merchant.create("A-1", 100).await.done(); // the app and its keys are known from now on
    let mut holder = AnyConnection::connect(&database).await.expect("opens");
    holder.execute("begin immediate").await.expect("held");
    merchant.create("A-2", 100).await.refused("280900", 503);
    holder.execute("rollback").await.expect("let go");
    let query = [("out_order_no", "A-2")];
    eventually("the order is there", async || merchant.call("/api/v1/orders/query", &query).await.code() == "000000").await;
}
