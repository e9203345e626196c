//! What the sweeper takes, and what it leaves.

use super::on_each;
use crate::model::{ChannelKind, EventId, EventType, Method, WebhookStatus};
use crate::pay::store::{Keep, Store, Write};
use crate::pay::{Delivery, Event, NoticeRow, World};
use crate::storage::testing::{app, channel};

const DAY_MS: i64 = 86_400_000;

#[tokio::test]
async fn only_what_has_served_its_time_is_swept() {
    on_each(async |db| {
        let app = app(db).await;
        let channel = channel(db, ChannelKind::Jd, &[Method::JdQr], &[]).await;
        let now = World::system().now_ms();
        let mut unit = Vec::new();
        for i in 0..1200 {
            let expires_at = if i < 1100 { now - 1 } else { now + 1000 };
            unit.push(Write::SpendNonce { app_id: app.app_id.clone(), nonce: format!("nonce-{i}"), expires_at });
        }
        for age in [0, 10, 23, 25, 100] {
            unit.push(Write::CountLoginFailure { address: "a".to_owned(), at: now - age * 3_600_000 });
        }
        for age in [0, 29, 31, 90_i64] {
            let received_at = now - age * DAY_MS;
            unit.push(Write::InsertNotice(Box::new(NoticeRow {
                id: ulid::Ulid::from_parts(u64::try_from(received_at).unwrap(), 7).to_string(),
                channel_id: channel.channel_id.clone(),
                kind: "pay".to_owned(),
                received_at,
                headers: String::new(),
                body_base64: String::new(),
                verified: false,
                result: "signature".to_owned(),
                pay_no: None,
                order_no: None,
            })));
        }
        db.commit(unit).await.unwrap();
        let keep = Keep { notices_ms: 30 * DAY_MS, deliveries_ms: DAY_MS };
        assert_eq!(db.sweep(now, keep).await.unwrap(), 1100 + 2 + 2);
        assert_eq!(db.sweep(now, keep).await.unwrap(), 0);
        assert_eq!(db.unverified_since(&channel.channel_id, 0).await.unwrap(), 2);
        assert_eq!(db.login_failures("a", 0).await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn old_tries_of_webhooks_are_swept_once_their_event_has_ended() {
    on_each(async |db| {
        let app = app(db).await;
        let now = World::system().now_ms();
        let at = |days: i64, tail: u128| ulid::Ulid::from_parts(u64::try_from(now - days * DAY_MS).unwrap(), tail).to_string();
        let event = |status, days: i64, tries_days: &[i64], tail| {
            let event_id = EventId::parse(&format!("evt_{}", at(days, tail).to_lowercase())).unwrap();
            let event = Event {
                event_id: event_id.clone(),
                app_id: app.app_id.clone(),
                kind: EventType::OrderPaid,
                order_no: None,
                about: "x".to_owned(),
                url: "https://shop.example/hook".to_owned(),
                body: "{}".to_owned(),
                created_at: now - days * DAY_MS,
                status,
                attempts: 2,
                delivered_at: None,
            };
            let tries = (1..).zip(tries_days).map(|(attempt, days)| {
                Write::InsertDelivery(Box::new(Delivery {
                    id: at(*days, tail),
                    event_id: event_id.clone(),
                    attempt,
                    at: now - days * DAY_MS,
                    duration_ms: 5,
                    request_headers: String::new(),
                    status_code: Some(500),
                    reply: None,
                    error: None,
                }))
            });
            let writes: Vec<Write> = std::iter::once(Write::InsertEvent(Box::new(event.clone()))).chain(tries).collect();
            (event_id, writes)
        };
        let events = [
            (event(WebhookStatus::Delivered, 40, &[40, 35], 1), 0),
            (event(WebhookStatus::Failed, 40, &[40, 1], 2), 1), // sent again by hand yesterday
            (event(WebhookStatus::Pending, 40, &[40, 39], 3), 2),
            (event(WebhookStatus::Delivered, 29, &[29, 28], 4), 2),
        ];
        for ((_, writes), _) in &events {
            db.commit(writes.clone()).await.unwrap();
        }
        let keep = Keep { notices_ms: DAY_MS, deliveries_ms: 30 * DAY_MS };
        assert_eq!(db.sweep(now, keep).await.unwrap(), 3);
        assert_eq!(db.sweep(now, keep).await.unwrap(), 0);
        for ((event_id, _), left) in &events {
            assert_eq!(db.deliveries(event_id).await.unwrap().len(), *left, "{event_id}");
            assert!(db.event(event_id).await.unwrap().is_some(), "the event itself stays");
        }
    })
    .await;
}
