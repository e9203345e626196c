//! Closing a bar code gives money back that has arrived already. Nothing of it may look paid then, and nothing paid be lost.

use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{CloseReason, Method, OrderStatus, PaymentStatus};
use crate::pay::{Error, Order, Payment, Secret, Start};

async fn scanned(stage: &Stage) -> (Order, Payment) {
    let order = stage.order("A1").await;
    let code = Secret::new("134567890123456789".to_owned());
    let start = Start { auth_code: Some(code), ..Stage::start_of(Method::WechatMicropay) };
    let payment = stage.cashier.start_payment(&order.order_no, start).await.unwrap();
    assert_eq!(payment.status, PaymentStatus::Pending);
    (order, payment)
}

async fn close(stage: &Stage, order: &Order) -> Result<OrderStatus, Error> {
    stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await.map(|b| b.order.status)
}

async fn states(stage: &Stage, order: &Order) -> (OrderStatus, PaymentStatus) {
    let bundle = stage.bundle(&order.order_no).await;
    (bundle.order.status, bundle.payments[0].status)
}

#[tokio::test]
async fn money_that_is_there_before_the_close_pays_and_stays() {
    let stage = Stage::new().await;
    let (order, payment) = scanned(&stage).await;
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    let closed = close(&stage, &order).await;
    assert!(matches!(closed, Err(Error::AlreadyPaid)), "{closed:?}");
    assert_eq!(states(&stage, &order).await, (OrderStatus::Paid, PaymentStatus::Succeeded));
    assert_eq!(stage.provider.trade(payment.pay_no.as_str()).reversed, None);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn a_notice_of_money_that_was_given_back_pays_nothing_and_opens_no_case() {
    for closes_order in [true, false] {
        let stage = Stage::new().await;
        let (order, payment) = scanned(&stage).await;
        stage.provider.pay_before_close(payment.pay_no.as_str(), AMOUNT);
        if closes_order {
            assert_eq!(close(&stage, &order).await.unwrap(), OrderStatus::Closed);
        } else {
            // The worker gives up on a code that nobody confirms.
            stage.pass(600);
            stage.cashier.run_due().await.unwrap();
        }
        assert!(stage.provider.trade(payment.pay_no.as_str()).reversed.is_some());
        let before = states(&stage, &order).await;
        assert_eq!(before.1, PaymentStatus::Closed);
        assert_eq!(stage.notice(payment.pay_no.as_str(), AMOUNT).await.body, "success");
        stage.cashier.run_due().await.unwrap();
        assert_eq!(states(&stage, &order).await, before);
        assert!(stage.case_kinds().await.is_empty());
        stage.audit(&order.order_no).await;
    }
}

#[tokio::test]
async fn while_a_reversal_has_no_clear_end_news_of_money_waits_for_it() {
    let stage = Stage::new().await;
    let (order, payment) = scanned(&stage).await;
    stage.provider.pay_before_close(payment.pay_no.as_str(), AMOUNT);
    stage.provider.mood(Mood::ClosesUnheard);
    let closed = close(&stage, &order).await;
    assert!(matches!(closed, Err(Error::ProviderUnclear)), "{closed:?}");
    assert_eq!(stage.notice(payment.pay_no.as_str(), AMOUNT).await.body, "success");
    assert_eq!(states(&stage, &order).await, (OrderStatus::Paying, PaymentStatus::Pending));
    stage.provider.mood(Mood::Well);
    stage.pass(60);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(states(&stage, &order).await, (OrderStatus::Paying, PaymentStatus::Closed));
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn a_reversal_that_is_refused_leaves_the_money_to_the_order() {
    let stage = Stage::new().await;
    let (order, payment) = scanned(&stage).await;
    stage.provider.pay_before_close(payment.pay_no.as_str(), AMOUNT);
    stage.provider.mood(Mood::ClosesRefused);
    let closed = close(&stage, &order).await;
    assert!(matches!(closed, Err(Error::AlreadyPaid)), "{closed:?}");
    assert_eq!(states(&stage, &order).await, (OrderStatus::Paid, PaymentStatus::Succeeded));
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn a_reversal_that_is_refused_again_and_again_is_tried_by_its_plan() {
    let stage = Stage::new().await;
    let (order, _) = scanned(&stage).await;
    stage.provider.mood(Mood::ClosesRefused);
    for _ in 0..3 {
        stage.pass(600);
        let tries = stage.cashier.run_due().await.unwrap();
        assert!(tries <= 4, "{tries} at one moment");
    }
    stage.provider.mood(Mood::Well);
    stage.pass(600);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(states(&stage, &order).await, (OrderStatus::Paying, PaymentStatus::Closed));
}
