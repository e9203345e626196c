//! What pages show: facts ready for display, no rows. Texts are chosen by the pages, in the reader's language.

pub mod admin;
mod admin_orders;
mod admin_people;
mod admin_setup;
pub mod checkout;
