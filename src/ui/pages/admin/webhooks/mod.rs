//! Webhooks: events and their tries.

mod detail;
mod list;

pub use detail::WebhookPage;
pub use list::{WebhooksPage, event_rows};
