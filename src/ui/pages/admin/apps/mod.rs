//! Apps: list, new, settings, keys, console.

mod console;
mod detail;
mod keys;
mod list;
mod rotate;

pub use console::ConsolePage;
pub use detail::AppPage;
pub use keys::FreshKeysPage;
pub use list::{AppsPage, NewAppPage};
pub use rotate::RotateKeyPage;
