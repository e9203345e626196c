//! Refunds under way: opened, audited unless that is skipped, carried out after a moment.

use super::desk::{Baidu, Desk};
use super::ledger::{Batch, BatchState, Wish};
use super::refusal::Refusal;
use crate::simulator::Behaviour;
use std::sync::Arc;
use std::time::Duration;

/// How long an approved refund takes, before the clock factor.
const MOMENT: Duration = Duration::from_secs(1);

impl Baidu {
    /// Opens a refund and sets it going.
    ///
    /// # Errors
    /// When the order does not allow it.
    pub(super) fn begin_refund(self: &Arc<Self>, desk: &mut Desk, tp_order_id: &str, wish: Wish) -> Result<Batch, Refusal> {
        let (batch, is_new) = desk.ledger.open_refund(tp_order_id, wish, self.number(9), self.now_ms())?;
        match batch.state {
            BatchState::Auditing if is_new => self.ask_audit(desk, tp_order_id, &batch, Duration::ZERO),
            BatchState::Refunding if is_new => self.carry_out(desk, tp_order_id, &batch.refund_batch_id),
            _ => {}
        }
        Ok(batch)
    }

    /// Sends the money back in a moment, unless refunds of this order are stuck.
    pub(super) fn carry_out(self: &Arc<Self>, desk: &Desk, tp_order_id: &str, refund_batch_id: &str) {
        if desk.behaviour(tp_order_id).0 == Behaviour::RefundStuck {
            return;
        }
        let (weak, sleep) = (Arc::downgrade(self), self.stage.pause(MOMENT));
        let (number, batch_id) = (tp_order_id.to_owned(), refund_batch_id.to_owned());
        tokio::spawn(async move {
            sleep.await;
            let Some(baidu) = weak.upgrade() else { return };
            let mut desk = baidu.desk();
            baidu.finish(&mut desk, &number, &batch_id);
        });
    }

    fn finish(self: &Arc<Self>, desk: &mut Desk, tp_order_id: &str, refund_batch_id: &str) {
        let now = self.now_ms();
        let batch = desk.ledger.get_mut(tp_order_id).and_then(|order| order.batch_mut(refund_batch_id));
        let Some(batch) = batch.filter(|b| b.state == BatchState::Refunding) else { return };
        batch.state = BatchState::Succeeded;
        batch.done_ms = Some(now);
        self.tell_result(desk, tp_order_id, refund_batch_id);
    }

    /// Lets refunds go through that are stuck; how many.
    pub(super) fn release(self: &Arc<Self>) -> usize {
        let mut desk = self.desk();
        let mut stuck = Vec::new();
        for order in desk.ledger.all() {
            let number = &order.info.tp_order_id;
            if desk.behaviour(number).0 == Behaviour::RefundStuck {
                let under_way = order.batches.iter().filter(|b| b.state == BatchState::Refunding);
                stuck.extend(under_way.map(|b| (number.clone(), b.refund_batch_id.clone())));
            }
        }
        for (number, batch_id) in &stuck {
            self.finish(&mut desk, number, batch_id);
        }
        stuck.len()
    }
}
