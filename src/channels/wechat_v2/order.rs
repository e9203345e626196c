//! The fields of an order (provider's documents: 统一下单, 付款码支付) and the objects that open the payer's wallet.
//!
//! Everything of an order is derived from the payment, never from the moment of the call: a repeat with other values would
//! be refused over there.

use super::wire::{Account, text};
use crate::channels::gateway::Gateway;
use crate::channels::shanghai;
use crate::channels::text::shorten;
use crate::channels::xml::Map;
use crate::model::Method;
use crate::pay::channel::{ChannelError, NextStep, StartRequest, Started};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map as Json, Value, json};

/// Longest `body` in bytes; the documented characters are bytes in practice.
const BODY: usize = 127;
const SCENE: usize = 256;
const NOTIFY_URL: usize = 256;
/// The provider wants at least a minute after the order; half of one is for the way there. We close on time ourselves.
const SHORTEST_MS: i64 = 90_000;
/// `code_url` and `prepay_id` live 2 h, an H5 link 5 min.
const CODE_MS: i64 = 2 * 60 * 60 * 1000;
const LINK_MS: i64 = 5 * 60 * 1000;

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

fn shared(request: &StartRequest) -> Map {
    let mut fields = Map::new();
    put(&mut fields, "body", body(request));
    put(&mut fields, "out_trade_no", &request.pay_no);
    put(&mut fields, "fee_type", "CNY");
    put(&mut fields, "total_fee", request.amount.fen().to_string());
    put(&mut fields, "spbill_create_ip", &request.client_ip);
    fields
}

/// The fields of a unified order.
///
/// # Errors
/// `MissingFact` for JSAPI without `openid`; `Refused` for an address the provider would refuse.
pub fn unified(request: &StartRequest, account: &Account) -> Result<Map, ChannelError> {
    let mut fields = shared(request);
    let expires = request.deadline.max(request.created_at + SHORTEST_MS);
    put(&mut fields, "time_start", shanghai::compact(request.created_at));
    put(&mut fields, "time_expire", shanghai::compact(expires));
    if request.notify_url.contains(['?', '#']) || request.notify_url.len() > NOTIFY_URL {
        return Err(refused("PARAM_ERROR", "notify_url must have no query and at most 256 characters"));
    }
    put(&mut fields, "notify_url", &request.notify_url);
    match request.method {
        Method::WechatNative => {
            put(&mut fields, "trade_type", "NATIVE");
            put(&mut fields, "product_id", &request.pay_no);
        }
        Method::WechatH5 => {
            put(&mut fields, "trade_type", "MWEB");
            put(&mut fields, "scene_info", scene(request));
        }
        Method::WechatApp => put(&mut fields, "trade_type", "APP"),
        Method::WechatJsapi | Method::WechatMini => {
            put(&mut fields, "trade_type", "JSAPI");
            match sub_openid(request, account) {
                Some(id) => put(&mut fields, "sub_openid", id),
                None => put(&mut fields, "openid", request.fact("openid")?),
            }
        }
        _ => return Err(ChannelError::Unsupported("this method")),
    }
    Ok(fields)
}

/// The payer's id under the sub-merchant's own `appid`, where that is the one we know.
fn sub_openid<'a>(request: &'a StartRequest, account: &Account) -> Option<&'a str> {
    account.sub_appid.as_ref().and_then(|_| request.fact("sub_openid").ok())
}

/// The scene of an H5 payment; the shop's name gives way when the whole gets too long.
fn scene(request: &StartRequest) -> String {
    let with_name =
        |name: String| json!({"h5_info": {"type": "Wap", "wap_url": request.public_url, "wap_name": name}}).to_string();
    (0..=BODY)
        .rev()
        .map(|n| with_name(shorten(&request.merchant_name, n)))
        .find(|s| s.len() <= SCENE)
        .unwrap_or_else(|| with_name(String::new()))
}

/// The fields of a bar-code payment.
///
/// # Errors
/// `MissingFact` without a code, `Refused` for one that is no WeChat code.
pub fn micropay(request: &StartRequest) -> Result<Map, ChannelError> {
    let code = request.auth_code.as_ref().ok_or(ChannelError::MissingFact("auth_code"))?.expose();
    if !is_auth_code(code) {
        return Err(refused("AUTH_CODE_INVALID", "请扫描微信付款码（18 位数字，以 10 至 15 开头）"));
    }
    let mut fields = shared(request);
    put(&mut fields, "auth_code", code.as_str());
    Ok(fields)
}

/// 18 digits that begin with 10 to 15.
fn is_auth_code(code: &str) -> bool {
    code.len() == 18
        && code.bytes().all(|b| b.is_ascii_digit())
        && code.starts_with('1')
        && matches!(code.as_bytes()[1], b'0'..=b'5')
}

/// What the payer does with an accepted order.
///
/// # Errors
/// `Unclear` when the reply lacks what the method needs.
pub fn opened(
    reply: &Map,
    request: &StartRequest,
    account: &Account,
    gateway: &Gateway,
    nonce: String,
) -> Result<Started, ChannelError> {
    let needed = |name: &str| text(reply, name).ok_or_else(|| ChannelError::Unclear(format!("the reply has no {name}")));
    let lives = match request.method {
        Method::WechatH5 => LINK_MS,
        _ => CODE_MS,
    };
    let expires_at = request.deadline.min(request.now_ms + lives);
    let next = match request.method {
        Method::WechatNative => NextStep::Qr { code_url: needed("code_url")?.to_owned(), expires_at },
        Method::WechatH5 => {
            let url = gateway.url(needed("mweb_url")?);
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(ChannelError::Unclear("mweb_url is no web address".to_owned()));
            }
            let back = utf8_percent_encode(&request.return_url, NON_ALPHANUMERIC);
            let join = if url.contains('?') { '&' } else { '?' };
            NextStep::Redirect { url: format!("{url}{join}redirect_url={back}") }
        }
        Method::WechatApp => invoke("wechat_app", app_params(needed("prepay_id")?, request, account, nonce)),
        Method::WechatMini => {
            let mut params = jsapi_params(needed("prepay_id")?, request, account, nonce);
            // Signed, but not among the parameters of wx.requestPayment.
            params.remove("appId");
            invoke("wechat_mini", params)
        }
        _ => invoke("wechat_jsapi", jsapi_params(needed("prepay_id")?, request, account, nonce)),
    };
    Ok(Started { code_expires_at: Some(expires_at), ..Started::step(next) })
}

fn invoke(bridge: &str, params: Map) -> NextStep {
    let params: Json<String, Value> = params.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    NextStep::Invoke { bridge: bridge.to_owned(), params }
}

/// Signed with the order's algorithm; another one is a common fault.
fn jsapi_params(prepay_id: &str, request: &StartRequest, account: &Account, nonce: String) -> Map {
    let appid = match (&account.sub_appid, sub_openid(request, account)) {
        (Some(sub_appid), Some(_)) => sub_appid,
        _ => &account.appid,
    };
    let mut params = Map::new();
    put(&mut params, "appId", appid);
    put(&mut params, "timeStamp", (request.now_ms / 1000).to_string());
    put(&mut params, "nonceStr", nonce);
    put(&mut params, "package", format!("prepay_id={prepay_id}"));
    put(&mut params, "signType", account.sign_type.as_str());
    let signature = account.sign(&params);
    put(&mut params, "paySign", signature);
    params
}

fn app_params(prepay_id: &str, request: &StartRequest, account: &Account, nonce: String) -> Map {
    let mut params = Map::new();
    put(&mut params, "appid", account.sub_appid.as_ref().unwrap_or(&account.appid));
    put(&mut params, "partnerid", &account.mch_id);
    put(&mut params, "prepayid", prepay_id);
    put(&mut params, "package", "Sign=WXPay");
    put(&mut params, "noncestr", nonce);
    put(&mut params, "timestamp", (request.now_ms / 1000).to_string());
    let signature = account.sign(&params);
    put(&mut params, "sign", signature);
    params
}
