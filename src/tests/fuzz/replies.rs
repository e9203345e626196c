//! Spoiled replies of every provider to every kind of call. None may make a channel panic, hang, or believe in money that
//! nobody paid, in an end that did not come, or in a refund that was not made.

use super::record::{AMOUNT, Op, Played, Reply, play_all};
use super::{budget, is_confined, seed, survives};
use crate::model::{ChannelKind, Method};
use crate::pay::channel::{Closing, Remote, RemoteRefund};
use crate::tests::fuzz::mutate::Mutator;
use axum::http::{HeaderValue, StatusCode};
use rand::Rng;
use rand::seq::SliceRandom;
use std::collections::BTreeSet;
use std::time::Instant;

/// One of the payments that were played: its method, its number, and the provider's where it was paid.
type Payment = (Method, String, Option<String>);
/// A refund that nobody asked for.
const NO_REFUND: &str = "01JDREFUND0000000000000000";

/// Kinds whose replies carry no signature: TLS alone vouches for them, so a changed word is believed (a changed amount then
/// differs from the payment's, which makes a case).
const UNSIGNED: &[ChannelKind] = &[ChannelKind::Baidu];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_are_read_or_unclear() {
    if !is_confined("replies::replies_are_read_or_unclear") {
        return;
    }
    for played in play_all().await {
        spoil_replies(&played).await;
    }
}

async fn spoil_replies(played: &Played) {
    let seed = seed();
    let bodies: Vec<Vec<u8>> = played.replies.iter().map(|(_, reply)| reply.body.clone()).collect();
    let mut mutator = Mutator::new(seed, bodies);
    let trades: BTreeSet<&str> = played.payments.iter().filter_map(|(_, _, trade_no)| trade_no.as_deref()).collect();
    let (began, mut messages) = (Instant::now(), 0);
    while began.elapsed() < budget() {
        let Some((op, honest)) = played.replies.choose(mutator.chance()).cloned() else { return };
        let body = mutator.spoil(honest.body.clone());
        let headers = honest.headers.clone();
        let mut reply = Reply { body: body.clone(), headers, status: honest.status };
        if mutator.chance().gen_bool(0.1) {
            spoil_head(&mut reply, &mut mutator);
        }
        let Some(payment) = played.payments.choose(mutator.chance()).cloned() else { return };
        played.recorder.replay(reply);
        let name = format!("{} {op:?}", played.name);
        let said = survives(&name, seed, &body, ask(played, op, &payment)).await;
        let is_true = match &said {
            Some(Said::Payment(Remote::Paid(paid))) => paid.amount.fen() == AMOUNT && trades.contains(paid.trade_no.as_str()),
            Some(Said::Payment(Remote::Closed) | Said::Closed) => payment.2.is_none(),
            // No payment failed, and no such refund was made.
            Some(Said::Payment(Remote::Failed { .. }) | Said::Refunded) => false,
            Some(Said::Payment(Remote::Pending | Remote::Unknown)) | None => true,
        };
        if !is_true && !UNSIGNED.contains(&played.kind) {
            // An honest reply that was made for another call may name no number; what was changed in it is not believed.
            played.recorder.replay(honest);
            let unspoiled = ask(played, op, &payment).await;
            assert!(
                unspoiled == said || played.replies.iter().any(|(_, reply)| reply.body == body),
                "{name}: {said:?} from {}, seed {seed}",
                String::from_utf8_lossy(&body)
            );
        }
        messages += 1;
    }
    println!("{} replies: {messages} messages, seed {seed}", played.name);
}

fn spoil_head(reply: &mut Reply, mutator: &mut Mutator) {
    let status = [200, 204, 301, 400, 401, 404, 429, 500, 502].choose(mutator.chance()).copied().unwrap_or(200);
    reply.status = StatusCode::from_u16(status).expect("a status");
    let names: Vec<_> = reply.headers.keys().cloned().collect();
    if let Some(name) = names.choose(mutator.chance()).cloned() {
        let value = reply.headers.get(&name).map(|v| v.as_bytes().to_vec()).unwrap_or_default();
        match HeaderValue::from_bytes(&mutator.spoil(value)) {
            Ok(value) => drop(reply.headers.insert(name, value)),
            Err(_) => drop(reply.headers.remove(name)),
        }
    }
    reply.headers.remove("content-length");
    reply.headers.remove("transfer-encoding");
}

/// What came of a call, where it decides something.
#[derive(Debug, PartialEq)]
enum Said {
    Payment(Remote),
    /// The payment is closed for good.
    Closed,
    Refunded,
}

async fn ask(played: &Played, op: Op, payment: &Payment) -> Option<Said> {
    let (method, pay_no, trade_no) = payment.clone();
    let channel = &played.channel;
    let refunded = |refund| matches!(refund, Ok(RemoteRefund::Succeeded { .. })).then_some(Said::Refunded);
    match op {
        Op::Start => {
            let auth_code = method.is_bar().then(|| "134567890123456789".to_owned());
            let started = channel.start(&played.start_request(method, &pay_no, auth_code)).await;
            started.ok()?.paid.map(|paid| Said::Payment(Remote::Paid(paid)))
        }
        Op::Query => channel.query(&played.payment(method, &pay_no, trade_no)).await.ok().map(Said::Payment),
        Op::Close => {
            let closing = channel.close(&played.payment(method, &pay_no, trade_no)).await;
            (closing == Ok(Closing::Closed)).then_some(Said::Closed)
        }
        Op::Refund => refunded(channel.refund(&played.refund_request(method, &pay_no, trade_no, NO_REFUND)).await),
        Op::QueryRefund => refunded(channel.query_refund(&played.refund_request(method, &pay_no, trade_no, NO_REFUND)).await),
        Op::Check => {
            let _ = channel.check().await;
            None
        }
        Op::Keys => {
            let _ = channel.rotating_keys()?.fetch().await;
            None
        }
        Op::Bill => {
            let _ = channel.bills()?.bill("2026-06-07").await;
            None
        }
    }
}
