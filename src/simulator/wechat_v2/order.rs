//! `/pay/unifiedorder` (provider's document: 统一下单): orders that the payer pays by code, link, bridge or app.

use super::super::behaviour::Behaviour;
use super::super::clock::beijing;
use super::call::Call;
use super::check;
use super::ledger::{CODE_LIFE_MS, H5_LIFE_MS, h5_key};
use super::play::Wechat;
use super::reply::{Fault, Pairs, push};
use super::trade::{State, Trade, TradeType};
use super::xml::Fields;
use std::sync::Arc;

/// An unpaid order without `time_expire` lives this long.
const ORDER_LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// May differ when the same number is submitted again: chance, signature, and times, which the first submission fixed.
const VARIABLE: [&str; 4] = ["nonce_str", "sign", "time_start", "time_expire"];

pub fn unified_order(wechat: &Arc<Wechat>, call: &Call) -> Result<Pairs, Fault> {
    let now = wechat.now();
    let checked = check_order(call, now)?;
    let mut ledger = wechat.ledger();
    let at = match ledger.by_out_trade_no(&checked.out_trade_no) {
        None => ledger.add(checked),
        Some(at) => {
            let known = &mut ledger.trades[at];
            known.age(now);
            if known.fingerprint != checked.fingerprint {
                return Err(Fault::business("INVALID_REQUEST", "201 商户订单号重复"));
            }
            match known.state {
                State::Success => return Err(Fault::business("ORDERPAID", "该订单已支付")),
                State::NotPay | State::UserPaying if !known.is_expired(now) => at,
                _ => return Err(Fault::business("ORDERCLOSED", "该订单已关闭")),
            }
        }
    };
    let prepay_id = format!("wx{}{}", check::compact(beijing(now)), wechat.stage.random_text(b"0123456789abcdef", 20));
    ledger.add_code(prepay_id.clone(), at, now + CODE_LIFE_MS);
    let mut pairs = Pairs::new();
    push(&mut pairs, "device_info", ledger.trades[at].device_info.clone());
    push(&mut pairs, "trade_type", ledger.trades[at].trade_type.as_str());
    push(&mut pairs, "prepay_id", prepay_id.clone());
    match ledger.trades[at].trade_type {
        TradeType::Native => {
            let token = wechat.stage.token(9);
            push(&mut pairs, "code_url", format!("weixin://wxpay/bizpayurl?pr={token}"));
            ledger.add_code(token, at, now + CODE_LIFE_MS);
        }
        TradeType::Mweb => {
            ledger.add_code(h5_key(&prepay_id), at, now + H5_LIFE_MS);
            let package = wechat.stage.digits(10);
            let origin = wechat.stage.origin();
            push(
                &mut pairs,
                "mweb_url",
                format!("{origin}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}&package={package}"),
            );
        }
        _ => {}
    }
    Ok(pairs)
}

fn check_order(call: &Call, now: i64) -> Result<Trade, Fault> {
    let trade_type = match call.need("trade_type")? {
        "JSAPI" => TradeType::Jsapi,
        "NATIVE" => TradeType::Native,
        "APP" => TradeType::App,
        "MWEB" => TradeType::Mweb,
        _ => return Err(Fault::wrong("trade_type")),
    };
    let subject = check::body(call)?.to_owned();
    let out_trade_no = check::out_trade_no(call)?.to_owned();
    let amount = check::amount(call, "total_fee")?;
    check::currency(call, "fee_type")?;
    check::address(call)?;
    let notify_url = check::notify_url(call.need("notify_url")?)?.to_owned();
    let attach = check::attach(call)?.to_owned();
    let limits =
        [("device_info", 32), ("detail", 6000), ("goods_tag", 32), ("product_id", 32), ("scene_info", 256), ("limit_pay", 32)];
    check::lengths(call, &limits)?;
    check::json(call, "detail")?;
    if call.get("limit_pay").is_some_and(|limit| limit != "no_credit") {
        return Err(Fault::wrong("limit_pay"));
    }
    let mut payer = None;
    match trade_type {
        TradeType::Jsapi => payer = Some(openid(call)?),
        TradeType::Native => {
            call.need("product_id")?;
        }
        TradeType::Mweb => h5_scene(call)?,
        TradeType::App | TradeType::Micropay => {}
    }
    if trade_type != TradeType::Mweb {
        check::json(call, "scene_info")?;
    }
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
        notify_url: Some(notify_url),
        algorithm: call.algorithm,
        with_sub: call.with_sub,
        fingerprint: fingerprint(call),
        payer,
        created_at: now,
        expires_at,
        closed_at: None,
        behaviour: Behaviour::Ok,
        behaviour_at: now,
        return_url: None,
    })
}

/// All fields that must not change between submissions of one number.
pub fn fingerprint(call: &Call) -> Fields {
    call.fields()
        .iter()
        .filter(|(name, value)| !value.is_empty() && !VARIABLE.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn openid(call: &Call) -> Result<String, Fault> {
    let given = match (call.get("openid"), call.get("sub_openid")) {
        (Some(openid), _) => openid,
        (None, Some(openid)) if call.with_sub => {
            call.need("sub_appid")?;
            openid
        }
        _ => return Err(Fault::business("PARAM_ERROR", "JSAPI支付必须传openid")),
    };
    let valid = given.len() <= 128 && given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if valid { Ok(given.to_owned()) } else { Err(Fault::business("PARAM_ERROR", "无效的openid")) }
}

/// `scene_info` of an H5 order names the site or the app.
fn h5_scene(call: &Call) -> Result<(), Fault> {
    call.need("scene_info")?;
    let scene = check::json(call, "scene_info")?.unwrap_or_default();
    let info = &scene["h5_info"];
    let filled = |names: &[&str]| names.iter().all(|name| info[*name].as_str().is_some_and(|text| !text.is_empty()));
    let valid = match info["type"].as_str() {
        Some("Wap") => filled(&["wap_url", "wap_name"]),
        Some("IOS") => filled(&["app_name", "bundle_id"]),
        Some("Android") => filled(&["app_name", "package_name"]),
        _ => false,
    };
    if valid { Ok(()) } else { Err(Fault::wrong("scene_info")) }
}
