//! `qpay_reverse.cgi` (provider's document: 撤销订单): ends a payment-code trade, whatever became of it.

use super::call::Call;
use super::play::Wallet;
use super::query::named_trade;
use super::refund::check_operator;
use super::reply::{Fault, Pairs};
use super::trade::{RefundState, State, TradeType};
use std::sync::Arc;
use std::time::Duration;

/// The provider wants this long between payment and reverse.
const EARLIEST: Duration = Duration::from_secs(5 * 60);

pub fn reverse(wallet: &Arc<Wallet>, call: &Call) -> Result<Pairs, Fault> {
    check_operator(wallet, call)?;
    let now = wallet.now();
    let mut ledger = wallet.ledger();
    let at = named_trade(&ledger, call, now)?;
    let trade = &mut ledger.trades[at];
    if trade.trade_type != TradeType::Micropay {
        return Err(refused("PARAM_ERROR", "仅付款码支付的订单可撤销", "N"));
    }
    if trade.state == State::Revoked {
        return Ok(recall("N"));
    }
    let earliest = i64::try_from(wallet.stage.scaled(EARLIEST).as_millis()).unwrap_or(i64::MAX);
    if now < trade.created_at.saturating_add(earliest) {
        return Err(refused("USERPAYING", "支付后5分钟内不能撤销，请稍后再试", "Y"));
    }
    if trade.refunds.iter().any(|refund| refund.state != RefundState::Fail) {
        return Err(refused("PARAM_ERROR", "订单已退款，无法撤销", "N"));
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
