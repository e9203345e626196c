//! Asynchronous notices: delivered until acknowledged, by each provider's own plan of repeats.
//!
//! Must not know what a notice says: a provider composes each try and judges the answer.

use super::clock::Clock;
use crate::model::ChannelKind;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// One try of a notice as it goes out.
pub struct Message {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// Composes try number `n` (from 0): repeats may differ in time stamps and signatures.
pub type Compose = Box<dyn Fn(u32) -> Message + Send + Sync>;

/// A notice to be delivered by POST.
pub struct Notice {
    pub kind: ChannelKind,
    /// The merchant's number of the trade or refund, for the log.
    pub about: String,
    pub url: String,
    /// Wait before the first try, before the clock factor.
    pub delay: Duration,
    /// Waits between tries, in seconds, before the clock factor; after the last the provider gives up.
    pub plan: &'static [u64],
    /// How long the receiver may take. Not scaled: the receiver lives in real time.
    pub patience: Duration,
    pub compose: Compose,
    /// Whether an answer (HTTP status, body) counts as received.
    pub accepted: fn(u16, &[u8]) -> bool,
}

/// What happens with an answer that counts as received.
pub type Heard = Box<dyn Fn(&[u8]) + Send + Sync>;

/// One try that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Try {
    pub kind: ChannelKind,
    pub about: String,
    pub url: String,
    /// From 0.
    pub attempt: u32,
    /// UTC milliseconds.
    pub at: i64,
    /// `accepted`, `refused` (answered, but not as an acknowledgement), `timeout` or `unreachable`.
    pub outcome: &'static str,
    pub status: Option<u16>,
}

/// The sender. Slow receivers hold up only themselves, up to the limit of tries in flight.
#[derive(Clone)]
pub struct Notices {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    speed: f64,
    client: reqwest::Client,
    in_flight: Semaphore,
    tries: Mutex<VecDeque<Try>>,
    stop: CancellationToken,
}

/// Tries in flight at once.
const IN_FLIGHT: usize = 64;
/// Tries remembered for the book.
const REMEMBERED: usize = 20_000;
/// No provider reads more of an answer than this.
const ANSWER_LIMIT: usize = 64 * 1024;

impl Notices {
    pub(super) fn new(clock: Arc<dyn Clock>, speed: f64) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .pool_idle_timeout(Duration::from_secs(5)) // the other side may hang up after 10 s of silence
            .no_proxy()
            .user_agent("Mozilla/4.0")
            .build()?;
        let inner = Inner {
            clock,
            speed,
            client,
            in_flight: Semaphore::new(IN_FLIGHT),
            tries: Mutex::default(),
            stop: CancellationToken::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Starts delivering; returns at once. Must be called inside a runtime.
    pub(super) fn send(&self, notice: Notice) {
        self.send_and(notice, Box::new(|_| ()));
    }

    /// The same, and hands on the answer that ended the tries.
    pub(super) fn send_and(&self, notice: Notice, heard: Heard) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            let stop = inner.stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                () = inner.deliver(notice, heard) => {}
            }
        });
    }

    /// Ends all deliveries.
    pub(super) fn stop(&self) {
        self.inner.stop.cancel();
    }

    pub(super) fn tries(&self) -> Vec<Try> {
        self.inner.tries.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Inner {
    async fn pause(&self, duration: Duration) {
        if !duration.is_zero() {
            self.clock.sleep(Duration::try_from_secs_f64(duration.as_secs_f64() / self.speed).unwrap_or(duration)).await;
        }
    }

    async fn deliver(&self, notice: Notice, heard: Heard) {
        self.pause(notice.delay).await;
        let mut attempt = 0;
        let mut gaps = notice.plan.iter();
        loop {
            if let Some(answer) = self.attempt(&notice, attempt).await {
                heard(&answer);
                return;
            }
            let Some(gap) = gaps.next() else {
                tracing::warn!(channel = notice.kind.as_str(), about = notice.about, "gave up delivering a notice");
                return;
            };
            self.pause(Duration::from_secs(*gap)).await;
            attempt += 1;
        }
    }

    /// The answer, if it counts as received.
    async fn attempt(&self, notice: &Notice, attempt: u32) -> Option<Vec<u8>> {
        let _permit = self.in_flight.acquire().await.ok()?;
        let message = (notice.compose)(attempt);
        let mut request = self.client.post(&notice.url).body(message.body);
        for (name, value) in message.headers {
            request = request.header(name, value);
        }
        let at = self.clock.now_ms();
        let (outcome, status, answer) = match tokio::time::timeout(notice.patience, exchange(request)).await {
            Err(_) => ("timeout", None, None),
            Ok(Err(_)) => ("unreachable", None, None),
            Ok(Ok((status, body))) if (notice.accepted)(status, &body) => ("accepted", Some(status), Some(body)),
            Ok(Ok((status, _))) => ("refused", Some(status), None),
        };
        let made = Try { kind: notice.kind, about: notice.about.clone(), url: notice.url.clone(), attempt, at, outcome, status };
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() == REMEMBERED {
            tries.pop_front();
        }
        tries.push_back(made);
        answer
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), reqwest::Error> {
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_LIMIT {
            break;
        }
    }
    Ok((status, body))
}
