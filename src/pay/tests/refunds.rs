use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{Amount, OrderNo, RefundStatus, RefundedPart};
use crate::pay::channel::RemoteRefund;
use crate::pay::{Error, OrderKey, RefundInput};
use crate::tests::extent;

fn input(stage: &Stage, order_no: &OrderNo, out_refund_no: &str, fen: i64) -> RefundInput {
    RefundInput {
        app_id: Some(stage.app_id()),
        order: OrderKey { order_no: Some(order_no.to_string()), out_order_no: None },
        out_refund_no: out_refund_no.into(),
        amount: Amount::from_fen(fen).unwrap(),
        reason: "broken".into(),
        notify_url: None,
        requested_by: "api".into(),
        nonce: None,
    }
}

#[tokio::test]
async fn partial_refunds_add_up_and_never_exceed_what_was_paid() {
    let stage = Stage::new().await;
    let (order, _) = stage.paid_order("A1").await;
    let first = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 5000)).await.unwrap();
    assert_eq!(first.status, RefundStatus::Succeeded);
    assert_eq!(stage.bundle(&order.order_no).await.order.refund_status, RefundedPart::Partial);
    let too_much = stage.cashier.request_refund(input(&stage, &order.order_no, "R2", AMOUNT - 4999)).await;
    assert!(matches!(too_much, Err(Error::RefundTooMuch { left: 7800 })), "{too_much:?}");
    stage.cashier.request_refund(input(&stage, &order.order_no, "R3", AMOUNT - 5000)).await.unwrap();
    let after = stage.bundle(&order.order_no).await;
    assert_eq!(after.order.refund_status, RefundedPart::Full);
    assert_eq!(stage.events_of("refund.succeeded").await, 2);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn the_same_refund_call_gives_the_same_refund() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    let first = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 100)).await.unwrap();
    let second = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 100)).await.unwrap();
    assert_eq!(first.refund_no, second.refund_no);
    assert_eq!(stage.provider.trade(payment.pay_no.as_str()).refund_calls, 1);
    match stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 101)).await {
        Err(Error::Differs { fields }) => assert_eq!(fields, ["amount"]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn racing_refunds_never_exceed_what_was_paid() {
    let stage = Stage::new().await;
    for round in 0..extent(50, 1000) {
        let (order, payment) = stage.paid_order(&format!("A{round}")).await;
        let calls = (0..50).map(|i| {
            let (cashier, input) = (stage.cashier.clone(), input(&stage, &order.order_no, &format!("R{round}-{i}"), 1000));
            tokio::spawn(async move { cashier.request_refund(input).await })
        });
        let mut done = 0;
        for call in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                Ok(_) => done += 1,
                Err(Error::RefundTooMuch { .. }) => {}
                Err(e) => panic!("{e:?}"),
            }
        }
        assert_eq!(done, AMOUNT / 1000);
        assert_eq!(stage.provider.trade(payment.pay_no.as_str()).refunds.len(), 12);
        stage.audit(&order.order_no).await;
    }
}

#[tokio::test]
async fn an_unclear_refund_keeps_its_number_and_its_reservation() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    stage.provider.mood(Mood::Mute);
    let refund = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", AMOUNT)).await.unwrap();
    assert_eq!(refund.status, RefundStatus::Processing);
    let more = stage.cashier.request_refund(input(&stage, &order.order_no, "R2", 1)).await;
    assert!(matches!(more, Err(Error::RefundTooMuch { left: 0 })), "{more:?}");
    stage.provider.mood(Mood::Well);
    stage.pass(60);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.refunds[0].status, RefundStatus::Succeeded);
    assert_eq!(stage.provider.trade(payment.pay_no.as_str()).refunds.len(), 1, "one refund at the provider");
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_sent_again_with_the_same_number() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    stage.provider.mood(Mood::Dead);
    let refund = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 100)).await.unwrap();
    stage.provider.mood(Mood::Well);
    stage.pass(60);
    stage.cashier.run_due().await.unwrap();
    let trade = stage.provider.trade(payment.pay_no.as_str());
    assert_eq!(trade.refunds.keys().collect::<Vec<_>>(), [refund.refund_no.as_str()]);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn a_definite_no_gives_the_reservation_back() {
    let stage = Stage::new().await;
    let (order, _) = stage.paid_order("A1").await;
    stage.provider.mood(Mood::Refusing);
    let refund = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", AMOUNT)).await.unwrap();
    assert_eq!(refund.status, RefundStatus::Failed);
    assert_eq!(refund.error_code.as_deref(), Some("NO"));
    stage.provider.mood(Mood::Well);
    let again = stage.cashier.request_refund(input(&stage, &order.order_no, "R2", AMOUNT)).await.unwrap();
    assert_eq!(again.status, RefundStatus::Succeeded);
    assert_eq!((stage.events_of("refund.failed").await, stage.events_of("refund.succeeded").await), (1, 1));
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn an_unpaid_order_has_nothing_to_refund() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let result = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 1)).await;
    assert!(matches!(result, Err(Error::NotPaid)), "{result:?}");
}

#[tokio::test]
async fn a_stuck_refund_is_asked_for_until_it_ends() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    stage.provider.mood(Mood::RefundsStuck);
    let refund = stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 100)).await.unwrap();
    assert_eq!(refund.status, RefundStatus::Processing);
    for _ in 0..5 {
        stage.pass(3600);
        stage.cashier.run_due().await.unwrap();
    }
    assert_eq!(stage.bundle(&order.order_no).await.refunds[0].status, RefundStatus::Processing);
    stage
        .provider
        .0
        .lock()
        .unwrap()
        .trades
        .get_mut(payment.pay_no.as_str())
        .unwrap()
        .refunds
        .values_mut()
        .for_each(|r| r.1 = true);
    stage.pass(2 * 86_400);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.refunds[0].status, RefundStatus::Succeeded);
}

#[tokio::test]
async fn a_refused_question_about_a_refund_leaves_it_in_progress() {
    for mood in [Mood::Refusing, Mood::BadAccount, Mood::BrokenKey] {
        let stage = Stage::new().await;
        let (order, payment) = stage.paid_order("A1").await;
        stage.provider.mood(Mood::RefundsStuck);
        stage.cashier.request_refund(input(&stage, &order.order_no, "R1", 100)).await.unwrap();
        stage.provider.mood(mood);
        stage.pass(3600);
        stage.cashier.run_due().await.unwrap();
        let meanwhile = stage.bundle(&order.order_no).await;
        assert_eq!(meanwhile.refunds[0].status, RefundStatus::Processing, "{mood:?}");
        let reserved = meanwhile.payments.iter().find(|p| p.pay_no == payment.pay_no).unwrap().refund_reserved;
        assert_eq!(reserved.fen(), 100, "{mood:?}: the money could be refunded twice");
        assert_eq!(stage.events_of("refund.failed").await, 0, "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_news_in_parallel_counts_a_refund_once() {
    let stage = Stage::new().await;
    for round in 0..20 {
        let (order, _) = stage.paid_order(&format!("A{round}")).await;
        stage.provider.mood(Mood::RefundsStuck);
        let refund = stage.cashier.request_refund(input(&stage, &order.order_no, &format!("R{round}"), 100)).await.unwrap();
        stage.provider.mood(Mood::Well);
        let news = (0..8).map(|n| {
            let (cashier, refund_no) = (stage.cashier.clone(), refund.refund_no.clone());
            tokio::spawn(async move {
                let remote = if n % 2 == 0 {
                    RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at: None }
                } else {
                    RemoteRefund::Processing { provider_refund_no: Some("R".into()) }
                };
                cashier.settle_refund(&refund_no, &remote).await
            })
        });
        for told in news.collect::<Vec<_>>() {
            told.await.unwrap().unwrap();
        }
        let after = stage.bundle(&order.order_no).await;
        assert_eq!((after.order.refunded_amount.fen(), after.refunds[0].status), (100, RefundStatus::Succeeded));
    }
    assert_eq!(stage.events_of("refund.succeeded").await, 20);
}
