//! The connection that writes to an SQLite file, and how units are carried out on it.
//!
//! Reads go through sqlx like those of the other database. Writes do not: sqlx keeps SQLite on a thread of its own and wakes
//! its caller after every statement, which costs more than the statements. Both drivers share one SQLite library, as they
//! must: SQLite's locks hold between connections of one library only.
//!
//! Must not know what the statements mean.

use super::audit;
use super::failure::Failure;
use super::row::Record;
use super::statement::{Arg, Changed, Statement, Step, Unit};
use super::writer::Outcome;
use crate::pay::store::StoreError;
use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// Waiting for the lock of another process ends after this.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than there are texts of writes.
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
    // 16 MiB of pages; a checkpoint every 16 MiB instead of 4, since each costs two more syncs.
    conn.pragma_update(None, "cache_size", -16384).map_err(error)?;
    conn.pragma_update(None, "wal_autocheckpoint", 4000).map_err(error)?;
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

/// All units in one transaction.
///
/// # Errors
/// Only when the transaction as a whole is lost; a single unit's failure is among the results.
pub(super) fn carry_out(conn: &mut Connection, units: &[&Unit]) -> Result<Vec<Outcome>, StoreError> {
    // Nearly always every unit succeeds. Savepoints cost a copy of each page a unit touches, so they wait for the second
    // pass, which runs only when some unit failed in the first.
    match together(conn, units) {
        Ok(results) => Ok(results.into_iter().map(Ok).collect()),
        Err(Failure::Refused(e)) if units.len() == 1 => Ok(vec![Err(e)]),
        Err(Failure::Refused(_)) => apart(conn, units),
        Err(other) => Err(other.into_error()),
    }
}

/// The first failure rolls everything back.
fn together(conn: &mut Connection, units: &[&Unit]) -> Result<Vec<Changed>, Failure> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match units.iter().map(|unit| steps(&tx, unit)).collect() {
        Ok(results) => {
            tx.commit().map_err(lost)?;
            Ok(results)
        }
        Err(Failure::Refused(e)) => {
            tx.rollback().map_err(|e| Failure::Broken(error(e)))?;
            Err(Failure::Refused(e))
        }
        // The connection is given up, and with it whatever SQLite has left of the transaction.
        Err(other) => Err(other),
    }
}

/// Each unit behind a savepoint of its own.
fn apart(conn: &mut Connection, units: &[&Unit]) -> Result<Vec<Outcome>, StoreError> {
    let broken = |e| lost(e).into_error();
    let mut tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)?;
    let mut results = Vec::with_capacity(units.len());
    for unit in units {
        let savepoint = tx.savepoint().map_err(broken)?;
        match steps(&savepoint, unit) {
            Ok(changed) => {
                savepoint.commit().map_err(broken)?;
                results.push(Ok(changed));
            }
            Err(Failure::Refused(e)) => {
                savepoint.finish().map_err(broken)?; // rolls back
                results.push(Err(e));
            }
            // After an error such as a full disk SQLite may have ended the transaction by itself; going on would commit
            // each further statement alone.
            Err(other) => return Err(other.into_error()),
        }
    }
    tx.commit().map_err(broken)?;
    Ok(results)
}

/// A commit that fails leaves nothing behind, so whatever the cause, the caller may try again.
fn lost(e: rusqlite::Error) -> Failure {
    Failure::Broken(StoreError::Unavailable(error(e).to_string()))
}

/// The steps of one unit, inside the transaction that the connection is in.
fn steps(conn: &Connection, unit: &[Step]) -> Result<Changed, Failure> {
    let mut all = Changed::default();
    for step in unit {
        match step {
            Step::Run(statement) => {
                let changed = run(conn, statement)?;
                if changed.count == 0 {
                    let row = statement.row_in_question().map(|query| run(conn, &query)).transpose()?;
                    statement.refusal(row.is_some_and(|found| !found.rows.is_empty()))?;
                }
                all.add(changed);
            }
            Step::Audit(entry) => {
                let head = run(conn, &audit::next())?;
                for statement in audit::link(head.rows.first(), entry)? {
                    run(conn, &statement)?;
                }
            }
        }
    }
    Ok(all)
}

/// One statement. Its text is prepared once for the life of the connection.
fn run(conn: &Connection, statement: &Statement) -> Result<Changed, rusqlite::Error> {
    let mut prepared = conn.prepare_cached(statement.sql)?;
    for place in 1..=prepared.parameter_count() {
        // `$2` is a name to SQLite, which numbers parameters in the order in which they appear.
        let number = prepared.parameter_name(place).and_then(|name| name.get(1..)?.parse::<usize>().ok());
        let arg = statement.args.get(number.unwrap_or(place).wrapping_sub(1));
        prepared.raw_bind_parameter(place, arg.ok_or(rusqlite::Error::InvalidParameterCount(statement.args.len(), place))?)?;
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
