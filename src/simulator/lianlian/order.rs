//! An order as both gateways take it (provider's documents: WEB 支付, WAP 支付), checked field by field.

use super::check;
use super::refusal::No;
use super::sign::{Fields, How};
use serde_json::Value;

/// How far the web form's `timestamp` may be from LianLian's clock.
const WINDOW_MS: i64 = 30 * 60 * 1000;
const DEFAULT_MINUTES: i64 = 10_080;

/// Which page an order was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// `/payment/authpay.htm`: a card of a verified person.
    Web,
    /// `/payment/bankgateway.htm`.
    WebBank,
    /// `/authpay.htm`.
    Wap,
    /// `/payment.htm`.
    WapQuick,
}

impl Gate {
    pub fn is_wap(self) -> bool {
        matches!(self, Self::Wap | Self::WapQuick)
    }

    fn wants_person(self) -> bool {
        matches!(self, Self::Web | Self::Wap)
    }
}

#[derive(Debug, Clone)]
pub struct Order {
    pub gate: Gate,
    pub how: How,
    pub no_order: String,
    pub dt_order: String,
    pub name_goods: String,
    pub info_order: Option<String>,
    /// Fen.
    pub money: i64,
    pub notify_url: String,
    pub url_return: Option<String>,
    pub back_url: Option<String>,
    pub pay_type: Option<String>,
    pub bank_code: Option<String>,
    pub minutes: i64,
    /// Everything but time stamp and signature: what must be the same when the form is posted again.
    pub substance: Fields,
}

const BUSINESS: &[&str] = &["101001", "109001", "108001"];
const PAY_TYPES: &[&str] = &["0", "1", "2", "3", "8", "9", "D", "P", "I", "L", "W", "Y", "M", "F", "N"];
const ID_TYPES: &[&str] = &["0", "2", "3", "4", "6", "9", "X"];

impl Order {
    /// Reads an order whose signature is right already.
    ///
    /// # Errors
    /// 1004 naming the first field at fault.
    pub fn read(gate: Gate, how: How, fields: &Fields, now: i64) -> Result<Self, No> {
        let versions: &[&str] = if gate.is_wap() { &["1.0", "1.1", "1.2"] } else { &["1.0"] };
        check::word(fields, "version", versions)?.ok_or_else(|| No::parameter("version"))?;
        if check::optional(fields, "charset_name", 16)?.is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
            return Err(No::parameter("charset_name"));
        }
        check::required(fields, "user_id", 32)?;
        if gate.is_wap() {
            check::word(fields, "app_request", &["1", "2", "3"])?.ok_or_else(|| No::parameter("app_request"))?;
        } else {
            let (_, at) = check::moment(fields, "timestamp")?;
            if (now - at).abs() > WINDOW_MS {
                return Err(No::parameter("timestamp"));
            }
            let address = check::required(fields, "userreq_ip", 32)?;
            if address.contains(['.', ':']) {
                return Err(No::parameter("userreq_ip"));
            }
        }
        check::word(fields, "busi_partner", BUSINESS)?.ok_or_else(|| No::parameter("busi_partner"))?;
        let no_order = check::required(fields, "no_order", 32)?;
        let (dt_order, _) = check::moment(fields, "dt_order")?;
        let name_goods = check::required(fields, "name_goods", 40)?;
        let info_order = check::optional(fields, "info_order", 255)?;
        let money = check::yuan(fields, "money_order")?;
        let notify_url = check::address(fields, "notify_url")?.ok_or_else(|| No::parameter("notify_url"))?;
        let url_return = check::address(fields, "url_return")?;
        if gate.is_wap() && url_return.is_none() {
            return Err(No::parameter("url_return"));
        }
        let minutes = match check::optional(fields, "valid_order", 8)? {
            None => DEFAULT_MINUTES,
            Some(text) => text.parse().ok().filter(|minutes| *minutes > 0).ok_or_else(|| No::parameter("valid_order"))?,
        };
        risk_item(&check::required(fields, "risk_item", 2048)?)?;
        let id_type = check::word(fields, "id_type", ID_TYPES)?.unwrap_or_else(|| "0".to_owned());
        let id_no = check::optional(fields, "id_no", 18)?;
        let acct_name = check::optional(fields, "acct_name", 32)?;
        if gate.wants_person() {
            let id_no = id_no.ok_or_else(|| No::parameter("id_no"))?;
            if id_type == "0" && !check::is_id_card(&id_no) {
                return Err(No::parameter("id_no"));
            }
            acct_name.ok_or_else(|| No::parameter("acct_name"))?;
        }
        check::word(fields, "flag_modify", &["0", "1"])?;
        let mut substance = fields.clone();
        substance.retain(|name, _| name != "timestamp" && name != "sign" && name != "valid_order");
        Ok(Self {
            gate,
            how,
            no_order,
            dt_order,
            name_goods,
            info_order,
            money,
            notify_url,
            url_return,
            back_url: check::address(fields, "back_url")?,
            pay_type: check::word(fields, "pay_type", PAY_TYPES)?,
            bank_code: check::optional(fields, "bank_code", 8)?,
            minutes,
            substance,
        })
    }
}

/// JSON as text, with the two keys without which nothing is judged.
fn risk_item(text: &str) -> Result<(), No> {
    let wrong = || No::parameter("risk_item");
    let item: Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let category = item.get("frms_ware_category").and_then(Value::as_str).ok_or_else(wrong)?;
    let person = item.get("user_info_mercht_userno").and_then(Value::as_str).ok_or_else(wrong)?;
    if category.len() == 4 && category.bytes().all(|b| b.is_ascii_digit()) && !person.is_empty() { Ok(()) } else { Err(wrong()) }
}
