//! Rules of single fields (provider's document: 统一下单, 付款码支付, 申请退款). Each gives the provider's fault.

use super::call::Call;
use super::reply::Fault;
use crate::model::Amount;
use std::net::IpAddr;
use time::macros::{format_description, offset};
use time::{OffsetDateTime, PrimitiveDateTime};

/// An amount in fen: plain digits without sign or leading zero, at least 1.
pub fn amount(call: &Call, name: &str) -> Result<Amount, Fault> {
    let text = call.need(name)?;
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0') && text.len() <= 13;
    let fen = if plain { text.parse().ok() } else { None };
    fen.and_then(|fen| Amount::from_fen(fen).ok()).ok_or_else(|| Fault::wrong(name))
}

/// A merchant's number of a trade: 6 to 32 of `[0-9A-Za-z_-|*]`.
pub fn out_trade_no(call: &Call) -> Result<&str, Fault> {
    number(call.need("out_trade_no")?, "out_trade_no", 6..=32, b"_-|*")
}

/// A merchant's number of a refund: 1 to 64 of `[0-9A-Za-z_-|*@]`.
pub fn out_refund_no(call: &Call) -> Result<&str, Fault> {
    number(call.need("out_refund_no")?, "out_refund_no", 1..=64, b"_-|*@")
}

fn number<'a>(text: &'a str, name: &str, length: std::ops::RangeInclusive<usize>, signs: &[u8]) -> Result<&'a str, Fault> {
    let valid = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || signs.contains(&b));
    if valid { Ok(text) } else { Err(Fault::wrong(name)) }
}

/// The description: at most 127 bytes, nothing outside the basic plane (the provider's tables have no room for it).
pub fn body(call: &Call) -> Result<&str, Fault> {
    let text = call.need("body")?;
    if text.len() > 127 {
        return Err(Fault::business("PARAM_ERROR", "body参数长度有误"));
    }
    basic_plane(text, "body")
}

/// What is echoed: at most 127 bytes, nothing outside the basic plane.
pub fn attach(call: &Call) -> Result<&str, Fault> {
    let text = call.get("attach").unwrap_or_default();
    if text.len() > 127 {
        return Err(Fault::business("PARAM_ERROR", "attach参数长度有误"));
    }
    basic_plane(text, "attach")
}

fn basic_plane<'a>(text: &'a str, name: &str) -> Result<&'a str, Fault> {
    let odd = text.chars().any(|c| u32::from(c) > 0xFFFF || (c.is_control() && c != '\n'));
    if odd { Err(Fault::business("PARAM_ERROR", format!("{name}参数含有非法字符"))) } else { Ok(text) }
}

/// Optional texts with a greatest length in characters.
pub fn lengths(call: &Call, limits: &[(&str, usize)]) -> Result<(), Fault> {
    for (name, limit) in limits {
        if call.get(name).is_some_and(|text| text.chars().count() > *limit) {
            return Err(Fault::business("PARAM_ERROR", format!("{name}参数长度有误")));
        }
    }
    Ok(())
}

/// The only currency.
pub fn currency(call: &Call, name: &str) -> Result<(), Fault> {
    if call.get(name).is_none_or(|c| c == "CNY") { Ok(()) } else { Err(Fault::wrong(name)) }
}

/// The payer's or server's address.
pub fn address(call: &Call) -> Result<(), Fault> {
    call.need("spbill_create_ip")?.parse::<IpAddr>().map(|_| ()).map_err(|_| Fault::wrong("spbill_create_ip"))
}

/// A place for notices: absolute http(s), at most 256 characters, no query, no fragment, no user.
pub fn notify_url(text: &str) -> Result<&str, Fault> {
    let valid = text.len() <= 256
        && !text.contains(['?', '#'])
        && url::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host() && u.username().is_empty());
    if valid { Ok(text) } else { Err(Fault::wrong("notify_url")) }
}

/// A field that must be JSON if it is there.
pub fn json(call: &Call, name: &str) -> Result<Option<serde_json::Value>, Fault> {
    call.get(name).map(|text| serde_json::from_str(text).map_err(|_| Fault::wrong(name))).transpose()
}

/// The time a trade can be paid until, UTC ms. `yyyyMMddHHmmss` in UTC+8, a minute ahead at least. Some seconds on the
/// way from merchant to provider are forgiven, as both sides round to seconds.
pub fn time_expire(call: &Call, now_ms: i64) -> Result<Option<i64>, Fault> {
    const FORGIVEN_MS: i64 = 5_000;
    let start = call.get("time_start").map(|text| moment(text).ok_or_else(|| Fault::wrong("time_start"))).transpose()?;
    let Some(text) = call.get("time_expire") else { return Ok(None) };
    let expires = moment(text).ok_or_else(|| Fault::wrong("time_expire"))?;
    if expires <= now_ms {
        return Err(Fault::business("PARAM_ERROR", "time_expire已过期"));
    }
    if expires < now_ms + 60_000 - FORGIVEN_MS || start.is_some_and(|s| expires <= s) {
        return Err(Fault::business("PARAM_ERROR", "time_expire时间过短，至少1分钟"));
    }
    Ok(Some(expires))
}

fn moment(text: &str) -> Option<i64> {
    if text.len() != 14 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let format = format_description!("[year][month][day][hour][minute][second]");
    let local = PrimitiveDateTime::parse(text, format).ok()?;
    Some(local.assume_offset(offset!(+8)).unix_timestamp() * 1000)
}

/// `yyyyMMddHHmmss` of a calendar time.
pub fn compact(at: OffsetDateTime) -> String {
    at.format(format_description!("[year][month][day][hour][minute][second]")).unwrap_or_default()
}

/// `yyyy-MM-dd HH:mm:ss` of a calendar time.
pub fn spaced(at: OffsetDateTime) -> String {
    at.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")).unwrap_or_default()
}
