use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{CloseReason, Method, OrderStatus, PaymentStatus};
use crate::pay::Error;

#[tokio::test]
async fn a_notice_pays_the_order_and_a_second_one_changes_nothing() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    let before = stage.bundle(&order.order_no).await;
    for _ in 0..3 {
        assert_eq!(stage.notice(payment.pay_no.as_str(), AMOUNT).await.body, "success");
    }
    let after = stage.bundle(&order.order_no).await;
    assert_eq!((after.order.status, after.order.paid_at), (before.order.status, before.order.paid_at));
    assert_eq!(after.payments, before.payments);
    assert_eq!(stage.events_of("order.paid").await, 1);
    assert!(after.cases.is_empty());
}

#[tokio::test]
async fn an_order_known_from_its_creation_takes_no_payment_once_another_node_has_closed_it() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let number = || Some(order.order_no.to_string());
    let known = stage.cashier.find_order_to_pay(&order.app_id, number()).await.unwrap();
    assert_eq!(known, stage.bundle(&order.order_no).await);
    stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await.unwrap();
    let started = stage.cashier.start_payment_of(known, Stage::start_of(Method::WechatNative)).await;
    assert!(matches!(started, Err(Error::Closed)), "{started:?}");
    assert!(stage.bundle(&order.order_no).await.payments.is_empty());
}

#[tokio::test]
async fn a_fresh_order_is_found_as_it_is_now_and_by_its_own_app_only() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let stranger = stage.cashier.create_app("Other", "test").await.unwrap().app;
    let number = || Some(order.order_no.to_string());
    assert!(matches!(stage.cashier.find_order_to_pay(&stranger.app_id, number()).await, Err(Error::NotFound { .. })));
    let order = stage.order("A2").await;
    stage.start(&order, Method::WechatNative).await;
    let found = stage.cashier.find_order_to_pay(&order.app_id, Some(order.order_no.to_string())).await.unwrap();
    assert_eq!(found, stage.bundle(&order.order_no).await);
    assert_eq!(found.payments.len(), 1);
}

#[tokio::test]
async fn ten_notices_at_once_have_one_effect() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    let calls = (0..10).map(|_| {
        let (cashier, channel) = (stage.cashier.clone(), stage.channel_id.clone());
        let body = format!("signed {} {AMOUNT}", payment.pay_no);
        tokio::spawn(async move {
            cashier.accept_notice(&channel, crate::pay::channel::NoticeKind::Pay, &[], "", body.as_bytes()).await
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().body, "success");
    }
    assert_eq!(stage.events_of("order.paid").await, 1);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn a_forged_notice_is_refused_and_kept() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    let body = format!("forged {} {AMOUNT}", payment.pay_no);
    let kind = crate::pay::channel::NoticeKind::Pay;
    let answer = stage.cashier.accept_notice(&stage.channel_id, kind, &[], "", body.as_bytes()).await;
    assert_eq!(answer.body, "fail");
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paying);
    let page = crate::pay::store::PageRequest { limit: 10, ..Default::default() };
    let kept = stage.cashier.store().notices(&Default::default(), &page).await.unwrap();
    assert_eq!(kept.items.len(), 1);
    assert!(!kept.items[0].verified);
}

#[tokio::test]
async fn starting_again_gives_the_same_payment_while_its_code_lives() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let first = stage.start(&order, Method::WechatNative).await;
    let second = stage.start(&order, Method::WechatNative).await;
    assert_eq!((first.pay_no.clone(), first.next), (second.pay_no, second.next));
    assert_eq!(stage.provider.trade(first.pay_no.as_str()).starts, 1);
}

#[tokio::test]
async fn racing_starts_make_one_payment() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let calls = (0..20).map(|_| {
        let (cashier, no) = (stage.cashier.clone(), order.order_no.clone());
        tokio::spawn(async move { cashier.start_payment(&no, Stage::start_of(Method::WechatNative)).await.unwrap().pay_no })
    });
    let mut numbers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        numbers.push(call.await.unwrap());
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 1);
    assert_eq!(stage.provider.trade(numbers[0].as_str()).starts, 1);
}

#[tokio::test]
async fn switching_the_method_closes_the_old_attempt_any_number_of_times() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let mut previous: Option<String> = None;
    for round in 0..6 {
        let method = if round % 2 == 0 { Method::WechatNative } else { Method::WechatH5 };
        let payment = stage.start(&order, method).await;
        if let Some(previous) = &previous {
            assert!(stage.provider.trade(previous).closed);
        }
        previous = Some(payment.pay_no.to_string());
    }
    let open = stage.bundle(&order.order_no).await.payments.iter().filter(|p| p.status.is_open()).count();
    assert_eq!(open, 1);
}

#[tokio::test]
async fn switching_after_paying_finds_the_money() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::WechatH5)).await;
    assert!(matches!(result, Err(Error::AlreadyPaid)), "{result:?}");
    stage.audit(&order.order_no).await;
    assert_eq!(stage.bundle(&order.order_no).await.payments.len(), 1);
}

#[tokio::test]
async fn a_method_that_is_not_offered_leaves_the_running_attempt_alone() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::AlipayQr)).await;
    assert!(matches!(result, Err(Error::MethodUnavailable)), "{result:?}");
    let missing = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::WechatJsapi)).await;
    assert!(matches!(&missing, Err(Error::Missing { field }) if field == "openid"), "{missing:?}");
    assert!(!stage.provider.trade(payment.pay_no.as_str()).closed);
}

#[tokio::test]
async fn an_unclear_start_stays_pending_and_is_retried_with_the_same_number() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.provider.mood(Mood::Mute);
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::WechatNative)).await;
    assert!(matches!(result, Err(Error::ProviderUnclear)), "{result:?}");
    let bundle = stage.bundle(&order.order_no).await;
    assert_eq!(bundle.payments[0].status, PaymentStatus::Pending);
    stage.provider.mood(Mood::Well);
    let payment = stage.start(&order, Method::WechatNative).await;
    assert_eq!(payment.pay_no, bundle.payments[0].pay_no);
    assert_eq!(stage.provider.trade(payment.pay_no.as_str()).starts, 2);
}

#[tokio::test]
async fn an_attempt_that_was_closed_unheard_gives_way_to_a_new_one() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.provider.mood(Mood::Mute);
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::WechatNative)).await;
    assert!(matches!(result, Err(Error::ProviderUnclear)), "{result:?}");
    let first = stage.bundle(&order.order_no).await.payments[0].pay_no.clone();
    stage.provider.close_unheard(first.as_str());
    stage.provider.mood(Mood::Well);
    let payment = stage.start(&order, Method::WechatNative).await;
    assert_ne!(payment.pay_no, first);
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    stage.pass(40);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.order.pay_no, Some(payment.pay_no));
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn a_refused_start_fails_the_attempt_and_another_may_begin() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.provider.mood(Mood::Refusing);
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::WechatNative)).await;
    assert!(matches!(&result, Err(Error::ProviderRefused { code, .. }) if code == "NO"), "{result:?}");
    stage.provider.mood(Mood::Well);
    let payment = stage.start(&order, Method::WechatNative).await;
    let bundle = stage.bundle(&order.order_no).await;
    assert_eq!(bundle.payments.len(), 2);
    assert_eq!(bundle.payments[0].status, PaymentStatus::Failed);
    assert_eq!(bundle.payments[1].pay_no, payment.pay_no);
}

#[tokio::test]
async fn the_first_look_at_a_page_asks_nobody_and_the_next_one_does() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    assert!(stage.provider.pay(payment.pay_no.as_str(), AMOUNT));
    stage.pass(10);
    let bundle = stage.bundle(&order.order_no).await;
    stage.cashier.page_seen(&bundle);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paying);
    stage.cashier.page_seen(&bundle);
    for _ in 0..1000 {
        if stage.bundle(&order.order_no).await.order.status == OrderStatus::Paid {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the page that stays has not asked");
}

#[tokio::test]
async fn without_any_notice_a_query_finds_the_payment() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.provider.pay(payment.pay_no.as_str(), AMOUNT);
    stage.pass(40);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paid);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn an_unclear_query_changes_nothing() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.start(&order, Method::WechatNative).await;
    stage.provider.mood(Mood::Dead);
    let before = stage.bundle(&order.order_no).await;
    stage.pass(40);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await, before);
}

#[tokio::test]
async fn a_browser_that_comes_back_changes_no_state() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    let token = stage.cashier.page_back(payment.pay_no.as_str()).await.unwrap();
    assert_eq!(token, Some(order.token.clone()));
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paying);
    assert_eq!(stage.cashier.page(&order.token).await.unwrap().unwrap().state.as_str(), "confirming");
    assert_eq!(stage.cashier.page_back("nonsense").await.unwrap(), None);
}

#[tokio::test]
async fn an_expired_order_takes_no_new_payment() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.pass(7201);
    let result = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::WechatNative)).await;
    assert!(matches!(result, Err(Error::Closed)), "{result:?}");
}
