//! The simulator's own clock, so that tests can hold it still. Must not know what is timed.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use time::{OffsetDateTime, UtcOffset};
use tokio::sync::watch;

/// A sleep that may outlive the clock's borrow.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time as the providers see it.
pub trait Clock: Send + Sync {
    /// UTC milliseconds.
    fn now_ms(&self) -> i64;
    /// Ends when `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the simulator is the other side and has a clock of its own")]
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that moves only by [`HandClock::advance`].
pub struct HandClock {
    now: watch::Sender<i64>,
}

impl HandClock {
    /// A clock that stands at `now_ms`.
    #[must_use]
    pub fn at(now_ms: i64) -> Self {
        Self { now: watch::Sender::new(now_ms) }
    }

    /// Moves the clock forward and wakes every sleep that is over.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = now.saturating_add(millis(by)));
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> i64 {
        *self.now.borrow()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut moves = self.now.subscribe();
        let until = self.now_ms().saturating_add(millis(duration));
        Box::pin(async move {
            if moves.wait_for(|now| *now >= until).await.is_err() {
                // The clock is gone: time stands still for ever.
                std::future::pending::<()>().await;
            }
        })
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// UTC milliseconds as a calendar time in UTC+8, which every provider here writes.
#[must_use]
pub fn beijing(ms: i64) -> OffsetDateTime {
    let utc = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    utc.to_offset(UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_ends_when_the_hand_has_passed_it() {
        let clock = HandClock::at(1_000);
        let sleep = clock.sleep(Duration::from_secs(5));
        let (tell, mut told) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            sleep.await;
            let _ = tell.send(());
        });
        clock.advance(Duration::from_secs(4));
        tokio::task::yield_now().await;
        assert!(told.try_recv().is_err());
        clock.advance(Duration::from_secs(1));
        assert!(told.await.is_ok());
    }

    #[test]
    fn beijing_is_eight_hours_ahead() {
        assert_eq!(beijing(1_717_214_400_000).to_string(), "2024-06-01 12:00:00.0 +08:00:00");
    }
}
