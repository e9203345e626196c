//! Everything besides orders and payments: reads back as written, changes only under its condition.

use super::on_each;
use crate::model::{
    Amount, CaseAnswer, CaseId, CaseKind, CaseStatus, ChannelKind, EventId, EventType, Method, RefundNo, RefundStatus, Role,
    StaffId, WebhookStatus,
};
use crate::pay::store::{Store, StoreError, Unique, Write};
use crate::pay::{
    AppKey, AppKeyKind, AppSettings, Case, ChannelRules, Degraded, Delivery, Event, NoticeRow, Offer, Refund, Secret, Staff,
    Standing, TimelineEntry, TimelineKind, World,
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
async fn apps_count_up_and_their_keys_rotate() {
    on_each(async |db| {
        let (first, mut second) = (app(db).await, app(db).await);
        assert_eq!((first.pid, second.pid), (1001, 1002));
        second.name = "neu".to_owned();
        second.enabled = false;
        second.settings = AppSettings { accent: Some("#aabbcc".to_owned()), allow_md5: true, ..AppSettings::default() };
        db.commit(vec![Write::SaveApp(Box::new(second.clone()))]).await.unwrap();
        assert_eq!(db.app_by_pid(1002).await.unwrap(), Some(second.clone()));
        assert_eq!(db.apps().await.unwrap(), vec![first.clone(), second]);
        let mut stranger = first.clone();
        stranger.app_id = crate::model::AppId::parse(&World::system().id("app")).unwrap();
        assert!(matches!(db.commit(vec![Write::SaveApp(Box::new(stranger))]).await, Err(StoreError::Stale)));

        let key = |id: &str, at, kind| {
            Write::InsertAppKey(Box::new(AppKey {
                key_id: id.to_owned(),
                app_id: first.app_id.clone(),
                kind,
                value: Secret::new(format!("secret {id}")),
                created_at: at,
                retires_at: None,
            }))
        };
        db.commit(vec![key("k1", 10, AppKeyKind::Api), key("w1", 10, AppKeyKind::Webhook)]).await.unwrap();
        let retire = Write::RetireAppKeys { app_id: first.app_id.clone(), kind: AppKeyKind::Api, retires_at: 500 };
        db.commit(vec![retire, key("k2", 20, AppKeyKind::Api)]).await.unwrap();
        let ids = |keys: Vec<AppKey>| keys.into_iter().map(|k| (k.key_id, k.value.expose().clone())).collect::<Vec<_>>();
        let pair = |id: &str| (id.to_owned(), format!("secret {id}"));
        let at_499 = ids(db.app_keys(&first.app_id, 499).await.unwrap());
        assert_eq!(at_499, [pair("k2"), pair("w1"), pair("k1")]);
        assert_eq!(ids(db.app_keys(&first.app_id, 500).await.unwrap()), [pair("k2"), pair("w1")]);
    })
    .await;
}

#[tokio::test]
async fn a_nonce_is_spent_once_per_app() {
    on_each(async |db| {
        let (one, other) = (app(db).await, app(db).await);
        let spend = |app: &crate::pay::App| {
            vec![Write::SpendNonce { app_id: app.app_id.clone(), nonce: "n-12345678".to_owned(), expires_at: 9 }]
        };
        db.commit(spend(&one)).await.unwrap();
        assert!(matches!(db.commit(spend(&one)).await, Err(StoreError::Taken(Unique::Nonce))));
        db.commit(spend(&other)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn channels_keep_every_version_of_their_credentials() {
    on_each(async |db| {
        let app = app(db).await;
        let mut record = channel(db, ChannelKind::Baidu, &[Method::BaiduMini], &[("app_key", "eins")]).await;
        let insert = |name: &str, app_id: Option<crate::model::AppId>| {
            let mut twin = record.clone();
            twin.channel_id = crate::model::ChannelId::parse(&World::system().id("ch")).unwrap();
            twin.name = name.to_owned();
            twin.app_id = app_id;
            vec![Write::InsertChannel { record: Box::new(twin), credentials: BTreeMap::new() }]
        };
        assert!(matches!(db.commit(insert(&record.name, None)).await, Err(StoreError::Taken(Unique::ChannelName))));
        db.commit(insert(&record.name, Some(app.app_id.clone()))).await.unwrap();

        record.version = 2;
        record.gateway_url = Some("http://127.0.0.1:3100".to_owned());
        record.ca_pem = Some("PEM".to_owned());
        record.updated_at += 1;
        let credentials = BTreeMap::from([("app_key".to_owned(), Secret::new("zwei".to_owned()))]);
        let save = |record: &crate::pay::ChannelRecord, credentials| {
            vec![Write::SaveChannel { record: Box::new(record.clone()), credentials }]
        };
        db.commit(save(&record, Some(credentials.clone()))).await.unwrap();
        assert!(matches!(db.commit(save(&record, Some(credentials))).await, Err(StoreError::Stale)), "somebody else made 2");
        record.enabled = false;
        db.commit(save(&record, None)).await.unwrap();
        assert_eq!(db.channel(&record.channel_id).await.unwrap(), Some(record.clone()));
        for (version, text) in [(1, "eins"), (2, "zwei")] {
            let account = db.channel_account(&record.channel_id, version).await.unwrap().unwrap();
            assert_eq!((account.version, account.credentials["app_key"].expose().as_str()), (version, text));
            assert_eq!(account.record, record);
        }
        assert!(db.channel_account(&record.channel_id, 3).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_app_sees_its_channels_in_its_own_order() {
    on_each(async |db| {
        let (app, other) = (app(db).await, app(db).await);
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(channel(db, ChannelKind::Alipay, &[Method::AlipayQr], &[]).await);
        }
        for (i, record) in ids.iter_mut().enumerate() {
            record.priority = i64::try_from(i).unwrap();
            record.app_id = (i == 3).then(|| other.app_id.clone());
            db.commit(vec![Write::SaveChannel { record: Box::new(record.clone()), credentials: None }]).await.unwrap();
        }
        let offer = |i: usize, offered, priority| {
            Write::SaveOffer(Offer { app_id: app.app_id.clone(), channel_id: ids[i].channel_id.clone(), offered, priority })
        };
        let seen = async |app: &crate::pay::App| {
            let all = db.channels_of_app(&app.app_id).await.unwrap();
            all.iter().map(|c| ids.iter().position(|i| i.channel_id == c.channel_id).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(seen(&app).await, [0, 1, 2]);
        assert_eq!(seen(&other).await, [0, 1, 2, 3]);
        db.commit(vec![offer(0, false, None), offer(2, true, Some(-1))]).await.unwrap();
        assert_eq!(seen(&app).await, [2, 1]);
        db.commit(vec![offer(0, true, Some(9))]).await.unwrap();
        assert_eq!(seen(&app).await, [2, 1, 0]);
        let priorities = db.channels_of_app(&app.app_id).await.unwrap().iter().map(|c| c.priority).collect::<Vec<_>>();
        assert_eq!(priorities, [-1, 1, 9], "the app's own word on them");
        assert_eq!(seen(&other).await, [0, 1, 2, 3]);
        assert_eq!(db.offers(&ids[0].channel_id).await.unwrap().len(), 1);
        assert_eq!(db.channels().await.unwrap().len(), 4);
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
async fn staff_and_failed_logins_are_counted() {
    on_each(async |db| {
        let mut person = Staff {
            staff_id: StaffId::parse(&World::system().id("staff")).unwrap(),
            name: "王芳".to_owned(),
            role: Role::Finance,
            password_hash: Secret::new("$argon2id$x".to_owned()),
            enabled: true,
            failed_logins: 0,
            locked_until: 0,
            created_at: 1,
            last_login_at: None,
        };
        db.commit(vec![Write::InsertStaff(Box::new(person.clone()))]).await.unwrap();
        let mut twin = person.clone();
        twin.staff_id = StaffId::parse(&World::system().id("staff")).unwrap();
        assert!(matches!(
            db.commit(vec![Write::InsertStaff(Box::new(twin.clone()))]).await,
            Err(StoreError::Taken(Unique::StaffName))
        ));
        assert!(matches!(db.commit(vec![Write::SaveStaff(Box::new(twin))]).await, Err(StoreError::Stale)));
        person.role = Role::Owner;
        person.failed_logins = 3;
        person.locked_until = 77;
        person.last_login_at = Some(5);
        person.password_hash = Secret::new("$argon2id$y".to_owned());
        db.commit(vec![Write::SaveStaff(Box::new(person.clone()))]).await.unwrap();
        let stored = db.staff_by_name("王芳").await.unwrap().unwrap();
        assert_eq!((stored.role, stored.failed_logins, stored.locked_until, stored.last_login_at), (Role::Owner, 3, 77, Some(5)));
        assert_eq!(stored.password_hash.expose(), "$argon2id$y");
        assert_eq!(db.staff(&person.staff_id).await.unwrap().unwrap().name, person.name);
        assert_eq!(db.all_staff().await.unwrap().len(), 1);

        let fail = |at| Write::CountLoginFailure { address: "203.0.113.9".to_owned(), at };
        db.commit(vec![fail(10), fail(10), fail(20)]).await.unwrap();
        assert_eq!(db.login_failures("203.0.113.9", 10).await.unwrap(), 3);
        assert_eq!(db.login_failures("203.0.113.9", 11).await.unwrap(), 1);
        assert_eq!(db.login_failures("203.0.113.8", 0).await.unwrap(), 0);
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
