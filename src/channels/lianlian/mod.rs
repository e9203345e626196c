//! LianLian Pay's web and WAP gateways (连连支付): verified card payment, and the JSON interfaces beside it.
//!
//! [`sign`] knows the one signed text and its two ways of closing it, [`wire`] the flat JSON and what codes mean, [`order`]
//! what an order consists of; [`exchange`], [`settle`] and [`notice`] speak for the core. Must not know storage, pages or
//! other providers.

mod declaration;
mod exchange;
mod notice;
mod order;
mod settle;
pub mod sign;
mod wire;

#[cfg(test)]
mod tests;

use super::gateway::Gateway;
use super::http::Http;
use super::{Provider, Setup};
use crate::model::Method;
use crate::pay::World;
use crate::pay::channel::{
    Answer, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NextStep, NoticeError, NoticeFact, NoticeKind,
    NoticeOutcome, PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use async_trait::async_trait;
use exchange::Trouble;
use sign::{Keys, Message};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::Meaning;

/// This provider's entry in the registry.
pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

const WEB: &str = "https://cashier.lianlianpay.com/payment/authpay.htm";
const WEB_NET_BANK: &str = "https://cashier.lianlianpay.com/payment/bankgateway.htm";
const WAP: &str = "https://wap.lianlianpay.com/authpay.htm";

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    Ok(Arc::new(Lianlian {
        oid_partner: setup.fields.required("oid_partner")?.to_owned(),
        keys: Keys::open(&setup.fields)?,
        gateway: setup.gateway.clone(),
        http: setup.http(None)?,
        world: setup.world.clone(),
    }))
}

/// One account at LianLian.
struct Lianlian {
    oid_partner: String,
    keys: Keys,
    gateway: Gateway,
    http: Http,
    world: World,
}

#[async_trait]
impl Channel for Lianlian {
    /// Nothing is called: the payer's browser carries the order to the provider. The provider's word on it (a used number,
    /// a wrong signature) is shown there, and reaches us only by asking.
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        let sealed = |fields: Message| self.keys.seal(fields);
        let (action, fields) = match request.method {
            Method::LianlianWeb => {
                let page = if order::is_net_bank(request) { WEB_NET_BANK } else { WEB };
                (page, sealed(order::fields(&self.oid_partner, request)?)?)
            }
            Method::LianlianWap => {
                let data = order::req_data(&sealed(order::fields(&self.oid_partner, request)?)?);
                (WAP, BTreeMap::from([("req_data".to_owned(), data)]))
            }
            _ => return Err(ChannelError::Unsupported("this method")),
        };
        let mut started = Started::step(NextStep::Form { action: self.gateway.url(action), fields });
        let dt_order = crate::channels::shanghai::compact(request.created_at);
        started.provider_data.insert(settle::DT_ORDER.to_owned(), dt_order);
        if request.method == Method::LianlianWeb {
            started.code_expires_at = Some(request.deadline.min(request.now_ms + order::FORM_LIFETIME_MS));
        }
        Ok(started)
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
        notice::read(&self.keys, &self.oid_partner, raw.body)
    }

    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        notice::answer(outcome)
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let now = self.world.now_ms();
        let number = self.world.number();
        let asked = BTreeMap::from([
            ("no_order".to_owned(), number.clone()),
            ("dt_order".to_owned(), crate::channels::shanghai::compact(now)),
        ]);
        let (meaning, answered) = match self.ask(exchange::QUERY, asked).await {
            Ok(reply) => (check(reply.meaning, reply.code()), reply.said()),
            Err(Trouble::Unreachable(reason)) => (CheckMeaning::Unreachable, reason),
            Err(Trouble::Forged(reason)) => (CheckMeaning::TheirSignatureWrong, reason.to_owned()),
            Err(Trouble::Ours(error)) => return Err(error),
        };
        Ok(CheckReport { ok: meaning == CheckMeaning::Works, asked: format!("orderquery {number}"), answered, meaning })
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

/// What the answer to a question about a payment that does not exist says about the account.
fn check(meaning: Meaning, code: &str) -> CheckMeaning {
    match (meaning, code) {
        (Meaning::Absent, _) => CheckMeaning::Works,
        (_, "1001") => CheckMeaning::OurSignatureRefused,
        (_, "3001") => CheckMeaning::UnknownAccount,
        (_, "1008" | "1009" | "3010") => CheckMeaning::NotPermitted,
        _ => CheckMeaning::Other,
    }
}
