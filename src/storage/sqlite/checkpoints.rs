//! Copies committed pages from the write-ahead log into the file, on a thread and a connection of its own. Everybody waits
//! for the writer, which would otherwise copy them all by itself; so it finds little left to do.

use super::{error, open};
use crate::pay::store::StoreError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// Between two looks at the log, while there are commits.
const PAUSE: Duration = Duration::from_millis(200);
/// Pages that are worth a pass, 12 MiB: a page that many commits change is copied once for all of them.
const ENOUGH: i64 = 3000;

/// Tells the thread of commits; it ends when this is dropped.
pub(in crate::storage) struct Checkpoints(SyncSender<()>);

impl Checkpoints {
    /// # Errors
    /// `Unavailable` when the system gives no thread.
    pub fn start(path: PathBuf) -> Result<Self, StoreError> {
        let (sender, commits) = sync_channel(1);
        let thread = std::thread::Builder::new().name("sqlite-checkpoint".to_owned());
        let started = thread.spawn(move || work(&path, &commits));
        started.map_err(|e| StoreError::Unavailable(format!("no thread for checkpoints: {e}")))?;
        Ok(Self(sender))
    }

    /// There was a commit.
    pub fn poke(&self) {
        let _ = self.0.try_send(()); // a full channel says it already
    }
}

fn work(path: &Path, commits: &Receiver<()>) {
    let mut connection = None;
    while commits.recv().is_ok() {
        std::thread::sleep(PAUSE);
        // Nothing depends on a pass: the writer checkpoints as well, only later.
        if let Err(cause) = pass(&mut connection, path) {
            tracing::debug!(%cause, "a checkpoint was not made");
            connection = None;
        }
    }
}

/// Copies what can be copied without making anybody wait, if it is enough; whether it was.
fn pass(connection: &mut Option<Connection>, path: &Path) -> Result<bool, StoreError> {
    let conn = match connection {
        Some(conn) => conn,
        None => connection.insert(open(path)?),
    };
    let pages = |mode| {
        let pragma = format!("pragma wal_checkpoint({mode})");
        conn.query_row(&pragma, [], |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))).map_err(error)
    };
    let (logged, copied) = pages("noop")?;
    if logged - copied < ENOUGH {
        return Ok(false);
    }
    pages("passive").map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_copied_while_the_writer_stays_connected() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.db");
        let writer = open(&path).unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        writer.execute_batch("create table t (x text)").unwrap();
        let mut connection = None;
        assert!(!pass(&mut connection, &path).unwrap(), "a short log is left alone");
        writer.execute("insert into t values (zeroblob(?1))", [(ENOUGH + 1) * 4096]).unwrap();
        let file = || std::fs::metadata(&path).unwrap().len();
        let before = file();
        assert!(pass(&mut connection, &path).unwrap());
        assert!(file() - before >= u64::try_from(ENOUGH).unwrap() * 4096);
        assert!(!pass(&mut connection, &path).unwrap(), "nothing is left to copy");
    }
}
