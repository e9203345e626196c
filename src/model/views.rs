//! What pages show: finished texts and numbers, no rows.

pub mod admin;
mod admin_orders;
mod admin_people;
mod admin_setup;
