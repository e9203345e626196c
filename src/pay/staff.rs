//! Staff accounts: signing in, passwords, roles. Decides who may change whom; knows nothing of cookies or pages.
//!
//! Guessing is slowed down twice, both times with figures in the database: per account by a lock that doubles, per
//! address by a count. A name that nobody has is treated like one that exists: same cost, same words, same locks.

use super::cashier::Cashier;
use super::error::Error;
use super::password::{self, Fit};
use super::records::{AuditEntry, Staff};
use super::secret::Secret;
use super::store::{StoreError, Unique, Write};
use crate::model::{Role, StaffId};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

/// Failures that cost nothing but the attempt.
const FREE_FAILURES: i64 = 5;
/// The longest an account is locked by guessing, seconds. Never for good: somebody could lock the owner out.
const LONGEST_LOCK_S: i64 = 900;
/// Failed sign-ins that one address may make within the window.
const ADDRESS_FAILURES: i64 = 20;
const ADDRESS_WINDOW_MS: i64 = 15 * 60 * 1000;
/// How far back failures of names that nobody has are counted.
const UNKNOWN_WINDOW_MS: i64 = ADDRESS_WINDOW_MS;

/// A row is read, changed and saved as a whole: within this process one change at a time, so that a failed sign-in
/// cannot write an old password hash back.
static ONE_CHANGE: Mutex<()> = Mutex::const_new(());

impl Cashier {
    /// Checks name and password. Runs to its end although the caller goes away: a failure is always counted.
    ///
    /// # Errors
    /// `Denied` for every kind of failure alike; `TooMany` while the account or the address is locked.
    pub async fn sign_in(&self, name: &str, password: Secret<String>, address: &str) -> Result<Staff, Error> {
        let (me, name, address) = (self.clone(), name.trim().to_owned(), address.to_owned());
        let task = tokio::spawn(async move { me.sign_in_now(&name, password, &address).await });
        task.await.map_err(|e| Error::Internal(format!("sign-in was interrupted: {e}")))?
    }

    async fn sign_in_now(&self, name: &str, password: Secret<String>, address: &str) -> Result<Staff, Error> {
        let since = self.world().now_ms() - ADDRESS_WINDOW_MS;
        if self.store().login_failures(address, since).await? >= ADDRESS_FAILURES {
            return Err(too_many(LONGEST_LOCK_S));
        }
        // The lock is looked at while a slot is held: parallel guesses cannot all slip in before the first is counted.
        let slot = password::slot().await?;
        let found = self.store().staff_by_name(name).await?;
        self.refuse_while_locked(found.as_ref(), name).await?;
        let stored = found.as_ref().map(|staff| staff.password_hash.clone());
        let fit = password::check(&slot, stored, password.clone()).await?;
        match found {
            Some(staff) if staff.enabled && fit != Fit::Wrong => {
                let better = if fit == Fit::RightButWeaklyHashed {
                    Some(password::hash(&slot, self.world(), password).await?)
                } else {
                    None
                };
                self.count_success(&staff.staff_id, better, address).await
            }
            found => {
                self.count_failure(found.map(|s| s.staff_id), name, address).await?;
                Err(Error::Denied)
            }
        }
    }

    async fn refuse_while_locked(&self, staff: Option<&Staff>, name: &str) -> Result<(), Error> {
        let now = self.world().now_ms();
        let (locked, failures) = match staff {
            Some(staff) => (staff.locked_until > now, staff.failed_logins),
            None => {
                let key = unknown_name(name);
                let failures = self.store().login_failures(&key, now - UNKNOWN_WINDOW_MS).await?;
                let lock_ms = lock_s(failures) * 1000;
                (lock_ms > 0 && self.store().login_failures(&key, now - lock_ms).await? > 0, failures)
            }
        };
        // The whole lock and not what is left of it, because that is all we know of a name that nobody has.
        if locked { Err(too_many(lock_s(failures))) } else { Ok(()) }
    }

    async fn count_failure(&self, staff_id: Option<StaffId>, name: &str, address: &str) -> Result<(), Error> {
        let at = self.world().now_ms();
        let mut writes = vec![Write::CountLoginFailure { address: address.to_owned(), at }];
        let _one = ONE_CHANGE.lock().await;
        let staff = match &staff_id {
            Some(staff_id) => self.store().staff(staff_id).await?,
            None => None,
        };
        match staff {
            Some(mut staff) => {
                staff.failed_logins = staff.failed_logins.saturating_add(1);
                let lock = lock_s(staff.failed_logins);
                if lock > 0 {
                    staff.locked_until = at + lock * 1000;
                }
                if lock == LONGEST_LOCK_S {
                    let after = format!("{{\"locked_s\":{lock}}}");
                    writes.push(entry(at, staff.staff_id.as_str(), "staff.locked", &staff, None, Some(after), Some(address)));
                }
                writes.push(Write::SaveStaff(Box::new(staff)));
            }
            None => writes.push(Write::CountLoginFailure { address: unknown_name(name), at }),
        }
        Ok(self.store().commit(writes).await?)
    }

    async fn count_success(&self, staff_id: &StaffId, hash: Option<Secret<String>>, address: &str) -> Result<Staff, Error> {
        let at = self.world().now_ms();
        let _one = ONE_CHANGE.lock().await;
        let mut staff = self.store().staff(staff_id).await?.filter(|s| s.enabled).ok_or(Error::Denied)?;
        staff.failed_logins = 0;
        staff.locked_until = 0;
        staff.last_login_at = Some(at);
        if let Some(hash) = hash {
            staff.password_hash = hash;
        }
        let audit = entry(at, staff.staff_id.as_str(), "staff.sign_in", &staff, None, None, Some(address));
        self.store().commit(vec![Write::SaveStaff(Box::new(staff.clone())), audit]).await?;
        Ok(staff)
    }

    /// # Errors
    /// `Invalid` for a name or password that breaks a rule or a name that is taken; `Denied` when the actor may not
    /// give this role.
    pub async fn create_staff(&self, name: &str, role: Role, password: Secret<String>, actor: &str) -> Result<Staff, Error> {
        let name = name.trim();
        check_name(name)?;
        self.may_give(actor, role, None).await?;
        let slot = password::slot().await?;
        let hash = password::new_hash(&slot, self.world(), password, name).await?;
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
        let slot = password::slot().await?;
        let hash = password::new_hash(&slot, self.world(), password, &name).await?;
        self.change(staff_id, actor, "staff.password", |staff| {
            staff.password_hash = hash;
            staff.failed_logins = 0;
            staff.locked_until = 0;
        })
        .await?;
        Ok(())
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
        self.sign_in(&name, current, address).await?;
        self.set_password(staff_id, new, staff_id.as_str()).await
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
        let was = self.person(staff_id).await?;
        self.may_give(actor, role.unwrap_or(was.role), Some(staff_id)).await?;
        let (role, enabled) = (role.unwrap_or(was.role), enabled.unwrap_or(was.enabled));
        if (role, enabled) == (was.role, was.enabled) {
            return Ok(was);
        }
        if !(role == Role::Owner && enabled) && self.is_last_owner(staff_id).await? {
            return Err(Error::Conflict("the last owner must stay one".to_owned()));
        }
        self.change(staff_id, actor, "staff.update", |staff| {
            staff.role = role;
            staff.enabled = enabled;
        })
        .await
    }

    /// Ends all sessions of a person, without any other change.
    ///
    /// # Errors
    /// `Denied` when the actor may not change this person; `NotFound`.
    pub async fn end_sessions(&self, staff_id: &StaffId, actor: &str) -> Result<(), Error> {
        let staff = self.person(staff_id).await?;
        self.may_change(actor, staff_id).await?;
        let audit = entry(self.world().now_ms(), actor, "staff.end_sessions", &staff, None, None, None);
        let end = Write::EndSessions { staff_id: staff_id.clone(), except: None };
        Ok(self.store().commit(vec![end, audit]).await?)
    }

    /// Reads again, changes, saves with the audit entry, and ends the person's sessions: rights have changed.
    async fn change(
        &self,
        staff_id: &StaffId,
        actor: &str,
        action: &str,
        edit: impl FnOnce(&mut Staff) + Send,
    ) -> Result<Staff, Error> {
        let at = self.world().now_ms();
        let _one = ONE_CHANGE.lock().await;
        let mut staff = self.person(staff_id).await?;
        let before = facts(&staff);
        edit(&mut staff);
        let audit = entry(at, actor, action, &staff, Some(before), Some(facts(&staff)), None);
        let end = Write::EndSessions { staff_id: staff_id.clone(), except: None };
        self.store().commit(vec![Write::SaveStaff(Box::new(staff.clone())), audit, end]).await?;
        Ok(staff)
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

/// Seconds of lock after that many failures in a row: none, then 1, 2, 4, … up to 15 minutes.
fn lock_s(failures: i64) -> i64 {
    match u32::try_from(failures.min(1000) - FREE_FAILURES) {
        Err(_) => 0,
        Ok(over) => (1i64 << over.min(20)).min(LONGEST_LOCK_S),
    }
}

fn too_many(seconds: i64) -> Error {
    Error::TooMany { retry_after_s: u32::try_from(seconds.max(1)).unwrap_or(1) }
}

/// Failures of a name that nobody has are counted beside those of addresses, under its digest: what people type into the
/// wrong field is no business of the database.
fn unknown_name(name: &str) -> String {
    format!("name:{}", hex::encode(&Sha256::digest(name.as_bytes())[..16]))
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
    fn locks_double_from_one_second_to_a_quarter_of_an_hour() {
        let locks: Vec<i64> = (0..18).map(lock_s).collect();
        assert_eq!(locks, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(lock_s(i64::MAX), 900);
    }

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
