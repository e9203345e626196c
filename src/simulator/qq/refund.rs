//! `qpay_refund.cgi` and `qpay_refund_query.cgi` (provider's documents: 申请退款, 退款查询). The wallet's discount goes back
//! before the payer's money; nobody is told when a refund is through.

use super::super::behaviour::Behaviour;
use super::super::clock::beijing;
use super::call::Call;
use super::check;
use super::ledger::Ledger;
use super::play::Wallet;
use super::query::{named_trade, too_old};
use super::reply::{Fault, Pairs, push};
use super::sign::password_hash;
use super::trade::{Refund, RefundState, State, Trade};
use crate::model::Amount;
use std::sync::Arc;
use std::time::Duration;

/// How long a refund takes, before the clock factor.
const DURATION: Duration = Duration::from_secs(3);
/// Refunds are possible for a year.
const WINDOW_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// Who gives money back must be an operator with the right password.
pub fn check_operator(wallet: &Wallet, call: &Call) -> Result<(), Fault> {
    let account = &wallet.account;
    let (user, password) = (call.need("op_user_id")?, call.need("op_user_passwd")?);
    if user != account.op_user_id && user != account.mch_id {
        return Err(Fault::business("PARAM_ERROR", "操作员不存在"));
    }
    if password != password_hash(&account.op_user_passwd) {
        return Err(Fault::business("PARAM_ERROR", "操作员密码错误"));
    }
    Ok(())
}

pub fn refund(wallet: &Arc<Wallet>, call: &Call) -> Result<Pairs, Fault> {
    let now = wallet.now();
    check_operator(wallet, call)?;
    let out_refund_no = check::number(call, "out_refund_no")?.to_owned();
    let amount = check::amount(call, "refund_fee")?;
    if let Some(account) = call.get("refund_account")
        && !matches!(account, "REFUND_SOURCE_UNSETTLED_FUNDS" | "REFUND_SOURCE_RECHARGE_FUNDS")
    {
        return Err(Fault::wrong("refund_account"));
    }

    let mut ledger = wallet.ledger();
    let at = named_trade(&ledger, call, now)?;
    let trade = &ledger.trades[at];
    let (Some(paid), State::Success) = (&trade.paid, trade.state) else {
        return Err(Fault::business("PARAM_ERROR", "订单状态错误，不能退款"));
    };
    let known = ledger.by_out_refund_no(&out_refund_no);
    if let Some((of, nth)) = known {
        let known = &ledger.trades[of].refunds[nth];
        if of != at || known.amount != amount {
            return Err(Fault::business("PARAM_ERROR", "退款单号已使用，参数与之前请求不一致"));
        }
        if known.state != RefundState::Fail {
            return Ok(accepted_pairs(&ledger.trades[of], known));
        }
    }
    if now - paid.at > WINDOW_MS {
        return Err(Fault::business("PARAM_ERROR", "订单已经超过退款期限"));
    }
    let left = paid.amount.checked_sub(trade.refunded()).unwrap_or_default();
    if amount > left {
        return Err(Fault::business("PARAM_ERROR", "累计退款金额大于支付金额"));
    }
    let coupon = coupon_part(trade, amount);
    let place = match known {
        // A refund that failed is tried again under its own number.
        Some(place) => {
            let again = &mut ledger.trades[place.0].refunds[place.1];
            (again.state, again.coupon) = (RefundState::Processing, coupon);
            place
        }
        None => {
            let day = &check::compact(beijing(now))[..8];
            let refund = Refund {
                refund_id: format!("112{}{day}{}", wallet.account.mch_id, wallet.stage.digits(7)),
                out_refund_no,
                amount,
                coupon,
                state: RefundState::Processing,
                created_at: now,
                succeeded_at: None,
            };
            ledger.add_refund(at, refund)
        }
    };
    if ledger.trades[at].behaviour != Behaviour::RefundStuck {
        let (wallet, through) = (Arc::clone(wallet), wallet.stage.pause(DURATION));
        tokio::spawn(async move {
            through.await;
            wallet.end_refund(place, RefundState::Success);
        });
    }
    let trade = &ledger.trades[at];
    Ok(accepted_pairs(trade, &trade.refunds[place.1]))
}

/// What of a refund goes back to the wallet: as much as there is of its discount.
fn coupon_part(trade: &Trade, amount: Amount) -> Amount {
    amount.min(trade.coupon_left())
}

impl Wallet {
    /// Ends a refund in progress; false when it was over already.
    pub fn end_refund(&self, (trade, nth): (usize, usize), state: RefundState) -> bool {
        let now = self.now();
        let mut ledger = self.ledger();
        let refund = &mut ledger.trades[trade].refunds[nth];
        if refund.state != RefundState::Processing {
            return false;
        }
        refund.state = state;
        refund.succeeded_at = (state == RefundState::Success).then_some(now);
        true
    }

    /// Ends every refund that waits; how many.
    pub fn end_refunds(&self) -> usize {
        let waiting: Vec<_> = {
            let ledger = self.ledger();
            let stuck = ledger.trades.iter().enumerate().filter(|(_, t)| t.behaviour == Behaviour::RefundStuck);
            stuck.flat_map(|(t, trade)| (0..trade.refunds.len()).map(move |r| (t, r)).collect::<Vec<_>>()).collect()
        };
        waiting.into_iter().filter(|place| self.end_refund(*place, RefundState::Success)).count()
    }
}

fn accepted_pairs(trade: &Trade, refund: &Refund) -> Pairs {
    let mut pairs = Pairs::new();
    push(&mut pairs, "transaction_id", trade.transaction_id.clone().unwrap_or_default());
    push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
    push(&mut pairs, "total_fee", trade.paid.as_ref().map_or(trade.amount, |paid| paid.amount).fen().to_string());
    push(&mut pairs, "out_refund_no", refund.out_refund_no.clone());
    push(&mut pairs, "refund_id", refund.refund_id.clone());
    push(&mut pairs, "refund_channel", "ORIGINAL");
    push(&mut pairs, "refund_fee", refund.amount.fen().to_string());
    pairs
}

pub fn refund_query(wallet: &Arc<Wallet>, call: &Call) -> Result<Pairs, Fault> {
    let ledger = wallet.ledger();
    let (at, chosen) = chosen(&ledger, call, wallet.now())?;
    let trade = &ledger.trades[at];
    let mut pairs = Pairs::new();
    push(&mut pairs, "transaction_id", trade.transaction_id.clone().unwrap_or_default());
    push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
    if let Some(paid) = &trade.paid {
        push(&mut pairs, "total_fee", paid.amount.fen().to_string());
        push(&mut pairs, "cash_fee", paid.cash().fen().to_string());
    }
    push(&mut pairs, "fee_type", "CNY");
    push(&mut pairs, "refund_count", chosen.len().to_string());
    for (n, refund) in chosen.iter().map(|nth| &trade.refunds[*nth]).enumerate() {
        let mut add = |name: &str, value: String| push(&mut pairs, &format!("{name}_{n}"), value);
        add("out_refund_no", refund.out_refund_no.clone());
        add("refund_id", refund.refund_id.clone());
        add("refund_channel", "ORIGINAL".into());
        add("refund_fee", refund.amount.fen().to_string());
        add("coupon_refund_fee", refund.coupon.fen().to_string());
        add("cash_refund_fee", refund.cash().fen().to_string());
        add("refund_status", refund.state.as_str().into());
        add("refund_recv_accout", "QQ钱包余额".into());
    }
    Ok(pairs)
}

/// The trade and which of its refunds, by the number that goes first.
fn chosen(ledger: &Ledger, call: &Call, now: i64) -> Result<(usize, Vec<usize>), Fault> {
    let not_found = || Fault::business("REFUNDNOTEXIST", "退款订单查询失败");
    if let Some(id) = call.get("refund_id") {
        return ledger.by_refund_id(id).map(|(trade, nth)| (trade, vec![nth])).ok_or_else(not_found);
    }
    if call.get("out_refund_no").is_some() {
        let number = check::number(call, "out_refund_no")?;
        let (trade, nth) = ledger.by_out_refund_no(number).ok_or_else(not_found)?;
        if ledger.trades[trade].is_old(now) && call.get("transaction_id").is_none() {
            return Err(too_old());
        }
        return Ok((trade, vec![nth]));
    }
    let trade = named_trade(ledger, call, now)?;
    let count = ledger.trades[trade].refunds.len();
    if count == 0 { Err(not_found()) } else { Ok((trade, (0..count).collect())) }
}
