//! The open database: where reads and writes go, and what it needs besides.

use super::address::{Dialect, dialect, sqlite_file, sqlite_url};
use super::lock::{FileLock, private_dir};
use super::read::Readers;
use super::row::{Record, Row};
use super::seal::MasterKeys;
use super::statement::{Changed, Query, Statement, Unit};
use super::writer::Writer;
use super::{postgres, sqlite};
use crate::pay::World;
use crate::pay::store::StoreError;
use sqlx::any::install_default_drivers;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

type Result<T> = std::result::Result<T, StoreError>;

/// Connections of a PostgreSQL pool unless told otherwise.
pub const POOL_SIZE: u32 = 16;

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    dialect: Dialect,
    readers: Readers,
    writer: Writer,
    keys: MasterKeys,
    world: World,
    /// As the driver wants it.
    url: String,
    data_dir: PathBuf,
    lock: Mutex<Option<FileLock>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("dialect", &self.inner.dialect).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the database an address names; an SQLite file is created when it is not there. The schema is left as it is,
    /// see [`Database::migrate`].
    ///
    /// # Errors
    /// When the address is no database of ours, or it does not answer.
    pub async fn connect(url: &str, data_dir: &Path, keys: MasterKeys, world: World) -> Result<Self> {
        Self::connect_sized(url, data_dir, keys, world, POOL_SIZE).await
    }

    /// The same with a number of PostgreSQL connections; SQLite has its own idea of that.
    ///
    /// # Errors
    /// As [`Database::connect`].
    pub async fn connect_sized(url: &str, data_dir: &Path, keys: MasterKeys, world: World, pool_size: u32) -> Result<Self> {
        install_default_drivers();
        let dialect = dialect(url)?;
        let (lender, writer, url) = match dialect {
            Dialect::Sqlite => {
                let file = sqlite_file(url).unwrap_or_default();
                if let Some(parent) = file.parent() {
                    private_dir(parent).map_err(|e| StoreError::Unavailable(format!("{}: {e}", parent.display())))?;
                }
                let file = std::path::absolute(&file).map_err(|e| StoreError::Unavailable(format!("{}: {e}", file.display())))?;
                let url = sqlite_url(&file)?;
                sqlite::settle(&url).await?;
                (sqlite::readers(&url)?, Writer::queue(url.clone())?, url)
            }
            Dialect::Postgres => {
                let lender = postgres::lender(url, pool_size)?;
                lender.take_back(lender.lend().await?);
                (lender.clone(), Writer::Pool(Arc::new(postgres::Units::new(lender))), url.to_owned())
            }
        };
        let readers = Readers::new(dialect, lender);
        let inner = Inner { dialect, readers, writer, keys, world, url, data_dir: data_dir.to_owned(), lock: Mutex::new(None) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Holds a lock file until the last clone is gone.
    pub(super) fn keep_lock(&self, lock: FileLock) {
        if let Ok(mut held) = self.inner.lock.lock() {
            *held = Some(lock);
        }
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.inner.dialect {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }

    /// Closes the readers. The writer ends by itself once it has answered everybody.
    pub async fn close(&self) {
        self.inner.readers.close().await;
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// The master keys it was opened with.
    #[must_use]
    pub fn keys(&self) -> &MasterKeys {
        &self.inner.keys
    }

    pub(super) fn world(&self) -> &World {
        &self.inner.world
    }

    /// The address for a connection of one's own.
    pub(super) fn url(&self) -> &str {
        &self.inner.url
    }

    /// Where locks lie: with SQLite beside the file, since two data directories may name the same one.
    pub(super) fn lock_dir(&self) -> PathBuf {
        let beside = sqlite_file(&self.inner.url).and_then(|file| file.parent().map(Path::to_owned));
        beside.unwrap_or_else(|| self.inner.data_dir.clone())
    }

    pub(super) fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    /// A query that gives one number.
    pub(super) async fn count(&self, sql: &'static str) -> Result<i64> {
        self.scan(Statement::new(sql)).await?.first().map_or(Ok(0), |row| Row::of("count", row).int())
    }

    /// Carries out a unit.
    pub(super) async fn write(&self, unit: Unit) -> Result<Changed> {
        self.inner.writer.write(unit).await
    }

    /// Sends a statement to the writer's connection, whatever it does there.
    #[cfg(test)]
    pub(super) async fn fill_up(&self, statement: Statement) {
        self.write(vec![statement.into()]).await.map(drop).unwrap_or_default();
    }

    /// The first row of a query that finds few.
    pub(super) async fn row(&self, query: Statement) -> Result<Option<Record>> {
        Ok(self.rows(query).await?.into_iter().next())
    }

    /// All rows of a query that finds them by an index.
    pub(super) async fn rows(&self, query: Statement) -> Result<Vec<Record>> {
        Ok(self.snapshot(vec![query]).await?.into_iter().flatten().collect())
    }

    /// Several such queries that see the same state of the database.
    pub(super) async fn snapshot(&self, queries: Vec<Statement>) -> Result<Vec<Vec<Record>>> {
        let queries: Vec<Query> = queries.into_iter().map(Query::from).collect();
        self.inner.readers.read(&queries).await
    }

    /// All rows of a query that may have to visit many.
    pub(super) async fn scan(&self, query: impl Into<Query>) -> Result<Vec<Record>> {
        self.inner.readers.scan(query.into()).await
    }
}
