//! Money going back (provider's documents: 退款, 退款结果查询): applied for at once, done some seconds later, then told.

use super::check;
use super::ledger::{Place, Refund, RefundState};
use super::notice;
use super::play::Lianlian;
use super::refusal::No;
use super::sign::{Fields, How};
use crate::simulator::Behaviour;
use std::sync::Arc;
use std::time::Duration;

/// How long a refund takes here, before the clock factor. The real ones take a quarter of an hour and more.
const DURATION: Duration = Duration::from_secs(5);

/// Applies for a refund, once per number.
pub fn apply(lianlian: &Arc<Lianlian>, fields: &Fields) -> Result<Fields, No> {
    let no_refund = check::required(fields, "no_refund", 32)?;
    let (dt_refund, _) = check::moment(fields, "dt_refund")?;
    let money = check::yuan(fields, "money_refund").map_err(|_| No::new("5003", "退款金额错误"))?;
    let notify_url = check::address(fields, "notify_url")?.ok_or_else(|| No::parameter("notify_url"))?;
    let how = fields.get("sign_type").and_then(|name| How::of(name)).ok_or_else(|| No::parameter("sign_type"))?;
    let now = lianlian.now();
    let mut ledger = lianlian.ledger();
    let at = match (check::optional(fields, "oid_paybill", 18)?, check::optional(fields, "no_order", 32)?) {
        (None, None) => return Err(No::parameter("no_order")),
        (Some(paybill), _) => ledger.by_paybill(&paybill),
        (None, Some(no_order)) => {
            let (dt_order, _) = check::moment(fields, "dt_order")?;
            ledger.by_no_order(&no_order).filter(|at| ledger.trades[*at].order.dt_order == dt_order)
        }
    };
    let at = at.ok_or_else(|| No::new("5002", "原商户订单不存在"))?;
    if let Some(number) = check::optional(fields, "no_order", 32)?
        && ledger.trades[at].order.no_order != number
    {
        return Err(No::new("5002", "原商户订单不存在"));
    }
    if let Some((known, nth)) = ledger.by_no_refund(&no_refund) {
        let refund = &ledger.trades[known].refunds[nth];
        let same = known == at && refund.money == money && refund.dt_refund == dt_refund;
        return if same { Ok(notice::refund_fields(refund)) } else { Err(No::repeated()) };
    }
    let trade = &ledger.trades[at];
    let Some(paid) = &trade.paid else { return Err(No::new("5008", "原交易未支付成功")) };
    if money > paid.amount - trade.refunded() {
        return Err(No::new("5007", "退款金额超过可退金额"));
    }
    if money > ledger.unsettled {
        return Err(No::new("5006", "商户账户余额不足"));
    }
    let stuck = trade.behaviour == Behaviour::RefundStuck;
    let refund = Refund {
        no_refund,
        dt_refund,
        oid_refundno: lianlian.number(16),
        money,
        state: if stuck { RefundState::Processing } else { RefundState::Applied },
        notify_url,
        how,
        created_at: now,
        done_at: None,
    };
    let said = notice::refund_fields(&refund);
    ledger.unsettled -= money;
    ledger.trades[at].refunds.push(refund);
    let place = (at, ledger.trades[at].refunds.len() - 1);
    if !stuck {
        let (lianlian, done) = (Arc::clone(lianlian), lianlian.stage.pause(DURATION));
        tokio::spawn(async move {
            done.await;
            lianlian.end_refund(place, RefundState::Success);
        });
    }
    Ok(said)
}

/// What has become of a refund.
pub fn look(lianlian: &Lianlian, fields: &Fields) -> Result<Fields, No> {
    let ledger = lianlian.ledger();
    let place = match (check::optional(fields, "oid_refundno", 16)?, check::optional(fields, "no_refund", 32)?) {
        (Some(number), _) => ledger.by_refundno(&number),
        (None, Some(no_refund)) => {
            let (dt_refund, _) = check::moment(fields, "dt_refund")?;
            ledger.by_no_refund(&no_refund).filter(|(at, nth)| ledger.trades[*at].refunds[*nth].dt_refund == dt_refund)
        }
        (None, None) => return Err(No::parameter("no_refund")),
    };
    let (at, nth) = place.ok_or_else(No::no_record)?;
    Ok(notice::refund_fields(&ledger.trades[at].refunds[nth]))
}

impl Lianlian {
    /// Ends a refund and tells the merchant; false when it was over already.
    pub fn end_refund(&self, (at, nth): Place, state: RefundState) -> bool {
        let now = self.now();
        let mut ledger = self.ledger();
        let refund = &mut ledger.trades[at].refunds[nth];
        if refund.state.is_over() {
            return false;
        }
        refund.state = state;
        refund.done_at = (state == RefundState::Success).then_some(now);
        self.stage.notify(notice::refunded(&self.account, refund));
        if state == RefundState::Failure {
            ledger.unsettled += ledger.trades[at].refunds[nth].money;
        }
        true
    }

    /// Ends every refund that is held back; how many.
    pub fn end_refunds(&self) -> usize {
        let held: Vec<Place> = {
            let ledger = self.ledger();
            let stuck = ledger.trades.iter().enumerate().filter(|(_, trade)| trade.behaviour == Behaviour::RefundStuck);
            stuck.flat_map(|(at, trade)| (0..trade.refunds.len()).map(move |nth| (at, nth))).collect()
        };
        held.into_iter().filter(|place| self.end_refund(*place, RefundState::Success)).count()
    }
}
