//! What somebody typed into a form that failed, for the page that shows the form again. It waits in the session, never in
//! the address, and never a secret.

use serde::{Deserialize, Serialize};

/// The fields of one failed form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TypedForm {
    /// Where it was posted to.
    pub path: String,
    /// Name and value, as they were sent; a name may come several times.
    pub fields: Vec<(String, String)>,
}

/// In the extensions of a request for a page that shows a failure: what the session kept. Put there by the edge.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept(pub TypedForm);

/// What was typed into the form that posts to `path`; `None` when that is not why we are here.
#[must_use]
pub fn typed_into(path: &str) -> Option<TypedForm> {
    #[cfg(feature = "ssr")]
    {
        let parts = leptos::prelude::use_context::<http::request::Parts>()?;
        let Kept(form) = parts.extensions.get::<Kept>()?;
        (form.path == path).then(|| form.clone())
    }
    #[cfg(not(feature = "ssr"))]
    {
        let _ = path;
        None
    }
}
