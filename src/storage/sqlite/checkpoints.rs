//! Copies committed pages from the write-ahead log into the file, on a connection of its own. Everybody waits for the writer,
//! which would otherwise copy them all by itself; so it finds little left to do.

use super::WRITES;
use crate::pay::store::StoreError;
use crate::storage::failure::store_error;
use crate::storage::fetch::send;
use crate::storage::row::Row;
use crate::storage::statement::Statement;
use sqlx::{AnyConnection, Connection, Executor};
use std::time::Duration;
use tokio::sync::mpsc;

/// Between two looks at the log, while there are commits.
const PAUSE: Duration = Duration::from_millis(200);
/// Pages that are worth a pass, 12 MiB: a page that many commits change is copied once for all of them.
const ENOUGH: i64 = 3000;

/// Tells the task of commits; it ends when this is dropped.
pub(in crate::storage) struct Checkpoints(mpsc::Sender<()>);

impl Checkpoints {
    pub fn start(url: String) -> Self {
        let (sender, commits) = mpsc::channel(1);
        tokio::spawn(work(url, commits));
        Self(sender)
    }

    /// There was a commit.
    pub fn poke(&self) {
        let _ = self.0.try_send(()); // a full channel says it already
    }
}

async fn work(url: String, mut commits: mpsc::Receiver<()>) {
    let mut connection = None;
    while commits.recv().await.is_some() {
        tokio::time::sleep(PAUSE).await;
        // Nothing depends on a pass: the writer checkpoints as well, only later.
        if let Err(cause) = pass(&mut connection, &url).await {
            tracing::debug!(%cause, "a checkpoint was not made");
            connection = None;
        }
    }
}

/// Copies what can be copied without making anybody wait, if it is enough; whether it was.
async fn pass(connection: &mut Option<AnyConnection>, url: &str) -> Result<bool, StoreError> {
    let conn = match connection {
        Some(conn) => conn,
        None => connection.insert(open(url).await.map_err(store_error)?),
    };
    let (logged, copied) = pages(conn, "pragma wal_checkpoint(noop)").await?;
    if logged - copied < ENOUGH {
        return Ok(false);
    }
    pages(conn, "pragma wal_checkpoint(passive)").await.map(|_| true)
}

async fn open(url: &str) -> Result<AnyConnection, sqlx::Error> {
    let mut conn = AnyConnection::connect(url).await?;
    conn.execute(WRITES).await?;
    Ok(conn)
}

/// Pages in the log, and how many of them are copied.
async fn pages(conn: &mut AnyConnection, checkpoint: &'static str) -> Result<(i64, i64), StoreError> {
    let answer = send(conn, &Statement::new(checkpoint)).await.map_err(store_error)?;
    let mut row = Row::of("checkpoint", answer.rows.first().map_or(&[], Vec::as_slice));
    row.int()?; // whether it was blocked
    Ok((row.int()?, row.int()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::address::sqlite_url;
    use crate::storage::sqlite::settle;

    #[tokio::test]
    async fn a_long_log_is_copied_while_the_writer_stays_connected() {
        sqlx::any::install_default_drivers();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.db");
        let url = sqlite_url(&path).unwrap();
        settle(&url).await.unwrap();
        let mut writer = AnyConnection::connect(&url).await.unwrap();
        writer.execute("pragma wal_autocheckpoint = 0; create table t (x text)").await.unwrap();
        let mut connection = None;
        assert!(!pass(&mut connection, &url).await.unwrap(), "a short log is left alone");
        let much = Statement::new("insert into t values (zeroblob($1))").bind((ENOUGH + 1) * 4096);
        send(&mut writer, &much).await.unwrap();
        let file = || std::fs::metadata(&path).unwrap().len();
        let before = file();
        assert!(pass(&mut connection, &url).await.unwrap());
        assert!(file() - before >= u64::try_from(ENOUGH).unwrap() * 4096);
        assert!(!pass(&mut connection, &url).await.unwrap(), "nothing is left to copy");
    }
}
