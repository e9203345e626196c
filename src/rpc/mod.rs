//! Server functions: the pages' only door to the payment core. Each says who may call it, reads its input into model types,
//! calls `pay` and maps the error. No SQL, no signing, no decision about money.
//!
//! Whom and what a function refuses stands under its `# Errors`. Besides, each answers `Unavailable` or `Internal` when the
//! database or the session fails it. Times are UTC ms.
//!
//! Must not know: the router, handlers, channels, SQL.

// What only bodies use is not compiled for the browser; the arguments of a server function are the fields of its form.
#![cfg_attr(not(feature = "ssr"), allow(unused_imports))]
#![allow(clippy::too_many_arguments)]

pub mod checkout;
#[cfg(feature = "ssr")]
pub(crate) mod checkout_start;
#[cfg(feature = "ssr")]
mod checkout_view;
#[cfg(feature = "ssr")]
mod context;
mod error;

#[cfg(feature = "ssr")]
pub use context::CallerAddress;
#[cfg(feature = "ssr")]
pub(crate) use context::{cashier, client_address, request_id};

// The panel: all of it lives under `/rpc/admin`. Every argument has a default, so that an incomplete call is answered by
// the function's own checks, the first of which is the session.
pub mod apps;
pub mod audit;
pub mod auth;
pub mod cases;
pub mod channels;
pub mod notices;
pub mod orders;
pub mod overview;
pub mod refunds;
pub mod session;
pub mod sessions;
pub mod staff;
pub mod till;
pub mod typed;
pub mod webhooks;
pub mod zone;

#[cfg(feature = "ssr")]
mod browser;
#[cfg(feature = "ssr")]
mod channel_form;
#[cfg(feature = "ssr")]
mod console;
#[cfg(feature = "ssr")]
pub(crate) mod filters;
#[cfg(feature = "ssr")]
mod fresh_keys;
#[cfg(feature = "ssr")]
mod input;
#[cfg(feature = "ssr")]
mod mask;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
mod rows;
