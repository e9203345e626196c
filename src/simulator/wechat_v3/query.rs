//! Questions about an order and its closing (provider's documents: 查询订单, 关闭订单).

use super::call::Call;
use super::play::Wechat;
use super::reply::{Answer, Fault};
use super::trade::{State, Trade, rfc3339};
use serde_json::{Map, Value, json};
use std::sync::Arc;

fn needs_merchant(call: &Call) -> Result<(), Fault> {
    let name = if call.path().starts_with("/v3/pay/partner/") { "sp_mchid" } else { "mchid" };
    if call.query(name).is_some() { Ok(()) } else { Err(Fault::wrong(&format!("/query/{name}"), "缺少必填字段")) }
}

pub fn by_out_trade_no(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    needs_merchant(call)?;
    let now = wechat.now();
    let mut ledger = wechat.ledger();
    let at = ledger.by_out_trade_no(&call.after("out-trade-no")).ok_or_else(Fault::order_not_found)?;
    ledger.trades[at].age(now);
    Ok(Some(transaction(wechat, &ledger.trades[at])))
}

pub fn by_transaction_id(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    needs_merchant(call)?;
    let id = call.after("id");
    if id.len() > 32 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Fault::new(400, "INVALID_TRANSACTIONID", "订单号非法", 268_435_461));
    }
    let ledger = wechat.ledger();
    let at = ledger.by_transaction_id(&id).ok_or_else(Fault::order_not_found)?;
    Ok(Some(transaction(wechat, &ledger.trades[at])))
}

pub fn close(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    let name = if call.partner { "sp_mchid" } else { "mchid" };
    let fields = call.fields(if call.partner { &["sp_mchid", "sub_mchid"] } else { &["mchid"] })?;
    fields.need_text(name, 32)?;
    let now = wechat.now();
    let mut ledger = wechat.ledger();
    let at = ledger.by_out_trade_no(&call.after("out-trade-no")).ok_or_else(Fault::order_not_found)?;
    let trade = &mut ledger.trades[at];
    trade.age(now);
    match trade.state {
        State::Success => Err(Fault::paid()),
        State::UserPaying => Err(Fault::new(400, "USERPAYING", "用户支付中，请稍后再试", 268_447_840)),
        State::Closed => Ok(None),
        State::NotPay => {
            trade.state = State::Closed;
            trade.closed_at = Some(now);
            Ok(None)
        }
    }
}

/// The ids of a message, by who the merchant is.
pub fn ids(wechat: &Wechat, partner: bool, sub_appid: Option<&str>, with_appid: bool) -> Map<String, Value> {
    let account = &wechat.account;
    let mut map = Map::new();
    let mut put = |name: &str, value: &str| map.insert(name.to_owned(), json!(value));
    if !partner {
        put("mchid", &account.mchid);
        if with_appid {
            put("appid", &account.app.appid);
        }
        return map;
    }
    put("sp_mchid", &account.mchid);
    put("sub_mchid", &account.sub_mchid);
    if with_appid {
        put("sp_appid", &account.app.appid);
        if let Some(appid) = sub_appid {
            put("sub_appid", appid);
        }
    }
    map
}

/// What query and notice say about a trade; an unpaid one comes without money and payer.
pub fn transaction(wechat: &Wechat, trade: &Trade) -> Value {
    let mut map = ids(wechat, trade.partner, trade.sub_appid.as_deref(), true);
    let mut put = |name: &str, value: Value| map.insert(name.to_owned(), value);
    let (state, words) = trade.trade_state();
    put("out_trade_no", json!(trade.out_trade_no));
    put("trade_state", json!(state));
    put("trade_state_desc", json!(words));
    if let Some(attach) = &trade.attach {
        put("attach", json!(attach));
    }
    let Some(paid) = &trade.paid else { return Value::Object(map) };
    put("transaction_id", json!(trade.transaction_id));
    put("trade_type", json!(trade.trade_type.as_str()));
    put("bank_type", json!("OTHERS"));
    put("success_time", json!(rfc3339(paid.at)));
    put("payer", json!({ if trade.partner { "sp_openid" } else { "openid" }: paid.openid }));
    put(
        "amount",
        json!({
            "total": paid.amount.fen(), "payer_total": paid.payer_total().fen(), "currency": "CNY", "payer_currency": "CNY"
        }),
    );
    if let Some((id, part)) = &paid.coupon {
        put(
            "promotion_detail",
            json!([{
                "coupon_id": id, "name": "满减券", "scope": "GLOBAL", "type": "CASH", "amount": part.fen(), "stock_id": "931386",
                "wechatpay_contribute": 0, "merchant_contribute": part.fen(), "other_contribute": 0, "currency": "CNY"
            }]),
        );
    }
    Value::Object(map)
}
