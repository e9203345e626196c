//! PostgreSQL: how units and reads are carried out on its pool. Each unit is a transaction of its own, or shares one with
//! units that are like it, and one way to the server where it can be.
//!
//! Must not know what the statements mean.

mod fetch;
mod lend;
mod shapes;
mod units;

use super::audit;
use super::failure::{Failure, store_error};
use super::row::Record;
use super::statement::{Changed, Expect, Query, Statement, Step, Unit};
use super::writer::Outcome;
use crate::pay::store::StoreError;
pub(super) use fetch::arguments;
use fetch::{fetch, send, snapshot};
pub(super) use lend::Lender;
use shapes::Shapes;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, SqlSafeStr};
use std::time::Duration;
pub(super) use units::Units;

/// Tries of a unit that another transaction got in the way of.
const TRIES: u32 = 4;

/// The rows of each query; all see the same state of the database.
pub(super) async fn read(lender: &Lender, queries: Vec<Query>) -> Result<Vec<Vec<Record>>, StoreError> {
    let mut conn = lender.lend().await?;
    let found = match &queries[..] {
        [one] => fetch(&mut conn, one.sql.clone(), &one.args).await.map(|rows| vec![rows]),
        several => snapshot(&mut conn, several).await,
    };
    let found = found.map_err(store_error)?;
    lender.take_back(conn);
    Ok(found)
}

/// One unit, again when another transaction was in the way.
async fn carry_out(lender: &Lender, unit: &Unit, shapes: &Shapes) -> Outcome {
    let mut tries = 1;
    let single = Shapes::single();
    let mut joined = true;
    loop {
        match once(lender, unit, if joined { shapes } else { &single }).await {
            Ok(changed) => return Ok(changed),
            // In a joined text all statements run, so a broken rule or condition may be found behind another one that was
            // broken first; that one's word counts.
            Err(Failure::Refused(_)) if joined && has_conditions(unit) => joined = false,
            Err(Failure::Again(_)) if tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(10 << tries)).await;
                tries += 1;
            }
            Err(failure) => return Err(failure.into_error()),
        }
    }
}

fn has_conditions(unit: &[Step]) -> bool {
    unit.iter().any(|step| matches!(step, Step::Run(s) if s.expect != Expect::Any))
}

async fn once(lender: &Lender, unit: &Unit, shapes: &Shapes) -> Result<Changed, Failure> {
    let mut conn = lender.lend().await.map_err(Failure::Broken)?;
    let outcome = attempt(&mut conn, unit, shapes).await;
    if matches!(outcome, Ok(_) | Err(Failure::Refused(_))) {
        lender.take_back(conn);
    }
    outcome
}

/// One transaction.
async fn attempt(conn: &mut AnyConnection, unit: &Unit, shapes: &Shapes) -> Result<Changed, Failure> {
    let run = first_run(unit, shapes);
    if run.len() == unit.len() {
        return statements(conn, &run, shapes).await; // one text is a transaction already
    }
    let mut tx = conn.begin().await?;
    match steps(&mut tx, unit, shapes).await {
        Ok(changed) => {
            // A commit that fails leaves nothing behind, so whatever the cause, the caller may try again.
            tx.commit().await.map_err(|e| match Failure::from(e) {
                Failure::Again(e) => Failure::Again(e),
                other => Failure::Broken(StoreError::Unavailable(other.into_error().to_string())),
            })?;
            Ok(changed)
        }
        Err(Failure::Refused(e)) => {
            tx.rollback().await.map_err(|e| Failure::Broken(Failure::from(e).into_error()))?;
            Err(Failure::Refused(e))
        }
        Err(other) => Err(other),
    }
}

/// The steps of one unit inside the transaction that the connection is in. Neighbouring statements travel as one text.
async fn steps(conn: &mut AnyConnection, unit: &[Step], shapes: &Shapes) -> Result<Changed, Failure> {
    let mut changed = Changed::default();
    let mut at = 0;
    while let Some(step) = unit.get(at) {
        if let Step::Audit(entry) = step {
            let head = send(conn, &audit::next()).await?;
            for statement in audit::link(head.rows.first(), entry)? {
                send(conn, &statement).await?;
            }
            at += 1;
        } else {
            let run = first_run(&unit[at..], shapes);
            at += run.len();
            changed.add(statements(conn, &run, shapes).await?);
        }
    }
    Ok(changed)
}

/// The statements at the beginning of a unit that travel together.
fn first_run<'a>(unit: &'a [Step], shapes: &Shapes) -> Vec<&'a Statement> {
    let mut run: Vec<&Statement> = unit.iter().map_while(|s| if let Step::Run(s) = s { Some(s) } else { None }).collect();
    run.truncate(shapes.reach(&run));
    run
}

/// Statements as one text, with their conditions.
async fn statements(conn: &mut AnyConnection, run: &[&Statement], shapes: &Shapes) -> Result<Changed, Failure> {
    let [one] = run else {
        let sql = AssertSqlSafe(shapes.chain(run)).into_sql_str();
        fetch(conn, sql, run.iter().flat_map(|s| &s.args)).await?;
        return Ok(Changed::default());
    };
    let changed = send(conn, one).await?;
    if changed.count == 0 {
        let row = match one.row_in_question() {
            Some(query) => Some(send(conn, &query).await?),
            None => None,
        };
        one.refusal(row.is_some_and(|found| !found.rows.is_empty()))?;
    }
    Ok(changed)
}
