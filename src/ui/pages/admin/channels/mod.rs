//! Channels: list, new, one.

mod detail;
mod form;
mod list;
mod new;

pub use detail::ChannelPage;
pub use list::ChannelsPage;
pub use new::NewChannelPage;
