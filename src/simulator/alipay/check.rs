//! Who is calling, and is it really them: the system parameters in the gateway's own order, the signature last.
//!
//! Provider's documents: 公共请求参数, 公共错误码.

use super::account::{Account, Accounts};
use super::china_time;
use super::params::{Charset, Params};
use super::refusal::Refusal;
use crate::simulator::Keys;

/// Methods that the gateway knows.
pub const METHODS: &[&str] = &[
    "alipay.trade.page.pay",
    "alipay.trade.wap.pay",
    "alipay.trade.app.pay",
    "alipay.trade.precreate",
    "alipay.trade.pay",
    "alipay.trade.create",
    "alipay.trade.query",
    "alipay.trade.close",
    "alipay.trade.cancel",
    "alipay.trade.refund",
    "alipay.trade.fastpay.refund.query",
    "alipay.system.oauth.token",
    "alipay.data.dataservice.bill.downloadurl.query",
];

/// Checks a call from method to signature and names the account behind it.
///
/// # Errors
/// The first check that fails. Such an answer goes out unsigned.
pub fn identify<'a>(params: &Params, accounts: &'a Accounts, keys: &Keys) -> Result<&'a Account, Refusal> {
    let method = params.get("method").ok_or_else(|| Refusal::missing("method"))?;
    if !METHODS.contains(&method) {
        return Err(Refusal::invalid("method", "不存在的方法名"));
    }
    let app_id = params.get("app_id").ok_or_else(|| Refusal::missing("app-id"))?;
    let account = accounts.by_app_id(app_id, keys).ok_or_else(|| Refusal::invalid("app-id", "无效的 AppID"))?;
    match params.get("sign_type") {
        None => return Err(Refusal::missing("signature-type")),
        Some("RSA2") => {}
        Some(_) => return Err(Refusal::invalid("signature-type", "本应用只接受 RSA2")),
    }
    let sign = params.get("sign").ok_or_else(|| Refusal::missing("signature"))?;
    let timestamp = params.get("timestamp").ok_or_else(|| Refusal::missing("timestamp"))?;
    if china_time::read_seconds(timestamp).is_none() {
        return Err(Refusal::invalid("timestamp", "应为 yyyy-MM-dd HH:mm:ss"));
    }
    match params.get("version") {
        None => return Err(Refusal::missing("version")),
        Some("1.0") => {}
        Some(_) => return Err(Refusal::invalid("parameter", "version 应为 1.0")),
    }
    if params.get("format").is_some_and(|format| !format.eq_ignore_ascii_case("json")) {
        return Err(Refusal::invalid("format", "只支持 JSON"));
    }
    if params.get("charset").is_some_and(|name| Charset::named(name).is_none()) {
        return Err(Refusal::invalid("charset", "只支持 utf-8、gbk、gb2312"));
    }
    if let Some(kind) = params.get("encrypt_type") {
        if kind != "AES" {
            return Err(Refusal::invalid("encrypt-type", "只支持 AES"));
        }
        if account.content_key.is_none() {
            return Err(Refusal::invalid("encrypt", "应用未设置内容加密密钥"));
        }
    }
    if let Some(name) = &params.conflicting {
        return Err(Refusal::invalid("parameter", format!("参数重复且取值不同：{name}")));
    }
    account.check_mode(params)?;
    if !account.merchant_key.verifies(&params.signed_bytes(), sign) {
        let text = params.signed_text();
        return Err(Refusal::invalid("signature", format!("验签未通过，网关收到的待签名串：{text}")));
    }
    Ok(account)
}

/// Text as the gateway shows it in messages and pages.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
