//! Messages of WeChat Pay v2: what every request carries, how a reply is judged, and the meaning of its codes.
//!
//! A reply is believed only when it is readable, signed by our key and about our account. Everything else, and every code
//! that is not listed, is doubt.

use super::sign::{self, SignType};
use crate::channels::http::Reply;
use crate::channels::shanghai;
use crate::channels::xml::{self, Map};
use crate::model::Amount;
use crate::pay::Secret;
use crate::pay::channel::{ChannelError, Paid, PaymentRef, RefundRequest, Remote, RemoteRefund};

/// Who we are at the provider.
#[derive(Debug, Clone)]
pub struct Account {
    pub appid: String,
    pub mch_id: String,
    pub key: Secret<String>,
    pub sign_type: SignType,
    /// Set for a merchant behind a service provider; `appid`, `mch_id` and `key` are then the service provider's.
    pub sub_appid: Option<String>,
    pub sub_mch_id: Option<String>,
}

impl Account {
    /// The fields of every request, signed and written as XML.
    #[must_use]
    pub fn request(&self, nonce: String, mut fields: Map) -> String {
        let mut put = |name: &str, value: &str| fields.insert(name.to_owned(), value.to_owned());
        put("appid", &self.appid);
        put("mch_id", &self.mch_id);
        put("nonce_str", &nonce);
        put("sign_type", self.sign_type.as_str());
        if let Some(id) = &self.sub_appid {
            put("sub_appid", id);
        }
        if let Some(id) = &self.sub_mch_id {
            put("sub_mch_id", id);
        }
        fields.retain(|_, value| !value.is_empty());
        let signature = self.sign(&fields);
        fields.insert("sign".to_owned(), signature);
        xml::write("xml", fields.iter().map(|(n, v)| (n.as_str(), v.as_str())))
    }

    #[must_use]
    pub fn sign(&self, fields: &Map) -> String {
        sign::sign(fields, self.key.expose(), self.sign_type)
    }

    #[must_use]
    pub fn verify(&self, fields: &Map) -> bool {
        sign::verify(fields, self.key.expose(), self.sign_type)
    }

    /// The first id of a message that is not ours. `strict`: `appid` and `mch_id` must be there at all.
    #[must_use]
    pub fn stranger(&self, fields: &Map, strict: bool) -> Option<&'static str> {
        let own = [("appid", Some(&self.appid)), ("mch_id", Some(&self.mch_id)), ("sub_mch_id", self.sub_mch_id.as_ref())];
        for (name, ours) in own {
            match (text(fields, name), ours) {
                (Some(theirs), Some(ours)) if theirs == ours => {}
                (Some(_), _) => return Some(name),
                (None, Some(_)) if strict => return Some(name),
                (None, _) => {}
            }
        }
        let sub_appid = text(fields, "sub_appid");
        (sub_appid.is_some() && self.sub_appid.is_some() && sub_appid != self.sub_appid.as_deref()).then_some("sub_appid")
    }
}

/// A field that is there and not empty.
#[must_use]
pub fn text<'a>(fields: &'a Map, name: &str) -> Option<&'a str> {
    fields.get(name).map(String::as_str).filter(|v| !v.is_empty())
}

/// An amount in fen: plain digits only.
#[must_use]
pub fn fen(fields: &Map, name: &str) -> Option<Amount> {
    crate::channels::text::fen(text(fields, name)?)
}

/// A reply that can be believed.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes(Map),
    /// The provider's error code; the fields that came along.
    No {
        code: String,
        message: String,
        fields: Map,
    },
}

/// A reply that cannot.
#[derive(Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The front end turned us away before the request was read.
    Certificate,
    BadSignature,
    Other(String),
}

impl From<Doubt> for ChannelError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Certificate => {
                Self::Credentials { field: "client_cert_pem", problem: "client certificate missing or wrong".to_owned() }
            }
            Doubt::BadSignature => Self::Unclear("the reply does not carry our signature".to_owned()),
            Doubt::Other(reason) => Self::Unclear(reason),
        }
    }
}

/// Judges a reply. `with_certificate`: the endpoint demands the merchant's TLS certificate.
///
/// # Errors
/// `Doubt` when nobody knows what happened.
pub fn judge(reply: &Reply, account: &Account, with_certificate: bool) -> Result<Verdict, Doubt> {
    let other = |reason: String| Err(Doubt::Other(reason));
    let fields = match xml::read(&reply.body, "xml") {
        Ok(fields) => fields,
        Err(_) if with_certificate && reply.status == 400 => return Err(Doubt::Certificate),
        Err(_) if reply.is_html() => return other(format!("a web page came instead of a reply (HTTP {})", reply.status)),
        Err(problem) => return other(format!("the reply is unreadable: {problem}")),
    };
    if reply.status != 200 {
        return other(format!("answered HTTP {}", reply.status));
    }
    match text(&fields, "return_code") {
        Some("SUCCESS") => {}
        // Such replies are never signed, but they claim no success either.
        Some("FAIL") => {
            let message = text(&fields, "return_msg").unwrap_or_default().to_owned();
            return match code_of_message(&message) {
                Some(code) => Ok(Verdict::No { code: code.to_owned(), message, fields }),
                None => other(format!("the provider failed: {message}")),
            };
        }
        _ => return other("the reply has no known return_code".to_owned()),
    }
    if !account.verify(&fields) {
        return Err(Doubt::BadSignature);
    }
    let succeeded = text(&fields, "result_code") == Some("SUCCESS");
    if let Some(name) = account.stranger(&fields, false) {
        return other(format!("the reply is about another {name}"));
    }
    if succeeded {
        for name in ["appid", "mch_id"] {
            if text(&fields, name).is_none() {
                return other(format!("the reply has no {name}"));
            }
        }
        return Ok(Verdict::Yes(fields));
    }
    match (text(&fields, "result_code"), text(&fields, "err_code")) {
        (Some("FAIL"), Some(code)) => {
            let message = text(&fields, "err_code_des").or(text(&fields, "return_msg")).unwrap_or_default();
            Ok(Verdict::No { code: code.to_owned(), message: message.to_owned(), fields })
        }
        _ => other("the reply has no known result_code".to_owned()),
    }
}

/// Definite refusals that come as a bare `return_msg`. Only those about the request itself: what an unsigned text says
/// about an order is not believed.
fn code_of_message(message: &str) -> Option<&'static str> {
    const TEXTS: &[(&str, &str)] = &[
        ("SIGNERROR", "SIGNERROR"),
        ("签名错误", "SIGNERROR"),
        ("签名失败", "SIGNERROR"),
        ("APPID_MCHID_NOT_MATCH", "APPID_MCHID_NOT_MATCH"),
        ("不匹配", "APPID_MCHID_NOT_MATCH"),
        ("not match", "APPID_MCHID_NOT_MATCH"),
        ("APPID_NOT_EXIST", "APPID_NOT_EXIST"),
        ("appid不存在", "APPID_NOT_EXIST"),
        ("MCHID_NOT_EXIST", "MCHID_NOT_EXIST"),
        ("mch_id不存在", "MCHID_NOT_EXIST"),
        ("商户号不存在", "MCHID_NOT_EXIST"),
        ("受理关系不存在", "MCHID_NOT_EXIST"),
        ("NOAUTH", "NOAUTH"),
        ("无权限", "NOAUTH"),
        ("LACK_PARAMS", "LACK_PARAMS"),
        ("受理机构必须传入", "LACK_PARAMS"),
        ("缺少", "LACK_PARAMS"),
        ("XML_FORMAT_ERROR", "XML_FORMAT_ERROR"),
        ("XML格式错误", "XML_FORMAT_ERROR"),
        ("NOT_UTF8", "NOT_UTF8"),
        ("POST_DATA_EMPTY", "POST_DATA_EMPTY"),
        ("post数据为空", "POST_DATA_EMPTY"),
        ("REQUIRE_POST_METHOD", "REQUIRE_POST_METHOD"),
        ("请使用post", "REQUIRE_POST_METHOD"),
        ("PARAM_ERROR", "PARAM_ERROR"),
        ("参数错误", "PARAM_ERROR"),
        ("参数格式", "PARAM_ERROR"),
        ("子商户", "PARAM_ERROR"),
    ];
    TEXTS.iter().find(|(part, _)| message.contains(part)).map(|(_, code)| *code)
}

/// Codes by which the provider says that nothing happened. `SYSTEMERROR`, `BANKERROR`, `ERROR`, `BIZERR_NEED_RETRY` and
/// codes never heard of are not among them.
const DEFINITE: &[&str] = &[
    "APPID_MCHID_NOT_MATCH",
    "APPID_NOT_EXIST",
    "AUTHCODEEXPIRE",
    "AUTH_CODE_ERROR",
    "AUTH_CODE_INVALID",
    "BUYER_MISMATCH",
    "INVALID_REQUEST",
    "INVALID_TRANSACTIONID",
    "LACK_PARAMS",
    "MCHID_NOT_EXIST",
    "NOAUTH",
    "NOTENOUGH",
    "NOTSUPORTCARD",
    "NOT_UTF8",
    "ORDERCLOSED",
    "ORDERNOTEXIST",
    "ORDERREVERSED",
    "PARAM_ERROR",
    "POST_DATA_EMPTY",
    "REQUIRE_POST_METHOD",
    "REVERSE_EXPIRE",
    "RULELIMIT",
    "SIGNERROR",
    "TRADE_ERROR",
    "TRADE_OVERDUE",
    "USER_ACCOUNT_ABNORMAL",
    "XML_FORMAT_ERROR",
];

/// A refusal as the core wants it: a definite no, or doubt.
#[must_use]
pub fn refusal(code: String, message: String) -> ChannelError {
    if DEFINITE.contains(&code.as_str()) {
        ChannelError::Refused { code, message }
    } else {
        ChannelError::Unclear(format!("{code} {message}"))
    }
}

/// The currency is ours: absent or CNY.
fn is_yuan(fields: &Map, name: &str) -> bool {
    text(fields, name).is_none_or(|currency| currency == "CNY")
}

/// The money of a successful query, bar-code payment or notice. The amount is `total_fee`: `cash_fee` and
/// `settlement_total_fee` are smaller when coupons were used.
///
/// # Errors
/// What is missing or wrong.
pub fn paid(fields: &Map) -> Result<Paid, String> {
    if !is_yuan(fields, "fee_type") {
        return Err("the currency is not CNY".to_owned());
    }
    Ok(Paid {
        trade_no: text(fields, "transaction_id").ok_or("transaction_id is missing")?.to_owned(),
        amount: fen(fields, "total_fee").ok_or("total_fee is missing or no number")?,
        payer: text(fields, "openid").or(text(fields, "sub_openid")).map(str::to_owned),
        paid_at: text(fields, "time_end").and_then(shanghai::parse_compact),
    })
}

/// Reads the answer to an order query (provider's document: 查询订单).
///
/// # Errors
/// `Unclear` when it is about another order or lacks what it must say.
pub fn remote(fields: &Map, payment: &PaymentRef) -> Result<Remote, ChannelError> {
    let unclear = |reason: &str| ChannelError::Unclear(format!("query: {reason}"));
    same_order(fields, payment)?;
    Ok(match text(fields, "trade_state").ok_or_else(|| unclear("trade_state is missing"))? {
        "SUCCESS" => Remote::Paid(paid(fields).map_err(|e| unclear(&e))?),
        "REFUND" => Remote::Paid(paid_and_refunded(fields, payment).map_err(|e| unclear(&e))?),
        "CLOSED" | "REVOKED" => Remote::Closed,
        "PAYERROR" => Remote::Failed {
            code: "PAYERROR".to_owned(),
            message: text(fields, "trade_state_desc").unwrap_or_default().to_owned(),
        },
        _ => Remote::Pending,
    })
}

/// Whether a reply that names an order names the one that was asked for.
fn same_order(fields: &Map, payment: &PaymentRef) -> Result<(), ChannelError> {
    if text(fields, "out_trade_no") != Some(payment.pay_no.as_str()) {
        return Err(ChannelError::Unclear("the reply is about another order".to_owned()));
    }
    match (&payment.provider_trade_no, text(fields, "transaction_id")) {
        (Some(known), Some(given)) if !known.is_empty() && known != given => {
            Err(ChannelError::Unclear("the reply is about another transaction".to_owned()))
        }
        _ => Ok(()),
    }
}

/// An order that was refunded was paid, in full as every order there; the provider may leave the details out then.
fn paid_and_refunded(fields: &Map, payment: &PaymentRef) -> Result<Paid, String> {
    let mut known = fields.clone();
    known.entry("total_fee".to_owned()).or_insert_with(|| payment.amount.fen().to_string());
    known.entry("transaction_id".to_owned()).or_insert_with(|| match &payment.provider_trade_no {
        Some(number) if !number.is_empty() => number.clone(),
        _ => payment.pay_no.clone(),
    });
    paid(&known)
}

/// Reads the answer to a refund query (provider's document: 查询退款): numbered fields, one group per refund.
///
/// # Errors
/// `Unclear` when our refund is not in it, or with another amount.
pub fn remote_refund(fields: &Map, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
    let unclear = |reason: &str| ChannelError::Unclear(format!("refund query: {reason}"));
    let index = fields
        .iter()
        .filter(|(_, number)| **number == request.refund_no)
        .find_map(|(name, _)| name.strip_prefix("out_refund_no_"))
        .ok_or_else(|| unclear("the reply does not contain our refund"))?;
    let numbered = |name: &str| text(fields, &format!("{name}_{index}")).map(str::to_owned);
    if fen(fields, &format!("refund_fee_{index}")) != Some(request.amount) {
        return Err(unclear("the reply states another amount"));
    }
    let provider_refund_no = numbered("refund_id");
    Ok(match numbered("refund_status").as_deref() {
        Some("SUCCESS") => RemoteRefund::Succeeded {
            provider_refund_no,
            succeeded_at: numbered("refund_success_time").as_deref().and_then(shanghai::parse_spaced),
        },
        Some("REFUNDCLOSE") => {
            RemoteRefund::Failed { code: "REFUNDCLOSE".to_owned(), message: "退款关闭，款项未退回".to_owned() }
        }
        // CHANGE too: the payer's account did not take the money, which waits in the merchant platform until somebody names
        // another one. It is neither back with the payer nor ours again.
        _ => RemoteRefund::Processing { provider_refund_no },
    })
}
