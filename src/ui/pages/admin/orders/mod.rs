//! Orders: list, detail, closing.

mod close;
mod detail;
mod list;
mod timeline;

pub use close::CloseOrderPage;
pub use detail::OrderPage;
pub use list::OrdersPage;
