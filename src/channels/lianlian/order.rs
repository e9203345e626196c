//! What an order consists of: the form of the web gateway, the `req_data` of the WAP gateway, and the risk item in both.
//!
//! Provider's documents: WEB 支付, WAP 支付, 风控参数. Names and ID numbers pass through here and are never logged.

use super::sign::Message;
use super::wire;
use crate::channels::shanghai;
use crate::channels::text::shorten;
use crate::model::Method;
use crate::pay::channel::{ChannelError, StartRequest};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// How long an order may wait for its payer, seconds: the provider's own default of 10,080 minutes.
pub const LIFETIME_S: i64 = 10_080 * 60;
/// `valid_order` counts whole minutes.
pub const MIN_LIFETIME_S: i64 = 60;
/// The web form's `timestamp` is good for 30 minutes at the provider; some are left for clocks that differ.
pub const FORM_LIFETIME_MS: i64 = 25 * 60 * 1000;

/// Longest `name_goods` and `info_order`. Whether the provider counts characters or bytes is not written anywhere, so
/// bytes are counted: a name too long would show the payer an error page.
const NAME: usize = 40;
const INFO: usize = 255;
/// Longest `user_id`.
const USER: usize = 32;

/// Virtual goods, unless the order says otherwise.
const BUSINESS: &str = "101001";
/// The category that the provider's demos use; each merchant is assigned its own.
const CATEGORY: &str = "1999";

/// Risk keys that an order's `extra` can bring under the provider's own names.
const RISK: &[&str] = &[
    "frms_ware_category",
    "user_info_mercht_userno",
    "user_info_bind_phone",
    "user_info_dt_register",
    "goods_name",
    "user_info_full_name",
    "user_info_id_no",
    "user_info_id_type",
    "user_info_identify_state",
    "user_info_identify_type",
    "frms_client_chnl",
    "frms_ip_addr",
    "frms_imei",
    "frms_mac_addr",
    "hotel_com_name",
    "hotel_phone",
    "dt_arrive",
    "dt_leave",
    "delivery_full_name",
    "delivery_addr_province",
    "delivery_addr_city",
    "delivery_phone",
    "logistics_mode",
    "delivery_cycle",
    "goods_count",
    "virtual_goods_status",
    "game_id_belongs",
    "game_id",
];

/// Keys of one journey; they travel together in `airline_list`.
const JOURNEY: &[&str] = &[
    "airline_code",
    "passenger_country",
    "passenger_idcard_type",
    "passenger_idcard",
    "passenger_name",
    "passenger_phone",
    "airport_from",
    "airport_to",
    "station_from_province",
    "station_from_city",
    "station_to_province",
    "station_to_city",
    "dt_flight",
];

/// Card payments without a check of the person, which the net-bank page of the web gateway takes.
const NET_BANK: &[&str] = &["1", "8", "9"];

/// The unsigned fields of an order, for the gateway that its method belongs to.
///
/// # Errors
/// `MissingFact` naming what the order's `extra` lacks.
pub fn fields(oid_partner: &str, request: &StartRequest) -> Result<Message, ChannelError> {
    let user_id = user_id(request.fact("user_id")?);
    let user_name = request.fact("user_name")?;
    let id_no = request.fact("id_no")?;
    let dt_order = shanghai::compact(request.created_at);
    let mut message = Message::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            message.insert(name.to_owned(), value.to_owned());
        }
    };
    put("oid_partner", oid_partner);
    put("user_id", &user_id);
    put("busi_partner", optional(request, "busi_partner").unwrap_or(BUSINESS));
    put("no_order", &request.pay_no);
    put("dt_order", &dt_order);
    put("name_goods", &name(request));
    put("info_order", &shorten(request.body.as_deref().unwrap_or_default(), INFO));
    put("money_order", &request.amount.yuan());
    put("notify_url", &request.notify_url);
    put("url_return", &request.return_url);
    put("valid_order", &minutes_left(request).to_string());
    put("risk_item", &risk_item(request, &user_id, user_name, id_no)?);
    put("id_no", id_no);
    put("acct_name", user_name);
    for same_name in ["id_type", "flag_modify", "pay_type", "bank_code"] {
        put(same_name, optional(request, same_name).unwrap_or_default());
    }
    if request.method == Method::LianlianWap {
        put("version", "1.2");
        // 3 is WAP; 1 and 2 are the provider's own app libraries.
        put("app_request", "3");
        put("back_url", &request.checkout_url);
    } else {
        put("version", "1.0");
        put("timestamp", &shanghai::compact(request.now_ms));
        put("userreq_ip", &address(&request.client_ip));
    }
    Ok(message)
}

/// Whether the order asks for the net-bank page instead of verified card payment.
#[must_use]
pub fn is_net_bank(request: &StartRequest) -> bool {
    optional(request, "pay_type").is_some_and(|pay_type| NET_BANK.contains(&pay_type))
}

fn optional<'a>(request: &'a StartRequest, name: &str) -> Option<&'a str> {
    request.facts.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// Cards are bound to it, so it must be the same for a person every time, and never the same for two. One that is too
/// long is therefore not cut off but hashed.
fn user_id(given: &str) -> String {
    if given.len() <= USER { given.to_owned() } else { hex::encode(&Sha256::digest(given)[..USER / 2]) }
}

fn name(request: &StartRequest) -> String {
    let name = shorten(&request.subject, NAME);
    // A subject of nothing but pictures would leave a name that the provider demands.
    if name.is_empty() { request.pay_no.clone() } else { name }
}

/// Whole minutes until the deadline, so that the order dies at the provider too: there is no call that closes it.
fn minutes_left(request: &StartRequest) -> i64 {
    let left = request.deadline.saturating_sub(request.now_ms);
    ((left + 59_999) / 60_000).clamp(MIN_LIFETIME_S / 60, LIFETIME_S / 60)
}

/// An address with underscores for dots. The field has no way to write one of the newer kind.
fn address(client_ip: &str) -> String {
    match client_ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(v4)) => v4.to_string().replace('.', "_"),
        _ => "127_0_0_1".to_owned(),
    }
}

/// Serialised once: the very text is signed and sent. What the order's own `risk_item` says goes over single facts, and
/// those over what we know ourselves.
fn risk_item(request: &StartRequest, user_id: &str, user_name: &str, id_no: &str) -> Result<String, ChannelError> {
    let mut item = Map::new();
    let mut put = |name: &str, value: &str| {
        item.insert(name.to_owned(), Value::String(value.to_owned()));
    };
    put("frms_ware_category", CATEGORY);
    put("user_info_mercht_userno", user_id);
    if let Some(phone) = optional(request, "phone") {
        put("user_info_bind_phone", phone);
    }
    put("goods_name", &name(request));
    put("user_info_full_name", user_name);
    put("user_info_id_no", id_no);
    // Nobody has checked the person until the merchant says so.
    put("user_info_identify_state", "0");
    for key in RISK {
        if let Some(value) = optional(request, key) {
            put(key, value);
        }
    }
    let journey: Map<String, Value> = JOURNEY
        .iter()
        .filter_map(|key| optional(request, key).map(|value| ((*key).to_owned(), Value::String(value.to_owned()))))
        .collect();
    if !journey.is_empty() {
        item.insert("airline_list".to_owned(), Value::Array(vec![Value::Object(journey)]));
    }
    if let Some(given) = optional(request, "risk_item") {
        let Ok(Value::Object(given)) = serde_json::from_str(given) else { return Err(ChannelError::MissingFact("risk_item")) };
        item.extend(given);
    }
    Ok(Value::Object(item).to_string())
}

/// The one input of the WAP gateway.
#[must_use]
pub fn req_data(sealed: &Message) -> String {
    wire::write(sealed)
}
