//! One suite for both databases: SQLite always, PostgreSQL where `TEST_POSTGRES_URL` names a server.

mod accounts;
mod audit;
mod changes;
mod events;
mod lists;
mod races;
mod records;
mod refund_audits;
mod schema;
mod sealing;
mod sessions;
mod sweeping;
mod trouble;

use super::testing::{TestDatabase, database, postgres};

/// Runs a test on a fresh database of each kind.
async fn on_each(test: impl AsyncFn(&TestDatabase)) {
    test(&database().await).await;
    if let Some(db) = postgres().await {
        test(&db).await;
    }
}

/// Changes the database behind the storage's back, as a tampering hand would.
async fn meddle(db: &TestDatabase, sql: &'static str) -> u64 {
    use sqlx::{Connection, Executor};
    let mut conn = sqlx::AnyConnection::connect(&db.url).await.unwrap();
    let done = conn.execute(sql).await.unwrap();
    conn.close().await.unwrap();
    done.rows_affected()
}
