//! Several queries that see the same state.

use crate::storage::fetch::run;
use crate::storage::row::Record;
use crate::storage::statement::{Query, renumbered};
use sqlx::{AnyConnection, AssertSqlSafe, SqlSafeStr};

/// The rows of each query, all as of one moment: they travel as one text, and a transaction with them.
pub(in crate::storage) async fn snapshot(conn: &mut AnyConnection, queries: &[Query]) -> Result<Vec<Vec<Record>>, sqlx::Error> {
    let mut text = String::from("begin;");
    let mut offset = 0;
    for query in queries {
        renumbered(&mut text, "$", query.sql.as_str(), offset);
        text.push(';');
        offset += query.args.len();
    }
    let sql = AssertSqlSafe(text + "commit").into_sql_str();
    let (done, ended) = run(conn, sql, queries.iter().flat_map(|query| &query.args)).await;
    ended?;
    Ok(done.into_iter().skip(1).take(queries.len()).map(|one| one.rows).collect()) // `begin` is the first
}

#[cfg(test)]
mod tests {
    use crate::pay::store::StoreError;
    use crate::storage::address::{Dialect, sqlite_url};
    use crate::storage::read::Readers;
    use crate::storage::sqlite;
    use crate::storage::statement::{Arg, Query, Statement};
    use sqlx::{AnyConnection, Connection, Executor};
    use std::time::Duration;

    fn query(sql: &'static str) -> Query {
        Statement::new(sql).into()
    }

    async fn readers() -> (tempfile::TempDir, AnyConnection, Readers) {
        sqlx::any::install_default_drivers();
        let dir = tempfile::tempdir().unwrap();
        let url = sqlite_url(&dir.path().join("r.db")).unwrap();
        sqlite::settle(&url).await.unwrap();
        let mut writer = AnyConnection::connect(&url).await.unwrap();
        writer.execute("create table t (n bigint); insert into t values (1)").await.unwrap();
        (dir, writer, Readers::new(Dialect::Sqlite, sqlite::readers(&url).unwrap()))
    }

    #[tokio::test]
    async fn readers_read_and_cannot_write() {
        let (_dir, _writer, readers) = readers().await;
        let one = || Arg::Int(Some(1));
        assert_eq!(readers.scan(query("select n from t")).await.unwrap(), [[one()]]);
        assert!(readers.read(&[query("insert into t values (2) returning n")]).await.is_err());
        let several = [
            query("select n from t where n > 1"),
            Statement::new("select n, $2 from t where n = $1").bind(1).bind("x").into(),
            Statement::new("select n from t where n < $1").bind(2).into(),
        ];
        let found = readers.read(&several).await.unwrap();
        assert_eq!(found, [vec![], vec![vec![one(), "x".into()]], vec![vec![one()]]]);
        readers.close().await;
        assert!(matches!(readers.read(&[query("select n from t")]).await, Err(StoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn a_snapshot_that_fails_or_is_broken_off_leaves_no_transaction_behind() {
        let (_dir, mut writer, readers) = readers().await;
        let all = || [query("select n from t"), query("select n from t")];
        for _ in 0..20 {
            assert!(readers.read(&[query("select n from t"), query("select n from nowhere")]).await.is_err());
            let endless = "with recursive c (n) as (values (1) union all select n + 1 from c) select n from c";
            let long = [query("select n from t"), query(endless)];
            assert!(tokio::time::timeout(Duration::from_millis(5), readers.read(&long)).await.is_err());
            writer.execute("insert into t values (2)").await.unwrap();
            let found = readers.read(&all()).await.unwrap();
            let count = found[0].len();
            assert!(count > 1 && found[1].len() == count, "as it is now");
            let now = readers.scan(query("select n from t")).await.unwrap();
            assert_eq!(now.len(), count);
        }
    }
}
