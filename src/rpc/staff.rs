//! Other people: list, add, role, access, password.

#[cfg(feature = "ssr")]
use super::rows;
use super::session::*;
use crate::model::views::admin::{PersonView, StaffView};
use crate::model::{Role, StaffId, UiError};
#[cfg(feature = "ssr")]
use crate::pay::Secret;
use leptos::prelude::*;

/// Everybody, and the roles that the caller may give.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not manage staff.
#[server(prefix = "/rpc/admin", endpoint = "staff")]
pub async fn load_staff() -> Result<StaffView, UiError> {
    let me = who(Need::ManageStaff).await?;
    let now = me.cashier.world().now_ms();
    let all = me.cashier.store().all_staff().await?;
    Ok(StaffView { rows: all.iter().map(|s| rows::staff(s, &me.staff, now)).collect(), roles: roles_given_by(me.staff.role) })
}

/// One person.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not manage staff; `NotFound` for an unknown
/// person.
#[server(prefix = "/rpc/admin", endpoint = "person")]
pub async fn load_person(#[server(default)] staff_id: String) -> Result<PersonView, UiError> {
    let me = who(Need::ManageStaff).await?;
    let staff_id = StaffId::parse(&staff_id).map_err(|_| UiError::NotFound)?;
    let person = me.cashier.store().staff(&staff_id).await?.ok_or(UiError::NotFound)?;
    let row = rows::staff(&person, &me.staff, me.cashier.world().now_ms());
    let sessions = super::sessions::sessions_of(&staff_id, &me).await?;
    Ok(PersonView { row, roles: roles_given_by(me.staff.role), sessions })
}

/// A new member of staff.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not manage staff, or not give this role;
/// `Invalid` for a name or a password that breaks a rule, or a name that is taken.
#[server(prefix = "/rpc/admin", endpoint = "create_staff")]
pub async fn create_staff(
    #[server(default)] name: String,
    #[server(default)] role: String,
    #[server(default)] password: String,
) -> Result<(), UiError> {
    let me = who(Need::ManageStaff).await?;
    let staff = me.cashier.create_staff(&name, role_of(&role)?, Secret::new(password), me.id()).await?;
    go(&format!("/admin/staff/{}", staff.staff_id), "created");
    Ok(())
}

/// Role and access; ends the person's sessions.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not manage staff, change this person or give
/// this role; `NotFound` for an unknown person; `Invalid` for an unknown role; `Conflict` for the last owner.
#[server(prefix = "/rpc/admin", endpoint = "set_staff")]
pub async fn set_staff(
    #[server(default)] staff_id: String,
    #[server(default)] role: String,
    #[server(default)] enabled: bool,
) -> Result<(), UiError> {
    let me = who(Need::ManageStaff).await?;
    let staff_id = StaffId::parse(&staff_id).map_err(|_| UiError::NotFound)?;
    me.cashier.set_staff(&staff_id, Some(role_of(&role)?), Some(enabled), me.id()).await?;
    go(&format!("/admin/staff/{staff_id}"), "saved");
    Ok(())
}

/// A new password for somebody else; ends their sessions.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not manage staff or change this person, and
/// for oneself; `NotFound` for an unknown person; `Invalid` for a password that breaks a rule.
#[server(prefix = "/rpc/admin", endpoint = "reset_password")]
pub async fn reset_password(#[server(default)] staff_id: String, #[server(default)] password: String) -> Result<(), UiError> {
    let me = who(Need::ManageStaff).await?;
    let staff_id = StaffId::parse(&staff_id).map_err(|_| UiError::NotFound)?;
    if staff_id == me.staff.staff_id {
        // One's own needs the current one; the settings page asks for it.
        return Err(UiError::Forbidden);
    }
    me.cashier.set_password(&staff_id, Secret::new(password), me.id()).await?;
    go(&format!("/admin/staff/{staff_id}"), "password");
    Ok(())
}

#[cfg(feature = "ssr")]
fn role_of(text: &str) -> Result<Role, UiError> {
    Role::parse(text).map_err(|_| UiError::invalid("role", "is required"))
}

#[cfg(feature = "ssr")]
fn roles_given_by(role: Role) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|r| role == Role::Owner || *r != Role::Owner).collect()
}
