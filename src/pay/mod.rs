//! The payment core: create, pay, expire, close, refund, accept a notice, tell the merchant.
//!
//! Everything is a method of [`Cashier`], in the file named after it. What the core needs of the outside are ports:
//! [`store::Store`], [`channel::Channel`], [`Notifier`], and time and chance ([`World`]).
//!
//! How money is kept right:
//! - a decision is made on an [`OrderBundle`] that was read together, and committed as one list of writes that names the
//!   order's version; who comes second reads again and decides again (`change.rs`);
//! - what news means is one `match` (`states.rs`); whatever brought the news ends in `settle.rs`;
//! - a number of ours is committed before anybody outside hears of it (`start.rs`, `refunds.rs`);
//! - nothing but a definite answer moves a state.
//!
//! Must not know: HTTP servers and clients, SQL, pages.

mod accounts;
mod apps;
mod ask;
mod attempt;
mod audits;
mod bar;
mod bills;
mod budget;
mod cases;
mod cashier;
mod change;
pub mod channel;
mod credentials;
mod error;
mod failing;
mod notices;
pub mod objects;
mod offers;
mod orders;
mod page;
mod password;
mod platform;
mod records;
mod redeliver;
mod refunds;
mod secret;
mod settle;
mod sign_in;
pub mod signing;
mod staff;
mod standing;
mod start;
mod states;
pub mod store;
mod tasks;
mod till;
mod webhooks;
mod world;
mod wrap;

pub use accounts::{ChannelChange, ChannelInput};
pub use apps::{AppWithKeys, NewApp, is_web_address};
pub use audits::approvable;
pub use bar::bar_method;
pub use bills::{Agreement, Compared};
pub use cases::answers_of;
pub use cashier::{Cashier, Notifier, Plans, Reply, Settings};
pub use credentials::{CertificateFact, CredentialFact};
pub use error::Error;
pub use failing::FailingReceiver;
pub use offers::Offered;
pub use orders::{NewOrder, Nonce, OrderKey};
pub use page::{PageState, PageStatus, PageWord, RETURN_FIELDS};
pub use records::*;
pub use redeliver::FailedEvents;
pub use refunds::{RefundInput, RefundKey, refundable};
pub use secret::Secret;
pub use settle::latest;
pub use sign_in::{SignInError, lacks_payer};
pub use staff::LoginLimits;
pub use start::Start;
pub use till::{Charge, TillState};
pub use webhooks::signature as webhook_signature;
pub use world::{Chance, Clock, World};
#[cfg(test)]
mod tests;
