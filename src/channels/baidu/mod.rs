//! Baidu's cashier of smart mini programs (百度收银台): the page that `swan.requestPolymerPayment` opens.
//!
//! Nothing is created at Baidu when a payment starts: [`order`] signs what the mini program hands to the cashier. Two
//! generations of server calls exist side by side: [`legacy`] signs its requests with our key and knows orders by Baidu's
//! numbers only; [`openapi`] is let in by a token and finds an order by ours. [`settle`] chooses between them. Replies of
//! both carry no signature; [`notice`]s do. Must not know storage, pages or other providers.

mod account;
mod declaration;
mod legacy;
mod notice;
mod openapi;
mod order;
mod reply;
mod settle;
pub mod sign;

#[cfg(test)]
mod tests;

use super::gateway::Gateway;
use super::http::Http;
use super::{Provider, Setup};
use crate::pay::World;
use crate::pay::channel::{
    Answer, Bills, Channel, ChannelError, CheckReport, Closing, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, PaymentRef,
    RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest, Started,
};
use account::Account;
use async_trait::async_trait;
use std::sync::Arc;

/// This provider's entry in the registry.
pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    Ok(Arc::new(Baidu {
        account: Account::open(&setup.fields)?,
        gateway: setup.gateway.clone(),
        http: setup.http(None)?,
        world: setup.world.clone(),
        token: tokio::sync::Mutex::default(),
    }))
}

/// One payment service of a mini program.
struct Baidu {
    account: Account,
    gateway: Gateway,
    http: Http,
    world: World,
    /// What lets the calls of the newer generation in, while it lives.
    token: tokio::sync::Mutex<Option<openapi::Token>>,
}

#[async_trait]
impl Channel for Baidu {
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        Ok(Started::step(order::next_step(&self.account, request)?))
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
        notice::read(&self.account, raw.kind, raw.body)
    }

    fn answer(&self, kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        notice::answer(kind, outcome)
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        self.prove().await
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        None
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        None
    }

    // The bill calls answer with the address of a file whose columns no document describes.
    fn bills(&self) -> Option<&dyn Bills> {
        None
    }
}
