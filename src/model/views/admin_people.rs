//! Views of people and of what they did.

use super::admin::Pager;
use crate::model::Role;
use serde::{Deserialize, Serialize};

/// Everybody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffView {
    pub rows: Vec<StaffRow>,
    /// Roles the person who looks may give.
    pub roles: Vec<Role>,
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRow {
    pub staff_id: String,
    pub name: String,
    pub role: Role,
    pub enabled: bool,
    /// Too many wrong passwords: no login for a while.
    pub locked: bool,
    /// Whether it is the person who looks.
    pub is_me: bool,
    /// UTC ms.
    pub created_at: i64,
    /// UTC ms.
    pub last_login_at: Option<i64>,
}

/// The page of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    pub row: StaffRow,
    /// Roles the person who looks may give.
    pub roles: Vec<Role>,
    /// None where the person who looks may not change this one.
    pub sessions: Vec<SessionRow>,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// What forms call it by. Lets nobody in.
    pub handle: String,
    /// UTC ms.
    pub signed_in_at: i64,
    /// UTC ms.
    pub seen_at: i64,
    pub address: Option<String>,
    /// `Chrome · Android`, or what it calls itself.
    pub browser: Option<String>,
    /// Whether it is the one that looks.
    pub is_this: bool,
}

/// The audit log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditView {
    pub rows: Vec<AuditRow>,
    pub pager: Pager,
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// UTC ms.
    pub at: i64,
    /// A person's name, or `cli`.
    pub actor: String,
    /// `app.create`, `channel.update`, …
    pub action: String,
    /// Number of what it was done to.
    pub object: String,
    /// JSON text without secrets.
    pub before: Option<String>,
    /// JSON text without secrets.
    pub after: Option<String>,
    /// Where the request came from, for what came by one.
    pub address: Option<String>,
}
