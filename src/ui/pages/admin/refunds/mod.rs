//! Refunds: list, one, and asking for one.

mod audit;
mod detail;
mod list;
mod new;

pub use audit::RefundAuditPage;
pub use detail::RefundPage;
pub use list::{RefundsPage, refund_rows};
pub use new::NewRefundPage;
