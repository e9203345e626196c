//! Plain data that server and browser agree on: money, numbers, statuses, methods, and the views that pages show.
//!
//! Must not know: any other module of ours, IO, the clock, or a secret. A type that has a secret field does not belong
//! here.

mod error;
mod ids;
mod method;
mod money;
pub mod routing;
mod status;
#[cfg(feature = "ssr")]
pub(crate) use status::words;
pub mod views;

pub use error::UiError;
pub use ids::{AppId, CaseId, ChannelId, EventId, IdError, OrderNo, PayNo, RefundNo, StaffId};
pub use method::{Brand, ChannelKind, Method};
pub use money::{Amount, MoneyError};
pub use status::{
    AuditDecision, AuditRule, CaseAnswer, CaseKind, CaseRule, CaseStatus, CloseReason, EventType, OrderStatus, PaymentStatus,
    RefundStatus, RefundedPart, Role, UnknownName, VerifiedBy, WebhookStatus,
};
