//! Refunds: list, one, and asking for one.

mod detail;
mod list;
mod new;

pub use detail::RefundPage;
pub use list::{RefundsPage, refund_rows};
pub use new::NewRefundPage;
