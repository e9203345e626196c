//! One call of ours to a JSON interface and its verified answer.

use super::Lianlian;
use super::sign::Message;
use super::wire::{self, Meaning, field};
use crate::channels::http::{Call, Patience};
use crate::pay::channel::ChannelError;

/// An interface of the provider.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// Its name in figures and logs.
    operation: &'static str,
    production: &'static str,
    patience: Patience,
}

pub const QUERY: Api =
    Api { operation: "query", production: "https://queryapi.lianlianpay.com/orderquery.htm", patience: Patience::Query };
pub const REFUND: Api =
    Api { operation: "refund", production: "https://traderapi.lianlianpay.com/refund.htm", patience: Patience::Act };
pub const REFUND_QUERY: Api =
    Api { operation: "refund_query", production: "https://queryapi.lianlianpay.com/refundquery.htm", patience: Patience::Query };

/// Fields that the document puts outside the signature of query answers of version 1.1.
const UNSIGNED: &[&str] = &["bank_name", "memo"];
/// Masked facts about the payer, which were seen outside of it too.
const MASKED: &[&str] = &["card_no", "acct_name", "id_no", "id_type"];

/// An answer. A no may come without signature; a yes never does.
#[derive(Debug)]
pub struct Reply {
    pub meaning: Meaning,
    /// The signed fields only.
    pub fields: Message,
    /// Whether LianLian signed it.
    pub is_signed: bool,
    code: String,
    words: String,
}

/// Why there is no answer to go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    Unreachable(String),
    /// The request could not be made.
    Ours(ChannelError),
    /// Not signed by the provider.
    Forged(&'static str),
}

impl From<Trouble> for ChannelError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unreachable(reason) => Self::Unclear(reason),
            Trouble::Forged(reason) => Self::Unclear(reason.to_owned()),
            Trouble::Ours(error) => error,
        }
    }
}

impl Reply {
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    #[must_use]
    pub fn message(&self) -> &str {
        &self.words
    }

    /// Code and sentence together.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{} {}", self.code, self.words)
    }

    #[must_use]
    pub fn refused(&self) -> ChannelError {
        ChannelError::Refused { code: self.code.clone(), message: self.words.clone() }
    }

    #[must_use]
    pub fn unclear(&self) -> ChannelError {
        ChannelError::Unclear(self.said())
    }

    /// Makes sure that the answer is about what was asked for.
    ///
    /// # Errors
    /// `Unclear` for another value or none.
    pub fn is_about(&self, name: &str, value: &str) -> Result<(), ChannelError> {
        match field(&self.fields, name) {
            Some(given) if given == value => Ok(()),
            _ => Err(ChannelError::Unclear(format!("an answer about another {name}"))),
        }
    }
}

impl Lianlian {
    /// Calls an interface with these fields and our merchant number.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub(super) async fn ask(&self, api: Api, mut fields: Message) -> Result<Reply, Trouble> {
        fields.insert("oid_partner".to_owned(), self.oid_partner.clone());
        let sealed = self.keys.seal(fields).map_err(Trouble::Ours)?;
        let body = wire::write(&sealed);
        let url = self.gateway.url(api.production);
        let call = Call::post(api.operation, api.patience, url, "application/json;charset=utf-8", body.as_bytes());
        let reply = self.http.send(call).await.map_err(|error| match error {
            ChannelError::Unclear(reason) => Trouble::Unreachable(reason),
            other => Trouble::Ours(other),
        })?;
        if reply.status != 200 {
            return Err(Trouble::Unreachable(format!("answered HTTP {}", reply.status)));
        }
        let result = self.read_reply(&reply.body);
        if let Err(Trouble::Forged(reason)) = &result {
            tracing::error!(channel.kind = "lianlian", operation = api.operation, "an answer was not verified: {reason}");
        }
        result
    }

    /// Verifies first, reads afterwards.
    pub(super) fn read_reply(&self, body: &[u8]) -> Result<Reply, Trouble> {
        let message = wire::read(body).map_err(|problem| Trouble::Unreachable(format!("unreadable answer: {problem}")))?;
        let code = field(&message, "ret_code").unwrap_or_default().to_owned();
        let words: String = field(&message, "ret_msg").unwrap_or_default().chars().take(200).collect();
        let meaning = wire::meaning(&code);
        if field(&message, "sign").is_none() {
            return match meaning {
                Meaning::Handled => Err(Trouble::Forged("an answer without a signature")),
                // Refused at the door, before anybody knew who was asking: code and sentence are all there is.
                _ => Ok(Reply { meaning, fields: Message::new(), is_signed: false, code, words }),
            };
        }
        let fields = self.signed_part(message).ok_or(Trouble::Forged("the answer's signature does not fit"))?;
        if field(&fields, "oid_partner").is_some_and(|merchant| merchant != self.oid_partner) {
            return Err(Trouble::Forged("an answer to another merchant"));
        }
        Ok(Reply { meaning, fields, is_signed: true, code, words })
    }

    /// The fields that the signature covers: all of them, or all but those that are known to lie outside. What lies
    /// outside is dropped, so that nobody decides by it.
    fn signed_part(&self, mut message: Message) -> Option<Message> {
        if self.keys.verify(&message) {
            return Some(message);
        }
        message.retain(|name, _| !UNSIGNED.contains(&name.as_str()));
        if self.keys.verify(&message) {
            return Some(message);
        }
        message.retain(|name, _| !MASKED.contains(&name.as_str()));
        self.keys.verify(&message).then(|| {
            tracing::warn!(channel.kind = "lianlian", "an answer verified only without the masked facts about the payer");
            message
        })
    }
}
