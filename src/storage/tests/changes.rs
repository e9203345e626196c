//! What the writes of the main path do, and under which condition.

use super::on_each;
use crate::model::{Amount, CloseReason, Method, OrderStatus, PaymentStatus, RefundedPart, VerifiedBy};
use crate::pay::channel::NextStep;
use crate::pay::store::{Store, StoreError, Unique, Write};
use crate::pay::{Task, TaskKind};
use crate::storage::testing::{app, channel, order, payment};
use std::collections::BTreeMap;

#[tokio::test]
async fn an_order_reads_back_as_it_was_written() {
    on_each(async |db| {
        let app = app(db).await;
        assert_eq!(app.pid, 1001);
        let mut full = order(&app.app_id, 8888);
        full.body = Some("zwei\nZeilen".to_owned());
        full.methods = vec![Method::AlipayQr, Method::WechatNative];
        full.return_url = Some("https://shop.example/back?a=1&b=2".to_owned());
        full.cancel_url = Some("https://shop.example/cancel".to_owned());
        full.show_url = Some("https://shop.example/show".to_owned());
        full.attach = Some("' or 1=1 --".to_owned());
        full.user_id = Some("u1".to_owned());
        full.platform = Some("web".to_owned());
        full.scene = Some("cart".to_owned());
        full.refers = Some(r#"[{"type":"a","refer_id":"1"}]"#.to_owned());
        full.extra = BTreeMap::from([("openid".to_owned(), "o-1".to_owned())]);
        let plain = order(&app.app_id, 1);
        db.commit(vec![Write::InsertOrder(Box::new(full.clone())), Write::InsertOrder(Box::new(plain.clone()))]).await.unwrap();
        assert_eq!(db.order(&full.order_no).await.unwrap(), Some(full.clone()));
        assert_eq!(db.order_by_token(&plain.token).await.unwrap(), Some(plain.clone()));
        assert_eq!(db.order_by_out_no(&app.app_id, &full.out_order_no).await.unwrap(), Some(full.clone()));
        assert_eq!(db.order_by_out_no(&app.app_id, "nothing").await.unwrap(), None);
        let bundle = db.bundle(&full.order_no).await.unwrap().unwrap();
        assert_eq!(bundle.order, full);
        assert!(bundle.payments.is_empty() && bundle.refunds.is_empty() && bundle.cases.is_empty());
    })
    .await;
}

#[tokio::test]
async fn saving_an_order_needs_the_state_and_version_that_were_seen() {
    on_each(async |db| {
        let app = app(db).await;
        let mut seen = order(&app.app_id, 100);
        db.commit(vec![Write::InsertOrder(Box::new(seen.clone()))]).await.unwrap();
        seen.status = OrderStatus::Closed;
        seen.close_reason = Some(CloseReason::Merchant);
        seen.closed_at = Some(5);
        let save = |was| Write::SaveOrder { order: Box::new(seen.clone()), was };
        assert!(matches!(db.commit(vec![save(OrderStatus::Paying)]).await, Err(StoreError::Stale)));
        db.commit(vec![save(OrderStatus::Created)]).await.unwrap();
        assert!(matches!(db.commit(vec![save(OrderStatus::Created)]).await, Err(StoreError::Stale)));
        assert!(matches!(db.commit(vec![save(OrderStatus::Closed)]).await, Err(StoreError::Stale)), "the version moved on");
        let stored = db.order(&seen.order_no).await.unwrap().unwrap();
        seen.version += 1;
        assert_eq!(stored, seen);
        seen.status = OrderStatus::Paid;
        seen.refund_status = RefundedPart::Partial;
        seen.refunded_amount = Amount::from_fen(30).unwrap();
        seen.method = Some(Method::JdQr);
        seen.paid_at = Some(7);
        db.commit(vec![Write::SaveOrder { order: Box::new(seen.clone()), was: OrderStatus::Closed }]).await.unwrap();
        seen.version += 1;
        assert_eq!(db.order(&seen.order_no).await.unwrap(), Some(seen));
    })
    .await;
}

#[tokio::test]
async fn a_pinned_order_counts_its_version_and_keeps_the_rest() {
    on_each(async |db| {
        let app = app(db).await;
        let mut seen = order(&app.app_id, 100);
        db.commit(vec![Write::InsertOrder(Box::new(seen.clone()))]).await.unwrap();
        let pin = |version, was| Write::PinOrder { order_no: seen.order_no.clone(), version, was };
        assert!(matches!(db.commit(vec![pin(seen.version, OrderStatus::Paying)]).await, Err(StoreError::Stale)));
        db.commit(vec![pin(seen.version, OrderStatus::Created)]).await.unwrap();
        assert!(matches!(db.commit(vec![pin(seen.version, OrderStatus::Created)]).await, Err(StoreError::Stale)));
        seen.version += 1;
        assert_eq!(db.order(&seen.order_no).await.unwrap(), Some(seen));
    })
    .await;
}

#[tokio::test]
async fn a_unit_happens_completely_or_not_at_all() {
    on_each(async |db| {
        let app = app(db).await;
        let (first, second) = (order(&app.app_id, 100), order(&app.app_id, 200));
        let mut third = order(&app.app_id, 300);
        third.out_order_no.clone_from(&first.out_order_no);
        let unit = [&first, &second, &third].map(|o| Write::InsertOrder(Box::new(o.clone())));
        assert!(matches!(db.commit(unit.to_vec()).await, Err(StoreError::Taken(Unique::OutOrderNo))));
        for order in [&first, &second, &third] {
            assert_eq!(db.order(&order.order_no).await.unwrap(), None);
        }
        db.commit(unit[..2].to_vec()).await.unwrap();
        db.commit(vec![]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_one_payment_pays_an_order() {
    on_each(async |db| {
        let app = app(db).await;
        let channel = channel(db, crate::model::ChannelKind::Jd, &[Method::JdQr], &[("merchant", "1")]).await;
        let order = order(&app.app_id, 100);
        let mut first = payment(&order, &channel.channel_id, Method::JdQr);
        let mut second = payment(&order, &channel.channel_id, Method::JdQr);
        second.created_at += 1;
        first.next = Some(NextStep::Qr { code_url: "https://pay.example/1".to_owned(), expires_at: 9 });
        first.provider_data = BTreeMap::from([("token".to_owned(), "t".to_owned())]);
        db.commit(vec![
            Write::InsertOrder(Box::new(order.clone())),
            Write::InsertPayment(Box::new(first.clone())),
            Write::InsertPayment(Box::new(second.clone())),
        ])
        .await
        .unwrap();
        let again = Write::InsertPayment(Box::new(first.clone()));
        assert!(matches!(db.commit(vec![again]).await, Err(StoreError::Taken(Unique::PayNo))));
        for p in [&mut first, &mut second] {
            p.status = PaymentStatus::Succeeded;
            p.pays_order = true;
            p.provider_trade_no = Some("trade".to_owned());
            p.payer = Some("buyer".to_owned());
            p.received = Some(p.amount);
            p.verified_by = Some(VerifiedBy::Notice);
            p.paid_at = Some(8);
        }
        let save = |p: &crate::pay::Payment| Write::SavePayment { payment: Box::new(p.clone()), was: PaymentStatus::Pending };
        db.commit(vec![save(&first)]).await.unwrap();
        assert!(matches!(db.commit(vec![save(&first)]).await, Err(StoreError::Stale)));
        assert!(matches!(db.commit(vec![save(&second)]).await, Err(StoreError::Taken(Unique::PayingPayment))));
        second.pays_order = false;
        db.commit(vec![save(&second)]).await.unwrap();
        let bundle = db.bundle(&order.order_no).await.unwrap().unwrap();
        assert_eq!(bundle.payments, vec![first.clone(), second]);
        assert_eq!(db.payment(&first.pay_no).await.unwrap(), Some(first));
    })
    .await;
}

#[tokio::test]
async fn leases_pass_a_task_to_one_worker_at_a_time() {
    on_each(async |db| {
        let kind = TaskKind::DeliverEvent;
        let task = |about: &str, due_at| Write::Schedule(Task { kind, about: about.to_owned(), due_at, attempts: 0, step: 0 });
        db.commit(vec![task("b", 20), task("a", 10), task("later", 1000)]).await.unwrap();
        assert_eq!((db.due_kinds(9).await.unwrap(), db.due_kinds(10).await.unwrap()), (vec![], vec![kind]));
        assert_eq!(db.claim(TaskKind::ExpireOrder, 100, 60, "w1", 10).await.unwrap(), vec![]);
        let first = db.claim(kind, 100, 60, "w1", 1).await.unwrap();
        assert_eq!(first, vec![Task { kind, about: "a".to_owned(), due_at: 10, attempts: 1, step: 0 }]);
        let abouts = |tasks: Vec<Task>| tasks.into_iter().map(|t| t.about).collect::<Vec<_>>();
        assert_eq!(abouts(db.claim(kind, 100, 60, "w2", 10).await.unwrap()), ["b"]);
        assert!(db.claim(kind, 159, 60, "w3", 10).await.unwrap().is_empty(), "both are leased until 160");
        assert_eq!((db.due_kinds(159).await.unwrap(), db.due_kinds(161).await.unwrap()), (vec![], vec![kind]));
        assert_eq!(abouts(db.claim(kind, 161, 60, "w3", 10).await.unwrap()), ["a", "b"], "leases end");
        let finish = |owner: &str| Write::FinishTask { kind, about: "a".to_owned(), owner: owner.to_owned() };
        assert!(matches!(db.commit(vec![finish("w1")]).await, Err(StoreError::Stale)), "w3 took over");
        db.commit(vec![finish("w3")]).await.unwrap();
        assert_eq!(db.task(kind, "a").await.unwrap(), None);
        // Moving a task drops its lease, and its attempts begin anew.
        db.commit(vec![Write::Schedule(Task { kind, about: "b".to_owned(), due_at: 170, attempts: 0, step: 3 })]).await.unwrap();
        assert_eq!(
            db.claim(kind, 170, 60, "w4", 10).await.unwrap(),
            vec![Task { kind, about: "b".to_owned(), due_at: 170, attempts: 1, step: 3 }]
        );
        db.release("w4").await.unwrap();
        assert_eq!(abouts(db.claim(kind, 170, 60, "node_5.first", 10).await.unwrap()), ["b"]);
        for other in ["node_", "nodex5", "node_5.firs", "node_5.first.", ""] {
            db.release(other).await.unwrap();
            assert!(db.claim(kind, 170, 60, "w6", 10).await.unwrap().is_empty(), "{other:?} is not the owner's node");
        }
        db.release("node_5").await.unwrap();
        assert_eq!(abouts(db.claim(kind, 170, 60, "node_5.second", 10).await.unwrap()), ["b"]);
        db.commit(vec![Write::Unschedule { kind, about: "b".to_owned() }, Write::Unschedule { kind, about: "b".to_owned() }])
            .await
            .unwrap();
        assert_eq!(db.task(kind, "b").await.unwrap(), None);
    })
    .await;
}
