//! Storage: the only SQL of the program. Implements `pay::Store` and the session store for SQLite and PostgreSQL, with one
//! text and one set of migrations for both, through pools of sqlx's `Any` driver.
//!
//! Reads go through `read`, writes through the one seam in `writer`; `sqlite` and `postgres` know how either database
//! carries many of them out quickly. Each aggregate has a file with its columns, its statements and its finders; `write` is
//! the one `match` over the writes of the port.
//!
//! Must not know: HTTP, pages, providers, or why a change is made.

mod address;
mod apps;
mod audit;
mod cases;
mod channels;
mod database;
mod durability;
mod events;
mod failure;
mod fetch;
mod figures;
mod lend;
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
mod read;
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
mod steps;
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
