//! `qpay_unified_order.cgi` (provider's document: 统一下单): orders that the payer pays by code, page, app or mini program.

use super::super::behaviour::Behaviour;
use super::super::flat_xml::Fields;
use super::call::Call;
use super::check;
use super::ledger::CODE_LIFE_MS;
use super::play::Wallet;
use super::reply::{Fault, Pairs, push};
use super::trade::{State, Trade, TradeType};
use std::sync::Arc;

/// The life of an order without `time_expire` is not documented; this is the relative's.
const ORDER_LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// May differ when the same number is submitted again: chance, signature, and times, which the first submission fixed.
const VARIABLE: [&str; 4] = ["nonce_str", "sign", "time_start", "time_expire"];

pub fn unified_order(wallet: &Arc<Wallet>, call: &Call) -> Result<Pairs, Fault> {
    let now = wallet.now();
    let trade_type = match call.need("trade_type")? {
        "NATIVE" => TradeType::Native,
        "JSAPI" => TradeType::Jsapi,
        "APP" => TradeType::App,
        "MINIAPP" => TradeType::MiniApp,
        _ => return Err(Fault::wrong("trade_type")),
    };
    // A token that a wallet opens belongs to an app.
    if trade_type != TradeType::Native {
        call.need("appid")?;
    }
    if let Some(text) = call.get("mini_app_param") {
        serde_json::from_str::<serde_json::Value>(text).map_err(|_| Fault::wrong("mini_app_param"))?;
    }
    let checked = check_order(call, trade_type, now)?;
    let mut ledger = wallet.ledger();
    let at = match ledger.by_out_trade_no(&checked.out_trade_no) {
        None => ledger.add(checked),
        Some(at) => {
            let known = &mut ledger.trades[at];
            known.age(now);
            if known.fingerprint != checked.fingerprint {
                return Err(Fault::business("OUT_TRADE_NO_USED", "商户订单号重复"));
            }
            match known.state {
                State::Success => return Err(Fault::business("ORDERPAID", "该订单已支付")),
                State::NotPay | State::UserPaying => at,
                State::Closed | State::Revoked => return Err(Fault::business("ORDERCLOSED", "该订单已关闭")),
            }
        }
    };
    // A digit, a letter, and hex: 32 characters.
    let letter = wallet.stage.random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1);
    let prepay_id = format!("5{letter}{}", wallet.stage.random_text(b"0123456789abcdef", 30));
    ledger.add_code(prepay_id.clone(), at, now + CODE_LIFE_MS);
    let mut pairs = Pairs::new();
    push(&mut pairs, "trade_type", trade_type.as_str());
    push(&mut pairs, "prepay_id", prepay_id);
    if trade_type == TradeType::Native {
        let id = wallet.stage.random_text(b"0123456789abcdef", 8);
        push(&mut pairs, "code_url", format!("{}/qr/{id}", wallet.stage.origin()));
        ledger.add_code(id, at, now + CODE_LIFE_MS);
    }
    Ok(pairs)
}

/// What all orders share.
pub fn check_order(call: &Call, trade_type: TradeType, now: i64) -> Result<Trade, Fault> {
    let subject = check::text(call.need("body")?, "body")?.to_owned();
    let attach = check::text(call.get("attach").unwrap_or_default(), "attach")?.to_owned();
    let out_trade_no = check::number(call, "out_trade_no")?.to_owned();
    check::currency(call)?;
    let amount = check::amount(call, "total_fee")?;
    check::address(call)?;
    let notify_url = check::notify_url(call)?.to_owned();
    check::lengths(call, &[("device_info", 32), ("contract_code", 128), ("promotion_tag", 128), ("auth_code", 128)])?;
    check::limit_pay(call)?;
    let expires_at = check::time_expire(call, now)?.unwrap_or(now + ORDER_LIFE_MS);
    Ok(Trade {
        out_trade_no,
        transaction_id: None,
        trade_type,
        amount,
        state: State::NotPay,
        paid: None,
        refunds: vec![],
        subject,
        attach,
        device_info: call.get("device_info").unwrap_or_default().to_owned(),
        notify_url,
        fingerprint: fingerprint(call),
        created_at: now,
        expires_at,
        closed_at: None,
        behaviour: Behaviour::Ok,
        behaviour_at: now,
    })
}

/// All fields that must not change between submissions of one number.
fn fingerprint(call: &Call) -> Fields {
    let fixed = call.fields().iter().filter(|(name, value)| !value.is_empty() && !VARIABLE.contains(&name.as_str()));
    fixed.map(|(name, value)| (name.clone(), value.clone())).collect()
}
