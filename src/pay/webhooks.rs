//! Telling merchants, by Standard Webhooks: the same bytes and the same id on every try.

use super::cashier::{Cashier, Reply};
use super::error::Error;
use super::records::{AppKeyKind, Delivery, Event, Task, TaskKind, TimelineKind};
use super::secret::Secret;
use super::signing;
use super::store::{StoreError, Write};
use super::tasks::After;
use crate::model::{EventId, WebhookStatus};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::time::Instant;

/// A slow receiver's other events come again after this long.
const BUSY_S: i64 = 5;

/// `v1,<base64>` for each valid secret, separated by spaces.
#[must_use]
pub fn signature<'a>(secrets: impl Iterator<Item = &'a Secret<String>>, id: &str, timestamp_s: i64, body: &str) -> String {
    let message = format!("{id}.{timestamp_s}.{body}");
    let signatures = secrets.filter_map(|secret| {
        let key = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
        Some(format!("v1,{}", STANDARD.encode(signing::hmac_bytes(&key, message.as_bytes()))))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

impl Cashier {
    /// One try of an event.
    ///
    /// # Errors
    /// Storage errors; the try then counts as not made.
    pub(super) async fn deliver(&self, task: &Task) -> Result<After, Error> {
        let Ok(event_id) = EventId::parse(&task.about) else { return Ok(After::Done) };
        let untried = self.inner.untried.remove(&event_id).filter(|_| (task.attempts, task.step) == (1, 0));
        let event = if untried.is_some() { untried } else { self.inner.store.event(&event_id).await?.map(Box::new) };
        let Some(mut event) = event else { return Ok(After::Done) };
        if event.status == WebhookStatus::Delivered {
            return Ok(After::Done);
        }
        let Some(place) = self.inner.receivers.enter(&receiver(&event)).await else {
            // This receiver is busy with others: let other receivers' events through.
            return Ok(After::At(self.task_in(TaskKind::DeliverEvent, &task.about, BUSY_S, task.step)));
        };
        let app = self.app_with_keys(&event.app_id).await?.ok_or(Error::NotFound { what: "app" })?;
        let now = self.now();
        let timestamp = now / 1000;
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("webhook-id".to_owned(), event_id.to_string()),
            ("webhook-timestamp".to_owned(), timestamp.to_string()),
            (
                "webhook-signature".to_owned(),
                signature(app.keys_of(AppKeyKind::Webhook), event_id.as_str(), timestamp, &event.body),
            ),
        ];
        let started = Instant::now();
        let result = self.inner.notifier.post(&event.url, &headers, &event.body).await;
        drop(place);
        let duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        event.attempts += 1;
        let (after, entry) = self.judge(&mut event, &result, task, now);
        let kept = headers.iter().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>().join("\n");
        let delivery = Delivery {
            id: self.inner.world.number(),
            event_id: event_id.clone(),
            attempt: event.attempts,
            at: now,
            duration_ms,
            request_headers: kept,
            status_code: result.as_ref().ok().map(|r| i64::from(r.status)),
            reply: result.as_ref().ok().map(|r| r.body.clone()),
            error: result.err(),
        };
        let mut writes = vec![Write::SaveEvent(event.clone()), Write::InsertDelivery(Box::new(delivery))];
        if let (Some(kind), Some(order_no)) = (entry, &event.order_no) {
            let note = self.entry(order_no, kind, "worker").about(&event_id).with("type", event.kind);
            writes.push(Write::Timeline(note.with("attempts", event.attempts)));
        }
        // In one commit with the end of the task, unless the lease has run out meanwhile: the try is kept all the same.
        let end = self.end_of(task, after.clone());
        let together: Vec<Write> = end.into_iter().chain(writes.iter().cloned()).collect();
        match self.commit(None, together).await {
            Err(StoreError::Stale) => {
                // Somebody else has the event now and may have delivered it: a late failure of ours must not undo that.
                if event.status != WebhookStatus::Delivered {
                    writes.retain(|write| matches!(write, Write::InsertDelivery(_)));
                }
                self.commit(None, writes).await?;
                Ok(after)
            }
            other => Ok(other.map(|()| After::Written)?),
        }
    }

    /// Sends an event again, by hand: one try, whatever came before.
    ///
    /// # Errors
    /// `NotFound`; storage errors.
    pub async fn redeliver(&self, event_id: &EventId, actor: &str) -> Result<(), Error> {
        let mut event = self.inner.store.event(event_id).await?.ok_or(Error::NotFound { what: "event" })?;
        let before = serde_json::json!({ "status": event.status });
        event.status = WebhookStatus::Pending;
        let after = serde_json::json!({ "status": event.status });
        let last = i64::try_from(self.inner.settings.plans.webhook_s.len()).unwrap_or(i64::MAX);
        let mut writes = vec![
            Write::SaveEvent(Box::new(event.clone())),
            Write::Schedule(self.task_at(TaskKind::DeliverEvent, event_id.as_str(), self.now(), last)),
            self.audit(actor, "webhook.redeliver", event_id.as_str(), Some(before), Some(after)),
        ];
        if let Some(order_no) = &event.order_no {
            writes.push(Write::Timeline(self.entry(order_no, TimelineKind::WebhookRedelivered, actor).about(event_id)));
        }
        Ok(self.commit(None, writes).await?)
    }

    fn judge(&self, event: &mut Event, result: &Result<Reply, String>, task: &Task, now: i64) -> (After, Option<TimelineKind>) {
        let status = result.as_ref().map_or(0, |r| r.status);
        if (200..300).contains(&status) {
            event.status = WebhookStatus::Delivered;
            event.delivered_at = Some(now);
            return (After::Done, Some(TimelineKind::WebhookDelivered));
        }
        let gap = usize::try_from(task.step).ok().and_then(|step| self.inner.settings.plans.webhook_s.get(step));
        match gap {
            Some(gap) if status != 410 => {
                // A receiver may ask for more patience, up to double.
                let asked = result.as_ref().ok().and_then(|r| r.retry_after_s).unwrap_or(0);
                let seconds = (*gap).max(asked.min(gap * 2));
                (After::At(self.task_in(TaskKind::DeliverEvent, &task.about, seconds, task.step + 1)), None)
            }
            _ => {
                event.status = WebhookStatus::Failed;
                (After::Done, Some(TimelineKind::WebhookFailed))
            }
        }
    }
}

/// What counts as one receiver: an app's scheme, host and port. The app belongs to it because merchants may share a host, and
/// one whose part of it hangs must not hold back the others.
fn receiver(event: &Event) -> String {
    format!("{} {}", event.app_id, origin(&event.url))
}

/// Scheme, host and port of an address.
pub(super) fn origin(address: &str) -> String {
    url::Url::parse(address).map_or_else(|_| address.to_owned(), |url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn signature_matches_the_published_example() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let body = r#"{"test": 2432232314}"#;
        let signed = signature([&secret].into_iter(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_give_two_signatures() {
        let a = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let b = Secret::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned());
        let signed = signature([&a, &b].into_iter(), "evt_1", 1, "{}");
        assert_eq!(signed.split(' ').count(), 2);
    }
}
