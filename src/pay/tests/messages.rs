use super::stage::Stage;
use crate::model::{EventId, WebhookStatus};
use crate::pay::store::{Store, Write};
use crate::pay::{AppKeyKind, Cashier, Notifier, Reply, TaskKind, World, webhook_signature};
use async_trait::async_trait;
use std::sync::Arc;

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap()
}

#[tokio::test]
async fn every_try_sends_the_same_id_and_bytes_until_it_is_taken() {
    let stage = Stage::new().await;
    *stage.receiver.status.lock().unwrap() = 500;
    stage.paid_order("A1").await;
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.receiver.got.lock().unwrap().len(), 1);
    stage.pass(7);
    stage.cashier.run_due().await.unwrap();
    *stage.receiver.status.lock().unwrap() = 204;
    stage.pass(400);
    stage.cashier.run_due().await.unwrap();
    let got = stage.receiver.got.lock().unwrap().clone();
    assert_eq!(got.len(), 3);
    assert!(got.iter().all(|(h, body)| header(h, "webhook-id") == header(&got[0].0, "webhook-id") && *body == got[0].1));
    assert_ne!(header(&got[0].0, "webhook-timestamp"), header(&got[2].0, "webhook-timestamp"));
    let event = stage.events().await.remove(0);
    assert_eq!((event.status, event.attempts), (WebhookStatus::Delivered, 3));
    assert_eq!(stage.cashier.store().deliveries(&event.event_id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_signature_is_the_apps() {
    let stage = Stage::new().await;
    stage.paid_order("A1").await;
    stage.cashier.run_due().await.unwrap();
    let app = stage.cashier.app_with_keys(&stage.app_id()).await.unwrap().unwrap();
    let (headers, body) = stage.receiver.got.lock().unwrap()[0].clone();
    let timestamp = header(&headers, "webhook-timestamp").parse().unwrap();
    let expected = webhook_signature(app.keys_of(AppKeyKind::Webhook), header(&headers, "webhook-id"), timestamp, &body);
    assert_eq!(header(&headers, "webhook-signature"), expected);
    let value: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(value["type"], "order.paid");
    assert_eq!(value["data"]["status"], "paid");
    assert_eq!(value["data"]["payments"][0]["status"], "succeeded");
}

#[tokio::test]
async fn a_receiver_that_never_answers_well_is_given_up_and_can_be_asked_again() {
    let stage = Stage::new().await;
    *stage.receiver.status.lock().unwrap() = 302;
    stage.paid_order("A1").await;
    for _ in 0..12 {
        stage.cashier.run_due().await.unwrap();
        stage.pass(2 * 86_400);
    }
    let event = stage.events().await.remove(0);
    assert_eq!((event.status, event.attempts), (WebhookStatus::Failed, 10));
    *stage.receiver.status.lock().unwrap() = 200;
    stage.cashier.redeliver(&event.event_id, "staff_00000001").await.unwrap();
    stage.cashier.run_due().await.unwrap();
    let event = stage.events().await.remove(0);
    assert_eq!((event.status, event.attempts), (WebhookStatus::Delivered, 11));
}

#[tokio::test]
async fn gone_stops_at_once() {
    let stage = Stage::new().await;
    *stage.receiver.status.lock().unwrap() = 410;
    stage.paid_order("A1").await;
    stage.cashier.run_due().await.unwrap();
    stage.pass(86_400);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.receiver.got.lock().unwrap().len(), 1);
    assert_eq!(stage.events().await[0].status, WebhookStatus::Failed);
}

/// Fails every try, but not before another node has delivered the event.
struct Overtaken(Arc<dyn Store>);

#[async_trait]
impl Notifier for Overtaken {
    async fn post(&self, _url: &str, headers: &[(String, String)], _body: &str) -> Result<Reply, String> {
        let event_id = EventId::parse(header(headers, "webhook-id")).unwrap();
        let mut event = self.0.event(&event_id).await.unwrap().unwrap();
        event.status = WebhookStatus::Delivered;
        event.delivered_at = Some(1);
        let about = event_id.to_string();
        let done = Write::Unschedule { kind: TaskKind::DeliverEvent, about };
        self.0.commit(vec![Write::SaveEvent(Box::new(event)), done]).await.unwrap();
        Err("the connection was cut".to_owned())
    }
}

fn another_node(stage: &Stage, notifier: Arc<dyn Notifier>) -> Cashier {
    let (store, settings) = (stage.cashier.inner.store.clone(), stage.cashier.settings().clone());
    let world = World { clock: stage.world.clone(), chance: stage.world.clone() };
    Cashier::new(store, Arc::new(stage.provider.clone()), notifier, world, settings)
}

#[tokio::test]
async fn a_second_try_knows_of_another_nodes_first_one() {
    let stage = Stage::new().await;
    *stage.receiver.status.lock().unwrap() = 500;
    stage.paid_order("A1").await;
    another_node(&stage, Arc::new(stage.receiver.clone())).run_due().await.unwrap();
    stage.pass(7);
    stage.cashier.run_due().await.unwrap();
    let event = stage.events().await.remove(0);
    assert_eq!(event.attempts, 2);
    assert_eq!(stage.cashier.store().deliveries(&event.event_id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_late_failure_does_not_undo_another_nodes_delivery() {
    let stage = Stage::new().await;
    stage.paid_order("A1").await;
    let late = another_node(&stage, Arc::new(Overtaken(stage.cashier.inner.store.clone())));
    late.run_due().await.unwrap();
    let event = stage.events().await.remove(0);
    assert_eq!((event.status, event.delivered_at), (WebhookStatus::Delivered, Some(1)));
    assert_eq!(stage.cashier.store().deliveries(&event.event_id).await.unwrap().len(), 1, "the failed try is kept");
}
