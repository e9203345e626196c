//! The one way out to providers: time limits, size limit, verified TLS, no redirects, no proxy from the environment.
//!
//! Knows nothing of any provider's format. Bodies, addresses with queries and headers are never logged.

use super::credentials::wrong;
use super::keys::{self, Block};
use crate::model::ChannelKind;
use crate::pay::channel::ChannelError;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const CONNECT: Duration = Duration::from_secs(3);
/// Largest reply in bytes.
pub const MAX_REPLY: usize = 1024 * 1024;
/// Largest file in bytes.
const MAX_FILE: usize = 64 * 1024 * 1024;
/// Pools are few: one per merchant certificate and CA. The cap only stops endless growth by rotations.
const MAX_POOLS: usize = 256;

/// How long the caller can wait for a whole exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// A question: 5 s.
    Query,
    /// Anything that moves money or starts something: 10 s.
    Act,
    /// A file, such as a day's bill: 60 s, and up to 64 MiB.
    Download,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    query: Duration,
    act: Duration,
    download: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { query: Duration::from_secs(5), act: Duration::from_secs(10), download: Duration::from_secs(60) }
    }
}

/// A TLS client certificate of ours with its private key.
pub struct Identity {
    pem: zeroize::Zeroizing<String>,
    key_field: &'static str,
}

impl Identity {
    /// `key_field` is the credential field of the key, for error texts.
    pub(super) fn new(chain: &[Block], key: &Block, key_field: &'static str) -> Self {
        let label = match key.label.as_deref() {
            Some(label) => label,
            None if rsa::pkcs8::PrivateKeyInfo::try_from(key.der.as_slice()).is_ok() => "PRIVATE KEY",
            None => "RSA PRIVATE KEY",
        };
        let mut pem = zeroize::Zeroizing::new(keys::pem(label, &key.der));
        for certificate in chain {
            pem.push_str(&keys::pem("CERTIFICATE", &certificate.der));
        }
        Self { pem, key_field }
    }
}

/// All connection pools of the process, one per pair of client certificate and CA: a connection that was opened without
/// the certificate, or with another merchant's, must never be reused.
#[derive(Default)]
pub struct Transport {
    limits: Limits,
    pools: Mutex<HashMap<[u8; 32], reqwest::Client>>,
}

impl Transport {
    /// # Errors
    /// `Credentials` naming `ca_pem` or the key field when they cannot be used.
    pub fn open(&self, kind: ChannelKind, identity: Option<&Identity>, ca_pem: Option<&str>) -> Result<Http, ChannelError> {
        let ca_pem = ca_pem.map(str::trim).filter(|c| !c.is_empty());
        let mut hash = Sha256::new();
        hash.update(identity.map_or("", |i| i.pem.as_str()));
        hash.update([0]);
        hash.update(ca_pem.unwrap_or_default());
        let key: [u8; 32] = hash.finalize().into();
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = pools.get(&key) {
            return Ok(Http { client: client.clone(), limits: self.limits, kind });
        }
        let client = build(identity, ca_pem)?;
        if pools.len() >= MAX_POOLS {
            pools.clear();
        }
        pools.insert(key, client.clone());
        Ok(Http { client, limits: self.limits, kind })
    }
}

fn build(identity: Option<&Identity>, ca_pem: Option<&str>) -> Result<reqwest::Client, ChannelError> {
    let roots = match ca_pem {
        Some(text) => certificates(text)?,
        None => Vec::new(),
    };
    let builder = || -> Result<reqwest::ClientBuilder, ChannelError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cashier/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(30));
        if let Some(identity) = identity {
            let pair = reqwest::Identity::from_pem(identity.pem.as_bytes())
                .map_err(|_| wrong(identity.key_field, "certificate and key cannot be read together"))?;
            builder = builder.identity(pair);
        }
        Ok(builder)
    };
    // The channel's CA counts in addition to the system's. A system without any (a bare container) still reaches plain
    // HTTP gateways and its own CA; everything else then fails to verify, which is right.
    let client = builder()?.tls_certs_merge(roots.clone()).build();
    client.or_else(|error| {
        let fallback = builder()?.tls_certs_only(roots).build().map_err(|_| match identity {
            Some(identity) => wrong(identity.key_field, "does not fit the certificate"),
            None => wrong("ca_pem", &format!("cannot set up TLS: {error}")),
        })?;
        tracing::warn!("no certificate authorities found on this system; HTTPS to providers will fail");
        Ok(fallback)
    })
}

fn certificates(text: &str) -> Result<Vec<reqwest::Certificate>, ChannelError> {
    let blocks = keys::blocks(text).map_err(|problem| wrong("ca_pem", problem))?;
    blocks.iter().map(|b| reqwest::Certificate::from_der(&b.der).map_err(|_| wrong("ca_pem", "is not a certificate"))).collect()
}

/// A request to a provider.
pub struct Call<'a> {
    /// The operation's name for figures and logs, such as `start`.
    pub operation: &'static str,
    pub patience: Patience,
    pub method: http::Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: &'a [u8],
}

impl<'a> Call<'a> {
    #[must_use]
    pub fn post(operation: &'static str, patience: Patience, url: String, content_type: &str, body: &'a [u8]) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { operation, patience, method: http::Method::POST, url, headers, body }
    }

    #[must_use]
    pub fn get(operation: &'static str, patience: Patience, url: String) -> Self {
        Self { operation, patience, method: http::Method::GET, url, headers: Vec::new(), body: &[] }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What came back, with a status of 2xx or 4xx.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Whether the provider's front end answered with a web page instead of its protocol.
    #[must_use]
    pub fn is_html(&self) -> bool {
        let start: Vec<u8> =
            self.body.iter().skip_while(|b| b.is_ascii_whitespace()).take(14).map(u8::to_ascii_lowercase).collect();
        start.starts_with(b"<html") || start.starts_with(b"<!doctype html")
    }
}

/// A channel's way out.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    limits: Limits,
    kind: ChannelKind,
}

impl Http {
    /// Sends one request and reads the whole reply.
    ///
    /// # Errors
    /// `Unclear` whenever the provider may or may not have acted: time-out, 5xx, redirect, a reply that is too large or breaks
    /// off. `NotSent` when a payment was to begin and there was no connection.
    pub async fn send(&self, call: Call<'_>) -> Result<Reply, ChannelError> {
        let begun = Instant::now();
        let operation = call.operation;
        let result = self.exchange(call).await;
        let outcome = match &result {
            Ok(_) => "answered",
            Err(failure) => failure.outcome,
        };
        let kind = self.kind.as_str();
        metrics::histogram!("cashier_provider_call_seconds", "kind" => kind, "operation" => operation)
            .record(begun.elapsed().as_secs_f64());
        metrics::counter!("cashier_provider_calls_total", "kind" => kind, "operation" => operation, "outcome" => outcome)
            .increment(1);
        result.map_err(|failure| {
            let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(
                channel.kind = kind,
                operation,
                outcome,
                duration_ms,
                "a call to a provider failed: {}",
                failure.reason
            );
            // Only of what a payment begins with: a later call of the same step says nothing about the first.
            if failure.outcome == CONNECT_FAILED && FIRST_CALLS.contains(&operation) {
                return ChannelError::NotSent(failure.reason);
            }
            ChannelError::Unclear(failure.reason)
        })
    }

    async fn exchange(&self, call: Call<'_>) -> Result<Reply, Failure> {
        let (limit, most) = match call.patience {
            Patience::Query => (self.limits.query, MAX_REPLY),
            Patience::Act => (self.limits.act, MAX_REPLY),
            Patience::Download => (self.limits.download, MAX_FILE),
        };
        let mut request = self.client.request(call.method, &call.url).timeout(limit);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        if !call.body.is_empty() {
            request = request.body(call.body.to_vec());
        }
        let mut response = request.send().await.map_err(|e| Failure::of(&e))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(Failure::new("redirect", format!("answered with a redirect (HTTP {})", status.as_u16())));
        }
        if !status.is_success() && !status.is_client_error() {
            return Err(Failure::new("server_error", format!("answered HTTP {}", status.as_u16())));
        }
        let too_large = || Failure::new("too_large", format!("the reply is larger than {} MiB", most / 1024 / 1024));
        if response.content_length().is_some_and(|n| usize::try_from(n).is_ok_and(|n| n > most)) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| Failure::of(&e))? {
            if body.len() + chunk.len() > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status: status.as_u16(), headers: std::mem::take(response.headers_mut()), body })
    }
}

/// The operations that a payment begins with.
const FIRST_CALLS: [&str; 2] = ["start", "micropay"];
/// The outcome of a call for which there was no connection, so that nothing of it was sent.
const CONNECT_FAILED: &str = "connect";

struct Failure {
    outcome: &'static str,
    reason: String,
}

impl Failure {
    fn new(outcome: &'static str, reason: String) -> Self {
        Self { outcome, reason }
    }

    /// The library's own text is not used: it contains the address with its query.
    fn of(error: &reqwest::Error) -> Self {
        let (outcome, reason) = if error.is_connect() {
            (CONNECT_FAILED, "no connection, or TLS was refused")
        } else if error.is_timeout() {
            ("timeout", "no complete answer in time")
        } else if error.is_builder() {
            ("request", "the address or a header is not valid")
        } else {
            ("broken", "the connection broke off")
        };
        Self::new(outcome, reason.to_owned())
    }
}

#[cfg(test)]
mod tests;
