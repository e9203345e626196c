//! The fields of an order (provider's documents: 统一下单, 提交付款码支付) and the objects that open the payer's wallet.
//!
//! Everything of an order is derived from the payment, never from the moment of the call: a repeat with other values could
//! be refused over there.

use super::sign::{AppCall, app_signature};
use super::wire::{Account, text};
use crate::channels::credentials::wrong;
use crate::channels::shanghai;
use crate::channels::text::shorten;
use crate::channels::xml::Map;
use crate::model::Method;
use crate::pay::channel::{ChannelError, NextStep, StartRequest, Started};
use serde_json::{Map as Json, Value, json};
use std::net::{IpAddr, Ipv4Addr};

/// Longest `body`. The document does not say of what; bytes are the careful reading.
const BODY: usize = 128;
const NOTIFY_URL: usize = 256;
const DEVICE_INFO: usize = 32;
/// Bar-code payments must name a device. Tills that have none share this one.
const DEVICE: &str = "CASHIER";
/// How long a `prepay_id` lives; nothing is said about `code_url`, so it is held to the same.
const CODE_MS: i64 = 2 * 60 * 60 * 1000;
/// The shortest life of an order is not documented; its relative wants a minute after arrival. We close on time ourselves.
const SHORTEST_MS: i64 = 90_000;

fn put(fields: &mut Map, name: &str, value: impl Into<String>) {
    fields.insert(name.to_owned(), value.into());
}

fn refused(code: &str, message: &str) -> ChannelError {
    ChannelError::Refused { code: code.to_owned(), message: message.to_owned() }
}

/// What an order is for. A subject of nothing but emoji leaves the merchant's name, at last our number.
fn body(request: &StartRequest) -> String {
    [&request.subject, &request.merchant_name, &request.pay_no]
        .into_iter()
        .map(|text| shorten(text, BODY))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The field has room for an IPv4 address only. A payer who came by IPv6 is shown as the cashier itself.
fn payer_address(request: &StartRequest) -> String {
    let v4 = |text: &str| match text.parse() {
        Ok(IpAddr::V4(address)) => Some(address),
        Ok(IpAddr::V6(address)) => address.to_ipv4_mapped(),
        Err(_) => None,
    };
    let own = || url::Url::parse(&request.public_url).ok().and_then(|url| url.host_str().and_then(v4));
    v4(&request.client_ip).or_else(own).unwrap_or(Ipv4Addr::LOCALHOST).to_string()
}

fn shared(request: &StartRequest) -> Result<Map, ChannelError> {
    if request.notify_url.contains(['?', '#']) || request.notify_url.len() > NOTIFY_URL {
        return Err(refused("PARAM_ERROR", "notify_url must have no query and at most 256 characters"));
    }
    let mut fields = Map::new();
    put(&mut fields, "body", body(request));
    put(&mut fields, "out_trade_no", &request.pay_no);
    put(&mut fields, "fee_type", "CNY");
    put(&mut fields, "total_fee", request.amount.fen().to_string());
    put(&mut fields, "spbill_create_ip", payer_address(request));
    put(&mut fields, "notify_url", &request.notify_url);
    // How long an order lives without these is not documented.
    let expires = request.deadline.max(request.created_at + SHORTEST_MS);
    put(&mut fields, "time_start", shanghai::compact(request.created_at));
    put(&mut fields, "time_expire", shanghai::compact(expires));
    Ok(fields)
}

/// The fields of a unified order. Unlike at the relative no method needs the payer's `openid`.
///
/// # Errors
/// `Refused` for an address the provider would refuse; `Credentials` when the account lacks what the method needs.
pub fn unified(request: &StartRequest, account: &Account) -> Result<Map, ChannelError> {
    let trade_type = match request.method {
        Method::QqNative => "NATIVE",
        Method::QqJsapi => {
            app_id(account)?;
            "JSAPI"
        }
        Method::QqApp => {
            app_id(account)?;
            app_key(account)?;
            "APP"
        }
        _ => return Err(ChannelError::Unsupported("this method")),
    };
    let mut fields = shared(request)?;
    put(&mut fields, "trade_type", trade_type);
    Ok(fields)
}

fn app_id(account: &Account) -> Result<&str, ChannelError> {
    account.appid.as_deref().ok_or_else(|| wrong("appid", "is required to open the wallet from a page or an app"))
}

fn app_key(account: &Account) -> Result<&str, ChannelError> {
    let key = account.app_key.as_ref().map(|key| key.expose().as_str());
    key.ok_or_else(|| wrong("app_key", "is required to open the wallet from an app"))
}

/// The fields of a bar-code payment.
///
/// # Errors
/// `MissingFact` without a code, `Refused` for one that is no QQ code.
pub fn micropay(request: &StartRequest) -> Result<Map, ChannelError> {
    let code = request.auth_code.as_ref().ok_or(ChannelError::MissingFact("auth_code"))?.expose();
    if code.len() != 18 || !code.starts_with("91") || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(refused("AUTH_CODE_INVALID", "请扫描 QQ 钱包付款码（18 位数字，以 91 开头）"));
    }
    let mut fields = shared(request)?;
    put(&mut fields, "trade_type", "MICROPAY");
    put(&mut fields, "auth_code", code.as_str());
    let device = request.fact("device_info").ok().map(|name| shorten(name, DEVICE_INFO)).filter(|name| !name.is_empty());
    put(&mut fields, "device_info", device.as_deref().unwrap_or(DEVICE));
    Ok(fields)
}

/// What the payer does with an accepted order.
///
/// # Errors
/// `Unclear` when the reply lacks what the method needs.
pub fn opened(reply: &Map, request: &StartRequest, account: &Account, nonce: String) -> Result<Started, ChannelError> {
    let needed = |name: &str| text(reply, name).ok_or_else(|| ChannelError::Unclear(format!("the reply has no {name}")));
    let expires_at = request.deadline.min(request.now_ms + CODE_MS);
    let next = match request.method {
        Method::QqNative => NextStep::Qr { code_url: needed("code_url")?.to_owned(), expires_at },
        Method::QqApp => invoke("qq_app", app_params(needed("prepay_id")?, request, account, &nonce)?),
        _ => invoke("qq_jsapi", jsapi_params(needed("prepay_id")?, account)?),
    };
    Ok(Started { code_expires_at: Some(expires_at), ..Started::step(next) })
}

fn invoke(bridge: &str, params: Value) -> NextStep {
    let params = match params {
        Value::Object(params) => params,
        _ => Json::new(),
    };
    NextStep::Invoke { bridge: bridge.to_owned(), params }
}

/// The first argument of `mqq.tenpay.pay` (provider's document: 公众号支付): the bare token, and no signature at all.
fn jsapi_params(prepay_id: &str, account: &Account) -> Result<Value, ChannelError> {
    let app_info = format!("appid#{}|bargainor_id#{}|channel#wallet", app_id(account)?, account.mch_id);
    Ok(json!({ "tokenId": prepay_id, "pubAcc": "", "pubAccHint": "", "appInfo": app_info }))
}

/// What an app hands to the wallet's library (provider's documents: Android, iOS).
fn app_params(prepay_id: &str, request: &StartRequest, account: &Account, nonce: &str) -> Result<Value, ChannelError> {
    let app_id = app_id(account)?;
    let call = AppCall { app_id, bargainor_id: &account.mch_id, nonce, pub_acc: "", token_id: prepay_id };
    Ok(json!({
        "appId": app_id,
        "serialNumber": request.pay_no,
        "callbackScheme": format!("qwallet{app_id}"),
        "tokenId": prepay_id,
        "pubAcc": "",
        "pubAccHint": "",
        "nonce": nonce,
        "timeStamp": (request.now_ms / 1000).to_string(),
        "bargainorId": account.mch_id,
        "sigType": "HMAC-SHA1",
        "sig": app_signature(&call, app_key(account)?),
    }))
}
