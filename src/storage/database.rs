//! The open database: where reads and writes go, and what it needs besides.

use super::connect::{Dialect, dialect, postgres_pool, sqlite_file, sqlite_readers, sqlite_url};
use super::failure::store_error;
use super::fetch::{fetch, fetch_each, fetch_first};
use super::lend::Lender;
use super::lock::{FileLock, private_dir};
use super::row::Row;
use super::seal::MasterKeys;
use super::shapes::Shapes;
use super::statement::{Arg, Changed, Statement, Unit};
use super::writer::Writer;
use crate::pay::World;
use crate::pay::store::StoreError;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, SqlSafeStr, SqlStr};
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
    readers: Lender,
    writer: Writer,
    /// Joined texts of snapshots.
    shapes: Shapes,
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
        let dialect = dialect(url)?;
        let (readers, writer, url) = match dialect {
            Dialect::Sqlite => {
                let file = sqlite_file(url).unwrap_or_default();
                if let Some(parent) = file.parent() {
                    private_dir(parent).map_err(|e| StoreError::Unavailable(format!("{}: {e}", parent.display())))?;
                }
                let file = std::path::absolute(&file).map_err(|e| StoreError::Unavailable(format!("{}: {e}", file.display())))?;
                let url = sqlite_url(&file)?;
                (Lender::new(sqlite_readers(&url)?), Writer::queue(file).await?, url)
            }
            Dialect::Postgres => {
                let lender = Lender::new(postgres_pool(url, pool_size)?);
                lender.take_back(lender.lend().await?);
                (lender.clone(), Writer::Pool(lender, Arc::new(Shapes::default())), url.to_owned())
            }
        };
        let (shapes, lock) = (Shapes::default(), Mutex::new(None));
        let inner = Inner { dialect, readers, writer, shapes, keys, world, url, data_dir: data_dir.to_owned(), lock };
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

    pub(super) fn pool(&self) -> &AnyPool {
        self.inner.readers.pool()
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
        self.row(Statement::new(sql)).await?.map_or(Ok(0), |row| Row::of("count", &row).int())
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

    /// All rows of a query.
    pub(super) async fn rows(&self, query: Statement) -> Result<Vec<AnyRow>> {
        self.fetch(SqlStr::from_static(query.sql), &query.args).await
    }

    /// The first row of a query.
    pub(super) async fn row(&self, query: Statement) -> Result<Option<AnyRow>> {
        let mut conn = self.inner.readers.lend().await?;
        let row = fetch_first(&mut conn, SqlStr::from_static(query.sql), &query.args).await.map_err(store_error)?;
        self.inner.readers.take_back(conn);
        Ok(row)
    }

    /// A query put together of static pieces.
    pub(super) async fn pieces(&self, sql: String, args: &[Arg]) -> Result<Vec<AnyRow>> {
        self.fetch(AssertSqlSafe(sql).into_sql_str(), args).await
    }

    async fn fetch(&self, sql: SqlStr, args: &[Arg]) -> Result<Vec<AnyRow>> {
        let mut conn = self.inner.readers.lend().await?;
        let rows = fetch(&mut conn, sql, &[args]).await.map_err(store_error)?;
        self.inner.readers.take_back(conn);
        Ok(rows)
    }

    /// Several queries that see the same state of the database.
    pub(super) async fn snapshot(&self, queries: Vec<Statement>) -> Result<Vec<Vec<AnyRow>>> {
        match self.inner.dialect {
            Dialect::Sqlite => {
                // A task of its own: a caller that goes away would leave the transaction open on a reader, which would
                // see this state for ever.
                let this = self.clone();
                let task = tokio::spawn(async move { this.joined_snapshot(queries).await });
                task.await.map_err(|e| StoreError::Other(e.to_string()))?
            }
            Dialect::Postgres => {
                let mut conn = self.inner.readers.lend().await?;
                let begin = "begin isolation level repeatable read read only";
                let mut tx = AnyConnection::begin_with(&mut conn, begin).await.map_err(store_error)?;
                let mut out = Vec::with_capacity(queries.len());
                for query in queries {
                    out.push(fetch(&mut tx, SqlStr::from_static(query.sql), &[&query.args]).await.map_err(store_error)?);
                }
                tx.commit().await.map_err(store_error)?;
                self.inner.readers.take_back(conn);
                Ok(out)
            }
        }
    }

    /// The whole read transaction as one text: SQLite's thread is woken once and not for each statement.
    async fn joined_snapshot(&self, queries: Vec<Statement>) -> Result<Vec<Vec<AnyRow>>> {
        let (begin, commit) = (Statement::new("begin"), Statement::new("commit"));
        let run: Vec<&Statement> = [&begin].into_iter().chain(&queries).chain([&commit]).collect();
        let text = self.inner.shapes.script(&run);
        let args: Vec<&[Arg]> = queries.iter().map(|q| q.args.as_slice()).collect();
        let mut conn = self.inner.readers.lend().await?;
        match fetch_each(&mut conn, AssertSqlSafe(text).into_sql_str(), &args).await {
            Ok(results) if results.len() == run.len() => {
                self.inner.readers.take_back(conn);
                Ok(results.into_iter().skip(1).take(queries.len()).collect())
            }
            Ok(_) => {
                conn.close_on_drop();
                Err(StoreError::Other("the database answered another number of statements".to_owned()))
            }
            Err(e) => {
                conn.close_on_drop(); // it may still be in the transaction
                Err(store_error(e))
            }
        }
    }
}
