//! Money going back: refunds by their number, the refund query's view of them, and cancelling.
//!
//! Provider's documents: alipay.trade.refund, alipay.trade.fastpay.refund.query, alipay.trade.cancel.

use super::ledger::{CANCEL_PERIOD_MS, Event, Key, Ledger, Status, Trade};
use super::refusal::Refusal;

/// One refund of a trade.
#[derive(Debug, Clone)]
pub struct RefundEntry {
    /// The merchant's number; the trade's own when none was sent.
    pub out_request_no: String,
    /// Fen.
    pub amount: i64,
    pub asked_ms: i64,
    /// When the money moved; `None` while it is held back.
    pub done_ms: Option<i64>,
}

/// What a refund call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOutcome {
    pub out_request_no: String,
    /// Whether this very call moved money.
    pub moved: bool,
    pub event: Option<Event>,
}

/// What a cancel call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAction {
    Nothing,
    Close,
    Refund,
}

impl Ledger {
    /// Refunds a trade, once per number. `stuck` accepts the refund but holds the money back.
    ///
    /// # Errors
    /// The codes of the refund call's error table.
    pub fn refund(
        &mut self,
        key: &Key,
        amount: i64,
        out_request_no: Option<&str>,
        stuck: bool,
        now_ms: i64,
    ) -> Result<RefundOutcome, Refusal> {
        let trade = self.get_mut(key).ok_or_else(Refusal::no_trade)?;
        let number = out_request_no.unwrap_or(&trade.order.out_trade_no).to_owned();
        if let Some(known) = trade.refunds.iter().find(|r| r.out_request_no == number) {
            if known.amount != amount {
                return Err(Refusal::acq("DISCORDANT_REPEAT_REQUEST", "同一退款请求号的退款金额不一致"));
            }
            return Ok(RefundOutcome { out_request_no: number, moved: false, event: None });
        }
        match trade.status {
            Status::Success => {}
            Status::Wait => return Err(Refusal::acq("TRADE_STATUS_ERROR", "交易未支付，不允许退款")),
            Status::Finished => return Err(Refusal::acq("TRADE_HAS_FINISHED", "交易已完结，不允许退款")),
            Status::Closed => return Err(Refusal::acq("TRADE_HAS_CLOSE", "交易已经关闭")),
        }
        if out_request_no.is_none() && amount != trade.total() {
            return Err(Refusal::acq("REFUND_AMT_NOT_EQUAL_TOTAL", "未传退款请求号时只能全额退款"));
        }
        if amount > trade.total() - trade.reserved() {
            return Err(Refusal::acq("REASON_TRADE_REFUND_FEE_ERR", "退款金额超过可退金额"));
        }
        let entry = RefundEntry { out_request_no: number.clone(), amount, asked_ms: now_ms, done_ms: None };
        trade.refunds.push(entry);
        let event = if stuck { None } else { finish_refund(trade, &number, now_ms) };
        Ok(RefundOutcome { out_request_no: number, moved: event.is_some(), event })
    }

    /// Lets refunds that were held back go through.
    pub fn release_refunds(&mut self, now_ms: i64) -> Vec<(Key, Event)> {
        let keys: Vec<Key> = self.all().map(|t| t.order.key()).collect();
        let mut events = Vec::new();
        for key in keys {
            let Some(trade) = self.get_mut(&key) else { continue };
            let waiting: Vec<String> =
                trade.refunds.iter().filter(|r| r.done_ms.is_none()).map(|r| r.out_request_no.clone()).collect();
            events.extend(waiting.iter().filter_map(|no| Some((key.clone(), finish_refund(trade, no, now_ms)?))));
        }
        events
    }

    /// Takes a trade of unknown outcome back: closes it unpaid, or returns all that is left.
    ///
    /// # Errors
    /// When it is too late, or the trade is of a kind that is not cancelled.
    pub fn cancel(&mut self, key: &Key, now_ms: i64) -> Result<(CancelAction, Option<Event>), Refusal> {
        let trade = self.get_mut(key).ok_or_else(Refusal::no_trade)?;
        if !trade.order.product.is_face_to_face() {
            return Err(Refusal::acq("CANCEL_NOT_ALLOWED", "该产品不支持撤销，请使用关闭或退款"));
        }
        match trade.status {
            Status::Closed => Ok((CancelAction::Nothing, None)),
            Status::Finished => Err(Refusal::acq("TRADE_HAS_FINISHED", "交易已完结")),
            _ if trade.created_ms + CANCEL_PERIOD_MS <= now_ms => {
                Err(Refusal::acq("TRADE_CANCEL_TIME_OUT", "超过撤销时间范围，请使用退款"))
            }
            Status::Wait => {
                trade.cancelled = true;
                let event = self.close(key, now_ms)?;
                Ok((CancelAction::Close, Some(event)))
            }
            Status::Success => {
                trade.cancelled = true;
                let number = format!("{}cancel", trade.trade_no);
                let left = trade.total() - trade.reserved();
                trade.refunds.push(RefundEntry { out_request_no: number.clone(), amount: left, asked_ms: now_ms, done_ms: None });
                let event = finish_refund(trade, &number, now_ms);
                Ok((CancelAction::Refund, event))
            }
        }
    }
}

/// Moves the money of one refund; a trade that has given everything back is closed.
fn finish_refund(trade: &mut Trade, number: &str, now_ms: i64) -> Option<Event> {
    let entry = trade.refunds.iter_mut().find(|r| r.out_request_no == number)?;
    entry.done_ms = Some(now_ms);
    if trade.refunded() >= trade.total() {
        trade.status = Status::Closed;
        trade.closed_ms = Some(now_ms);
    }
    Some(Event::Refunded(number.to_owned()))
}
