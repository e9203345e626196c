//! Errors on their way to the browser.

use crate::model::UiError;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    // The framework's own words may quote the request; the page shows a fixed sentence.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Transport
    }
}

impl From<ServerFnErrorErr> for UiError {
    fn from(error: ServerFnErrorErr) -> Self {
        Self::from_server_fn_error(error)
    }
}

/// The core's answer in the page's words. Causes go to the log under the request's number; the page shows only the number.
#[cfg(feature = "ssr")]
impl From<crate::pay::Error> for UiError {
    fn from(error: crate::pay::Error) -> Self {
        use crate::pay::Error as E;
        match error {
            E::Missing { field } => Self::Invalid { field, rule: "is required".to_owned() },
            E::Invalid { field, rule } => Self::Invalid { field, rule },
            E::NotFound { .. } => Self::NotFound,
            E::Denied => Self::Forbidden,
            E::TooMany { retry_after_s } => Self::TooMany { seconds: retry_after_s },
            E::ProviderRefused { code, message } => Self::Provider { message: if message.is_empty() { code } else { message } },
            E::ProviderUnclear => Self::Unclear,
            E::RefundTooMuch { left } => {
                let left = crate::model::Amount::from_stored(left).unwrap_or_default();
                Self::Invalid { field: "amount".to_owned(), rule: format!("must be at most {}", left.yuan()) }
            }
            E::Channel(crate::pay::channel::ChannelError::Credentials { field, problem }) => {
                Self::Invalid { field: format!("credentials[{field}]"), rule: problem }
            }
            E::Differs { .. }
            | E::AlreadyPaid
            | E::Closed
            | E::MethodUnavailable
            | E::AmountLimits { .. }
            | E::NotPaid
            | E::Conflict(_) => Self::Conflict { reason: error.to_string() },
            E::Store(_) | E::Channel(_) | E::Internal(_) => internal(&error),
        }
    }
}

#[cfg(feature = "ssr")]
impl From<crate::pay::store::StoreError> for UiError {
    fn from(error: crate::pay::store::StoreError) -> Self {
        crate::pay::Error::Store(error).into()
    }
}

#[cfg(feature = "ssr")]
fn internal(error: &crate::pay::Error) -> UiError {
    let id = super::request_id();
    tracing::error!(request_id = %id, cause = ?error, "A page's request failed inside.");
    UiError::Internal { id }
}
