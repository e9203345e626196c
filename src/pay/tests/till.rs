use super::provider::Mood;
use super::stage::Stage;
use crate::model::{Amount, OrderStatus};
use crate::pay::{Charge, Error, Secret};

const STAFF: &str = "staff_00000001";
/// A code of WeChat's and one of Alipay's, which this app has no channel for.
const OURS: &str = "134567890123456789";
const FOREIGN: &str = "2812345678901234";

fn charge(stage: &Stage, code: &str) -> Charge {
    Charge {
        app_id: stage.app_id(),
        out_order_no: "T-1".into(),
        amount: Amount::from_fen(100).unwrap(),
        subject: "tea".into(),
        auth_code: Secret::new(code.to_owned()),
    }
}

#[tokio::test]
async fn a_code_that_nobody_can_take_ends_a_charge_that_nothing_was_tried_for() {
    let stage = Stage::new().await;
    let result = stage.cashier.charge(charge(&stage, FOREIGN), STAFF).await;
    assert!(matches!(result, Err(Error::MethodUnavailable)), "{result:?}");
    let order = stage.cashier.store().order_by_out_no(&stage.app_id(), "T-1").await.unwrap().unwrap();
    assert_eq!(order.status, OrderStatus::Closed);
}

#[tokio::test]
async fn a_second_scan_that_nobody_can_take_leaves_the_first_one_alone() {
    let stage = Stage::new().await;
    stage.provider.mood(Mood::Dead);
    let order = stage.cashier.charge(charge(&stage, OURS), STAFF).await.unwrap();
    let result = stage.cashier.charge(charge(&stage, FOREIGN), STAFF).await;
    assert!(matches!(result, Err(Error::MethodUnavailable)), "{result:?}");
    let after = stage.bundle(&order.order_no).await;
    assert_eq!((after.order.status, after.payments.len()), (OrderStatus::Paying, 1));
    assert!(after.payments[0].status.is_open());
}
