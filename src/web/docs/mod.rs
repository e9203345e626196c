//! The API reference, for people and for programs. Made from the tables that the calls are checked with and by the code that
//! signs, so it cannot disagree with them.

mod openapi;
mod page;

pub use openapi::openapi;
pub use page::page;
