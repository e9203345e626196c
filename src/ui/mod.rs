//! Everything a person sees: the document's shell, the route tree, pages, components and islands.
//!
//! A page is a finished document with real forms; only islands ship code to the browser. Uses `model` and `rpc`. Must not
//! know how orders are stored, how a provider is called, or anything of `web`.

mod app;
pub mod components;
#[cfg(feature = "ssr")]
mod docs;
#[cfg(feature = "ssr")]
mod document;
pub mod i18n;
pub mod islands;
mod loading;
#[cfg(feature = "ssr")]
mod lone_page;
pub mod pages;
mod respond;
mod security;
mod shell;

pub use app::App;
#[cfg(feature = "ssr")]
pub use docs::docs_page;
pub use loading::loading;
#[cfg(feature = "ssr")]
pub use lone_page::LonePage;
pub use respond::respond;
pub use security::{PageSettings, allow_form_action, allow_form_actions};
pub use shell::shell;
