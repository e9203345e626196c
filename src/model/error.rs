//! What a page may say when something went wrong. Codes, not causes: causes stay in the server's log.

use super::Amount;
use serde::{Deserialize, Serialize};

/// An error that reaches the browser. `rule` and `reason` are the core's own English sentences, put into the page's language
/// by whoever shows them; `message` is the provider's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum UiError {
    #[error("sign in first")]
    Unauthenticated,
    #[error("your role does not allow this")]
    Forbidden,
    #[error("not found")]
    NotFound,
    /// A field of a form is wrong; `rule` says how it must be.
    #[error("{field}: {rule}")]
    Invalid { field: String, rule: String },
    /// The object changed in the meantime or is in another state.
    #[error("{reason}")]
    Conflict { reason: String },
    /// Not offered for this order.
    #[error("this method is not available for this order")]
    MethodUnavailable,
    /// The method takes other amounts only.
    #[error("the amount must be from {} to {} yuan for this method", .min.yuan(), .max.yuan())]
    AmountLimits { min: Amount, max: Amount },
    /// The provider said no.
    #[error("the provider refused: {message}")]
    Provider { message: String },
    /// The provider did not answer clearly; nothing is lost.
    #[error("the provider did not answer clearly; try again in a moment")]
    Unclear,
    #[error("too many attempts; try again in {seconds} s")]
    TooMany { seconds: u32 },
    /// What stores everything does not answer; `id` finds the cause in the log.
    #[error("not available at the moment {id}")]
    Unavailable { id: String },
    /// `id` finds the cause in the log.
    #[error("internal error {id}")]
    Internal { id: String },
    /// The request could not be read or the answer did not arrive.
    #[error("the request could not be understood")]
    Transport,
}

impl UiError {
    /// A field of a form is wrong, and how it must be.
    pub fn invalid(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), rule: rule.into() }
    }

    /// The HTTP status of a page that has nothing else to show.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } | Self::Transport => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict { .. } => 409,
            Self::MethodUnavailable | Self::AmountLimits { .. } | Self::Provider { .. } => 422,
            Self::TooMany { .. } => 429,
            Self::Internal { .. } => 500,
            Self::Unclear => 502,
            Self::Unavailable { .. } => 503,
        }
    }
}
