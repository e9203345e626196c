//! How statements travel to a database, and how rows come back.

use super::row::Record;
use super::statement::{Arg, Changed, Statement};
use futures::TryStreamExt;
use sqlx::any::{AnyArguments, AnyRow, AnyTypeInfoKind};
use sqlx::{AnyConnection, Arguments, Either, Executor, Row, SqlStr, ValueRef};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// What each statement of a text did, up to the one that failed, and how that failed.
pub(super) async fn run<'a>(
    conn: &mut AnyConnection,
    sql: SqlStr,
    args: impl IntoIterator<Item = &'a Arg>,
) -> (Vec<Changed>, Result<()>) {
    let mut done = Vec::new();
    let ended = collect(conn, sql, args, &mut done).await;
    (done, ended)
}

async fn collect<'a>(
    conn: &mut AnyConnection,
    sql: SqlStr,
    args: impl IntoIterator<Item = &'a Arg>,
    done: &mut Vec<Changed>,
) -> Result<()> {
    let mut stream = conn.fetch_many(sqlx::query_with(sql, arguments(args)?));
    let mut rows = Vec::new();
    while let Some(item) = stream.try_next().await? {
        match item {
            Either::Right(row) => rows.push(record(&row)?),
            Either::Left(one) => done.push(Changed { rows: std::mem::take(&mut rows), count: one.rows_affected() }),
        }
    }
    Ok(())
}

/// One statement.
pub(super) async fn send(conn: &mut AnyConnection, statement: &Statement) -> Result<Changed> {
    let (done, ended) = run(conn, SqlStr::from_static(statement.sql), &statement.args).await;
    ended?;
    Ok(done.into_iter().next().unwrap_or_default())
}

/// A row's columns. Their types are those of the values, since an expression of SQLite has none of its own.
fn record(row: &AnyRow) -> Result<Record> {
    let column = |at: usize| match row.try_get_raw(at)?.type_info().kind() {
        AnyTypeInfoKind::Null => Ok(Arg::Text(None)),
        AnyTypeInfoKind::Text => row.try_get(at).map(|text: Option<&str>| Arg::Text(text.map(str::to_owned))),
        _ => row.try_get(at).map(Arg::Int),
    };
    (0..row.len()).map(column).collect()
}

/// Arguments in the driver's form.
pub(super) fn arguments<'a>(args: impl IntoIterator<Item = &'a Arg>) -> Result<AnyArguments> {
    let (args, mut out) = (args.into_iter(), AnyArguments::default());
    out.reserve(args.size_hint().0, 0);
    for arg in args {
        match arg {
            Arg::Text(text) => out.add(text.clone()),
            Arg::Int(n) => out.add(*n),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(out)
}
