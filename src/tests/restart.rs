//! A PostgreSQL server that is stopped, killed and started again under a cashier that serves: calls are told so, nothing
//! that was acknowledged is lost, and nobody has to restart the cashier.

use super::app::{client, eventually};
use super::auditor::Auditor;
use super::merchant::Merchant;
use super::process::{Setting, free_port};
use super::receiver::Receiver;
use crate::pay::World;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A PostgreSQL of this test alone.
struct Server {
    bin: PathBuf,
    dir: TempDir,
    port: u16,
}

impl Server {
    /// `None` where `make test` has not said where PostgreSQL's programs are.
    fn start() -> Option<Self> {
        let bin = PathBuf::from(std::env::var_os("TEST_POSTGRES_BIN")?);
        let dir = tempfile::Builder::new().prefix("cashier-restart").tempdir_in("/tmp").expect("directory");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(dir.path()));
        }
        let server = Self { bin, dir, port: free_port() };
        let data = server.data();
        run(server.command("initdb").args(["-D", &data, "-U", "cashier", "-A", "trust", "-E", "UTF8", "--no-locale"]));
        server.up();
        Some(server)
    }

    /// The server refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if is_root() { Command::new("runuser") } else { Command::new(&program) };
        if is_root() {
            command.args(["-u", "postgres", "--"]).arg(program);
        }
        command.current_dir("/tmp");
        command
    }

    fn data(&self) -> String {
        self.path("db")
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().expect("path").to_owned()
    }

    fn up(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=60",
            self.port,
            self.dir.path().display()
        );
        let (data, log) = (self.data(), self.path("log"));
        run(self.command("pg_ctl").args(["-D", &data, "-w", "-s", "-l", &log, "-o", &options, "start"]));
    }

    /// `fast` says goodbye to everybody; `immediate` is a crash.
    fn down(&self, mode: &str) {
        run(self.command("pg_ctl").args(["-D", &self.data(), "-m", mode, "-w", "-s", "stop"]));
    }

    fn url(&self) -> String {
        format!("postgres://cashier@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.command("pg_ctl").args(["-D", &self.data(), "-m", "immediate", "-s", "stop"]).output();
    }
}

fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

/// Its output goes to a file: a server that stays would hold a pipe open.
fn run(command: &mut Command) {
    let output = tempfile::tempfile().expect("file");
    let copy = output.try_clone().expect("file");
    let status = command.stdout(copy).stderr(output.try_clone().expect("file")).status().expect("runs");
    let text = || {
        let (mut output, mut text) = (&output, String::new());
        let _ = std::io::Seek::rewind(&mut output);
        let _ = std::io::Read::read_to_string(&mut output, &mut text);
        text
    };
    assert!(status.success(), "{command:?}: {}", text());
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Merchants' hands while the database comes and goes.
struct Play {
    merchant: Merchant,
    simulator_url: String,
    client: reqwest::Client,
    over: AtomicBool,
    /// Order numbers that were acknowledged, and whether their payers were told that they have paid.
    told: Mutex<Vec<(String, bool)>>,
    refused: Mutex<usize>,
}

impl Play {
    /// Only two answers are right: it is done, or the database is not there.
    async fn call(&self, path: &str, fields: &[(&str, &str)]) -> Option<Value> {
        let answer = self.merchant.call(path, fields).await;
        match (answer.status, answer.code().as_str()) {
            (200, "000000") => Some(answer.data()),
            (503, "280900") => {
                *self.refused.lock().expect("lock") += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                None
            }
            _ => panic!("{path} {fields:?}: {} {}", answer.status, answer.text),
        }
    }

    async fn hand(&self, hand: usize) {
        for n in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let out_order_no = format!("D-{hand}-{n}");
            let order = [("out_order_no", out_order_no.as_str()), ("amount", "100"), ("subject", "tea")];
            let Some(created) = self.call("/api/v1/orders", &order).await else { continue };
            let order_no = text(&created["order_no"]);
            self.told.lock().expect("lock").push((order_no.clone(), false));
            let start = [("order_no", order_no.as_str()), ("method", "wechat_native")];
            let Some(started) = self.call("/api/v1/payments", &start).await else { continue };
            let pay = json!({ "code": started["next"]["code_url"], "behaviour": "ok" });
            let paid = self.client.post(format!("{}/wallet/pay", self.simulator_url)).json(&pay).send().await.expect("answer");
            let paid: Value = paid.json().await.expect("JSON");
            assert_eq!(paid["ok"], true, "{paid}");
            self.told.lock().expect("lock").push((order_no, true));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_is_said_and_survived() {
    let Some(database) = Server::start() else { return };
    let url = database.url();
    let dir = tempfile::tempdir().expect("directory");
    let setting = Setting::new(dir.path(), &[("DATABASE_URL", &url)]);
    let stop = CancellationToken::new();
    let receiver = Receiver::start(stop.clone()).await;
    let (_simulator, simulator_url, accounts) = setting.simulate("20").await;
    let server = setting.serve().await;
    let app = setting.run(&["app", "create", "--name", "Restart", "--json"], "");
    setting.run(&["app", "set", &text(&app["app_id"]), "--notify-url", &receiver.url, "--json"], "");
    let account = accounts.iter().find(|a| a["kind"] == "wechat_v2").expect("simulated");
    setting.run(&["channel", "import", "-", "--json"], &account.to_string());
    let merchant = Merchant::new(&setting.url, &text(&app["app_id"]), &text(&app["key"]), &text(&app["webhook_secret"]));
    let play = Arc::new(Play {
        merchant,
        simulator_url,
        client: client(),
        over: AtomicBool::new(false),
        told: Mutex::default(),
        refused: Mutex::default(),
    });
    let mut hands = tokio::task::JoinSet::new();
    for hand in 0..4 {
        let play = play.clone();
        hands.spawn(async move { play.hand(hand).await });
    }
    for mode in ["fast", "immediate", "immediate", "fast"] {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let refused = *play.refused.lock().expect("lock");
        tokio::task::block_in_place(|| database.down(mode));
        eventually("callers are told", async || *play.refused.lock().expect("lock") > refused).await;
        assert_eq!(play.client.get(format!("{}/readyz", setting.url)).send().await.expect("answer").status().as_u16(), 503);
        tokio::task::block_in_place(|| database.up());
        let told = play.told.lock().expect("lock").len();
        eventually("it works again", async || play.told.lock().expect("lock").len() > told).await;
    }
    play.over.store(true, Ordering::Relaxed);
    while let Some(ended) = hands.join_next().await {
        ended.unwrap_or_else(|e| panic!("{e}\n{}", server.last_lines()));
    }
    settled(&play, &url, &receiver).await;
    stop.cancel();
    drop(server); // before its database
}

/// Nothing acknowledged is lost, all money is seen, everything is told.
async fn settled(play: &Play, url: &str, receiver: &Receiver) {
    let mut auditor = Auditor::open(url).await;
    let (told, paid): (Vec<_>, Vec<_>) = play.told.lock().expect("lock").clone().into_iter().partition(|(_, is_paid)| !is_paid);
    for (order_no, _) in &told {
        assert_eq!(auditor.count(&format!("select count(*) from orders where order_no = '{order_no}'")).await, 1, "{order_no}");
    }
    for (order_no, _) in &paid {
        let sql = format!("select count(*) from orders where order_no = '{order_no}' and status = 'paid'");
        eventually("the money is seen", async || auditor.count(&sql).await == 1).await;
    }
    let open = "select count(*) from webhook_events where status <> 'delivered'";
    eventually("everything is told", async || auditor.count(open).await == 0).await;
    assert!(!paid.is_empty() && receiver.of_type("order.paid").len() >= paid.len());
    let answer = play.client.get(format!("{}/book", play.simulator_url)).send().await.expect("the simulator lives");
    let book: Value = answer.json().await.expect("JSON");
    let differences = auditor.differences(&book, World::system().now_ms()).await;
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
