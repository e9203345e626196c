//! A disk on which nothing can be written any more, not even the log: honest answers meanwhile, and everything works again
//! by itself when there is room.

use super::app::{client, eventually};
use super::auditor::Auditor;
use super::forger::Forger;
use super::merchant::Merchant;
use super::process::Setting;
use super::receiver::Receiver;
use crate::pay::World;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_survived() {
    let dir = tempfile::tempdir().expect("directory");
    let setting = Setting::new(dir.path(), &[("CASHIER_PLANS__QUERY_S", "3600")]);
    let stop = CancellationToken::new();
    let receiver = Receiver::start(stop.clone()).await;
    let (_simulator, simulator_url, accounts) = setting.simulate("20").await;
    let server = setting.serve_on_a_small_disk().await;
    let app = setting.run(&["app", "create", "--name", "Full", "--json"], "");
    setting.run(&["app", "set", &text(&app["app_id"]), "--notify-url", &receiver.url, "--json"], "");
    let account = accounts.iter().find(|a| a["kind"] == "wechat_v2").expect("simulated");
    let channel = text(&setting.run(&["channel", "import", "-", "--json"], &account.to_string())["channel_id"]);
    let merchant = Merchant::new(&setting.url, &text(&app["app_id"]), &text(&app["key"]), &text(&app["webhook_secret"]));
    let credential = |name: &str| text(&account["credentials"][name]);
    let forger = Forger::WeChat { appid: credential("appid"), mch_id: credential("mch_id"), key: credential("key") };
    let client = client();

    let created = merchant.create("A-1", 100).await.done();
    let order_no = text(&created["order_no"]);
    let start = [("order_no", order_no.as_str()), ("method", "wechat_native")];
    let started = merchant.call("/api/v1/payments", &start).await.done();
    let pay = json!({ "code": started["next"]["code_url"], "behaviour": "no_notice" });
    let paid = client.post(format!("{simulator_url}/wallet/pay")).json(&pay).send().await.expect("answer");
    let paid: Value = paid.json().await.expect("JSON");
    let notice = forger.signed(&forger.truth(&text(&started["pay_no"]), 100, &text(&paid["trade_no"])));
    let send = async || {
        let request = client.post(format!("{}/notify/{channel}/pay", setting.url)).body(notice.clone());
        let answer = request.send().await.expect("answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };
    let get = async |url: String| client.get(url).send().await.expect("answer");
    let checkout = text(&created["checkout_url"]);

    server.fill_disk(true);
    for n in 0..20 {
        let refused = merchant.create(&format!("B-{n}"), 100).await;
        refused.refused("280900", 503);
        assert!(!refused.text.contains("disk") && !refused.text.contains("SQL"), "causes stay inside: {}", refused.text);
        let refund = [("order_no", order_no.as_str()), ("out_refund_no", "R-1"), ("amount", "1")];
        merchant.call("/api/v1/refunds", &refund).await.refused("280900", 503);
        let (status, answer) = send().await;
        assert!(forger.is_failure(status, &answer), "{status} {answer}");
        assert_eq!(get(checkout.clone()).await.status().as_u16(), 200, "pages are still shown");
        let status: Value = get(format!("{checkout}/status")).await.json().await.expect("JSON");
        assert_ne!(status["status"], "paid", "{status}");
    }
    assert_eq!(get(format!("{}/healthz", setting.url)).await.status().as_u16(), 200);
    server.fill_disk(false);

    eventually("the notice is accepted", async || {
        let (status, answer) = send().await;
        forger.is_success(status, &answer)
    })
    .await;
    eventually("orders are made again", async || merchant.create("B-1", 100).await.code() == "000000").await;
    let order = merchant.call("/api/v1/orders/query", &[("order_no", &order_no)]).await.done();
    assert_eq!((&order["status"], &order["cases"]), (&"paid".into(), &json!([])));
    eventually("the merchant hears of it", async || receiver.of_type("order.paid").len() == 1).await;
    assert_eq!(get(format!("{}/readyz", setting.url)).await.status().as_u16(), 200);
    let book: Value = get(format!("{simulator_url}/book")).await.json().await.expect("JSON");
    let mut auditor = Auditor::open(&format!("sqlite://{}", dir.path().join("data/cashier.db").display())).await;
    assert_eq!(auditor.count("select count(*) from orders where out_order_no <> 'A-1'").await, 1, "refused is not made");
    let differences = auditor.differences(&book, World::system().now_ms()).await;
    assert!(differences.is_empty(), "{}\n{}", differences.join("\n"), server.last_lines());
    stop.cancel();
}
