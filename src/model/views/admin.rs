//! What the panel's pages have in common: who is looking, moments, pages of lists.

use crate::model::{Amount, OrderStatus, Role};
use serde::{Deserialize, Serialize};

pub use super::admin_messages::*;
pub use super::admin_orders::*;
pub use super::admin_people::*;
pub use super::admin_refunds::*;
pub use super::admin_setup::*;

/// Cursors of the neighbouring pages of a list; `None` where there is no such page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pager {
    pub older: Option<String>,
    pub newer: Option<String>,
}

/// Something with a number and a name, to choose from or to link to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// Which buttons to draw. The functions behind them check again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct May {
    pub move_money: bool,
    pub configure: bool,
    pub support: bool,
    pub manage_staff: bool,
}

impl From<Role> for May {
    fn from(role: Role) -> Self {
        Self {
            move_money: role.may_move_money(),
            configure: role.may_configure(),
            support: role.may_support(),
            manage_staff: role.may_manage_staff(),
        }
    }
}

/// The frame around every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameView {
    /// Of the person who is signed in.
    pub name: String,
    pub role: Role,
    pub may: May,
    pub open_cases: i64,
    pub failed_webhooks: i64,
}

/// The first page: how things stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OverviewView {
    pub may: May,
    pub has_apps: bool,
    /// Whether any channel is enabled.
    pub has_channels: bool,
    /// Orders created today, by status.
    pub today: Vec<(OrderStatus, i64)>,
    /// Fen.
    pub paid_today: Amount,
    pub open_cases: i64,
    pub open_refunds: i64,
    pub pending_webhooks: i64,
    pub failed_webhooks: i64,
    /// UTC ms.
    pub oldest_pending_webhook_at: Option<i64>,
    pub failing: Vec<FailingRow>,
    /// The last days, oldest first.
    pub days: Vec<DayFigure>,
}

/// One day of the overview, in the reader's zone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DayFigure {
    /// `11-25`
    pub day: String,
    pub orders: i64,
    pub paid_orders: i64,
    /// Fen.
    pub paid_amount: Amount,
    /// Height of the bar, 0 to 100.
    pub percent: i64,
}

/// What somebody may set for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    pub name: String,
    pub role: Role,
    /// Minutes east of UTC.
    pub zone: i32,
    /// UTC ms.
    pub last_login_at: Option<i64>,
    pub sessions: Vec<SessionRow>,
}
