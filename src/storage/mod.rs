//! Storage: the only SQL of the program. Implements `pay::Store` and the session store for SQLite and PostgreSQL, with one
//! text and one set of migrations for both.
//!
//! Reads go to the connections of `sqlite` or `postgres`, writes through the one seam in `writer`, which has them carried
//! out there. Each aggregate has a file with its columns, its statements and its finders; `write` is the one `match` over
//! the writes of the port.
//!
//! Must not know: HTTP, pages, providers, or why a change is made.

mod apps;
mod audit;
mod cases;
mod channels;
mod connect;
mod database;
mod durability;
mod events;
mod failure;
mod figures;
mod list;
mod lock;
mod master_key;
#[doc(hidden)]
pub mod measure;
mod migrate;
mod node;
mod notices;
mod order_list;
mod orders;
mod payments;
mod postgres;
mod refund_audits;
mod refunds;
mod row;
mod seal;
mod secrets;
mod sessions;
mod sqlite;
mod staff;
mod standings;
mod statement;
mod store;
mod sweep;
mod tasks;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod timeline;
mod write;
mod writer;

pub use database::{Database, POOL_SIZE};
pub use durability::DurabilityFault;
pub use migrate::SchemaStatus;
pub use node::Node;
pub use seal::{MasterKeys, SealError};
pub use sessions::{STAFF_ID, Sessions};
