//! Providers. One folder each behind `pay::channel::Channel`; everything about a wire format stays inside its folder.
//!
//! Must not know: storage, pages, or another provider's folder. A channel is stateless: it turns one request of the core
//! into one of the provider's and the answer back, and never decides anything about money.
//!
//! To add a provider: a folder with `pub const PROVIDER: Provider` (a declaration and a constructor), a `pub mod` line
//! here and one line in [`registry`]'s list. Calls go through [`http`], origins through [`gateway`], credential fields
//! through [`credentials`]; limits and the circuit breaker of [`guard`] are put around it from outside.

pub mod alipay;
pub mod baidu;
pub mod certificates;
pub mod credentials;
pub mod gateway;
pub mod guard;
pub mod http;
pub mod jd;
pub mod keys;
pub mod legacy_keys;
pub mod lianlian;
#[cfg(test)]
pub(crate) mod loopback;
pub mod qq;
pub mod registry;
pub mod shanghai;
pub mod text;
pub mod unionpay;
pub mod wechat_bill;
pub mod wechat_login;
pub mod wechat_v2;
pub mod wechat_v3;
pub mod xml;

pub use certificates::{CertificateFacts, certificate_facts};
pub use registry::{Provider, Registry, Setup};
