//! Background work: the loop that claims due rows of every kind, and the sweeper. Calls `pay` only; what there is to do,
//! when, and how much at once, is decided there.

use crate::pay::Cashier;
use crate::pay::store::Keep;
use crate::web::Health;
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The settings of the loops.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How often to look when nothing was heard of.
    pub poll: Duration,
    pub sweep: Duration,
    pub keep: Keep,
}

/// The running loops.
pub struct Worker {
    cashier: Cashier,
    loops: JoinSet<()>,
    stop: CancellationToken,
}

impl Worker {
    /// Starts all loops.
    #[must_use]
    pub fn start(cashier: Cashier, health: Health, pace: &Pace) -> Self {
        let (mut loops, stop) = (JoinSet::new(), CancellationToken::new());
        let sweeper = loops.spawn(sweep(cashier.clone(), pace.clone(), stop.clone()));
        loops.spawn(claim(cashier.clone(), health, pace.poll, sweeper, stop.clone()));
        Self { cashier, loops, stop }
    }

    /// Stops claiming, waits for the work in hand at most so long in all, and gives all leases back.
    pub async fn stop(mut self, patience: Duration) {
        let until = Instant::now() + patience;
        self.stop.cancel();
        let all_ended = async { while self.loops.join_next().await.is_some() {} };
        let ended = tokio::time::timeout_at(until, all_ended).await.is_ok();
        let settled = self.cashier.settle_down(until.saturating_duration_since(Instant::now())).await;
        if !(ended && settled) {
            tracing::warn!("some background work did not end in time; others take it over");
        }
        if let Err(error) = self.cashier.release_leases().await {
            tracing::warn!(?error, "leases could not be given back; they run out by themselves");
        }
    }
}

/// Between two claims: what becomes due meanwhile is claimed together, in one commit.
const BREATH: Duration = Duration::from_millis(10);
/// When no place is free for what is due.
const FULL: Duration = Duration::from_millis(50);
/// The longest pause after repeated faults.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A sweep that takes longer hangs, or has so much to do that the next one may as well go on.
const LONGEST_SWEEP: Duration = Duration::from_secs(600);

async fn claim(cashier: Cashier, health: Health, poll: Duration, sweeper: AbortHandle, stop: CancellationToken) {
    let mut faults = 0u32;
    while !stop.is_cancelled() {
        // One sign of life for both loops: `/readyz` fails when either has ended.
        if !sweeper.is_finished() {
            health.beat();
        }
        let turn = turn(&cashier).await;
        faults = if turn == Turn::Failed { faults.saturating_add(1) } else { 0 };
        let pause = match turn {
            Turn::Claimed => BREATH,
            Turn::NoPlace => FULL,
            Turn::NothingDue => poll,
            Turn::Failed => backoff(poll, faults),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = cashier.woken(), if turn == Turn::NothingDue => {}
            () = stop.cancelled() => {}
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Claimed,
    /// All places of the kinds that are due are taken.
    NoPlace,
    NothingDue,
    Failed,
}

/// One look at what is due. A fault of one kind does not keep the others from their turn, nor does a panic, since it happens
/// in a task of its own.
async fn turn(cashier: &Cashier) -> Turn {
    let this = cashier.clone();
    let due = match tokio::spawn(async move { this.due_kinds().await }).await {
        Ok(Ok(kinds)) if kinds.is_empty() => return Turn::NothingDue,
        Ok(Ok(kinds)) => kinds,
        Ok(Err(error)) => {
            tracing::error!(?error, "due work could not be looked for");
            return Turn::Failed;
        }
        Err(panic) => {
            tracing::error!(%panic, "looking for due work panicked");
            return Turn::Failed;
        }
    };
    let mut turn = Turn::NoPlace;
    for kind in due {
        let this = cashier.clone();
        match tokio::spawn(async move { this.pump(kind).await }).await {
            Ok(Ok(0)) => {}
            Ok(Ok(_)) if turn == Turn::NoPlace => turn = Turn::Claimed,
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                turn = Turn::Failed;
                tracing::error!(?error, kind = kind.as_str(), "due work could not be claimed");
            }
            Err(panic) => {
                turn = Turn::Failed;
                tracing::error!(%panic, kind = kind.as_str(), "claiming due work panicked");
            }
        }
    }
    turn
}

fn backoff(poll: Duration, faults: u32) -> Duration {
    (poll.max(Duration::from_millis(100)) * 2u32.saturating_pow(faults.min(10))).min(LONGEST_PAUSE)
}

async fn sweep(cashier: Cashier, pace: Pace, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(pace.sweep) => {}
            () = stop.cancelled() => return,
        }
        // In a task of its own, so that a panic ends this sweep only.
        let (this, keep) = (cashier.clone(), pace.keep);
        let mut swept = tokio::spawn(async move { this.store().sweep(this.world().now_ms(), keep).await });
        let ended = tokio::select! {
            ended = &mut swept => ended,
            () = stop.cancelled() => {
                swept.abort(); // between two of its small transactions; the next sweep goes on
                return;
            }
            () = tokio::time::sleep(LONGEST_SWEEP) => {
                swept.abort();
                tracing::error!("deleting old rows did not end; the next sweep goes on");
                continue;
            }
        };
        match ended {
            Ok(Ok(0)) => {}
            Ok(Ok(rows)) => tracing::info!(rows, "old rows were deleted"),
            Ok(Err(error)) => tracing::warn!(?error, "old rows could not be deleted"),
            Err(panic) => tracing::error!(%panic, "deleting old rows panicked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit() {
        let poll = Duration::from_millis(500);
        assert!(backoff(poll, 1) < backoff(poll, 2));
        assert_eq!(backoff(poll, 1000), LONGEST_PAUSE);
    }
}
