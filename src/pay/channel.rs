//! The port to providers. A channel turns a request of ours into theirs and their answer into ours; it is stateless,
//! stores nothing and decides nothing about money.

mod abilities;
mod declaration;
mod notice;

pub use abilities::{Bill, BillKind, BillLine, Bills, RotatingKeys, SignIn};
pub use declaration::{Capabilities, Declaration, Field, Input, Limits, MethodSpec};
pub use notice::{Answer, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, RawNotice, Verdict};

use super::records::ChannelAccount;
use super::secret::Secret;
use crate::model::{Amount, ChannelKind, Method};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One provider account with one version of its credentials. No default bodies: a channel that forgets to verify does
/// not compile.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Starts a payment at the provider. A repeat with the same `pay_no` must be harmless there, except for bar codes,
    /// which the core never repeats.
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError>;

    /// Asks for the state of a payment.
    async fn query(&self, payment: &PaymentRef) -> Result<Remote, ChannelError>;

    /// Closes (bar codes: reverses) a payment. A payment the provider never saw or has closed before is `Closed`.
    async fn close(&self, payment: &PaymentRef) -> Result<Closing, ChannelError>;

    /// Sends money back. Repeated with the same `refund_no` after an unclear answer.
    async fn refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError>;

    /// Asks for the state of a refund.
    async fn query_refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError>;

    /// Verifies, then reads a notice. Pure: no call, no clock but `raw.now_ms`. Also compares app and merchant ids.
    fn read_notice(&self, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError>;

    /// What the provider wants to hear back.
    fn answer(&self, kind: NoticeKind, outcome: NoticeOutcome) -> Answer;

    /// A harmless signed question that proves the credentials: asks for a payment that does not exist.
    async fn check(&self) -> Result<CheckReport, ChannelError>;

    /// Itself, when the account can tell who the payer is.
    fn sign_in(&self) -> Option<&dyn SignIn>;

    /// Itself, when the provider's keys change.
    fn rotating_keys(&self) -> Option<&dyn RotatingKeys>;

    /// Itself, when the provider has bills.
    fn bills(&self) -> Option<&dyn Bills>;
}

/// Builds channels from stored accounts. Implemented once, by `channels::Registry`.
pub trait ChannelFactory: Send + Sync {
    /// # Errors
    /// `Credentials` naming the field when the account cannot work.
    fn open(&self, account: &ChannelAccount) -> Result<Arc<dyn Channel>, ChannelError>;

    /// What a kind of channel needs and can do; `None` while a kind is not built in.
    fn declaration(&self, kind: ChannelKind) -> Option<&'static Declaration>;
}

/// Everything a channel may need to start a payment.
#[derive(Debug, Clone)]
pub struct StartRequest {
    pub pay_no: String,
    pub method: Method,
    pub amount: Amount,
    /// Shown to the payer; a channel shortens it at a character border.
    pub subject: String,
    pub body: Option<String>,
    /// Where the provider sends its notices: `{public}/notify/{channel_id}/pay`.
    pub notify_url: String,
    /// Where the provider sends the browser back: `{public}/return/{pay_no}`.
    pub return_url: String,
    /// Our checkout page, for providers that want a page to give up to.
    pub checkout_url: String,
    /// Public address of the cashier, for H5 scene facts.
    pub public_url: String,
    /// Shown where a provider asks for a shop's name.
    pub merchant_name: String,
    pub created_at: i64,
    /// When the payment must be over, UTC ms.
    pub deadline: i64,
    pub now_ms: i64,
    /// The payer's address, or ours where unknown.
    pub client_ip: String,
    pub auth_code: Option<Secret<String>>,
    /// The order's `extra` and the call's own facts: `openid`, `user_id`, `user_name`, `id_no`, `phone`, …
    pub facts: BTreeMap<String, String>,
}

impl StartRequest {
    /// A fact the method cannot do without.
    ///
    /// # Errors
    /// `MissingFact` with its name.
    pub fn fact(&self, name: &'static str) -> Result<&str, ChannelError> {
        self.facts.get(name).map(String::as_str).filter(|v| !v.is_empty()).ok_or(ChannelError::MissingFact(name))
    }
}

/// A payment that was started before.
#[derive(Debug, Clone)]
pub struct PaymentRef {
    pub pay_no: String,
    pub method: Method,
    pub amount: Amount,
    pub provider_trade_no: Option<String>,
    /// [`Paid::payer`], once known.
    pub payer: Option<String>,
    /// What `start` asked to be kept.
    pub provider_data: BTreeMap<String, String>,
    pub created_at: i64,
    pub now_ms: i64,
}

/// What starting yielded.
#[derive(Debug, Clone)]
pub struct Started {
    pub next: NextStep,
    /// Until when `next` can be used, UTC ms; `None`: until the payment's deadline.
    pub code_expires_at: Option<i64>,
    /// Facts that later calls need (kept with the payment, not secret).
    pub provider_data: BTreeMap<String, String>,
    /// Set when the provider answered at once that it is paid.
    pub paid: Option<Paid>,
}

impl Started {
    #[must_use]
    pub fn step(next: NextStep) -> Self {
        Self { next, code_expires_at: None, provider_data: BTreeMap::new(), paid: None }
    }
}

/// What the payer has to do: `next` of the API, a panel on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NextStep {
    Qr { code_url: String, expires_at: i64 },
    Redirect { url: String },
    Form { action: String, fields: BTreeMap<String, String> },
    Invoke { bridge: String, params: serde_json::Map<String, serde_json::Value> },
    Wait,
    Done,
}

/// A payment as its provider sees it. Unknown states are `Pending`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    Paid(Paid),
    Pending,
    /// The provider does not know the number (yet): not opened, or never arrived.
    Unknown,
    Closed,
    /// A definite no.
    Failed {
        code: String,
        message: String,
    },
}

/// Money that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub trade_no: String,
    /// The order's total as the provider states it (never the cash part).
    pub amount: Amount,
    /// Masked or opaque id of the payer, as the provider gives it.
    pub payer: Option<String>,
    /// UTC ms; `None` when the provider did not say.
    pub paid_at: Option<i64>,
}

/// The result of closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    Closed,
    /// The provider has the money: ask for the details.
    AlreadyPaid,
    /// Not now (the payer is typing a password, too early, call again): try later.
    NotYet(String),
}

#[derive(Debug, Clone)]
pub struct RefundRequest {
    pub refund_no: String,
    pub pay_no: String,
    pub method: Method,
    pub provider_trade_no: Option<String>,
    /// [`Paid::payer`], once known.
    pub payer: Option<String>,
    pub provider_data: BTreeMap<String, String>,
    pub provider_refund_no: Option<String>,
    /// What was paid in all.
    pub paid_amount: Amount,
    pub amount: Amount,
    pub reason: String,
    /// `{public}/notify/{channel_id}/refund`.
    pub notify_url: String,
    pub paid_at: Option<i64>,
    pub created_at: i64,
    pub now_ms: i64,
}

/// A refund as its provider sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteRefund {
    Succeeded {
        provider_refund_no: Option<String>,
        succeeded_at: Option<i64>,
    },
    Processing {
        provider_refund_no: Option<String>,
    },
    /// The provider does not know the number: submit it again, with the same number.
    Unknown,
    Failed {
        code: String,
        message: String,
    },
}

/// Why a call to a provider did not work out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// A definite no of the provider: the call had no effect.
    #[error("refused: {code} {message}")]
    Refused { code: String, message: String },
    /// Timeout, 5xx, unreadable, unsigned, unknown code: nobody knows.
    #[error("unclear: {0}")]
    Unclear(String),
    /// No answer either, but the provider certainly got nothing.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The method needs a fact of the order's `extra`.
    #[error("{0} is required by this method")]
    MissingFact(&'static str),
    /// This channel cannot do it.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
    /// A credential field is missing or broken.
    #[error("{field}: {problem}")]
    Credentials { field: &'static str, problem: String },
}

/// The result of the "check" button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    pub ok: bool,
    /// What was asked.
    pub asked: String,
    /// What the provider said, in its words.
    pub answered: String,
    /// What that means and what to do; a message key of the panel.
    pub meaning: CheckMeaning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckMeaning {
    /// The provider accepted our signature and we its.
    Works,
    /// It refused our signature: key or sign type.
    OurSignatureRefused,
    /// We could not verify its reply: the provider's public key or certificate.
    TheirSignatureWrong,
    /// Ids unknown or not bound to each other.
    UnknownAccount,
    /// The product is not opened for this account.
    NotPermitted,
    /// No answer.
    Unreachable,
    /// Something else; read the provider's words.
    Other,
}
