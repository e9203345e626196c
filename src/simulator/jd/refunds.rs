//! Money going back (provider's document: 退款): in progress for some seconds, then done, then told.

use super::ledger::{Place, Refund, RefundStatus};
use super::notice;
use super::order;
use super::play::Jd;
use super::refusal::No;
use super::sign::Fields;
use crate::simulator::Behaviour;
use std::sync::Arc;
use std::time::Duration;

/// How long a refund takes here, before the clock factor.
const DURATION: Duration = Duration::from_secs(5);

/// Begins a refund. A number serves once: the same again is a repeat.
pub fn apply(jd: &Arc<Jd>, fields: &Fields) -> Result<String, No> {
    let trade_num = order::number(fields, "tradeNum")?.to_owned();
    let original = order::number(fields, "oTradeNum")?;
    let amount = order::common(fields)?;
    let notify_url = order::address(fields, "notifyUrl")?;
    let now = jd.now();
    let mut ledger = jd.ledger();
    if ledger.by_number(&trade_num).is_some() || ledger.by_refund(&trade_num).is_some() {
        return Err(No::repeated());
    }
    let at = ledger.by_number(original).ok_or_else(No::no_trade)?;
    let trade = &mut ledger.trades[at];
    let Some(paid) = trade.paid.as_ref().filter(|_| !trade.is_revoked) else { return Err(No::state()) };
    if amount > paid.amount - trade.refunded() {
        return Err(No::too_much());
    }
    trade.refunds.push(Refund {
        trade_num,
        amount,
        status: RefundStatus::Processing,
        notify_url: Some(notify_url),
        note: fields.get("note").cloned().unwrap_or_default(),
        created_at: now,
        done_at: None,
    });
    let place = (at, trade.refunds.len() - 1);
    let said = notice::refund_elements(trade, &trade.refunds[place.1]);
    if trade.behaviour != Behaviour::RefundStuck {
        let (jd, done) = (Arc::clone(jd), jd.stage.pause(DURATION));
        tokio::spawn(async move {
            done.await;
            jd.end_refund(place, RefundStatus::Success);
        });
    }
    Ok(said)
}

impl Jd {
    /// Ends a refund and tells the merchant; false when it was over already.
    pub fn end_refund(&self, (at, nth): Place, status: RefundStatus) -> bool {
        let now = self.now();
        let mut ledger = self.ledger();
        let refund = &mut ledger.trades[at].refunds[nth];
        if refund.status != RefundStatus::Processing {
            return false;
        }
        refund.status = status;
        refund.done_at = (status == RefundStatus::Success).then_some(now);
        let (trade, refund) = (&ledger.trades[at], &ledger.trades[at].refunds[nth]);
        if let Some(url) = &refund.notify_url {
            self.stage.notify(notice::refunded(&self.account, trade, refund, url));
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
        held.into_iter().filter(|place| self.end_refund(*place, RefundStatus::Success)).count()
    }
}
