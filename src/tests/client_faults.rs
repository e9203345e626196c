//! Clients that vanish in the middle of a request: no transaction stays open, nothing is half done.

use super::app::{TestApp, eventually};
use super::auditor::Auditor;
use super::extent;
use super::forger::Forger;
use crate::pay::World;
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use sqlx::{AnyConnection, Connection, Executor};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn send_and_vanish(address: &str, request: &[u8], chance: &mut StdRng) {
    // Half of them arrive as a whole: then the handler is at work when its client goes.
    let length = if chance.gen_bool(0.5) { request.len() } else { chance.gen_range(0..=request.len()) };
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let middle = chance.gen_range(0..=length);
    for part in [&request[..middle], &request[middle..length]] {
        if stream.write_all(part).await.is_err() {
            return;
        }
        let _ = stream.flush().await;
        tokio::time::sleep(Duration::from_micros(chance.gen_range(0..15_000))).await;
    }
    // A reset instead of a farewell, half of the time.
    if chance.gen_bool(0.5) {
        let _ = stream.set_zero_linger();
    }
}

fn post(url: &str, path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let host = url.trim_start_matches("http://");
    let head = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_cut_at_random_bytes_leave_the_writer_alive() {
    let seed = rand::rngs::OsRng.next_u64();
    let mut chance = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().expect("directory");
    let database = format!("sqlite://{}", dir.path().join("cashier.db").display());
    let app = TestApp::start_with(&[("database.url", &database), ("plans.query_s", "1")]).await;
    let channel = app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let credentials = app.simulator.credentials().into_iter().find(|d| d["kind"] == "wechat_v2").expect("simulated");
    let text = |name: &str| credentials["credentials"][name].as_str().expect("text").to_owned();
    let forger = Forger::WeChat { appid: text("appid"), mch_id: text("mch_id"), key: text("key") };
    let address = app.url.trim_start_matches("http://").to_owned();

    let created = merchant.create("A-0", 100).await.done();
    let order_no = created["order_no"].as_str().expect("number").to_owned();
    let start = [("order_no", order_no.as_str()), ("method", "wechat_native")];
    let started = merchant.call("/api/v1/payments", &start).await.done();
    let cuts = extent(500, 10_000);
    for n in 0..cuts {
        let out_order_no = format!("C-{n}");
        let (path, kind, body) = match n % 4 {
            0 | 1 => {
                let fields = merchant.signed(&[("out_order_no", &out_order_no), ("amount", "100"), ("subject", "tea")]);
                ("/api/v1/orders".to_owned(), "application/json", serde_json::to_vec(&fields).expect("JSON"))
            }
            2 => {
                let fields = merchant.signed(&start);
                ("/api/v1/payments".to_owned(), "application/json", serde_json::to_vec(&fields).expect("JSON"))
            }
            // True, but about somebody else's number, so that its handling writes a case and a notice.
            _ => {
                let notice = forger.signed(&forger.truth(&format!("X{n}"), 100, &format!("42{n}")));
                (format!("/notify/{channel}/pay"), "text/xml", notice)
            }
        };
        send_and_vanish(&address, &post(&app.url, &path, kind, &body), &mut chance).await;
    }

    // Nothing holds the file: another process gets its turn at once.
    sqlx::any::install_default_drivers();
    let mut other = AnyConnection::connect(&database).await.expect("opens");
    other.execute("pragma busy_timeout = 5000").await.expect("set");
    other.execute("begin immediate").await.unwrap_or_else(|e| panic!("seed {seed}: the writer is stuck: {e}"));
    other.execute("rollback").await.expect("rolled back");
    other.close().await.expect("closed");

    // And the server works on.
    merchant.create("A-1", 100).await.done();
    app.wallet(started["next"]["code_url"].as_str().expect("code"), "ok").await;
    eventually("it is paid", async || {
        merchant.call("/api/v1/orders/query", &[("order_no", &order_no)]).await.done()["status"] == "paid"
    })
    .await;
    // The same numbers again: what arrived is there, what did not is made now.
    for n in (0..cuts).filter(|n| n % 4 < 2) {
        let out_order_no = format!("C-{n}");
        let fields = [("out_order_no", out_order_no.as_str()), ("amount", "100"), ("subject", "tea")];
        merchant.call("/api/v1/orders", &fields).await.done();
    }
    eventually("the merchant heard of it", async || app.receiver.of_type("order.paid").len() == 1).await;
    let mut auditor = Auditor::open(&database).await;
    let orders = auditor.count("select count(*) from orders").await;
    assert_eq!(orders, 2 + i64::try_from((0..cuts).filter(|n| n % 4 < 2).count()).expect("small"), "seed {seed}");
    let differences = auditor.differences(&app.simulator.book(), World::system().now_ms()).await;
    assert!(differences.is_empty(), "seed {seed}:\n{}", differences.join("\n"));
}
