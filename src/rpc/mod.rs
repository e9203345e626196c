//! Server functions: the pages' only door to the payment core. Each says who may call it, reads its input into model types,
//! calls `pay` and maps the error. No SQL, no signing, no decision about money.

pub mod checkout;
#[cfg(feature = "ssr")]
mod checkout_view;
#[cfg(feature = "ssr")]
mod context;
mod error;

#[cfg(feature = "ssr")]
pub use context::CallerAddress;
#[cfg(feature = "ssr")]
pub(crate) use context::{cashier, client_address, request_id};
