//! Due rows that go wrong by a fault of ours.

use super::stage::Stage;
use crate::model::OrderStatus;
use crate::pay::TaskKind;
use crate::pay::store::Write;

/// The order's expiry is due, and that many processes have claimed it and ended without a word.
async fn begun_in_vain(times: i64) -> (Stage, crate::pay::Order) {
    let stage = Stage::new().await;
    let order = stage.order("A1").await;
    stage.pass(7201);
    for n in 1..=times {
        let claimed = stage.cashier.store().claim(TaskKind::ExpireOrder, stage.cashier.now(), 1000, "gone", 10).await.unwrap();
        assert_eq!(claimed.iter().map(|task| task.attempts).collect::<Vec<_>>(), [n]);
        stage.pass(2);
    }
    (stage, order)
}

#[tokio::test]
async fn work_that_ends_its_process_each_time_rests_and_comes_again() {
    let (stage, order) = begun_in_vain(12).await;
    assert_eq!(stage.cashier.run_due().await.unwrap(), 1);
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Created, "not begun once more");
    stage.pass(2870);
    assert_eq!(stage.cashier.run_due().await.unwrap(), 0, "it rests");
    stage.pass(1460);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Closed);
}

#[tokio::test]
async fn a_few_sudden_ends_are_no_reason_to_rest() {
    let (stage, order) = begun_in_vain(11).await;
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Closed);
}

#[tokio::test]
async fn a_row_that_is_moved_during_its_turns_has_not_ended_anything() {
    let (stage, order) = begun_in_vain(11).await;
    let again = stage.cashier.task_at(TaskKind::ExpireOrder, order.order_no.as_str(), stage.cashier.now(), 0);
    stage.cashier.commit(None, vec![Write::Schedule(again)]).await.unwrap();
    stage.cashier.store().claim(TaskKind::ExpireOrder, stage.cashier.now(), 1000, "gone", 10).await.unwrap();
    stage.pass(2);
    stage.cashier.run_due().await.unwrap();
    assert_eq!(stage.bundle(&order.order_no).await.order.status, OrderStatus::Closed);
}
