//! Where reads go: connections that the lender hands out.
//!
//! Must not know what the queries mean.

use super::address::Dialect;
use super::failure::store_error;
use super::fetch::run;
use super::lend::Lender;
use super::row::Record;
use super::statement::Query;
use super::{postgres, sqlite};
use crate::pay::store::StoreError;
use sqlx::AnyConnection;
use tokio::sync::Semaphore;

type Result<T> = std::result::Result<T, StoreError>;

/// The readers of a database.
pub(super) struct Readers {
    dialect: Dialect,
    lender: Lender,
    /// Places for scans: they never have all connections.
    scans: Semaphore,
}

impl Readers {
    pub fn new(dialect: Dialect, lender: Lender) -> Self {
        let scans = Semaphore::new(lender.size().div_ceil(2));
        Self { dialect, lender, scans }
    }

    /// The rows of each query; all see the same state of the database.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read now.
    pub async fn read(&self, queries: &[Query]) -> Result<Vec<Vec<Record>>> {
        let mut conn = self.lender.lend().await?;
        let found = match (queries, self.dialect) {
            ([one], _) => rows(&mut conn, one).await.map(|rows| vec![rows]),
            (several, Dialect::Sqlite) => sqlite::snapshot(&mut conn, several).await,
            (several, Dialect::Postgres) => postgres::snapshot(&mut conn, several).await,
        };
        let found = found.map_err(store_error)?;
        self.lender.take_back(conn);
        Ok(found)
    }

    /// The rows of a query that may visit many.
    ///
    /// # Errors
    /// As [`Readers::read`].
    pub async fn scan(&self, query: Query) -> Result<Vec<Record>> {
        let _place = self.scans.acquire().await.map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(self.read(&[query]).await?.into_iter().flatten().collect())
    }

    /// Closes the connections; waits for those that are lent.
    pub async fn close(&self) {
        self.scans.close();
        self.lender.close().await;
    }
}

async fn rows(conn: &mut AnyConnection, query: &Query) -> std::result::Result<Vec<Record>, sqlx::Error> {
    let (done, ended) = run(conn, query.sql.clone(), &query.args).await;
    ended?;
    Ok(done.into_iter().flat_map(|one| one.rows).collect())
}
