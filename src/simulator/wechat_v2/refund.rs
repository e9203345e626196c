//! `/secapi/pay/refund` and `/pay/refundquery` (provider's documents: 申请退款, 查询退款).

use super::super::behaviour::Behaviour;
use super::super::clock::beijing;
use super::call::Call;
use super::check;
use super::ledger::Ledger;
use super::notice;
use super::play::Wechat;
use super::query::named_trade;
use super::reply::{Fault, Pairs, push};
use super::trade::{Paid, Refund, RefundState, State, Trade};
use std::sync::Arc;
use std::time::Duration;

/// How long a refund takes, before the clock factor.
const DURATION: Duration = Duration::from_secs(3);
/// Refunds are possible for a year.
const WINDOW_MS: i64 = 365 * 24 * 60 * 60 * 1000;
/// Refunds of one trade.
const MOST: usize = 50;
/// Refunds on one page of a query by order.
const PAGE: usize = 10;

pub fn refund(wechat: &Arc<Wechat>, call: &Call) -> Result<Pairs, Fault> {
    let now = wechat.now();
    let out_refund_no = check::out_refund_no(call)?.to_owned();
    let total = check::amount(call, "total_fee")?;
    let amount = check::amount(call, "refund_fee")?;
    check::currency(call, "refund_fee_type")?;
    check::lengths(call, &[("refund_desc", 80), ("op_user_id", 32)])?;
    let notify_url = call.get("notify_url").map(check::notify_url).transpose()?.map(str::to_owned);
    let account = match call.get("refund_account") {
        None => "REFUND_SOURCE_UNSETTLED_FUNDS",
        Some(known @ ("REFUND_SOURCE_UNSETTLED_FUNDS" | "REFUND_SOURCE_RECHARGE_FUNDS")) => known,
        Some(_) => return Err(Fault::wrong("refund_account")),
    };

    let mut ledger = wechat.ledger();
    let at = named_trade(&ledger, call)?;
    let trade = &ledger.trades[at];
    let (Some(paid), State::Success) = (&trade.paid, trade.state) else {
        return Err(Fault::business("TRADE_STATE_ERROR", "订单状态错误，不能退款"));
    };
    // Under `wrong_amount` order and payment differ, which has no counterpart at the provider: either is taken.
    if total != paid.amount && total != trade.amount {
        return Err(Fault::business("PARAM_ERROR", "订单金额与原订单不一致"));
    }
    if let Some((of, nth)) = ledger.by_out_refund_no(&out_refund_no) {
        let known = &ledger.trades[of].refunds[nth];
        if of != at || known.amount != amount {
            return Err(Fault::business("ERROR", "订单金额或退款金额与之前请求不一致，请核实后再试"));
        }
        return Ok(accepted_pairs(&ledger.trades[of], known));
    }
    if now - paid.at > WINDOW_MS {
        return Err(Fault::business("TRADE_OVERDUE", "订单已经超过退款期限"));
    }
    if trade.refunds.len() >= MOST {
        return Err(Fault::business("ERROR", "部分退款次数已达上限"));
    }
    let left = paid.amount.checked_sub(trade.refunded()).unwrap_or_default();
    if amount > left {
        return Err(Fault::business("ERROR", "累计退款金额大于支付金额"));
    }
    let day = check::compact(beijing(now));
    let refund = Refund {
        refund_id: format!("503000{}{}{}", wechat.stage.digits(4), &day[..8], wechat.stage.digits(10)),
        out_refund_no,
        amount,
        state: RefundState::Processing,
        notify_url,
        account: account.to_owned(),
        created_at: now,
        succeeded_at: None,
    };
    let place = ledger.add_refund(at, refund);
    if ledger.trades[at].behaviour != Behaviour::RefundStuck {
        let (wechat, through) = (Arc::clone(wechat), wechat.stage.pause(DURATION));
        tokio::spawn(async move {
            through.await;
            wechat.end_refund(place, RefundState::Success);
        });
    }
    let trade = &ledger.trades[at];
    Ok(accepted_pairs(trade, &trade.refunds[place.1]))
}

impl Wechat {
    /// Ends a refund in progress and tells the merchant; false when it was over already.
    pub fn end_refund(&self, (trade, nth): (usize, usize), state: RefundState) -> bool {
        let now = self.now();
        let mut ledger = self.ledger();
        let refund = &mut ledger.trades[trade].refunds[nth];
        if refund.state != RefundState::Processing {
            return false;
        }
        refund.state = state;
        refund.succeeded_at = (state == RefundState::Success).then_some(now);
        let (trade, refund) = (&ledger.trades[trade], &ledger.trades[trade].refunds[nth]);
        if let Some(url) = &refund.notify_url {
            self.stage.notify(notice::refunded(&self.account, &self.stage, trade, refund, url.clone()));
        }
        true
    }

    /// Ends every refund that waits; how many.
    pub fn end_refunds(&self) -> usize {
        let waiting: Vec<_> = {
            let ledger = self.ledger();
            let places = |(t, trade): (usize, &Trade)| (0..trade.refunds.len()).map(move |r| (t, r)).collect::<Vec<_>>();
            let all = ledger.trades.iter().enumerate().filter(|(_, t)| t.behaviour == Behaviour::RefundStuck).flat_map(places);
            all.collect()
        };
        waiting.into_iter().filter(|place| self.end_refund(*place, RefundState::Success)).count()
    }
}

/// A refund takes the payer's own money and the coupons by their shares.
fn cash_part(paid: &Paid, refund: &Refund) -> i64 {
    let share = i128::from(refund.amount.fen()) * i128::from(paid.cash_fee().fen()) / i128::from(paid.amount.fen().max(1));
    i64::try_from(share).unwrap_or_default()
}

fn accepted_pairs(trade: &Trade, refund: &Refund) -> Pairs {
    let mut pairs = Pairs::new();
    let Some(paid) = &trade.paid else { return pairs };
    let cash = cash_part(paid, refund);
    push(&mut pairs, "transaction_id", trade.transaction_id.clone().unwrap_or_default());
    push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
    push(&mut pairs, "out_refund_no", refund.out_refund_no.clone());
    push(&mut pairs, "refund_id", refund.refund_id.clone());
    pairs.push(("refund_channel".into(), String::new()));
    push(&mut pairs, "refund_fee", refund.amount.fen().to_string());
    push(&mut pairs, "coupon_refund_fee", (refund.amount.fen() - cash).to_string());
    push(&mut pairs, "total_fee", paid.amount.fen().to_string());
    push(&mut pairs, "cash_fee", paid.cash_fee().fen().to_string());
    push(&mut pairs, "fee_type", "CNY");
    push(&mut pairs, "coupon_refund_count", "0");
    push(&mut pairs, "cash_refund_fee", cash.to_string());
    pairs
}

pub fn refund_query(wechat: &Arc<Wechat>, call: &Call) -> Result<Pairs, Fault> {
    let offset: usize = match call.get("offset") {
        None => 0,
        Some(text) => text.parse().map_err(|_| Fault::wrong("offset"))?,
    };
    let ledger = wechat.ledger();
    let (trade, chosen, total) = chosen(&ledger, call, offset)?;
    let trade = &ledger.trades[trade];
    let Some(paid) = &trade.paid else { return Err(refund_not_found()) };
    let mut pairs = Pairs::new();
    push(&mut pairs, "transaction_id", trade.transaction_id.clone().unwrap_or_default());
    push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
    push(&mut pairs, "total_fee", paid.amount.fen().to_string());
    if paid.settlement_total_fee() != paid.amount {
        push(&mut pairs, "settlement_total_fee", paid.settlement_total_fee().fen().to_string());
    }
    push(&mut pairs, "fee_type", "CNY");
    push(&mut pairs, "cash_fee", paid.cash_fee().fen().to_string());
    if let Some(total) = total {
        push(&mut pairs, "total_refund_count", total.to_string());
    }
    push(&mut pairs, "refund_count", chosen.len().to_string());
    for (n, refund) in chosen.iter().map(|nth| &trade.refunds[*nth]).enumerate() {
        let mut add = |name: &str, value: String| push(&mut pairs, &format!("{name}_{n}"), value);
        add("out_refund_no", refund.out_refund_no.clone());
        add("refund_id", refund.refund_id.clone());
        add("refund_channel", "ORIGINAL".into());
        add("refund_fee", refund.amount.fen().to_string());
        add("refund_status", refund.state.as_str().into());
        add("refund_account", refund.account.clone());
        add("refund_recv_accout", "支付用户零钱".into());
        if let Some(at) = refund.succeeded_at {
            add("refund_success_time", check::spaced(beijing(at)));
        }
    }
    Ok(pairs)
}

type Chosen = (usize, Vec<usize>, Option<usize>);

/// The trade, which of its refunds, and how many there are in all where the order was named.
fn chosen(ledger: &Ledger, call: &Call, offset: usize) -> Result<Chosen, Fault> {
    let one = |place: Option<(usize, usize)>| place.map(|(trade, nth)| (trade, vec![nth], None)).ok_or_else(refund_not_found);
    if let Some(id) = call.get("refund_id") {
        return one(ledger.by_refund_id(id));
    }
    if call.get("out_refund_no").is_some() {
        return one(ledger.by_out_refund_no(check::out_refund_no(call)?));
    }
    let trade = named_trade(ledger, call)?;
    let count = ledger.trades[trade].refunds.len();
    if count == 0 {
        return Err(refund_not_found());
    }
    Ok((trade, (0..count).skip(offset).take(PAGE).collect(), Some(count)))
}

fn refund_not_found() -> Fault {
    Fault::business("REFUNDNOTEXIST", "退款订单查询失败")
}
