//! The status of a page that cannot show what was asked for.

#[cfg(feature = "ssr")]
use http::StatusCode;
#[cfg(feature = "ssr")]
use leptos::prelude::use_context;
#[cfg(feature = "ssr")]
use leptos_axum::ResponseOptions;

/// Sets the status of the page being rendered. Only of use before the first byte leaves: at once, or where the page has waited
/// for its data.
pub fn respond(status: u16) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
