//! An order, from the cashier's form or from the unified order (provider's documents: PC 收银台, H5 收银台, 统一下单).

use super::refusal::No;
use super::sign::Fields;
use crate::simulator::beijing;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const COMPACT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]");
/// Without `expireTime`.
const DEFAULT_LIFE_S: i64 = 600;

/// `yyyyMMddHHmmss` in China.
pub fn seconds(ms: i64) -> String {
    beijing(ms).format(COMPACT).unwrap_or_default()
}

/// Checks such a time.
pub fn is_time(text: &str) -> bool {
    PrimitiveDateTime::parse(text, COMPACT).is_ok()
}

#[derive(Debug, Clone)]
pub struct Order {
    pub trade_num: String,
    pub trade_name: String,
    /// Fen.
    pub amount: i64,
    pub notify_url: String,
    pub callback_url: Option<String>,
    pub note: String,
    pub life_s: i64,
    /// Whether it was made for a QR code.
    pub is_qr: bool,
}

/// A field that must be there, at most `max` characters long.
pub fn required<'a>(fields: &'a Fields, name: &str, max: usize) -> Result<&'a str, No> {
    let value = fields.get(name).map(String::as_str).filter(|value| !value.trim().is_empty());
    value.filter(|value| value.chars().count() <= max).ok_or_else(|| No::field(name))
}

/// A number of the merchant's.
pub fn number<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, No> {
    let value = required(fields, name, 64)?;
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain { Ok(value) } else { Err(No::field(name)) }
}

/// Fen, without a sign, a dot or a leading zero.
pub fn fen(fields: &Fields, name: &str) -> Result<i64, No> {
    let text = required(fields, name, 12)?;
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or_else(|| No::field(name))
}

/// An http(s) address.
pub fn address(fields: &Fields, name: &str) -> Result<String, No> {
    let text = required(fields, name, 256)?;
    let is_web = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_web { Ok(text.to_owned()) } else { Err(No::field(name)) }
}

/// The fields that orders and refunds both have.
pub fn common(fields: &Fields) -> Result<i64, No> {
    if required(fields, "currency", 3)? != "CNY" {
        return Err(No::field("currency"));
    }
    if !is_time(required(fields, "tradeTime", 14)?) {
        return Err(No::field("tradeTime"));
    }
    fen(fields, "amount")
}

impl Order {
    /// Reads an order whose signature is right already.
    ///
    /// # Errors
    /// Names the first field at fault.
    pub fn read(fields: &Fields, is_qr: bool) -> Result<Self, No> {
        let trade_num = number(fields, "tradeNum")?.to_owned();
        let trade_name = required(fields, "tradeName", 128)?.to_owned();
        let amount = common(fields)?;
        if !matches!(required(fields, "orderType", 1)?, "0" | "1") {
            return Err(No::field("orderType"));
        }
        required(fields, "userId", 64)?;
        let life_s = match fields.get("expireTime").filter(|text| !text.is_empty()) {
            None => DEFAULT_LIFE_S,
            Some(text) => text.parse().ok().filter(|s| *s > 0).ok_or_else(|| No::field("expireTime"))?,
        };
        Ok(Self {
            trade_num,
            trade_name,
            amount,
            notify_url: address(fields, "notifyUrl")?,
            callback_url: if is_qr { None } else { Some(address(fields, "callbackUrl")?) },
            note: fields.get("note").cloned().unwrap_or_default(),
            life_s,
            is_qr,
        })
    }
}
