//! What pages show: facts ready for display, no rows. Texts are chosen by the pages, in the reader's language.
//!
//! Amounts are fen, inside `Amount`; times are UTC ms. Only what a form holds is text as people type it: yuan, days.

pub mod admin;
mod admin_messages;
mod admin_orders;
mod admin_people;
mod admin_refunds;
mod admin_setup;
pub mod checkout;
#[cfg(feature = "ssr")]
pub mod docs;
