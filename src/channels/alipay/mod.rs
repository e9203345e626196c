//! Alipay's open platform: `gateway.do` with RSA2 signatures, in public-key mode and in certificate mode.
//!
//! [`wire`] and [`sign`] build what travels, [`node`] and [`exchange`] take answers apart, [`codes`] says what a code
//! means, [`start`], [`settle`] and [`notice`] speak for the core. Must not know storage, pages or other providers.

mod account;
mod cert;
mod codes;
mod content;
mod declaration;
mod exchange;
mod node;
mod notice;
mod settle;
pub mod sign;
mod sign_in;
mod start;
mod trade;
mod wire;

#[cfg(test)]
mod tests;

use super::http::Http;
use super::{Provider, Setup};
use crate::pay::World;
use crate::pay::channel::{
    Answer, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NoticeError, NoticeFact, NoticeKind, NoticeOutcome,
    PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use account::Account;
use async_trait::async_trait;
use exchange::Trouble;
use std::sync::Arc;
use wire::Biz;

/// This provider's entry in the registry.
pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    Ok(Arc::new(Alipay {
        account: Account::open(&setup.fields)?,
        gateway: setup.gateway.url(&format!("{}{}", declaration::DECLARATION.production_url, wire::PATH)),
        sign_in_page: setup.gateway.url(sign_in::PAGE),
        http: setup.http(None)?,
        world: setup.world.clone(),
    }))
}

/// One account at Alipay.
struct Alipay {
    account: Account,
    /// The gateway's whole address, without a query.
    gateway: String,
    /// The page that tells who the buyer is, without a query.
    sign_in_page: String,
    http: Http,
    world: World,
}

#[async_trait]
impl Channel for Alipay {
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
        notice::read(&self.account, raw.body)
    }

    // Anything but these exact seven bytes makes Alipay send the notice again.
    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        let word = match outcome {
            NoticeOutcome::Accepted | NoticeOutcome::Audited(_) => "success",
            NoticeOutcome::Refused | NoticeOutcome::Unavailable => "fail",
        };
        Answer { status: 200, content_type: "text/plain", body: word.to_owned() }
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let number = self.world.number();
        let biz = Biz::default().with("out_trade_no", &number);
        let (meaning, answered) = match self.ask(exchange::QUERY, biz, self.world.now_ms(), None).await {
            Ok(reply) => {
                let text = |name: &str| reply.fields.text(name).unwrap_or_default();
                (codes::check(text("code"), text("sub_code")), reply.words())
            }
            Err(Trouble::Unreachable(reason)) => (CheckMeaning::Unreachable, reason),
            Err(Trouble::Forged(reason)) => (CheckMeaning::TheirSignatureWrong, reason),
            Err(Trouble::Unsigned { code, sub_code, words }) => match codes::check(&code, &sub_code) {
                CheckMeaning::Works => (CheckMeaning::TheirSignatureWrong, format!("{words} (without a signature)")),
                meaning => (meaning, words),
            },
            Err(Trouble::Ours(error)) => return Err(error),
        };
        let asked = format!("{} {number}", exchange::QUERY.method);
        Ok(CheckReport { ok: meaning == CheckMeaning::Works, asked, answered, meaning })
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        Some(self)
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        None
    }

    fn bills(&self) -> Option<&dyn Bills> {
        None
    }
}
