//! The API reference, one page for merchants' developers: a finished document without scripts, outside of the route tree.
//!
//! What the program knows by itself comes as a `DocsView`; what has to be said around it is text like that of other pages.

mod basics;
mod browser;
mod calls;
mod page;
mod parts;
mod tables;
mod webhooks;

pub use page::docs_page;
