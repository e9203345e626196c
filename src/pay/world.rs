//! Time and chance come in from outside, so that tests can hold both still.

use std::sync::Arc;

/// The only clock: UTC milliseconds.
pub trait Clock: Send + Sync {
    fn now_ms(&self) -> i64;
}

/// The only source of randomness.
pub trait Chance: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// Clock and chance together, handed to everything that stamps a time or makes a number.
#[derive(Clone)]
pub struct World {
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
}

struct System;

impl Clock for System {
    fn now_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Chance for System {
    fn fill(&self, bytes: &mut [u8]) {
        rand::RngCore::fill_bytes(&mut rand::thread_rng(), bytes); // fit for keys; seeded by the operating system
    }
}

impl World {
    /// The system's clock and a generator that the operating system seeds.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(System), chance: Arc::new(System) }
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A 26-character ULID: 48 bits of time, 80 random bits.
    #[must_use]
    pub fn number(&self) -> String {
        let mut random = [0u8; 16];
        self.chance.fill(&mut random);
        let ms = u64::try_from(self.now_ms()).unwrap_or(0);
        ulid::Ulid::from_parts(ms, u128::from_le_bytes(random)).to_string()
    }

    /// A prefixed id such as `app_01jd…`.
    #[must_use]
    pub fn id(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.number().to_lowercase())
    }

    /// `bytes` random bytes as URL-safe base64 without padding.
    #[must_use]
    pub fn token(&self, bytes: usize) -> String {
        use base64::Engine;
        let mut buffer = vec![0u8; bytes];
        self.chance.fill(&mut buffer);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(buffer)
    }

    /// A random number in `0..below`, for jitter.
    #[must_use]
    pub fn below(&self, below: i64) -> i64 {
        let mut random = [0u8; 8];
        self.chance.fill(&mut random);
        if below <= 0 { 0 } else { (u64::from_le_bytes(random) >> 1).cast_signed() % below }
    }
}
