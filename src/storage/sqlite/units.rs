//! Carries units out on the writing connection.
//!
//! Must not know what the statements mean.

use super::{error, run};
use crate::pay::store::StoreError;
use crate::storage::audit;
use crate::storage::failure::Failure;
use crate::storage::statement::{Changed, Statement, Step};
use crate::storage::writer::{Arrivals, Job, Outcome};
use rusqlite::{Connection, TransactionBehavior};

/// The units of all jobs in one transaction, and those of more jobs that arrive while it runs, which are added to them. Each
/// has its outcome at its place.
///
/// # Errors
/// Only when the transaction as a whole is lost; a single unit's failure is among the results.
pub(in crate::storage) fn carry_out(
    conn: &mut Connection,
    jobs: &mut Vec<Job>,
    arrivals: &mut Arrivals,
) -> Result<Vec<Outcome>, StoreError> {
    // Nearly always every unit succeeds. Savepoints cost a copy of each page a unit touches, so they wait for the second
    // pass, which runs only when some unit failed in the first.
    match together(conn, jobs, arrivals) {
        Ok(results) => Ok(results.into_iter().map(Ok).collect()),
        Err(Failure::Refused(e)) if jobs.len() == 1 => Ok(vec![Err(e)]),
        Err(Failure::Refused(_)) => apart(conn, jobs),
        Err(other) => Err(other.into_error()),
    }
}

/// The first failure rolls everything back.
fn together(conn: &mut Connection, jobs: &mut Vec<Job>, arrivals: &mut Arrivals) -> Result<Vec<Changed>, Failure> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut results = Vec::with_capacity(jobs.len());
    let ended = loop {
        match jobs.get(results.len()).map(|job| steps(&tx, &job.unit)) {
            Some(Ok(changed)) => results.push(changed),
            Some(Err(failure)) => break Err(failure),
            None => match arrivals.join(jobs.len()) {
                Some(job) => jobs.push(job),
                None => break Ok(()),
            },
        }
    };
    match ended {
        Ok(()) => {
            tx.commit().map_err(lost)?;
            Ok(results)
        }
        Err(Failure::Refused(e)) => {
            tx.rollback().map_err(|e| Failure::Broken(error(e)))?;
            Err(Failure::Refused(e))
        }
        // The connection is given up, and with it whatever SQLite has left of the transaction.
        Err(other) => Err(other),
    }
}

/// Each unit behind a savepoint of its own.
fn apart(conn: &mut Connection, jobs: &[Job]) -> Result<Vec<Outcome>, StoreError> {
    let broken = |e| lost(e).into_error();
    let mut tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)?;
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        let savepoint = tx.savepoint().map_err(broken)?;
        match steps(&savepoint, &job.unit) {
            Ok(changed) => {
                savepoint.commit().map_err(broken)?;
                results.push(Ok(changed));
            }
            Err(Failure::Refused(e)) => {
                savepoint.finish().map_err(broken)?; // rolls back
                results.push(Err(e));
            }
            // After an error such as a full disk SQLite may have ended the transaction by itself; going on would commit
            // each further statement alone.
            Err(other) => return Err(other.into_error()),
        }
    }
    tx.commit().map_err(broken)?;
    Ok(results)
}

/// A commit that fails leaves nothing behind, so whatever the cause, the caller may try again.
fn lost(e: rusqlite::Error) -> Failure {
    Failure::Broken(StoreError::Unavailable(error(e).to_string()))
}

/// The steps of one unit, inside the transaction that the connection is in.
fn steps(conn: &Connection, unit: &[Step]) -> Result<Changed, Failure> {
    let mut all = Changed::default();
    for step in unit {
        match step {
            Step::Run(statement) => {
                let changed = send(conn, statement)?;
                if changed.count == 0 {
                    let row = statement.row_in_question().map(|query| send(conn, &query)).transpose()?;
                    statement.refusal(row.is_some_and(|found| !found.rows.is_empty()))?;
                }
                all.add(changed);
            }
            Step::Audit(entry) => {
                let head = send(conn, &audit::next())?;
                for statement in audit::link(head.rows.first(), entry)? {
                    send(conn, &statement)?;
                }
            }
        }
    }
    Ok(all)
}

fn send(conn: &Connection, statement: &Statement) -> Result<Changed, rusqlite::Error> {
    run(conn, statement.sql, &statement.args)
}
