//! Answers: a refusal of the message (`return_code=FAIL`, unsigned); a refusal of the business and success, both signed and
//! with the `retcode` and `retmsg` of the inner works.

use super::super::flat_xml as xml;
use super::play::Wallet;
use super::sign::sign;
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

/// `retcode` of every refusal: the real numbers are not published.
const REFUSED: &str = "66200001";

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
    let pairs = [("return_code", "FAIL"), ("return_msg", text), ("retcode", REFUSED), ("retmsg", text)];
    xml_response(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn xml_response(pairs: &[(String, String)]) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n{}", xml::write("xml", pairs, true));
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
}

/// A signed answer: success with `pairs`, or the business fault.
pub fn signed(wallet: &Wallet, names_app: bool, result: Result<Pairs, Fault>) -> Response {
    let account = &wallet.account;
    let mut all = Pairs::new();
    push(&mut all, "return_code", "SUCCESS");
    push(&mut all, "return_msg", "SUCCESS");
    match result {
        Ok(pairs) => {
            push(&mut all, "retcode", "0");
            push(&mut all, "retmsg", "ok");
            push(&mut all, "result_code", "SUCCESS");
            all.extend(pairs);
        }
        Err(Fault { code, text, more }) => {
            push(&mut all, "retcode", REFUSED);
            push(&mut all, "retmsg", text.clone());
            push(&mut all, "result_code", "FAIL");
            push(&mut all, "err_code", code);
            push(&mut all, "err_code_des", text);
            all.extend(more);
        }
    }
    if names_app {
        push(&mut all, "appid", account.appid.clone());
    }
    push(&mut all, "mch_id", account.mch_id.clone());
    push(&mut all, "nonce_str", wallet.stage.random_text(b"0123456789abcdef", 32));
    let signature = sign(all.iter().map(|(n, v)| (n.as_str(), v.as_str())), &account.key);
    push(&mut all, "sign", signature);
    xml_response(&all)
}

/// What the front end shows when the client certificate is missing: a page, not XML.
pub fn certificate_missing() -> Response {
    let page = "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>No required SSL certificate was sent</center>\r\n</body>\r\n</html>\r\n";
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}
