//! Staff accounts: passwords, roles, access; signing in is in `login`, what comes of it in `sessions`. Decides who may
//! change whom; knows nothing of cookies or pages.
//!
//! A person's row is saved only where it is still as it was read (`cashier admin` and other nodes change it too); who
//! comes second reads it and decides again.

mod login;
mod sessions;

pub use login::LoginLimits;

use super::cashier::Cashier;
use super::error::Error;
use super::password;
use super::records::{AuditEntry, Staff};
use super::secret::Secret;
use super::store::{StoreError, Unique, Write};
use crate::model::{Role, StaffId};
use tokio::sync::Mutex;

/// How often one thing is decided at most, when the person's row changes again and again meanwhile.
const TRIES: usize = 10;

/// Of two owners who demote each other at once one must stay.
static ONE_CHANGE: Mutex<()> = Mutex::const_new(());

impl Cashier {
    /// # Errors
    /// `Invalid` for a name or password that breaks a rule or a name that is taken; `Denied` when the actor may not
    /// give this role.
    pub async fn create_staff(&self, name: &str, role: Role, password: Secret<String>, actor: &str) -> Result<Staff, Error> {
        let name = name.trim();
        check_name(name)?;
        self.may_give(actor, role, None).await?;
        let hash = self.hash_of_new(password, name).await?;
        let at = self.world().now_ms();
        let staff_id = StaffId::parse(&self.world().id("staff")).map_err(|e| Error::Internal(e.to_string()))?;
        let staff = Staff {
            staff_id,
            name: name.to_owned(),
            role,
            password_hash: hash,
            enabled: true,
            failed_logins: 0,
            locked_until: 0,
            created_at: at,
            last_login_at: None,
        };
        let audit = entry(at, actor, "staff.create", &staff, None, Some(facts(&staff)), None);
        match self.store().commit(vec![Write::InsertStaff(Box::new(staff.clone())), audit]).await {
            Err(StoreError::Taken(Unique::StaffName)) => Err(Error::invalid("name", "is taken")),
            other => {
                other?;
                Ok(staff)
            }
        }
    }

    /// Gives somebody a new password, ends their sessions and lifts their lock.
    ///
    /// # Errors
    /// `Invalid` for a password that breaks a rule; `Denied` when the actor may not change this person.
    pub async fn set_password(&self, staff_id: &StaffId, password: Secret<String>, actor: &str) -> Result<(), Error> {
        let name = self.person(staff_id).await?.name;
        self.may_change(actor, staff_id).await?;
        let hash = self.hash_of_new(password, &name).await?;
        for _ in 0..TRIES {
            let was = self.person(staff_id).await?;
            self.may_change(actor, staff_id).await?;
            match self.save_password(&was, &hash, actor).await {
                Err(StoreError::Stale) => {}
                other => return Ok(other?),
            }
        }
        Err(changing())
    }

    /// One's own password: needs the current one, which is guarded like a sign-in. Ends all sessions.
    ///
    /// # Errors
    /// `Denied` when the current password is wrong, `TooMany` while locked, `Invalid` for a new password that breaks a rule.
    pub async fn change_own_password(
        &self,
        staff_id: &StaffId,
        current: Secret<String>,
        new: Secret<String>,
        address: &str,
    ) -> Result<(), Error> {
        let name = self.person(staff_id).await?.name;
        let mut was = self.sign_in(&name, current.clone(), address).await?;
        let hash = self.hash_of_new(new, &name).await?;
        for _ in 0..TRIES {
            match self.save_password(&was, &hash, staff_id.as_str()).await {
                // It may have been reset meanwhile: is the current one still right?
                Err(StoreError::Stale) => was = self.sign_in(&name, current.clone(), address).await?,
                other => return Ok(other?),
            }
        }
        Err(changing())
    }

    /// Changes role or access; ends the person's sessions when anything changed.
    ///
    /// # Errors
    /// `Denied` when the actor may not change this person or give this role; `Conflict` for the last owner.
    pub async fn set_staff(
        &self,
        staff_id: &StaffId,
        role: Option<Role>,
        enabled: Option<bool>,
        actor: &str,
    ) -> Result<Staff, Error> {
        let _one = ONE_CHANGE.lock().await;
        for _ in 0..TRIES {
            let was = self.person(staff_id).await?;
            let staff = Staff { role: role.unwrap_or(was.role), enabled: enabled.unwrap_or(was.enabled), ..was.clone() };
            self.may_give(actor, staff.role, Some(staff_id)).await?;
            if (staff.role, staff.enabled) == (was.role, was.enabled) {
                return Ok(was);
            }
            if !(staff.role == Role::Owner && staff.enabled) && self.is_last_owner(staff_id).await? {
                return Err(Error::Conflict("the last owner must stay one".to_owned()));
            }
            match self.save(&was, &staff, actor, "staff.update").await {
                Err(StoreError::Stale) => {}
                other => return Ok(other.map(|()| staff)?),
            }
        }
        Err(changing())
    }

    async fn hash_of_new(&self, password: Secret<String>, name: &str) -> Result<Secret<String>, Error> {
        let slot = password::slot().await?;
        password::new_hash(&slot, self.world(), password, name).await
    }

    async fn save_password(&self, was: &Staff, hash: &Secret<String>, actor: &str) -> Result<(), StoreError> {
        let staff = Staff { password_hash: hash.clone(), failed_logins: 0, locked_until: 0, ..was.clone() };
        self.save(was, &staff, actor, "staff.password").await
    }

    /// Saves a person with the audit entry, and ends the person's sessions: rights have changed.
    async fn save(&self, was: &Staff, staff: &Staff, actor: &str, action: &str) -> Result<(), StoreError> {
        let audit = entry(self.world().now_ms(), actor, action, staff, Some(facts(was)), Some(facts(staff)), None);
        let end = Write::EndSessions { staff_id: staff.staff_id.clone(), except: None };
        let save = Write::SaveStaff { staff: Box::new(staff.clone()), was: Box::new(was.clone()) };
        self.store().commit(vec![save, audit, end]).await
    }

    async fn person(&self, staff_id: &StaffId) -> Result<Staff, Error> {
        self.store().staff(staff_id).await?.ok_or(Error::NotFound { what: "staff" })
    }

    async fn is_last_owner(&self, staff_id: &StaffId) -> Result<bool, Error> {
        let all = self.store().all_staff().await?;
        let is_owner = |s: &&Staff| s.enabled && s.role == Role::Owner;
        Ok(all.iter().filter(is_owner).any(|s| s.staff_id == *staff_id)
            && !all.iter().filter(is_owner).any(|s| s.staff_id != *staff_id))
    }

    /// Changing oneself is always allowed here; others by those who manage staff, owners by owners only.
    async fn may_change(&self, actor: &str, target: &StaffId) -> Result<(), Error> {
        if actor == target.as_str() { Ok(()) } else { self.may_give(actor, Role::Viewer, Some(target)).await }
    }

    /// Whether `actor` may give `role` to somebody, or to `target`. The command line (no staff id) may do all.
    async fn may_give(&self, actor: &str, role: Role, target: Option<&StaffId>) -> Result<(), Error> {
        let Ok(actor) = StaffId::parse(actor) else { return Ok(()) };
        let giver = self.store().staff(&actor).await?.filter(|s| s.enabled).ok_or(Error::Denied)?;
        let of_owner = match target {
            Some(target) => self.person(target).await?.role == Role::Owner,
            None => false,
        };
        let allowed = giver.role.may_manage_staff() && (giver.role == Role::Owner || (role != Role::Owner && !of_owner));
        if allowed { Ok(()) } else { Err(Error::Denied) }
    }
}

fn changing() -> Error {
    Error::Conflict("this person is being changed by somebody else".to_owned())
}

fn check_name(name: &str) -> Result<(), Error> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if (2..=64).contains(&name.chars().count()) && name.chars().all(fits) {
        Ok(())
    } else {
        Err(Error::invalid("name", "must be 2 to 64 letters, digits or any of . _ - @"))
    }
}

/// What the audit log keeps of a person.
fn facts(staff: &Staff) -> String {
    serde_json::json!({ "name": staff.name, "role": staff.role, "enabled": staff.enabled }).to_string()
}

fn entry(
    at: i64,
    actor: &str,
    action: &str,
    staff: &Staff,
    before: Option<String>,
    after: Option<String>,
    address: Option<&str>,
) -> Write {
    Write::Audit(AuditEntry {
        at,
        actor: actor.to_owned(),
        action: action.to_owned(),
        object: staff.staff_id.to_string(),
        before,
        after,
        address: address.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["li", "li.wei", "王芳", "ops@acme"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "a b", "a\u{202e}b", "<b>", &"x".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
