//! Many at once: the database decides, and exactly one wins.

use super::on_each;
use crate::model::{Amount, ChannelKind, Method, OrderStatus};
use crate::pay::store::{Store, StoreError, Unique, Write};
use crate::pay::{AuditEntry, Task, TaskKind};
use crate::storage::testing::{app, channel, order, payment};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_ways_to_create_make_one_order() {
    on_each(async |db| {
        let app = app(db).await;
        for round in 0..5 {
            let mut racers = JoinSet::new();
            for _ in 0..50 {
                let mut order = order(&app.app_id, 100);
                order.out_order_no = format!("same-{round}");
                let db = db.database.clone();
                racers.spawn(async move { db.commit(vec![Write::InsertOrder(Box::new(order))]).await });
            }
            let results = racers.join_all().await;
            assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
            let taken = results.iter().filter(|r| matches!(r, Err(StoreError::Taken(Unique::OutOrderNo)))).count();
            assert_eq!(taken, 49);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_refunds_never_exceed_the_payment() {
    on_each(async |db| {
        let app = app(db).await;
        let channel = channel(db, ChannelKind::Jd, &[Method::JdQr], &[]).await;
        let order = order(&app.app_id, 100);
        let payment = payment(&order, &channel.channel_id, Method::JdQr);
        db.commit(vec![Write::InsertOrder(Box::new(order)), Write::InsertPayment(Box::new(payment.clone()))]).await.unwrap();
        let mut racers = JoinSet::new();
        for _ in 0..50 {
            let (db, pay_no) = (db.database.clone(), payment.pay_no.clone());
            racers.spawn(
                async move { db.commit(vec![Write::ReserveRefund { pay_no, amount: Amount::from_fen(7).unwrap() }]).await },
            );
        }
        let results = racers.join_all().await;
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 14);
        assert!(results.iter().all(|r| matches!(r, Ok(()) | Err(StoreError::TooMuch))));
        assert_eq!(db.payment(&payment.pay_no).await.unwrap().unwrap().refund_reserved.fen(), 98);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_saves_of_one_version_have_one_winner() {
    on_each(async |db| {
        let app = app(db).await;
        let mut seen = order(&app.app_id, 100);
        db.commit(vec![Write::InsertOrder(Box::new(seen.clone()))]).await.unwrap();
        seen.status = OrderStatus::Paying;
        let mut racers = JoinSet::new();
        for _ in 0..30 {
            let (db, order) = (db.database.clone(), Box::new(seen.clone()));
            racers.spawn(async move { db.commit(vec![Write::SaveOrder { order, was: OrderStatus::Created }]).await });
        }
        let results = racers.join_all().await;
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
        assert!(results.iter().all(|r| matches!(r, Ok(()) | Err(StoreError::Stale))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claimers_never_share_a_task() {
    on_each(async |db| {
        let kind = TaskKind::QueryPayment;
        let tasks = (0..60).map(|i| Write::Schedule(Task { kind, about: format!("t{i}"), due_at: i, attempts: 0, step: 0 }));
        db.commit(tasks.collect()).await.unwrap();
        let mut workers = JoinSet::new();
        for worker in 0..10 {
            let db = db.database.clone();
            workers.spawn(async move {
                let mut mine = Vec::new();
                for _ in 0..20 {
                    let claimed = db.claim(kind, 1000, 60_000, &format!("w{worker}"), 4).await.unwrap();
                    mine.extend(claimed.into_iter().map(|t| t.about));
                }
                mine
            });
        }
        let all: Vec<String> = workers.join_all().await.into_iter().flatten().collect();
        let distinct: BTreeSet<&String> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (60, 60));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_audit_entries_make_one_chain() {
    on_each(async |db| {
        let mut writers = JoinSet::new();
        for i in 0..40 {
            let db = db.database.clone();
            let entry = AuditEntry {
                at: i,
                actor: "cli".to_owned(),
                action: "test".to_owned(),
                object: format!("{i}"),
                before: None,
                after: Some("{}".to_owned()),
                address: None,
            };
            writers.spawn(async move { db.commit(vec![Write::Audit(entry)]).await });
        }
        assert!(writers.join_all().await.iter().all(Result::is_ok));
        assert_eq!(db.verify_audit().await.unwrap(), 40);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_apps_get_different_pids() {
    on_each(async |db| {
        let mut makers = JoinSet::new();
        for _ in 0..4 {
            let db = db.database.clone();
            makers.spawn(async move { app(&db).await.pid });
        }
        let pids: BTreeSet<i64> = makers.join_all().await.into_iter().collect();
        assert_eq!(pids.into_iter().collect::<Vec<_>>(), [1001, 1002, 1003, 1004]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_unit_leaves_its_neighbours_in_the_batch_unharmed() {
    on_each(async |db| {
        let app = app(db).await;
        let taken = order(&app.app_id, 100);
        db.commit(vec![Write::InsertOrder(Box::new(taken.clone()))]).await.unwrap();
        let mut writers = JoinSet::new();
        for i in 0..200 {
            let db = db.database.clone();
            let mut bad = order(&app.app_id, 100);
            let good = order(&app.app_id, 100);
            bad.out_order_no.clone_from(&taken.out_order_no);
            writers.spawn(async move {
                // Each third unit fails after its first write.
                let mut unit = vec![Write::InsertOrder(Box::new(good.clone()))];
                if i % 3 == 0 {
                    unit.push(Write::InsertOrder(Box::new(bad)));
                }
                let result = db.commit(unit).await;
                assert_eq!(result.is_err(), i % 3 == 0, "{result:?}");
                assert_eq!(db.order(&good.order_no).await.unwrap().is_some(), result.is_ok());
            });
        }
        writers.join_all().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_leave_no_open_transaction() {
    on_each(async |db| {
        let app = app(db).await;
        let mut numbers = Vec::new();
        for i in 0..200 {
            let (first, second) = (order(&app.app_id, 100), order(&app.app_id, 100));
            numbers.push((first.order_no.clone(), second.order_no.clone()));
            let db = db.database.clone();
            let caller = tokio::spawn(async move {
                db.commit(vec![Write::InsertOrder(Box::new(first)), Write::InsertOrder(Box::new(second))]).await
            });
            for _ in 0..i % 7 {
                tokio::task::yield_now().await;
            }
            caller.abort();
        }
        let last = order(&app.app_id, 100);
        db.commit(vec![Write::InsertOrder(Box::new(last))]).await.unwrap();
        for (first, second) in numbers {
            // Done completely or not at all. The second is read first: what is under way may only add.
            let second = db.order(&second).await.unwrap().is_some();
            let first = db.order(&first).await.unwrap().is_some();
            assert!(first || !second);
        }
    })
    .await;
}
