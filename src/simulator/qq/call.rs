//! A call as it comes in: method, certificate, XML, merchant, signature. What passes is a [`Call`].

use super::super::flat_xml::{self as xml, Fields};
use super::super::tls::Transport;
use super::play::Wallet;
use super::reply::{self, Fault, Pairs};
use super::sign::sign;
use crate::model::ChannelKind;
use axum::body::Bytes;
use axum::http::Method;
use axum::response::Response;
use std::sync::Arc;

/// A readable, rightly signed request of a known merchant.
pub struct Call {
    fields: Fields,
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

    /// Whether the merchant named the app, which the answer then names as well.
    pub fn names_app(&self) -> bool {
        self.get("appid").is_some()
    }
}

/// Whether an endpoint wants the merchant's client certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    None,
    Required,
}

/// One endpoint's work on a call that passed the checks.
pub type Work = fn(&Arc<Wallet>, &Call) -> Result<Pairs, Fault>;

/// Runs one endpoint from raw request to response.
pub async fn run(
    wallet: Arc<Wallet>,
    method: Method,
    transport: Transport,
    body: Bytes,
    wants: Certificate,
    work: Work,
) -> Response {
    let call = match admit(&wallet, &method, transport, &body, wants) {
        Ok(call) => call,
        Err(refused) => return refused,
    };
    // Trouble that exists before the call keeps it from having an effect; trouble that the call brings upon itself (a
    // payment code of a payer under `down`) hides an effect that took place.
    let known = wallet.hindered_trade(&call);
    if let Some((behaviour, since)) = known
        && let Some(page) = wallet.stage.hindrance(behaviour, since).await
    {
        return page;
    }
    let result = work(&wallet, &call);
    if known.is_none()
        && let Some((behaviour, since)) = wallet.hindered_trade(&call)
        && let Some(page) = wallet.stage.hindrance(behaviour, since).await
    {
        return page;
    }
    if let Err(fault) = &result {
        wallet.stage.refused(ChannelKind::Qq, &fault.label());
    }
    reply::signed(&wallet, call.names_app(), result)
}

/// # Errors
/// The response that refuses the request; it was counted.
#[expect(clippy::result_large_err, reason = "the error is the finished HTTP response")]
pub fn admit(wallet: &Wallet, method: &Method, transport: Transport, body: &[u8], wants: Certificate) -> Result<Call, Response> {
    let lacks_certificate = match transport {
        Transport::Plain => wallet.stage.demands_client_certificate(),
        Transport::Tls { client_certificate } => !client_certificate,
    };
    if wants == Certificate::Required && lacks_certificate {
        wallet.stage.refused(ChannelKind::Qq, "no client certificate");
        return Err(reply::certificate_missing());
    }
    read(wallet, method, body).map_err(|text| {
        wallet.stage.refused(ChannelKind::Qq, text);
        reply::message_refused(text)
    })
}

/// The message as such; a fault is a bare text, since nothing in it can be trusted yet.
fn read(wallet: &Wallet, method: &Method, body: &[u8]) -> Result<Call, &'static str> {
    if method != Method::POST {
        return Err("请使用post方法");
    }
    let fields = xml::read(body, "xml").map_err(|fault| match fault {
        xml::Fault::Empty => "post数据为空",
        xml::Fault::NotUtf8 => "编码格式错误，请使用UTF-8编码格式",
        xml::Fault::Format => "XML格式错误",
    })?;
    let account = &wallet.account;
    let get = |name: &str| fields.get(name).map(String::as_str).filter(|v| !v.is_empty());
    match get("mch_id") {
        None => return Err("缺少参数mch_id"),
        Some(mch_id) if mch_id != account.mch_id => return Err("商户号不存在"),
        Some(_) => {}
    }
    // Either case: the provider's own samples show both.
    let expected = sign(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())), &account.key);
    if !get("sign").is_some_and(|given| given.eq_ignore_ascii_case(&expected)) {
        return Err("签名错误");
    }
    if get("sub_mch_id").is_some() || get("sub_appid").is_some() {
        return Err("受理关系不存在");
    }
    match get("nonce_str") {
        None => return Err("缺少参数nonce_str"),
        Some(nonce) if nonce.chars().count() > 32 => return Err("nonce_str参数长度有误"),
        Some(_) => {}
    }
    if get("appid").is_some_and(|appid| appid != account.appid) {
        return Err("appid和mch_id不匹配");
    }
    Ok(Call { fields })
}
