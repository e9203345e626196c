//! The till: charge, and how it went.

mod charge;
mod new;

pub use charge::ChargePage;
pub use new::TillPage;
