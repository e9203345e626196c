//! The measures of orders, payments, notices, webhooks and pages, on a server under load.

use super::Failure;
use super::client::{Connection, get};
use super::load::{Load, Period, count, drive, share};
use super::merchant::{Merchant, Pending};
use super::process::Server;
use super::provider::Provider;
use super::receiver::Receiver;
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// Orders through the signed API, no provider involved.
pub async fn create(server: &Server, merchant: &Merchant, clients: usize, period: Period) -> Result<Load, Failure> {
    drive(server, clients, period, async |connection| {
        merchant.create_order(server, connection).await?;
        Ok(true)
    })
    .await
}

/// Orders with a payment at the provider; those that were made wait to be paid.
pub async fn prepay(
    server: &Server,
    merchant: &Merchant,
    clients: usize,
    period: Period,
    made: &RefCell<Vec<Pending>>,
) -> Result<Load, Failure> {
    drive(server, clients, period, async |connection| {
        let pending = merchant.prepay(server, connection).await?;
        made.borrow_mut().push(pending);
        Ok(true)
    })
    .await
}

/// Makes payments until so many wait, outside of any measure.
pub async fn stock_up(server: &Server, merchant: &Merchant, made: &RefCell<Vec<Pending>>, n: usize) -> Result<(), Failure> {
    let long = Period { warm_up: Duration::from_secs(600), counted: Duration::ZERO };
    drive(server, 32, long, async |connection| {
        if made.borrow().len() >= n {
            return Ok(false);
        }
        let pending = merchant.prepay(server, connection).await?;
        made.borrow_mut().push(pending);
        Ok(true)
    })
    .await
    .map(drop)
}

/// Notices of payments that wait, each for another one, until time or payments are used up.
pub async fn notices(
    server: &Server,
    provider: &Provider,
    clients: usize,
    period: Period,
    waiting: &RefCell<Vec<Pending>>,
) -> Result<Load, Failure> {
    drive(server, clients, period, async |connection| {
        let Some(pending) = waiting.borrow_mut().pop() else { return Ok(false) };
        provider.notify(server, connection, &pending.pay_no).await?;
        Ok(true)
    })
    .await
}

/// Webhooks that wait for delivery: their rate until all have arrived, or until nothing arrives any more.
pub async fn deliveries(receiver: &Receiver, due: usize) -> f64 {
    let (begun, first) = (Instant::now(), receiver.taken());
    let (mut seen, mut at) = (first, begun);
    while seen < due && at.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        if receiver.taken() > seen {
            (seen, at) = (receiver.taken(), Instant::now());
        }
    }
    let seconds = (at - begun).as_secs_f64();
    if seconds > 0.0 { count(seen - first) / seconds } else { 0.0 }
}

/// The checkout page with its QR code, of one waiting payment after the other.
pub async fn pages(server: &Server, clients: usize, period: Period, tokens: &[String]) -> Result<Load, Failure> {
    let turn = Cell::new(0);
    drive(server, clients, period, async |connection| {
        let token = &tokens[turn.replace(turn.get() + 1) % tokens.len()];
        let request = get(server.address, &format!("/checkout/{token}"), "accept-language: zh-CN\r\n");
        let reply = connection.send(&request).await?;
        reply.expect(200)?;
        if super::client::find(reply.body, b"data-testid=\"qr\"").is_none() {
            return Err("the page has no code".into());
        }
        Ok(true)
    })
    .await
}

/// How long an open page waits for the news that a notice brings: the middle and the longest of several.
pub async fn news(server: &Server, provider: &Provider, waiting: Vec<Pending>) -> Result<(Duration, Duration), Failure> {
    let mut times = Vec::new();
    for pending in waiting {
        let mut page = Connection::new(server.address);
        let request = get(server.address, &format!("/checkout/{}/events", pending.token), "accept: text/event-stream\r\n");
        page.send_until(&request, "\"state\":\"waiting\"").await?;
        let begun = Instant::now();
        provider.notify(server, &mut Connection::new(server.address), &pending.pay_no).await?;
        tokio::time::timeout(Duration::from_secs(20), page.read_until("\"state\":\"paid\"")).await??;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok((share(&times, 50), share(&times, 100)))
}

/// What a browser downloads for a checkout page, compressed: document with styles, and scripts. KB.
pub async fn sizes(server: &Server, token: &str) -> Result<(f64, f64), Failure> {
    let mut connection = Connection::new(server.address);
    let mut size = async |path: &str| -> Result<f64, Failure> {
        let reply = connection.send(&get(server.address, path, "accept-encoding: br\r\n")).await?;
        reply.expect(200).map_err(|e| format!("{path}: {e}"))?;
        if super::client::header(reply.head, "content-encoding") != Some("br") {
            println!("{path} came uncompressed");
        }
        Ok(count(reply.body.len()) / 1000.0)
    };
    let page = size(&format!("/checkout/{token}")).await? + size("/pkg/cashier.css").await?;
    let scripts = size("/pkg/cashier.js").await? + size("/pkg/cashier.wasm").await?;
    Ok((page, scripts))
}
