//! What the provider's error codes mean. QQ Wallet publishes no table of them: these are the ones seen in its documents and
//! demonstrations, and those of its close relative WeChat Pay v2. All lists are here, so that a merchant's findings need
//! only a line; a code that is in none is doubt.

use crate::pay::channel::ChannelError;

/// The provider said that nothing happened and that nothing will.
const DEFINITE: &[&str] = &[
    "APPID_MCHID_NOT_MATCH",
    "APPID_NOT_EXIST",
    "APPID_OR_OPENID_ERR",
    "AUTHCODEEXPIRE",
    "AUTH_CODE_ERROR",
    "AUTH_CODE_INVALID",
    "LACK_PARAMS",
    "MCHID_NOT_EXIST",
    "NOAUTH",
    "NOTENOUGH",
    "NOT_UTF8",
    "ORDERCLOSED",
    "ORDERNOTEXIST",
    "PARAM_ERROR",
    "POST_DATA_EMPTY",
    "REQUIRE_POST_METHOD",
    "SIGNERROR",
    "XML_FORMAT_ERROR",
];

/// An order of this number may be open or paid over there: only a query tells.
const NUMBER_USED: &[&str] = &["ORDERPAID", "OUT_TRADE_NO_USED"];

/// Parts of a bare `return_msg`, which is never signed. Only refusals of the request itself: what an unsigned text says
/// about an order is not believed.
const TEXTS: &[(&str, &str)] = &[
    ("SIGNERROR", "SIGNERROR"),
    ("签名", "SIGNERROR"),
    ("APPID_MCHID_NOT_MATCH", "APPID_MCHID_NOT_MATCH"),
    ("不匹配", "APPID_MCHID_NOT_MATCH"),
    ("APPID_NOT_EXIST", "APPID_NOT_EXIST"),
    ("appid不存在", "APPID_NOT_EXIST"),
    ("MCHID_NOT_EXIST", "MCHID_NOT_EXIST"),
    ("mch_id不存在", "MCHID_NOT_EXIST"),
    ("商户号不存在", "MCHID_NOT_EXIST"),
    ("NOAUTH", "NOAUTH"),
    ("无权限", "NOAUTH"),
    ("LACK_PARAMS", "LACK_PARAMS"),
    ("缺少", "LACK_PARAMS"),
    ("XML_FORMAT_ERROR", "XML_FORMAT_ERROR"),
    ("XML格式错误", "XML_FORMAT_ERROR"),
    ("PARAM_ERROR", "PARAM_ERROR"),
    ("参数错误", "PARAM_ERROR"),
];

/// The provider has no order of this number.
pub const NO_ORDER: &[&str] = &["ORDERNOTEXIST"];
/// It has no refund of this number.
pub const NO_REFUND: &[&str] = &["REFUNDNOTEXIST"];
/// The order is over, without money.
pub const OVER: &[&str] = &["ORDERCLOSED", "ORDERREVERSED", "ORDERNOTEXIST"];
/// The order is paid.
pub const PAID: &[&str] = &["ORDERPAID"];
/// The payer is busy with it.
pub const PAYING: &[&str] = &["USERPAYING"];

/// The code of an unsigned refusal.
#[must_use]
pub fn of_message(message: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(part, _)| message.contains(part)).map(|(_, code)| *code)
}

/// Whether these words say that a day has no bill.
#[must_use]
pub fn is_no_bill(message: &str) -> bool {
    ["账单不存在", "无账单", "No Bill", "no bill"].iter().any(|words| message.contains(words))
}

/// A refusal as the core wants it: a definite no, or doubt.
#[must_use]
pub fn refusal(code: String, message: String) -> ChannelError {
    if DEFINITE.contains(&code.as_str()) {
        ChannelError::Refused { code, message }
    } else {
        ChannelError::Unclear(format!("{code} {message}"))
    }
}

/// A refusal of a new order.
#[must_use]
pub fn start_refusal(code: String, message: String) -> ChannelError {
    if NUMBER_USED.contains(&code.as_str()) { ChannelError::Unclear(format!("{code} {message}")) } else { refusal(code, message) }
}
