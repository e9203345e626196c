//! What the background loop tells `/readyz`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The loop's last sign of life. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health {
    started: Instant,
    /// Milliseconds from the start to the last turn.
    beat: Arc<AtomicU64>,
}

/// A loop that has not turned for so long counts as stopped. Longer than its longest pause and step together.
const SILENCE: Duration = Duration::from_secs(90);

impl Health {
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now(), beat: Arc::default() }
    }

    /// The loop begins another turn.
    pub fn beat(&self) {
        self.beat.store(self.elapsed_ms(), Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_alive(&self) -> bool {
        let silent_ms = self.elapsed_ms().saturating_sub(self.beat.load(Ordering::Relaxed));
        Duration::from_millis(silent_ms) <= SILENCE
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_makes_a_loop_dead_and_a_turn_alive_again() {
        let Some(long_ago) = Instant::now().checked_sub(SILENCE * 2) else { return };
        let health = Health { started: long_ago, beat: Arc::default() };
        assert!(!health.is_alive());
        health.beat();
        assert!(health.is_alive());
    }
}
