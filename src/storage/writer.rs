//! The one way to write. A change is a [`Unit`] of steps that happens completely or not at all.
//!
//! On SQLite a thread owns the only writing connection and joins the units that wait, and those that come while it works,
//! into one transaction, since a durable commit costs far more than the statements in it. On PostgreSQL units run on the
//! pool. Either way the work runs outside of its caller: one that goes away leaves no transaction behind.
//!
//! Must not know what the statements mean.

use super::postgres;
use super::sqlite;
use super::statement::{Changed, Unit};
use crate::pay::store::StoreError;
use rusqlite::Connection;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The most units that share a commit. With more of them the last answers come later than the saved commits make up for.
const JOINED: usize = 48;
/// Units that may wait; further callers wait for a place.
const WAITING: usize = 1024;

/// What became of a unit.
pub(super) type Outcome = Result<Changed, StoreError>;

/// A unit and who waits for it.
pub(super) struct Job {
    pub unit: Unit,
    reply: oneshot::Sender<Outcome>,
}

impl Job {
    /// Somebody still waits for its outcome.
    pub fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    pub fn answer(self, outcome: Outcome) {
        let _ = self.reply.send(outcome);
    }
}

/// The seam itself.
#[derive(Clone)]
pub(super) enum Writer {
    Queue(mpsc::Sender<Job>),
    Pool(Arc<postgres::Units>),
}

impl Writer {
    /// Opens an SQLite file and starts its writer, on a thread of its own: everybody waits for it, so it must not wait for a
    /// turn among the requests.
    ///
    /// # Errors
    /// As [`sqlite::open`]; `Unavailable` when the system gives no thread.
    pub async fn queue(path: PathBuf) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let (opened, answer) = oneshot::channel();
        let thread = std::thread::Builder::new().name("sqlite-writer".to_owned());
        let work = move || match sqlite::open(&path).and_then(|c| Ok((c, sqlite::Checkpoints::start(path.clone())?))) {
            Ok((connection, checkpoints)) => {
                let _ = opened.send(Ok(()));
                work(Arrivals(receiver), connection, &checkpoints, &path);
            }
            Err(e) => {
                let _ = opened.send(Err(e));
            }
        };
        thread.spawn(work).map_err(|e| StoreError::Unavailable(format!("no thread for the writer: {e}")))?;
        answer.await.map_err(|_| stopped())??;
        Ok(Self::Queue(sender))
    }

    /// Carries out a unit and answers after its commit.
    ///
    /// # Errors
    /// What a step's condition says, or `Unavailable`; then nothing of the unit has happened.
    pub async fn write(&self, unit: Unit) -> Outcome {
        if unit.is_empty() {
            return Ok(Changed::default());
        }
        let (reply, answer) = oneshot::channel();
        match self {
            Self::Queue(sender) => {
                sender.send(Job { unit, reply }).await.map_err(|_| stopped())?;
            }
            Self::Pool(units) => {
                let units = units.clone();
                tokio::spawn(async move { units.take(Job { unit, reply }).await });
            }
        }
        answer.await.map_err(|_| stopped())?
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writer has stopped".to_owned())
}

fn panicked() -> StoreError {
    StoreError::Other("a write panicked".to_owned())
}

/// The jobs that wait. Callers that are gone already need no work done.
pub(super) struct Arrivals(mpsc::Receiver<Job>);

impl Arrivals {
    /// Waits for the next one; `None` when the last sender is gone.
    fn wait(&mut self) -> Option<Job> {
        iter::from_fn(|| self.0.blocking_recv()).find(Job::is_wanted)
    }

    /// The next one, if there is one.
    fn next(&mut self) -> Option<Job> {
        iter::from_fn(|| self.0.try_recv().ok()).find(Job::is_wanted)
    }

    /// The next one that may still join so many.
    pub fn join(&mut self, joined: usize) -> Option<Job> {
        if joined < JOINED { self.next() } else { None }
    }
}

/// The writer's thread: takes what waits, carries it out, answers, again.
fn work(mut arrivals: Arrivals, connection: Connection, checkpoints: &sqlite::Checkpoints, path: &Path) {
    let mut connection = Some(connection);
    while let Some(first) = arrivals.wait() {
        let mut jobs = vec![first];
        match catch_unwind(AssertUnwindSafe(|| batch(&mut connection, path, &mut jobs, &mut arrivals))) {
            Ok(Ok(results)) => {
                for (job, result) in jobs.into_iter().zip(results) {
                    job.answer(result);
                }
                checkpoints.poke();
            }
            Ok(Err(e)) => {
                connection = None;
                if matches!(e, StoreError::Unavailable(_)) {
                    // Those behind have waited as long as these did: another full wait for the lock helps nobody. Taken
                    // before anybody is answered, since an answered caller may come with its next unit at once.
                    while let Some(job) = arrivals.next() {
                        jobs.push(job);
                    }
                }
                refuse(jobs, &e);
            }
            Err(_) => {
                tracing::error!("a batch of writes panicked; its units were rolled back");
                connection = None;
                refuse(jobs, &panicked());
            }
        }
    }
}

/// One transaction for all jobs. A connection whose transaction broke may be in any state, so the next batch gets a new one.
///
/// # Errors
/// Only when the whole transaction is lost; a single unit's failure is among the results.
fn batch(
    connection: &mut Option<Connection>,
    path: &Path,
    jobs: &mut Vec<Job>,
    arrivals: &mut Arrivals,
) -> Result<Vec<Outcome>, StoreError> {
    let open = match connection.take() {
        Some(open) => open,
        None => sqlite::open(path)?,
    };
    sqlite::carry_out(connection.insert(open), jobs, arrivals)
}

/// Every unit of a lost transaction gets the same answer.
pub(super) fn refuse(jobs: Vec<Job>, e: &StoreError) {
    tracing::warn!(units = jobs.len(), cause = %e, "writes were not carried out");
    for job in jobs {
        job.answer(Err(e.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::statement::Statement;

    /// A job that adds a number, and what waits for it.
    fn job(n: i64) -> (Job, oneshot::Receiver<Outcome>) {
        let (reply, answer) = oneshot::channel();
        (Job { unit: vec![Statement::new("insert into t (n) values ($1)").bind(n).into()], reply }, answer)
    }

    /// Carries out the first of the jobs while the others wait: whether each that joined succeeded, and how many are stored.
    fn carried_out(mut jobs: Vec<Job>) -> (Vec<bool>, usize) {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = sqlite::open(&dir.path().join("w.db")).unwrap();
        conn.execute_batch("create table t (n bigint unique)").unwrap();
        let (sender, receiver) = mpsc::channel(WAITING);
        jobs.drain(1..).for_each(|job| sender.try_send(job).unwrap());
        let outcomes = sqlite::carry_out(&mut conn, &mut jobs, &mut Arrivals(receiver)).unwrap();
        assert_eq!(jobs.len(), outcomes.len(), "each has its outcome");
        let stored: i64 = conn.query_row("select count(*) from t", [], |row| row.get(0)).unwrap();
        (outcomes.iter().map(Result::is_ok).collect(), stored.try_into().unwrap())
    }

    #[test]
    fn who_comes_while_it_works_shares_the_commit_and_harms_nobody() {
        let (jobs, mut answers): (Vec<Job>, Vec<_>) = [1, 2, 3, 4, 1].map(job).into_iter().unzip();
        answers.remove(2); // went away
        assert_eq!(carried_out(jobs), (vec![true, true, true, false], 3));
    }

    #[test]
    fn only_so_many_share_a_commit() {
        let (jobs, _answers): (Vec<Job>, Vec<_>) = (0..200).map(job).unzip();
        assert_eq!(carried_out(jobs), (vec![true; JOINED], JOINED));
    }
}
