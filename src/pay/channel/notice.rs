//! Notices: what arrives, what it says once verified, and what the provider hears.

use super::{Remote, RemoteRefund};
use crate::model::Amount;

/// Which of our notice addresses was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    Pay,
    Refund,
    Audit,
}

impl NoticeKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Refund => "refund",
            Self::Audit => "audit",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "pay" => Some(Self::Pay),
            "refund" => Some(Self::Refund),
            "audit" => Some(Self::Audit),
            _ => None,
        }
    }
}

/// A notice as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct RawNotice<'a> {
    pub kind: NoticeKind,
    /// Lower-case names.
    pub headers: &'a [(String, String)],
    /// The raw query string of the URL.
    pub query: &'a str,
    pub body: &'a [u8],
    pub now_ms: i64,
}

impl RawNotice<'_> {
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What a verified notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeFact {
    /// `pay_no` as the provider sent it: it may be no number of ours.
    Payment {
        pay_no: String,
        remote: Remote,
    },
    Refund {
        refund_no: String,
        remote: RemoteRefund,
    },
    /// Something happened to this refund; the notice itself is no proof, so ask.
    AskRefund {
        refund_no: String,
    },
    /// What became of a refund that the provider names by its own number only; the payment's number where it says that.
    ProviderRefund {
        pay_no: Option<String>,
        provider_refund_no: String,
        remote: RemoteRefund,
    },
    /// The provider asks whether this refund may be; the answer carries the [`Verdict`].
    RefundAudit {
        pay_no: String,
        provider_refund_no: String,
    },
    /// Verified and of no use to us.
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    #[error("unreadable: {0}")]
    Unreadable(String),
    #[error("bad signature")]
    Signature,
    #[error("timestamp outside the window")]
    Stale,
    /// Signed with a key of the provider's that we do not hold yet: [`RotatingKeys::fetch`](super::RotatingKeys::fetch),
    /// and let it come again.
    #[error("unknown key: {0}")]
    UnknownKey(String),
    /// Rightly signed, but for another app or merchant.
    #[error("another account: {0}")]
    WrongAccount(String),
}

/// How the handling of a notice ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeOutcome {
    /// Verified and stored, whatever it said.
    Accepted,
    /// Verified and stored; it asked whether a refund may be.
    Audited(Verdict),
    /// Not verified.
    Refused,
    /// We could not store it: send it again.
    Unavailable,
}

/// Whether a refund may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// This much goes back.
    Approve(Amount),
    /// Nothing goes back, for good.
    Reject,
    /// Not decided yet: ask again.
    Undecided,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}
