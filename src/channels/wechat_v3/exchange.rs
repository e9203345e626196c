//! One call to the provider: signed on the way out, verified on the way back, and judged.
//!
//! A success counts only with the provider's signature. A refusal that carries one is proved as well; without one it is
//! taken at its word where all it can do is keep money from moving. Everything else is doubt.

use super::account::Account;
use super::platform::{Disbelief, PlatformKeys, Seal};
use super::sign;
use super::wire::Refusal;
use crate::channels::gateway::Gateway;
use crate::channels::http::{Call, Http, Patience, Reply};
use crate::pay::World;
use crate::pay::channel::ChannelError;
use http::Method;

pub const PRODUCTION: &str = "https://api.mch.weixin.qq.com";
const CERTIFICATES: &str = "/v3/certificates";

/// A reply that can be believed.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The body of a signed success; empty for 204.
    Yes(Vec<u8>),
    No(Refusal),
}

/// A reply that cannot.
#[derive(Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Not signed by any key of the provider's that we know.
    Unproven(String),
    Other(ChannelError),
}

impl From<Doubt> for ChannelError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Unproven(reason) => Self::Unclear(reason),
            Doubt::Other(error) => error,
        }
    }
}

impl From<ChannelError> for Doubt {
    fn from(error: ChannelError) -> Self {
        Self::Other(error)
    }
}

/// A request before it is signed.
pub struct Request<'a> {
    /// For figures and logs.
    pub operation: &'static str,
    pub patience: Patience,
    pub method: Method,
    /// Path and query, percent-encoded as they will travel: they are part of what is signed.
    pub target: String,
    /// Serialised once; these very bytes are signed and sent.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    #[must_use]
    pub fn post(operation: &'static str, target: impl Into<String>, body: &'a [u8]) -> Self {
        Self { operation, patience: Patience::Act, method: Method::POST, target: target.into(), body }
    }

    #[must_use]
    pub fn get(operation: &'static str, target: impl Into<String>) -> Self {
        Self { operation, patience: Patience::Query, method: Method::GET, target: target.into(), body: &[] }
    }
}

/// The way to the provider and back.
pub struct Exchange {
    pub account: Account,
    pub keys: PlatformKeys,
    pub http: Http,
    pub gateway: Gateway,
    pub world: World,
}

impl Exchange {
    /// Sends one request with a fresh time, nonce and signature.
    ///
    /// # Errors
    /// `Unclear` when nobody knows whether it arrived.
    pub async fn send(&self, request: &Request<'_>) -> Result<Reply, ChannelError> {
        let (timestamp, nonce) = (self.world.now_ms().div_euclid(1000), self.world.number());
        let text = sign::request_text(request.method.as_str(), &request.target, timestamp, &nonce, request.body);
        let signature = sign::sign(&self.account.key, &text)?;
        let authorization = sign::authorization(&self.account.mchid, &self.account.serial_no, timestamp, &nonce, &signature);
        let url = self.gateway.url(&format!("{PRODUCTION}{}", request.target));
        let mut call = match request.method {
            Method::POST => Call::post(request.operation, request.patience, url, "application/json", request.body),
            _ => Call::get(request.operation, request.patience, url),
        }
        .header("accept", "application/json")
        .header("authorization", authorization);
        // Asks for the public key's signature; without it the provider signs with a certificate.
        if let Some(id) = self.keys.public_id() {
            call = call.header("wechatpay-serial", id);
        }
        self.http.send(call).await
    }

    /// Sends one request and judges the reply.
    ///
    /// # Errors
    /// `Doubt` when nobody knows what happened.
    pub async fn ask(&self, request: &Request<'_>) -> Result<Verdict, Doubt> {
        let reply = self.send(request).await?;
        if !(200..300).contains(&reply.status) {
            let is_proven = reply.header("wechatpay-signature").is_some();
            if is_proven {
                self.prove(&reply).await?;
            }
            let refusal = Refusal::read(&reply).map_err(ChannelError::Unclear)?;
            return Ok(Verdict::No(Refusal { is_proven, ..refusal }));
        }
        self.prove(&reply).await?;
        Ok(Verdict::Yes(reply.body))
    }

    /// Verifies a reply; fetches the certificates first when they are old, or once when the reply names one of which we
    /// have never heard.
    ///
    /// # Errors
    /// `Doubt::Unproven` with the reason.
    pub async fn prove(&self, reply: &Reply) -> Result<(), Doubt> {
        let unproven = |reason: &str| Doubt::Unproven(format!("the reply cannot be trusted: {reason}"));
        let seal = Seal::read(|name| reply.header(name)).ok_or_else(|| unproven("it is not signed"))?;
        if self.keys.is_old(self.world.now_ms())
            && let Err(error) = self.fetch_certificates().await
        {
            tracing::warn!(error = %error, "the platform certificates could not be renewed");
        }
        let mut judged = self.keys.verify(&seal, &reply.body, self.world.now_ms());
        if let Err(Disbelief::UnknownKey(_)) = judged {
            self.fetch_certificates().await.map_err(|e| unproven(&e.to_string()))?;
            judged = self.keys.verify(&seal, &reply.body, self.world.now_ms());
        }
        judged.map_err(|disbelief| match disbelief {
            Disbelief::Stale => unproven("its time is more than 5 minutes off"),
            Disbelief::UnknownKey(serial) => unproven(&format!("no key {serial} is known")),
            Disbelief::Signature => unproven("its signature is wrong"),
        })
    }

    /// Downloads the platform certificates and takes them over (provider's document: 下载平台证书).
    ///
    /// # Errors
    /// `Unclear` when they cannot be had, opened or believed, or when somebody tried a moment ago.
    pub async fn fetch_certificates(&self) -> Result<(), ChannelError> {
        let unclear = |reason: &str| ChannelError::Unclear(format!("platform certificates: {reason}"));
        if !self.keys.may_fetch(self.world.now_ms()) {
            return Err(unclear("were asked for a moment ago"));
        }
        let reply = self.send(&Request::get("certificates", CERTIFICATES)).await?;
        if reply.status != 200 {
            return Err(match Refusal::read(&reply) {
                Ok(refusal) => unclear(&format!("{} {}", refusal.code, refusal.message)),
                Err(reason) => unclear(&reason),
            });
        }
        let seal = Seal::read(|name| reply.header(name)).ok_or_else(|| unclear("the list is not signed"))?;
        let accepted = self.keys.accept(&seal, &reply.body, &self.account.seal_key, self.world.now_ms());
        accepted.map_err(|reason| unclear(&reason))
    }
}
