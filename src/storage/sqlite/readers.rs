//! The connections that read an SQLite file.
//!
//! To read a few rows by an index takes microseconds, less than to hand it to another thread and back, so that is done
//! where it is awaited. Scans, and whatever meets a lock, go to a thread that may wait.

use super::{PATIENCE, STATEMENTS, error, run};
use crate::pay::store::StoreError;
use crate::storage::row::Record;
use crate::storage::statement::Query;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

type Result<T> = std::result::Result<T, StoreError>;

/// Scans that run at once.
const SCANS: usize = 4;

/// The readers of a file. They cannot write even by mistake.
pub(in crate::storage) struct Readers {
    path: PathBuf,
    /// `None` once closed.
    idle: Mutex<Option<Vec<Connection>>>,
    scans: Arc<Semaphore>,
}

impl Readers {
    pub fn of(path: PathBuf) -> Arc<Self> {
        Arc::new(Self { path, idle: Mutex::new(Some(Vec::new())), scans: Arc::new(Semaphore::new(SCANS)) })
    }

    /// The rows of each query; all see the same state of the database.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be read now.
    pub async fn read(self: &Arc<Self>, queries: Vec<Query>) -> Result<Vec<Vec<Record>>> {
        match self.attempt(&queries, Duration::ZERO) {
            Err(StoreError::Unavailable(_)) => self.scan(queries).await,
            found => found,
        }
    }

    /// The same for queries that visit many rows.
    ///
    /// # Errors
    /// As [`Readers::read`].
    pub async fn scan(self: &Arc<Self>, queries: Vec<Query>) -> Result<Vec<Vec<Record>>> {
        let place = self.scans.clone().acquire_owned().await.map_err(|_| closed())?;
        let this = self.clone();
        let scan = tokio::task::spawn_blocking(move || {
            let found = this.attempt(&queries, PATIENCE);
            drop(place);
            found
        });
        scan.await.map_err(|e| StoreError::Other(e.to_string()))?
    }

    /// A connection whose work failed is given up: whatever was wrong with it, the next one is new.
    fn attempt(&self, queries: &[Query], patience: Duration) -> Result<Vec<Vec<Record>>> {
        let conn = match self.idle.lock().unwrap_or_else(PoisonError::into_inner).as_mut().ok_or_else(closed)?.pop() {
            Some(conn) => conn,
            None => open(&self.path, patience).map_err(error)?,
        };
        let found = conn.busy_timeout(patience).and_then(|()| rows(&conn, queries)).map_err(error)?;
        if let Some(idle) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            idle.push(conn);
        }
        Ok(found)
    }

    /// Closes the idle connections; those at work close when they are done.
    pub fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".to_owned())
}

/// The settings read the file already, and may meet a lock.
fn open(path: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(patience)?;
    conn.pragma_update(None, "query_only", true)?;
    // Each commit of the writer empties a reader's cache, and a growing file would be mapped anew each time: the system's
    // own cache serves better.
    conn.pragma_update(None, "cache_size", -8192)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

fn rows(conn: &Connection, queries: &[Query]) -> rusqlite::Result<Vec<Vec<Record>>> {
    let together = if queries.len() > 1 { Some(conn.unchecked_transaction()?) } else { None };
    let found = queries.iter().map(|q| Ok(run(conn, q.sql.as_str(), &q.args)?.rows)).collect::<rusqlite::Result<_>>()?;
    if let Some(transaction) = together {
        transaction.commit()?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::statement::Statement;

    fn query(sql: &'static str) -> Query {
        Statement::new(sql).into()
    }

    fn readers() -> (tempfile::TempDir, Connection, Arc<Readers>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.db");
        let writer = super::super::open(&path).unwrap();
        writer.execute_batch("create table t (n bigint); insert into t values (1)").unwrap();
        (dir, writer, Readers::of(path))
    }

    #[tokio::test]
    async fn readers_read_and_cannot_write() {
        let (_dir, writer, readers) = readers();
        for found in [readers.read(vec![query("select n from t")]).await, readers.scan(vec![query("select n from t")]).await] {
            assert!(matches!(found.unwrap()[0][0][..], [crate::storage::statement::Arg::Int(Some(1))]));
        }
        assert!(readers.read(vec![query("insert into t values (2) returning n")]).await.is_err());
        assert_eq!(writer.query_row("select count(*) from t", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
        assert_eq!(readers.idle.lock().unwrap().as_ref().unwrap().len(), 0, "the one that failed is given up");
        readers.close();
        assert!(matches!(readers.read(vec![query("select n from t")]).await, Err(StoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn what_meets_a_lock_waits_for_it_beside_the_requests() {
        let (_dir, writer, readers) = readers();
        writer.pragma_update(None, "locking_mode", "exclusive").unwrap();
        writer.execute_batch("insert into t values (2)").unwrap();
        let (seen, has_seen) = std::sync::mpsc::channel();
        // A read that waited where it is awaited would find the lock gone in the end, and be ready.
        let unlock = std::thread::spawn(move || {
            let _ = has_seen.recv_timeout(Duration::from_secs(3));
            writer.pragma_update(None, "locking_mode", "normal").unwrap();
            writer.execute_batch("select n from t").unwrap();
            writer
        });
        let mut read = std::pin::pin!(readers.read(vec![query("select n from t")]));
        assert!(futures::poll!(&mut read).is_pending());
        seen.send(()).unwrap();
        assert_eq!(read.await.unwrap()[0].len(), 2);
        drop(unlock.join().unwrap());
    }
}
