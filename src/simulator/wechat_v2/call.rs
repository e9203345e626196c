//! A call as it comes in: method, certificate, XML, merchant, signature, in the provider's order. What passes is a [`Call`].

use super::super::tls::Transport;
use super::play::Wechat;
use super::reply::{self, Fault, Pairs};
use super::sign::{Algorithm, sign};
use super::xml::{self, Fields};
use crate::model::ChannelKind;
use axum::body::Bytes;
use axum::http::Method;
use axum::response::Response;
use std::sync::Arc;

/// A readable, rightly signed request of a known merchant.
pub struct Call {
    fields: Fields,
    pub algorithm: Algorithm,
    /// Made as a service provider for the account's sub-merchant.
    pub with_sub: bool,
}

impl Call {
    /// A field's text; empty counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// # Errors
    /// `LACK_PARAMS` when it is absent.
    pub fn need(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).ok_or_else(|| Fault::lacks(name))
    }

    pub fn fields(&self) -> &Fields {
        &self.fields
    }
}

/// Whether an endpoint wants the merchant's client certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    None,
    Required,
}

/// One endpoint's work on a call that passed the checks.
pub type Work = fn(&Arc<Wechat>, &Call) -> Result<Pairs, Fault>;

/// Runs one endpoint from raw request to response.
pub async fn run(
    wechat: Arc<Wechat>,
    method: Method,
    transport: Transport,
    body: Bytes,
    wants: Certificate,
    work: Work,
) -> Response {
    let call = match admit(&wechat, &method, transport, &body, wants) {
        Ok(call) => call,
        Err(refused) => return refused,
    };
    // Trouble that exists before the call keeps it from having an effect; trouble that the call brings upon itself (a bar
    // code of a payer under `down`) hides an effect that took place.
    let known = wechat.hindered_trade(&call);
    if let Some((behaviour, since)) = known
        && let Some(page) = wechat.stage.hindrance(behaviour, since).await
    {
        return page;
    }
    let result = work(&wechat, &call);
    if known.is_none()
        && let Some((behaviour, since)) = wechat.hindered_trade(&call)
        && let Some(page) = wechat.stage.hindrance(behaviour, since).await
    {
        return page;
    }
    if let Err(fault) = &result {
        wechat.stage.refused(ChannelKind::WechatV2, &fault.label());
    }
    reply::signed(&wechat, call.algorithm, call.with_sub, result)
}

/// # Errors
/// The response that refuses the request; it was counted.
#[expect(clippy::result_large_err, reason = "the error is the finished HTTP response")]
pub fn admit(wechat: &Wechat, method: &Method, transport: Transport, body: &[u8], wants: Certificate) -> Result<Call, Response> {
    let lacks_certificate = match transport {
        Transport::Plain => wechat.stage.demands_client_certificate(),
        Transport::Tls { client_certificate } => !client_certificate,
    };
    if wants == Certificate::Required && lacks_certificate {
        wechat.stage.refused(ChannelKind::WechatV2, "no client certificate");
        return Err(reply::certificate_missing());
    }
    let call = read(wechat, method, body).map_err(|text| {
        wechat.stage.refused(ChannelKind::WechatV2, text);
        reply::message_refused(text)
    })?;
    if let Err(fault) = known_appid(wechat, &call) {
        wechat.stage.refused(ChannelKind::WechatV2, &fault.label());
        return Err(reply::signed(wechat, call.algorithm, call.with_sub, Err(fault)));
    }
    Ok(call)
}

/// The message as such; a fault is a bare text, since nothing in it can be trusted yet.
fn read(wechat: &Wechat, method: &Method, body: &[u8]) -> Result<Call, &'static str> {
    if method != Method::POST {
        return Err("请使用post方法");
    }
    let fields = xml::read(body, "xml").map_err(|fault| match fault {
        xml::Fault::Empty => "post数据为空",
        xml::Fault::NotUtf8 => "编码格式错误，请使用UTF-8编码格式",
        xml::Fault::Format => "XML格式错误",
    })?;
    let account = &wechat.account;
    let get = |name: &str| fields.get(name).map(String::as_str).filter(|v| !v.is_empty());
    match get("mch_id") {
        None => return Err("缺少参数mch_id"),
        Some(mch_id) if mch_id != account.mch_id => return Err("商户号mch_id或sub_mch_id不存在"),
        Some(_) => {}
    }
    let Some(algorithm) = Algorithm::parse(get("sign_type")) else { return Err("签名类型错误") };
    let expected = sign(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())), &account.key, algorithm);
    if get("sign") != Some(expected.as_str()) {
        return Err("签名错误");
    }
    let with_sub = match get("sub_mch_id") {
        None => false,
        Some(sub) if sub == account.sub_mch_id => true,
        Some(sub) if sub == account.mch_id => return Err("子商户mchid不能与自身mchid相同"),
        Some(_) => return Err("受理关系不存在"),
    };
    if get("appid").is_none() {
        return Err("缺少参数appid");
    }
    match get("nonce_str") {
        None => return Err("缺少参数nonce_str"),
        Some(nonce) if nonce.chars().count() > 32 => return Err("nonce_str参数长度有误"),
        Some(_) => {}
    }
    Ok(Call { fields, algorithm, with_sub })
}

/// The appid exists and is bound to the merchant.
fn known_appid(wechat: &Wechat, call: &Call) -> Result<(), Fault> {
    let appid = call.need("appid")?;
    if !appid.starts_with("wx") || appid.len() > 32 {
        return Err(Fault::business("APPID_NOT_EXIST", "appid不存在"));
    }
    if appid != wechat.account.app.appid {
        return Err(Fault::business("APPID_MCHID_NOT_MATCH", "商户号该产品权限未开通或appid与mch_id不匹配"));
    }
    Ok(())
}
