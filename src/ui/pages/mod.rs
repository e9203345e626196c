//! Pages, a folder per area.

pub mod admin;
pub mod checkout;
pub mod missing;
