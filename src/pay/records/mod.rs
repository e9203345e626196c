//! The things the core reads and writes. Plain data: how a row looks is the business of `storage`.
//!
//! Times are UTC ms; amounts are fen, also where they are no `Amount`.

mod accounts;
mod history;
mod money;
mod sessions;

pub use accounts::*;
pub use history::*;
pub use money::*;
pub use sessions::*;
