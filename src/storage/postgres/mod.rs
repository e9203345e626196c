//! PostgreSQL: how units are carried out on its pool. Each unit is a transaction of its own, or shares one with
//! units that are like it, and one way to the server where it can be.
//!
//! Must not know what the statements mean.

mod shapes;
mod snapshot;
mod units;

use super::failure::{Failure, store_error};
use super::fetch::run;
use super::lend::Lender;
use super::statement::{Changed, Expect, Statement, Step, Unit};
use super::steps::{append, statement};
use super::writer::Outcome;
use crate::pay::store::StoreError;
use shapes::Shapes;
pub(super) use snapshot::snapshot;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, SqlSafeStr};
use std::time::Duration;
pub(super) use units::Units;

/// Tries of a unit that another transaction got in the way of.
const TRIES: u32 = 4;

/// Waiting for a free connection ends after this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Idle for longer than this, a connection is asked for a sign of life before it is used.
const FRESH: Duration = Duration::from_secs(1);

/// The connections of a database, for reads and writes.
///
/// # Errors
/// When the address is wrong.
pub(super) fn lender(url: &str, size: u32) -> Result<Lender, StoreError> {
    let pool = AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .after_connect(|conn, _| {
            Box::pin(async move {
                conn.execute("set statement_timeout = '10s'").await?;
                conn.execute("set idle_in_transaction_session_timeout = '15s'").await?;
                Ok(())
            })
        })
        .connect_lazy(url)
        .map_err(store_error)?;
    Ok(Lender::new(pool, FRESH))
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
    let neighbours = first_neighbours(unit, shapes);
    if neighbours.len() == unit.len() {
        return together(conn, &neighbours, shapes).await; // one text is a transaction already
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
            append(conn, entry).await?;
            at += 1;
        } else {
            let neighbours = first_neighbours(&unit[at..], shapes);
            at += neighbours.len();
            changed.add(together(conn, &neighbours, shapes).await?);
        }
    }
    Ok(changed)
}

/// The statements at the beginning of a unit that travel together.
fn first_neighbours<'a>(unit: &'a [Step], shapes: &Shapes) -> Vec<&'a Statement> {
    let mut first: Vec<&Statement> = unit.iter().map_while(|s| if let Step::Run(s) = s { Some(s) } else { None }).collect();
    first.truncate(shapes.reach(&first));
    first
}

/// Statements as one text, with their conditions.
async fn together(conn: &mut AnyConnection, neighbours: &[&Statement], shapes: &Shapes) -> Result<Changed, Failure> {
    if let [one] = neighbours {
        return statement(conn, one).await;
    }
    let sql = AssertSqlSafe(shapes.chain(neighbours)).into_sql_str();
    let (_, ended) = run(conn, sql, neighbours.iter().flat_map(|s| &s.args)).await;
    ended?;
    Ok(Changed::default())
}
