//! `/v3/refund/domestic/refunds` (provider's documents: 申请退款, 查询单笔退款).

use super::super::behaviour::Behaviour;
use super::call::Call;
use super::fields::Fields;
use super::ledger::Ledger;
use super::notice;
use super::play::Wechat;
use super::reply::{Answer, Fault};
use super::trade::{Refund, RefundState, State, Trade, rfc3339};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long a refund takes, before the clock factor.
const DURATION: Duration = Duration::from_secs(3);
/// Refunds are possible for a year.
const WINDOW_MS: i64 = 365 * 24 * 60 * 60 * 1000;
/// Refunds of one trade.
const MOST: usize = 50;

const KNOWN: &[&str] = &[
    "sub_mchid",
    "transaction_id",
    "out_trade_no",
    "out_refund_no",
    "reason",
    "notify_url",
    "funds_account",
    "amount",
    "goods_detail",
];

fn invalid(text: &str) -> Fault {
    Fault::new(400, "INVALID_REQUEST", text, 268_435_464)
}

fn named_trade(ledger: &Ledger, fields: &Fields<'_>) -> Result<usize, Fault> {
    let not_found = || Fault::new(404, "RESOURCE_NOT_EXISTS", "订单不存在", 268_512_771);
    if let Some(id) = fields.text("transaction_id", 32)? {
        return ledger.by_transaction_id(id).ok_or_else(not_found);
    }
    if fields.text("out_trade_no", 32)?.is_none() {
        return Err(Fault::wrong("/out_trade_no", "与transaction_id须二选一"));
    }
    ledger.by_out_trade_no(fields.number("out_trade_no", 6..=32, b"_-|*")?).ok_or_else(not_found)
}

pub fn refund(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    let now = wechat.now();
    let fields = call.fields(KNOWN)?;
    let out_refund_no = fields.number("out_refund_no", 1..=64, b"_-|*@")?.to_owned();
    fields.text("reason", 80)?;
    let notify_url = fields.notify_url(256, wechat.switches().https_only)?.map(str::to_owned);
    let funds_account = match fields.text("funds_account", 32)? {
        None | Some("AVAILABLE") => "AVAILABLE",
        Some("UNSETTLED") => "UNSETTLED",
        Some(_) => return Err(fields.wrong("funds_account", "的值不正确")),
    };
    let asked = fields.need_object("amount", &["refund", "total", "currency", "from"])?;
    if asked.text("currency", 16)?.is_none() {
        return Err(asked.wrong("currency", "缺少必填字段"));
    }
    asked.currency()?;
    let (amount, total) = (asked.amount("refund")?, asked.amount("total")?);

    let mut ledger = wechat.ledger();
    let at = named_trade(&ledger, &fields)?;
    let trade = &ledger.trades[at];
    let (Some(paid), State::Success) = (&trade.paid, trade.state) else {
        return Err(invalid("订单未支付，不能退款"));
    };
    // Under `wrong_amount` order and payment differ, which has no counterpart at the provider: either is taken.
    if total != paid.amount && total != trade.amount {
        return Err(Fault::wrong("/amount/total", "与原订单金额不一致"));
    }
    if let Some((of, nth)) = ledger.by_out_refund_no(&out_refund_no) {
        let known = &ledger.trades[of].refunds[nth];
        if of != at || known.amount != amount {
            return Err(invalid("订单金额或退款金额与之前请求不一致，请核实后再试"));
        }
        return Ok(Some(object(&ledger.trades[of], known)));
    }
    if now - paid.at > WINDOW_MS {
        return Err(invalid("订单已经超过退款期限"));
    }
    if trade.refunds.len() >= MOST {
        return Err(invalid("部分退款次数已达上限"));
    }
    let left = paid.amount.checked_sub(trade.refunded()).unwrap_or_default();
    if amount > left {
        return Err(invalid("退款金额大于订单可退金额"));
    }
    let refund = Refund {
        refund_id: format!("503000{}{}{}", wechat.stage.digits(5), wechat.day(), wechat.stage.digits(10)),
        out_refund_no,
        amount,
        state: RefundState::Processing,
        notify_url,
        funds_account,
        partner: call.partner,
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
    Ok(Some(object(trade, &trade.refunds[place.1])))
}

pub fn refund_query(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    let ledger = wechat.ledger();
    let not_found = || Fault::new(404, "RESOURCE_NOT_EXISTS", "退款单不存在", 268_512_771);
    let (trade, nth) = ledger.by_out_refund_no(&call.after("refunds")).ok_or_else(not_found)?;
    let trade = &ledger.trades[trade];
    Ok(Some(object(trade, &trade.refunds[nth])))
}

impl Wechat {
    /// Ends a refund in progress and tells the merchant; false when it was over already.
    pub fn end_refund(self: &Arc<Self>, (trade, nth): (usize, usize), state: RefundState) -> bool {
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
            self.stage.notify(notice::refunded(self, trade, refund, url.clone()));
        }
        true
    }

    /// Ends every refund that waits; how many.
    pub fn end_refunds(self: &Arc<Self>) -> usize {
        let waiting: Vec<_> = {
            let ledger = self.ledger();
            let places = |(t, trade): (usize, &Trade)| (0..trade.refunds.len()).map(move |r| (t, r)).collect::<Vec<_>>();
            let all = ledger.trades.iter().enumerate().filter(|(_, t)| t.behaviour == Behaviour::RefundStuck).flat_map(places);
            all.collect()
        };
        waiting.into_iter().filter(|place| self.end_refund(*place, RefundState::Success)).count()
    }
}

/// What the payer gets back in money; the rest returns as coupon.
pub fn payer_part(trade: &Trade, refund: &Refund) -> i64 {
    let Some(paid) = &trade.paid else { return refund.amount.fen() };
    let share = i128::from(refund.amount.fen()) * i128::from(paid.payer_total().fen()) / i128::from(paid.amount.fen().max(1));
    i64::try_from(share).unwrap_or_default()
}

fn object(trade: &Trade, refund: &Refund) -> Value {
    let paid = trade.paid.as_ref();
    let total = paid.map_or(trade.amount, |paid| paid.amount).fen();
    let payer_total = paid.map_or(trade.amount, |paid| paid.payer_total()).fen();
    let part = payer_part(trade, refund);
    let mut object = json!({
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": trade.transaction_id,
        "out_trade_no": trade.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(refund.created_at),
        "status": refund.state.as_str(),
        "funds_account": refund.funds_account,
        "amount": {
            "total": total, "refund": refund.amount.fen(), "from": [], "payer_total": payer_total, "payer_refund": part,
            "settlement_refund": refund.amount.fen(), "settlement_total": total, "discount_refund": refund.amount.fen() - part,
            "currency": "CNY", "refund_fee": 0
        },
        "promotion_detail": [],
    });
    if let Some(at) = refund.succeeded_at {
        object["success_time"] = json!(rfc3339(at));
    }
    object
}
