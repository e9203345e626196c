//! The envelope of both generations' replies. None of it is signed: TLS alone vouches for it.

use crate::pay::channel::ChannelError;
use serde_json::Value;

/// What Baidu answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// `errno` 0, with its `data`.
    Done(Value),
    /// Another `errno`. No table of them is published, so hardly any says something definite.
    No { errno: i64, words: String },
    /// The gateway before the service did not let us in: a token that is wrong or has run out, usually.
    Barred { code: i64, words: String },
}

/// Longest sentence of the provider that is kept, in characters.
const LONGEST: usize = 200;

/// Reads a reply's body.
///
/// # Errors
/// `Unclear` for anything that is no such envelope.
pub fn read(body: &[u8]) -> Result<Reply, ChannelError> {
    let unreadable = || ChannelError::Unclear("an answer that is no envelope of Baidu's".to_owned());
    let mut value: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let words = |names: [&str; 2]| {
        let sentence = names.into_iter().find_map(|name| text(&value, name)).unwrap_or_default();
        sentence.chars().take(LONGEST).collect()
    };
    if let Some(code) = whole(&value, "error_code") {
        return Ok(Reply::Barred { code, words: words(["error_msg", "error_description"]) });
    }
    match whole(&value, "errno").ok_or_else(unreadable)? {
        0 => Ok(Reply::Done(value.get_mut("data").map(Value::take).unwrap_or_default())),
        errno => Ok(Reply::No { errno, words: words(["msg", "errmsg"]) }),
    }
}

/// A field as text; Baidu writes the same number bare here and in quotes there. Empty counts as absent.
#[must_use]
pub fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => number.as_i64().map(|number| number.to_string()),
        _ => None,
    }
}

/// A field as a whole number, bare or in quotes.
#[must_use]
pub fn whole(value: &Value, name: &str) -> Option<i64> {
    text(value, name)?.parse().ok()
}

/// Whether a sentence says that there is no such order. The numbers for it are not published, so the sentence must name the
/// order and nothing else that may be missing: an app, a merchant, a payer, a service.
#[must_use]
pub fn says_absent(words: &str) -> bool {
    let words = words.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    says(&["不存在", "not exist", "not found"])
        && says(&["订单", "order"])
        && !says(&["app", "应用", "商户", "merchant", "用户", "user", "服务", "service"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn envelopes_of_both_generations_are_told_apart() {
        let read = |text: &str| read(text.as_bytes());
        assert_eq!(read(r#"{"errno":0,"msg":"success","data":{"a":1}}"#), Ok(Reply::Done(json!({ "a": 1 }))));
        assert_eq!(read(r#"{"errno":"0","data":[]}"#), Ok(Reply::Done(json!([]))));
        assert_eq!(read(r#"{"errno":0}"#), Ok(Reply::Done(Value::Null)));
        let no = Reply::No { errno: 10002, words: "不匹配".to_owned() };
        assert_eq!(read(r#"{"errno":10002,"msg":"不匹配","data":[]}"#), Ok(no));
        let barred = Reply::Barred { code: 110, words: "Access token invalid".to_owned() };
        assert_eq!(read(r#"{"error_code":110,"error_msg":"Access token invalid"}"#), Ok(barred));
        for broken in ["", "<html>", "[]", "{}", r#"{"errno":"x"}"#, r#"{"errno":0.5}"#] {
            assert!(matches!(read(broken), Err(ChannelError::Unclear(_))), "{broken}");
        }
    }

    #[test]
    fn only_a_sentence_about_the_order_says_that_there_is_none() {
        for absent in ["订单不存在", "退款订单不存在", "Order not exist", "order does not exist", "tpOrderId not found"]
        {
            assert!(says_absent(absent), "{absent}");
        }
        for other in [
            "商户不存在",
            "商户订单不存在",
            "用户不存在",
            "服务不存在",
            "商品不存在",
            "appKey不存在",
            "应用不存在",
            "App not found",
            "order's app not found",
            "user not exist",
            "not found",
            "不存在",
            "订单已支付",
            "",
        ] {
            assert!(!says_absent(other), "{other}");
        }
    }

    #[test]
    fn numbers_read_alike_in_quotes_and_bare() {
        let value = json!({ "a": 81_341_494_729_172_i64, "b": "81341494729172", "c": 1.5, "d": "", "e": null, "f": "1.0" });
        for name in ["a", "b"] {
            assert_eq!(whole(&value, name), Some(81_341_494_729_172), "{name}");
        }
        for name in ["c", "d", "e", "f", "g"] {
            assert_eq!(whole(&value, name), None, "{name}");
        }
    }
}
