//! Lends connections of a pool. The pool itself asks a connection for a sign of life whenever it gets it back, which costs
//! as much as a read. Here one goes straight from hand to hand, and back to the pool, which knows about dead and aged ones,
//! only when nobody has wanted it for a while.

use crate::pay::store::StoreError;
use crate::storage::failure::store_error;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A connection that nobody has, and since when.
type Idle = (PoolConnection<Any>, Instant);

/// The lender. Clones share it.
#[derive(Clone)]
pub(super) struct Lender {
    pool: AnyPool,
    fresh: Duration,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Idle>>>,
}

impl Lender {
    /// `fresh`: idle for longer than this, a connection may have died with a restart of its server, and the pool shall look
    /// after it.
    pub fn new(pool: AnyPool, fresh: Duration) -> Self {
        let places = Arc::new(Semaphore::new(size(&pool)));
        Self { pool, fresh, places, idle: Arc::default() }
    }

    /// Connections at most.
    pub fn size(&self) -> usize {
        size(&self.pool)
    }

    /// A connection, as soon as one is free.
    ///
    /// # Errors
    /// `Unavailable` when none is free for long, or the database does not answer.
    pub async fn lend(&self) -> Result<Lent, StoreError> {
        let unavailable = |text: &str| StoreError::Unavailable(text.to_owned());
        let patience = self.pool.options().get_acquire_timeout();
        let place = tokio::time::timeout(patience, self.places.clone().acquire_owned()).await;
        let place =
            place.map_err(|_| unavailable("no connection is free"))?.map_err(|_| unavailable("the database is closed"))?;
        while let Some((conn, since)) = self.newest() {
            if since.elapsed() < self.fresh {
                return Ok(Lent { conn, place });
            }
        }
        Ok(Lent { conn: self.pool.acquire().await.map_err(store_error)?, place })
    }

    /// Takes back a connection that did its work. One whose work failed is dropped instead: then the pool looks after it.
    pub fn take_back(&self, lent: Lent) {
        if !self.places.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((lent.conn, Instant::now()));
        }
        drop(lent.place);
    }

    fn newest(&self) -> Option<Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Closes all connections; waits for those that are lent.
    pub async fn close(&self) {
        self.places.close();
        while self.newest().is_some() {}
        self.pool.close().await;
    }
}

fn size(pool: &AnyPool) -> usize {
    usize::try_from(pool.options().get_max_connections()).unwrap_or(1)
}

/// A lent connection.
pub(super) struct Lent {
    conn: PoolConnection<Any>,
    place: OwnedSemaphorePermit,
}

impl Deref for Lent {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.conn
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.conn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::any::{AnyPoolOptions, install_default_drivers};
    use sqlx::{Executor, Row};

    #[tokio::test]
    async fn a_connection_is_lent_to_one_at_a_time_and_to_the_next_one_after() {
        install_default_drivers();
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("lend.db").display());
        let options = AnyPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_millis(200));
        let lender = Lender::new(options.connect_lazy(&url).unwrap(), Duration::from_secs(1));
        let (mut first, second) = (lender.lend().await.unwrap(), lender.lend().await.unwrap());
        first.execute("create temp table mine (x bigint)").await.unwrap();
        assert!(matches!(lender.lend().await, Err(StoreError::Unavailable(_))), "both are lent");
        drop(second);
        lender.take_back(first);
        let mut again = lender.lend().await.unwrap();
        let mine = again.fetch_one("select cast(count(*) as bigint) from temp.mine").await.unwrap();
        assert_eq!(mine.get::<i64, _>(0), 0, "the same connection");
        lender.take_back(again);
        lender.close().await;
        assert!(matches!(lender.lend().await, Err(StoreError::Unavailable(_))), "closed");
    }
}
