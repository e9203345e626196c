//! Messages of QQ Wallet: what every request carries, how a reply is judged, what money and states mean.
//!
//! A reply is believed only when it is readable, signed with our key and about our account. The protocol looks like WeChat
//! Pay v2 and differs where it hurts: `appid` may be missing, `retcode` and `retmsg` are there and signed, `trade_state`
//! takes the place of result codes in notices, and amounts paid by the wallet's own discount count in `total_fee` only.

use super::{codes, sign};
use crate::channels::http::Reply;
use crate::channels::shanghai;
use crate::channels::xml::{self, Map};
use crate::model::Amount;
use crate::pay::Secret;
use crate::pay::channel::{ChannelError, Paid, PaymentRef, RefundRequest, Remote, RemoteRefund};

/// Who we are at the provider.
#[derive(Debug, Clone)]
pub struct Account {
    pub mch_id: String,
    /// The merchant's API key.
    pub key: Secret<String>,
    /// Of the app on the open platform; only calls of a wallet need it.
    pub appid: Option<String>,
    /// The open platform's key of that app.
    pub app_key: Option<Secret<String>>,
    /// Who refunds and reverses.
    pub op_user_id: String,
    /// The operator's password, hashed as it travels.
    pub op_user_passwd: Option<Secret<String>>,
}

impl Account {
    /// The fields of every request, signed and written as XML.
    #[must_use]
    pub fn request(&self, nonce: String, mut fields: Map) -> String {
        let mut put = |name: &str, value: &str| fields.insert(name.to_owned(), value.to_owned());
        put("mch_id", &self.mch_id);
        put("nonce_str", &nonce);
        if let Some(id) = &self.appid {
            put("appid", id);
        }
        fields.retain(|_, value| !value.is_empty());
        let signature = sign::sign(&fields, self.key.expose());
        fields.insert("sign".to_owned(), signature);
        xml::write("xml", fields.iter().map(|(n, v)| (n.as_str(), v.as_str())))
    }

    #[must_use]
    pub fn verify(&self, fields: &Map) -> bool {
        sign::verify(fields, self.key.expose())
    }

    /// The first id of a message that is not ours. `strict`: the merchant's number must be there at all. The app's may be
    /// missing, and is anybody's where we have none. We are no service provider, so a message about a sub-merchant is for
    /// somebody else.
    #[must_use]
    pub fn stranger(&self, fields: &Map, strict: bool) -> Option<&'static str> {
        if text(fields, "mch_id").map_or(strict, |theirs| theirs != self.mch_id) {
            return Some("mch_id");
        }
        if text(fields, "sub_mch_id").is_some() {
            return Some("sub_mch_id");
        }
        match (text(fields, "appid"), &self.appid) {
            (Some(theirs), Some(ours)) if theirs != ours => Some("appid"),
            _ => None,
        }
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
        // Such replies may come without a signature, but they claim no success either.
        Some("FAIL") => {
            let message = message(&fields, "return_msg");
            return match codes::of_message(&message) {
                Some(code) => Ok(Verdict::No { code: code.to_owned(), message, fields }),
                None => other(format!("the provider failed: {message}")),
            };
        }
        _ => return other("the reply has no known return_code".to_owned()),
    }
    if !account.verify(&fields) {
        return Err(Doubt::BadSignature);
    }
    if let Some(name) = account.stranger(&fields, text(&fields, "result_code") == Some("SUCCESS")) {
        return other(format!("the reply is about another {name}, or none"));
    }
    match text(&fields, "result_code") {
        Some("SUCCESS") => Ok(Verdict::Yes(fields)),
        Some("FAIL") => match text(&fields, "err_code") {
            Some(code) => {
                // Both spellings occur.
                let name = if fields.contains_key("err_code_des") { "err_code_des" } else { "err_code_desc" };
                Ok(Verdict::No { code: code.to_owned(), message: message(&fields, name), fields })
            }
            None => other(format!("the provider failed without a code: {}", message(&fields, "err_code_des"))),
        },
        _ => other("the reply has no known result_code".to_owned()),
    }
}

/// The provider's words, with those of its inner works, which tell the real reason more often than the outer ones.
fn message(fields: &Map, name: &str) -> String {
    let words = text(fields, name).unwrap_or_default();
    match (text(fields, "retcode"), text(fields, "retmsg")) {
        (None | Some("0"), _) => words.to_owned(),
        (Some(code), Some(inner)) if inner != words => format!("{words} (retcode {code}: {inner})").trim_start().to_owned(),
        (Some(code), _) => format!("{words} (retcode {code})").trim_start().to_owned(),
    }
}

/// The money of a paid order, in a query's answer, a bar-code payment's or a notice. The amount is `total_fee`: `cash_fee`
/// is smaller when the wallet gave a discount.
///
/// # Errors
/// What is missing or wrong.
pub fn paid(fields: &Map) -> Result<Paid, String> {
    if text(fields, "fee_type").is_some_and(|currency| currency != "CNY") {
        return Err("the currency is not CNY".to_owned());
    }
    Ok(Paid {
        trade_no: text(fields, "transaction_id").ok_or("transaction_id is missing")?.to_owned(),
        amount: fen(fields, "total_fee").ok_or("total_fee is missing or no number")?,
        payer: text(fields, "openid").map(str::to_owned),
        paid_at: text(fields, "time_end").and_then(shanghai::parse_compact),
    })
}

/// Reads the answer to an order query (provider's document: 订单查询).
///
/// # Errors
/// `Unclear` when it is about another order or lacks what it must say.
pub fn remote(fields: &Map, payment: &PaymentRef) -> Result<Remote, ChannelError> {
    let unclear = |reason: &str| ChannelError::Unclear(format!("query: {reason}"));
    if text(fields, "out_trade_no") != Some(payment.pay_no.as_str()) {
        return Err(unclear("the reply is about another order"));
    }
    if let (Some(known), Some(given)) = (&payment.provider_trade_no, text(fields, "transaction_id"))
        && !known.is_empty()
        && known != given
    {
        return Err(unclear("the reply is about another transaction"));
    }
    Ok(match text(fields, "trade_state").ok_or_else(|| unclear("trade_state is missing"))? {
        // Refunds do not make an order unpaid.
        "SUCCESS" | "REFUND" => Remote::Paid(paid(fields).map_err(|e| unclear(&e))?),
        "CLOSED" | "REVOKED" => Remote::Closed,
        // Not every list of states has NOTPAY, and none says what failing looks like: nothing else is final.
        _ => Remote::Pending,
    })
}

/// Reads the answer to a refund query (provider's document: 退款查询): numbered fields from 0, one group per refund, until
/// the first number that is absent. The count beside them is not documented everywhere and not trusted.
///
/// # Errors
/// `Unclear` when our refund is not in it, or with another amount.
pub fn remote_refund(fields: &Map, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
    let unclear = |reason: &str| ChannelError::Unclear(format!("refund query: {reason}"));
    let numbered = |name: &str, n: usize| text(fields, &format!("{name}_{n}"));
    let place = (0..)
        .map_while(|n| numbered("out_refund_no", n).map(|number| (n, number)))
        .find_map(|(n, number)| (number == request.refund_no).then_some(n))
        .ok_or_else(|| unclear("the reply does not contain our refund"))?;
    // Not cash_refund_fee: the wallet's discount goes back first, out of the same refund.
    if fen(fields, &format!("refund_fee_{place}")) != Some(request.amount) {
        return Err(unclear("the reply states another amount"));
    }
    let provider_refund_no = numbered("refund_id", place).map(str::to_owned);
    let failed = |code: &str, message: &str| RemoteRefund::Failed { code: code.to_owned(), message: message.to_owned() };
    Ok(match numbered("refund_status", place) {
        Some("SUCCESS") => RemoteRefund::Succeeded { provider_refund_no, succeeded_at: None },
        Some("FAIL") => failed("FAIL", "退款失败，款项未退回"),
        Some("CHANGE") => failed("CHANGE", "付款人的银行卡已失效，退款已转入商户的现金账户，请线下退款"),
        _ => RemoteRefund::Processing { provider_refund_no },
    })
}
