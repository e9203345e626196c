//! People: list, add, change.

mod list;
mod new;
mod person;

pub use list::StaffPage;
pub use new::NewStaffPage;
pub use person::PersonPage;
