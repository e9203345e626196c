//! What the payment core answers when it cannot do what it was asked. Edges turn these into codes and sentences.

use super::channel::ChannelError;
use super::store::StoreError;

/// The one error of the use cases.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input is missing (280001).
    #[error("{field} is required")]
    Missing { field: String },
    /// An input breaks a rule (280002).
    #[error("{field} {rule}")]
    Invalid { field: String, rule: String },
    /// No such object, or not this caller's (280201, 280402).
    #[error("{what} not found")]
    NotFound { what: &'static str },
    /// The number is in use with other parameters (280202).
    #[error("the number is in use with other values of {}", fields.join(", "))]
    Differs { fields: Vec<&'static str> },
    /// The order is paid already (280203).
    #[error("the order is already paid")]
    AlreadyPaid,
    /// The order is closed or expired (280204).
    #[error("the order is closed")]
    Closed,
    /// Not offered for this order (280301).
    #[error("this method is not available for this order")]
    MethodUnavailable,
    /// The method has a minimum or maximum (280302).
    #[error("the amount must be from {min} to {max} fen for this method")]
    AmountLimits { min: i64, max: i64 },
    /// More than what is left to refund (280401).
    #[error("at most {left} fen can be refunded")]
    RefundTooMuch { left: i64 },
    /// Nothing to refund yet (280403).
    #[error("the order is not paid")]
    NotPaid,
    /// The provider's definite no (280501).
    #[error("the provider refused: {code} {message}")]
    ProviderRefused { code: String, message: String },
    /// The provider did not answer, or not clearly (280502).
    #[error("the provider did not answer clearly")]
    ProviderUnclear,
    /// The caller may not do this.
    #[error("not allowed")]
    Denied,
    /// Somebody else changed the object; look again.
    #[error("{0}")]
    Conflict(String),
    /// Too many attempts; wait that long.
    #[error("too many attempts")]
    TooMany { retry_after_s: u32 },
    #[error("storage")]
    Store(#[from] StoreError),
    /// A channel that cannot even be built: its credentials are broken.
    #[error("channel")]
    Channel(#[source] ChannelError),
    /// Something that must not happen; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    pub fn invalid(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), rule: rule.into() }
    }

    pub fn missing(field: impl Into<String>) -> Self {
        Self::Missing { field: field.into() }
    }
}

impl From<ChannelError> for Error {
    fn from(e: ChannelError) -> Self {
        match e {
            ChannelError::Refused { code, message } => Self::ProviderRefused { code, message },
            ChannelError::Unclear(_) | ChannelError::NotSent(_) => Self::ProviderUnclear,
            ChannelError::MissingFact(field) => Self::missing(field),
            ChannelError::Unsupported(_) => Self::MethodUnavailable,
            other @ ChannelError::Credentials { .. } => Self::Channel(other),
        }
    }
}
