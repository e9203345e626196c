use super::stage::{AMOUNT, Stage};
use crate::model::{Amount, CloseReason, Method, OrderStatus, PaymentStatus};
use crate::pay::store::{StoreError, Unique};
use crate::pay::{Error, NewOrder, Nonce, OrderKey};
use crate::tests::extent;

#[tokio::test]
async fn the_same_call_gives_the_same_order() {
    let stage = Stage::new().await;
    let first = stage.order("A1").await;
    let second = stage.order("A1").await;
    assert_eq!(first, second);
}

#[tokio::test]
async fn other_values_under_the_same_number_are_named() {
    let stage = Stage::new().await;
    stage.order("A1").await;
    let mut other = Stage::new_order("A1");
    other.amount = Amount::from_fen(AMOUNT + 1).unwrap();
    other.attach = Some("x".into());
    match stage.cashier.create_order(&stage.app, other).await {
        Err(Error::Differs { fields }) => assert_eq!(fields, ["amount", "attach"]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_call_that_says_nothing_of_its_life_is_the_same_under_another_default() {
    let stage = Stage::new().await;
    let first = stage.order("A1").await;
    let mut app = stage.app.clone();
    app.settings.expires_in = 3600;
    let app = stage.cashier.save_app(app, "test").await.unwrap();
    let again = stage.cashier.create_order(&app, Stage::new_order("A1")).await.unwrap();
    assert_eq!((again.order_no, again.expires_at), (first.order_no, first.expires_at));
    let stated = NewOrder { expires_in: Some(3600), ..Stage::new_order("A1") };
    let differs = stage.cashier.create_order(&app, stated).await;
    assert!(matches!(&differs, Err(Error::Differs { fields }) if fields == &["expires_in"]), "{differs:?}");
}

#[tokio::test]
async fn racing_creates_make_one_order() {
    let stage = Stage::new().await;
    for round in 0..extent(50, 1000) {
        let calls = (0..50).map(|_| {
            let (cashier, app) = (stage.cashier.clone(), stage.app.clone());
            let new = Stage::new_order(&format!("A{round}"));
            tokio::spawn(async move { cashier.create_order(&app, new).await.unwrap().order_no })
        });
        let mut numbers = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            numbers.push(call.await.unwrap());
        }
        numbers.dedup();
        assert_eq!(numbers.len(), 1);
    }
}

#[tokio::test]
async fn a_nonce_works_once_and_a_refused_order_stores_nothing() {
    let stage = Stage::new().await;
    let nonce = Nonce { value: "nonce-0001".into(), expires_at: i64::MAX };
    let mut new = Stage::new_order("A1");
    new.nonce = Some(nonce.clone());
    stage.cashier.create_order(&stage.app, new.clone()).await.unwrap();
    new.out_order_no = "A2".into();
    let replay = stage.cashier.create_order(&stage.app, new.clone()).await;
    assert!(matches!(replay, Err(Error::Store(StoreError::Taken(Unique::Nonce)))), "{replay:?}");
    let key = OrderKey { out_order_no: Some("A2".into()), order_no: None };
    assert!(matches!(stage.cashier.find_order(Some(&stage.app_id()), &key).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_foreign_order_is_not_found() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let stranger = stage.cashier.create_app("Other", "test").await.unwrap().app;
    let key = OrderKey { order_no: Some(order.order_no.to_string()), out_order_no: None };
    assert!(stage.cashier.find_order(Some(&stage.app_id()), &key).await.is_ok());
    assert!(matches!(stage.cashier.find_order(Some(&stranger.app_id), &key).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn closing_closes_at_the_provider_first() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    let closed = stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await.unwrap();
    assert_eq!(closed.order.status, OrderStatus::Closed);
    assert!(stage.provider.trade(payment.pay_no.as_str()).closed);
    assert_eq!(closed.payments[0].status, PaymentStatus::Closed);
    // Again: the same answer, no second event.
    stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await.unwrap();
    assert_eq!(stage.events_of("order.closed").await, 1);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn closing_an_order_that_was_just_paid_makes_it_paid() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    let result = stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await;
    assert!(matches!(result, Err(Error::AlreadyPaid)), "{result:?}");
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paid);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn an_unclear_close_decides_nothing() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.start(&order, Method::WechatNative).await;
    stage.provider.mood(super::provider::Mood::Dead);
    let result = stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await;
    assert!(matches!(result, Err(Error::ProviderUnclear)), "{result:?}");
    let bundle = stage.bundle(&order.order_no).await;
    assert_eq!(bundle.order.status, OrderStatus::Paying);
    assert_eq!(bundle.payments[0].status, PaymentStatus::Pending);
}

#[tokio::test]
async fn an_order_expires_at_its_time_and_not_before() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.pass(7000);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paying);
    stage.pass(201);
    stage.cashier.run_due().await.unwrap();
    let bundle = stage.bundle(&order.order_no).await;
    assert_eq!(bundle.order.status, OrderStatus::Closed);
    assert_eq!(bundle.order.close_reason, Some(CloseReason::Expired));
    assert!(stage.provider.trade(payment.pay_no.as_str()).closed);
}
