//! Calls: signed forms out, unencoded answers in, believed only after [`trust`](super::trust).

use super::Unionpay;
use super::codes::{self, Meaning};
use super::message::{self, Fields};
use crate::channels::http::{Call, Patience};
use crate::pay::channel::ChannelError;

/// One of the provider's addresses.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    pub name: &'static str,
    pub host: &'static str,
    pub path: &'static str,
    pub patience: Patience,
}

const fn at(name: &'static str, path: &'static str, patience: Patience) -> Operation {
    Operation { name, host: GATEWAY, path, patience }
}

/// The production host of everything but files.
pub const GATEWAY: &str = "https://gateway.95516.com";
const FILES: &str = "https://filedownload.95516.com";

/// Where a browser posts a payment.
pub const FRONT: &str = "/gateway/api/frontTransReq.do";
pub const APP: Operation = at("start", "/gateway/api/appTransReq.do", Patience::Act);
pub const BACK: Operation = at("start", "/gateway/api/backTransReq.do", Patience::Act);
pub const REFUND: Operation = at("refund", "/gateway/api/backTransReq.do", Patience::Act);
pub const QUERY: Operation = at("query", "/gateway/api/queryTrans.do", Patience::Query);
pub const REFUND_QUERY: Operation = at("refund_query", "/gateway/api/queryTrans.do", Patience::Query);
pub const BILL: Operation = Operation { name: "bill", host: FILES, path: "/", patience: Patience::Act };

/// Why there is no answer to believe.
#[derive(Debug)]
pub enum Trouble {
    /// Nothing that can be read came back.
    Unreachable(String),
    Unreadable(String),
    /// An answer that is not UnionPay's, or not about us.
    Forged {
        code: String,
        words: String,
        why: String,
    },
    /// Never sent.
    Ours(ChannelError),
}

impl From<Trouble> for ChannelError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unreachable(reason) | Trouble::Unreadable(reason) => Self::Unclear(reason),
            Trouble::Forged { why, .. } => Self::Unclear(format!("the answer is not believed: {why}")),
            Trouble::Ours(error) => error,
        }
    }
}

/// A believed answer.
#[derive(Debug)]
pub struct Reply {
    pub fields: Fields,
}

impl Reply {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// # Errors
    /// `Unclear` when it is missing.
    pub fn need(&self, name: &str) -> Result<&str, ChannelError> {
        self.get(name).ok_or_else(|| ChannelError::Unclear(format!("the answer has no {name}")))
    }

    /// The result of the call itself.
    #[must_use]
    pub fn code(&self) -> &str {
        self.get("respCode").unwrap_or_default()
    }

    #[must_use]
    pub fn meaning(&self) -> Meaning {
        codes::meaning(self.code())
    }

    #[must_use]
    pub fn message(&self) -> String {
        self.get("respMsg").unwrap_or_default().to_owned()
    }

    #[must_use]
    pub fn words(&self) -> String {
        format!("{} {}", self.code(), self.message()).trim_end().to_owned()
    }

    #[must_use]
    pub fn unclear(&self) -> ChannelError {
        ChannelError::Unclear(self.words())
    }

    #[must_use]
    pub fn refused(&self) -> ChannelError {
        ChannelError::Refused { code: self.code().to_owned(), message: self.message() }
    }
}

impl Unionpay {
    /// A signed request of ours with what all of them have.
    ///
    /// # Errors
    /// `Credentials` when the key cannot sign.
    pub(super) fn signed(&self, mut fields: Fields) -> Result<Fields, ChannelError> {
        let common = [
            ("version", "5.1.0"),
            ("encoding", "UTF-8"),
            ("signMethod", "01"),
            ("accessType", "0"),
            ("merId", self.mer_id.as_str()),
        ];
        fields.extend(message::of(common));
        self.signer.sign(fields)
    }

    /// Sends a request and judges what comes back. An answer that names a number must name the one we asked about, and the
    /// answer to a question must name it.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub(super) async fn ask(&self, operation: Operation, fields: Fields, now_ms: i64) -> Result<Reply, Trouble> {
        let signed = self.signed(fields).map_err(Trouble::Ours)?;
        let body = message::form(&signed);
        let url = self.gateway.url(&format!("{}{}", operation.host, operation.path));
        let content_type = "application/x-www-form-urlencoded;charset=UTF-8";
        let call = Call::post(operation.name, operation.patience, url, content_type, body.as_bytes());
        let reply = self.http.send(call).await.map_err(|error| match error {
            ChannelError::Unclear(reason) => Trouble::Unreachable(reason),
            other => Trouble::Ours(other),
        })?;
        if reply.is_html() {
            return Err(Trouble::Unreadable(format!("answered with a web page (HTTP {})", reply.status)));
        }
        let fields = message::read_answer(trim_line_end(&reply.body))
            .map_err(|problem| Trouble::Unreadable(format!("the answer {problem} (HTTP {})", reply.status)))?;
        let reply = Reply { fields };
        let doubt = |why: String| Trouble::Forged { code: reply.code().to_owned(), words: reply.words(), why };
        self.trust.verify(&reply.fields, now_ms).map_err(|distrust| doubt(distrust.to_string()))?;
        let is_question = operation.path == QUERY.path;
        for name in ["merId", "orderId", "txnTime"] {
            if is_question && reply.get(name).is_none() {
                return Err(doubt(format!("it names no {name} ({})", reply.words())));
            }
            if let (Some(sent), Some(got)) = (signed.get(name), reply.get(name))
                && sent != got
                // The files' answer has its own time.
                && (name != "txnTime" || signed.contains_key("orderId"))
            {
                return Err(doubt(format!("it is about another {name}")));
            }
        }
        Ok(reply)
    }
}

/// The one thing around the body that is not part of it.
fn trim_line_end(body: &[u8]) -> &[u8] {
    let end = body.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |at| at + 1);
    &body[..end]
}
