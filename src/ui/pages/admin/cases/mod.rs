//! Cases: money that arrived where none was awaited.

mod answer;
mod detail;
mod list;

pub use answer::AnswerCasePage;
pub use detail::CasePage;
pub use list::{CasesPage, case_rows};
