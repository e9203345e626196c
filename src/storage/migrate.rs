//! The schema: embedded migrations, one set for both databases.

use super::address::Dialect;
use super::database::Database;
use super::failure::store_error;
use super::lock::FileLock;
use crate::pay::store::StoreError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, Connection};
use std::time::Duration;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// What `doctor` reports about the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The newest version in the database; 0 for an empty one.
    pub applied: i64,
    /// The newest version this program knows.
    pub known: i64,
}

impl SchemaStatus {
    /// Whether the database is exactly at this program's version.
    #[must_use]
    pub fn is_current(self) -> bool {
        self.applied == self.known
    }
}

impl Database {
    /// Brings the schema to this program's version.
    ///
    /// # Errors
    /// `Other` when the database has a newer schema than this program knows, or a migration was changed after it ran.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // PostgreSQL has a lock of its own for this.
        let _alone = if self.dialect() == Dialect::Sqlite { Some(self.lock_for_migrating().await?) } else { None };
        // The readers may not write, and the writer's connection belongs to its thread.
        let mut conn = AnyConnection::connect(self.url()).await.map_err(store_error)?;
        let done = MIGRATIONS.run_direct(None, &mut conn, false).await;
        let closed = conn.close().await.map_err(store_error);
        done.map_err(|e| match e {
            MigrateError::VersionMissing(version) => StoreError::Other(format!(
                "the database has schema version {version}, which is newer than this program; use the newer program"
            )),
            MigrateError::Execute(e) => store_error(e),
            other => StoreError::Other(other.to_string()),
        })?;
        closed
    }

    /// A command and a server that start together must not both create the tables.
    async fn lock_for_migrating(&self) -> Result<FileLock, StoreError> {
        for _ in 0..200 {
            if let Some(lock) = FileLock::try_take(&self.lock_dir(), "migrate.lock")? {
                return Ok(lock);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(StoreError::Unavailable("another process is changing the schema".to_owned()))
    }

    /// Compares the schema with this program.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schema_status(&self) -> Result<SchemaStatus, StoreError> {
        let known = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
        let there = match self.dialect() {
            Dialect::Sqlite => "select cast(count(*) as bigint) from sqlite_master where name = '_sqlx_migrations'",
            Dialect::Postgres => {
                "select cast(count(*) as bigint) from information_schema.tables \
                 where table_name = '_sqlx_migrations' and table_schema = current_schema()"
            }
        };
        if self.count(there).await? == 0 {
            return Ok(SchemaStatus { applied: 0, known });
        }
        let applied = self.count("select cast(coalesce(max(version), 0) as bigint) from _sqlx_migrations").await?;
        Ok(SchemaStatus { applied, known })
    }
}
