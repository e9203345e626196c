//! How reads get their rows from a connection, of either database.

use super::statement::{Arg, arguments};
use futures::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Either, Executor, SqlStr};

/// The rows of one text.
pub(super) async fn fetch(conn: &mut AnyConnection, sql: SqlStr, args: &[&[Arg]]) -> Result<Vec<AnyRow>, sqlx::Error> {
    let args = arguments(args.iter().copied().flatten())?;
    conn.fetch(sqlx::query_with(sql, args)).try_collect().await
}

/// The first row of one text. The driver stops there.
pub(super) async fn fetch_first(conn: &mut AnyConnection, sql: SqlStr, args: &[Arg]) -> Result<Option<AnyRow>, sqlx::Error> {
    conn.fetch_optional(sqlx::query_with(sql, arguments(args.iter())?)).await
}

/// The rows of each statement of a joined text.
pub(super) async fn fetch_each(conn: &mut AnyConnection, sql: SqlStr, args: &[&[Arg]]) -> Result<Vec<Vec<AnyRow>>, sqlx::Error> {
    let args = arguments(args.iter().copied().flatten())?;
    let mut stream = conn.fetch_many(sqlx::query_with(sql, args));
    let (mut results, mut rows) = (Vec::new(), Vec::new());
    while let Some(item) = stream.try_next().await? {
        match item {
            Either::Left(_) => results.push(std::mem::take(&mut rows)),
            Either::Right(row) => rows.push(row),
        }
    }
    Ok(results)
}
