//! Carries units out on the writing connection.
//!
//! Must not know what the statements mean.

use super::procedures::{Part, Procedure, Procedures};
use crate::pay::store::StoreError;
use crate::storage::failure::Failure;
use crate::storage::fetch::run;
use crate::storage::statement::{Changed, Step};
use crate::storage::steps::{statement, steps};
use crate::storage::writer::{Arrivals, Job, Outcome};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, SqlSafeStr};
use std::iter;

/// The units of all jobs in one transaction, and those of more jobs that arrive while it runs, which are added to them. Each
/// has its outcome at the place of its job, of which those that share a text are brought together.
///
/// # Errors
/// Only when the transaction as a whole is lost; a single unit's failure is among the results. Then the connection may be in
/// any state and must be given up.
pub(in crate::storage) async fn carry_out(
    conn: &mut AnyConnection,
    procedures: &mut Procedures,
    jobs: &mut Vec<Job>,
    arrivals: &mut Arrivals,
) -> Result<Vec<Outcome>, StoreError> {
    // Nearly always every unit succeeds. Savepoints cost a copy of each page a unit touches, so they wait for the second
    // pass, which runs only when some unit failed in the first.
    match together(conn, procedures, jobs, arrivals).await {
        Ok(results) => Ok(results.into_iter().map(Ok).collect()),
        Err(Failure::Refused(_)) => {
            let _ = conn.execute("rollback").await; // fails when a procedure has done it already
            apart(conn, jobs).await
        }
        Err(other) => Err(other.into_error()),
    }
}

/// The first failure ends it; the transaction may be open then.
async fn together(
    conn: &mut AnyConnection,
    procedures: &mut Procedures,
    jobs: &mut Vec<Job>,
    arrivals: &mut Arrivals,
) -> Result<Vec<Changed>, Failure> {
    procedures.make(conn).await?;
    let mut results = Vec::with_capacity(jobs.len());
    loop {
        while let Some(job) = arrivals.join(jobs.len()) {
            jobs.push(job);
        }
        let begins = results.is_empty();
        let waiting = &mut jobs[results.len()..];
        let Some(first) = waiting.first() else {
            conn.execute("commit").await?;
            return Ok(results);
        };
        if let ([Step::Run(one)], true, 1) = (&first.unit[..], begins, waiting.len()) {
            return Ok(vec![statement(conn, one).await?]); // a transaction already
        }
        let found = bring_together(procedures, waiting);
        if !found.is_empty() {
            let part = Part { begins, commits: found.len() == waiting.len() };
            let units: Vec<_> = iter::zip(found, waiting.iter().map(|job| &job.unit[..])).collect();
            let (sql, args) = procedures.call(&units, part);
            run(conn, AssertSqlSafe(sql).into_sql_str(), args).await.1?;
            results.resize_with(results.len() + units.len(), Changed::default);
            if part.commits {
                return Ok(results);
            }
        } else {
            if begins {
                conn.execute("begin immediate").await?;
            }
            results.push(steps(conn, &waiting[0].unit).await?);
        }
    }
}

/// Puts jobs that have a procedure in front of the others; the procedures.
fn bring_together(procedures: &mut Procedures, jobs: &mut [Job]) -> Vec<Procedure> {
    let mut found = Vec::new();
    for at in 0..jobs.len() {
        if let Some(procedure) = procedures.find(&jobs[at].unit) {
            jobs.swap(found.len(), at);
            found.push(procedure);
        }
    }
    found
}

/// Each unit behind a savepoint of its own.
async fn apart(conn: &mut AnyConnection, jobs: &[Job]) -> Result<Vec<Outcome>, StoreError> {
    conn.execute("begin immediate").await.map_err(lost)?;
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        conn.execute("savepoint unit").await.map_err(lost)?;
        match steps(conn, &job.unit).await {
            Ok(changed) => {
                conn.execute("release unit").await.map_err(lost)?;
                results.push(Ok(changed));
            }
            Err(Failure::Refused(e)) => {
                conn.execute("rollback to unit; release unit").await.map_err(lost)?;
                results.push(Err(e));
            }
            // After an error such as a full disk SQLite may have ended the transaction by itself; going on would commit
            // each further statement alone.
            Err(other) => return Err(other.into_error()),
        }
    }
    conn.execute("commit").await.map_err(lost)?;
    Ok(results)
}

/// A transaction that cannot be begun or ended leaves nothing behind, so whatever the cause, the caller may try again.
fn lost(e: sqlx::Error) -> StoreError {
    StoreError::Unavailable(e.to_string())
}
