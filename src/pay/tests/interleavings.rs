//! Seeded play of payers, providers, notices, staff and time against each other. Whatever happens, the books agree.

use super::provider::Mood;
use super::stage::{AMOUNT, Stage};
use crate::model::{Amount, CloseReason, Method, OrderStatus};
use crate::pay::{Order, OrderKey, RefundInput, Secret, Start};
use crate::tests::extent;
use futures::future::join_all;

/// Rounds per order, in each of which up to three things happen at once.
const ROUNDS: u64 = 8;

/// A small generator of its own, so that a seed means the same choices for ever; the order in which things that happen at
/// once get through is the machine's.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// One thing that somebody does to an order; `number` is its own.
async fn step(stage: &Stage, order: &Order, (roll, other, number): (u64, u64, u64)) {
    let payments = stage.bundle(&order.order_no).await.payments;
    let any = (!payments.is_empty()).then(|| {
        let index = usize::try_from(other % payments.len() as u64).unwrap();
        payments[index].pay_no.to_string()
    });
    match (roll, any) {
        (0..=2, _) => {
            let method = [Method::WechatNative, Method::WechatH5, Method::WechatMicropay][usize::try_from(other % 3).unwrap()];
            let code = Secret::new("134567890123456789".to_owned());
            let start = Start { auth_code: method.is_bar().then_some(code), ..Stage::start_of(method) };
            let _ = stage.cashier.start_payment(&order.order_no, start).await;
        }
        (3, Some(pay_no)) => {
            stage.provider.pay(&pay_no, AMOUNT);
        }
        (4, Some(pay_no)) if stage.provider.trade(&pay_no).paid.is_none() => stage.provider.pay_although_closed(&pay_no, AMOUNT),
        (5 | 6, Some(pay_no)) => {
            let trade = stage.provider.trade(&pay_no);
            if let Some(amount) = trade.paid.or(trade.reversed) {
                assert_eq!(stage.notice(&pay_no, amount.fen()).await.body, "success");
            }
        }
        (7, _) => {
            let moods = [Mood::Well, Mood::Mute, Mood::Dead, Mood::RefundsStuck, Mood::ClosesUnheard, Mood::ClosesRefused];
            stage.provider.mood(moods[usize::try_from(other % 6).unwrap()]);
        }
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
        (10, _) => stage.pass(i64::try_from(other % 3600).unwrap()),
        (11, Some(pay_no)) => stage.provider.pay_before_close(&pay_no, AMOUNT),
        _ => {
            stage.cashier.run_due().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_books_agree_after_any_play() {
    let orders = extent(2000, 100_000);
    for seed in 1..=8 {
        let stage = Stage::seeded(seed).await;
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for n in 0..orders / 8 {
            let order = stage.order(&format!("P{n}")).await;
            for round in 0..ROUNDS {
                let together: Vec<_> = (0..=dice.roll(3)).map(|n| (dice.roll(13), dice.roll(3600), round * 10 + n)).collect();
                join_all(together.into_iter().map(|choice| step(&stage, &order, choice))).await;
            }
            stage.provider.mood(Mood::Well);
            // Everything that was paid is told, and time passes until nothing is open.
            for payment in stage.bundle(&order.order_no).await.payments {
                let trade = stage.provider.trade(payment.pay_no.as_str());
                if let Some(amount) = trade.paid.or(trade.reversed) {
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
