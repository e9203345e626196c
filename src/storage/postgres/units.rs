//! Where units go. Those that only add rows are carried out together when several wait: the server takes a statement that
//! adds eight rows in three times the time that it takes for one row.
//!
//! Must not know what the statements mean.

use super::carry_out;
use super::shapes::Shapes;
use crate::storage::failure::Failure;
use crate::storage::fetch::run;
use crate::storage::lend::Lender;
use crate::storage::statement::{Changed, Expect, Statement, Step, alike, renumbered};
use crate::storage::writer::{Job, refuse};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Units that travel as one.
const MOST: usize = 8;
/// Statements of such units under way at once. Who comes meanwhile waits, and joins the others who wait.
const LANES: usize = 4;

/// Carries units out on a pool.
pub(in crate::storage) struct Units {
    lender: Lender,
    shapes: Shapes,
    waiting: Mutex<VecDeque<Job>>,
    lanes: Semaphore,
}

impl Units {
    pub fn new(lender: Lender) -> Self {
        Self { lender, shapes: Shapes::default(), waiting: Mutex::default(), lanes: Semaphore::new(LANES) }
    }

    /// Carries out a job, perhaps with others, or leaves it to one of them. Whoever is carried out gets an answer.
    pub async fn take(&self, job: Job) {
        if additions(&job.unit).is_none() {
            return self.alone(job).await;
        }
        self.waiting().push_back(job);
        if let Ok(_lane) = self.lanes.acquire().await {
            self.together(self.next()).await;
        }
    }

    /// The first that wait and are alike. None when others have taken the caller's own job along.
    fn next(&self) -> Vec<Job> {
        let mut waiting = self.waiting();
        let mut jobs: Vec<Job> = Vec::new();
        while let Some(job) = waiting.pop_front_if(|job| jobs.first().is_none_or(|first| alike(&first.unit, &job.unit))) {
            jobs.extend(Some(job).filter(Job::is_wanted));
            if jobs.len() == MOST {
                break;
            }
        }
        jobs
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn together(&self, jobs: Vec<Job>) {
        if jobs.len() > 1 {
            match self.add(&jobs).await {
                Ok(()) => return jobs.into_iter().for_each(|job| job.answer(Ok(Changed::default()))),
                Err(Failure::Broken(e)) => return refuse(jobs, &e),
                // Nothing has happened. One of them is to blame, and each shall have the answer that is its own.
                Err(Failure::Refused(_) | Failure::Again(_)) => {}
            }
        }
        for job in jobs {
            self.alone(job).await;
        }
    }

    async fn alone(&self, job: Job) {
        let outcome = carry_out(&self.lender, &job.unit, &self.shapes).await;
        job.answer(outcome);
    }

    /// One statement for all.
    async fn add(&self, jobs: &[Job]) -> Result<(), Failure> {
        let units: Vec<Vec<Addition<'_>>> = jobs.iter().filter_map(|job| additions(&job.unit)).collect();
        let args = units.iter().flatten().flat_map(|addition| &addition.statement.args);
        let mut conn = self.lender.lend().await.map_err(Failure::Broken)?;
        let (_, outcome) = run(&mut conn, AssertSqlSafe(joined(&units)).into_sql_str(), args).await;
        let outcome = outcome.map_err(Failure::from);
        if matches!(outcome, Ok(_) | Err(Failure::Refused(_))) {
            self.lender.take_back(conn);
        }
        outcome
    }
}

/// A statement that adds one row.
struct Addition<'a> {
    statement: &'a Statement,
    /// The text before, inside and behind the parentheses of its values.
    before: &'a str,
    values: &'a str,
    behind: &'a str,
}

impl<'a> Addition<'a> {
    fn of(step: &'a Step) -> Option<Self> {
        let Step::Run(statement) = step else { return None };
        let (before, rest) = statement.sql.split_once(" values (")?;
        let (values, behind) = rest.split_once(')')?;
        let is_plain = values.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'$' | b',' | b' ')) && !behind.contains('$');
        let adds = statement.expect == Expect::Any && before.starts_with("insert into ") && !behind.contains(" returning ");
        (is_plain && adds).then_some(Self { statement, before, values, behind })
    }
}

/// The statements of a unit that only adds rows. One that stands alone is not among them: how many rows it has added may be
/// of interest.
fn additions(unit: &[Step]) -> Option<Vec<Addition<'_>>> {
    let all: Vec<Addition<'_>> = unit.iter().map(Addition::of).collect::<Option<_>>()?;
    let statements: Vec<&Statement> = all.iter().map(|addition| addition.statement).collect();
    (all.len() > 1 && Shapes::default().reach(&statements) == all.len()).then_some(all)
}

/// One statement that adds the rows of all units, which are alike. Their arguments follow one another.
fn joined(units: &[Vec<Addition<'_>>]) -> String {
    let Some(first) = units.first() else { return String::new() };
    let of_one: usize = first.iter().map(|addition| addition.statement.args.len()).sum();
    let mut out = String::from("with ");
    let mut offset = 0;
    for (i, Addition { statement, before, values, behind }) in first.iter().enumerate() {
        out.push_str(&format!("{}s{i} as ({before} values ", if i > 0 { ", " } else { "" }));
        for unit in 0..units.len() {
            out.push_str(if unit > 0 { ", (" } else { "(" });
            renumbered(&mut out, "$", values, unit * of_one + offset);
            out.push(')');
        }
        out.push_str(behind);
        out.push(')');
        offset += statement.args.len();
    }
    out + " select 1"
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "insert into t (a, b) values ($1, $2)";
    const KEPT: &str = "insert into u (c) values ($1) on conflict (c) do update set c = excluded.c";

    fn unit(statements: impl IntoIterator<Item = Statement>) -> Vec<Step> {
        statements.into_iter().map(Step::from).collect()
    }

    #[test]
    fn rows_of_like_units_stand_in_one_statement() {
        let units = [1, 2].map(|n| unit([Statement::new(ROW).bind(n).bind(n), Statement::new(KEPT).bind(n)]));
        let both: Vec<_> = units.iter().map(|unit| additions(unit).unwrap()).collect();
        assert_eq!(
            joined(&both),
            "with s0 as (insert into t (a, b) values ($1, $2), ($4, $5)), \
             s1 as (insert into u (c) values ($3), ($6) on conflict (c) do update set c = excluded.c) select 1"
        );
        assert!(alike(&units[0], &units[1]) && !alike(&units[0], &units[0][..1]));
    }

    #[test]
    fn other_units_go_alone() {
        let row = || Statement::new(ROW).bind(1).bind(2);
        for other in [
            "update u set c = $1 where d = $1",
            "insert into u (c) values (coalesce($1, 0))",
            "insert into u (c) values ($1) returning c",
            "insert into u (c) select $1",
            "delete from u where c = $1",
        ] {
            assert!(additions(&unit([row(), Statement::new(other).bind(1)])).is_none(), "{other}");
        }
        assert!(additions(&unit([row(), Statement::new(KEPT).bind(1).expect(Expect::Fresh)])).is_none(), "has a condition");
        assert!(additions(&unit([Statement::new(KEPT).bind(1), Statement::new(KEPT).bind(2)])).is_none(), "perhaps the same row");
        assert!(additions(&unit([row()])).is_none(), "its count may be wanted");
        assert!(additions(&unit([row(), row()])).is_some());
    }
}
