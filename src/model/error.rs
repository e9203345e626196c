//! What a page may say when something went wrong. Codes, not causes: causes stay in the server's log.

use serde::{Deserialize, Serialize};

/// An error that reaches the browser. `message` texts are ours and translated by the page that shows them.
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
    /// The provider said no.
    #[error("the provider refused: {message}")]
    Provider { message: String },
    /// The provider did not answer clearly; nothing is lost.
    #[error("the provider did not answer clearly; try again in a moment")]
    Unclear,
    #[error("too many attempts; try again in {seconds} s")]
    TooMany { seconds: u32 },
    /// `id` finds the cause in the log.
    #[error("internal error {id}")]
    Internal { id: String },
    /// The request could not be read or the answer did not arrive.
    #[error("the request could not be understood")]
    Transport,
}
