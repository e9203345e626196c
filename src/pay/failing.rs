//! Receivers that take nothing any more. They are found among the events, without a row of their own: what goes well costs
//! nothing for it.
//!
//! The tries of one event span about three days, so an event that was given up tells of that long. An app is looked at when it
//! has given up events older than five days and younger ones. A receiver of it, as `webhooks` knows them, is failing when
//! events for it were tried in vain that are older than five days, and others that are younger, and none was delivered since
//! the first of these. An event that is sent again by hand speaks for the app once it is given up again.
//!
//! Of each app a sample is read, however many events it has: the newest ones of today and of each day before. What a busy
//! receiver took for less than a day in between may be missed, as may a rare receiver beside a busy one.

use super::cashier::Cashier;
use super::error::Error;
use super::records::Event;
use super::store::{EventFilter, PageRequest};
use super::webhooks::origin;
use crate::model::{AppId, WebhookStatus};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
/// A receiver that takes nothing for so many days is failing.
const DAYS: i64 = 5;
/// What was given up longer ago tells nothing of today's receivers.
const MEMORY_MS: i64 = 30 * DAY_MS;
/// Apps that are looked at: nobody reads a longer list.
const APPS: i64 = 20;
/// Events in the sample of a day.
const SAMPLE: i64 = 50;

/// A receiver that takes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingReceiver {
    pub app_id: AppId,
    /// Scheme, host and port.
    pub origin: String,
    /// Nothing that was created since then was delivered, UTC ms.
    pub since: i64,
}

impl Cashier {
    /// The receivers that have taken nothing for five days.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn failing_receivers(&self) -> Result<Vec<FailingReceiver>, Error> {
        let now = self.now();
        let turn = now - DAYS * DAY_MS;
        let mut failing = Vec::new();
        for app_id in self.inner.store.apps_with_failures(now - MEMORY_MS, turn, APPS).await? {
            let mut receivers: BTreeMap<String, Vec<Event>> = BTreeMap::new();
            for event in self.sample(&app_id, now).await? {
                receivers.entry(origin(&event.url)).or_default().push(event);
            }
            failing.extend(receivers.into_iter().filter_map(|(origin, events)| {
                let since = failing_since(&events, turn)?;
                Some(FailingReceiver { app_id: app_id.clone(), origin, since })
            }));
        }
        Ok(failing)
    }

    /// May hold an event twice.
    async fn sample(&self, app_id: &AppId, now: i64) -> Result<Vec<Event>, Error> {
        let page = PageRequest { limit: SAMPLE, ..PageRequest::default() };
        let mut events = Vec::new();
        for days in 0..=DAYS {
            let to = Some(now - days * DAY_MS);
            let filter = EventFilter { app_id: Some(app_id.clone()), to, ..EventFilter::default() };
            events.extend(self.inner.store.events(&filter, &page).await?.items);
        }
        Ok(events)
    }
}

/// Since when the receiver of these events takes nothing, where that began by `turn` and it was tried since.
fn failing_since(events: &[Event], turn: i64) -> Option<i64> {
    let taken = events.iter().filter_map(|e| e.delivered_at).max().unwrap_or(i64::MIN);
    let in_vain = |e: &&Event| e.status != WebhookStatus::Delivered && e.attempts > 0 && e.created_at > taken;
    let times = || events.iter().filter(in_vain).map(|e| e.created_at);
    let (first, last) = (times().min()?, times().max()?);
    (first <= turn && last > turn).then_some(first)
}
