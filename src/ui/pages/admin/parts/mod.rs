//! What the panel's pages are made of. Nothing here fetches or decides.

mod form;
mod list;
mod load;
mod number;
mod page;
mod sessions;
mod typed;
mod url;
mod words;

pub use form::{
    ChoiceField, FormFoot, LongField, PasswordField, SwitchField, TextField, described, failure, form_failure, path_of,
};
pub use list::{Cell, Column, empty, listing, neighbours, table};
pub use load::loaded;
pub use number::{Num, Raw, linked_num, num};
pub use page::{done_note, facts, page, section};
pub use sessions::session_list;
pub use typed::{Typed, typed};
pub use url::{at, current, link, param};
pub use words::*;
