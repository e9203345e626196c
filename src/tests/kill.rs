//! kill -9 under load: the server dies at random instants and comes back, while merchants create, pay and refund and payers
//! pay. What was acknowledged must be there afterwards, once.

use super::app::client;
use super::auditor::Auditor;
use super::extent;
use super::merchant::Merchant;
use super::process::{Process, Setting};
use super::receiver::Receiver;
use crate::pay::World;
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Merchants at work at the same time.
const HANDS: u64 = 5;

/// What somebody outside was told, and may therefore rely on.
#[derive(Default)]
struct Acknowledged {
    /// `out_order_no` to number and amount.
    orders: BTreeMap<String, (String, i64)>,
    /// Order numbers whose payers were told that they have paid.
    paid: Vec<String>,
    /// `out_refund_no` to number and amount.
    refunds: BTreeMap<String, (String, i64)>,
}

struct Play {
    merchant: Merchant,
    simulator_url: String,
    client: reqwest::Client,
    told: Mutex<Acknowledged>,
    over: AtomicBool,
}

impl Play {
    /// Calls until an answer comes that decides something. A dead server and an unclear provider do not.
    async fn insist(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        for _ in 0..2000 {
            let body = self.merchant.signed(fields);
            let sent = self.client.post(format!("{}{path}", self.merchant.url)).json(&body).send().await;
            if let Ok(answer) = sent
                && let Ok(answer) = answer.json::<Value>().await
            {
                match answer["code"].as_str().unwrap_or_default() {
                    "000000" => return answer["data"].clone(),
                    "280502" | "280900" => {}
                    other => return json!({ "refused": other, "data": answer["data"] }),
                }
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        panic!("{path} never decides about {fields:?}");
    }

    async fn hand(&self, hand: u64, mut chance: StdRng) {
        for n in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let (out_order_no, amount) = (format!("K-{hand}-{n}"), chance.gen_range(2..100_000));
            let fen = i64::to_string(&amount);
            let created =
                self.insist("/api/v1/orders", &[("out_order_no", &out_order_no), ("amount", &fen), ("subject", "tea")]).await;
            let order_no = created["order_no"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned();
            self.told.lock().expect("lock").orders.insert(out_order_no.clone(), (order_no.clone(), amount));
            let method = if chance.gen_bool(0.5) { "wechat_native" } else { "alipay_qr" };
            let started = self.insist("/api/v1/payments", &[("order_no", &order_no), ("method", method)]).await;
            let Some(code) = started["next"]["code_url"].as_str() else { panic!("{order_no}: {started}") };
            if chance.gen_bool(0.15) {
                continue; // nobody pays this one
            }
            let behaviour = if chance.gen_bool(0.3) { "no_notice" } else { "twice" };
            let request = self.client.post(format!("{}/wallet/pay", self.simulator_url));
            let paid = request.json(&json!({ "code": code, "behaviour": behaviour })).send().await.expect("the simulator lives");
            let paid: Value = paid.json().await.expect("JSON");
            assert_eq!(paid["ok"], true, "{order_no}: {paid}");
            self.told.lock().expect("lock").paid.push(order_no.clone());
            if chance.gen_bool(0.5) {
                self.refund(&order_no, &out_order_no, amount, &mut chance).await;
            }
        }
    }

    async fn refund(&self, order_no: &str, out_order_no: &str, amount: i64, chance: &mut StdRng) {
        let (out_refund_no, part) = (format!("R-{out_order_no}"), chance.gen_range(1..=amount));
        let fen = part.to_string();
        let fields = [("order_no", order_no), ("out_refund_no", out_refund_no.as_str()), ("amount", fen.as_str())];
        for _ in 0..40 {
            let refund = self.insist("/api/v1/refunds", &fields).await;
            if refund["refused"] == "280403" {
                tokio::time::sleep(Duration::from_millis(100)).await; // not known to be paid yet
                continue;
            }
            let number = refund["refund_no"].as_str().unwrap_or_else(|| panic!("{order_no}: {refund}")).to_owned();
            self.told.lock().expect("lock").refunds.insert(out_refund_no, (number, part));
            return;
        }
        // The question to the provider may have to be asked again. Whether it is known in the end is seen below.
    }
}

/// Sets up a merchant with both channels, from outside, by the commands.
fn set_up(setting: &Setting, accounts: &[Value], notify_url: &str) -> Merchant {
    let app = setting.run(&["app", "create", "--name", "Torture", "--json"], "");
    let text = |name: &str| app[name].as_str().expect("text").to_owned();
    setting.run(&["app", "set", &text("app_id"), "--notify-url", notify_url, "--json"], "");
    for kind in ["wechat_v2", "alipay"] {
        let account = accounts.iter().find(|a| a["kind"] == kind).expect("simulated");
        setting.run(&["channel", "import", "-", "--json"], &account.to_string());
    }
    Merchant::new(&setting.url, &text("app_id"), &text("key"), &text("webhook_secret"))
}

async fn nothing_acknowledged_is_lost_or_doubled(database: Option<&str>, kills: usize) {
    let seed = rand::rngs::OsRng.next_u64();
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().expect("directory");
    let more: Vec<(&str, &str)> = database.map(|url| ("DATABASE_URL", url)).into_iter().collect();
    let setting = Setting::new(dir.path(), &more);
    let stop = CancellationToken::new();
    let receiver = Receiver::start(stop.clone()).await;
    let (_simulator, simulator_url, accounts) = setting.simulate("20").await;
    let mut server = setting.serve().await;
    let play = Arc::new(Play {
        merchant: set_up(&setting, &accounts, &receiver.url),
        simulator_url,
        client: client(),
        told: Mutex::default(),
        over: AtomicBool::new(false),
    });
    let mut hands = tokio::task::JoinSet::new();
    for hand in 0..HANDS {
        let (play, chance) = (play.clone(), StdRng::seed_from_u64(chance.next_u64()));
        hands.spawn(async move { play.hand(hand, chance).await });
    }
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(chance.gen_range(20..900))).await;
        server.kill();
        server = setting.serve().await;
    }
    play.over.store(true, Ordering::Relaxed);
    while let Some(ended) = hands.join_next().await {
        ended.unwrap_or_else(|e| panic!("seed {seed}: {e}\n{}", server.last_lines()));
    }
    let url = database.map_or_else(|| format!("sqlite://{}", dir.path().join("data/cashier.db").display()), str::to_owned);
    let faults = settle_and_audit(&play, &url, &server).await;
    assert!(faults.is_empty(), "seed {seed}, {} faults:\n{}\n{}", faults.len(), faults.join("\n"), server.last_lines());
    heard_once(&receiver, &play, seed);
    stop.cancel();
}

/// Waits until nothing is under way any more, then looks at everything.
async fn settle_and_audit(play: &Play, url: &str, server: &Process) -> Vec<String> {
    let open = "select (select count(*) from webhook_events where status = 'pending')
                + (select count(*) from refunds where status in ('created', 'processing'))
                + (select count(*) from payments p where status in ('created', 'pending') and p.pay_no in (PAID))";
    let book = async || -> Value {
        let answer = play.client.get(format!("{}/book", play.simulator_url)).send().await.expect("the simulator lives");
        answer.json().await.expect("JSON")
    };
    let trades = book().await;
    let paid = trades["trades"].as_array().expect("trades").iter().filter(|t| t["state"] == "paid");
    let paid: Vec<String> = paid.map(|t| format!("'{}'", t["out_trade_no"].as_str().unwrap_or_default())).collect();
    assert!(!paid.is_empty(), "nothing was paid at all: no load");
    let open = open.replace("PAID", &paid.join(","));
    let mut auditor = Auditor::open(url).await;
    let mut left = i64::MAX;
    for _ in 0..1800 {
        left = auditor.count(&open).await;
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut faults = Vec::new();
    if left != 0 {
        faults.push(format!("{left} payments, refunds or events are still under way\n{}", server.last_lines()));
    }
    {
        let told = play.told.lock().expect("lock");
        println!("{} orders, {} paid, {} refunds acknowledged", told.orders.len(), told.paid.len(), told.refunds.len());
    }
    let rows = auditor.rows("select out_order_no, order_no, amount, status from orders").await;
    faults.extend(compare_orders(play, rows));
    let rows = auditor.rows("select out_refund_no, refund_no, amount from refunds where case_id is null").await;
    faults.extend(compare_refunds(play, rows));
    faults.extend(auditor.differences(&book().await, World::system().now_ms()).await);
    faults
}

fn compare_orders(play: &Play, rows: Vec<sqlx::any::AnyRow>) -> Vec<String> {
    use sqlx::Row;
    let told = play.told.lock().expect("lock");
    let mut stored = BTreeMap::new();
    let mut faults = Vec::new();
    for row in rows {
        let (out, no, amount, status): (String, String, i64, String) = (row.get(0), row.get(1), row.get(2), row.get(3));
        if told.paid.contains(&no) && status != "paid" {
            faults.push(format!("{no} was paid by its payer and is {status}"));
        }
        stored.insert(out, (no, amount));
    }
    let lost = told.orders.iter().filter(|(out, fact)| stored.get(*out) != Some(fact));
    faults.extend(lost.map(|(out, fact)| format!("order {out} was acknowledged as {fact:?}, stored is {:?}", stored.get(out))));
    faults
}

fn compare_refunds(play: &Play, rows: Vec<sqlx::any::AnyRow>) -> Vec<String> {
    use sqlx::Row;
    let told = play.told.lock().expect("lock");
    let stored: BTreeMap<String, (String, i64)> = rows.iter().map(|r| (r.get(0), (r.get(1), r.get(2)))).collect();
    let lost = told.refunds.iter().filter(|(out, fact)| stored.get(*out) != Some(fact));
    lost.map(|(out, fact)| format!("refund {out} was acknowledged as {fact:?}, stored is {:?}", stored.get(out))).collect()
}

/// Deliveries may repeat after a crash; the events must not: one id per paid order, the same bytes each time.
fn heard_once(receiver: &Receiver, play: &Play, seed: u64) {
    let mut heard: BTreeMap<String, (String, String)> = BTreeMap::new();
    for hook in receiver.of_type("order.paid") {
        assert!(hook.is_signed_with(&play.merchant.webhook_secret), "seed {seed}: {hook:?}");
        let order_no = hook.json()["data"]["order_no"].as_str().expect("number").to_owned();
        let first = heard.entry(order_no).or_insert_with(|| (hook.id.clone(), hook.body.clone()));
        assert_eq!((&first.0, &first.1), (&hook.id, &hook.body), "seed {seed}");
    }
    let told = play.told.lock().expect("lock");
    for order_no in &told.paid {
        assert!(heard.contains_key(order_no), "seed {seed}: the merchant never heard of {order_no}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_sqlite_it_loses_and_doubles_nothing() {
    nothing_acknowledged_is_lost_or_doubled(None, extent(50, 1000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_postgresql_it_loses_and_doubles_nothing() {
    let Some(database) = crate::storage::testing::postgres().await else { return };
    nothing_acknowledged_is_lost_or_doubled(Some(&database.url), extent(50, 1000)).await;
}
