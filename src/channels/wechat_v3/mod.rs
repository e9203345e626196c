//! WeChat Pay, API v3: JSON with RSA-SHA256 and AES-256-GCM (provider's documents: 微信支付 APIv3).
//!
//! `account` knows who we are, `sign` the signatures, `platform` the provider's keys, `exchange` one call and its proof,
//! `wire` what replies mean, `order` what an order consists of, `notice` the provider's notices, `bill` its bills; this file
//! only asks and judges.

mod account;
mod bill;
mod declaration;
mod exchange;
mod notice;
mod order;
mod platform;
pub mod sign;
mod wire;

use super::registry::{Provider, Setup};
use super::text;
use super::wechat_login::WechatLogin;
use crate::pay::channel::{
    Answer, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NoticeError, NoticeFact, NoticeKind, NoticeOutcome,
    PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use account::Account;
use async_trait::async_trait;
use exchange::{Doubt, Exchange, Request, Verdict};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use platform::PlatformKeys;
use serde::de::DeserializeOwned;
use serde_json::{Map, json};
use std::sync::Arc;
use wire::{Refund, Refusal, Transaction};

const REFUNDS: &str = "/v3/refund/domestic/refunds";
/// Longest `reason` in bytes.
const REFUND_REASON: usize = 80;
/// What needs no escape in a path, and survives every client and proxy as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

struct WechatV3 {
    exchange: Exchange,
    login: Option<WechatLogin>,
}

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    let account = Account::read(&setup.fields)?;
    let keys = PlatformKeys::new(account.public_key(&setup.fields)?);
    let login = WechatLogin::open(setup, &account.appid)?;
    let exchange =
        Exchange { account, keys, http: setup.http(None)?, gateway: setup.gateway.clone(), world: setup.world.clone() };
    Ok(Arc::new(WechatV3 { exchange, login }))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ChannelError> {
    serde_json::from_slice(body).map_err(|_| ChannelError::Unclear("the reply is unreadable".to_owned()))
}

impl WechatV3 {
    fn account(&self) -> &Account {
        &self.exchange.account
    }

    async fn ask(&self, request: &Request<'_>) -> Result<Verdict, ChannelError> {
        Ok(self.exchange.ask(request).await?)
    }

    fn order_target(&self, pay_no: &str) -> String {
        format!("{}/out-trade-no/{}", self.account().orders_path(), escaped(pay_no))
    }

    /// What a refusal to close means that says the order is over. Who stops waiting for money needs proof of that: where
    /// nobody signed the refusal, the order's own state is asked for, which is signed.
    async fn ended(&self, payment: &PaymentRef, refusal: Refusal) -> Result<Closing, ChannelError> {
        if refusal.is_proven {
            return Ok(Closing::Closed);
        }
        match self.ask(&Request::get("query", self.query_target(payment))).await? {
            Verdict::Yes(reply) => Ok(match read::<Transaction>(&reply)?.remote(payment, self.account())? {
                Remote::Closed | Remote::Failed { .. } => Closing::Closed,
                Remote::Paid(_) => Closing::AlreadyPaid,
                _ => Closing::NotYet(refusal.words()),
            }),
            Verdict::No(query) if query.code == "ORDER_NOT_EXIST" && query.is_proven => Ok(Closing::Closed),
            Verdict::No(_) => Err(ChannelError::Unclear(format!("{}, which nobody signed", refusal.words()))),
        }
    }

    /// By the provider's number of an order where we know it, else by ours.
    fn query_target(&self, payment: &PaymentRef) -> String {
        let path = match payment.provider_trade_no.as_ref().filter(|number| !number.is_empty()) {
            Some(number) => format!("{}/id/{}", self.account().orders_path(), escaped(number)),
            None => self.order_target(&payment.pay_no),
        };
        path + &self.account().order_query()
    }

    fn refund_target(&self, refund_no: &str) -> String {
        let sub = self.account().sub.as_ref().map(|sub| format!("?sub_mchid={}", sub.mchid)).unwrap_or_default();
        format!("{REFUNDS}/{}{sub}", escaped(refund_no))
    }
}

#[async_trait]
impl Channel for WechatV3 {
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        let target = format!("{}/{}", self.account().orders_path(), order::endpoint(request.method)?);
        let body = order::body(request, self.account(), &self.exchange.gateway)?;
        match self.ask(&Request::post("start", target, &body)).await? {
            Verdict::Yes(reply) => {
                order::opened(&reply, request, self.account(), &self.exchange.gateway, self.exchange.world.number())
            }
            Verdict::No(refusal) if refusal.says_used() => Err(ChannelError::Unclear(refusal.words())),
            Verdict::No(refusal) => Err(refusal.error()),
        }
    }

    async fn query(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        match self.ask(&Request::get("query", self.query_target(payment))).await? {
            Verdict::Yes(reply) => read::<Transaction>(&reply)?.remote(payment, self.account()),
            Verdict::No(refusal) if refusal.code == "ORDER_NOT_EXIST" => Ok(Remote::Unknown),
            Verdict::No(refusal) => Err(refusal.error()),
        }
    }

    async fn close(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        let mut body = Map::new();
        self.account().name_merchants(&mut body);
        let body = serde_json::Value::Object(body).to_string();
        let target = format!("{}/close", self.order_target(&payment.pay_no));
        match self.ask(&Request::post("close", target, body.as_bytes())).await? {
            Verdict::Yes(_) => Ok(Closing::Closed),
            Verdict::No(refusal) if refusal.says_paid() => Ok(Closing::AlreadyPaid),
            Verdict::No(refusal) if matches!(refusal.code.as_str(), "ORDER_CLOSED" | "ORDER_NOT_EXIST") => {
                self.ended(payment, refusal).await
            }
            Verdict::No(refusal) if refusal.says_later() => Ok(Closing::NotYet(refusal.words())),
            Verdict::No(refusal) => Err(refusal.error()),
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let mut body = Map::new();
        let mut put = |name: &str, value| body.insert(name.to_owned(), value);
        if let Some(sub) = &self.account().sub {
            put("sub_mchid", json!(sub.mchid));
        }
        match request.provider_trade_no.as_ref().filter(|number| !number.is_empty()) {
            Some(number) => put("transaction_id", json!(number)),
            None => put("out_trade_no", json!(request.pay_no)),
        };
        put("out_refund_no", json!(request.refund_no));
        let reason = text::shorten(&request.reason, REFUND_REASON);
        if !reason.is_empty() {
            put("reason", json!(reason));
        }
        // Without an address that the provider takes, the query alone tells the outcome.
        if order::check_notify_url(&request.notify_url, &self.exchange.gateway).is_ok() {
            put("notify_url", json!(request.notify_url));
        }
        put("amount", json!({"refund": request.amount.fen(), "total": request.paid_amount.fen(), "currency": "CNY"}));
        let body = serde_json::Value::Object(body).to_string();
        match self.ask(&Request::post("refund", REFUNDS, body.as_bytes())).await? {
            Verdict::Yes(reply) => read::<Refund>(&reply)?.remote(request),
            // The number may have been used before, or the order is not there yet: not a no until the query says so.
            Verdict::No(refusal) if matches!(refusal.code.as_str(), "INVALID_REQUEST" | "RESOURCE_NOT_EXISTS") => {
                Err(ChannelError::Unclear(refusal.words()))
            }
            Verdict::No(refusal) => Err(refusal.error()),
        }
    }

    async fn query_refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        match self.ask(&Request::get("refund_query", self.refund_target(&request.refund_no))).await? {
            Verdict::Yes(reply) => read::<Refund>(&reply)?.remote(request),
            Verdict::No(refusal) if refusal.code == "RESOURCE_NOT_EXISTS" => Ok(RemoteRefund::Unknown),
            Verdict::No(refusal) => Err(refusal.error()),
        }
    }

    fn read_notice(&self, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
        match raw.kind {
            // The event says what it is about; the address is only where it came.
            NoticeKind::Pay | NoticeKind::Refund => notice::read(raw, self.account(), &self.exchange.keys),
            NoticeKind::Audit => Err(NoticeError::Unreadable("this provider sends no such notice".to_owned())),
        }
    }

    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        notice::answer(outcome)
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let number = self.exchange.world.number();
        let target = self.order_target(&number) + &self.account().order_query();
        let asked = format!("GET {target}");
        let report = |meaning, answered: String| {
            Ok(CheckReport { ok: meaning == CheckMeaning::Works, asked: asked.clone(), answered, meaning })
        };
        let reply = match self.exchange.send(&Request::get("query", target.clone())).await {
            Ok(reply) => reply,
            Err(error @ ChannelError::Credentials { .. }) => return Err(error),
            Err(error) => return report(CheckMeaning::Unreachable, error.to_string()),
        };
        let refusal = match Refusal::read(&reply) {
            Ok(refusal) => refusal,
            Err(reason) => return report(CheckMeaning::Other, reason),
        };
        let (meaning, words) = (meaning(&refusal.code), refusal.words());
        if meaning != CheckMeaning::Works {
            return report(meaning, words);
        }
        // Refusals need no signature, but most have one; without a public key the certificates must be there for the rest.
        let signed = reply.header("wechatpay-signature").is_some_and(|s| !s.starts_with(sign::PROBE));
        let proof = if signed {
            self.exchange.prove(&reply).await
        } else if self.exchange.keys.public_id().is_none() {
            self.exchange.fetch_certificates().await.map_err(|e| Doubt::Unproven(e.to_string()))
        } else {
            Ok(())
        };
        match proof {
            Ok(()) => report(CheckMeaning::Works, words),
            Err(doubt) => report(CheckMeaning::TheirSignatureWrong, ChannelError::from(doubt).to_string()),
        }
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        self.login.as_ref().map(|login| login as &dyn SignIn)
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        Some(self)
    }

    fn bills(&self) -> Option<&dyn Bills> {
        Some(self)
    }
}

#[async_trait]
impl RotatingKeys for WechatV3 {
    async fn fetch(&self) -> Result<(), ChannelError> {
        self.exchange.fetch_certificates().await
    }
}

fn meaning(code: &str) -> CheckMeaning {
    match code {
        "ORDER_NOT_EXIST" => CheckMeaning::Works,
        "SIGN_ERROR" => CheckMeaning::OurSignatureRefused,
        "APPID_MCHID_NOT_MATCH" | "MCH_NOT_EXISTS" => CheckMeaning::UnknownAccount,
        "NO_AUTH" => CheckMeaning::NotPermitted,
        _ => CheckMeaning::Other,
    }
}

#[cfg(test)]
mod tests;
