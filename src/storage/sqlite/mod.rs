//! SQLite: the connection that writes, those that read, and their settings.
//!
//! Must not know what the statements mean.

mod checkpoints;
mod procedures;
mod snapshot;
mod units;

use super::failure::store_error;
use super::fetch::send;
use super::lend::Lender;
use super::row::Row;
use super::statement::Statement;
use crate::pay::store::StoreError;
pub(super) use checkpoints::Checkpoints;
pub(super) use procedures::Procedures;
pub(super) use snapshot::snapshot;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, Connection, Executor};
use std::time::Duration;
pub(super) use units::carry_out;

/// Waiting for a connection ends after this. The driver waits as long for the lock of another process.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that read: each has a thread and pages of its own.
const READERS: u32 = 4;

/// `synchronous = normal` would lose the last commits when the power fails. The log is copied by its writer only at 32 MiB,
/// by when [`Checkpoints`] has copied most of it. Never none: the log begins anew when all of it is copied, which needs a
/// moment without commits.
const WRITES: &str = "pragma synchronous = full; pragma cache_size = -16384; pragma wal_autocheckpoint = 8000; \
                      pragma temp_store = memory";
/// Each commit of the writer empties a reader's cache, the more slowly the larger it is, and a growing file would be mapped
/// anew each time: the system's own cache serves better.
const READS: &str = "pragma query_only = true; pragma cache_size = -2000";

/// Makes the file when it is not there, and proves the settings that durability needs.
///
/// # Errors
/// `Unavailable` when the file cannot be opened; `Other` when it does not take the settings.
pub(super) async fn settle(url: &str) -> Result<(), StoreError> {
    let mut conn = AnyConnection::connect(&format!("{url}?mode=rwc")).await.map_err(store_error)?;
    let mode = wal_mode(&mut conn).await?;
    if mode != "wal" {
        return Err(StoreError::Other(format!(
            "SQLite keeps journal mode {mode}, WAL is needed: is this a network file system?"
        )));
    }
    conn.execute(WRITES).await.map_err(store_error)?;
    let level = send(&mut conn, &Statement::new("pragma synchronous")).await.map_err(store_error)?;
    let level = level.rows.first().map(|row| Row::of("pragma", row).int()).transpose()?;
    if level != Some(2) {
        return Err(StoreError::Other(format!("SQLite answers synchronous = {level:?}, FULL is needed")));
    }
    conn.close().await.map_err(store_error)
}

/// Switches to the write-ahead log, which the file then keeps. SQLite does not wait for a lock here, so we do: two
/// processes may open a new file together.
async fn wal_mode(conn: &mut AnyConnection) -> Result<String, StoreError> {
    let mut tries = 0;
    loop {
        match send(conn, &Statement::new("pragma journal_mode = wal")).await.map_err(store_error) {
            Err(StoreError::Unavailable(_)) if tries < 40 => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(e) => return Err(e),
            Ok(mode) => return mode.rows.first().map_or(Ok(String::new()), |row| Row::of("pragma", row).text()),
        }
        tries += 1;
    }
}

/// The only connection that writes.
///
/// # Errors
/// When the address is wrong.
pub(super) fn writer(url: &str) -> Result<Lender, StoreError> {
    lender(url, 1, WRITES)
}

/// Those that read. They cannot write even by mistake.
///
/// # Errors
/// When the address is wrong.
pub(super) fn readers(url: &str) -> Result<Lender, StoreError> {
    lender(url, READERS, READS)
}

fn lender(url: &str, size: u32, settings: &'static str) -> Result<Lender, StoreError> {
    let pool = AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |conn, _| Box::pin(async move { conn.execute(settings).await.map(drop) }))
        // It comes back when its work failed or was broken off, perhaps within a transaction: it is given up.
        .after_release(|_, _| Box::pin(async { Ok(false) }))
        .connect_lazy(url)
        .map_err(store_error)?;
    Ok(Lender::new(pool, Duration::MAX)) // no server can go away
}
