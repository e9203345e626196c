//! `/pay/orderquery` and `/pay/closeorder` (provider's documents: 查询订单, 关闭订单).

use super::super::clock::beijing;
use super::call::Call;
use super::check;
use super::ledger::Ledger;
use super::play::Wechat;
use super::reply::{Fault, Pairs, push};
use super::trade::{State, Trade, TradeType};
use std::sync::Arc;

pub fn order_query(wechat: &Arc<Wechat>, call: &Call) -> Result<Pairs, Fault> {
    let mut ledger = wechat.ledger();
    let at = named_trade(&ledger, call)?;
    let trade = &mut ledger.trades[at];
    trade.age(wechat.now());
    let (state, text) = trade.trade_state();
    let mut pairs = if trade.state == State::Success {
        paid_pairs(trade)
    } else {
        let mut pairs = Pairs::new();
        push(&mut pairs, "device_info", trade.device_info.clone());
        push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
        pairs.push(("attach".into(), trade.attach.clone()));
        pairs
    };
    push(&mut pairs, "trade_state", state);
    push(&mut pairs, "trade_state_desc", text);
    Ok(pairs)
}

pub fn close_order(wechat: &Arc<Wechat>, call: &Call) -> Result<Pairs, Fault> {
    let out_trade_no = check::out_trade_no(call)?;
    let now = wechat.now();
    let mut ledger = wechat.ledger();
    let at = ledger.by_out_trade_no(out_trade_no).ok_or_else(not_found)?;
    let trade = &mut ledger.trades[at];
    trade.age(now);
    if trade.trade_type == TradeType::Micropay {
        return Err(Fault::business("TRADE_STATE_ERROR", "付款码订单请使用撤销接口"));
    }
    match trade.state {
        State::Success => Err(Fault::business("ORDERPAID", "该订单已支付")),
        State::Closed => Err(Fault::business("ORDERCLOSED", "该订单已关闭")),
        State::UserPaying => Err(Fault::business("FREQUENCY_LIMITED", "订单支付中，请稍后再试")),
        State::Revoked | State::PayError => Err(Fault::business("TRADE_STATE_ERROR", "订单状态错误")),
        State::NotPay => {
            trade.state = State::Closed;
            trade.closed_at = Some(now);
            Ok(vec![("result_msg".into(), "OK".into())])
        }
    }
}

pub fn not_found() -> Fault {
    Fault::business("ORDERNOTEXIST", "此交易订单号不存在")
}

/// The trade named by `transaction_id`, which goes first, or `out_trade_no`.
pub fn named_trade(ledger: &Ledger, call: &Call) -> Result<usize, Fault> {
    if let Some(id) = call.get("transaction_id") {
        if id.len() > 32 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Fault::business("INVALID_TRANSACTIONID", "无效transaction_id"));
        }
        return ledger.by_transaction_id(id).ok_or_else(not_found);
    }
    if call.get("out_trade_no").is_none() {
        return Err(Fault::business("LACK_PARAMS", "缺少参数transaction_id或out_trade_no"));
    }
    ledger.by_out_trade_no(check::out_trade_no(call)?).ok_or_else(not_found)
}

/// What query, bar-code answer and notice say about a paid trade.
pub fn paid_pairs(trade: &Trade) -> Pairs {
    let mut pairs = Pairs::new();
    let Some(paid) = &trade.paid else { return pairs };
    push(&mut pairs, "device_info", trade.device_info.clone());
    push(&mut pairs, "openid", paid.openid.clone());
    push(&mut pairs, "is_subscribe", "N");
    push(&mut pairs, "trade_type", trade.trade_type.as_str());
    push(&mut pairs, "bank_type", "OTHERS");
    push(&mut pairs, "total_fee", paid.amount.fen().to_string());
    if paid.settlement_total_fee() != paid.amount {
        push(&mut pairs, "settlement_total_fee", paid.settlement_total_fee().fen().to_string());
    }
    push(&mut pairs, "fee_type", "CNY");
    push(&mut pairs, "cash_fee", paid.cash_fee().fen().to_string());
    push(&mut pairs, "cash_fee_type", "CNY");
    if !paid.coupons.is_empty() {
        push(&mut pairs, "coupon_fee", paid.coupon_fee().fen().to_string());
        push(&mut pairs, "coupon_count", paid.coupons.len().to_string());
        for (n, (sort, id, part)) in paid.coupons.iter().enumerate() {
            push(&mut pairs, &format!("coupon_type_{n}"), *sort);
            push(&mut pairs, &format!("coupon_id_{n}"), id.clone());
            push(&mut pairs, &format!("coupon_fee_{n}"), part.fen().to_string());
        }
    }
    push(&mut pairs, "transaction_id", trade.transaction_id.clone().unwrap_or_default());
    push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
    // Really sent empty when the order had none: an empty value is not part of the signature.
    pairs.push(("attach".into(), trade.attach.clone()));
    push(&mut pairs, "time_end", check::compact(beijing(paid.at)));
    pairs
}
