//! Webhooks: events and their tries, sending them again, receivers that take none.

mod detail;
mod failing;
mod list;
mod redeliver;

pub use detail::WebhookPage;
pub use failing::failing_note;
pub use list::{WebhooksPage, event_rows};
pub use redeliver::RedeliverPage;
