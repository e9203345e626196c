//! Documents on their way: signed, then encrypted, then wrapped; and back again.
//!
//! A signature is made over the clear text, and checked over the very characters that were decrypted.

use super::Jd;
use super::document::{self, Document};
use super::sign::{self, Fields};
use crate::channels::credentials::wrong;
use crate::channels::http::{Call, Patience};
use crate::pay::channel::ChannelError;

pub const VERSION: &str = "V2.0";
const DONE: &str = "000000";
/// Largest message in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// An XML service.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its name in figures and logs.
    operation: &'static str,
    production: &'static str,
    patience: Patience,
}

pub const UNIORDER: Service =
    Service { operation: "start", production: "https://paygate.jd.com/service/uniorder", patience: Patience::Act };
pub const QUERY: Service =
    Service { operation: "query", production: "https://paygate.jd.com/service/query", patience: Patience::Query };
pub const REFUND: Service =
    Service { operation: "refund", production: "https://paygate.jd.com/service/refund", patience: Patience::Act };

/// What a message of JD's turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    /// Signed by JD.
    Yes(Box<Document>),
    /// A code other than success. Such messages carry neither signature nor encryption.
    No { code: String, words: String },
}

/// Why a message cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    #[error("{0}")]
    Unreadable(&'static str),
    /// Not encrypted with our key, or not signed with JD's.
    #[error("not signed by JD, or encrypted with another key")]
    Forged,
    /// Genuine, for somebody else.
    #[error("meant for another merchant")]
    Stranger,
}

/// An answer that was understood.
pub enum Reply {
    Yes(Box<Document>),
    No(No),
}

/// JD said no, in words that nobody signed. The list of its codes is not public, so they are never taken for more than
/// "this call did not do it".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct No {
    pub code: String,
    pub words: String,
}

impl No {
    /// Whether it says that there is no such payment or refund.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        let says = |word: &str| self.words.contains(word);
        (says("不存在") || says("未找到") || says("查无")) && !says("商户不存在") && !says("商户号不存在")
    }

    #[must_use]
    pub fn said(&self) -> String {
        format!("{} {}", self.code, self.words)
    }

    #[must_use]
    pub fn refused(self) -> ChannelError {
        ChannelError::Refused { code: self.code, message: self.words }
    }

    #[must_use]
    pub fn unclear(&self) -> ChannelError {
        ChannelError::Unclear(self.said())
    }
}

impl Jd {
    /// Signs and wraps a document of ours. `version` and `merchant` are put in.
    ///
    /// # Errors
    /// `Credentials` when the private key cannot sign.
    pub(super) fn wrap(&self, mut fields: Fields) -> Result<String, ChannelError> {
        fields.insert("version".to_owned(), VERSION.to_owned());
        fields.insert("merchant".to_owned(), self.merchant.clone());
        let clear = document::write(&fields);
        let sign = self.keys.sign(&clear).map_err(|problem| wrong("private_key_pem", problem))?;
        let encrypted = self.vault.seal(&document::insert_sign(&clear, &sign));
        Ok(document::envelope(VERSION, &self.merchant, &encrypted))
    }

    /// Opens a message of JD's: envelope, code, encryption, signature, merchant, in this order.
    ///
    /// # Errors
    /// See [`Closed`].
    pub(super) fn unwrap_message(&self, body: &[u8]) -> Result<Opened, Closed> {
        if body.len() > MAX_BYTES {
            return Err(Closed::Unreadable("larger than 64 KiB"));
        }
        let text = std::str::from_utf8(body).map_err(|_| Closed::Unreadable("not UTF-8"))?;
        let outer = document::read(text).map_err(Closed::Unreadable)?;
        let code = outer.get("result/code").ok_or(Closed::Unreadable("no result code"))?;
        if code != DONE {
            let words = outer.get("result/desc").unwrap_or_default().chars().take(200).collect();
            return Ok(Opened::No { code: code.to_owned(), words });
        }
        let encrypted = outer.get("encrypt").ok_or(Closed::Forged)?;
        let clear = self.vault.open(encrypted).ok_or(Closed::Forged)?;
        let inner = self.verified(&clear).ok_or(Closed::Forged)?;
        let inner = document::read(&inner).map_err(Closed::Unreadable)?;
        let ours = Some(self.merchant.as_str());
        if inner.get("merchant") != ours || outer.get("merchant") != ours {
            return Err(Closed::Stranger);
        }
        if inner.get("result/code") != Some(DONE) {
            return Err(Closed::Unreadable("two result codes that differ"));
        }
        Ok(Opened::Yes(Box::new(inner)))
    }

    /// The signed part of a decrypted document, in its own characters.
    fn verified(&self, clear: &str) -> Option<String> {
        let (text, sign) = sign::cut(clear)?;
        if self.keys.verify(&text, &sign) {
            return Some(text);
        }
        let joined = sign::document_text(&text);
        self.keys.verify(&joined, &sign).then_some(joined)
    }

    /// Calls a service.
    ///
    /// # Errors
    /// `Unclear` whenever there is no answer to go by.
    pub(super) async fn call(&self, service: Service, fields: Fields) -> Result<Reply, ChannelError> {
        match self.ask(service, fields).await? {
            Ok(Opened::Yes(document)) => Ok(Reply::Yes(document)),
            Ok(Opened::No { code, words }) => Ok(Reply::No(No { code, words })),
            Err(closed) => Err(ChannelError::Unclear(format!("an answer that cannot be read: {closed}"))),
        }
    }

    /// The same, with what is wrong with the answer.
    pub(super) async fn ask(&self, service: Service, fields: Fields) -> Result<Result<Opened, Closed>, ChannelError> {
        let body = self.wrap(fields)?;
        let url = self.gateway.url(service.production);
        let call = Call::post(service.operation, service.patience, url, "application/xml; charset=utf-8", body.as_bytes());
        let reply = self.http.send(call).await?;
        if reply.status != 200 {
            return Err(ChannelError::Unclear(format!("answered HTTP {}", reply.status)));
        }
        let opened = self.unwrap_message(&reply.body);
        if matches!(opened, Err(Closed::Forged | Closed::Stranger)) {
            tracing::error!(channel.kind = "jd", operation = service.operation, "an answer was not verified");
        }
        Ok(opened)
    }
}
