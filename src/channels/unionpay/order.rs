//! Beginning a payment: a form for the browser, a number for the app control, a code to scan.
//!
//! Specification 5.1.0, chapters 消费 and 二维码. A transaction is named by merchant, number and time together, so the time
//! is always the payment's own and never that of the call: a repeat is then the same transaction. A call that comes so late
//! that its time is refused has definitely not begun anything.

use super::codes::Meaning;
use super::exchange::{self, Reply};
use super::message::{self, Fields};
use super::{Unionpay, declaration};
use crate::channels::shanghai;
use crate::model::Method;
use crate::pay::channel::{ChannelError, NextStep, StartRequest, Started};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How long after its making a form is still taken: its time must be the present one when the browser posts it.
const FORM_MS: i64 = 5 * 60 * 1000;
/// Longest address for results.
const URL: usize = 256;
/// Longest `orderDesc` in bytes, and the part of the goods' name that is sent, in characters.
const DESCRIPTION: usize = 32;
const GOODS: usize = 64;

/// The name under which the moment is kept from which on nobody can pay, UTC ms.
pub const PAY_TIMEOUT: &str = "pay_timeout";

/// `channelType`: a desk's browser or a phone.
#[must_use]
pub fn channel_type(method: Method) -> &'static str {
    if method == Method::UnionpayWeb { "07" } else { "08" }
}

/// `bizType`: codes belong to a product of their own.
#[must_use]
pub fn biz_type(method: Method) -> &'static str {
    if method == Method::UnionpayQr { "000000" } else { "000201" }
}

/// The question about a transaction, by our number and its time.
#[must_use]
pub fn question(number: &str, at_ms: i64) -> Fields {
    message::of([
        ("txnType", "00"),
        ("txnSubType", "00"),
        ("bizType", "000000"),
        ("orderId", number),
        ("txnTime", &shanghai::compact(at_ms)),
    ])
}

fn payment(request: &StartRequest) -> Result<Fields, ChannelError> {
    for (name, url) in [("backUrl", &request.notify_url), ("frontUrl", &request.return_url)] {
        if url.len() > URL {
            let message = format!("{name} is longer than {URL} characters");
            return Err(ChannelError::Refused { code: "10".to_owned(), message });
        }
    }
    let goods = goods(&request.subject);
    let risk = if goods.is_empty() { String::new() } else { format!("{{commodityName={goods}}}") };
    let is_code = request.method == Method::UnionpayQr;
    let is_phone_page = matches!(request.method, Method::UnionpayWap | Method::UnionpayApp);
    Ok(message::of([
        ("txnType", "01"),
        ("txnSubType", if is_code { "07" } else { "01" }),
        ("bizType", biz_type(request.method)),
        ("channelType", channel_type(request.method)),
        ("orderId", &request.pay_no),
        ("txnTime", &shanghai::compact(request.created_at)),
        ("txnAmt", &request.amount.fen().to_string()),
        ("currencyCode", "156"),
        ("payTimeout", &shanghai::compact(request.deadline)),
        ("backUrl", &request.notify_url),
        ("frontUrl", if is_code { "" } else { &request.return_url }),
        ("riskRateInfo", if is_code { "" } else { &risk }),
        ("orderDesc", if is_phone_page { cut(&goods, DESCRIPTION) } else { "" }),
    ]))
}

impl Unionpay {
    pub(super) async fn begin(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        let (next, until) = match request.method {
            Method::UnionpayWeb | Method::UnionpayWap => {
                let action = self.gateway.url(&format!("{}{}", exchange::GATEWAY, exchange::FRONT));
                let fields = self.signed(payment(request)?)?;
                (NextStep::Form { action, fields }, request.deadline.min(request.created_at + FORM_MS))
            }
            Method::UnionpayApp => {
                let reply = self.ask(exchange::APP, payment(request)?, request.now_ms).await?;
                let tn = Value::String(begun(&reply)?.need("tn")?.to_owned());
                let params = Map::from_iter([("tn".to_owned(), tn)]);
                (NextStep::Invoke { bridge: "unionpay_app".to_owned(), params }, request.deadline)
            }
            Method::UnionpayQr => {
                let reply = self.ask(exchange::BACK, payment(request)?, request.now_ms).await?;
                let code_url = begun(&reply)?.need("qrCode")?.to_owned();
                (NextStep::Qr { code_url, expires_at: request.deadline }, request.deadline)
            }
            _ => return Err(ChannelError::Unsupported("this method")),
        };
        let provider_data = BTreeMap::from([(PAY_TIMEOUT.to_owned(), request.deadline.to_string())]);
        Ok(Started { code_expires_at: Some(until), provider_data, ..Started::step(next) })
    }
}

/// Taken in is not paid: the answer only hands out what the payer needs. A number that was taken in before, by a call whose
/// answer was lost, hands out nothing a second time; as nobody has what it handed out then, it ends here and another number
/// can begin.
fn begun(reply: &Reply) -> Result<&Reply, ChannelError> {
    match reply.meaning() {
        Meaning::Done => Ok(reply),
        Meaning::Refused | Meaning::Duplicate => Err(reply.refused()),
        Meaning::Unknown | Meaning::Absent | Meaning::Unlisted => Err(reply.unclear()),
    }
}

/// When nobody can pay any more. A payment whose start had no clear end kept nothing; it cannot live longer than any.
#[must_use]
pub fn pay_timeout(kept: &BTreeMap<String, String>, created_at: i64) -> i64 {
    let kept = kept.get(PAY_TIMEOUT).and_then(|ms| ms.parse().ok());
    kept.unwrap_or(created_at + declaration::CODE_LIFETIME_S * 1000)
}

/// A subject without what the provider's own syntax or its pages cannot hold.
fn goods(text: &str) -> String {
    let plain = |c: &char| {
        !c.is_control() && !matches!(c, '&' | '=' | '{' | '}' | '[' | ']' | '"' | '\'' | '<' | '>') && !is_pictograph(*c)
    };
    text.chars().filter(plain).take(GOODS).collect::<String>().trim().to_owned()
}

/// Emoji and what only exists to build them.
fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c), 0x200d | 0x20e3 | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0xfe00..=0xfe0f | 0x1f000..=0x1faff | 0xe0000..=0xe007f)
}

/// At most so many bytes, cut at a character.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_lose_what_would_break_the_syntax() {
        assert_eq!(goods("a={b}&[c] \"d\" 茶壶😀\n"), "ab c d 茶壶".replace("ab c", "abc"));
        assert_eq!(goods("😀"), "");
        assert_eq!(goods(&"测".repeat(100)).chars().count(), GOODS);
        assert_eq!(cut("测试测试测试测试测试测试", 32), "测试测试测试测试测试");
        assert_eq!(cut("ab", 32), "ab");
    }
}
