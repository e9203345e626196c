//! HTTP for machines: the merchant API, providers' notices, status and events of a checkout, the export, operations; and the
//! layers around every page. `router` is the table of contents.
//!
//! Must not know: SQL, providers' formats, how a channel works.

pub mod api;
mod asking;
mod callbacks;
mod docs;
mod events;
mod export;
mod health;
pub mod limits;
mod metrics;
pub mod middleware;
mod operations;
pub mod router;
pub mod server;
mod signed_in;
pub mod state;

pub use health::Health;
pub use middleware::client::ClientAddress;
pub use middleware::request::RequestId;
pub use operations::CLOCK_WARNING_MS;
pub use state::{AppState, WebSettings};
