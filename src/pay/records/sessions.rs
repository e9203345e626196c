//! Sessions of staff: what their data tell of them, and how long they live. Who keeps them is no business of the core.

use sha2::{Digest, Sha256};

/// The entry of a session's data that names its member of staff. Whoever signs somebody in writes it, and
/// [`crate::pay::store::Write::EndSessions`] finds the sessions of a person by it.
pub const STAFF_ID: &str = "staff_id";

const IDLE_MS: i64 = 30 * 60 * 1000;
const ABSOLUTE_MS: i64 = 12 * 60 * 60 * 1000;

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    /// Names the session and lets nobody in.
    pub id_hash: String,
    pub signed_in_at: i64,
    pub seen_at: i64,
    pub address: Option<String>,
    pub browser: Option<String>,
}

/// The entries of a session's data.
impl StaffSession {
    pub const SIGNED_IN_AT: &'static str = "signed_in_at";
    pub const SEEN_AT: &'static str = "seen_at";
    pub const ADDRESS: &'static str = "address";
    pub const BROWSER: &'static str = "browser";

    /// Whether a session of somebody who signed in and was last seen then may be used no longer.
    #[must_use]
    pub const fn is_over(signed_in_at: i64, seen_at: i64, now: i64) -> bool {
        now - signed_in_at > ABSOLUTE_MS || now - seen_at > IDLE_MS
    }
}

/// What a session is known by wherever its id must not stand.
#[must_use]
pub fn session_hash(id: &str) -> String {
    hex::encode(Sha256::digest(id.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_over_after_half_an_hour_unseen_or_half_a_day() {
        for (signed_in_at, seen_at, over) in [
            (0, 0, true),
            (0, ABSOLUTE_MS + 1, true),
            (1, ABSOLUTE_MS + 1, false),
            (1, ABSOLUTE_MS + 1 - IDLE_MS, false),
            (1, ABSOLUTE_MS - IDLE_MS, true),
        ] {
            assert_eq!(StaffSession::is_over(signed_in_at, seen_at, ABSOLUTE_MS + 1), over, "{signed_in_at} {seen_at}");
        }
    }
}
