//! Parts that both areas use. None of them fetches anything or decides anything.

mod badge;
mod brand_mark;
mod error_summary;
mod field;
mod icon;
mod moment;
mod money;
mod pager;

pub use badge::{Badge, Tone};
pub use brand_mark::BrandMark;
pub use error_summary::{ErrorSummary, error_text, field_error};
pub use field::Field;
pub use icon::{Icon, IconName};
pub use moment::{Moment, Zone, iso_time, local_time};
pub use money::Money;
pub use pager::Pager;
