//! Layers around the handlers, from the outside in: request id with log and metrics, security headers, client address,
//! origin check, limits, and a task of its own for everything that changes something.

pub mod client;
pub mod detached;
pub mod headers;
pub mod origin;
pub mod page_limits;
pub mod request;
pub mod typed;
