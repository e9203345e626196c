//! Parts that both areas use. None of them fetches anything or decides anything.

mod badge;
mod brand_mark;
mod copy_text;
mod error_summary;
mod field;
mod icon;
mod lone_card;
mod moment;
mod money;
mod pager;
mod sentences;

pub use badge::{Badge, Tone};
pub use brand_mark::BrandMark;
pub use copy_text::CopyText;
pub use error_summary::{ErrorSummary, error_text, field_error};
pub use field::Field;
pub use icon::{Icon, IconName};
pub use lone_card::LoneCard;
pub use moment::{Moment, Zone};
pub use money::Money;
pub use pager::Pager;
