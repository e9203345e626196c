//! A database that is locked, full or gone: answers instead of hangs, and recovery without a restart.

use crate::pay::store::{Store, StoreError, Write};
use crate::storage::testing::{TestDatabase, app, database, order, postgres};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

/// A second connection to the SQLite file, as another program would have.
async fn stranger(db: &TestDatabase) -> AnyConnection {
    AnyConnection::connect(&db.url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_lock_of_another_program_only_delays() {
    let db = database().await;
    let app = app(&db).await;
    let mut other = stranger(&db).await;
    other.execute("begin immediate").await.unwrap();
    let waiting = {
        let (db, order) = (db.database.clone(), order(&app.app_id, 100));
        tokio::spawn(async move { db.commit(vec![Write::InsertOrder(Box::new(order))]).await })
    };
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(db.apps().await.unwrap().len(), 1, "reads go on");
    assert!(!waiting.is_finished());
    other.execute("commit").await.unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_lock_is_answered_unavailable_and_ends_without_a_restart() {
    let db = database().await;
    let app = app(&db).await;
    let mut other = stranger(&db).await;
    other.execute("begin immediate").await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (db, order) = (db.database.clone(), order(&app.app_id, 100));
        callers.spawn(async move { db.commit(vec![Write::InsertOrder(Box::new(order))]).await });
    }
    for result in callers.join_all().await {
        assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    }
    other.execute("rollback").await.unwrap();
    let order = order(&app.app_id, 100);
    db.commit(vec![Write::InsertOrder(Box::new(order.clone()))]).await.unwrap();
    assert!(db.order(&order.order_no).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_file_refuses_writes_and_keeps_what_was_there() {
    let db = database().await;
    let app = app(&db).await;
    let kept = order(&app.app_id, 100);
    db.commit(vec![Write::InsertOrder(Box::new(kept.clone()))]).await.unwrap();
    // The writer's own connection is told that the file may not grow; a new connection knows nothing of it.
    let limit = crate::storage::statement::Statement::new("pragma max_page_count = 1");
    db.fill_up(limit).await;
    let mut refused = 0;
    for _ in 0..200 {
        let mut big = order(&app.app_id, 100);
        big.body = Some("x".repeat(3000));
        match db.commit(vec![Write::InsertOrder(Box::new(big.clone()))]).await {
            Ok(()) => {}
            Err(StoreError::Unavailable(text)) => {
                refused += 1;
                assert!(text.contains("full"), "{text}");
                assert!(db.order(&big.order_no).await.unwrap().is_none());
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 1, "the limit is reached");
    assert_eq!(db.order(&kept.order_no).await.unwrap(), Some(kept));
    let after = order(&app.app_id, 100);
    db.commit(vec![Write::InsertOrder(Box::new(after))]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_of_postgres_heal_by_themselves() {
    let Some(db) = postgres().await else { return };
    let app = app(&db).await;
    let mut other = AnyConnection::connect(&db.url).await.unwrap();
    let cut = "select cast(count(pg_terminate_backend(pid)) as bigint) from pg_stat_activity \
               where application_name = current_setting('application_name') and pid <> pg_backend_pid()";
    for _ in 0..3 {
        other.execute(AssertSqlSafe(cut)).await.unwrap();
        let mut done = false;
        for _ in 0..20 {
            let order = order(&app.app_id, 100);
            match db.commit(vec![Write::InsertOrder(Box::new(order.clone()))]).await {
                Ok(()) => {
                    assert!(db.order(&order.order_no).await.unwrap().is_some());
                    done = true;
                    break;
                }
                Err(StoreError::Unavailable(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(done, "a new connection is opened");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlocks_of_postgres_are_tried_again() {
    let Some(db) = postgres().await else { return };
    let kind = crate::pay::TaskKind::WatchPayment;
    let task = |about: &str| Write::Schedule(crate::pay::Task { kind, about: about.to_owned(), due_at: 1, attempts: 0, step: 0 });
    db.commit(vec![task("a"), task("b")]).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for i in 0..40 {
        let db = db.database.clone();
        let unit = if i % 2 == 0 { vec![task("a"), task("b")] } else { vec![task("b"), task("a")] };
        writers.spawn(async move { db.commit(unit).await });
    }
    for result in writers.join_all().await {
        assert!(matches!(result, Ok(()) | Err(StoreError::Unavailable(_))), "{result:?}");
    }
}
