//! Keeps one provider's trouble to itself: a limit of calls in flight and a circuit breaker around any channel.
//!
//! Only the kind of outcome is looked at; what a call means is none of this module's business.

use crate::pay::channel::{
    Answer, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NoticeError, NoticeFact, NoticeKind, NoticeOutcome,
    PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

const IN_FLIGHT: usize = 32;
const FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(10);
/// How long a call waits for its turn. Short, because the payer waits too.
const QUEUE: Duration = Duration::from_secs(2);

/// The load on one provider account, shared by everything that was ever opened for it.
pub struct Load {
    turns: Semaphore,
    queue: Duration,
    breaker: Mutex<Breaker>,
}

impl Default for Load {
    fn default() -> Self {
        Self::new(IN_FLIGHT, QUEUE, PAUSE)
    }
}

impl Load {
    fn new(in_flight: usize, queue: Duration, pause: Duration) -> Self {
        let breaker = Breaker { state: State::Closed { failures: 0 }, pause };
        Self { turns: Semaphore::new(in_flight), queue, breaker: Mutex::new(breaker) }
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a free place, then asks the breaker.
    async fn turn(&self) -> Result<Turn<'_>, ChannelError> {
        let permit = tokio::time::timeout(self.queue, self.turns.acquire())
            .await
            .map_err(|_| ChannelError::NotSent("too many calls to this provider are in flight".to_owned()))?
            .map_err(|_| ChannelError::NotSent("shutting down".to_owned()))?;
        let probe = self.breaker().admit(Instant::now());
        let probe = probe.ok_or_else(|| ChannelError::NotSent("the provider failed several times, pausing".to_owned()))?;
        Ok(Turn { load: self, probe, settled: false, _permit: permit })
    }
}

/// One call's place. Dropped without an outcome (the caller went away), it counts neither way.
struct Turn<'a> {
    load: &'a Load,
    probe: bool,
    settled: bool,
    _permit: SemaphorePermit<'a>,
}

impl Turn<'_> {
    fn settle(mut self, answered: bool) {
        self.settled = true;
        self.load.breaker().settle(answered, self.probe, Instant::now());
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.probe && !self.settled {
            self.load.breaker().abandon_probe(Instant::now());
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

struct Breaker {
    state: State,
    pause: Duration,
}

impl Breaker {
    /// Whether a call may go out, and whether it is the probe.
    fn admit(&mut self, now: Instant) -> Option<bool> {
        match self.state {
            State::Closed { .. } => Some(false),
            State::Open { until } if until <= now => {
                self.state = State::Probing;
                Some(true)
            }
            State::Open { .. } | State::Probing => None,
        }
    }

    fn settle(&mut self, answered: bool, probe: bool, now: Instant) {
        let reopened = State::Open { until: now + self.pause };
        self.state = match self.state {
            _ if answered => State::Closed { failures: 0 },
            State::Closed { failures } if failures + 1 < FAILURES => State::Closed { failures: failures + 1 },
            State::Closed { .. } => reopened,
            State::Probing if probe => reopened,
            // A late failure of a call from before the pause tells nothing new.
            unchanged => unchanged,
        };
    }

    fn abandon_probe(&mut self, now: Instant) {
        if self.state == State::Probing {
            self.state = State::Open { until: now };
        }
    }
}

/// A channel behind its limits.
pub struct Guarded {
    inner: Arc<dyn Channel>,
    load: Arc<Load>,
}

impl Guarded {
    #[must_use]
    pub fn new(inner: Arc<dyn Channel>, load: Arc<Load>) -> Self {
        Self { inner, load }
    }

    async fn call<T>(&self, work: impl Future<Output = Result<T, ChannelError>>) -> Result<T, ChannelError> {
        let turn = self.load.turn().await?;
        let result = work.await;
        turn.settle(!is_silence(&result));
        result
    }

    /// Doubt about a refund is often what the provider says of that very refund, again and again. It tells nothing of how the
    /// provider is, and must not keep payers out. Nor does it tell that a provider which failed is well again: as the probe
    /// it is a failure like any other.
    async fn about_refund<T>(&self, work: impl Future<Output = Result<T, ChannelError>>) -> Result<T, ChannelError> {
        let turn = self.load.turn().await?;
        let result = work.await;
        let silent = is_silence(&result);
        if turn.probe || !silent {
            turn.settle(!silent);
        }
        result
    }
}

fn is_silence<T>(result: &Result<T, ChannelError>) -> bool {
    matches!(result, Err(ChannelError::Unclear(_) | ChannelError::NotSent(_)))
}

#[async_trait]
impl Channel for Guarded {
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        self.call(self.inner.start(request)).await
    }

    async fn query(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        self.call(self.inner.query(payment)).await
    }

    async fn close(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        self.call(self.inner.close(payment)).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        self.about_refund(self.inner.refund(request)).await
    }

    async fn query_refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        self.about_refund(self.inner.query_refund(request)).await
    }

    fn read_notice(&self, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
        self.inner.read_notice(raw)
    }

    fn answer(&self, kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        self.inner.answer(kind, outcome)
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let turn = self.load.turn().await?;
        let result = self.inner.check().await;
        let silent = match &result {
            Ok(report) => report.meaning == CheckMeaning::Unreachable,
            Err(error) => matches!(error, ChannelError::Unclear(_) | ChannelError::NotSent(_)),
        };
        turn.settle(!silent);
        result
    }

    // Rare, and each with its own way to fail: they take no place of a payment's.
    fn sign_in(&self) -> Option<&dyn SignIn> {
        self.inner.sign_in()
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        self.inner.rotating_keys()
    }

    fn bills(&self) -> Option<&dyn Bills> {
        self.inner.bills()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Amount, Method};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Only `check` is scripted, and that refunds stay unclear: all other calls take the same way through the guard.
    #[derive(Default)]
    struct Scripted {
        down: std::sync::atomic::AtomicBool,
        calls: AtomicUsize,
        hold: Option<tokio::sync::Semaphore>,
    }

    #[async_trait]
    impl Channel for Scripted {
        async fn start(&self, _: &StartRequest) -> Result<Started, ChannelError> {
            unreachable!()
        }
        async fn query(&self, _: &PaymentRef) -> Result<Remote, ChannelError> {
            unreachable!()
        }
        async fn close(&self, _: &PaymentRef) -> Result<Closing, ChannelError> {
            unreachable!()
        }
        async fn refund(&self, _: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
            Err(ChannelError::Unclear("not this refund".to_owned()))
        }
        async fn query_refund(&self, _: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
            unreachable!()
        }
        fn read_notice(&self, _: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
            unreachable!()
        }
        fn answer(&self, _: NoticeKind, _: NoticeOutcome) -> Answer {
            unreachable!()
        }
        async fn check(&self) -> Result<CheckReport, ChannelError> {
            self.calls.fetch_add(1, Ordering::SeqCst);
            if let Some(hold) = &self.hold {
                let _ = hold.acquire().await.unwrap();
            }
            if self.down.load(Ordering::SeqCst) {
                return Err(ChannelError::Unclear("down".to_owned()));
            }
            Err(ChannelError::Refused { code: "NO".to_owned(), message: String::new() })
        }

        fn sign_in(&self) -> Option<&dyn SignIn> {
            None
        }

        fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
            None
        }

        fn bills(&self) -> Option<&dyn Bills> {
            None
        }
    }

    async fn ask(guarded: &Guarded) -> String {
        guarded.check().await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn five_failures_pause_and_an_open_breaker_sends_nothing() {
        let inner = Arc::new(Scripted::default());
        let guarded = Guarded::new(inner.clone(), Arc::new(Load::default()));
        inner.down.store(true, Ordering::SeqCst);
        for _ in 0..5 {
            assert_eq!(ask(&guarded).await, "unclear: down");
        }
        let reopened = Guarded::new(inner.clone(), guarded.load.clone());
        for _ in 0..3 {
            assert!(ask(&reopened).await.contains("pausing"), "the state is shared by every opening of the channel");
        }
        assert_eq!(inner.calls.load(Ordering::SeqCst), 5);
    }

    #[tokio::test]
    async fn a_refusal_is_an_answer_and_resets_the_count() {
        let inner = Arc::new(Scripted::default());
        let guarded = Guarded::new(inner.clone(), Arc::new(Load::default()));
        for round in 0..4 {
            inner.down.store(true, Ordering::SeqCst);
            for _ in 0..4 {
                assert_eq!(ask(&guarded).await, "unclear: down", "round {round}");
            }
            inner.down.store(false, Ordering::SeqCst);
            assert!(ask(&guarded).await.starts_with("refused"));
        }
    }

    fn refund() -> RefundRequest {
        let amount = Amount::from_fen(1).unwrap();
        RefundRequest {
            refund_no: "R".to_owned(),
            pay_no: "P".to_owned(),
            method: Method::WechatNative,
            provider_trade_no: None,
            payer: None,
            provider_data: std::collections::BTreeMap::new(),
            provider_refund_no: None,
            paid_amount: amount,
            amount,
            reason: String::new(),
            notify_url: String::new(),
            paid_at: None,
            created_at: 0,
            now_ms: 0,
        }
    }

    #[tokio::test]
    async fn doubt_about_refunds_pauses_nothing() {
        let guarded = Guarded::new(Arc::new(Scripted::default()), Arc::new(Load::default()));
        for _ in 0..10 {
            assert_eq!(guarded.refund(&refund()).await, Err(ChannelError::Unclear("not this refund".to_owned())));
        }
        assert!(ask(&guarded).await.starts_with("refused"), "the provider is asked as before");
    }

    #[tokio::test]
    async fn a_refund_in_doubt_that_is_the_probe_pauses_again() {
        let inner = Arc::new(Scripted::default());
        let guarded = Guarded::new(inner.clone(), Arc::new(Load::default()));
        guarded.load.breaker().state = State::Open { until: Instant::now() };
        assert_eq!(guarded.refund(&refund()).await, Err(ChannelError::Unclear("not this refund".to_owned())));
        assert!(ask(&guarded).await.contains("pausing"));
        assert_eq!(inner.calls.load(Ordering::SeqCst), 0, "the provider is left alone");
    }

    #[tokio::test]
    async fn after_the_pause_one_probe_decides() {
        let inner = Arc::new(Scripted::default());
        let guarded = Guarded::new(inner.clone(), Arc::new(Load::new(IN_FLIGHT, QUEUE, Duration::ZERO)));
        inner.down.store(true, Ordering::SeqCst);
        for _ in 0..6 {
            assert_eq!(ask(&guarded).await, "unclear: down");
        }
        inner.down.store(false, Ordering::SeqCst);
        assert!(ask(&guarded).await.starts_with("refused"));
        assert_eq!(guarded.load.breaker().state, State::Closed { failures: 0 });
    }

    #[test]
    fn only_one_probe_goes_out_and_its_failure_pauses_again() {
        let start = Instant::now();
        let mut breaker = Breaker { state: State::Closed { failures: 0 }, pause: PAUSE };
        for _ in 0..5 {
            assert_eq!(breaker.admit(start), Some(false));
            breaker.settle(false, false, start);
        }
        assert_eq!(breaker.admit(start + PAUSE / 2), None);
        assert_eq!(breaker.admit(start + PAUSE), Some(true));
        assert_eq!(breaker.admit(start + PAUSE), None, "a second call while the probe is out");
        breaker.settle(false, false, start + PAUSE);
        assert_eq!(breaker.state, State::Probing, "a late failure from before the pause is not the probe's");
        breaker.settle(false, true, start + PAUSE);
        assert_eq!(breaker.admit(start + PAUSE * 2 - Duration::from_millis(1)), None);
        assert_eq!(breaker.admit(start + PAUSE * 2), Some(true));
        breaker.abandon_probe(start + PAUSE * 2);
        assert_eq!(breaker.admit(start + PAUSE * 2), Some(true), "an abandoned probe leaves its place to the next call");
    }

    #[tokio::test]
    async fn calls_beyond_the_limit_are_not_sent() {
        let inner = Arc::new(Scripted { hold: Some(tokio::sync::Semaphore::new(0)), ..Scripted::default() });
        let load = Arc::new(Load::new(3, Duration::from_millis(20), PAUSE));
        let held: Vec<_> = (0..3)
            .map(|_| {
                let guarded = Guarded::new(inner.clone(), load.clone());
                tokio::spawn(async move { ask(&guarded).await })
            })
            .collect();
        while inner.calls.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
        assert!(ask(&Guarded::new(inner.clone(), load)).await.contains("in flight"));
        assert_eq!(inner.calls.load(Ordering::SeqCst), 3);
        inner.hold.as_ref().unwrap().add_permits(3);
        for call in held {
            assert!(call.await.unwrap().starts_with("refused"));
        }
    }
}
