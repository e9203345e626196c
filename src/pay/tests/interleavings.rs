//! Seeded play of payers, providers, notices, staff and time against each other. Whatever happens, the books agree.

use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{Amount, CloseReason, Method, OrderStatus};
use crate::pay::{Order, OrderKey, RefundInput};

/// Steps per order. `TEST_INTERLEAVINGS` multiplies the number of orders for long runs.
const STEPS: u64 = 14;
const ORDERS: u64 = 250;

/// A small generator of its own, so that a seed means the same play for ever.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

async fn step(stage: &Stage, order: &Order, dice: &mut Dice, number: u64) {
    let payments = stage.bundle(&order.order_no).await.payments;
    let any = (!payments.is_empty()).then(|| {
        let index = usize::try_from(dice.roll(payments.len() as u64)).unwrap();
        payments[index].pay_no.to_string()
    });
    match (dice.roll(12), any) {
        (0..=2, _) => {
            let method = if dice.roll(2) == 0 { Method::WechatNative } else { Method::WechatH5 };
            let _ = stage.cashier.start_payment(&order.order_no, Stage::start_of(method)).await;
        }
        (3, Some(pay_no)) => {
            stage.provider.pay(&pay_no, AMOUNT);
        }
        (4, Some(pay_no)) if stage.provider.trade(&pay_no).paid.is_none() => stage.provider.pay_although_closed(&pay_no, AMOUNT),
        (5 | 6, Some(pay_no)) => {
            if let Some(amount) = stage.provider.trade(&pay_no).paid {
                assert_eq!(stage.notice(&pay_no, amount.fen()).await.body, "success");
            }
        }
        (7, _) => stage.provider.mood([Mood::Well, Mood::Mute, Mood::Dead, Mood::RefundsStuck][dice.roll(4) as usize]),
        (8, _) => {
            let _ = stage.cashier.close_order(&order.order_no, CloseReason::Merchant, "api").await;
        }
        (9, _) => {
            let input = RefundInput {
                app_id: None,
                order: OrderKey { order_no: Some(order.order_no.to_string()), out_order_no: None },
                out_refund_no: format!("{}-{number}", order.order_no),
                amount: Amount::from_fen(AMOUNT / 2).unwrap(),
                reason: "play".into(),
                notify_url: None,
                requested_by: "api".into(),
                nonce: None,
            };
            let _ = stage.cashier.request_refund(input).await;
        }
        (10, _) => stage.pass(i64::try_from(dice.roll(3600)).unwrap()),
        _ => {
            stage.cashier.run_due().await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_books_agree_after_any_play() {
    let orders = ORDERS;
    for seed in 1..=8 {
        let stage = Stage::seeded(seed).await;
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for n in 0..orders / 8 {
            let order = stage.order(&format!("P{n}")).await;
            for number in 0..STEPS {
                step(&stage, &order, &mut dice, number).await;
            }
            stage.provider.mood(Mood::Well);
            // Everything that was paid is told, and time passes until nothing is open.
            for payment in stage.bundle(&order.order_no).await.payments {
                if let Some(amount) = stage.provider.trade(payment.pay_no.as_str()).paid {
                    stage.notice(payment.pay_no.as_str(), amount.fen()).await;
                }
            }
            for _ in 0..4 {
                stage.pass(7201);
                stage.cashier.run_due().await.unwrap();
            }
            let bundle = stage.bundle(&order.order_no).await;
            assert!(
                matches!(bundle.order.status, OrderStatus::Paid | OrderStatus::Closed),
                "seed {seed}, order {n} is still open"
            );
            assert!(bundle.payments.iter().all(|p| !p.status.is_open()), "seed {seed}, order {n} has an open payment");
            for payment in &bundle.payments {
                let trade = stage.provider.trade(payment.pay_no.as_str());
                let known = payment.status == crate::model::PaymentStatus::Succeeded;
                assert_eq!(trade.paid.is_some(), known, "seed {seed}, order {n}, {}", payment.pay_no);
            }
            stage.audit(&order.order_no).await;
        }
    }
}
