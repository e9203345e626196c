//! Everything besides orders and payments: reads back as written, changes only under its condition.

use super::on_each;
use crate::model::{
    Amount, CaseAnswer, CaseId, CaseKind, CaseStatus, ChannelKind, EventId, EventType, Method, RefundNo, RefundStatus,
    WebhookStatus,
};
use crate::pay::store::{Store, StoreError, Unique, Write};
use crate::pay::{
    Case, ChannelRules, Degraded, Delivery, Event, NoticeRow, Refund, Standing, TimelineEntry, TimelineKind, World,
};
use crate::storage::Database;
use crate::storage::testing::{app, channel, order, payment};
use std::collections::BTreeMap;

/// A stored order with a pending payment of 100 fen.
async fn paid(db: &Database) -> (crate::pay::Order, crate::pay::Payment) {
    let app = app(db).await;
    let channel = channel(db, ChannelKind::Qq, &[Method::QqNative], &[("key", "k")]).await;
    let order = order(&app.app_id, 100);
    let payment = payment(&order, &channel.channel_id, Method::QqNative);
    db.commit(vec![Write::InsertOrder(Box::new(order.clone())), Write::InsertPayment(Box::new(payment.clone()))]).await.unwrap();
    (order, payment)
}

fn refund(payment: &crate::pay::Payment, out_refund_no: &str, fen: i64) -> Refund {
    Refund {
        refund_no: RefundNo::parse(&World::system().number()).unwrap(),
        app_id: payment.app_id.clone(),
        out_refund_no: out_refund_no.to_owned(),
        order_no: Some(payment.order_no.clone()),
        pay_no: payment.pay_no.clone(),
        case_id: None,
        amount: Amount::from_fen(fen).unwrap(),
        reason: "zurück".to_owned(),
        notify_url: None,
        requested_by: "api".to_owned(),
        created_at: 1,
        status: RefundStatus::Created,
        provider_refund_no: None,
        error_code: None,
        error_message: None,
        succeeded_at: None,
    }
}

#[tokio::test]
async fn a_reservation_never_exceeds_what_was_paid() {
    on_each(async |db| {
        let (_, mut payment) = paid(db).await;
        let pay_no = payment.pay_no.clone();
        let fen = |n| Amount::from_fen(n).unwrap();
        let reserve = |n| Write::ReserveRefund { pay_no: pay_no.clone(), amount: fen(n) };
        let release = |n| Write::ReleaseRefund { pay_no: pay_no.clone(), amount: fen(n) };
        assert!(matches!(db.commit(vec![reserve(101)]).await, Err(StoreError::TooMuch)));
        db.commit(vec![reserve(60)]).await.unwrap();
        assert!(matches!(db.commit(vec![reserve(41)]).await, Err(StoreError::TooMuch)));
        db.commit(vec![reserve(40)]).await.unwrap();
        assert_eq!(db.payment(&pay_no).await.unwrap().unwrap().refund_reserved, fen(100));
        assert!(matches!(db.commit(vec![release(101)]).await, Err(StoreError::Stale)));
        db.commit(vec![release(100)]).await.unwrap();
        let unknown = crate::model::PayNo::parse(&World::system().number()).unwrap();
        let nowhere = Write::ReserveRefund { pay_no: unknown, amount: fen(1) };
        assert!(matches!(db.commit(vec![nowhere]).await, Err(StoreError::Stale)));
        // Saving a payment leaves the reservation alone, and what was received is the measure.
        db.commit(vec![reserve(10)]).await.unwrap();
        payment.received = Some(fen(20));
        let was = payment.status;
        db.commit(vec![Write::SavePayment { payment: Box::new(payment), was }]).await.unwrap();
        assert_eq!(db.payment(&pay_no).await.unwrap().unwrap().refund_reserved, fen(10));
        assert!(matches!(db.commit(vec![reserve(11)]).await, Err(StoreError::TooMuch)));
        db.commit(vec![reserve(10)]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_refund_number_is_taken_once_per_app() {
    on_each(async |db| {
        let (order, payment) = paid(db).await;
        let mut first = refund(&payment, "r-1", 10);
        db.commit(vec![Write::InsertRefund(Box::new(first.clone()))]).await.unwrap();
        let second = refund(&payment, "r-1", 10);
        let insert = |r: &Refund| vec![Write::InsertRefund(Box::new(r.clone()))];
        assert!(matches!(db.commit(insert(&second)).await, Err(StoreError::Taken(Unique::OutRefundNo))));
        let mut third = refund(&payment, "r-3", 10);
        third.refund_no = first.refund_no.clone();
        assert!(matches!(db.commit(insert(&third)).await, Err(StoreError::Taken(Unique::RefundNo))));
        let mut elsewhere = refund(&payment, "r-1", 10);
        elsewhere.app_id = app(db).await.app_id;
        elsewhere.order_no = None;
        elsewhere.case_id = Some(CaseId::parse(&World::system().id("case")).unwrap());
        db.commit(insert(&elsewhere)).await.unwrap();
        assert_eq!(db.refund(&elsewhere.refund_no).await.unwrap(), Some(elsewhere));

        first.status = RefundStatus::Failed;
        first.error_code = Some("E".to_owned());
        first.error_message = Some("no\0NUL".to_owned());
        first.provider_refund_no = Some("p".to_owned());
        first.succeeded_at = Some(3);
        let save = |r: &Refund, was| vec![Write::SaveRefund { refund: Box::new(r.clone()), was }];
        assert!(matches!(db.commit(save(&first, RefundStatus::Processing)).await, Err(StoreError::Stale)));
        db.commit(save(&first, RefundStatus::Created)).await.unwrap();
        first.error_message = Some("no\u{fffd}NUL".to_owned());
        assert_eq!(db.refund_by_out_no(&first.app_id, "r-1").await.unwrap(), Some(first.clone()));
        assert_eq!(db.bundle(&order.order_no).await.unwrap().unwrap().refunds, vec![first]);
    })
    .await;
}

#[tokio::test]
async fn the_same_money_makes_one_case() {
    on_each(async |db| {
        let (order, payment) = paid(db).await;
        let mut case = Case {
            case_id: CaseId::parse(&World::system().id("case")).unwrap(),
            kind: CaseKind::Late,
            app_id: Some(order.app_id.clone()),
            channel_id: payment.channel_id.clone(),
            order_no: Some(order.order_no.clone()),
            pay_no: Some(payment.pay_no.clone()),
            claimed_no: payment.pay_no.to_string(),
            provider_trade_no: "t1".to_owned(),
            amount: Amount::from_fen(100).unwrap(),
            created_at: 4,
            status: CaseStatus::Open,
            answer: None,
            refund_no: None,
            resolved_at: None,
            resolved_by: None,
        };
        db.commit(vec![Write::InsertCase(Box::new(case.clone()))]).await.unwrap();
        let mut same = case.clone();
        same.case_id = CaseId::parse(&World::system().id("case")).unwrap();
        assert!(matches!(db.commit(vec![Write::InsertCase(Box::new(same.clone()))]).await, Err(StoreError::Taken(Unique::Case))));
        same.provider_trade_no = "t2".to_owned();
        same.app_id = None;
        same.order_no = None;
        same.pay_no = None;
        db.commit(vec![Write::InsertCase(Box::new(same.clone()))]).await.unwrap();
        assert_eq!(db.case(&same.case_id).await.unwrap(), Some(same));
        case.status = CaseStatus::Resolved;
        case.answer = Some(CaseAnswer::None);
        case.resolved_at = Some(9);
        case.resolved_by = Some("rule".to_owned());
        let save = |was| vec![Write::SaveCase { case: Box::new(case.clone()), was }];
        assert!(matches!(db.commit(save(CaseStatus::Resolved)).await, Err(StoreError::Stale)));
        db.commit(save(CaseStatus::Open)).await.unwrap();
        assert_eq!(db.bundle(&order.order_no).await.unwrap().unwrap().cases, vec![case]);
    })
    .await;
}

#[tokio::test]
async fn history_and_messages_read_back_in_order() {
    on_each(async |db| {
        let (order, payment) = paid(db).await;
        let world = World::system();
        let step = |id: &str, at| TimelineEntry {
            id: id.to_owned(),
            order_no: order.order_no.clone(),
            at,
            kind: TimelineKind::PaymentStarted,
            actor: "payer".to_owned(),
            about: Some(payment.pay_no.to_string()),
            data: BTreeMap::from([("code".to_owned(), "\u{0}\u{1f600}".to_owned())]),
        };
        db.commit(vec![Write::Timeline(step("2", 20)), Write::Timeline(step("1", 10))]).await.unwrap();
        assert_eq!(db.timeline(&order.order_no).await.unwrap(), vec![step("1", 10), step("2", 20)]);

        let mut event = Event {
            event_id: EventId::parse(&world.id("evt")).unwrap(),
            app_id: order.app_id.clone(),
            kind: EventType::OrderPaid,
            order_no: Some(order.order_no.clone()),
            about: order.order_no.to_string(),
            url: "https://shop.example/notify".to_owned(),
            body: "{\"a\":1}".to_owned(),
            created_at: 5,
            status: WebhookStatus::Pending,
            attempts: 0,
            delivered_at: None,
        };
        assert!(matches!(db.commit(vec![Write::SaveEvent(Box::new(event.clone()))]).await, Err(StoreError::Stale)));
        db.commit(vec![Write::InsertEvent(Box::new(event.clone()))]).await.unwrap();
        let figures = db.figures(0).await.unwrap();
        assert_eq!((figures.pending_webhooks, figures.oldest_pending_webhook, figures.failed_webhooks), (1, Some(5), 0));
        event.status = WebhookStatus::Delivered;
        event.attempts = 1;
        event.delivered_at = Some(8);
        let delivery = Delivery {
            id: world.number(),
            event_id: event.event_id.clone(),
            attempt: 1,
            at: 7,
            duration_ms: 30,
            request_headers: "webhook-id: 1\n".to_owned(),
            status_code: Some(204),
            reply: Some("ok\0".to_owned()),
            error: None,
        };
        db.commit(vec![Write::InsertDelivery(Box::new(delivery.clone())), Write::SaveEvent(Box::new(event.clone()))])
            .await
            .unwrap();
        assert_eq!(db.events_of_order(&order.order_no).await.unwrap(), vec![event.clone()]);
        let kept = db.deliveries(&event.event_id).await.unwrap();
        assert_eq!(kept, vec![Delivery { reply: Some("ok\u{fffd}".to_owned()), ..delivery }]);
        assert_eq!(db.event(&event.event_id).await.unwrap(), Some(event));

        let mut notice = NoticeRow {
            id: world.number(),
            channel_id: payment.channel_id.clone(),
            kind: "pay".to_owned(),
            received_at: 100,
            headers: String::new(),
            body_base64: "AAEC".to_owned(),
            verified: true,
            result: "applied".to_owned(),
            pay_no: Some(payment.pay_no.to_string()),
            order_no: Some(order.order_no.clone()),
        };
        db.commit(vec![Write::InsertNotice(Box::new(notice.clone()))]).await.unwrap();
        assert_eq!(db.notice(&notice.id).await.unwrap(), Some(notice.clone()));
        assert_eq!(db.notices_of_order(&order.order_no).await.unwrap(), vec![notice.clone()]);
        notice.verified = false;
        notice.order_no = None;
        for at in [100, 200] {
            notice.id = world.number();
            notice.received_at = at;
            db.commit(vec![Write::InsertNotice(Box::new(notice.clone()))]).await.unwrap();
        }
        assert_eq!(db.unverified_since(&payment.channel_id, 100).await.unwrap(), 2);
        assert_eq!(db.unverified_since(&payment.channel_id, 101).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn rules_and_trouble_of_a_channel_are_kept_apart() {
    on_each(async |db| {
        let channel = channel(db, ChannelKind::Alipay, &[Method::AlipayQr], &[]).await;
        let channel_id = channel.channel_id;
        assert_eq!(db.standings().await.unwrap(), []);
        let degraded = Some(Degraded { at: 5, reason: "no connection".to_owned() });
        let mark =
            |degraded: &Option<Degraded>| Write::SetDegraded { channel_id: channel_id.clone(), degraded: degraded.clone() };
        db.commit(vec![mark(&degraded)]).await.unwrap();
        let mut standing = Standing { degraded, ..Standing::usual(channel_id.clone()) };
        assert_eq!(db.standings().await.unwrap(), [standing.clone()]);
        standing.rules = ChannelRules { weight: 7, min_amount: Some(100), max_amount: None };
        let rules = standing.rules.clone();
        db.commit(vec![Write::SaveChannelRules { channel_id: channel_id.clone(), rules }]).await.unwrap();
        assert_eq!(db.standings().await.unwrap(), [standing.clone()]);
        standing.degraded = None;
        db.commit(vec![mark(&None)]).await.unwrap();
        assert_eq!(db.standings().await.unwrap(), [standing]);
    })
    .await;
}

#[tokio::test]
async fn figures_and_the_clock_answer() {
    on_each(async |db| {
        let empty = db.figures(0).await.unwrap();
        assert!(empty.orders.is_empty() && empty.oldest_due.is_none() && empty.oldest_pending_webhook.is_none());
        let (order, _) = paid(db).await;
        let figures = db.figures(order.created_at - 1000).await.unwrap();
        assert_eq!((figures.orders, figures.paid_amount), (vec![(order.status, 1)], 0));
        assert!(db.figures(order.created_at + 1000).await.unwrap().orders.is_empty());
        let mut settled = crate::storage::testing::order(&order.app_id, 250);
        settled.status = crate::model::OrderStatus::Paid;
        db.commit(vec![Write::InsertOrder(Box::new(settled.clone()))]).await.unwrap();
        let figures = db.figures(order.created_at - 1000).await.unwrap();
        assert_eq!((figures.orders, figures.paid_amount), (vec![(order.status, 1), (settled.status, 1)], 250));
        let task = crate::pay::Task {
            kind: crate::pay::TaskKind::ExpireOrder,
            about: "x".to_owned(),
            due_at: 123,
            attempts: 0,
            step: 0,
        };
        db.commit(vec![Write::Schedule(task)]).await.unwrap();
        assert_eq!(db.figures(0).await.unwrap().oldest_due, Some(123));
        let drift = db.ping().await.unwrap() - World::system().now_ms();
        assert!(drift.abs() < 60_000, "the database's clock is {drift} ms away");
    })
    .await;
}
