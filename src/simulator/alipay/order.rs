//! What a merchant orders: the fields of `biz_content` that create a payment, each held against its rule.
//!
//! Provider's documents: alipay.trade.page.pay, .wap.pay, .app.pay, .precreate, .pay, .create.

use super::account::Account;
use super::china_time::{self, DAY_MS};
use super::fields::Fields;
use super::params::{Charset, Params};
use super::refusal::Refusal;

/// The six ways to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    Page,
    Wap,
    App,
    Precreate,
    Bar,
    Create,
}

impl Product {
    /// The product behind a method of the gateway.
    #[must_use]
    pub fn of_method(method: &str) -> Option<Self> {
        Some(match method {
            "alipay.trade.page.pay" => Self::Page,
            "alipay.trade.wap.pay" => Self::Wap,
            "alipay.trade.app.pay" => Self::App,
            "alipay.trade.precreate" => Self::Precreate,
            "alipay.trade.pay" => Self::Bar,
            "alipay.trade.create" => Self::Create,
            _ => return None,
        })
    }

    /// Precreate, bar code and in-app payments belong to the face-to-face contract.
    #[must_use]
    pub fn is_face_to_face(self) -> bool {
        matches!(self, Self::Precreate | Self::Bar | Self::Create)
    }

    fn accepts_product_code(self, code: Option<&str>) -> bool {
        match self {
            Self::Page => code == Some("FAST_INSTANT_TRADE_PAY"),
            Self::Wap => code == Some("QUICK_WAP_WAY"),
            Self::App => code == Some("QUICK_MSECURITY_PAY"),
            Self::Precreate => matches!(code, None | Some("FACE_TO_FACE_PAYMENT" | "QR_CODE_OFFLINE")),
            Self::Bar => matches!(code, None | Some("FACE_TO_FACE_PAYMENT")),
            Self::Create => matches!(code, None | Some("FACE_TO_FACE_PAYMENT" | "JSAPI_PAY")),
        }
    }

    fn default_life_ms(self) -> i64 {
        if self.is_face_to_face() { 3 * 60 * 60 * 1000 } else { 15 * DAY_MS }
    }
}

/// When an unpaid trade closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    At(i64),
    After(i64),
    EndOfDay,
}

impl Deadline {
    /// The moment, for a trade that begins at `opened_ms`.
    #[must_use]
    pub fn from(self, opened_ms: i64) -> i64 {
        match self {
            Self::At(ms) => ms,
            Self::After(ms) => opened_ms.saturating_add(ms),
            Self::EndOfDay => china_time::start_of_day(opened_ms) + DAY_MS,
        }
    }
}

/// A checked order; no trade yet.
#[derive(Debug, Clone)]
pub struct Order {
    pub product: Product,
    pub app_id: String,
    pub seller_id: String,
    pub out_trade_no: String,
    /// Fen.
    pub total: i64,
    pub subject: String,
    pub body: Option<String>,
    /// As it will be echoed: decoded once.
    pub passback_params: Option<String>,
    pub store_id: Option<String>,
    pub operator_id: Option<String>,
    pub terminal_id: Option<String>,
    pub notify_url: Option<String>,
    pub return_url: Option<String>,
    pub quit_url: Option<String>,
    /// Of the call, and so of its notices.
    pub charset: Charset,
    pub deadline: Deadline,
    /// The life of a precreated code, apart from the trade's.
    pub code_life_ms: i64,
    /// `buyer_id` or `buyer_open_id` of a create call.
    pub buyer: Option<String>,
}

impl Order {
    /// Reads an order.
    ///
    /// # Errors
    /// `ACQ.INVALID_PARAMETER` for the first field that breaks its rule, and the like.
    pub fn read(product: Product, account: &Account, params: &Params, fields: &Fields) -> Result<Self, Refusal> {
        let out_trade_no = fields.merchant_number("out_trade_no", 64)?;
        let total = fields.charge("total_amount")?;
        let subject = fields.required("subject", 256)?;
        check_subject(&subject)?;
        let body = fields.optional("body", 128)?;
        let product_code = fields.optional("product_code", 64)?;
        if !product.accepts_product_code(product_code.as_deref()) {
            return Err(Refusal::field("product_code", "与接口不匹配"));
        }
        if product_code.as_deref() == Some("JSAPI_PAY") && fields.optional("op_app_id", 32)?.is_none() {
            return Err(Refusal::field("op_app_id", "小程序支付必填"));
        }
        if fields.optional("seller_id", 28)?.is_some_and(|seller| seller != account.seller_id) {
            return Err(Refusal::acq("PARTNER_ERROR", "seller_id 不是本应用的商户"));
        }
        let passback_params = fields.optional("passback_params", 512)?.map(|text| decode_once(&text));
        let deadline = deadline(product, fields)?;
        let code_life_ms = match fields.optional("qr_code_timeout_express", 6)? {
            Some(text) => relative(&text).ok_or_else(|| Refusal::field("qr_code_timeout_express", "格式错误"))?.from(0),
            None => 2 * 60 * 60 * 1000,
        };
        if fields.optional("enable_pay_channels", 128)?.is_some() && fields.optional("disable_pay_channels", 128)?.is_some() {
            return Err(Refusal::field("disable_pay_channels", "与 enable_pay_channels 互斥"));
        }
        if fields.optional("goods_type", 2)?.is_some_and(|kind| kind != "0" && kind != "1") {
            return Err(Refusal::field("goods_type", "只能为 0 或 1"));
        }
        fields.goods_detail()?;
        fields.optional("merchant_order_no", 32)?;
        if product == Product::Page {
            check_page(fields)?;
        }
        let buyer = if product == Product::Create { Some(buyer(account, fields)?) } else { None };
        Ok(Self {
            product,
            app_id: account.app_id.clone(),
            seller_id: account.seller_id.clone(),
            out_trade_no,
            total,
            subject,
            body,
            passback_params,
            store_id: fields.optional("store_id", 32)?,
            operator_id: fields.optional("operator_id", 28)?,
            terminal_id: fields.optional("terminal_id", 32)?,
            notify_url: address(params, "notify_url")?,
            return_url: if matches!(product, Product::Page | Product::Wap) { address(params, "return_url")? } else { None },
            quit_url: fields.optional("quit_url", 400)?,
            charset: params.charset,
            deadline,
            code_life_ms,
            buyer,
        })
    }

    /// Whether another order with the same number asks for the same thing.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.total == other.total && self.subject == other.subject && self.body == other.body && self.product == other.product
    }

    /// How the ledger finds it.
    #[must_use]
    pub fn key(&self) -> (String, String) {
        (self.seller_id.clone(), self.out_trade_no.clone())
    }
}

fn check_subject(subject: &str) -> Result<(), Refusal> {
    if subject.chars().any(|c| matches!(c, '/' | '=' | '&')) {
        return Err(Refusal::field("subject", "不可使用特殊字符，如 /、=、&"));
    }
    if subject.chars().any(|c| c.is_control() || u32::from(c) > 0xffff || c == '\u{fffd}') {
        return Err(Refusal::field("subject", "含有控制字符或不支持的字符"));
    }
    Ok(())
}

fn check_page(fields: &Fields) -> Result<(), Refusal> {
    let mode = fields.optional("qr_pay_mode", 2)?;
    if mode.as_deref().is_some_and(|m| !matches!(m, "0" | "1" | "2" | "3" | "4")) {
        return Err(Refusal::field("qr_pay_mode", "只能为 0 至 4"));
    }
    let width = fields.optional("qrcode_width", 4)?;
    if width.is_some_and(|w| w.parse::<u16>().is_err()) {
        return Err(Refusal::field("qrcode_width", "应为像素数"));
    }
    if fields.optional("integration_type", 16)?.is_some_and(|t| t != "PCWEB" && t != "ALIAPP") {
        return Err(Refusal::field("integration_type", "只能为 PCWEB 或 ALIAPP"));
    }
    fields.optional("request_from_url", 256)?;
    Ok(())
}

fn deadline(product: Product, fields: &Fields) -> Result<Deadline, Refusal> {
    let relative_text = fields.optional("timeout_express", 6)?;
    if let Some(text) = fields.optional("time_expire", 32)? {
        let at = china_time::read_seconds(&text).ok_or_else(|| Refusal::field("time_expire", "应为 yyyy-MM-dd HH:mm:ss"))?;
        return Ok(Deadline::At(at));
    }
    match relative_text {
        Some(text) => relative(&text).ok_or_else(|| Refusal::field("timeout_express", "应为 1m～15d 或 1c，不接受小数")),
        None => Ok(Deadline::After(product.default_life_ms())),
    }
}

fn relative(text: &str) -> Option<Deadline> {
    if text == "1c" {
        return Some(Deadline::EndOfDay);
    }
    let unit = match text.as_bytes().last()? {
        b'm' => 60_000,
        b'h' => 3_600_000,
        b'd' => DAY_MS,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms = digits.parse::<i64>().ok()?.checked_mul(unit)?;
    (60_000..=15 * DAY_MS).contains(&ms).then_some(Deadline::After(ms))
}

fn buyer(account: &Account, fields: &Fields) -> Result<String, Refusal> {
    let named = [("buyer_id", 28), ("buyer_open_id", 128), ("buyer_logon_id", 100), ("op_buyer_open_id", 128)];
    let mut found = None;
    for (name, max) in named {
        if let Some(value) = fields.optional(name, max)? {
            found.get_or_insert((name, value));
        }
    }
    let Some((name, value)) = found else { return Err(Refusal::field("buyer_id", "买家标识至少传一个")) };
    if name == "buyer_id" && !(value.len() == 16 && value.starts_with("2088") && value.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Refusal::field("buyer_id", "应为 2088 开头的 16 位数字"));
    }
    if value == account.seller_id || value == account.seller_email {
        return Err(Refusal::acq("BUYER_SELLER_EQUAL", "买卖家不能相同"));
    }
    Ok(value)
}

fn address(params: &Params, name: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = params.get(name) else { return Ok(None) };
    let is_web = url::Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if value.chars().count() > 256 || !is_web {
        return Err(Refusal::invalid("parameter", format!("{name} 应为 http(s) 地址，最长 256")));
    }
    Ok(Some(value.to_owned()))
}

/// Merchants escape `passback_params` before they put it in; its echo is unescaped.
fn decode_once(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
