//! SQLite: the connection that writes, those that read, and how both run a statement.
//!
//! This does not go through sqlx, as PostgreSQL and the migrations do: sqlx keeps each SQLite connection on a thread of its
//! own and wakes its caller after every statement, which costs more than the statements. Both drivers share one SQLite
//! library, as they must: SQLite's locks hold between connections of one library only.
//!
//! Must not know what the statements mean.

mod checkpoints;
mod readers;
mod units;

use super::failure::Failure;
use super::row::Record;
use super::statement::{Arg, Changed};
use crate::pay::store::StoreError;
pub(super) use checkpoints::Checkpoints;
pub(super) use readers::Readers;
use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use std::path::Path;
use std::time::Duration;
pub(super) use units::carry_out;

/// Waiting for the lock of another process ends after this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Prepared statements that a connection keeps: more than there are texts.
const STATEMENTS: usize = 256;

/// Opens the writing connection; makes the file when it is not there.
///
/// # Errors
/// `Unavailable` when the file cannot be opened; `Other` when it does not take the settings that durability needs.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open(path).map_err(error)?;
    conn.busy_timeout(PATIENCE).map_err(error)?;
    let mode = wal_mode(&conn)?;
    if mode != "wal" {
        return Err(StoreError::Other(format!(
            "SQLite keeps journal mode {mode}, WAL is needed: is this a network file system?"
        )));
    }
    // NORMAL would lose the last commits when the power fails.
    conn.pragma_update(None, "synchronous", "full").map_err(error)?;
    let level: i64 = conn.pragma_query_value(None, "synchronous", |row| row.get(0)).map_err(error)?;
    if level != 2 {
        return Err(StoreError::Other(format!("SQLite answers synchronous = {level}, FULL is needed")));
    }
    conn.pragma_update(None, "foreign_keys", true).map_err(error)?;
    conn.pragma_update(None, "cache_size", -16384).map_err(error)?; // 16 MiB of pages
    // Only at 32 MiB, by when `Checkpoints` has copied most of it. Never none: the log begins anew when all of it is copied,
    // which needs a moment without commits.
    conn.pragma_update(None, "wal_autocheckpoint", 8000).map_err(error)?;
    conn.pragma_update(None, "temp_store", "memory").map_err(error)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

fn error(e: rusqlite::Error) -> StoreError {
    Failure::from(e).into_error()
}

/// Switches to the write-ahead log, which the file then keeps. SQLite does not wait for a lock here, so we do: two
/// processes may open a new file together.
fn wal_mode(conn: &Connection) -> Result<String, StoreError> {
    let mut tries = 0;
    loop {
        let mode = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match mode.map_err(error) {
            Err(StoreError::Unavailable(_)) if tries < 40 => std::thread::sleep(Duration::from_millis(50)),
            other => return other,
        }
        tries += 1;
    }
}

/// One statement. Its text is prepared once for the life of the connection.
fn run(conn: &Connection, sql: &str, args: &[Arg]) -> Result<Changed, rusqlite::Error> {
    let mut prepared = conn.prepare_cached(sql)?;
    for place in 1..=prepared.parameter_count() {
        // `$2` is a name to SQLite, which numbers parameters in the order in which they appear.
        let number = prepared.parameter_name(place).and_then(|name| name.get(1..)?.parse::<usize>().ok());
        let arg = args.get(number.unwrap_or(place).wrapping_sub(1));
        prepared.raw_bind_parameter(place, arg.ok_or(rusqlite::Error::InvalidParameterCount(args.len(), place))?)?;
    }
    let columns = prepared.column_count();
    if columns == 0 {
        let count = prepared.raw_execute()?;
        return Ok(Changed { rows: Vec::new(), count: u64::try_from(count).unwrap_or(u64::MAX) });
    }
    let mut rows = Vec::new();
    let mut found = prepared.raw_query();
    while let Some(row) = found.next()? {
        rows.push((0..columns).map(|at| Ok(row.get::<_, Value>(at)?.into())).collect::<Result<Record, rusqlite::Error>>()?);
    }
    drop(found);
    Ok(Changed { rows, count: conn.changes() })
}

impl ToSql for Arg {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Int(Some(n)) => ValueRef::Integer(*n),
            Self::Text(None) | Self::Int(None) => ValueRef::Null,
        }))
    }
}

/// Our columns hold texts and whole numbers; what else a program of somebody else's may have put there is no number.
impl From<Value> for Arg {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Text(None),
            Value::Integer(n) => Self::Int(Some(n)),
            Value::Text(text) => Self::Text(Some(text)),
            Value::Real(x) => Self::Text(Some(x.to_string())),
            Value::Blob(bytes) => Self::Text(Some(hex::encode(bytes))),
        }
    }
}
