//! A call as it comes in: headers, `Authorization`, signature, body, in the provider's order. What passes is a [`Call`].

use super::fields::Fields;
use super::play::Wechat;
use super::reply::{self, Answer, Fault};
use super::sign::{self, Authorization};
use crate::model::ChannelKind;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// How far a request's time may be off, in seconds.
const WINDOW_S: i64 = 300;

/// A rightly signed request of the merchant.
pub struct Call {
    uri: Uri,
    query: HashMap<String, String>,
    body: Map<String, Value>,
    /// Made as a service provider for the account's sub-merchant.
    pub partner: bool,
}

impl Call {
    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The text that follows a segment of the path, decoded.
    pub fn after(&self, segment: &str) -> String {
        let mut segments = self.uri.path().split('/').skip_while(|s| *s != segment).skip(1);
        percent_decode_str(segments.next().unwrap_or_default()).decode_utf8_lossy().into_owned()
    }

    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// # Errors
    /// The provider's fault for fields that are not `known`.
    pub fn fields(&self, known: &[&str]) -> Result<Fields<'_>, Fault> {
        Fields::new(&self.body, "", known)
    }

    /// The body as it came, for comparing one submission with the next.
    pub fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// A text of the body, for finding what the call is about.
    fn peek(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// The merchant's or the provider's number of the order (or refund) that the call names, wherever it does.
    pub fn subject(&self) -> Option<String> {
        let in_path = ["out-trade-no", "id", "refunds"].into_iter().map(|s| self.after(s)).find(|text| !text.is_empty());
        let in_body = || ["transaction_id", "out_trade_no"].into_iter().find_map(|name| self.peek(name)).map(str::to_owned);
        in_path.or_else(in_body)
    }
}

/// One endpoint's work on a call that passed the checks.
pub type Work = fn(&Arc<Wechat>, &Call) -> Answer;

/// Runs one endpoint from raw request to response.
pub async fn run(wechat: Arc<Wechat>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes, work: Work) -> Response {
    let wants = headers.get("wechatpay-serial").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let call = match admit(&wechat, &method, uri, &headers, &body) {
        Ok(call) => call,
        Err(fault) => return refuse(&wechat, wants.as_deref(), fault),
    };
    // Trouble that exists before the call keeps it from having an effect.
    let known = call.subject().and_then(|number| wechat.behaviour_of(&number));
    if let Some((behaviour, since)) = known
        && let Some(page) = wechat.stage.hindrance(behaviour, since).await
    {
        return page;
    }
    match work(&wechat, &call) {
        Ok(answer) => reply::write(&wechat, wants.as_deref(), Ok(answer)),
        Err(fault) => refuse(&wechat, wants.as_deref(), fault),
    }
}

/// Counts a fault and writes it. `wants` is the `Wechatpay-Serial` of the request.
pub fn refuse(wechat: &Wechat, wants: Option<&str>, fault: Fault) -> Response {
    wechat.stage.refused(ChannelKind::WechatV3, &fault.label());
    reply::write(wechat, wants, Err(fault))
}

/// # Errors
/// The provider's fault.
pub fn admit(wechat: &Wechat, method: &Method, uri: Uri, headers: &HeaderMap, body: &[u8]) -> Result<Call, Fault> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).filter(|v| !v.trim().is_empty());
    if header("user-agent").is_none() {
        return Err(Fault::new(403, "NO_AUTH", "Http头缺少User-Agent", 268_435_461));
    }
    let accepts = header("accept").unwrap_or_default();
    if !accepts.split(',').any(|a| matches!(a.split(';').next().map(str::trim), Some("application/json" | "*/*"))) {
        return Err(Fault::new(400, "PARAM_ERROR", "Http头Accept的值不正确", 268_435_461));
    }
    authorise(wechat, method, &uri, header("authorization"), body)?;
    let body = read_body(method, header("content-type"), body)?;
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let partner = partner(wechat, &uri, &query, &body)?;
    Ok(Call { uri, query, body, partner })
}

fn authorise(wechat: &Wechat, method: &Method, uri: &Uri, header: Option<&str>, body: &[u8]) -> Result<(), Fault> {
    let account = &wechat.account;
    let given = header.and_then(Authorization::parse).ok_or_else(|| Fault::unsigned("Authorization不合法"))?;
    if given.mchid != account.mchid {
        return Err(Fault::new(404, "MCH_NOT_EXISTS", "商户号不存在", 268_443_715));
    }
    if !given.serial_no.eq_ignore_ascii_case(&account.serial_no) {
        return Err(Fault::unsigned("商户证书序列号有误，请使用签名私钥匹配的证书序列号"));
    }
    let stamped: Option<i64> = given.timestamp.parse().ok();
    let now = wechat.now().div_euclid(1000);
    if stamped.is_none_or(|at| now.saturating_sub(at).saturating_abs() > WINDOW_S) {
        return Err(Fault::unsigned("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"));
    }
    if given.nonce.len() > 32 {
        return Err(Fault::unsigned("Http头Authorization中的nonce_str长度有误"));
    }
    let target = uri.path_and_query().map_or("/", |t| t.as_str());
    let text = sign::request_text(method.as_str(), target, given.timestamp, given.nonce, body);
    let right = STANDARD.decode(given.signature).is_ok_and(|s| account.merchant_key.verifies_sha256(&text, &s));
    if !right {
        let shown = String::from_utf8_lossy(&text);
        let shown: String = shown.chars().take(60).collect();
        let detail = json!({
            "detail": { "issue": "sign not match" },
            "field": "signature",
            "location": "authorization",
            "sign_information": {
                "method": method.as_str(),
                "url": target,
                "sign_message_length": text.len(),
                "truncated_sign_message": shown,
            },
        });
        return Err(Fault { detail: Some(detail), ..Fault::unsigned("错误的签名，验签失败") });
    }
    if wechat.switches().check_nonces && !wechat.use_nonce(given.nonce) {
        return Err(Fault::unsigned("Http头Authorization中的nonce_str已被使用"));
    }
    Ok(())
}

fn read_body(method: &Method, content_type: Option<&str>, body: &[u8]) -> Result<Map<String, Value>, Fault> {
    let wrong = |text: &str| Fault::new(400, "PARAM_ERROR", text, 268_435_461);
    if *method != Method::POST {
        return if body.is_empty() { Ok(Map::new()) } else { Err(wrong("GET请求不应有请求体")) };
    }
    if content_type.is_none_or(|t| t.split(';').next().is_none_or(|t| t.trim() != "application/json")) {
        return Err(wrong("Http头Content-Type的值应为application/json"));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(wrong("请求体不是合法的JSON对象")),
    }
}

/// Whether the call is a service provider's; the merchants it names must be this account's.
fn partner(wechat: &Wechat, uri: &Uri, query: &HashMap<String, String>, body: &Map<String, Value>) -> Result<bool, Fault> {
    let account = &wechat.account;
    let named = |name: &str| query.get(name).map(String::as_str).or_else(|| body.get(name).and_then(Value::as_str));
    for name in ["mchid", "sp_mchid"] {
        if named(name).is_some_and(|mchid| mchid != account.mchid) {
            return Err(Fault::wrong(&format!("/{name}"), "与Authorization中的mchid不一致"));
        }
    }
    let sub = named("sub_mchid");
    if uri.path().starts_with("/v3/pay/partner/") {
        match sub {
            None => return Err(Fault::new(400, "PARAM_ERROR", "受理机构必须传入sub_mchid", 268_443_704)),
            Some(sub) if sub == account.mchid => {
                return Err(Fault::new(400, "PARAM_ERROR", "子商户号不能与自身商户号相同", 268_443_705));
            }
            Some(sub) if sub != account.sub_mchid => {
                return Err(Fault::new(403, "NO_AUTH", "受理关系不存在", 268_443_701));
            }
            Some(_) => {}
        }
        let own = if query.contains_key("sp_mchid") { true } else { body.contains_key("sp_mchid") };
        return if own { Ok(true) } else { Err(Fault::wrong("/sp_mchid", "缺少必填字段")) };
    }
    match sub {
        Some(sub) if sub != account.sub_mchid => Err(Fault::new(403, "NO_AUTH", "受理关系不存在", 268_443_701)),
        sub => Ok(sub.is_some()),
    }
}
