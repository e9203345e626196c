//! UnionPay's online gateway (银联全渠道), version 5.1.0 with RSA certificates: gateway, mobile web, app control and QR.
//!
//! [`message`] knows how messages are written and read, [`pfx`] our half of the signatures and [`trust`] theirs,
//! [`exchange`] asks, [`codes`] says what an answer means, [`order`], [`settle`], [`notice`] and [`bill`] speak for the
//! core. Must not know storage, pages or other providers.

mod bill;
mod codes;
mod declaration;
mod exchange;
pub mod message;
mod moment;
mod notice;
mod order;
mod pfx;
mod settle;
mod trust;
mod zip;

#[cfg(test)]
mod tests;

use super::certificates;
use super::credentials::{Fields, wrong};
use super::gateway::Gateway;
use super::http::Http;
use super::{Provider, Setup};
use crate::pay::World;
use crate::pay::channel::{
    Answer, Bill, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NoticeError, NoticeFact, NoticeKind,
    NoticeOutcome, PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use async_trait::async_trait;
use exchange::Trouble;
use std::sync::Arc;
use std::time::Duration;

/// This provider's entry in the registry.
pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

/// Waits before the questions about a refund whose answer was no answer (the specification's rhythm for calls that move
/// money). They end while the caller still waits; the core's own plan goes on from there.
const ASK_AFTER: &[Duration] = &[Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// How long these questions may take in all, answers included. Then the doubt is told.
const ASK_WITHIN: Duration = Duration::from_secs(8);

/// One merchant account at UnionPay.
struct Unionpay {
    mer_id: String,
    signer: pfx::Signer,
    trust: trust::Trust,
    gateway: Gateway,
    http: Http,
    world: World,
    ask_after: &'static [Duration],
    ask_within: Duration,
}

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    Ok(Arc::new(account(&setup.fields, setup.gateway.clone(), setup.http(None)?, setup.world.clone())?))
}

fn account(fields: &Fields<'_>, gateway: Gateway, http: Http, world: World) -> Result<Unionpay, ChannelError> {
    let mer_id = fields.required("mer_id")?;
    if mer_id.len() != 15 || !mer_id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(wrong("mer_id", "must be 15 letters and digits"));
    }
    // Card numbers never pass through us, so nothing is encrypted for it; but a file that is stored must be the right one.
    if let Some(text) = fields.optional("encrypt_cert_pem") {
        certificates::read_certificates(text).map_err(|problem| wrong("encrypt_cert_pem", problem))?;
    }
    Ok(Unionpay {
        mer_id: mer_id.to_owned(),
        signer: pfx::Signer::read(fields)?,
        trust: trust::Trust::read(fields, gateway.is_production())?,
        gateway,
        http,
        world,
        ask_after: ASK_AFTER,
        ask_within: ASK_WITHIN,
    })
}

#[async_trait]
impl Channel for Unionpay {
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
        notice::read(self, raw)
    }

    // The provider looks at the status alone: 200 (or 302) ends its deliveries, anything else brings the notice again.
    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        let (status, body) = match outcome {
            NoticeOutcome::Accepted | NoticeOutcome::Audited(_) => (200, "ok"),
            NoticeOutcome::Refused => (400, "fail"),
            NoticeOutcome::Unavailable => (503, "fail"),
        };
        Answer { status, content_type: "text/plain", body: body.to_owned() }
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let now_ms = self.world.now_ms();
        let number = self.world.number();
        let (meaning, answered) = match self.ask(exchange::QUERY, order::question(&number, now_ms), now_ms).await {
            Ok(reply) => (codes::check(reply.code()), reply.words()),
            Err(Trouble::Unreachable(reason)) => (CheckMeaning::Unreachable, reason),
            Err(Trouble::Unreadable(reason)) => (CheckMeaning::Other, reason),
            Err(Trouble::Forged { code, words, why }) => match codes::check(&code) {
                CheckMeaning::Works => (CheckMeaning::TheirSignatureWrong, format!("{words} ({why})")),
                meaning => (meaning, format!("{words} ({why})")),
            },
            Err(Trouble::Ours(error)) => return Err(error),
        };
        let asked = format!("{} orderId={number}", exchange::QUERY.path);
        Ok(CheckReport { ok: meaning == CheckMeaning::Works, asked, answered, meaning })
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        None
    }

    // Their certificate travels with every message and is judged there: nothing to fetch.
    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        None
    }

    fn bills(&self) -> Option<&dyn Bills> {
        Some(self)
    }
}

#[async_trait]
impl Bills for Unionpay {
    async fn bill(&self, day: &str) -> Result<Bill, ChannelError> {
        self.settlement(day).await
    }
}
