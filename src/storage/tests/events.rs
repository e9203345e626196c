//! Webhook events that failed: made to wait again, found by time and by app.

use super::on_each;
use crate::model::WebhookStatus::{Delivered, Failed, Pending};
use crate::pay::Event;
use crate::pay::store::{EventFilter, PageRequest, Store, StoreError, Write};
use crate::storage::Database;
use crate::storage::testing::{app, event};

const START: i64 = 1_764_000_000_000;

async fn insert(db: &Database, events: &[Event]) {
    db.commit(events.iter().map(|e| Write::InsertEvent(Box::new(e.clone()))).collect()).await.unwrap();
}

#[tokio::test]
async fn only_a_failed_event_is_made_to_wait_again() {
    on_each(async |db| {
        let app_id = app(db).await.app_id;
        let events = [Failed, Failed, Delivered, Pending].map(|status| event(&app_id, START, status));
        let [first, second, delivered, pending] = &events;
        insert(db, &events).await;
        let unknown = event(&app_id, START, Failed);
        let retry = |e: &Event| Write::RetryEvent { event_id: e.event_id.clone() };
        db.commit(vec![retry(first)]).await.unwrap();
        assert_eq!(db.event(&first.event_id).await.unwrap(), Some(Event { status: Pending, ..first.clone() }));
        for other in [first, delivered, pending, &unknown] {
            let result = db.commit(vec![retry(second), retry(other)]).await;
            assert!(matches!(result, Err(StoreError::Stale)), "{other:?}: {result:?}");
        }
        for untouched in [second, delivered, pending] {
            assert_eq!(db.event(&untouched.event_id).await.unwrap().as_ref(), Some(untouched));
        }
    })
    .await;
}

#[tokio::test]
async fn failed_events_of_a_time_are_read_from_the_oldest_on_and_counted() {
    on_each(async |db| {
        let (mine, other) = (app(db).await.app_id, app(db).await.app_id);
        let wanted: Vec<Event> = (0..5).map(|i| event(&mine, START + i, Failed)).collect();
        insert(db, &wanted).await;
        let others = [
            event(&mine, START - 1, Failed),
            event(&mine, START + 5, Failed),
            event(&mine, START + 1, Delivered),
            event(&mine, START + 1, Pending),
            event(&other, START + 2, Failed),
        ];
        insert(db, &others).await;
        let (from, to) = (Some(START), Some(START + 5));
        let mut filter = EventFilter { app_id: Some(mine), status: Some(Failed), from, to, ..EventFilter::default() };
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = PageRequest { before: None, after: Some(after), limit: 2 };
            let items = db.events(&filter, &page).await.unwrap().items;
            let Some(newest) = items.first() else { break };
            after = newest.event_id.to_string();
            found.extend(items.into_iter().rev());
        }
        assert_eq!(found, wanted);
        assert_eq!(db.event_count(&filter, 100).await.unwrap(), 5);
        assert_eq!(db.event_count(&filter, 3).await.unwrap(), 3, "not counted further");
        filter.app_id = None;
        assert_eq!(db.event_count(&filter, 100).await.unwrap(), 6);
        filter.number = Some(wanted[0].event_id.to_string());
        assert_eq!(db.event_count(&filter, 100).await.unwrap(), 1);
        filter.status = Some(Delivered);
        assert_eq!(db.event_count(&filter, 100).await.unwrap(), 0);
        filter.number = None;
        assert_eq!(db.event_count(&filter, 100).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn apps_are_found_that_have_failures_of_both_times() {
    on_each(async |db| {
        let mut both = Vec::new();
        for (events, is_meant) in [
            (&[(0, Failed), (10, Failed)][..], true),
            (&[(9, Failed), (500, Failed)], true),
            (&[(0, Failed), (9, Failed), (10, Delivered)], false),
            (&[(0, Delivered), (10, Failed)], false),
            (&[(-1, Failed), (10, Failed)], false),
            (&[], false),
        ] {
            let app_id = app(db).await.app_id;
            let events: Vec<Event> = events.iter().map(|(at, status)| event(&app_id, START + at, *status)).collect();
            insert(db, &events).await;
            both.extend(Some(app_id).filter(|_| is_meant));
        }
        both.sort();
        assert_eq!(db.apps_with_failures(START, START + 10, 10).await.unwrap(), both);
        assert_eq!(db.apps_with_failures(START, START + 10, 1).await.unwrap(), both[..1]);
    })
    .await;
}
