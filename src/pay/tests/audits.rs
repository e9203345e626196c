use super::stage::{AMOUNT, Mood, Stage};
use crate::model::{Amount, RefundStatus, RefundedPart};
use crate::pay::{Order, OrderKey, Refund, RefundInput};

/// A refund of ours that the provider has accepted and not yet carried out.
async fn asked_for(stage: &Stage, order: &Order, out_refund_no: &str, fen: i64) -> Refund {
    let input = RefundInput {
        app_id: Some(stage.app_id()),
        order: OrderKey { order_no: Some(order.order_no.to_string()), out_order_no: None },
        out_refund_no: out_refund_no.into(),
        amount: Amount::from_fen(fen).unwrap(),
        reason: "broken".into(),
        notify_url: None,
        requested_by: "api".into(),
        nonce: None,
    };
    stage.provider.mood(Mood::RefundsStuck);
    stage.cashier.request_refund(input).await.unwrap()
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
