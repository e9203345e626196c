//! The payment core.

pub mod channel;
mod error;
mod records;
mod secret;
pub mod store;
mod world;

pub use error::Error;
pub use records::*;
pub use secret::Secret;
pub use world::{Chance, Clock, World};
