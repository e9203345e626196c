//! Receivers that take nothing any more.

use super::stage::Stage;
use crate::model::AppId;
use crate::model::WebhookStatus::{self, Delivered, Failed, Pending};
use crate::pay::store::Write;
use crate::pay::{Event, FailingReceiver};
use crate::storage::testing::event;

const HOUR_MS: i64 = 3_600_000;

async fn store(stage: &Stage, events: Vec<Event>) {
    let writes = events.into_iter().map(|event| Write::InsertEvent(Box::new(event))).collect();
    stage.cashier.store().commit(writes).await.unwrap();
}

/// An app with events that were created so many hours ago.
async fn app_with(stage: &Stage, events: &[(i64, WebhookStatus)]) -> AppId {
    let app_id = stage.cashier.create_app("Shop", "test").await.unwrap().app.app_id;
    let now = stage.cashier.now();
    store(stage, events.iter().map(|(ago, status)| event(&app_id, now - ago * HOUR_MS, *status)).collect()).await;
    app_id
}

async fn failing(stage: &Stage) -> Vec<FailingReceiver> {
    stage.cashier.failing_receivers().await.unwrap()
}

#[tokio::test]
async fn a_receiver_that_took_nothing_for_five_days_is_failing() {
    let stage = Stage::new().await;
    assert_eq!(failing(&stage).await, []);
    let app_id = app_with(&stage, &[(200, Delivered), (150, Failed), (90, Failed), (1, Pending)]).await;
    let since = stage.cashier.now() - 150 * HOUR_MS;
    assert_eq!(failing(&stage).await, [FailingReceiver { app_id, origin: "https://shop.example".to_owned(), since }]);
}

#[tokio::test]
async fn a_receiver_is_not_failing_yet_or_any_more() {
    let stage = Stage::new().await;
    for (why, events) in [
        ("it took one since", &[(150, Failed), (90, Failed), (20, Delivered)][..]),
        ("it took one in between", &[(150, Failed), (130, Delivered), (90, Failed)]),
        ("five days are not over", &[(119, Failed), (90, Failed)]),
        ("it was not tried lately", &[(150, Failed), (121, Failed)]),
        ("the old one is long past", &[(31 * 24, Failed), (90, Failed)]),
        ("nothing was given up", &[(150, Pending), (90, Pending), (1, Delivered)]),
    ] {
        app_with(&stage, events).await;
        assert_eq!(failing(&stage).await, [], "{why}");
    }
}

#[tokio::test]
async fn an_old_event_that_was_taken_late_counts_for_the_time_when_it_was_taken() {
    let stage = Stage::new().await;
    let now = stage.cashier.now();
    let app_id = app_with(&stage, &[(150, Failed), (90, Failed)]).await;
    assert_eq!(failing(&stage).await.len(), 1);
    let late = Event { delivered_at: Some(now - HOUR_MS), ..event(&app_id, now - 200 * HOUR_MS, Delivered) };
    store(&stage, vec![late]).await;
    assert_eq!(failing(&stage).await, []);
}

#[tokio::test]
async fn another_address_of_the_app_is_another_receiver() {
    let stage = Stage::new().await;
    let now = stage.cashier.now();
    let app_id = app_with(&stage, &[(150, Failed), (90, Failed)]).await;
    let elsewhere = Event { url: "https://other.example/hook".to_owned(), ..event(&app_id, now - HOUR_MS, Delivered) };
    store(&stage, vec![elsewhere]).await;
    let origins: Vec<String> = failing(&stage).await.into_iter().map(|receiver| receiver.origin).collect();
    assert_eq!(origins, ["https://shop.example"]);
}

#[tokio::test]
async fn a_busy_receiver_is_judged_by_a_sample_of_each_day() {
    let stage = Stage::new().await;
    let app_id = app_with(&stage, &[]).await;
    let now = stage.cashier.now();
    let quarters = |status: fn(i64) -> WebhookStatus| -> Vec<Event> {
        (1..=600).map(|n| event(&app_id, now - n * HOUR_MS / 4, status(n))).collect()
    };
    store(&stage, quarters(|_| Failed)).await;
    let found = failing(&stage).await;
    assert_eq!(found.len(), 1);
    assert!((120..=150).contains(&((now - found[0].since) / HOUR_MS)), "{found:?}");
    // Beside them as many on the third day, all taken.
    store(&stage, quarters(|n| if (192..288).contains(&n) { Delivered } else { Failed })).await;
    assert_eq!(failing(&stage).await, []);
}
