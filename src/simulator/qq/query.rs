//! `qpay_order_query.cgi` and `qpay_close_order.cgi` (provider's documents: 订单查询, 关闭订单).

use super::super::clock::beijing;
use super::call::Call;
use super::check;
use super::ledger::Ledger;
use super::play::Wallet;
use super::reply::{Fault, Pairs, push};
use super::trade::{State, Trade, TradeType};
use std::sync::Arc;

pub fn order_query(wallet: &Arc<Wallet>, call: &Call) -> Result<Pairs, Fault> {
    let now = wallet.now();
    let mut ledger = wallet.ledger();
    let at = named_trade(&ledger, call, now)?;
    let trade = &mut ledger.trades[at];
    trade.age(now);
    let (state, text) = trade.trade_state();
    let mut pairs = if trade.state == State::Success {
        paid_pairs(trade)
    } else {
        let mut pairs = Pairs::new();
        push(&mut pairs, "device_info", trade.device_info.clone());
        push(&mut pairs, "trade_type", trade.trade_type.as_str());
        push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
        push(&mut pairs, "fee_type", "CNY");
        push(&mut pairs, "total_fee", trade.amount.fen().to_string());
        pairs.push(("attach".into(), trade.attach.clone()));
        pairs
    };
    push(&mut pairs, "trade_state", state);
    push(&mut pairs, "trade_state_desc", text);
    Ok(pairs)
}

pub fn close_order(wallet: &Arc<Wallet>, call: &Call) -> Result<Pairs, Fault> {
    let out_trade_no = check::number(call, "out_trade_no")?;
    let now = wallet.now();
    let mut ledger = wallet.ledger();
    let at = ledger.by_out_trade_no(out_trade_no).ok_or_else(not_found)?;
    let trade = &mut ledger.trades[at];
    trade.age(now);
    if trade.trade_type == TradeType::Micropay {
        return Err(Fault::business("PARAM_ERROR", "付款码订单请使用撤销接口"));
    }
    if call.get("total_fee").is_some() && check::amount(call, "total_fee")? != trade.amount {
        return Err(Fault::business("PARAM_ERROR", "订单金额与原订单不一致"));
    }
    match trade.state {
        State::Success => Err(Fault::business("ORDERPAID", "该订单已支付")),
        State::Closed | State::Revoked => Err(Fault::business("ORDERCLOSED", "该订单已关闭")),
        State::UserPaying => Err(Fault::business("USERPAYING", "用户支付中，请稍后再试")),
        State::NotPay => {
            trade.state = State::Closed;
            trade.closed_at = Some(now);
            Ok(vec![])
        }
    }
}

pub fn not_found() -> Fault {
    Fault::business("ORDERNOTEXIST", "此交易订单号不存在")
}

/// The provider's number is wanted where a payment is thirty days old.
pub fn too_old() -> Fault {
    Fault::business("PARAM_ERROR", "支付超过30天的订单，transaction_id不能为空")
}

/// The trade named by `transaction_id`, which goes first, or `out_trade_no`.
pub fn named_trade(ledger: &Ledger, call: &Call, now: i64) -> Result<usize, Fault> {
    if call.get("transaction_id").is_some() {
        return ledger.by_transaction_id(check::number(call, "transaction_id")?).ok_or_else(not_found);
    }
    if call.get("out_trade_no").is_none() {
        return Err(Fault::business("LACK_PARAMS", "缺少参数transaction_id或out_trade_no"));
    }
    let at = ledger.by_out_trade_no(check::number(call, "out_trade_no")?).ok_or_else(not_found)?;
    if ledger.trades[at].is_old(now) { Err(too_old()) } else { Ok(at) }
}

/// What query, payment-code answer and notice say about a paid trade.
pub fn paid_pairs(trade: &Trade) -> Pairs {
    let mut pairs = Pairs::new();
    let Some(paid) = &trade.paid else { return pairs };
    push(&mut pairs, "device_info", trade.device_info.clone());
    push(&mut pairs, "trade_type", trade.trade_type.as_str());
    push(&mut pairs, "bank_type", "BALANCE");
    push(&mut pairs, "fee_type", "CNY");
    push(&mut pairs, "total_fee", paid.amount.fen().to_string());
    push(&mut pairs, "cash_fee", paid.cash().fen().to_string());
    if !paid.coupon.is_zero() {
        push(&mut pairs, "coupon_fee", paid.coupon.fen().to_string());
    }
    push(&mut pairs, "transaction_id", trade.transaction_id.clone().unwrap_or_default());
    push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
    // Really sent empty when the order had none: an empty value is not part of the signature.
    pairs.push(("attach".into(), trade.attach.clone()));
    push(&mut pairs, "time_end", check::compact(beijing(paid.at)));
    push(&mut pairs, "openid", paid.openid.clone());
    pairs
}
