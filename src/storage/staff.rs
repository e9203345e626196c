//! Staff, their sessions as others see them, and failed logins by address.

use super::database::Database;
use super::row::{Record, Row};
use super::statement::{Expect, Statement};
use crate::model::{Role, StaffId};
use crate::pay::store::StoreError;
use crate::pay::{Secret, Staff, StaffSession};
use serde_json::Value;
use std::collections::HashMap;

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! staff_columns {
    () => {
        "staff_id, name, role, password_hash, enabled, failed_logins, locked_until, created_at, last_login_at"
    };
}

pub(super) fn insert(s: &Staff) -> Statement {
    Statement::new(concat!("insert into staff (", staff_columns!(), ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"))
        .bind(s.staff_id.as_str())
        .bind(&s.name)
        .bind(s.role.as_str())
        .bind(s.password_hash.expose())
        .bind(s.enabled)
        .bind(s.failed_logins)
        .bind(s.locked_until)
        .bind(s.created_at)
        .bind(s.last_login_at)
}

/// Only where the row is still as it was read, so that a password, a role or a lock that was set meanwhile stays.
pub(super) fn save(s: &Staff, was: &Staff) -> Statement {
    Statement::new(
        "update staff set name = $2, role = $3, password_hash = $4, enabled = $5, failed_logins = $6, locked_until = $7, \
         last_login_at = $8 where staff_id = $1 and name = $9 and role = $10 and password_hash = $11 and enabled = $12 \
         and failed_logins = $13 and locked_until = $14 and coalesce(last_login_at, -1) = $15",
    )
    .bind(s.staff_id.as_str())
    .bind(&s.name)
    .bind(s.role.as_str())
    .bind(s.password_hash.expose())
    .bind(s.enabled)
    .bind(s.failed_logins)
    .bind(s.locked_until)
    .bind(s.last_login_at)
    .bind(&was.name)
    .bind(was.role.as_str())
    .bind(was.password_hash.expose())
    .bind(was.enabled)
    .bind(was.failed_logins)
    .bind(was.locked_until)
    .bind(was.last_login_at.unwrap_or(-1))
    .expect(Expect::Fresh)
}

pub(super) fn end_session(staff_id: &StaffId, id_hash: &str) -> Statement {
    Statement::new("delete from sessions where id_hash = $1 and staff_id = $2")
        .bind(id_hash)
        .bind(staff_id.as_str())
        .expect(Expect::Fresh)
}

pub(super) fn end_sessions(staff_id: &StaffId, except: Option<&str>) -> Statement {
    Statement::new("delete from sessions where staff_id = $1 and id_hash <> $2")
        .bind(staff_id.as_str())
        .bind(except.unwrap_or_default())
}

pub(super) fn count_login_failure(address: &str, at: i64) -> Statement {
    Statement::new(
        "insert into login_failures (address, at, failures) values ($1, $2, 1) \
         on conflict (address, at) do update set failures = login_failures.failures + 1",
    )
    .bind(address)
    .bind(at)
}

fn read(row: &Record) -> Result<Staff> {
    let mut r = Row::of("staff", row);
    Ok(Staff {
        staff_id: r.word(StaffId::parse)?,
        name: r.text()?,
        role: r.word(Role::parse)?,
        password_hash: Secret::new(r.text()?),
        enabled: r.flag()?,
        failed_logins: r.int()?,
        locked_until: r.int()?,
        created_at: r.int()?,
        last_login_at: r.opt_int()?,
    })
}

/// One that lacks an entry is from before that was kept; without its times it is over.
fn read_session(row: &Record) -> Result<StaffSession> {
    let mut r = Row::of("sessions", row);
    let (id_hash, data): (String, HashMap<String, Value>) = (r.text()?, r.json()?);
    let time = |name: &str| data.get(name).and_then(Value::as_i64).unwrap_or_default();
    let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(StaffSession {
        id_hash,
        signed_in_at: time(StaffSession::SIGNED_IN_AT),
        seen_at: time(StaffSession::SEEN_AT),
        address: text(StaffSession::ADDRESS),
        browser: text(StaffSession::BROWSER),
    })
}

impl Database {
    pub(super) async fn find_staff(&self, staff_id: &StaffId) -> Result<Option<Staff>> {
        let query =
            Statement::new(concat!("select ", staff_columns!(), " from staff where staff_id = $1")).bind(staff_id.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_staff_by_name(&self, name: &str) -> Result<Option<Staff>> {
        let query = Statement::new(concat!("select ", staff_columns!(), " from staff where name = $1")).bind(name);
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_all_staff(&self) -> Result<Vec<Staff>> {
        let query = Statement::new(concat!("select ", staff_columns!(), " from staff order by name"));
        self.rows(query).await?.iter().map(read).collect()
    }

    pub(super) async fn find_sessions_of(&self, staff_id: &StaffId, now: i64) -> Result<Vec<StaffSession>> {
        let query = Statement::new("select id_hash, data from sessions where staff_id = $1 and expires_at > $2")
            .bind(staff_id.as_str())
            .bind(now);
        self.rows(query).await?.iter().map(read_session).collect()
    }

    pub(super) async fn count_login_failures(&self, address: &str, since: i64) -> Result<i64> {
        let query = Statement::new(
            "select cast(coalesce(sum(failures), 0) as bigint) from login_failures where address = $1 and at >= $2",
        )
        .bind(address)
        .bind(since);
        self.row(query).await?.map_or(Ok(0), |row| Row::of("login_failures", &row).int())
    }
}
