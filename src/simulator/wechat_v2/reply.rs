//! Answers: a refusal of the message (`return_code=FAIL`, unsigned); a refusal of the business and success, both signed.

use super::play::Wechat;
use super::sign::{Algorithm, sign};
use super::xml;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Pairs in the order in which they are written.
pub type Pairs = Vec<(String, String)>;

/// Adds `name` unless `value` is empty.
pub fn push(pairs: &mut Pairs, name: &str, value: impl Into<String>) {
    let value = value.into();
    if !value.is_empty() {
        pairs.push((name.to_owned(), value));
    }
}

/// Why a call does not succeed: `err_code`, `err_code_des`, and further fields (`recall`).
#[derive(Debug)]
pub struct Fault {
    pub code: &'static str,
    pub text: String,
    pub more: Pairs,
}

impl Fault {
    pub fn business(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), more: vec![] }
    }

    /// A field that must be there.
    pub fn lacks(name: &str) -> Self {
        Self::business("LACK_PARAMS", format!("缺少参数{name}"))
    }

    /// A field that breaks its rule.
    pub fn wrong(name: &str) -> Self {
        Self::business("PARAM_ERROR", format!("{name}参数格式有误"))
    }

    /// What the counters call it.
    pub fn label(&self) -> String {
        format!("{} {}", self.code, self.text)
    }
}

/// The unsigned refusal.
pub fn message_refused(text: &str) -> Response {
    let body = format!("<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[{text}]]></return_msg></xml>");
    xml_response(body)
}

fn xml_response(body: String) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain")], body).into_response()
}

/// A signed answer: success with `pairs`, or the business fault.
pub fn signed(wechat: &Wechat, algorithm: Algorithm, with_sub: bool, result: Result<Pairs, Fault>) -> Response {
    let account = &wechat.account;
    let mut all: Pairs = vec![("return_code".into(), "SUCCESS".into()), ("return_msg".into(), "OK".into())];
    match result {
        Ok(pairs) => {
            all.push(("result_code".into(), "SUCCESS".into()));
            all.extend(pairs);
        }
        Err(Fault { code, text, more }) => {
            all.push(("result_code".into(), "FAIL".into()));
            all.push(("err_code".into(), code.into()));
            all.push(("err_code_des".into(), text));
            all.extend(more);
        }
    }
    all.push(("mch_id".into(), account.mch_id.clone()));
    all.push(("appid".into(), account.app.appid.clone()));
    if with_sub {
        all.push(("sub_mch_id".into(), account.sub_mch_id.clone()));
    }
    all.push(("nonce_str".into(), wechat.stage.token(16)));
    let signature = sign(all.iter().map(|(n, v)| (n.as_str(), v.as_str())), &account.key, algorithm);
    all.push(("sign".into(), signature));
    xml_response(xml::write("xml", &all, true))
}

/// What the front end shows when the client certificate is missing: a page, not XML.
pub fn certificate_missing() -> Response {
    let page = "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>No required SSL certificate was sent</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}
