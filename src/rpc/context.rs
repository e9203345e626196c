//! What a server function finds in its context. The edge puts it there.

use crate::model::UiError;
use crate::pay::Cashier;
use http::header::HeaderName;
use http::request::Parts;
use leptos::prelude::use_context;
use std::net::IpAddr;

/// In the extensions of every request: the address of whoever calls, as the edge has found it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerAddress(pub IpAddr);

/// The payment core.
///
/// # Errors
/// `Internal` outside of a request.
pub(crate) fn cashier() -> Result<Cashier, UiError> {
    use_context::<Cashier>().ok_or_else(|| UiError::Internal { id: request_id() })
}

/// The payer's or the member of staff's address.
pub(crate) fn client_address() -> Option<String> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<CallerAddress>().map(|address| address.0.to_string()))
}

/// A header of the request that is being answered, where it is text.
pub(crate) fn header(name: HeaderName) -> Option<String> {
    use_context::<Parts>()?.headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The request's number: finds it in the log.
pub(crate) fn request_id() -> String {
    header(HeaderName::from_static("x-request-id")).unwrap_or_else(|| "-".to_owned())
}
