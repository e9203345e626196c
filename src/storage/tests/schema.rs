//! Migrations and the settings of connections.

use super::{meddle, on_each};
use crate::pay::World;
use crate::pay::store::{Store, StoreError};
use crate::storage::statement::Statement;
use crate::storage::testing::{database, postgres};
use crate::storage::{Database, MasterKeys};

#[tokio::test]
async fn an_older_program_refuses_a_newer_schema() {
    on_each(async |db| {
        let status = db.schema_status().await.unwrap();
        assert!(status.is_current() && status.known >= 1);
        db.migrate().await.unwrap();
        meddle(
            db,
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             select 999999, 'later', success, checksum, 1 from _sqlx_migrations where version = 1",
        )
        .await;
        match db.migrate().await {
            Err(StoreError::Other(text)) => assert!(text.contains("newer"), "{text}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(db.schema_status().await.unwrap().applied, 999_999);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_together_make_the_schema_once() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("x.db").display());
    let mut starters = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let (url, dir) = (url.clone(), dir.path().to_owned());
        starters.spawn(async move {
            let db = Database::connect(&url, &dir, MasterKeys::new([1; 32], &[]), World::system()).await?;
            db.migrate().await
        });
    }
    for result in starters.join_all().await {
        result.unwrap();
    }
}

#[tokio::test]
async fn an_empty_database_has_no_schema_yet() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("deep/er/x.db").display());
    let db = Database::connect(&url, dir.path(), MasterKeys::new([1; 32], &[]), World::system()).await.unwrap();
    assert_eq!(db.schema_status().await.unwrap().applied, 0);
    db.migrate().await.unwrap();
    assert!(db.schema_status().await.unwrap().is_current());
    assert_eq!(db.kind(), "sqlite");
}

#[tokio::test]
async fn the_writer_and_the_readers_open_the_same_file_whatever_its_name() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a b?c#d%e.db", "file:x.db", "数据库.db"] {
        let path = dir.path().join(name);
        let escaped = path.to_str().unwrap().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        let url = format!("sqlite://{escaped}");
        let db = Database::connect(&url, dir.path(), MasterKeys::new([1; 32], &[]), World::system()).await.unwrap();
        db.migrate().await.unwrap();
        let app = crate::storage::testing::app(&db).await;
        assert_eq!(db.apps().await.unwrap(), [app], "{name}");
        assert!(path.exists(), "{name}");
    }
}

#[tokio::test]
async fn sqlite_readers_cannot_write() {
    let db = database().await;
    let result = db.rows(Statement::new("delete from apps")).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{:?}", result.map(drop));
}

#[tokio::test]
async fn a_second_server_on_one_sqlite_file_is_refused_but_a_command_is_not() {
    let db = database().await;
    let open = async || Database::connect(&db.url, db.dir.path(), MasterKeys::new([7; 32], &[]), World::system()).await.unwrap();
    db.lock_for_serving().unwrap();
    let command = open().await;
    crate::storage::testing::app(&command).await;
    assert_eq!(db.apps().await.unwrap().len(), 1);
    assert!(matches!(command.lock_for_serving(), Err(StoreError::Unavailable(_))));
    // Nor may one whose data lies elsewhere.
    let elsewhere = tempfile::tempdir().unwrap();
    let keys = MasterKeys::new([7; 32], &[]);
    let other = Database::connect(&db.url, elsewhere.path(), keys, World::system()).await.unwrap();
    assert!(matches!(other.lock_for_serving(), Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn postgres_connections_have_time_outs() {
    let Some(db) = postgres().await else { return };
    for (setting, value) in [("show statement_timeout", "10s"), ("show idle_in_transaction_session_timeout", "15s")] {
        let rows = db.rows(Statement::new(setting)).await.unwrap();
        assert_eq!(crate::storage::row::Row::of("setting", &rows[0]).text().unwrap(), value);
    }
    let faults = db.durability_faults().await.unwrap();
    assert!(faults.iter().all(|f| f.text.contains("= off")), "{faults:?}");
    // A second server from the same data directory may serve, too, but has nothing to inherit.
    let (first, second) = (db.lock_for_serving().unwrap(), db.database.clone().lock_for_serving().unwrap());
    assert!(first.heir_of.as_ref().is_some_and(|node| first.name.starts_with(&format!("{node}."))), "{first:?}");
    assert_eq!(second.heir_of, None);
    assert_ne!(first.name, second.name);
}

#[tokio::test]
async fn a_postgres_that_may_lose_commits_is_told() {
    let Some(db) = postgres().await else { return };
    let mut url = url::Url::parse(&db.url).unwrap();
    url.query_pairs_mut().append_pair("options[synchronous_commit]", "off");
    let keys = MasterKeys::new([7; 32], &[]);
    let careless = Database::connect_sized(url.as_str(), db.dir.path(), keys, World::system(), 2).await.unwrap();
    let faults = careless.durability_faults().await.unwrap();
    assert!(faults.iter().any(|f| f.is_fatal && f.text.contains("synchronous_commit = off")), "{faults:?}");
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_reported_not_guessed() {
    on_each(async |db| {
        let app = crate::storage::testing::app(db).await;
        let order = crate::storage::testing::order(&app.app_id, 100);
        db.commit(vec![crate::pay::store::Write::InsertOrder(Box::new(order.clone()))]).await.unwrap();
        meddle(db, "update orders set status = 'lost'").await;
        match db.order(&order.order_no).await {
            Err(StoreError::Inconsistent { table: "orders", id, problem }) => {
                assert_eq!(id, order.order_no.as_str());
                assert!(problem.contains("lost"), "{problem}");
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
}
