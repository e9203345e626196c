//! Starting: the cashier's form for computer and phone, and the unified order behind a QR code.
//!
//! Provider's documents: PC 收银台, H5 收银台, 统一下单.

use super::Jd;
use super::exchange::{self, Reply, VERSION};
use super::sign::{self, Fields};
use crate::channels::credentials::wrong;
use crate::channels::shanghai;
use crate::channels::text::shorten;
use crate::model::Method;
use crate::pay::channel::{ChannelError, NextStep, StartRequest, Started};

/// How long an order may wait for its payer, seconds. The provider names no limit.
pub const LIFETIME_S: i64 = 24 * 60 * 60;
pub const MIN_LIFETIME_S: i64 = 60;
/// A form can be posted once: the same number again is a repeat, and refused, even when the payer only went back. So a
/// start soon after is the same attempt (somebody pressed twice), a later one a new attempt with a new number.
const FORM_LIFETIME_MS: i64 = 30_000;

const WEB: &str = "https://wepay.jd.com/jdpay/saveOrder";
const H5: &str = "https://h5pay.jd.com/jdpay/saveOrder";

/// The provider publishes no lengths; resellers of it name these. In bytes, to be on the safe side.
const NAME: usize = 128;
const DESCRIPTION: usize = 256;

/// Form fields that travel in the clear.
const CLEAR: [&str; 3] = ["version", "merchant", "sign"];

impl Jd {
    pub(super) async fn begin(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        match request.method {
            Method::JdWeb => self.form(WEB, request),
            Method::JdH5 => self.form(H5, request),
            Method::JdQr => self.unified_order(request).await,
            _ => Err(ChannelError::Unsupported("this method")),
        }
    }

    /// Nothing is called: the payer's browser posts the form. Signed in clear, then each value locked by itself.
    fn form(&self, page: &str, request: &StartRequest) -> Result<Started, ChannelError> {
        let mut fields = order(request);
        fields.insert("version".to_owned(), VERSION.to_owned());
        fields.insert("merchant".to_owned(), self.merchant.clone());
        fields.insert("callbackUrl".to_owned(), request.return_url.clone());
        let text = sign::form_text(&fields);
        let sign = self.keys.sign(&text).map_err(|problem| wrong("private_key_pem", problem))?;
        for (name, value) in &mut fields {
            if !CLEAR.contains(&name.as_str()) {
                *value = self.vault.lock(value);
            }
        }
        fields.insert("sign".to_owned(), sign);
        let mut started = Started::step(NextStep::Form { action: self.gateway.url(page), fields });
        started.code_expires_at = Some(request.deadline.min(request.now_ms + FORM_LIFETIME_MS));
        Ok(started)
    }

    async fn unified_order(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        let mut fields = order(request);
        fields.insert("tradeType".to_owned(), "QR".to_owned());
        let answer = match self.call(exchange::UNIORDER, fields).await? {
            Reply::Yes(answer) => answer,
            // No code was given out, so nobody can pay: the attempt is over.
            Reply::No(no) => return Err(no.refused()),
        };
        if answer.get("tradeNum") != Some(request.pay_no.as_str()) {
            return Err(ChannelError::Unclear("an answer about another tradeNum".to_owned()));
        }
        if answer.get("amount").is_some_and(|amount| amount != request.amount.fen().to_string()) {
            return Err(ChannelError::Unclear("an answer about another amount".to_owned()));
        }
        let code = answer.get("qrCode").ok_or_else(|| ChannelError::Unclear("an answer without qrCode".to_owned()))?;
        let life_s: Option<i64> = answer.get("expireTime").and_then(|text| text.parse().ok()).filter(|s| *s > 0);
        let runs_out = life_s.and_then(|s| s.checked_mul(1000)).map_or(i64::MAX, |ms| request.now_ms.saturating_add(ms));
        let expires_at = request.deadline.min(runs_out);
        let mut started = Started::step(NextStep::Qr { code_url: code.to_owned(), expires_at });
        started.code_expires_at = Some(expires_at);
        if let Some(order_id) = answer.get("orderId") {
            started.provider_data.insert("order_id".to_owned(), order_id.to_owned());
        }
        Ok(started)
    }
}

/// The fields that every order has, in clear.
fn order(request: &StartRequest) -> Fields {
    let fact = |name: &str| request.facts.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let mut fields = Fields::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(name.to_owned(), value.to_owned());
        }
    };
    let name = shorten(&request.subject, NAME);
    put("tradeNum", &request.pay_no);
    put("tradeName", if name.is_empty() { &request.pay_no } else { &name });
    put("tradeDesc", &shorten(request.body.as_deref().unwrap_or_default(), DESCRIPTION));
    put("tradeTime", &shanghai::compact(request.created_at));
    put("amount", &request.amount.fen().to_string());
    put("currency", "CNY");
    // 0 physical goods, 1 virtual ones.
    put("orderType", fact("order_type").filter(|kind| matches!(*kind, "0" | "1")).unwrap_or("0"));
    put("notifyUrl", &request.notify_url);
    // A payer whom the merchant does not name is somebody new each time.
    put("userId", fact("user_id").unwrap_or(&request.pay_no));
    put("ip", &request.client_ip);
    let left_s = request.deadline.saturating_sub(request.now_ms).saturating_add(999) / 1000;
    // There is no call that closes an order without also giving money back, so its own end goes with it.
    put("expireTime", &left_s.clamp(MIN_LIFETIME_S, LIFETIME_S).to_string());
    fields
}
