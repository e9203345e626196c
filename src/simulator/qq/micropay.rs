//! `qpay_micro_pay.cgi` (provider's document: 提交付款码支付): the merchant scans the payer's payment code.

use super::super::behaviour::{Account as Payer, Behaviour};
use super::super::provider::Pay;
use super::call::Call;
use super::ledger::{BarCode, Ledger};
use super::order::check_order;
use super::play::Wallet;
use super::query::paid_pairs;
use super::reply::{Fault, Pairs, push};
use super::trade::{State, Trade, TradeType};
use std::sync::Arc;

/// What a payment code brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Pays,
    TypesThenPays,
    /// Open until its time is over or the merchant takes it back.
    NeverTypes,
    NotEnough,
    Fails,
    /// Paid, but the answer says that the system failed.
    HiddenSuccess,
    /// Not paid, and the answer does not say so.
    HiddenFailure,
}

pub fn micropay(wallet: &Arc<Wallet>, call: &Call) -> Result<Pairs, Fault> {
    let now = wallet.now();
    if call.need("trade_type")? != "MICROPAY" {
        return Err(Fault::wrong("trade_type"));
    }
    call.need("device_info")?;
    let trade = check_order(call, TradeType::Micropay, now)?;
    let auth_code = call.need("auth_code")?.to_owned();
    let shaped = auth_code.len() == 18 && auth_code.starts_with("91") && auth_code.bytes().all(|b| b.is_ascii_digit());
    if !shaped {
        return Err(Fault::business("AUTH_CODE_INVALID", "请扫描QQ钱包付款码"));
    }
    let mut ledger = wallet.ledger();
    if let Some(at) = ledger.by_out_trade_no(&trade.out_trade_no) {
        return Err(submitted_again(&ledger.trades[at], &trade));
    }
    let (effect, pay) = spend(&mut ledger, &auth_code, now)?;
    let at = ledger.add(Trade { behaviour: pay.behaviour, ..trade });
    match effect {
        Effect::Pays => {
            wallet.settle(&mut ledger, at, pay.account, now);
            let mut pairs = paid_pairs(&ledger.trades[at]);
            push(&mut pairs, "trade_state", "SUCCESS");
            push(&mut pairs, "trade_state_desc", "支付成功");
            Ok(pairs)
        }
        Effect::TypesThenPays | Effect::NeverTypes => {
            ledger.trades[at].state = State::UserPaying;
            if effect == Effect::TypesThenPays {
                wallet.type_password(at, pay.account);
            }
            Err(user_paying())
        }
        Effect::HiddenSuccess => {
            wallet.settle(&mut ledger, at, pay.account, now);
            Err(system_error())
        }
        Effect::NotEnough | Effect::Fails | Effect::HiddenFailure => {
            ledger.trades[at].state = State::Closed;
            ledger.trades[at].closed_at = Some(now);
            Err(match effect {
                Effect::NotEnough => Fault::business("NOTENOUGH", "余额不足"),
                Effect::Fails => Fault::business("ORDERCLOSED", "支付失败，订单已关闭"),
                _ => system_error(),
            })
        }
    }
}

fn user_paying() -> Fault {
    Fault::business("USERPAYING", "需要用户输入支付密码")
}

fn system_error() -> Fault {
    Fault::business("SYSTEMERROR", "系统错误")
}

fn submitted_again(known: &Trade, again: &Trade) -> Fault {
    if known.fingerprint != again.fingerprint {
        return Fault::business("OUT_TRADE_NO_USED", "商户订单号重复");
    }
    match known.state {
        State::Success => Fault::business("ORDERPAID", "该订单已支付"),
        State::UserPaying | State::NotPay => user_paying(),
        State::Revoked | State::Closed => Fault::business("ORDERCLOSED", "该订单已关闭"),
    }
}

/// Uses up a payment code: one of the wallet's, or a printed test code whose last digits say what happens.
fn spend(ledger: &mut Ledger, auth_code: &str, now: i64) -> Result<(Effect, Pay), Fault> {
    let used = || Fault::business("AUTH_CODE_ERROR", "付款码已使用过，请刷新后再试");
    let expired = || Fault::business("AUTHCODEEXPIRE", "付款码已过期，请刷新后再试");
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
        "04" => Effect::HiddenFailure,
        "05" => Effect::NeverTypes,
        "06" => return Err(used()),
        _ => Effect::Pays,
    };
    let pay = Pay { behaviour: Behaviour::Ok, account: Payer::Xiaoming };
    // A printed code, too, is good for one trade only.
    ledger.bar_codes.insert(auth_code.to_owned(), BarCode { pay, dies_at: i64::MAX, used: true });
    Ok((effect, pay))
}
