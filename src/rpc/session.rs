//! Who is calling. Every function of the panel asks here first; a guarded page is decoration.

use crate::model::views::admin::FrameView;
use crate::model::{Role, UiError};
use leptos::prelude::*;

/// What a function of the panel asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Any member of staff.
    Read,
    /// Sending webhooks again, asking providers again.
    Support,
    /// Refunds, cases, closing orders, exports.
    MoveMoney,
    /// Apps, channels and their keys.
    Configure,
    /// Other people, and the audit log.
    ManageStaff,
}

impl Need {
    /// Whether somebody of this role may do it.
    #[must_use]
    pub fn met_by(self, role: Role) -> bool {
        match self {
            Self::Read => true,
            Self::Support => role.may_support(),
            Self::MoveMoney => role.may_move_money(),
            Self::Configure => role.may_configure(),
            Self::ManageStaff => role.may_manage_staff(),
        }
    }
}

/// Name, role and what waits for somebody: the frame around every page.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "frame")]
pub async fn load_frame() -> Result<FrameView, UiError> {
    let me = who(Need::Read).await?;
    let now = me.cashier.world().now_ms();
    let figures = me.cashier.store().figures(now).await?;
    Ok(FrameView {
        name: me.staff.name.clone(),
        role: me.staff.role,
        may: me.staff.role.into(),
        open_cases: figures.open_cases,
        failed_webhooks: figures.failed_webhooks,
    })
}

#[cfg(feature = "ssr")]
pub use server::{Who, end, go, session, who, who_in};

#[cfg(feature = "ssr")]
mod server {
    use super::Need;
    use crate::model::views::admin::May;
    use crate::model::{StaffId, UiError};
    use crate::pay::store::StoreError;
    use crate::pay::{Cashier, STAFF_ID, Staff, StaffSession, session_hash};
    use crate::rpc::context::header;
    use crate::rpc::{browser, cashier, client_address};
    use http::header::USER_AGENT;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use tower_sessions::session::Error;
    use tower_sessions::{Session, session_store};

    /// A visit is written down at most this often.
    const SEEN_STEP_MS: i64 = 60 * 1000;

    /// A signed-in member of staff whose role meets the need.
    pub struct Who {
        pub staff: Staff,
        /// The core, for what they came for.
        pub cashier: Cashier,
        pub session: Session,
    }

    impl Who {
        /// How audit and timeline name them.
        #[must_use]
        pub fn id(&self) -> &str {
            self.staff.staff_id.as_str()
        }

        /// What forms call this session by.
        #[must_use]
        pub fn handle(&self) -> Option<String> {
            self.session.id().map(|id| session_hash(&id.to_string()))
        }

        /// What pages offer them.
        #[must_use]
        pub fn may(&self) -> May {
            self.staff.role.into()
        }

        /// Keeps something in the session for the next page.
        ///
        /// # Errors
        /// `Unavailable` or `Internal` when the session cannot be written.
        pub async fn keep(&self, key: &str, value: impl Serialize) -> Result<(), UiError> {
            self.session.insert(key, value).await.map_err(broken)?;
            self.session.save().await.map_err(broken)
        }

        /// Takes it out again: the second time it is gone.
        ///
        /// # Errors
        /// `Unavailable` or `Internal` when the session cannot be written.
        pub async fn take<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, UiError> {
            let value = self.session.remove(key).await.map_err(broken)?;
            if value.is_some() {
                self.session.save().await.map_err(broken)?;
            }
            Ok(value)
        }
    }

    /// The session of the request that is being answered, of whomever it is.
    ///
    /// # Errors
    /// `Unauthenticated` where no session layer ran.
    pub async fn session() -> Result<Session, UiError> {
        leptos_axum::extract::<Session>().await.map_err(|_| UiError::Unauthenticated)
    }

    /// The caller, if they may do what needs `need`. Rights are read from the database every time.
    ///
    /// # Errors
    /// `Unauthenticated` without a living session, `Forbidden` for another role.
    pub async fn who(need: Need) -> Result<Who, UiError> {
        who_in(session().await?, cashier()?, need).await
    }

    /// The same for handlers that have session and core at hand.
    ///
    /// # Errors
    /// As [`who`].
    pub async fn who_in(session: Session, cashier: Cashier, need: Need) -> Result<Who, UiError> {
        let get = async |key: &str| session.get::<i64>(key).await.ok().flatten().unwrap_or(0);
        let id: Option<String> = session.get(STAFF_ID).await.map_err(broken)?;
        let id = id.and_then(|id| StaffId::parse(&id).ok()).ok_or(UiError::Unauthenticated)?;
        let (now, seen) = (cashier.world().now_ms(), get(StaffSession::SEEN_AT).await);
        if StaffSession::is_over(get(StaffSession::SIGNED_IN_AT).await, seen, now) {
            session.flush().await.map_err(broken)?;
            return Err(UiError::Unauthenticated);
        }
        let staff = cashier.store().staff(&id).await?.filter(|s| s.enabled).ok_or(UiError::Unauthenticated)?;
        if now - seen > SEEN_STEP_MS {
            session.insert(StaffSession::SEEN_AT, now).await.map_err(broken)?;
            session.save().await.map_err(broken)?;
        }
        if !need.met_by(staff.role) {
            return Err(UiError::Forbidden);
        }
        Ok(Who { staff, cashier, session })
    }

    /// Begins a session under a new id: an id known from before signing in is worth nothing. Where it was begun is kept for
    /// the list of the person's sessions.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` when the session cannot be written.
    pub async fn begin(staff: &Staff) -> Result<(), UiError> {
        let (session, now) = (session().await?, cashier()?.world().now_ms());
        session.clear().await;
        session.cycle_id().await.map_err(broken)?;
        session.insert(STAFF_ID, staff.staff_id.as_str()).await.map_err(broken)?;
        session.insert(StaffSession::ADDRESS, client_address()).await.map_err(broken)?;
        let browser = header(USER_AGENT).and_then(|agent| browser::name_of(&agent));
        session.insert(StaffSession::BROWSER, browser).await.map_err(broken)?;
        session.insert(StaffSession::SIGNED_IN_AT, now).await.map_err(broken)?;
        session.insert(StaffSession::SEEN_AT, now).await.map_err(broken)
    }

    /// Ends the session: its record is deleted.
    ///
    /// # Errors
    /// `Unavailable` or `Internal` when the session cannot be written.
    pub async fn end() -> Result<(), UiError> {
        session().await?.flush().await.map_err(broken)
    }

    /// Sends the browser to a page of the panel, with a word about what was done.
    pub fn go(path: &str, done: &str) {
        let mark = if done.is_empty() { String::new() } else { format!("?done={done}") };
        leptos_axum::redirect(&format!("{path}{mark}"));
    }

    fn broken(e: Error) -> UiError {
        match e {
            Error::Store(session_store::Error::Backend(cause)) => StoreError::Unavailable(format!("session: {cause}")).into(),
            other => crate::pay::Error::Internal(format!("session: {other}")).into(),
        }
    }
}
#[cfg(feature = "ssr")]
pub(super) use server::begin;

#[cfg(test)]
mod tests {
    use super::*;

    /// Who may do what in the panel: a row per role.
    #[test]
    fn roles_may_do_what_the_table_says() {
        use Need as N;
        for (role, needs) in [
            (Role::Owner, &[N::Read, N::Support, N::MoveMoney, N::Configure, N::ManageStaff][..]),
            (Role::Admin, &[N::Read, N::Support, N::MoveMoney, N::Configure, N::ManageStaff]),
            (Role::Finance, &[N::Read, N::Support, N::MoveMoney]),
            (Role::Support, &[N::Read, N::Support]),
            (Role::Developer, &[N::Read, N::Support, N::Configure]),
            (Role::Viewer, &[N::Read]),
        ] {
            for need in [N::Read, N::Support, N::MoveMoney, N::Configure, N::ManageStaff] {
                assert_eq!(need.met_by(role), needs.contains(&need), "{role} {need:?}");
            }
        }
    }
}
