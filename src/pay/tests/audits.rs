use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{
    Amount, AuditDecision, AuditRule, CaseAnswer, CaseRule, CaseStatus, CloseReason, Method, RefundStatus, RefundedPart,
};
use crate::pay::store::Write;
use crate::pay::{Error, Order, OrderKey, Refund, RefundInput};

const STAFF: &str = "staff_00000001";

fn input(stage: &Stage, order: &Order, out_refund_no: &str, fen: i64) -> RefundInput {
    RefundInput {
        app_id: Some(stage.app_id()),
        order: OrderKey { order_no: Some(order.order_no.to_string()), out_order_no: None },
        out_refund_no: out_refund_no.into(),
        amount: Amount::from_fen(fen).unwrap(),
        reason: "broken".into(),
        notify_url: None,
        requested_by: "api".into(),
        nonce: None,
    }
}

/// A refund of ours that the provider has accepted and not yet carried out.
async fn asked_for(stage: &Stage, order: &Order, out_refund_no: &str, fen: i64) -> Refund {
    stage.provider.mood(Mood::RefundsStuck);
    stage.cashier.request_refund(input(stage, order, out_refund_no, fen)).await.unwrap()
}

#[tokio::test]
async fn a_refund_of_ours_is_approved_and_its_outcome_found_by_the_providers_number() {
    for names_payment in [true, false] {
        let stage = Stage::new().await;
        let (order, payment) = stage.paid_order("A1").await;
        asked_for(&stage, &order, "R1", 5000).await;
        let pay_no = payment.pay_no.as_str();
        for _ in 0..2 {
            assert_eq!(stage.ask_audit(pay_no, "B1").await, "approve 5000");
        }
        assert_eq!(stage.bundle(&order.order_no).await.refunds[0].provider_refund_no.as_deref(), Some("B1"));
        for _ in 0..2 {
            assert_eq!(stage.refunded("B1", if names_payment { pay_no } else { "-" }).await, "success");
        }
        let after = stage.bundle(&order.order_no).await;
        assert_eq!((after.refunds[0].status, after.order.refund_status), (RefundStatus::Succeeded, RefundedPart::Partial));
        assert_eq!(after.order.refunded_amount.fen(), 5000);
        assert_eq!(stage.events_of("refund.succeeded").await, 1);
        assert_eq!(stage.ask_audit(pay_no, "B1").await, "approve 5000", "asked again it hears the same");
    }
}

#[tokio::test]
async fn of_two_unnamed_refunds_none_is_guessed() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    asked_for(&stage, &order, "R1", 1000).await;
    asked_for(&stage, &order, "R2", 2000).await;
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, "undecided");
    assert_eq!(stage.refunded("B1", payment.pay_no.as_str()).await, "success");
    let after = stage.bundle(&order.order_no).await;
    assert!(after.refunds.iter().all(|r| r.status == RefundStatus::Processing && r.provider_refund_no.is_none()));
}

#[tokio::test]
async fn a_refund_whose_call_is_on_its_way_is_named_by_its_reply_alone() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    let refund = asked_for(&stage, &order, "R1", 1000).await;
    let before_the_reply = Refund { status: RefundStatus::Created, ..refund.clone() };
    let back = Write::SaveRefund { refund: Box::new(before_the_reply), was: refund.status };
    stage.cashier.store().commit(vec![back]).await.unwrap();
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, "undecided");
    assert_eq!(stage.bundle(&order.order_no).await.refunds[0].provider_refund_no, None);
}

#[tokio::test]
async fn a_number_of_another_payment_decides_nothing() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    asked_for(&stage, &order, "R1", 5000).await;
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, "approve 5000");
    stage.provider.mood(Mood::Well);
    let (_, other) = stage.paid_order("A2").await;
    assert_eq!(stage.ask_audit(other.pay_no.as_str(), "B1").await, "undecided");
    assert_eq!(stage.ask_audit("01JD3ZQ8K7M4N5P6Q7R8S9T0VW", "B1").await, "undecided");
    assert_eq!(stage.refunded("B1", other.pay_no.as_str()).await, "success");
    assert_eq!(stage.refunded("B9", "-").await, "success");
    assert_eq!(stage.bundle(&order.order_no).await.refunds[0].status, RefundStatus::Processing);
    assert_eq!(order.amount.fen(), AMOUNT);
}

#[tokio::test]
async fn a_wish_at_the_provider_waits_for_staff_and_is_settled_as_a_refund_of_ours() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    let pay_no = payment.pay_no.as_str();
    for _ in 0..2 {
        assert_eq!(stage.ask_audit(pay_no, "B1").await, "undecided");
    }
    let waiting = stage.waiting_audits().await;
    assert_eq!(waiting.len(), 1, "asked again it is the same question");
    assert_eq!((waiting[0].amount.fen(), waiting[0].order_no.as_ref()), (AMOUNT, Some(&order.order_no)));
    assert!(stage.bundle(&order.order_no).await.refunds.is_empty());
    stage.cashier.decide_audit(&waiting[0].audit_id, AuditDecision::Approve, STAFF).await.unwrap();
    assert!(stage.waiting_audits().await.is_empty());
    assert_eq!(stage.ask_audit(pay_no, "B1").await, format!("approve {AMOUNT}"));
    let refund = stage.bundle(&order.order_no).await.refunds[0].clone();
    assert_eq!((refund.status, refund.requested_by.as_str()), (RefundStatus::Processing, STAFF));
    let more = stage.cashier.request_refund(input(&stage, &order, "R1", 1)).await;
    assert!(matches!(more, Err(Error::RefundTooMuch { left: 0 })), "its money is reserved: {more:?}");
    stage.refunded("B1", pay_no).await;
    let after = stage.bundle(&order.order_no).await;
    assert_eq!((after.order.refund_status, after.order.refunded_amount.fen()), (RefundedPart::Full, AMOUNT));
    assert_eq!(stage.events_of("refund.succeeded").await, 1);
    assert_eq!(stage.provider.trade(pay_no).refund_calls, 0, "we asked for nothing");
}

#[tokio::test]
async fn a_verdict_is_given_once() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    stage.ask_audit(payment.pay_no.as_str(), "B1").await;
    let id = stage.waiting_audits().await[0].audit_id.clone();
    let verdicts = [AuditDecision::Approve, AuditDecision::Reject].map(|decision| {
        let (cashier, id) = (stage.cashier.clone(), id.clone());
        tokio::spawn(async move { cashier.decide_audit(&id, decision, STAFF).await })
    });
    let mut given = 0;
    for verdict in verdicts {
        match verdict.await.unwrap() {
            Ok(()) => given += 1,
            Err(Error::Conflict(_)) => {}
            Err(e) => panic!("{e:?}"),
        }
    }
    assert_eq!(given, 1);
    let heard = stage.ask_audit(payment.pay_no.as_str(), "B1").await;
    let refunds = stage.bundle(&order.order_no).await.refunds.len();
    assert!(matches!((heard.as_str(), refunds), ("reject", 0) | ("approve 12800", 1)), "{heard} {refunds}");
    assert!(matches!(stage.cashier.decide_audit("nothing", AuditDecision::Reject, STAFF).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_rejected_wish_stays_rejected_and_moves_nothing() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    stage.ask_audit(payment.pay_no.as_str(), "B1").await;
    let id = stage.waiting_audits().await[0].audit_id.clone();
    stage.cashier.decide_audit(&id, AuditDecision::Reject, STAFF).await.unwrap();
    for _ in 0..2 {
        assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, "reject");
    }
    assert!(stage.bundle(&order.order_no).await.refunds.is_empty());
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B2").await, "undecided", "another wish is another question");
}

#[tokio::test]
async fn the_apps_rule_answers_without_staff() {
    for (rule, heard) in [(AuditRule::Approve, "approve 12800"), (AuditRule::Reject, "reject")] {
        let stage = Stage::new().await;
        stage.rules(|app| app.settings.refund_audit_rule = rule).await;
        let (order, payment) = stage.paid_order("A1").await;
        for _ in 0..2 {
            assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, heard);
        }
        assert!(stage.waiting_audits().await.is_empty());
        let refunds = stage.bundle(&order.order_no).await.refunds;
        assert_eq!(refunds.len(), usize::from(rule == AuditRule::Approve));
        assert!(refunds.iter().all(|r| r.requested_by == "rule"));
    }
}

#[tokio::test]
async fn only_what_is_left_goes_back_and_nothing_twice() {
    let stage = Stage::new().await;
    stage.rules(|app| app.settings.refund_audit_rule = AuditRule::Approve).await;
    let (order, payment) = stage.paid_order("A1").await;
    stage.cashier.request_refund(input(&stage, &order, "R1", 5000)).await.unwrap();
    let left = AMOUNT - 5000;
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, format!("approve {left}"));
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B2").await, "undecided", "nothing is left: staff must look");
    let id = stage.waiting_audits().await[0].audit_id.clone();
    let approved = stage.cashier.decide_audit(&id, AuditDecision::Approve, STAFF).await;
    assert!(matches!(approved, Err(Error::Conflict(_))), "{approved:?}");
    stage.refunded("B1", payment.pay_no.as_str()).await;
    assert_eq!(stage.bundle(&order.order_no).await.order.refund_status, RefundedPart::Full);
}

// A wish of the payer's own must not pass for a refund of ours that is asked for meanwhile.
#[tokio::test]
async fn a_wish_is_not_taken_for_a_refund_that_came_later() {
    let stage = Stage::new().await;
    let (order, payment) = stage.paid_order("A1").await;
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, "undecided");
    asked_for(&stage, &order, "R1", 5000).await;
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, "undecided");
    stage.refunded("B1", payment.pay_no.as_str()).await;
    assert_eq!(stage.bundle(&order.order_no).await.refunds[0].status, RefundStatus::Processing);
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B2").await, "approve 5000");
}

#[tokio::test]
async fn approving_a_wish_for_a_cases_money_answers_the_case() {
    let stage = Stage::new().await;
    stage.rules(|app| app.settings.late_rule = CaseRule::Ask).await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await.unwrap();
    stage.provider.pay_although_closed(payment.pay_no.as_str(), AMOUNT);
    stage.notice(payment.pay_no.as_str(), AMOUNT).await;
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, "undecided");
    let id = stage.waiting_audits().await[0].audit_id.clone();
    stage.cashier.decide_audit(&id, AuditDecision::Approve, STAFF).await.unwrap();
    assert_eq!(stage.ask_audit(payment.pay_no.as_str(), "B1").await, format!("approve {AMOUNT}"));
    stage.refunded("B1", payment.pay_no.as_str()).await;
    let after = stage.bundle(&order.order_no).await;
    assert_eq!((after.cases[0].status, after.cases[0].answer), (CaseStatus::Resolved, Some(CaseAnswer::Refund)));
    assert_eq!((after.order.refund_status, after.order.refunded_amount.fen()), (RefundedPart::None, 0));
}

#[tokio::test]
async fn money_that_we_do_not_know_of_can_only_be_refused() {
    let stage = Stage::new().await;
    stage.rules(|app| app.settings.refund_audit_rule = AuditRule::Approve).await;
    let order = stage.order("A1").await;
    let payment = stage.start(&order, Method::WechatNative).await;
    for pay_no in [payment.pay_no.as_str(), "01JD3ZQ8K7M4N5P6Q7R8S9T0VW"] {
        let number = format!("B-{pay_no}");
        assert_eq!(stage.ask_audit(pay_no, &number).await, "undecided");
        let id = stage.waiting_audits().await[0].audit_id.clone();
        let approved = stage.cashier.decide_audit(&id, AuditDecision::Approve, STAFF).await;
        assert!(matches!(approved, Err(Error::Conflict(_))), "{approved:?}");
        stage.cashier.decide_audit(&id, AuditDecision::Reject, STAFF).await.unwrap();
        assert_eq!(stage.ask_audit(pay_no, &number).await, "reject");
    }
}
