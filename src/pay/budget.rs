//! How often the account of a provider is asked about payments: providers count, and a crowd of open pages, or all that an
//! outage left due, must not stand in the way of payers who start.

use crate::model::ChannelId;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// Questions per second and channel. `None` inside: without a limit.
pub(super) struct Budget(Option<Shares>);

struct Shares {
    all: DefaultKeyedRateLimiter<ChannelId>,
    /// The worker's part, smaller than the whole: open pages come first.
    worker: DefaultKeyedRateLimiter<ChannelId>,
}

impl Budget {
    /// `per_second`: of one channel; 0 switches the limit off.
    pub fn new(per_second: u32) -> Self {
        let limiter = |rate| RateLimiter::keyed(Quota::per_second(rate));
        let shares = |all: NonZeroU32| Shares {
            all: limiter(all),
            worker: limiter(NonZeroU32::new(all.get() * 4 / 5).unwrap_or(NonZeroU32::MIN)),
        };
        Self(NonZeroU32::new(per_second).map(shares))
    }

    /// Whether an open page may ask now. It looks again in a second anyway.
    pub fn page_may(&self, channel: &ChannelId) -> bool {
        self.0.as_ref().is_none_or(|shares| shares.all.check_key(channel).is_ok())
    }

    /// Waits for the worker's turn.
    pub async fn workers_turn(&self, channel: &ChannelId) {
        if let Some(shares) = &self.0 {
            shares.worker.until_key_ready(channel).await;
            shares.all.until_key_ready(channel).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(n: u8) -> ChannelId {
        ChannelId::parse(&format!("ch_{n:026}")).unwrap()
    }

    #[tokio::test]
    async fn the_worker_leaves_some_for_open_pages() {
        let budget = Budget::new(10);
        for _ in 0..8 {
            budget.workers_turn(&channel(1)).await;
        }
        let pages = (0..20).filter(|_| budget.page_may(&channel(1))).count();
        assert!((2..20).contains(&pages), "{pages}"); // two are sure; more come with time
        assert!(budget.page_may(&channel(2)), "another channel has its own");
        assert!((0..1000).all(|_| Budget::new(0).page_may(&channel(1))));
    }
}
