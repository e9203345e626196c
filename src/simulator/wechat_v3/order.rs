//! `/v3/pay/transactions/{jsapi,app,h5,native}` and the same below `/partner` (provider's documents: 下单).

use super::super::behaviour::Behaviour;
use super::call::Call;
use super::fields::Fields;
use super::ledger::{CODE_LIFE_MS, H5_LIFE_MS, LINK, h5_key};
use super::play::Wechat;
use super::reply::{Answer, Fault};
use super::trade::{State, Trade, TradeType};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// An unpaid order without `time_expire` lives this long; no order of a merchant lives longer than the second figure.
const USUAL_LIFE_MS: i64 = 7 * DAY_MS;
const LONGEST_LIFE_MS: i64 = 90 * DAY_MS;
const SHORTEST_LIFE_MS: i64 = 60_000;

const OWN: &[&str] = &["appid", "mchid"];
const PARTNER: &[&str] = &["sp_appid", "sp_mchid", "sub_appid", "sub_mchid"];
const COMMON: &[&str] = &[
    "description",
    "out_trade_no",
    "time_expire",
    "attach",
    "notify_url",
    "goods_tag",
    "limit_pay",
    "support_fapiao",
    "amount",
    "payer",
    "detail",
    "scene_info",
    "settle_info",
];

pub fn place(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    let now = wechat.now();
    let checked = check(wechat, call, now)?;
    let mut ledger = wechat.ledger();
    let at = match ledger.by_out_trade_no(&checked.out_trade_no) {
        None => ledger.add(checked),
        Some(at) => {
            let known = &mut ledger.trades[at];
            known.age(now);
            match known.state {
                State::Success => return Err(Fault::paid()),
                State::Closed => return Err(closed()),
                State::NotPay if known.is_expired(now) => return Err(closed()),
                _ => {}
            }
            if known.fingerprint != checked.fingerprint || known.trade_type != checked.trade_type {
                let text = "请求重入时，参数与首次请求时不一致";
                return Err(Fault::new(400, "INVALID_REQUEST", text, 268_498_688));
            }
            ledger.end_codes(at, now);
            at
        }
    };
    let second = super::super::clock::beijing(now);
    let second = second.format(format_description!("[day][hour][minute][second]")).unwrap_or_default();
    let prepay_id = format!("wx{second}{}", wechat.stage.random_text(b"0123456789abcdef", 24));
    ledger.add_code(prepay_id.clone(), at, now + CODE_LIFE_MS);
    Ok(Some(match ledger.trades[at].trade_type {
        TradeType::Native => {
            let token = wechat.stage.token(9);
            ledger.add_code(token.clone(), at, now + CODE_LIFE_MS);
            json!({ "code_url": format!("{}{token}{}", LINK.0, LINK.1) })
        }
        TradeType::Mweb => {
            ledger.add_code(h5_key(&prepay_id), at, now + H5_LIFE_MS);
            let (origin, package) = (wechat.stage.origin(), wechat.stage.digits(10));
            json!({ "h5_url": format!("{origin}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}&package={package}") })
        }
        TradeType::Jsapi | TradeType::App => json!({ "prepay_id": prepay_id }),
    }))
}

fn closed() -> Fault {
    Fault::new(400, "ORDER_CLOSED", "订单已关闭", 268_447_914)
}

fn trade_type(path: &str) -> TradeType {
    match path.rsplit('/').next() {
        Some("jsapi") => TradeType::Jsapi,
        Some("app") => TradeType::App,
        Some("h5") => TradeType::Mweb,
        _ => TradeType::Native,
    }
}

fn check(wechat: &Wechat, call: &Call, now: i64) -> Result<Trade, Fault> {
    let trade_type = trade_type(call.path());
    let known: Vec<&str> = if call.partner { PARTNER } else { OWN }.iter().chain(COMMON).copied().collect();
    let fields = call.fields(&known)?;
    let switches = wechat.switches();
    let names = if call.partner { ["sp_appid", "sp_mchid"] } else { ["appid", "mchid"] };
    let appid = fields.need_text(names[0], 32)?;
    fields.need_text(names[1], 32)?;
    if appid != wechat.account.app.appid {
        return Err(Fault::new(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配，请检查后再试", 268_445_527));
    }
    let description = fields.need_text("description", 127)?.to_owned();
    let out_trade_no = fields.number("out_trade_no", 6..=32, b"_-|*")?.to_owned();
    let notify_url = fields.notify_url(255, switches.https_only)?.ok_or_else(|| fields.wrong("notify_url", "缺少必填字段"))?;
    let attach = fields.text("attach", 128)?.map(str::to_owned);
    fields.text("goods_tag", 32)?;
    fields.flag("support_fapiao")?;
    for limit in fields.list("limit_pay")? {
        if !matches!(limit.as_str(), Some("no_balance" | "no_credit" | "no_debit" | "balance_only")) {
            return Err(fields.wrong("limit_pay", "的值不正确"));
        }
    }
    let amount = fields.need_object("amount", &["total", "currency"])?;
    amount.currency()?;
    let total = amount.amount("total")?;
    if let Some(settle) = fields.object("settle_info", &["profit_sharing"])? {
        settle.flag("profit_sharing")?;
    }
    detail(&fields)?;
    scene(&fields, trade_type, switches.public_payers_only)?;
    let payer = payer(&fields, call.partner, trade_type)?;
    let mut fingerprint = call.body().clone();
    fingerprint.remove("time_expire");
    Ok(Trade {
        out_trade_no,
        transaction_id: None,
        trade_type,
        amount: total,
        state: State::NotPay,
        paid: None,
        refunds: vec![],
        description,
        attach,
        notify_url: notify_url.to_owned(),
        sub_appid: if call.partner { fields.text("sub_appid", 32)?.map(str::to_owned) } else { None },
        partner: call.partner,
        fingerprint,
        payer,
        created_at: now,
        expires_at: expiry(&fields, now)?,
        closed_at: None,
        behaviour: Behaviour::Ok,
        behaviour_at: now,
        return_url: None,
    })
}

/// The time to pay: at least a minute and at most ninety days from now, whatever is asked.
fn expiry(fields: &Fields<'_>, now: i64) -> Result<i64, Fault> {
    let Some(text) = fields.text("time_expire", 64)? else { return Ok(now + USUAL_LIFE_MS) };
    let asked = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| fields.wrong("time_expire", "格式不正确"))?;
    Ok((asked.unix_timestamp().saturating_mul(1000)).clamp(now + SHORTEST_LIFE_MS, now + LONGEST_LIFE_MS))
}

fn payer(fields: &Fields<'_>, partner: bool, trade_type: TradeType) -> Result<Option<String>, Fault> {
    let known: &[&str] = if partner { &["sp_openid", "sub_openid"] } else { &["openid"] };
    let payer = fields.object("payer", known)?;
    if trade_type != TradeType::Jsapi {
        return if payer.is_some() { Err(fields.wrong("payer", "未定义")) } else { Ok(None) };
    }
    let missing = || Fault::new(400, "PARAM_ERROR", "JSAPI支付必须传openid", 268_501_013);
    let payer = payer.ok_or_else(missing)?;
    let mut found = None;
    for name in known {
        found = found.or(payer.text(name, 128)?);
    }
    let openid = found.ok_or_else(missing)?;
    let valid = openid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if valid { Ok(Some(openid.to_owned())) } else { Err(Fault::new(400, "PARAM_ERROR", "无效的openid", 268_435_461)) }
}

fn scene(fields: &Fields<'_>, trade_type: TradeType, public_only: bool) -> Result<(), Fault> {
    let Some(scene) = fields.object("scene_info", &["payer_client_ip", "device_id", "store_info", "h5_info"])? else {
        return if trade_type == TradeType::Mweb { Err(fields.wrong("scene_info", "缺少必填字段")) } else { Ok(()) };
    };
    scene.text("device_id", 32)?;
    if let Some(store) = scene.object("store_info", &["id", "name", "area_code", "address"])? {
        store.need_text("id", 32)?;
        store.text("name", 256)?;
        store.text("area_code", 32)?;
        store.text("address", 512)?;
    }
    let address: IpAddr =
        scene.need_text("payer_client_ip", 45)?.parse().map_err(|_| scene.wrong("payer_client_ip", "格式不正确"))?;
    let private = match address {
        IpAddr::V4(a) => a.is_private() || a.is_loopback() || a.is_link_local() || a.is_unspecified(),
        IpAddr::V6(a) => a.is_loopback() || a.is_unspecified() || a.is_unique_local() || a.is_unicast_link_local(),
    };
    if public_only && private {
        return Err(scene.wrong("payer_client_ip", "不是公网地址"));
    }
    let known = ["type", "app_name", "app_url", "bundle_id", "package_name"];
    match (scene.object("h5_info", &known)?, trade_type) {
        (Some(info), TradeType::Mweb) => {
            if !matches!(info.need_text("type", 32)?, "Wap" | "iOS" | "Android") {
                return Err(info.wrong("type", "的值不正确"));
            }
            info.text("app_name", 64)?;
            info.text("app_url", 128)?;
            info.text("bundle_id", 128)?;
            info.text("package_name", 128)?;
            Ok(())
        }
        (None, TradeType::Mweb) => Err(scene.wrong("h5_info", "缺少必填字段")),
        (Some(_), _) => Err(scene.wrong("h5_info", "未定义")),
        (None, _) => Ok(()),
    }
}

fn detail(fields: &Fields<'_>) -> Result<(), Fault> {
    let Some(detail) = fields.object("detail", &["cost_price", "invoice_id", "goods_detail"])? else { return Ok(()) };
    detail.integer("cost_price")?;
    detail.text("invoice_id", 32)?;
    for goods in detail.list("goods_detail")? {
        let map = goods.as_object().ok_or_else(|| detail.wrong("goods_detail", "类型不正确"))?;
        let known = ["merchant_goods_id", "wechatpay_goods_id", "goods_name", "quantity", "unit_price"];
        let goods = Fields::new(map, &detail.pointer("goods_detail"), &known)?;
        goods.need_text("merchant_goods_id", 32)?;
        goods.text("wechatpay_goods_id", 32)?;
        goods.text("goods_name", 256)?;
        for name in ["quantity", "unit_price"] {
            goods.integer(name)?.ok_or_else(|| goods.wrong(name, "缺少必填字段"))?;
        }
    }
    Ok(())
}
