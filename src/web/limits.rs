//! Rate limits: in memory, per key, so that one tenant's flood leaves the others alone and costs no database write.

use super::middleware::detached::Patience;
use crate::model::AppId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One limit over keys of a kind; `None` inside when it is switched off.
pub struct Limit<K: Hash + Eq + Clone>(Option<DefaultKeyedRateLimiter<K>>);

/// Too much: come back after so many whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub u32);

impl<K: Hash + Eq + Clone> Limit<K> {
    fn per_second(rate: u32, burst: u32) -> Self {
        let (Some(rate), Some(burst)) = (NonZeroU32::new(rate), NonZeroU32::new(burst.max(rate))) else { return Self(None) };
        Self(Some(RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))))
    }

    /// Counts one use.
    ///
    /// # Errors
    /// How long to wait when the key has used up its share.
    pub fn check(&self, key: &K) -> Result<(), Wait> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Wait(u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1))
        })
    }

    fn forget_idle(&self) {
        if let Some(limiter) = &self.0 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// A share per second with a burst, which can be looked at without using it: what is only known to be a right call after
/// more checks must not use up the share of the one it claims to be.
pub struct Allowance<K> {
    per_second: f64,
    burst: f64,
    left: Mutex<HashMap<K, (std::time::Instant, f64)>>,
}

impl<K: Hash + Eq + Clone> Allowance<K> {
    fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: f64::from(per_second), burst: f64::from(burst.max(per_second)), left: Mutex::default() }
    }

    /// Looks only.
    ///
    /// # Errors
    /// How long to wait when nothing is left.
    pub fn check(&self, key: &K) -> Result<(), Wait> {
        self.ask(key, 0.0)
    }

    /// Uses one.
    ///
    /// # Errors
    /// How long to wait when nothing is left.
    pub fn take(&self, key: &K) -> Result<(), Wait> {
        self.ask(key, 1.0)
    }

    fn ask(&self, key: &K, use_up: f64) -> Result<(), Wait> {
        if self.per_second == 0.0 {
            return Ok(());
        }
        let mut table = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, left) = table.entry(key.clone()).or_insert_with(|| (std::time::Instant::now(), self.burst));
        *left = (*left + at.elapsed().as_secs_f64() * self.per_second).min(self.burst);
        *at = std::time::Instant::now();
        if *left < 1.0 {
            return Err(Wait(1)); // at one per second and more, a second always brings one
        }
        *left -= use_up;
        Ok(())
    }

    fn forget_idle(&self) {
        let full = |(at, left): &(std::time::Instant, f64)| left + at.elapsed().as_secs_f64() * self.per_second >= self.burst;
        self.left.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, entry| !full(entry));
    }
}

/// Failures of a minute. Unlike [`Limit`] it can be asked without counting: only wrong signatures count, and they are
/// known after the question whether the caller may go on.
pub struct Failures<K> {
    per_minute: u32,
    counts: Mutex<HashMap<K, (std::time::Instant, u32)>>,
}

const MINUTE: Duration = Duration::from_secs(60);

impl<K: Hash + Eq + Clone> Failures<K> {
    fn new(per_minute: u32) -> Self {
        Self { per_minute, counts: Mutex::new(HashMap::new()) }
    }

    /// # Errors
    /// How long to wait when the key has failed too often.
    pub fn check(&self, key: &K) -> Result<(), Wait> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get(key) {
            Some((since, count)) if self.per_minute > 0 && *count >= self.per_minute && since.elapsed() < MINUTE => {
                let left = MINUTE.saturating_sub(since.elapsed()).as_secs();
                Err(Wait(u32::try_from(left).unwrap_or(60).max(1)))
            }
            _ => Ok(()),
        }
    }

    pub fn count(&self, key: K) {
        if self.per_minute == 0 {
            return;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = counts.entry(key).or_insert_with(|| (std::time::Instant::now(), 0));
        if entry.0.elapsed() >= MINUTE {
            *entry = (std::time::Instant::now(), 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }

    fn forget_idle(&self) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (since, _)| since.elapsed() < MINUTE);
    }
}

/// How many of something each key holds at this moment.
pub struct Held<K: Hash + Eq + Clone> {
    most: u32,
    counts: Arc<Mutex<HashMap<K, u32>>>,
}

/// Gives its place back when dropped.
pub struct Place<K: Hash + Eq + Clone> {
    key: K,
    counts: Arc<Mutex<HashMap<K, u32>>>,
}

impl<K: Hash + Eq + Clone> Held<K> {
    fn new(most: u32) -> Self {
        Self { most, counts: Arc::default() }
    }

    /// A place for this key, or `None` when it holds as many as it may.
    #[must_use]
    pub fn take(&self, key: K) -> Option<Place<K>> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key.clone()).or_insert(0);
        if self.most > 0 && *count >= self.most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Place { key, counts: self.counts.clone() })
    }
}

impl<K: Hash + Eq + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

/// The configured limits; 0 switches one off.
#[derive(Debug, Clone)]
pub struct Rates {
    pub orders_per_s: u32,
    pub orders_burst: u32,
    pub page_per_s: u32,
    pub address_per_s: u32,
    pub failed_signatures_per_min: u32,
    pub sse_per_address: u32,
    pub connections: u32,
    /// Seconds.
    pub request_s: u32,
    /// Seconds.
    pub api_request_s: u32,
}

fn seconds(n: u32) -> Option<Duration> {
    (n > 0).then(|| Duration::from_secs(n.into()))
}

/// All limits of the edge.
pub struct Limiters {
    pub orders: Allowance<AppId>,
    pub page: Limit<String>,
    pub address: Limit<IpAddr>,
    /// Per app and address: a stranger who knows an app's id must not be able to lock its owner out.
    pub failed_signatures: Failures<(AppId, IpAddr)>,
    pub streams: Held<IpAddr>,
    pub patience: Patience,
}

impl Limiters {
    #[must_use]
    pub fn new(limits: &Rates) -> Self {
        Self {
            orders: Allowance::new(limits.orders_per_s, limits.orders_burst),
            // A page with its stream and its first status are three requests at once.
            page: Limit::per_second(limits.page_per_s, limits.page_per_s.saturating_mul(3)),
            address: Limit::per_second(limits.address_per_s, limits.address_per_s.saturating_mul(3)),
            failed_signatures: Failures::new(limits.failed_signatures_per_min),
            streams: Held::new(limits.sse_per_address),
            patience: Patience { api: seconds(limits.api_request_s), other: seconds(limits.request_s) },
        }
    }

    /// Frees the memory of keys that have been quiet.
    pub fn forget_idle(&self) {
        self.orders.forget_idle();
        self.page.forget_idle();
        self.address.forget_idle();
        self.failed_signatures.forget_idle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_key_leaves_the_others_alone() {
        let limit: Limit<&str> = Limit::per_second(1, 3);
        let refused = (0..10).filter(|_| limit.check(&"loud").is_err()).count();
        assert!(refused >= 6, "{refused}");
        assert_eq!(limit.check(&"quiet"), Ok(()));
    }

    #[test]
    fn zero_switches_off() {
        let limit: Limit<&str> = Limit::per_second(0, 0);
        assert!((0..1000).all(|_| limit.check(&"x").is_ok()));
        let failures = Failures::new(0);
        (0..100).for_each(|_| failures.count("x"));
        assert_eq!(failures.check(&"x"), Ok(()));
    }

    #[test]
    fn looking_uses_nothing_up() {
        let allowance = Allowance::new(1, 2);
        assert!((0..10).all(|_| allowance.check(&"a").is_ok()));
        assert!(allowance.take(&"a").is_ok() && allowance.take(&"a").is_ok());
        assert_eq!((allowance.take(&"a"), allowance.check(&"a")), (Err(Wait(1)), Err(Wait(1))));
        assert!(allowance.take(&"b").is_ok());
        assert!((0..100).all(|_| Allowance::new(0, 0).take(&"a").is_ok()));
    }

    #[test]
    fn failures_close_the_door_for_their_key_only() {
        let failures = Failures::new(2);
        failures.count("a");
        assert!(failures.check(&"a").is_ok());
        failures.count("a");
        assert!(failures.check(&"a").is_err_and(|w| w.0 >= 1));
        assert!(failures.check(&"b").is_ok());
    }

    #[test]
    fn a_dropped_place_is_free_again() {
        let held = Held::new(1);
        let place = held.take("a").expect("first");
        assert!(held.take("a").is_none());
        assert!(held.take("b").is_some());
        drop(place);
        assert!(held.take("a").is_some());
    }
}
