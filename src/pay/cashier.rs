//! The one handle to the payment core. Cheap to clone; every use case is a method on it, in the file named after it.

use super::channel::{Channel, ChannelFactory};
use super::error::Error;
use super::records::{ChannelAccount, ChannelRecord, Event, Order, Task, TaskKind, TimelineEntry, TimelineKind};
use super::staff::LoginLimits;
use super::store::{Store, StoreError, Write};
use super::world::World;
use crate::model::{AppId, ChannelId, EventId, OrderNo};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// The port to merchants' webhook receivers. Implemented once, by `outbound`.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Posts `body` and reads at most 16 KiB of the reply. Follows no redirect, connects to public addresses only.
    async fn post(&self, url: &str, headers: &[(String, String)], body: &str) -> Result<Reply, String>;
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// First 2 KiB, as text.
    pub body: String,
    /// `Retry-After` in seconds.
    pub retry_after_s: Option<i64>,
}

/// What the core needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Origin that payers and providers see, without a slash at the end.
    pub public_url: String,
    pub plans: Plans,
    /// How guessing of staff's passwords is slowed down.
    pub login: LoginLimits,
    /// Questions about payments that one channel is asked per second; 0: as many as there are.
    pub questions_per_s: u32,
    /// Name of this process in leases.
    pub node: String,
}

/// When things are tried again, in seconds. Data, so that tests can hurry.
#[derive(Debug, Clone)]
pub struct Plans {
    /// Gaps between the tries of a webhook.
    pub webhook_s: Vec<i64>,
    /// Gaps between queries of a pending payment whose page is closed; the last one repeats until expiry.
    pub query_s: Vec<i64>,
    /// Gaps between queries of a refund; the last one repeats.
    pub refund_s: Vec<i64>,
    /// How long a refund is asked for, then staff must look.
    pub refund_give_up_s: i64,
    /// Looks for late money after a close.
    pub watch_s: Vec<i64>,
    /// Gaps between tries to close a payment.
    pub close_s: Vec<i64>,
    /// An open page asks the provider at most this often per payment.
    pub page_query_s: i64,
    /// A bar-code payment is reversed after this long.
    pub bar_limit_s: i64,
    /// A code with less life left than this is replaced.
    pub code_reuse_s: i64,
    /// How long a claimed row stays with who claimed it. Longer than the longest try; a dead process's rows wait for so long.
    pub lease_s: i64,
}

impl Default for Plans {
    fn default() -> Self {
        Self {
            webhook_s: vec![5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
            query_s: [vec![30, 30, 60], vec![300; 24], vec![1800]].concat(),
            refund_s: vec![30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200],
            refund_give_up_s: 7 * 86_400,
            watch_s: vec![60, 600, 3600, 86_400],
            close_s: vec![5, 15, 60, 300],
            page_query_s: 3,
            bar_limit_s: 45,
            code_reuse_s: 15,
            lease_s: 60,
        }
    }
}

/// The payment core.
#[derive(Clone)]
pub struct Cashier {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub store: Arc<dyn Store>,
    pub factory: Arc<dyn ChannelFactory>,
    pub notifier: Arc<dyn Notifier>,
    pub world: World,
    pub settings: Settings,
    /// Opened channels by (id, version): a version never changes, so an entry never goes stale.
    pub opened: moka::future::Cache<(ChannelId, i64), Arc<dyn Channel>>,
    /// Apps with their keys, for a second: signatures are checked on every call.
    pub apps: moka::future::Cache<AppId, Option<Arc<super::apps::AppWithKeys>>>,
    /// Channel lists of apps, for a second.
    pub offers: moka::future::Cache<AppId, Arc<Vec<Arc<super::offers::Slot>>>>,
    /// Channels by their id, for a second.
    pub records: moka::future::Cache<ChannelId, ChannelRecord>,
    /// Orders that were created here a moment ago and have not changed here since.
    pub fresh: moka::sync::Cache<OrderNo, Order>,
    /// Events that were written here a moment ago, for their first try.
    pub untried: moka::sync::Cache<EventId, Box<Event>>,
    /// Payments whose provider was asked a moment ago by a page.
    pub asked: moka::sync::Cache<String, ()>,
    /// Payments whose page was loaded within the last minute.
    pub seen: moka::sync::Cache<String, ()>,
    /// Orders that changed, for open pages of this process.
    pub changes: broadcast::Sender<OrderNo>,
    /// Our RSA key, once it was needed.
    pub platform: tokio::sync::OnceCell<Arc<super::platform::PlatformKey>>,
    /// What proves that a sign-in began here, once it was needed.
    pub state_key: tokio::sync::OnceCell<super::secret::Secret<String>>,
    /// Refused notices by channel and day.
    pub refused: moka::future::Cache<(ChannelId, i64), Arc<std::sync::atomic::AtomicI64>>,
    pub budget: super::budget::Budget,
    pub lanes: super::tasks::Lanes,
    pub receivers: super::tasks::Receivers,
    /// Something became due.
    pub wake: tokio::sync::Notify,
}

impl Cashier {
    pub fn new(
        store: Arc<dyn Store>,
        factory: Arc<dyn ChannelFactory>,
        notifier: Arc<dyn Notifier>,
        world: World,
        settings: Settings,
    ) -> Self {
        let second = Duration::from_secs(1);
        let page_query = Duration::from_secs(u64::try_from(settings.plans.page_query_s).unwrap_or(3));
        let (changes, _) = broadcast::channel(4096);
        let budget = super::budget::Budget::new(settings.questions_per_s);
        Self {
            inner: Arc::new(Inner {
                opened: moka::future::Cache::new(1000),
                apps: moka::future::Cache::builder().max_capacity(10_000).time_to_live(second).build(),
                offers: moka::future::Cache::builder().max_capacity(10_000).time_to_live(second).build(),
                records: moka::future::Cache::builder().max_capacity(10_000).time_to_live(second).build(),
                fresh: moka::sync::Cache::builder().max_capacity(1000).time_to_live(second * 10).build(),
                untried: moka::sync::Cache::builder().max_capacity(1000).time_to_live(second * 3).build(),
                seen: moka::sync::Cache::builder().max_capacity(100_000).time_to_live(second * 60).build(),
                asked: moka::sync::Cache::builder().max_capacity(1_000_000).time_to_live(page_query).build(),
                store,
                factory,
                notifier,
                world,
                settings,
                changes,
                platform: tokio::sync::OnceCell::new(),
                state_key: tokio::sync::OnceCell::new(),
                refused: moka::future::Cache::new(10_000),
                budget,
                lanes: super::tasks::Lanes::default(),
                receivers: super::tasks::Receivers::default(),
                wake: tokio::sync::Notify::new(),
            }),
        }
    }

    /// Read access for lists and details that need no rule of the core.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.inner.store.as_ref()
    }

    #[must_use]
    pub fn world(&self) -> &World {
        &self.inner.world
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    #[must_use]
    pub fn factory(&self) -> &dyn ChannelFactory {
        self.inner.factory.as_ref()
    }

    /// Orders that change in this process, for pages that wait. Other nodes' changes are seen by reading again.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<OrderNo> {
        self.inner.changes.subscribe()
    }

    pub(super) fn now(&self) -> i64 {
        self.inner.world.now_ms()
    }

    /// Commits, then tells waiting pages and the worker.
    pub(super) async fn commit(&self, order_no: Option<&OrderNo>, writes: Vec<Write>) -> Result<(), StoreError> {
        let now = self.now();
        let due = writes.iter().any(|w| matches!(w, Write::Schedule(task) if task.due_at <= now));
        let events: Vec<_> =
            writes.iter().filter_map(|w| if let Write::InsertEvent(event) = w { Some(event.clone()) } else { None }).collect();
        self.inner.store.commit(writes).await?;
        for event in events {
            self.inner.untried.insert(event.event_id.clone(), event);
        }
        if due {
            self.inner.wake.notify_one();
        }
        if let Some(order_no) = order_no {
            self.inner.fresh.invalidate(order_no);
            let _ = self.inner.changes.send(order_no.clone()); // nobody waiting is no fault
        }
        Ok(())
    }

    /// The channel with the credentials a payment started with.
    pub(super) async fn channel(&self, channel_id: &ChannelId, version: i64) -> Result<Arc<dyn Channel>, Error> {
        let key = (channel_id.clone(), version);
        if let Some(channel) = self.inner.opened.get(&key).await {
            return Ok(channel);
        }
        let account = self
            .inner
            .store
            .channel_account(channel_id, version)
            .await?
            .ok_or_else(|| Error::Internal(format!("channel {channel_id} has no version {version}")))?;
        let channel = self.inner.factory.open(&account)?;
        self.inner.opened.insert(key, channel.clone()).await;
        Ok(channel)
    }

    /// Address of the checkout page.
    #[must_use]
    pub fn checkout_url(&self, token: &str) -> String {
        format!("{}/checkout/{token}", self.inner.settings.public_url)
    }

    pub(super) fn entry(&self, order_no: &OrderNo, kind: TimelineKind, actor: &str) -> TimelineEntry {
        TimelineEntry {
            id: self.inner.world.number(),
            order_no: order_no.clone(),
            at: self.now(),
            kind,
            actor: actor.to_owned(),
            about: None,
            data: BTreeMap::new(),
        }
    }

    /// A task after `seconds`, give or take a fifth.
    pub(super) fn task_in(&self, kind: TaskKind, about: &str, seconds: i64, step: i64) -> Task {
        let spread = seconds * 400;
        let jitter = self.inner.world.below(spread + 1) - spread / 2;
        self.task_at(kind, about, self.now() + seconds * 1000 + jitter, step)
    }

    pub(super) fn task_at(&self, kind: TaskKind, about: &str, due_at: i64, step: i64) -> Task {
        Task { kind, about: about.to_owned(), due_at, attempts: 0, step }
    }

    /// Builds a channel from credentials that are not stored yet, to see whether they can work.
    pub(super) fn try_open(&self, account: &ChannelAccount) -> Result<Arc<dyn Channel>, Error> {
        Ok(self.inner.factory.open(account)?)
    }
}

impl TimelineEntry {
    pub(super) fn about(mut self, number: impl ToString) -> Self {
        self.about = Some(number.to_string());
        self
    }

    pub(super) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.data.insert(name.to_owned(), value.to_string());
        self
    }
}
