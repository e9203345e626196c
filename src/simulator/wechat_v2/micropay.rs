//! `/pay/micropay` (provider's document: 付款码支付): the merchant scans the payer's bar code; no notice follows.

use super::super::behaviour::{Account as Payer, Behaviour};
use super::super::provider::Pay;
use super::call::Call;
use super::check;
use super::ledger::Ledger;
use super::order::fingerprint;
use super::play::Wechat;
use super::query::paid_pairs;
use super::reply::{Fault, Pairs};
use super::trade::{State, Trade, TradeType};
use std::sync::Arc;

/// What a bar code brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Pays,
    TypesThenPays,
    NeverTypes,
    NotEnough,
    Fails,
    /// Paid, but the answer says that the system failed.
    HiddenSuccess,
    /// Not paid, and the answer does not say so.
    BankError,
}

pub fn micropay(wechat: &Arc<Wechat>, call: &Call) -> Result<Pairs, Fault> {
    let now = wechat.now();
    let trade = check_order(call, now)?;
    let auth_code = call.need("auth_code")?.to_owned();
    let shaped = auth_code.len() == 18
        && auth_code.bytes().all(|b| b.is_ascii_digit())
        && matches!(auth_code.as_bytes(), [b'1', b'0'..=b'5', ..]);
    if !shaped {
        return Err(Fault::business("AUTH_CODE_INVALID", "请扫描微信支付被扫条码/二维码"));
    }
    let mut ledger = wechat.ledger();
    if let Some(at) = ledger.by_out_trade_no(&trade.out_trade_no) {
        return Err(submitted_again(&ledger.trades[at], &trade));
    }
    let (effect, pay) = spend(&mut ledger, &auth_code, now)?;
    let at = ledger.add(Trade { behaviour: pay.behaviour, ..trade });
    ledger.trades[at].payer = Some(wechat.account.openid(&wechat.stage, pay.account));
    match effect {
        Effect::Pays => {
            wechat.settle(&mut ledger, at, pay.account, now);
            Ok(paid_pairs(&ledger.trades[at]))
        }
        Effect::TypesThenPays | Effect::NeverTypes => {
            ledger.trades[at].state = State::UserPaying;
            if effect == Effect::TypesThenPays {
                wechat.type_password(at, pay.account);
            } else {
                wechat.abandon_password(at);
            }
            Err(user_paying())
        }
        Effect::NotEnough => {
            ledger.trades[at].state = State::PayError;
            Err(Fault::business("NOTENOUGH", "余额不足"))
        }
        Effect::Fails => {
            ledger.trades[at].state = State::PayError;
            Err(Fault::business("TRADE_ERROR", "交易错误，请确认后重新支付"))
        }
        Effect::HiddenSuccess => {
            wechat.settle(&mut ledger, at, pay.account, now);
            Err(Fault::business("SYSTEMERROR", "系统超时"))
        }
        Effect::BankError => {
            ledger.trades[at].state = State::PayError;
            Err(Fault::business("BANKERROR", "银行系统异常"))
        }
    }
}

fn user_paying() -> Fault {
    Fault::business("USERPAYING", "需要用户输入支付密码")
}

fn submitted_again(known: &Trade, again: &Trade) -> Fault {
    if known.fingerprint != again.fingerprint {
        return Fault::business("OUT_TRADE_NO_USED", "商户订单号重复");
    }
    match known.state {
        State::Success => Fault::business("ORDERPAID", "该订单已支付"),
        State::UserPaying | State::NotPay => user_paying(),
        State::Revoked => Fault::business("ORDERREVERSED", "该订单已撤销"),
        State::Closed | State::PayError => Fault::business("ORDERCLOSED", "该订单已关闭"),
    }
}

/// Uses up a bar code: one of the wallet's, or a printed test code whose last digits say what happens.
fn spend(ledger: &mut Ledger, auth_code: &str, now: i64) -> Result<(Effect, Pay), Fault> {
    let used = || Fault::business("AUTH_CODE_ERROR", "付款码已使用过，请刷新后再试");
    let expired = || Fault::business("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试");
    if let Some(code) = ledger.bar_codes.get_mut(auth_code) {
        if code.used {
            return Err(used());
        }
        if now >= code.dies_at {
            return Err(expired());
        }
        code.used = true;
        let effect = match code.pay {
            Pay { account: Payer::Poor, .. } => Effect::NotEnough,
            Pay { behaviour: Behaviour::Fail, .. } => Effect::Fails,
            Pay { behaviour: Behaviour::Password, .. } => Effect::TypesThenPays,
            _ => Effect::Pays,
        };
        return Ok((effect, code.pay));
    }
    let effect = match &auth_code[16..] {
        "00" => return Err(expired()),
        "01" => Effect::TypesThenPays,
        "02" => Effect::NotEnough,
        "03" => Effect::HiddenSuccess,
        "04" => Effect::BankError,
        "05" => Effect::NeverTypes,
        "06" => return Err(used()),
        _ => Effect::Pays,
    };
    let pay = Pay { behaviour: Behaviour::Ok, account: Payer::Xiaoming };
    // A printed code, too, is good for one trade only.
    ledger.bar_codes.insert(auth_code.to_owned(), super::ledger::BarCode { pay, dies_at: i64::MAX, used: true });
    Ok((effect, pay))
}

fn check_order(call: &Call, now: i64) -> Result<Trade, Fault> {
    let subject = check::body(call)?.to_owned();
    let out_trade_no = check::out_trade_no(call)?.to_owned();
    let amount = check::amount(call, "total_fee")?;
    check::currency(call, "fee_type")?;
    check::address(call)?;
    let attach = check::attach(call)?.to_owned();
    check::lengths(call, &[("device_info", 32), ("detail", 6000), ("goods_tag", 32), ("auth_code", 128)])?;
    check::json(call, "detail")?;
    check::json(call, "scene_info")?;
    let expires_at = check::time_expire(call, now)?.unwrap_or(i64::MAX);
    Ok(Trade {
        out_trade_no,
        transaction_id: None,
        trade_type: TradeType::Micropay,
        amount,
        state: State::NotPay,
        paid: None,
        refunds: vec![],
        subject,
        attach,
        device_info: call.get("device_info").unwrap_or_default().to_owned(),
        notify_url: None,
        algorithm: call.algorithm,
        with_sub: call.with_sub,
        fingerprint: fingerprint(call),
        payer: None,
        created_at: now,
        expires_at,
        closed_at: None,
        behaviour: Behaviour::Ok,
        behaviour_at: now,
        return_url: None,
    })
}
