//! The body of an order (provider's documents: JSAPI/APP/H5/Native/小程序下单) and the objects that open the payer's wallet.
//!
//! Everything of an order is derived from the payment, never from the moment of the call: a repeat with other values would
//! be refused over there.

use super::account::Account;
use super::sign;
use crate::channels::gateway::Gateway;
use crate::channels::text::shorten;
use crate::model::Method;
use crate::pay::channel::{ChannelError, NextStep, StartRequest, Started};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::offset;

/// Longest `description` in bytes: the documents count characters of UTF-8 without saying which.
const DESCRIPTION: usize = 127;
const APP_NAME: usize = 64;
const APP_URL: usize = 128;
const NOTIFY_URL: usize = 255;
/// The provider lifts anything shorter to a minute.
const SHORTEST_MS: i64 = 60_000;
/// `code_url` and `prepay_id` live 2 h, an H5 link 5 min.
const CODE_MS: i64 = 2 * 60 * 60 * 1000;
const LINK_MS: i64 = 5 * 60 * 1000;

fn refused(message: &str) -> ChannelError {
    ChannelError::Refused { code: "PARAM_ERROR".to_owned(), message: message.to_owned() }
}

/// Whether the provider takes an address for notices: no query, and HTTPS where it is the provider itself that takes it.
///
/// # Errors
/// `Refused` with the rule.
pub fn check_notify_url(url: &str, gateway: &Gateway) -> Result<(), ChannelError> {
    if url.contains(['?', '#']) || url.len() > NOTIFY_URL {
        return Err(refused("notify_url must have no query and at most 255 characters"));
    }
    if gateway.is_production() && !url.starts_with("https://") {
        return Err(refused("notify_url must begin with https://; set the server's public address"));
    }
    Ok(())
}

/// RFC 3339 in Shanghai time.
fn shanghai(ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.to_offset(offset!(+8)).format(&Rfc3339).unwrap_or_default()
}

/// What an order is for. A subject of nothing but emoji leaves the merchant's name, at last our number.
fn description(request: &StartRequest) -> String {
    [&request.subject, &request.merchant_name, &request.pay_no]
        .into_iter()
        .map(|text| shorten(text, DESCRIPTION))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The last part of the order's path.
///
/// # Errors
/// `Unsupported` for methods of others.
pub fn endpoint(method: Method) -> Result<&'static str, ChannelError> {
    match method {
        Method::WechatNative => Ok("native"),
        Method::WechatH5 => Ok("h5"),
        // A mini program's orders are those of an official account.
        Method::WechatJsapi | Method::WechatMini => Ok("jsapi"),
        Method::WechatApp => Ok("app"),
        _ => Err(ChannelError::Unsupported("this method")),
    }
}

/// The body of an order.
///
/// # Errors
/// `MissingFact` for JSAPI without `openid`; `Refused` for an address the provider would refuse.
pub fn body(request: &StartRequest, account: &Account, gateway: &Gateway) -> Result<Vec<u8>, ChannelError> {
    check_notify_url(&request.notify_url, gateway)?;
    let mut body = Map::new();
    account.name_order(&mut body);
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("description", json!(description(request)));
    put("out_trade_no", json!(request.pay_no));
    put("time_expire", json!(shanghai(request.deadline.max(request.created_at + SHORTEST_MS))));
    put("notify_url", json!(request.notify_url));
    put("amount", json!({ "total": request.amount.fen(), "currency": "CNY" }));
    match request.method {
        Method::WechatJsapi | Method::WechatMini => {
            put("payer", payer(request, account)?);
        }
        Method::WechatH5 => {
            put("scene_info", scene(request));
        }
        _ => {}
    }
    Ok(Value::Object(body).to_string().into_bytes())
}

/// The payer's id under the sub-merchant's own `appid`, where that is the one we know.
fn sub_openid<'a>(request: &'a StartRequest, account: &Account) -> Option<&'a str> {
    account.sub.as_ref()?.appid.as_ref().and_then(|_| request.fact("sub_openid").ok())
}

fn payer(request: &StartRequest, account: &Account) -> Result<Value, ChannelError> {
    Ok(match (&account.sub, sub_openid(request, account)) {
        (_, Some(id)) => json!({ "sub_openid": id }),
        (Some(_), None) => json!({ "sp_openid": request.fact("openid")? }),
        (None, None) => json!({ "openid": request.fact("openid")? }),
    })
}

fn scene(request: &StartRequest) -> Value {
    let mut info = Map::from_iter([("type".to_owned(), json!("Wap"))]);
    let name = shorten(&request.merchant_name, APP_NAME);
    if !name.is_empty() {
        info.insert("app_name".to_owned(), json!(name));
    }
    if !request.public_url.is_empty() && request.public_url.len() <= APP_URL {
        info.insert("app_url".to_owned(), json!(request.public_url));
    }
    json!({ "payer_client_ip": request.client_ip, "h5_info": info })
}

#[derive(Deserialize)]
struct Opened {
    prepay_id: Option<String>,
    code_url: Option<String>,
    h5_url: Option<String>,
}

/// What the payer does with an accepted order.
///
/// # Errors
/// `Unclear` when the reply lacks what the method needs.
pub fn opened(
    reply: &[u8],
    request: &StartRequest,
    account: &Account,
    gateway: &Gateway,
    nonce: String,
) -> Result<Started, ChannelError> {
    let unclear = |reason: &str| ChannelError::Unclear(reason.to_owned());
    let reply: Opened = serde_json::from_slice(reply).map_err(|_| unclear("the reply to the order is unreadable"))?;
    let given = |value: &Option<String>, name: &str| {
        value.clone().filter(|v| !v.is_empty()).ok_or_else(|| unclear(&format!("the reply has no {name}")))
    };
    let lives = match request.method {
        Method::WechatH5 => LINK_MS,
        _ => CODE_MS,
    };
    let expires_at = request.deadline.min(request.now_ms + lives);
    let next = match request.method {
        Method::WechatNative => NextStep::Qr { code_url: given(&reply.code_url, "code_url")?, expires_at },
        Method::WechatH5 => {
            let url = given(&reply.h5_url, "h5_url")?;
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(unclear("h5_url is no web address"));
            }
            let url = gateway.url(&url);
            let back = utf8_percent_encode(&request.return_url, NON_ALPHANUMERIC);
            let join = if url.contains('?') { '&' } else { '?' };
            NextStep::Redirect { url: format!("{url}{join}redirect_url={back}") }
        }
        _ => wallet(&given(&reply.prepay_id, "prepay_id")?, request, account, &nonce)?,
    };
    Ok(Started { code_expires_at: Some(expires_at), ..Started::step(next) })
}

/// The signed object for the bridge of page, mini program or app. Times are text there.
fn wallet(prepay_id: &str, request: &StartRequest, account: &Account, nonce: &str) -> Result<NextStep, ChannelError> {
    let seconds = request.now_ms.div_euclid(1000);
    let sub_appid = account.sub.as_ref().and_then(|sub| sub.appid.as_ref());
    let in_app = request.method == Method::WechatApp;
    let appid = match sub_appid {
        // The app is the sub-merchant's where it has one; elsewhere whose payer id was used decides.
        Some(appid) if in_app || sub_openid(request, account).is_some() => appid,
        _ => &account.appid,
    };
    let package = format!("prepay_id={prepay_id}");
    let subject = if in_app { prepay_id } else { &package };
    let signature = sign::sign(&account.key, &sign::wallet_text(appid, seconds, nonce, subject))?;
    let (bridge, params) = match request.method {
        Method::WechatApp => (
            "wechat_app",
            json!({
                "appId": appid,
                "partnerId": account.mchid,
                "prepayId": prepay_id,
                // One platform's kit calls it so, the other one so.
                "packageValue": "Sign=WXPay",
                "package": "Sign=WXPay",
                "nonceStr": nonce,
                "timeStamp": seconds.to_string(),
                "sign": signature,
            }),
        ),
        // Signed, but not among the parameters of wx.requestPayment.
        Method::WechatMini => (
            "wechat_mini",
            json!({
                "timeStamp": seconds.to_string(),
                "nonceStr": nonce,
                "package": package,
                "signType": "RSA",
                "paySign": signature,
            }),
        ),
        _ => (
            "wechat_jsapi",
            json!({
                "appId": appid,
                "timeStamp": seconds.to_string(),
                "nonceStr": nonce,
                "package": package,
                "signType": "RSA",
                "paySign": signature,
            }),
        ),
    };
    let params = match params {
        Value::Object(params) => params,
        _ => Map::new(),
    };
    Ok(NextStep::Invoke { bridge: bridge.to_owned(), params })
}
