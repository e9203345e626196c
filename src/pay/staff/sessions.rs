//! Where somebody is signed in, and ending it: by themselves, or by whoever may change them.

use super::entry;
use crate::model::StaffId;
use crate::pay::cashier::Cashier;
use crate::pay::error::Error;
use crate::pay::records::StaffSession;
use crate::pay::store::{StoreError, Write};

impl Cashier {
    /// The living sessions of a person, last seen first.
    ///
    /// # Errors
    /// `Denied` when the actor may not change this person; `NotFound`.
    pub async fn sessions_of(&self, staff_id: &StaffId, actor: &str) -> Result<Vec<StaffSession>, Error> {
        self.may_change(actor, staff_id).await?;
        let now = self.world().now_ms();
        let mut found = self.store().sessions_of(staff_id, now).await?;
        found.retain(|s| !StaffSession::is_over(s.signed_in_at, s.seen_at, now));
        found.sort_by_key(|s| std::cmp::Reverse(s.seen_at));
        Ok(found)
    }

    /// Ends one session of a person.
    ///
    /// # Errors
    /// `Denied` when the actor may not change this person; `NotFound` for an unknown person and for what is no living
    /// session of theirs.
    pub async fn end_session(&self, staff_id: &StaffId, id_hash: &str, actor: &str) -> Result<(), Error> {
        let staff = self.person(staff_id).await?;
        let no_session = || Error::NotFound { what: "session" };
        let living = self.sessions_of(staff_id, actor).await?;
        let session = living.into_iter().find(|s| s.id_hash == id_hash).ok_or_else(no_session)?;
        let before = Some(facts(&session));
        let audit = entry(self.world().now_ms(), actor, "session.end", &staff, before, None, None);
        let end = Write::EndSession { staff_id: staff_id.clone(), id_hash: session.id_hash };
        match self.store().commit(vec![end, audit]).await {
            Err(StoreError::Stale) => Err(no_session()),
            other => Ok(other?),
        }
    }

    /// Ends all sessions of a person, but the one with the hash `except`, without any other change.
    ///
    /// # Errors
    /// `Denied` when the actor may not change this person; `NotFound`.
    pub async fn end_sessions(&self, staff_id: &StaffId, except: Option<String>, actor: &str) -> Result<(), Error> {
        let staff = self.person(staff_id).await?;
        self.may_change(actor, staff_id).await?;
        let kept = except.as_ref().map(|_| serde_json::json!({ "kept": 1 }).to_string());
        let audit = entry(self.world().now_ms(), actor, "staff.end_sessions", &staff, None, kept, None);
        let end = Write::EndSessions { staff_id: staff_id.clone(), except };
        Ok(self.store().commit(vec![end, audit]).await?)
    }
}

/// What the audit log keeps of a session.
fn facts(session: &StaffSession) -> String {
    let StaffSession { signed_in_at, seen_at, address, browser, .. } = session;
    serde_json::json!({ "signed_in_at": signed_in_at, "seen_at": seen_at, "address": address, "browser": browser }).to_string()
}
