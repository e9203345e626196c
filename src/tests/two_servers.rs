//! Two servers on one PostgreSQL, each a process of its own. Every notice and every page of an order reaches the server
//! that did not make it; one of them is paused and at last killed in the middle of its work.

use super::app::{client, eventually};
use super::auditor::Auditor;
use super::merchant::Merchant;
use super::process::{Process, Setting};
use super::receiver::Receiver;
use crate::pay::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// How long claimed work stays with a server, seconds: longer than any try in this play takes.
const LEASE_S: &str = "8";

struct Pair {
    settings: [Setting; 2],
    servers: [Process; 2],
    merchants: [Merchant; 2],
    simulator_url: String,
    client: reqwest::Client,
    database: String,
}

/// What a payer has in hand.
struct Started {
    order_no: String,
    token: String,
    code: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

impl Pair {
    /// Creates an order on one server and starts its payment on the other.
    async fn start(&self, first: usize, out_order_no: &str) -> Started {
        let created = self.merchants[first].create(out_order_no, 100).await.done();
        let order_no = text(&created["order_no"]);
        let method = if out_order_no.ends_with('1') { "alipay_qr" } else { "wechat_native" };
        let start = [("order_no", order_no.as_str()), ("method", method)];
        let started = self.merchants[1 - first].call("/api/v1/payments", &start).await.done();
        let checkout_url = text(&created["checkout_url"]);
        assert!(checkout_url.starts_with(&self.settings[1 - first].url), "the pages of this order are on the other server");
        let token = checkout_url.rsplit('/').next().expect("a token").to_owned();
        Started { order_no, token, code: text(&started["next"]["code_url"]) }
    }

    async fn pay(&self, started: &Started, behaviour: &str) {
        let request = self.client.post(format!("{}/wallet/pay", self.simulator_url));
        let answer = request.json(&json!({ "code": started.code, "behaviour": behaviour })).send().await.expect("answer");
        let paid: Value = answer.json().await.expect("JSON");
        assert_eq!(paid["ok"], true, "{}: {paid}", started.order_no);
    }

    /// `status` of the order as one server's page tells it.
    async fn status(&self, server: usize, token: &str) -> String {
        let url = format!("{}/checkout/{token}/status", self.settings[server].url);
        let answer: Value = self.client.get(url).send().await.expect("answer").json().await.expect("JSON");
        text(&answer["status"])
    }

    async fn count(&self, sql: &str) -> i64 {
        Auditor::open(&self.database).await.count(sql).await
    }

    /// The name that goes before the process's own in the leases of a server.
    fn node(&self, server: usize) -> String {
        let file = self.settings[server].dir.join("data/node");
        std::fs::read_to_string(file).expect("a server of PostgreSQL has a name").trim().to_owned()
    }

    async fn leases_of(&self, server: usize) -> i64 {
        let owner = format!("{}.%", self.node(server));
        self.count(&format!("select count(*) from tasks where kind = 'deliver_event' and lease_owner like '{owner}'")).await
    }

    async fn all_is_told(&self) {
        eventually("every event is delivered", async || {
            self.count("select count(*) from webhook_events where status <> 'delivered'").await == 0
        })
        .await;
    }

    fn last_lines(&self) -> String {
        format!("{}\n{}", self.servers[0].last_lines(), self.servers[1].last_lines())
    }
}

async fn pair(database: &str, dirs: [&std::path::Path; 2], receiver: &Receiver) -> (Pair, Process) {
    let key = STANDARD.encode([9; 32]); // made for this test
    let more = [
        ("DATABASE_URL", database),
        ("CASHIER_MASTER_KEY", key.as_str()),
        ("CASHIER_WORKER__LEASE_S", LEASE_S),
        ("CASHIER_PLANS__QUERY_S", "3600"), // notices are what is tried here
    ];
    let mut settings = dirs.map(|dir| Setting::new(dir, &more));
    let urls = [settings[0].url.clone(), settings[1].url.clone()];
    for (setting, url) in settings.iter_mut().zip(urls.iter().rev()) {
        setting.set("CASHIER_SERVER__PUBLIC_URL", url);
    }
    let (simulator, simulator_url, accounts) = settings[0].simulate("20").await;
    let servers = [settings[0].serve().await, settings[1].serve().await];
    let app = settings[0].run(&["app", "create", "--name", "Pair", "--json"], "");
    settings[1].run(&["app", "set", &text(&app["app_id"]), "--notify-url", &receiver.url, "--json"], "");
    for kind in ["wechat_v2", "alipay"] {
        let account = accounts.iter().find(|a| a["kind"] == kind).expect("simulated");
        settings[0].run(&["channel", "import", "-", "--json"], &account.to_string());
    }
    let merchant = |url: &String| Merchant::new(url, &text(&app["app_id"]), &text(&app["key"]), &text(&app["webhook_secret"]));
    let merchants = [merchant(&urls[0]), merchant(&urls[1])];
    let database = database.to_owned();
    (Pair { settings, servers, merchants, simulator_url, client: client(), database }, simulator)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_the_work_and_one_takes_over_from_the_other() {
    let Some(database) = crate::storage::testing::postgres().await else { return };
    let (first, second) = (tempfile::tempdir().expect("directory"), tempfile::tempdir().expect("directory"));
    let stop = CancellationToken::new();
    let receiver = Receiver::start(stop.clone()).await;
    let (mut pair, _simulator) = pair(&database.url, [first.path(), second.path()], &receiver).await;

    paid_across(&pair, &receiver).await;
    expired_once(&pair).await;
    paused(&pair, &receiver).await;
    killed(&mut pair, &receiver).await;

    let answer = pair.client.get(format!("{}/book", pair.simulator_url)).send().await.expect("the simulator lives");
    let book: Value = answer.json().await.expect("JSON");
    let differences = Auditor::open(&pair.database).await.differences(&book, World::system().now_ms()).await;
    assert!(differences.is_empty(), "{}\n{}", differences.join("\n"), pair.last_lines());
    stop.cancel();
}

/// Both well: paid by notices, seen on either page, told once.
async fn paid_across(pair: &Pair, receiver: &Receiver) {
    let mut tokens = Vec::new();
    for n in 0..24 {
        let started = pair.start(n % 2, &format!("T-{n}")).await;
        assert_eq!(pair.status(0, &started.token).await, pair.status(1, &started.token).await);
        pair.pay(&started, "twice").await;
        tokens.push(started.token);
    }
    for token in &tokens {
        for server in [0, 1] {
            eventually("the page says paid", async || pair.status(server, token).await == "paid").await;
        }
    }
    pair.all_is_told().await;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    receiver.of_type("order.paid").into_iter().for_each(|hook| *told.entry(hook.id).or_default() += 1);
    assert_eq!(told.len(), 24);
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    let doubled = "select count(*) from (select event_id from webhook_deliveries group by event_id having count(*) > 1) d";
    assert_eq!(pair.count(doubled).await, 0);
    // Each notice came to the server that had not asked for the payment: here every server has had some.
    for server in [0, 1] {
        let url = format!("{}/metrics", pair.settings[server].url);
        let metrics = pair.client.get(url).send().await.expect("answer").text().await.expect("text");
        assert!(metrics.lines().any(|l| l.contains("cashier_http_requests_total") && l.contains("/notify/")), "{metrics}");
    }
}

/// Both look at the same due rows: every order is closed once, and so is every payment.
async fn expired_once(pair: &Pair) {
    for n in 0..20 {
        pair.start(n % 2, &format!("E-{n}")).await;
    }
    let mut auditor = Auditor::open(&pair.database).await;
    auditor.rows("update tasks set due_at = 0 where kind = 'expire_order' and about in (select order_no from orders where out_order_no like 'E-%')").await;
    let open = "select count(*) from orders where out_order_no like 'E-%' and status <> 'closed'";
    eventually("all orders expire", async || pair.count(open).await == 0).await;
    pair.all_is_told().await;
    for (kind, wanted) in [("order_closed", 20), ("payment_closed", 20)] {
        let entries = "select count(*) from timeline t join orders o on o.order_no = t.order_no where o.out_order_no like 'E-%' and t.kind = ";
        assert_eq!(pair.count(&format!("{entries}'{kind}'")).await, wanted, "{kind}");
    }
    let events = "select count(*) from webhook_events e join orders o on o.order_no = e.order_no where o.out_order_no like 'E-%'";
    assert_eq!(pair.count(events).await, 20);
}

/// Pays so many orders while nobody's webhook is answered, until a server has some of the work in hand.
async fn busy(pair: &Pair, receiver: &Receiver, name: &str, server: usize) {
    receiver.stall(true);
    for n in 0..200 {
        // The other server makes the order, since the one that is told of the money delivers it first.
        let started = pair.start(n % 2, &format!("{name}-{n}")).await;
        pair.pay(&started, "ok").await;
        if n >= 8 && pair.leases_of(server).await > 0 {
            return;
        }
    }
    panic!("server {server} never claims anything\n{}", pair.last_lines());
}

/// A server that stands still loses its leases; when it goes on, its late results undo nothing.
async fn paused(pair: &Pair, receiver: &Receiver) {
    busy(pair, receiver, "P", 0).await;
    pair.servers[0].pause(true);
    receiver.stall(false);
    pair.all_is_told().await;
    pair.servers[0].pause(false);
    let url = format!("{}/readyz", pair.settings[0].url);
    eventually("it serves again", async || pair.client.get(&url).send().await.is_ok_and(|a| a.status().is_success())).await;
    let unpaid = "select count(*) from orders where out_order_no like 'P-%' and status <> 'paid'";
    eventually("notices that met the pause come again", async || pair.count(unpaid).await == 0).await;
    pair.all_is_told().await;
}

/// A killed server's work is done by the other one.
async fn killed(pair: &mut Pair, receiver: &Receiver) {
    busy(pair, receiver, "K", 0).await;
    pair.servers[0].kill();
    receiver.stall(false);
    let paid = "select count(*) from orders where out_order_no like 'K-%' and status <> 'paid'";
    // A notice that met the dead server comes again from the provider, or the other server asks.
    let url = pair.settings[0].url.clone();
    assert!(pair.client.get(format!("{url}/healthz")).send().await.is_err(), "it is dead");
    let mut auditor = Auditor::open(&pair.database).await;
    auditor.rows("update tasks set due_at = 0 where kind = 'query_payment' and lease_until is null").await;
    eventually("every payer's money is seen", async || pair.count(paid).await == 0).await;
    pair.all_is_told().await;
    assert_eq!(pair.leases_of(0).await, 0);
    // Refunds, too, are done by whoever is left.
    let order = auditor.rows("select order_no from orders where out_order_no = 'K-0'").await;
    let order_no: String = sqlx::Row::get(&order[0], 0);
    let fields = [("order_no", order_no.as_str()), ("out_refund_no", "K-R"), ("amount", "40")];
    pair.merchants[1].call("/api/v1/refunds", &fields).await.done();
    let open = "select count(*) from refunds where status <> 'succeeded'";
    eventually("the refund is done", async || pair.count(open).await == 0).await;
    pair.all_is_told().await;
    let heard: std::collections::BTreeSet<String> = receiver.all().into_iter().map(|hook| hook.id).collect();
    let events = pair.count("select count(*) from webhook_events").await;
    assert_eq!(i64::try_from(heard.len()).ok(), Some(events), "everything was heard");
}
