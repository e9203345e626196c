//! Pages, a folder per area.

pub mod checkout;
pub mod missing;
