//! Failed webhooks that are sent again together.

use super::stage::Stage;
use crate::model::WebhookStatus::{Delivered, Failed, Pending};
use crate::pay::store::{PageRequest, StoreError, Write};
use crate::pay::{AuditEntry, Error, Event, FailedEvents, TaskKind, TimelineKind};
use crate::storage::testing::event;
use tokio::task::JoinSet;

const STAFF: &str = "staff_00000001";
const DAY_MS: i64 = 86_400_000;

async fn store<'a>(stage: &Stage, events: impl IntoIterator<Item = &'a Event>) {
    let writes = events.into_iter().map(|e| Write::InsertEvent(Box::new(e.clone()))).collect();
    stage.cashier.store().commit(writes).await.unwrap();
}

/// As it is stored now.
async fn again(stage: &Stage, event: &Event) -> Event {
    stage.cashier.store().event(&event.event_id).await.unwrap().unwrap()
}

/// How often the history of its order says that staff has sent it again.
async fn times_sent(stage: &Stage, event: &Event) -> usize {
    let steps = stage.cashier.store().timeline(event.order_no.as_ref().unwrap()).await.unwrap();
    steps.iter().filter(|step| step.kind == TimelineKind::WebhookRedelivered && step.actor == STAFF).count()
}

/// Newest first.
async fn audit_entries(stage: &Stage) -> Vec<AuditEntry> {
    let page = PageRequest { limit: 50, ..PageRequest::default() };
    let entries = stage.cashier.store().audit(&page).await.unwrap().items;
    entries.into_iter().filter(|entry| entry.action == "webhook.redeliver_failed").collect()
}

/// How many were meant, by an audit entry.
fn meant_by(entry: &AuditEntry) -> i64 {
    let after: serde_json::Value = serde_json::from_str(entry.after.as_deref().unwrap()).unwrap();
    after["events"].as_i64().unwrap()
}

#[tokio::test]
async fn what_failed_in_the_time_is_sent_again_and_nothing_else() {
    let stage = Stage::new().await;
    let (mine, other) = (stage.app_id(), stage.cashier.create_app("Other", "test").await.unwrap().app.app_id);
    let (from, to) = (stage.cashier.now() - 2 * DAY_MS, stage.cashier.now() - DAY_MS);
    let meant = [event(&mine, from, Failed), event(&mine, to - 1, Failed)];
    let spared = [
        event(&mine, from - 1, Failed),
        event(&mine, to, Failed),
        event(&mine, from, Delivered),
        event(&mine, from, Pending),
        event(&other, from, Failed),
    ];
    store(&stage, meant.iter().chain(&spared)).await;
    let which = FailedEvents::new(Some(mine.clone()), from, to).unwrap();
    assert_eq!(stage.cashier.count_failed(&which).await.unwrap(), 2);
    assert_eq!(stage.cashier.redeliver_failed(&which, STAFF).await.unwrap(), 2);
    for event in &meant {
        assert_eq!(again(&stage, event).await, Event { status: Pending, ..event.clone() });
        assert_eq!(times_sent(&stage, event).await, 1);
    }
    for event in &spared {
        assert_eq!(again(&stage, event).await, *event);
        assert_eq!(times_sent(&stage, event).await, 0);
    }
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.receiver.got.lock().unwrap().len(), 2);
    for event in &meant {
        let event = again(&stage, event).await;
        assert_eq!((event.status, event.attempts), (Delivered, 11));
    }
    let entries = audit_entries(&stage).await;
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].object.as_str(), entries[0].actor.as_str(), meant_by(&entries[0])), (mine.as_str(), STAFF, 2));
}

#[tokio::test]
async fn without_an_app_those_of_all_apps_are_sent() {
    let stage = Stage::new().await;
    let now = stage.cashier.now();
    let other = stage.cashier.create_app("Other", "test").await.unwrap().app.app_id;
    let events = [event(&stage.app_id(), now - 2, Failed), event(&other, now - 1, Failed)];
    store(&stage, &events).await;
    let which = FailedEvents::new(None, now - 2, now).unwrap();
    assert_eq!(stage.cashier.redeliver_failed(&which, STAFF).await.unwrap(), 2);
    assert_eq!(audit_entries(&stage).await[0].object, "all");
}

#[tokio::test]
async fn their_plan_begins_anew() {
    let stage = Stage::new().await;
    *stage.receiver.status.lock().unwrap() = 503;
    let failed = event(&stage.app_id(), stage.cashier.now() - 1, Failed);
    store(&stage, [&failed]).await;
    let which = FailedEvents::new(None, failed.created_at, stage.cashier.now()).unwrap();
    stage.cashier.redeliver_failed(&which, STAFF).await.unwrap();
    stage.cashier.run_due().await.unwrap();
    assert_eq!(again(&stage, &failed).await.status, Pending, "one more failure is not its end");
    for _ in 0..12 {
        stage.pass(2 * 86_400);
        stage.cashier.run_due().await.unwrap();
    }
    let event = again(&stage, &failed).await;
    assert_eq!((event.status, event.attempts), (Failed, failed.attempts + 10));
}

#[tokio::test]
async fn what_somebody_else_has_delivered_meanwhile_is_left_alone() {
    let stage = Stage::new().await;
    let now = stage.cashier.now();
    let seen = [event(&stage.app_id(), now - 1, Failed), event(&stage.app_id(), now - 2, Failed)];
    store(&stage, &seen).await;
    stage.cashier.redeliver(&seen[0].event_id, STAFF).await.unwrap();
    stage.cashier.run_due().await.unwrap();
    let delivered = again(&stage, &seen[0]).await;
    assert_eq!(delivered.status, Delivered);
    let late = stage.cashier.send_again(&seen, now, STAFF, None).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(again(&stage, &seen[0]).await, delivered);
    assert_eq!(again(&stage, &seen[1]).await, seen[1], "nothing of the batch has happened");
    assert_eq!(stage.cashier.store().task(TaskKind::DeliverEvent, seen[1].event_id.as_str()).await.unwrap(), None);
    let which = FailedEvents::new(None, now - 2, now).unwrap();
    assert_eq!(stage.cashier.redeliver_failed(&which, STAFF).await.unwrap(), 1);
    assert_eq!(again(&stage, &seen[0]).await, delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_send_them_side_by_side_send_each_once() {
    let stage = Stage::new().await;
    let now = stage.cashier.now();
    let events: Vec<Event> = (1..=250).map(|ago| event(&stage.app_id(), now - ago, Failed)).collect();
    store(&stage, &events).await;
    let which = FailedEvents::new(None, now - 250, now).unwrap();
    let mut people = JoinSet::new();
    for _ in 0..4 {
        let (cashier, which) = (stage.cashier.clone(), which.clone());
        people.spawn(async move { cashier.redeliver_failed(&which, STAFF).await.unwrap() });
    }
    assert_eq!(people.join_all().await.into_iter().sum::<i64>(), 250);
    assert_eq!(stage.cashier.count_failed(&which).await.unwrap(), 0);
    for event in &events {
        assert_eq!(times_sent(&stage, event).await, 1);
    }
}

#[tokio::test]
async fn no_more_than_the_limit_go_at_once_and_the_next_call_goes_on() {
    let stage = Stage::new().await;
    let now = stage.cashier.now();
    let events = [5, 4, 3, 2, 1].map(|ago| event(&stage.app_id(), now - ago, Failed));
    store(&stage, &events).await;
    let which = FailedEvents::new(None, now - 5, now).unwrap();
    assert_eq!(stage.cashier.redeliver_up_to(3, &which, STAFF).await.unwrap(), 3);
    for (event, status) in events.iter().zip([Pending, Pending, Pending, Failed, Failed]) {
        assert_eq!(again(&stage, event).await.status, status, "the oldest go first");
    }
    assert_eq!(stage.cashier.count_failed(&which).await.unwrap(), 2);
    assert_eq!(stage.cashier.redeliver_failed(&which, STAFF).await.unwrap(), 2);
    assert_eq!(stage.cashier.redeliver_failed(&which, STAFF).await.unwrap(), 0);
    let meant: Vec<i64> = audit_entries(&stage).await.iter().map(meant_by).collect();
    assert_eq!(meant, [2, 3], "what changes nothing leaves no entry");
}

#[tokio::test]
async fn a_hundred_are_due_each_second() {
    let stage = Stage::new().await;
    let now = stage.cashier.now();
    let events: Vec<Event> = (1..=120).map(|ago| event(&stage.app_id(), now - ago, Failed)).collect();
    store(&stage, &events).await;
    let which = FailedEvents::new(None, now - 120, now).unwrap();
    assert_eq!(stage.cashier.redeliver_failed(&which, STAFF).await.unwrap(), 120);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.receiver.got.lock().unwrap().len(), 100);
    stage.pass(1);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.receiver.got.lock().unwrap().len(), 120);
}

#[test]
fn a_time_that_ends_before_it_begins_is_refused() {
    for to in [5, 4] {
        assert!(matches!(FailedEvents::new(None, 5, to), Err(Error::Invalid { field, .. }) if field == "to"), "{to}");
    }
}
