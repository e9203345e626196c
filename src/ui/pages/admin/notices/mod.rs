//! Notices: what providers sent.

mod detail;
mod list;

pub use detail::NoticePage;
pub use list::{NoticesPage, notice_rows};
