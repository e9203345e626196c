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
        use crate::pay::channel::ChannelError;
        use crate::pay::store::StoreError;
        match error {
            E::Missing { field } => Self::invalid(field, "is required"),
            E::Invalid { field, rule } => Self::invalid(field, rule),
            E::NotFound { .. } => Self::NotFound,
            E::Denied => Self::Forbidden,
            E::TooMany { retry_after_s } => Self::TooMany { seconds: retry_after_s },
            E::ProviderRefused { code, message } => Self::Provider { message: if message.is_empty() { code } else { message } },
            E::ProviderUnclear => Self::Unclear,
            E::MethodUnavailable => Self::MethodUnavailable,
            E::AmountLimits { min, max } => Self::AmountLimits { min: amount(min), max: amount(max) },
            E::RefundTooMuch { left } => Self::invalid("amount", format!("must be at most {}", amount(left).yuan())),
            E::Channel(ChannelError::Credentials { field, problem }) => Self::invalid(format!("credentials[{field}]"), problem),
            E::Differs { .. } | E::AlreadyPaid | E::Closed | E::NotPaid | E::Conflict(_) => {
                Self::Conflict { reason: error.to_string() }
            }
            E::Store(StoreError::Unavailable(_)) => Self::Unavailable { id: logged(&error) },
            E::Store(_) | E::Channel(_) | E::Internal(_) => Self::Internal { id: logged(&error) },
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
fn amount(fen: i64) -> crate::model::Amount {
    crate::model::Amount::from_stored(fen).unwrap_or_default()
}

/// The number under which the cause stands in the log.
#[cfg(feature = "ssr")]
fn logged(error: &crate::pay::Error) -> String {
    let id = super::request_id();
    tracing::error!(request_id = %id, cause = ?error, "A page's request failed inside.");
    id
}
