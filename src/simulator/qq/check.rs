//! Rules of single fields (provider's documents: 统一下单, 提交付款码支付, 申请退款). Each gives the provider's fault.

use super::call::Call;
use super::reply::Fault;
use crate::model::Amount;
use std::net::Ipv4Addr;
use time::macros::{format_description, offset};
use time::{OffsetDateTime, PrimitiveDateTime};

/// An amount in fen: plain digits without sign or leading zero, at least 1.
pub fn amount(call: &Call, name: &str) -> Result<Amount, Fault> {
    let text = call.need(name)?;
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0') && text.len() <= 13;
    let fen = if plain { text.parse().ok() } else { None };
    fen.and_then(|fen| Amount::from_fen(fen).ok()).ok_or_else(|| Fault::wrong(name))
}

/// A merchant's number of a trade or a refund: 1 to 32 of `[0-9A-Za-z_-]`.
pub fn number<'a>(call: &'a Call, name: &str) -> Result<&'a str, Fault> {
    let text = call.need(name)?;
    let valid = text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if valid { Ok(text) } else { Err(Fault::wrong(name)) }
}

/// A text of at most 128 bytes without control characters and without those outside the basic plane.
pub fn text<'a>(text: &'a str, name: &str) -> Result<&'a str, Fault> {
    let odd = text.chars().any(|c| u32::from(c) > 0xFFFF || (c.is_control() && c != '\n'));
    if odd || text.len() > 128 { Err(Fault::wrong(name)) } else { Ok(text) }
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

/// Must be there, and there is one only.
pub fn currency(call: &Call) -> Result<(), Fault> {
    if call.need("fee_type")? == "CNY" { Ok(()) } else { Err(Fault::wrong("fee_type")) }
}

/// The payer's address. The field is too short for IPv6.
pub fn address(call: &Call) -> Result<(), Fault> {
    let name = "spbill_create_ip";
    call.need(name)?.parse::<Ipv4Addr>().map(|_| ()).map_err(|_| Fault::wrong(name))
}

/// A place for notices: absolute http(s), at most 256 characters, no query, no fragment, no user.
pub fn notify_url(call: &Call) -> Result<&str, Fault> {
    let text = call.need("notify_url")?;
    let valid = text.len() <= 256
        && !text.contains(['?', '#'])
        && url::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host() && u.username().is_empty());
    if valid { Ok(text) } else { Err(Fault::wrong("notify_url")) }
}

/// One of the documented limits of paying.
pub fn limit_pay(call: &Call) -> Result<(), Fault> {
    const KNOWN: [&str; 6] = ["no_balance", "no_credit", "no_debit", "balance_only", "debit_only", "NoBindNoBalan"];
    if call.get("limit_pay").is_none_or(|limit| KNOWN.contains(&limit)) { Ok(()) } else { Err(Fault::wrong("limit_pay")) }
}

/// The time a trade can be paid until, UTC ms. `yyyyMMddHHmmss` in UTC+8.
pub fn time_expire(call: &Call, now_ms: i64) -> Result<Option<i64>, Fault> {
    let read = |name: &str| call.get(name).map(|text| moment(text).ok_or_else(|| Fault::wrong(name))).transpose();
    let (start, expires) = (read("time_start")?, read("time_expire")?);
    match expires {
        Some(expires) if expires <= now_ms || start.is_some_and(|s| expires <= s) => {
            Err(Fault::business("PARAM_ERROR", "time_expire已过期"))
        }
        other => Ok(other),
    }
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
