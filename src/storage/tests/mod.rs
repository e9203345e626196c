//! One suite for both databases: SQLite always, PostgreSQL where `TEST_POSTGRES_URL` names a server.

mod changes;

use super::testing::{TestDatabase, database, postgres};

/// Runs a test on a fresh database of each kind.
async fn on_each(test: impl AsyncFn(&TestDatabase)) {
    test(&database().await).await;
    if let Some(db) = postgres().await {
        test(&db).await;
    }
}
