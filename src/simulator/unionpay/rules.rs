//! The form of every field, and that a message comes from the merchant it names.
//!
//! Specification 5.1.0, chapter 报文要素.

use super::account::Account;
use super::message::Message;
use super::moment;
use super::refusal::Refusal;

/// How far a transaction's time may be from the present.
const CLOCK_MS: i64 = 10 * 60 * 1000;

#[derive(Clone, Copy)]
enum Form {
    Digits,
    Letters,
    Any,
}

/// Name, form, shortest and longest.
const FORMS: &[(&str, Form, usize, usize)] = &[
    ("version", Form::Any, 5, 5),
    ("encoding", Form::Any, 1, 20),
    ("signMethod", Form::Digits, 2, 2),
    ("certId", Form::Digits, 1, 128),
    ("signature", Form::Any, 1, 1024),
    ("txnType", Form::Digits, 2, 2),
    ("txnSubType", Form::Digits, 2, 2),
    ("bizType", Form::Digits, 6, 6),
    ("channelType", Form::Digits, 2, 2),
    ("accessType", Form::Digits, 1, 1),
    ("merId", Form::Letters, 15, 15),
    ("orderId", Form::Letters, 8, 40),
    ("txnTime", Form::Digits, 14, 14),
    ("txnAmt", Form::Digits, 1, 12),
    ("currencyCode", Form::Digits, 3, 3),
    ("frontUrl", Form::Any, 1, 256),
    ("backUrl", Form::Any, 1, 256),
    ("payTimeout", Form::Digits, 14, 14),
    ("reqReserved", Form::Any, 1, 1024),
    ("reserved", Form::Any, 1, 2048),
    ("riskRateInfo", Form::Any, 1, 2048),
    ("orderDesc", Form::Any, 1, 32),
    ("queryId", Form::Letters, 20, 21),
    ("origQryId", Form::Letters, 20, 21),
    ("settleDate", Form::Digits, 4, 4),
    ("fileType", Form::Digits, 2, 2),
    ("termId", Form::Any, 8, 8),
];

/// Whether the message is in order and the merchant's own.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(message: &Message, account: &Account) -> Result<(), Refusal> {
    for name in
        ["version", "encoding", "signMethod", "certId", "txnType", "txnSubType", "bizType", "accessType", "merId", "signature"]
    {
        message.get(name).ok_or_else(|| Refusal::missing(name))?;
    }
    for (name, form, least, most) in FORMS {
        let Some(value) = message.get(name) else { continue };
        let letters = match form {
            Form::Digits => value.bytes().all(|b| b.is_ascii_digit()),
            Form::Letters => value.bytes().all(|b| b.is_ascii_alphanumeric()),
            Form::Any => true,
        };
        if !letters || !(*least..=*most).contains(&value.len()) {
            return Err(Refusal::format(name));
        }
    }
    if message.text_of("version") != "5.1.0" {
        return Err(Refusal::format("version"));
    }
    if !message.text_of("encoding").eq_ignore_ascii_case("utf-8") {
        return Err(Refusal::format("encoding"));
    }
    if message.text_of("signMethod") != "01" || message.text_of("certId") != Account::cert_id() {
        return Err(Refusal::signature());
    }
    if !message.is_signed(|text, signature| account.is_merchants(text, signature)) {
        return Err(Refusal::signature());
    }
    if message.text_of("merId") != account.mer_id {
        return Err(Refusal::new("31", "商户状态不正确[2030001]"));
    }
    if message.text_of("accessType") != "0" {
        return Err(Refusal::format("accessType"));
    }
    Ok(())
}

/// A field that this kind of transaction needs.
///
/// # Errors
/// 13 without it.
pub fn need<'a>(message: &'a Message, name: &str) -> Result<&'a str, Refusal> {
    message.get(name).ok_or_else(|| Refusal::missing(name))
}

/// The time of a transaction that begins now.
///
/// # Errors
/// 10 when it is none or not the present.
pub fn present(message: &Message, now_ms: i64) -> Result<&str, Refusal> {
    let text = need(message, "txnTime")?;
    let at = moment::read(text).ok_or_else(|| Refusal::format("txnTime"))?;
    if (now_ms - at).abs() > CLOCK_MS {
        return Err(Refusal::format("txnTime"));
    }
    Ok(text)
}

/// An amount above zero, in fen.
///
/// # Errors
/// 10 or 13.
pub fn amount(message: &Message) -> Result<i64, Refusal> {
    let fen = need(message, "txnAmt")?.parse().map_err(|_| Refusal::format("txnAmt"))?;
    if fen < 1 { Err(Refusal::format("txnAmt")) } else { Ok(fen) }
}

/// An address of the merchant's.
///
/// # Errors
/// 10 when it is none of the web.
pub fn address(message: &Message, name: &str) -> Result<String, Refusal> {
    let url = need(message, name)?;
    if url.starts_with("http://") || url.starts_with("https://") { Ok(url.to_owned()) } else { Err(Refusal::format(name)) }
}
