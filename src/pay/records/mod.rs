//! The things the core reads and writes. Plain data: how a row looks is the business of `storage`.

mod accounts;
mod history;
mod money;

pub use accounts::*;
pub use history::*;
pub use money::*;
