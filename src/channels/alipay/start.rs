//! Starting a payment: three methods whose request the browser or the app carries, three that we call ourselves.

use super::Alipay;
use super::codes::Meaning;
use super::exchange::{self, Api, Reply};
use super::trade;
use super::wire::{self, Biz};
use crate::channels::shanghai;
use crate::model::Method;
use crate::pay::channel::{ChannelError, NextStep, PaymentRef, Remote, StartRequest, Started};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The shortest life of a trade the provider accepts, seconds.
pub const MIN_LIFETIME_S: i64 = 60;
/// How long a precreated code can be scanned, seconds.
pub const CODE_LIFETIME_S: i64 = 2 * 60 * 60;

impl Alipay {
    pub(super) async fn begin(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        match request.method {
            Method::AlipayPage => {
                let biz = order(request, "FAST_INSTANT_TRADE_PAY");
                let (action, fields) = self.signed("alipay.trade.page.pay", biz, request, true)?.form(&self.gateway);
                Ok(Started::step(NextStep::Form { action, fields }))
            }
            Method::AlipayWap => {
                let biz = order(request, "QUICK_WAP_WAY").with("quit_url", &request.checkout_url);
                let url = self.signed("alipay.trade.wap.pay", biz, request, true)?.get_url(&self.gateway);
                Ok(Started::step(NextStep::Redirect { url }))
            }
            Method::AlipayApp => {
                let biz = order(request, "QUICK_MSECURITY_PAY");
                let text = self.signed("alipay.trade.app.pay", biz, request, false)?.order_string();
                Ok(Started::step(invoke("alipay_app", "orderStr", text)))
            }
            Method::AlipayQr => self.precreate(request).await,
            Method::AlipayBar => self.charge(request).await,
            Method::AlipayJsapi => self.create(request).await,
            _ => Err(ChannelError::Unsupported("this method")),
        }
    }

    fn signed(&self, method: &str, biz: Biz, request: &StartRequest, returns: bool) -> Result<wire::Signed, ChannelError> {
        let return_url = if returns { request.return_url.as_str() } else { "" };
        self.sign(method, biz, request.now_ms, &[("notify_url", &request.notify_url), ("return_url", return_url)])
    }

    async fn precreate(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        let biz = order(request, "FACE_TO_FACE_PAYMENT");
        let reply = self.create_call(exchange::PRECREATE, biz, request).await?;
        if reply.meaning != Meaning::Done {
            return self.not_started(request, &reply).await;
        }
        let code_url = reply.need("qr_code")?.to_owned();
        let expires_at = request.deadline.min(request.now_ms + CODE_LIFETIME_S * 1000);
        let mut started = Started::step(NextStep::Qr { code_url, expires_at });
        started.code_expires_at = Some(expires_at);
        Ok(started)
    }

    async fn create(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        let mini_program = request.facts.get("op_app_id").filter(|id| !id.is_empty());
        let product = if mini_program.is_some() { "JSAPI_PAY" } else { "FACE_TO_FACE_PAYMENT" };
        let (name, id) = buyer(&request.facts).ok_or(ChannelError::MissingFact("user_id"))?;
        let biz = order(request, product).with(name, id).maybe("op_app_id", mini_program.map(String::as_str));
        let reply = self.create_call(exchange::CREATE, biz, request).await?;
        if reply.meaning != Meaning::Done {
            return self.not_started(request, &reply).await;
        }
        let trade_no = reply.need("trade_no")?.to_owned();
        Ok(Started::step(invoke("alipay_jsapi", "tradeNO", trade_no)))
    }

    async fn charge(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        let auth_code = request.auth_code.as_ref().ok_or(ChannelError::MissingFact("auth_code"))?;
        let biz = order(request, "FACE_TO_FACE_PAYMENT").with("scene", "bar_code").with("auth_code", auth_code.expose());
        let reply = self.create_call(exchange::PAY, biz, request).await?;
        match reply.meaning {
            Meaning::Done => {
                let mut started = Started::step(NextStep::Done);
                started.paid = Some(trade::paid(&reply.fields)?);
                Ok(started)
            }
            Meaning::Waiting => Ok(Started::step(NextStep::Wait)),
            _ => self.not_started(request, &reply).await,
        }
    }

    async fn create_call(&self, api: Api, biz: Biz, request: &StartRequest) -> Result<Reply, ChannelError> {
        let reply = self.call(api, biz, request.now_ms, Some(&request.notify_url)).await?;
        if matches!(reply.meaning, Meaning::Done | Meaning::Waiting) {
            reply.is_about("out_trade_no", &request.pay_no)?;
        }
        Ok(reply)
    }

    /// What a reply other than success means for the payment: it may be paid already, or its number used up.
    async fn not_started(&self, request: &StartRequest, reply: &Reply) -> Result<Started, ChannelError> {
        match reply.meaning {
            Meaning::Refused => Err(reply.refused()),
            Meaning::Paid | Meaning::Follow => {
                let payment = PaymentRef {
                    pay_no: request.pay_no.clone(),
                    method: request.method,
                    amount: request.amount,
                    payer: None,
                    provider_trade_no: None,
                    provider_data: BTreeMap::new(),
                    created_at: request.created_at,
                    now_ms: request.now_ms,
                };
                match self.state(&payment).await? {
                    Remote::Paid(paid) => Ok(Started { paid: Some(paid), ..Started::step(NextStep::Done) }),
                    Remote::Closed => Err(reply.refused()),
                    _ => Err(reply.unclear()),
                }
            }
            _ => Err(reply.unclear()),
        }
    }
}

/// The fields that every payment-creating method takes. A deadline always goes along: without it a link handed out
/// earlier could still be paid after we closed the order.
fn order(request: &StartRequest, product_code: &str) -> Biz {
    let deadline = request.deadline.max(request.now_ms + MIN_LIFETIME_S * 1000);
    Biz::default()
        .with("out_trade_no", &request.pay_no)
        .with("total_amount", request.amount.yuan())
        .with("subject", wire::subject(&request.subject, &request.pay_no))
        .with("product_code", product_code)
        .with("time_expire", shanghai::spaced(deadline))
        .maybe("body", request.body.as_deref().and_then(wire::body))
}

fn invoke(bridge: &str, name: &str, value: String) -> NextStep {
    let params = Map::from_iter([(name.to_owned(), Value::String(value))]);
    NextStep::Invoke { bridge: bridge.to_owned(), params }
}

/// The payer in the provider's words: newer apps know an open id, older ones a number that begins with 2088.
fn buyer(facts: &BTreeMap<String, String>) -> Option<(&'static str, &str)> {
    let is_number = |id: &str| id.len() == 16 && id.starts_with("2088") && id.bytes().all(|b| b.is_ascii_digit());
    let fact = |name: &str| facts.get(name).map(String::as_str).filter(|id| !id.is_empty());
    if let Some(id) = fact("buyer_open_id") {
        return Some(("buyer_open_id", id));
    }
    // An order's own user id may stand under the same name: only the provider's form of it is meant here.
    if let Some(id) = ["buyer_id", "user_id", "openid"].into_iter().filter_map(fact).find(|id| is_number(id)) {
        return Some(("buyer_id", id));
    }
    fact("openid").map(|id| ("buyer_open_id", id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payer_is_named_in_the_providers_terms() {
        let facts = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        for (given, expected) in [
            (facts(&[]), None),
            (facts(&[("user_id", "shop-user-7")]), None),
            (facts(&[("user_id", "2088000000000009")]), Some(("buyer_id", "2088000000000009"))),
            (facts(&[("buyer_id", "2088000000000009"), ("user_id", "7")]), Some(("buyer_id", "2088000000000009"))),
            (facts(&[("buyer_open_id", "074a1C"), ("user_id", "2088000000000009")]), Some(("buyer_open_id", "074a1C"))),
            (facts(&[("openid", "074a1C")]), Some(("buyer_open_id", "074a1C"))),
            (facts(&[("openid", "2088000000000009")]), Some(("buyer_id", "2088000000000009"))),
            (facts(&[("buyer_open_id", "")]), None),
        ] {
            let given: BTreeMap<String, String> = given;
            assert_eq!(buyer(&given), expected, "{given:?}");
        }
    }
}
