//! False notices of every provider that is simulated, made of true ones: whatever a stranger does to a notice that he has
//! seen, and to whichever order he sends it. Needs no knowledge of any format, so the next provider is covered by itself;
//! the forgeries that take such knowledge are in `forged_notices`.

use super::app::eventually;
use super::every_kind::{Stage, Started, documents, text};
use super::fuzz::Mutator;
use crate::model::CaseKind;
use crate::pay::channel::{NoticeKind, NoticeOutcome};
use crate::pay::store::{CaseFilter, NoticeFilter, PageRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{self, StreamExt};
use rand::{Rng, RngCore};
use serde_json::Value;

/// Forgeries of one provider.
const MANY: usize = 300;

/// Nobody asks a provider: what becomes known was told.
const ONLY_NOTICES: [(&str, &str); 3] = [("plans.query_s", "3600"), ("plans.watch_s", "3600"), ("plans.page_query_s", "3600")];

/// A notice on its way.
#[derive(Clone)]
struct Message {
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Stage {
    /// Pays, and gives the notice that this server has received.
    async fn true_notice(&self, started: &Started) -> Message {
        self.wallet.pay(&started.pay_no, &started.next, "ok").await;
        let store = self.app.cashier.store();
        let mut row = None;
        eventually("the true notice is accepted", async || {
            let rows = store.notices_of_order(&started.order_no).await.expect("notices");
            row = rows.into_iter().find(|row| row.verified && row.result == "applied");
            row.is_some()
        })
        .await;
        let row = row.expect("there");
        let mut message =
            Message { query: String::new(), headers: Vec::new(), body: STANDARD.decode(row.body_base64).expect("base64") };
        for (name, value) in row.headers.lines().filter_map(|line| line.split_once(": ")) {
            match name {
                "query" => value.clone_into(&mut message.query),
                _ => message.headers.push((name.to_owned(), value.to_owned())),
            }
        }
        message
    }

    async fn send(&self, message: &Message) -> (u16, String) {
        let query = if message.query.is_empty() { String::new() } else { format!("?{}", message.query) };
        let url = format!("{}/notify/{}/pay{query}", self.app.url, self.channel);
        let mut request = self.app.anonymous.post(url).body(message.body.clone());
        for (name, value) in &message.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.expect("answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    async fn cases(&self, kind: Option<CaseKind>) -> usize {
        let page = PageRequest { limit: 100, ..PageRequest::default() };
        let filter = CaseFilter { kind, ..CaseFilter::default() };
        self.app.cashier.store().cases(&filter, &page).await.expect("cases").items.len()
    }

    async fn refused_notices(&self) -> usize {
        let page = PageRequest { limit: 100, ..PageRequest::default() };
        let filter = NoticeFilter { channel_id: Some(self.channel.clone()), verified: Some(false), number: None };
        self.app.cashier.store().notices(&filter, &page).await.expect("notices").items.len()
    }

    async fn word(&self, outcome: NoticeOutcome) -> (u16, String) {
        let account = self.app.cashier.store().channel_account(&self.channel, 1).await.expect("store").expect("account");
        let channel = self.app.cashier.factory().open(&account).expect("opens");
        let answer = channel.answer(NoticeKind::Pay, outcome);
        (answer.status, answer.body)
    }
}

/// The same length, so that a number can be put in the place of another in any format.
fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let hits: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i..].starts_with(old.as_bytes())).collect();
    for at in hits {
        out.splice(at..at + old.len(), new.bytes());
    }
    out
}

fn forgeries(truth: &Message, paid: &Started, unpaid: &Started, seed: u64) -> Vec<Message> {
    let mut mutator = Mutator::new(seed, vec![truth.body.clone()]);
    let moved = Message {
        query: String::from_utf8(replaced(truth.query.as_bytes(), &paid.pay_no, &unpaid.pay_no)).expect("text"),
        body: replaced(&truth.body, &paid.pay_no, &unpaid.pay_no),
        headers: truth.headers.clone(),
    };
    let mut all = Vec::new();
    for _ in 0..MANY {
        let mut message = if mutator.chance().gen_bool(0.5) { moved.clone() } else { truth.clone() };
        if mutator.chance().gen_bool(0.1) && !message.headers.is_empty() {
            let at = mutator.chance().gen_range(0..message.headers.len());
            let value = mutator.spoil(std::mem::take(&mut message.headers[at].1).into_bytes());
            message.headers[at].1 = String::from_utf8_lossy(&value).chars().filter(|c| c.is_ascii_graphic()).take(2000).collect();
        } else if !message.query.is_empty() && mutator.chance().gen_bool(0.5) {
            let query = mutator.spoil(message.query.into_bytes());
            message.query =
                String::from_utf8_lossy(&query).chars().filter(|c| c.is_ascii_graphic() && *c != '#').take(1500).collect();
        } else {
            message.body = mutator.spoil(message.body);
        }
        all.push(message);
    }
    if moved.body != truth.body || moved.query != truth.query {
        all.push(moved);
    }
    all.push(Message { headers: Vec::new(), ..truth.clone() });
    all.push(Message { body: Vec::new(), query: String::new(), headers: truth.headers.clone() });
    all
}

async fn no_forgery_counts(document: Value) {
    let stage = Stage::of(document, &ONLY_NOTICES).await;
    let seed = rand::rngs::OsRng.next_u64();
    let name = format!("{} (seed {seed})", text(&stage.document["name"]));
    let (paid, unpaid) = (stage.start("A-1").await, stage.start("A-2").await);
    let truth = stage.true_notice(&paid).await;
    let before = (stage.order(&paid).await, stage.order(&unpaid).await);
    assert_eq!((&before.0["status"], &before.1["status"]), (&"paid".into(), &"paying".into()), "{name}");
    let (success, failure) = (stage.word(NoticeOutcome::Accepted).await, stage.word(NoticeOutcome::Refused).await);
    assert_ne!(success, failure, "{name}");
    assert_eq!(stage.send(&truth).await, success, "{name}: the true notice again");

    let answers: Vec<(Message, (u16, String))> = stream::iter(forgeries(&truth, &paid, &unpaid, seed))
        .map(async |message| {
            let answer = stage.send(&message).await;
            (message, answer)
        })
        .buffer_unordered(8)
        .collect()
        .await;
    // The number of a key may be spoilt into one that could be a key's: then the provider shall send it again.
    let later = stage.word(NoticeOutcome::Unavailable).await;
    let mut refused = 0;
    for (message, answer) in &answers {
        // The truth in another spelling, or unchanged after all, is still the truth, about the order that is paid.
        let known = [&failure, &success].contains(&answer) || (*answer == later && message.headers != truth.headers);
        assert!(known, "{name}: {answer:?} to {}", String::from_utf8_lossy(&message.body));
        refused += usize::from(*answer == failure);
    }
    assert!(refused * 10 >= answers.len() * 8, "{name}: {refused} of {} are refused", answers.len());
    assert_eq!((stage.order(&paid).await, stage.order(&unpaid).await), before, "{name}: something has changed");
    assert_eq!(stage.cases(None).await, 0, "{name}");
    assert_eq!(
        stage.app.receiver.of_type("order.paid").iter().map(|h| &h.id).collect::<std::collections::BTreeSet<_>>().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_spoilt_or_moved_notice_of_any_provider_counts() {
    for document in documents().await {
        no_forgery_counts(document).await;
    }
}

/// Twice, wrongly signed at first, about another amount: by the providers' own hands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_notices_of_every_provider_are_judged_alike() {
    for document in documents().await {
        let stage = Stage::of(document, &ONLY_NOTICES).await;
        let name = text(&stage.document["name"]);
        let twice = stage.start("A-1").await;
        stage.wallet.pay(&twice.pay_no, &twice.next, "twice").await;
        stage.is_paid(&twice).await;
        assert_eq!(stage.refused_notices().await, 0, "{name}");

        let badly_signed = stage.start("A-2").await;
        stage.wallet.pay(&badly_signed.pay_no, &badly_signed.next, "bad_signature").await;
        stage.is_paid(&badly_signed).await;
        assert!(stage.refused_notices().await > 0, "{name}: the badly signed ones were taken");

        let other = stage.start("A-3").await;
        stage.wallet.pay(&other.pay_no, &other.next, "wrong_amount").await;
        eventually("it is a case", async || stage.cases(Some(CaseKind::AmountMismatch)).await == 1).await;
        assert_ne!(stage.order(&other).await["status"], "paid", "{name}");
        assert_eq!(stage.cases(None).await, 1, "{name}");
        eventually("both are told", async || stage.app.receiver.of_type("order.paid").len() >= 2).await;
        let told: std::collections::BTreeSet<String> =
            stage.app.receiver.of_type("order.paid").into_iter().map(|h| h.id).collect();
        assert_eq!(told.len(), 2, "{name}");
    }
}
