//! `/secapi/pay/reverse` (provider's document: 撤销订单): ends a bar-code trade, whatever became of it.

use super::call::Call;
use super::play::Wechat;
use super::query::named_trade;
use super::reply::{Fault, Pairs};
use super::trade::{State, TradeType};
use std::sync::Arc;
use std::time::Duration;

/// The provider wants this long between payment and reverse.
const EARLIEST: Duration = Duration::from_secs(15);
/// Older trades can only be refunded.
const WINDOW_MS: i64 = 7 * 24 * 60 * 60 * 1000;

pub fn reverse(wechat: &Arc<Wechat>, call: &Call) -> Result<Pairs, Fault> {
    let now = wechat.now();
    let mut ledger = wechat.ledger();
    let at = named_trade(&ledger, call)?;
    let trade = &mut ledger.trades[at];
    if trade.trade_type != TradeType::Micropay {
        return Err(refused("TRADE_ERROR", "仅付款码支付的订单可撤销", "N"));
    }
    if trade.state == State::Revoked {
        return Ok(recall("N"));
    }
    if now - trade.created_at > WINDOW_MS {
        return Err(refused("REVERSE_EXPIRE", "订单无法撤销", "N"));
    }
    let earliest = i64::try_from(wechat.stage.scaled(EARLIEST).as_millis()).unwrap_or(i64::MAX);
    if now < trade.created_at.saturating_add(earliest) {
        return Err(refused("USERPAYING", "调用支付接口后15秒内不能撤销，请稍后再试", "Y"));
    }
    if !trade.refunds.is_empty() {
        return Err(refused("TRADE_ERROR", "订单已退款，无法撤销", "N"));
    }
    trade.state = State::Revoked;
    trade.closed_at = Some(now);
    Ok(recall("N"))
}

fn recall(word: &str) -> Pairs {
    vec![("recall".into(), word.into())]
}

fn refused(code: &'static str, text: &str, again: &str) -> Fault {
    Fault { code, text: text.to_owned(), more: recall(again) }
}
