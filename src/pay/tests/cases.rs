use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{CaseAnswer, CaseKind, CaseRule, CaseStatus, CloseReason, Method, OrderStatus, RefundedPart};
use crate::pay::channel::NoticeKind;
use crate::pay::{Error, OrderBundle, answers_of};

/// An order that was closed while its payer paid.
async fn late(stage: &Stage) -> OrderBundle {
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await.unwrap();
    stage.provider.pay_although_closed(payment.pay_no.as_str(), AMOUNT);
    assert_eq!(stage.notice(payment.pay_no.as_str(), AMOUNT).await.body, "success");
    stage.bundle(&order.order_no).await
}

#[tokio::test]
async fn late_money_goes_back_by_default_and_the_merchant_is_told() {
    let stage = Stage::new().await;
    let bundle = late(&stage).await;
    assert_eq!(stage.case_kinds().await, [CaseKind::Late]);
    stage.cashier.run_due().await.unwrap();
    let after = stage.bundle(&bundle.order.order_no).await;
    assert_eq!(after.order.status, OrderStatus::Closed);
    assert_eq!(after.order.refund_status, RefundedPart::None, "the refund of a case is not the order's");
    assert_eq!((after.cases[0].status, after.cases[0].answer), (CaseStatus::Resolved, Some(CaseAnswer::Refund)));
    assert_eq!(stage.provider.trade(after.payments[0].pay_no.as_str()).refunds.len(), 1);
    assert_eq!((stage.events_of("case.opened").await, stage.events_of("case.resolved").await), (1, 1));
    stage.audit(&bundle.order.order_no).await;
}

#[tokio::test]
async fn late_money_can_be_accepted_by_rule() {
    let stage = Stage::new().await;
    stage.rules(|app| app.settings.late_rule = CaseRule::Accept).await;
    let bundle = late(&stage).await;
    stage.cashier.run_due().await.unwrap();
    let after = stage.bundle(&bundle.order.order_no).await;
    assert_eq!(after.order.status, OrderStatus::Paid);
    assert_eq!(after.cases[0].answer, Some(CaseAnswer::Accept));
    stage.audit(&bundle.order.order_no).await;
}

#[tokio::test]
async fn with_the_rule_ask_staff_answers_once() {
    let stage = Stage::new().await;
    stage.rules(|app| app.settings.late_rule = CaseRule::Ask).await;
    let bundle = late(&stage).await;
    stage.cashier.run_due().await.unwrap();
    let case = stage.bundle(&bundle.order.order_no).await.cases[0].clone();
    assert_eq!(case.status, CaseStatus::Open);
    stage.cashier.answer_case(&case.case_id, CaseAnswer::Accept, "staff_00000001").await.unwrap();
    assert_eq!(stage.bundle(&bundle.order.order_no).await.order.status, OrderStatus::Paid);
    let again = stage.cashier.answer_case(&case.case_id, CaseAnswer::Refund, "staff_00000001").await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    stage.audit(&bundle.order.order_no).await;
}

#[tokio::test]
async fn money_of_two_attempts_pays_once_and_goes_back_once() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let first = stage.start(&order, Method::WechatNative).await;
    // The provider does not answer the close, so the first attempt stays open beside the second.
    stage.provider.mood(Mood::Dead);
    let _ = stage.cashier.start_payment(&order.order_no, Stage::start_of(Method::WechatH5)).await;
    stage.provider.mood(Mood::Well);
    let second = stage.start(&order, Method::WechatH5).await;
    assert_ne!(first.pay_no, second.pay_no);
    for payment in [&first, &second] {
        stage.provider.pay_although_closed(payment.pay_no.as_str(), AMOUNT);
        assert_eq!(stage.notice(payment.pay_no.as_str(), AMOUNT).await.body, "success");
    }
    stage.cashier.run_due().await.unwrap();
    let after = stage.bundle(&order.order_no).await;
    assert_eq!(after.order.pay_no.as_ref(), Some(&first.pay_no));
    assert_eq!(after.cases.iter().map(|c| c.kind).collect::<Vec<_>>(), [CaseKind::Duplicate]);
    assert_eq!(after.cases[0].answer, Some(CaseAnswer::Refund));
    assert_eq!(stage.provider.trade(second.pay_no.as_str()).refunds.len(), 1);
    assert_eq!(stage.provider.trade(first.pay_no.as_str()).refunds.len(), 0);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn another_amount_pays_nothing_and_waits_for_staff() {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.provider.pay(payment.pay_no.as_str(), 1);
    assert_eq!(stage.notice(payment.pay_no.as_str(), 1).await.body, "success");
    assert_eq!(stage.notice(payment.pay_no.as_str(), 1).await.body, "success");
    stage.cashier.run_due().await.unwrap();
    let after = stage.bundle(&order.order_no).await;
    assert_eq!(after.order.status, OrderStatus::Paying);
    assert_eq!(stage.case_kinds().await, [CaseKind::AmountMismatch]);
    let case = &after.cases[0];
    assert_eq!((case.status, case.amount.fen()), (CaseStatus::Open, 1));
    let wrong = stage.cashier.answer_case(&case.case_id, CaseAnswer::Accept, "staff_00000001").await;
    assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
    stage.cashier.answer_case(&case.case_id, CaseAnswer::Refund, "staff_00000001").await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.cases[0].status, CaseStatus::Resolved);
    // The payer may still pay the order properly.
    let next = stage.start(&order, Method::WechatNative).await;
    stage.provider.pay(next.pay_no.as_str(), AMOUNT);
    stage.notice(next.pay_no.as_str(), AMOUNT).await;
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Paid);
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn money_for_an_unknown_number_is_a_case_once() {
    let stage = Stage::new().await;
    for _ in 0..2 {
        assert_eq!(stage.notice("01JD3ZQ8K7M4N5P6Q7R8S9T0VW", AMOUNT).await.body, "success");
        assert_eq!(stage.notice("not-ours", AMOUNT).await.body, "success");
    }
    assert_eq!(stage.case_kinds().await, [CaseKind::UnknownOrder, CaseKind::UnknownOrder]);
}

#[tokio::test]
async fn a_second_trade_under_a_paid_number_is_not_refunded_with_the_first_ones_money() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    let body = format!("signed {} {AMOUNT} ANOTHER", payment.pay_no);
    let answer = stage.cashier.accept_notice(&stage.channel_id, NoticeKind::Pay, &[], "", body.as_bytes()).await;
    assert_eq!(answer.body, "success");
    stage.cashier.run_due().await.unwrap();
    let bundle = stage.bundle(&order.order_no).await;
    let case = bundle.cases[0].clone();
    assert_eq!((case.kind, case.status, case.provider_trade_no.as_str()), (CaseKind::Duplicate, CaseStatus::Open, "ANOTHER"));
    assert_eq!(answers_of(&case, bundle.payments.first()), [CaseAnswer::None]);
    let refused = stage.cashier.answer_case(&case.case_id, CaseAnswer::Refund, "staff_00000001").await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    assert!(stage.provider.trade(payment.pay_no.as_str()).refunds.is_empty());
    stage.cashier.answer_case(&case.case_id, CaseAnswer::None, "staff_00000001").await.unwrap();
    stage.audit(&order.order_no).await;
}

#[tokio::test]
async fn an_answer_that_was_thought_of_before_another_was_given_comes_too_late() {
    let stage = Stage::new().await;
    stage.rules(|app| app.settings.late_rule = CaseRule::Ask).await;
    let bundle = late(&stage).await;
    let seen_before = bundle.cases[0].clone();
    stage.provider.mood(Mood::RefundsStuck);
    stage.cashier.answer_case(&seen_before.case_id, CaseAnswer::Refund, "staff_00000001").await.unwrap();
    for late in [
        stage.cashier.accept_late(&seen_before, "staff_00000002").await,
        stage.cashier.settle_outside(&seen_before, "staff_00000002").await,
    ] {
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    }
    let after = stage.bundle(&bundle.order.order_no).await;
    assert_eq!((after.order.status, after.cases[0].status), (OrderStatus::Closed, CaseStatus::Open));
}
