//! Carries units out on a connection: statements, row counts, commit, savepoints, repeats.

use super::audit;
use super::connect::Dialect;
use super::failure::Failure;
use super::shapes::Shapes;
use super::statement::{Arg, Expect, Statement, Step, arguments};
use super::writer::{Outcome, Unit};
use crate::pay::store::StoreError;
use futures::TryStreamExt;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, AssertSqlSafe, Connection, Either, Executor, Row, SqlSafeStr, SqlStr};
use std::time::Duration;

/// What a unit did: the rows its statements returned and the number of rows they changed.
#[derive(Default)]
pub(super) struct Changed {
    pub rows: Vec<AnyRow>,
    pub count: u64,
}

/// Tries of a unit that another transaction got in the way of.
const TRIES: u32 = 4;

/// Sends one text and gives its rows. `counts` gets the row count of each statement in it that was carried out, also when
/// a later one fails.
async fn send(conn: &mut AnyConnection, sql: SqlStr, args: &[&[Arg]], counts: &mut Vec<u64>) -> Result<Vec<AnyRow>, sqlx::Error> {
    let args = arguments(args.iter().copied().flatten())?;
    let mut stream = conn.fetch_many(sqlx::query_with(sql, args));
    let mut rows = Vec::new();
    while let Some(item) = stream.try_next().await? {
        match item {
            Either::Left(done) => counts.push(done.rows_affected()),
            Either::Right(row) => rows.push(row),
        }
    }
    Ok(rows)
}

/// One statement outside of any condition: the way all reads go.
pub(super) async fn fetch(conn: &mut AnyConnection, sql: SqlStr, args: &[Arg]) -> Result<Vec<AnyRow>, sqlx::Error> {
    send(conn, sql, &[args], &mut Vec::new()).await
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

/// Carries out the steps of one unit inside the transaction that the connection is in. Neighbouring statements travel as
/// one text.
async fn steps(conn: &mut AnyConnection, unit: &[Step], shapes: &Shapes) -> Result<Changed, Failure> {
    let mut changed = Changed::default();
    let mut at = 0;
    while let Some(step) = unit.get(at) {
        if let Step::Audit(entry) = step {
            audit::append(conn, entry).await?;
            at += 1;
        } else {
            let run = first_run(&unit[at..], shapes);
            at += run.len();
            let (rows, counts) = statements(conn, &run, shapes).await?;
            changed.rows.extend(rows);
            changed.count += counts.iter().sum::<u64>();
        }
    }
    Ok(changed)
}

/// Units of one shape as one text.
async fn alike(conn: &mut AnyConnection, units: &[&Unit], shapes: &Shapes) -> Result<Vec<Changed>, Failure> {
    let run: Vec<&Statement> = units.iter().flat_map(|unit| first_run(unit, shapes)).collect();
    let (_, counts) = statements(conn, &run, shapes).await?;
    let each = run.len() / units.len();
    Ok(counts.chunks(each).map(|counts| Changed { rows: Vec::new(), count: counts.iter().sum() }).collect())
}

/// The statements at the beginning of a unit that travel together.
fn first_run<'a>(unit: &'a [Step], shapes: &Shapes) -> Vec<&'a Statement> {
    let mut run: Vec<&Statement> = unit.iter().map_while(|s| if let Step::Run(s) = s { Some(s) } else { None }).collect();
    run.truncate(shapes.reach(&run));
    run
}

/// The rows of all statements together, and the number of rows that each has changed.
async fn statements(conn: &mut AnyConnection, run: &[&Statement], shapes: &Shapes) -> Result<(Vec<AnyRow>, Vec<u64>), Failure> {
    let sql = match run {
        [one] => SqlStr::from_static(one.sql),
        _ => AssertSqlSafe(shapes.text(run)).into_sql_str(),
    };
    let args: Vec<&[Arg]> = run.iter().map(|s| s.args.as_slice()).collect();
    let mut counts = Vec::with_capacity(run.len());
    let mut sent = send(conn, sql, &args, &mut counts).await.map_err(Failure::from);
    if let (Dialect::Postgres, 2.., Ok(rows)) = (shapes.dialect(), run.len(), &mut sent) {
        counts = term_counts(rows, run.len())?;
        rows.clear();
    }
    if matches!(sent, Ok(_) | Err(Failure::Refused(_))) {
        // In a joined text a statement that changed nothing does not stop those behind it; still it was the first to fail.
        for (statement, count) in run.iter().zip(&counts) {
            refuse(conn, statement, *count).await?;
        }
    }
    let rows = sent?;
    if counts.len() != run.len() {
        return Err(Failure::Broken(StoreError::Other("the database answered another number of statements".to_owned())));
    }
    Ok((rows, counts))
}

/// The one row of a joined text on PostgreSQL: how many rows each of its terms changed.
fn term_counts(rows: &[AnyRow], terms: usize) -> Result<Vec<u64>, Failure> {
    let row = rows.first().ok_or_else(|| Failure::Broken(StoreError::Other("no row counts".to_owned())))?;
    let count = |i| row.try_get::<i64, _>(i).map(|n| u64::try_from(n).unwrap_or_default());
    (0..terms).map(|i| count(i).map_err(Failure::from)).collect()
}

/// The refusal that a statement's row count means, if any.
async fn refuse(conn: &mut AnyConnection, statement: &Statement, count: u64) -> Result<(), Failure> {
    match (statement.expect, count) {
        (Expect::Any, _) | (_, 1..) => Ok(()),
        (Expect::Fresh, 0) => Err(Failure::Refused(StoreError::Stale)),
        (Expect::Reserved, 0) => {
            let there = SqlStr::from_static("select pay_no from payments where pay_no = $1");
            let rows = fetch(conn, there, statement.args.get(..1).unwrap_or_default()).await?;
            Err(Failure::Refused(if rows.is_empty() { StoreError::Stale } else { StoreError::TooMuch }))
        }
    }
}

/// All units in one transaction; the first failure rolls everything back.
pub(super) async fn together(conn: &mut AnyConnection, units: &[&Unit], shapes: &Shapes) -> Result<Vec<Changed>, Failure> {
    let begin = if shapes.dialect() == Dialect::Sqlite { "begin immediate" } else { "begin" };
    let mut tx = conn.begin_with(begin).await?;
    let mut results: Vec<Changed> = units.iter().map(|_| Changed::default()).collect();
    for group in shapes.groups(units) {
        let members: Vec<&Unit> = group.iter().map(|i| units[*i]).collect();
        let changed = match members.as_slice() {
            [one] => steps(&mut tx, one, shapes).await.map(|changed| vec![changed]),
            many => alike(&mut tx, many, shapes).await,
        };
        match changed {
            Ok(changed) => group.into_iter().zip(changed).for_each(|(i, changed)| results[i] = changed),
            Err(Failure::Refused(e)) => {
                tx.rollback().await.map_err(|e| Failure::Broken(Failure::from(e).into_error()))?;
                return Err(Failure::Refused(e));
            }
            Err(other) => return Err(other),
        }
    }
    tx.commit().await.map_err(lost)?;
    Ok(results)
}

/// All units in one transaction, each behind its own savepoint (SQLite).
///
/// # Errors
/// When the transaction as a whole is lost.
pub(super) async fn apart(conn: &mut AnyConnection, units: &[&Unit], shapes: &Shapes) -> Result<Vec<Outcome>, StoreError> {
    let broken = |e: sqlx::Error| lost(e).into_error();
    let mut tx = conn.begin_with("begin immediate").await.map_err(broken)?;
    let mut results = Vec::with_capacity(units.len());
    for unit in units {
        fetch(&mut tx, SqlStr::from_static("savepoint unit"), &[]).await.map_err(broken)?;
        match steps(&mut tx, unit, shapes).await {
            Ok(changed) => {
                fetch(&mut tx, SqlStr::from_static("release unit"), &[]).await.map_err(broken)?;
                results.push(Ok(changed));
            }
            Err(Failure::Refused(e)) => {
                fetch(&mut tx, SqlStr::from_static("rollback to unit"), &[]).await.map_err(broken)?;
                fetch(&mut tx, SqlStr::from_static("release unit"), &[]).await.map_err(broken)?;
                results.push(Err(e));
            }
            // After an error such as a full disk SQLite may have ended the transaction by itself; going on would commit
            // each further statement alone.
            Err(other) => return Err(other.into_error()),
        }
    }
    tx.commit().await.map_err(broken)?;
    Ok(results)
}

/// A commit that fails leaves nothing behind, so whatever the cause, the caller may try again.
fn lost(e: sqlx::Error) -> Failure {
    match Failure::from(e) {
        Failure::Again(e) => Failure::Again(e),
        other => Failure::Broken(StoreError::Unavailable(other.into_error().to_string())),
    }
}

/// One unit as a transaction of its own, again when another one was in the way (PostgreSQL).
pub(super) async fn retried(pool: &AnyPool, unit: &Unit, shapes: &Shapes) -> Outcome {
    let mut attempt = 1;
    let single = Shapes::single(shapes.dialect());
    let mut joined = true;
    loop {
        match once(pool, unit, if joined { shapes } else { &single }).await {
            Ok(changed) => return Ok(changed),
            // In a joined text a broken rule is found before the condition of a statement in front of it, whose word counts.
            Err(Failure::Refused(StoreError::Taken(_))) if joined && has_conditions(unit) => {
                joined = false;
            }
            Err(Failure::Again(_)) if attempt < TRIES => {
                tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
                attempt += 1;
            }
            Err(failure) => return Err(failure.into_error()),
        }
    }
}

fn has_conditions(unit: &[Step]) -> bool {
    unit.iter().any(|step| matches!(step, Step::Run(s) if s.expect != Expect::Any))
}

async fn once(pool: &AnyPool, unit: &Unit, shapes: &Shapes) -> Result<Changed, Failure> {
    let mut conn = pool.acquire().await?;
    // A single statement is a transaction already, unless a condition on the rows of several must undo them all.
    let run = first_run(unit, shapes);
    if run.len() == unit.len() && (run.len() == 1 || run.iter().all(|s| s.expect == Expect::Any)) {
        let (rows, counts) = statements(&mut conn, &run, shapes).await?;
        return Ok(Changed { rows, count: counts.iter().sum() });
    }
    Ok(together(&mut conn, &[unit], shapes).await?.pop().unwrap_or_default())
}
