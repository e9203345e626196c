//! Sending again what failed while a receiver was down.

use super::cashier::Cashier;
use super::error::Error;
use super::objects::rfc3339;
use super::records::{Event, TaskKind, TimelineKind};
use super::store::{EventFilter, PageRequest, StoreError, Write};
use crate::model::{AppId, WebhookStatus};

/// Events of one commit.
const BATCH: i64 = 100;

/// The failed events of a time, of one app or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedEvents {
    app_id: Option<AppId>,
    from: i64,
    to: i64,
}

impl FailedEvents {
    /// So many are sent again at once; the next call goes on with the others.
    pub const AT_ONCE: i64 = 10_000;

    /// Those created in `[from, to)`, UTC ms.
    ///
    /// # Errors
    /// `Invalid` when the time ends before it begins.
    pub fn new(app_id: Option<AppId>, from: i64, to: i64) -> Result<Self, Error> {
        if to <= from {
            return Err(Error::invalid("to", "must be after the beginning"));
        }
        Ok(Self { app_id, from, to })
    }

    fn filter(&self) -> EventFilter {
        let (from, to) = (Some(self.from), Some(self.to));
        EventFilter { app_id: self.app_id.clone(), status: Some(WebhookStatus::Failed), from, to, ..EventFilter::default() }
    }
}

impl Cashier {
    /// How many there are, counted up to one more than are sent at once.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn count_failed(&self, which: &FailedEvents) -> Result<i64, Error> {
        Ok(self.inner.store.event_count(&which.filter(), FailedEvents::AT_ONCE + 1).await?)
    }

    /// Sends failed events again, the oldest first; how many. What a receiver refuses for good fails again and counts as
    /// failed the next time.
    ///
    /// # Errors
    /// Storage errors; then some may have been sent.
    pub async fn redeliver_failed(&self, which: &FailedEvents, actor: &str) -> Result<i64, Error> {
        self.redeliver_up_to(FailedEvents::AT_ONCE, which, actor).await
    }

    pub(super) async fn redeliver_up_to(&self, most: i64, which: &FailedEvents, actor: &str) -> Result<i64, Error> {
        let filter = which.filter();
        let meant = self.inner.store.event_count(&filter, most).await?;
        // Written with the first of them: nothing is sent that it does not tell of, whatever happens later.
        let mut entry = Some(self.entry_of(which, meant, actor));
        let (mut sent, mut after) = (0, String::new());
        while sent < most {
            let page = PageRequest { before: None, after: Some(after.clone()), limit: BATCH.min(most - sent) };
            let events = self.inner.store.events(&filter, &page).await?.items;
            let Some(newest) = events.first() else { break };
            // Each batch a second after the one before, so that other merchants' news do not wait behind all of them.
            let due_at = self.now() + sent / BATCH * 1000;
            match self.send_again(&events, due_at, actor, entry.as_ref()).await {
                Ok(()) => {
                    sent += i64::try_from(events.len()).unwrap_or(BATCH);
                    after = newest.event_id.to_string();
                    entry = None;
                }
                // Somebody else was faster with one of them: look again.
                Err(StoreError::Stale) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(sent)
    }

    /// One commit; events come newest first, as from a list. `Stale` when one of them is not failed any more: then nothing
    /// has happened.
    ///
    /// Their plan begins anew, other than for a single one that is sent by hand: nobody watches so many, and a receiver that
    /// has just come back may refuse some of them once more. A merchant expects all of them in the end.
    pub(super) async fn send_again(
        &self,
        events: &[Event],
        due_at: i64,
        actor: &str,
        entry: Option<&Write>,
    ) -> Result<(), StoreError> {
        let mut writes = Vec::with_capacity(events.len() * 3 + 1);
        for event in events.iter().rev() {
            let event_id = &event.event_id;
            writes.push(Write::RetryEvent { event_id: event_id.clone() });
            writes.push(Write::Schedule(self.task_at(TaskKind::DeliverEvent, event_id.as_str(), due_at, 0)));
            if let Some(order_no) = &event.order_no {
                writes.push(Write::Timeline(self.entry(order_no, TimelineKind::WebhookRedelivered, actor).about(event_id)));
            }
        }
        writes.extend(entry.cloned());
        self.commit(None, writes).await
    }

    fn entry_of(&self, which: &FailedEvents, count: i64, actor: &str) -> Write {
        let FailedEvents { app_id, from, to } = which;
        let after = serde_json::json!({ "app": app_id, "from": rfc3339(*from), "to": rfc3339(*to), "events": count });
        let object = app_id.as_ref().map_or("all", AppId::as_str);
        self.audit(actor, "webhook.redeliver_failed", object, None, Some(after))
    }
}
