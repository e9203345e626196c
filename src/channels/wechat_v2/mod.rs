//! WeChat Pay, API v2: XML with MD5 or HMAC-SHA256 (provider's documents: 微信支付 APIv2).
//!
//! `sign` knows signatures, `wire` what replies mean, `order` what an order consists of, `notice` the provider's notices;
//! this file only asks and judges. Orders paid by bar code are reversed instead of closed, and reversals and refunds go
//! out with the merchant's TLS certificate.

mod declaration;
mod notice;
mod order;
pub mod sign;
mod wire;

use super::credentials::wrong;
use super::gateway::Gateway;
use super::http::{Call, Http, Patience, Reply};
use super::registry::{Provider, Setup};
use super::wechat_login::WechatLogin;
use super::xml::Map;
use crate::model::Method;
use crate::pay::channel::{
    Answer, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NextStep, NoticeError, NoticeFact, NoticeKind,
    NoticeOutcome, PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use crate::pay::{Secret, World};
use async_trait::async_trait;
use sign::SignType;
use std::sync::Arc;
use wire::{Account, Doubt, Verdict, refusal, text};

const PRODUCTION: &str = "https://api.mch.weixin.qq.com";
/// How long after a bar-code payment a reversal is refused.
const REVERSE_DELAY_MS: i64 = 15_000;
/// Longest `refund_desc` in bytes.
const REFUND_REASON: usize = 80;

pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

struct WechatV2 {
    account: Account,
    http: Http,
    /// With the merchant's certificate, where there is one.
    secure: Option<Http>,
    gateway: Gateway,
    world: World,
    login: Option<WechatLogin>,
}

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    let fields = &setup.fields;
    let owned = |name| fields.optional(name).map(str::to_owned);
    let sign_type = match fields.choice("sign_type", &[SignType::MD5, SignType::HMAC_SHA256])? {
        SignType::HMAC_SHA256 => SignType::HmacSha256,
        _ => SignType::Md5,
    };
    let account = Account {
        appid: fields.required("appid")?.to_owned(),
        mch_id: fields.required("mch_id")?.to_owned(),
        key: Secret::new(fields.required("key")?.to_owned()),
        sign_type,
        sub_appid: owned("sub_appid"),
        sub_mch_id: owned("sub_mch_id"),
    };
    if account.sub_appid.is_some() && account.sub_mch_id.is_none() {
        return Err(wrong("sub_mch_id", "is required together with sub_appid"));
    }
    let identity = fields.identity("client_cert_pem", "client_key_pem")?;
    let secure = identity.map(|identity| setup.http(Some(&identity))).transpose()?;
    let login = WechatLogin::open(setup, &account.appid)?;
    Ok(Arc::new(WechatV2 {
        account,
        http: setup.http(None)?,
        secure,
        gateway: setup.gateway.clone(),
        world: setup.world.clone(),
        login,
    }))
}

/// One of the provider's operations.
struct Operation {
    name: &'static str,
    path: &'static str,
    patience: Patience,
    with_certificate: bool,
}

const fn plain(name: &'static str, path: &'static str, patience: Patience) -> Operation {
    Operation { name, path, patience, with_certificate: false }
}

const fn secured(name: &'static str, path: &'static str) -> Operation {
    Operation { name, path, patience: Patience::Act, with_certificate: true }
}

const UNIFIED_ORDER: Operation = plain("start", "/pay/unifiedorder", Patience::Act);
const MICROPAY: Operation = plain("micropay", "/pay/micropay", Patience::Act);
const ORDER_QUERY: Operation = plain("query", "/pay/orderquery", Patience::Query);
const CLOSE_ORDER: Operation = plain("close", "/pay/closeorder", Patience::Act);
const REVERSE: Operation = secured("reverse", "/secapi/pay/reverse");
const REFUND: Operation = secured("refund", "/secapi/pay/refund");
const REFUND_QUERY: Operation = plain("refund_query", "/pay/refundquery", Patience::Query);

fn fields<const N: usize>(pairs: [(&str, String); N]) -> Map {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The provider's number of an order where we know it, else ours.
fn order_key(provider_trade_no: Option<&String>, pay_no: &str) -> (&'static str, String) {
    match provider_trade_no {
        Some(number) if !number.is_empty() => ("transaction_id", number.clone()),
        _ => ("out_trade_no", pay_no.to_owned()),
    }
}

impl WechatV2 {
    async fn send(&self, operation: &Operation, fields: Map) -> Result<Reply, ChannelError> {
        let http = match (&self.secure, operation.with_certificate) {
            (Some(secure), true) => secure,
            // A local gateway may do without; the provider's own hosts never do.
            (None, true) if self.gateway.is_production() => {
                return Err(wrong("client_cert_pem", "is required for refunds and reversals"));
            }
            _ => &self.http,
        };
        let body = self.account.request(self.world.number(), fields);
        let url = self.gateway.url(&format!("{PRODUCTION}{}", operation.path));
        http.send(Call::post(operation.name, operation.patience, url, "text/xml; charset=utf-8", body.as_bytes())).await
    }

    async fn ask(&self, operation: &Operation, fields: Map) -> Result<Verdict, ChannelError> {
        let reply = self.send(operation, fields).await?;
        Ok(wire::judge(&reply, &self.account, operation.with_certificate)?)
    }

    async fn start_micropay(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        match self.ask(&MICROPAY, order::micropay(request)?).await? {
            Verdict::Yes(reply) => {
                if text(&reply, "out_trade_no") != Some(request.pay_no.as_str()) {
                    return Err(ChannelError::Unclear("the reply is about another order".to_owned()));
                }
                let paid = wire::paid(&reply).map_err(ChannelError::Unclear)?;
                Ok(Started { paid: Some(paid), ..Started::step(NextStep::Done) })
            }
            Verdict::No { code, .. } if code == "USERPAYING" => Ok(Started::step(NextStep::Wait)),
            Verdict::No { code, message, .. } => Err(start_refusal(code, message)),
        }
    }

    async fn reverse(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        if payment.now_ms - payment.created_at < REVERSE_DELAY_MS {
            return Ok(Closing::NotYet("a bar-code payment can be reversed after 15 s".to_owned()));
        }
        let again = |reply: &Map| text(reply, "recall") == Some("Y");
        let key = order_key(payment.provider_trade_no.as_ref(), &payment.pay_no);
        match self.ask(&REVERSE, fields([key])).await? {
            Verdict::Yes(reply) if again(&reply) => Ok(Closing::NotYet("the reversal must be repeated".to_owned())),
            Verdict::Yes(_) => Ok(Closing::Closed),
            Verdict::No { code, message, fields } => match code.as_str() {
                "ORDERNOTEXIST" | "ORDERREVERSED" | "ORDERCLOSED" => Ok(Closing::Closed),
                "USERPAYING" => Ok(Closing::NotYet(format!("{code} {message}"))),
                _ if again(&fields) => Ok(Closing::NotYet(format!("{code} {message}"))),
                _ => Err(refusal(code, message)),
            },
        }
    }
}

/// A number that was used means that an order may be open or paid over there: only a query tells.
fn start_refusal(code: String, message: String) -> ChannelError {
    let used = matches!(code.as_str(), "ORDERPAID" | "OUT_TRADE_NO_USED")
        || (code == "INVALID_REQUEST" && (message.contains("201") || message.contains("重复")));
    if used { ChannelError::Unclear(format!("{code} {message}")) } else { refusal(code, message) }
}

#[async_trait]
impl Channel for WechatV2 {
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        if request.method == Method::WechatMicropay {
            return self.start_micropay(request).await;
        }
        match self.ask(&UNIFIED_ORDER, order::unified(request, &self.account)?).await? {
            Verdict::Yes(reply) => order::opened(&reply, request, &self.account, &self.gateway, self.world.number()),
            Verdict::No { code, message, .. } => Err(start_refusal(code, message)),
        }
    }

    async fn query(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        let key = order_key(payment.provider_trade_no.as_ref(), &payment.pay_no);
        match self.ask(&ORDER_QUERY, fields([key])).await? {
            Verdict::Yes(reply) => wire::remote(&reply, payment),
            Verdict::No { code, .. } if code == "ORDERNOTEXIST" => Ok(Remote::Unknown),
            Verdict::No { code, message, .. } => Err(refusal(code, message)),
        }
    }

    async fn close(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        if payment.method == Method::WechatMicropay {
            return self.reverse(payment).await;
        }
        match self.ask(&CLOSE_ORDER, fields([("out_trade_no", payment.pay_no.clone())])).await? {
            Verdict::Yes(_) => Ok(Closing::Closed),
            Verdict::No { code, message, .. } => match code.as_str() {
                "ORDERCLOSED" | "ORDERNOTEXIST" => Ok(Closing::Closed),
                "ORDERPAID" => Ok(Closing::AlreadyPaid),
                "FREQUENCY_LIMITED" | "USERPAYING" | "TRADE_STATE_ERROR" => Ok(Closing::NotYet(format!("{code} {message}"))),
                _ => Err(refusal(code, message)),
            },
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let mut asked = fields([
            order_key(request.provider_trade_no.as_ref(), &request.pay_no),
            ("out_refund_no", request.refund_no.clone()),
            ("total_fee", request.paid_amount.fen().to_string()),
            ("refund_fee", request.amount.fen().to_string()),
            ("refund_fee_type", "CNY".to_owned()),
            ("refund_desc", super::text::shorten(&request.reason, REFUND_REASON)),
        ]);
        // Without an address that the provider takes, the query alone tells the outcome.
        if !request.notify_url.contains(['?', '#']) && request.notify_url.len() <= 256 {
            asked.insert("notify_url".to_owned(), request.notify_url.clone());
        }
        match self.ask(&REFUND, asked).await? {
            Verdict::Yes(reply) => {
                if text(&reply, "out_refund_no") != Some(request.refund_no.as_str()) {
                    return Err(ChannelError::Unclear("the reply is about another refund".to_owned()));
                }
                if wire::fen(&reply, "refund_fee") != Some(request.amount) {
                    return Err(ChannelError::Unclear("the reply states another amount".to_owned()));
                }
                // Accepted, not done.
                Ok(RemoteRefund::Processing { provider_refund_no: text(&reply, "refund_id").map(str::to_owned) })
            }
            // The number may have been used before: not a no until the query says so.
            Verdict::No { code, message, .. } if code == "INVALID_REQUEST" => {
                Err(ChannelError::Unclear(format!("{code} {message}")))
            }
            Verdict::No { code, message, .. } => Err(refusal(code, message)),
        }
    }

    async fn query_refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        match self.ask(&REFUND_QUERY, fields([("out_refund_no", request.refund_no.clone())])).await? {
            Verdict::Yes(reply) => wire::remote_refund(&reply, request),
            Verdict::No { code, .. } if code == "REFUNDNOTEXIST" => Ok(RemoteRefund::Unknown),
            Verdict::No { code, message, .. } => Err(refusal(code, message)),
        }
    }

    fn read_notice(&self, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
        match raw.kind {
            NoticeKind::Pay => notice::payment(raw.body, &self.account),
            NoticeKind::Refund => notice::refund(raw.body, &self.account),
            NoticeKind::Audit => Err(NoticeError::Unreadable("this provider sends no such notice".to_owned())),
        }
    }

    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        notice::answer(outcome)
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let number = self.world.number();
        let asked = format!("{} out_trade_no={number}", ORDER_QUERY.path);
        let report = |meaning, answered: String| CheckReport { ok: meaning == CheckMeaning::Works, asked, answered, meaning };
        let reply = match self.send(&ORDER_QUERY, fields([("out_trade_no", number)])).await {
            Ok(reply) => reply,
            Err(error) => return Ok(report(CheckMeaning::Unreachable, error.to_string())),
        };
        Ok(match wire::judge(&reply, &self.account, false) {
            Ok(Verdict::Yes(_)) => report(CheckMeaning::Works, "SUCCESS".to_owned()),
            Ok(Verdict::No { code, message, .. }) => report(meaning(&code), format!("{code} {message}")),
            Err(Doubt::BadSignature) => {
                report(CheckMeaning::TheirSignatureWrong, ChannelError::from(Doubt::BadSignature).to_string())
            }
            Err(doubt) => report(CheckMeaning::Other, ChannelError::from(doubt).to_string()),
        })
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        self.login.as_ref().map(|login| login as &dyn SignIn)
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        None
    }

    fn bills(&self) -> Option<&dyn Bills> {
        None
    }
}

fn meaning(code: &str) -> CheckMeaning {
    match code {
        "ORDERNOTEXIST" => CheckMeaning::Works,
        "SIGNERROR" => CheckMeaning::OurSignatureRefused,
        "APPID_NOT_EXIST" | "MCHID_NOT_EXIST" | "APPID_MCHID_NOT_MATCH" => CheckMeaning::UnknownAccount,
        "NOAUTH" => CheckMeaning::NotPermitted,
        _ => CheckMeaning::Other,
    }
}

#[cfg(test)]
mod tests;
