//! JD Pay's V2.0 gateway (京东支付): the cashier for computers and phones, QR codes, and the XML services.
//!
//! [`vault`] knows the triple DES, [`sign`] the bare RSA over a digest's hex, [`document`] the XML; [`exchange`] puts them
//! together in the one right order, [`start`], [`settle`] and [`notice`] speak for the core. Must not know storage, pages
//! or other providers.

mod declaration;
mod document;
mod exchange;
mod notice;
mod settle;
pub mod sign;
mod start;
mod vault;

#[cfg(test)]
mod tests;

use super::credentials::wrong;
use super::gateway::Gateway;
use super::http::Http;
use super::legacy_keys::LegacyKey;
use super::{Provider, Setup};
use crate::channels::credentials::Fields as Credentials;
use crate::pay::World;
use crate::pay::channel::{
    Answer, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NoticeError, NoticeFact, NoticeKind, NoticeOutcome,
    PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use async_trait::async_trait;
use exchange::{Closed, No, Opened};
use sign::{Fields, Keys};
use std::sync::Arc;
use vault::Vault;

/// This provider's entry in the registry.
pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    let (merchant, vault, keys) = account(&setup.fields)?;
    let (gateway, world) = (setup.gateway.clone(), setup.world.clone());
    Ok(Arc::new(Jd { merchant, vault, keys, gateway, http: setup.http(None)?, world }))
}

/// The account's fields, read and checked against each other.
fn account(fields: &Credentials<'_>) -> Result<(String, Vault, Keys), ChannelError> {
    let merchant = fields.required("merchant")?.to_owned();
    let vault = Vault::read(fields.required("des_key")?).map_err(|problem| wrong("des_key", problem))?;
    let ours = LegacyKey::read(fields.required("private_key_pem")?).map_err(|problem| wrong("private_key_pem", problem))?;
    let theirs = fields.verifying_key("jd_public_key_pem")?;
    if ours.belongs_to(&theirs) {
        return Err(wrong("jd_public_key_pem", "is your own public key; JD's belongs here"));
    }
    Ok((merchant, vault, Keys { ours, theirs }))
}

/// One account at JD.
struct Jd {
    merchant: String,
    vault: Vault,
    keys: Keys,
    gateway: Gateway,
    http: Http,
    world: World,
}

#[async_trait]
impl Channel for Jd {
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        self.begin(request).await
    }

    async fn query(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        self.state(payment).await
    }

    async fn close(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        self.shut(payment).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        self.send_back(request).await
    }

    async fn query_refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        self.refund_state(request).await
    }

    fn read_notice(&self, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
        notice::read(self, raw.body)
    }

    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        notice::answer(outcome)
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let number = self.world.number();
        let asked = Fields::from([("tradeNum".to_owned(), number.clone()), ("tradeType".to_owned(), "0".to_owned())]);
        let (meaning, answered) = match self.ask(exchange::QUERY, asked).await {
            Ok(Ok(Opened::Yes(_))) => (CheckMeaning::Works, "000000".to_owned()),
            Ok(Ok(Opened::No { code, words })) => {
                let no = No { code, words };
                (check(&no), no.said())
            }
            Ok(Err(Closed::Unreadable(problem))) => (CheckMeaning::Unreachable, problem.to_owned()),
            Ok(Err(closed)) => (CheckMeaning::TheirSignatureWrong, closed.to_string()),
            Err(ChannelError::Unclear(reason) | ChannelError::NotSent(reason)) => (CheckMeaning::Unreachable, reason),
            Err(error) => return Err(error),
        };
        Ok(CheckReport { ok: meaning == CheckMeaning::Works, asked: format!("service/query {number}"), answered, meaning })
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        None
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        None
    }

    fn bills(&self) -> Option<&dyn Bills> {
        None
    }
}

/// What a no to a question about a payment that does not exist says about the account. The list of codes is not public, so
/// its words have to do; a person reads them too.
fn check(no: &No) -> CheckMeaning {
    let says = |word: &str| no.words.contains(word);
    if no.is_absent() {
        CheckMeaning::Works
    } else if says("签名") || says("验签") || says("解密") {
        CheckMeaning::OurSignatureRefused
    } else if says("商户") {
        CheckMeaning::UnknownAccount
    } else if says("权限") {
        CheckMeaning::NotPermitted
    } else {
        CheckMeaning::Other
    }
}
