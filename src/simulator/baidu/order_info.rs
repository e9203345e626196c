//! What a mini program hands to the cashier, checked as the cashier checks it.

use super::account::Account;
use super::params;
use super::refusal::{self, Refusal};
use super::sign::Fields;
use serde_json::{Map, Value};

/// An order as the mini program describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderInfo {
    pub tp_order_id: String,
    /// Fen.
    pub total: i64,
    pub title: String,
    pub notify_url: Option<String>,
    /// JSON text of the merchant's own data; empty without.
    pub return_data: String,
}

/// What the cashier says: `errCode` 6 stands for all sorts of faults.
pub const SIGNATURE_ERROR: Refusal = Refusal { errno: 6, msg: "signature error", word: "order_info" };
pub const NO_GOODS: Refusal = Refusal { errno: 7, msg: "商品不存在", word: "no_goods" };

const LONGEST_NUMBER: usize = 32;

/// Reads an `orderInfo`, bare or inside of the object that the bridge takes.
///
/// # Errors
/// As the cashier refuses it.
pub fn read(text: &str, account: &Account) -> Result<OrderInfo, Refusal> {
    let value: Value = serde_json::from_str(text).map_err(|_| SIGNATURE_ERROR)?;
    let info = match value.get("orderInfo") {
        Some(inner) => inner.as_object(),
        None => value.as_object(),
    };
    let info = info.ok_or(SIGNATURE_ERROR)?;
    // A number, for one, is a fault although it reads the same.
    let fields: Option<Fields> = info.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    let fields = fields.ok_or(SIGNATURE_ERROR)?;
    let need = |name: &str| fields.get(name).filter(|value| !value.is_empty()).ok_or(SIGNATURE_ERROR);
    let signed_names: &[&str] = match need("signFieldsRange")?.as_str() {
        "1" => &["appKey", "dealId", "totalAmount", "tpOrderId"],
        "0" => &["appKey", "dealId", "tpOrderId"],
        _ => return Err(SIGNATURE_ERROR),
    };
    let mut signed = Fields::new();
    for name in signed_names {
        signed.insert((*name).to_owned(), need(name)?.clone());
    }
    if !account.merchant.verifies(&signed, need("rsaSign")?) {
        return Err(SIGNATURE_ERROR);
    }
    if fields.get("dealId") != Some(&account.deal_id) || fields.get("appKey") != Some(&account.app_key) {
        return Err(NO_GOODS);
    }
    let tp_order_id = need("tpOrderId")?.clone();
    let total = params::positive(need("totalAmount")?).ok_or(refusal::PARAMETER)?;
    if tp_order_id.len() > LONGEST_NUMBER || !tp_order_id.is_ascii() {
        return Err(refusal::PARAMETER);
    }
    let notify_url = fields.get("notifyUrl").filter(|url| !url.is_empty()).cloned();
    if notify_url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(refusal::PARAMETER);
    }
    let return_data = return_data(need("bizInfo")?)?;
    Ok(OrderInfo { tp_order_id, total, title: need("dealTitle")?.clone(), notify_url, return_data })
}

fn return_data(biz_info: &str) -> Result<String, Refusal> {
    let biz: Map<String, Value> = serde_json::from_str(biz_info).map_err(|_| SIGNATURE_ERROR)?;
    Ok(biz.get("tpData").and_then(|data| data.get("returnData")).map(Value::to_string).unwrap_or_default())
}
