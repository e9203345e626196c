//! Signing in. Guessing is slowed down twice, both times with figures in the database: per account by a lock that doubles,
//! per address by a count. A name that nobody has is treated like one that exists: same cost, same words, same locks.

use super::{TRIES, entry};
use crate::model::StaffId;
use crate::pay::cashier::Cashier;
use crate::pay::error::Error;
use crate::pay::password::{self, Fit};
use crate::pay::records::Staff;
use crate::pay::secret::Secret;
use crate::pay::store::{StoreError, Write};
use sha2::{Digest, Sha256};

/// Failures that cost nothing but the attempt.
const FREE_FAILURES: i64 = 5;
/// How far back failures of an address are counted, and at the least those of a name that nobody has.
const WINDOW_S: i64 = 15 * 60;

/// How guessing is slowed down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginLimits {
    /// Failed sign-ins that one address may make within a quarter of an hour; 0: any number.
    pub failures_per_address: i64,
    /// The longest that guessing locks an account, seconds; 0: it locks none. Never for good: somebody could lock the
    /// owner out.
    pub lock_s: i64,
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self { failures_per_address: 20, lock_s: 900 }
    }
}

impl LoginLimits {
    /// Seconds of lock after that many failures in a row: none, then 1, 2, 4, … up to the longest.
    fn lock_after(self, failures: i64) -> i64 {
        match u32::try_from(failures.min(1000) - FREE_FAILURES) {
            Err(_) => 0,
            Ok(over) => (1i64 << over.min(20)).min(self.lock_s),
        }
    }
}

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
        // Who is refused anyway shall not queue before the others.
        self.refuse_guesser(address).await?;
        // What counts is looked at while a slot is held: parallel guesses cannot all slip in before the first is counted.
        let slot = password::slot().await?;
        self.refuse_guesser(address).await?;
        for _ in 0..TRIES {
            let found = self.store().staff_by_name(name).await?;
            self.refuse_while_locked(found.as_ref(), name).await?;
            let stored = found.as_ref().map(|staff| staff.password_hash.clone());
            let fit = password::check(&slot, stored, password.clone()).await?;
            let staff = match found {
                Some(staff) if staff.enabled && fit != Fit::Wrong => staff,
                found => {
                    self.count_failure(found.map(|s| s.staff_id), name, address).await?;
                    return Err(Error::Denied);
                }
            };
            let better = if fit == Fit::RightButWeaklyHashed {
                Some(password::hash(&slot, self.world(), password.clone()).await?)
            } else {
                None
            };
            match self.count_success(staff, better, address).await {
                // Changed while the password was checked, by another process perhaps: the row as it is now decides.
                Err(StoreError::Stale) => {}
                other => return Ok(other?),
            }
        }
        Err(too_many(1))
    }

    async fn refuse_guesser(&self, address: &str) -> Result<(), Error> {
        let most = self.settings().login.failures_per_address;
        let since = self.world().now_ms() - WINDOW_S * 1000;
        if most > 0 && self.store().login_failures(address, since).await? >= most {
            return Err(too_many(WINDOW_S));
        }
        Ok(())
    }

    async fn refuse_while_locked(&self, staff: Option<&Staff>, name: &str) -> Result<(), Error> {
        let (now, limits) = (self.world().now_ms(), self.settings().login);
        if limits.lock_s == 0 {
            return Ok(());
        }
        let (locked, failures) = match staff {
            Some(staff) => (staff.locked_until > now, staff.failed_logins),
            None => {
                let key = unknown_name(name);
                let window_ms = WINDOW_S.max(limits.lock_s) * 1000;
                let failures = self.store().login_failures(&key, now - window_ms).await?;
                let lock_ms = limits.lock_after(failures) * 1000;
                (lock_ms > 0 && self.store().login_failures(&key, now - lock_ms).await? > 0, failures)
            }
        };
        // The whole lock and not what is left of it, because that is all we know of a name that nobody has.
        if locked { Err(too_many(limits.lock_after(failures))) } else { Ok(()) }
    }

    async fn count_failure(&self, staff_id: Option<StaffId>, name: &str, address: &str) -> Result<(), Error> {
        let (at, limits) = (self.world().now_ms(), self.settings().login);
        for _ in 0..TRIES {
            let mut writes = vec![Write::CountLoginFailure { address: address.to_owned(), at }];
            let was = match &staff_id {
                Some(staff_id) => self.store().staff(staff_id).await?,
                None => None,
            };
            match was {
                Some(was) => {
                    let mut staff = was.clone();
                    staff.failed_logins = staff.failed_logins.saturating_add(1);
                    let lock = limits.lock_after(staff.failed_logins);
                    if lock > 0 {
                        staff.locked_until = at + lock * 1000;
                    }
                    writes.push(Write::SaveStaff { staff: Box::new(staff.clone()), was: Box::new(was) });
                    if lock > 0 && lock == limits.lock_s {
                        let after = format!("{{\"locked_s\":{lock}}}");
                        let actor = staff.staff_id.as_str();
                        writes.push(entry(at, actor, "staff.locked", &staff, None, Some(after), Some(address)));
                    }
                }
                None => writes.push(Write::CountLoginFailure { address: unknown_name(name), at }),
            }
            match self.store().commit(writes).await {
                Err(StoreError::Stale) => {}
                other => return Ok(other?),
            }
        }
        Err(too_many(1))
    }

    /// `was` is the row that the password was checked against.
    async fn count_success(&self, was: Staff, hash: Option<Secret<String>>, address: &str) -> Result<Staff, StoreError> {
        let at = self.world().now_ms();
        let mut staff = Staff { failed_logins: 0, locked_until: 0, last_login_at: Some(at), ..was.clone() };
        if let Some(hash) = hash {
            staff.password_hash = hash;
        }
        let audit = entry(at, staff.staff_id.as_str(), "staff.sign_in", &staff, None, None, Some(address));
        let save = Write::SaveStaff { staff: Box::new(staff.clone()), was: Box::new(was) };
        self.store().commit(vec![save, audit]).await?;
        Ok(staff)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_double_from_one_second_to_a_quarter_of_an_hour() {
        let limits = LoginLimits::default();
        let locks: Vec<i64> = (0..18).map(|failures| limits.lock_after(failures)).collect();
        assert_eq!(locks, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(limits.lock_after(i64::MAX), 900);
        let off = LoginLimits { lock_s: 0, ..limits };
        assert_eq!(off.lock_after(i64::MAX), 0);
    }
}
