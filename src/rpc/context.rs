//! What a server function finds in its context.

use crate::model::UiError;
use crate::pay::Cashier;
use leptos::prelude::use_context;

/// The payment core.
///
/// # Errors
/// `Internal` outside of a request.
pub(crate) fn cashier() -> Result<Cashier, UiError> {
    use_context::<Cashier>().ok_or_else(|| UiError::Internal { id: request_id() })
}

/// The payer's or the member of staff's address, as the server's layers told it.
pub(crate) fn client_address() -> Option<String> {
    None
}

/// The request's number: finds it in the log.
pub(crate) fn request_id() -> String {
    "-".to_owned()
}
