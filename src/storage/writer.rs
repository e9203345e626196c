//! The one way to write. A change is a [`Unit`] of steps that happens completely or not at all.
//!
//! On SQLite a thread owns the only writing connection and joins the units that wait, and those that come while it works,
//! into one transaction, since a durable commit costs far more than the statements in it. On PostgreSQL units run on the
//! pool. Either way the work runs outside of its caller: one that goes away leaves no transaction behind.
//!
//! Must not know what the statements mean.

use super::lend::Lender;
use super::statement::{Changed, Unit};
use super::{postgres, sqlite};
use crate::pay::store::StoreError;
use futures::FutureExt;
use std::iter;
use std::panic::AssertUnwindSafe;
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
    /// Starts the writer of an SQLite file, on a thread of its own: everybody waits for it, so it must not wait for a turn
    /// among the requests.
    ///
    /// # Errors
    /// `Unavailable` when the system gives no thread.
    pub fn queue(url: String) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let lender = sqlite::writer(&url)?;
        let checkpoints = sqlite::Checkpoints::start(url);
        let unavailable = |e: std::io::Error| StoreError::Unavailable(format!("no thread for the writer: {e}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(unavailable)?;
        let thread = std::thread::Builder::new().name("sqlite-writer".to_owned());
        let work = move || runtime.block_on(work(Arrivals(receiver), lender, &checkpoints));
        thread.spawn(work).map_err(unavailable)?;
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
    async fn wait(&mut self) -> Option<Job> {
        loop {
            let job = self.0.recv().await?;
            if job.is_wanted() {
                return Some(job);
            }
        }
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

/// The writer: takes what waits, carries it out, answers, again.
async fn work(mut arrivals: Arrivals, lender: Lender, checkpoints: &sqlite::Checkpoints) {
    let mut procedures = sqlite::Procedures::default();
    while let Some(first) = arrivals.wait().await {
        let mut jobs = vec![first];
        let batch = AssertUnwindSafe(batch(&lender, &mut procedures, &mut jobs, &mut arrivals));
        match batch.catch_unwind().await {
            Ok(Ok(results)) => {
                for (job, result) in jobs.into_iter().zip(results) {
                    job.answer(result);
                }
                checkpoints.poke();
            }
            Ok(Err(e)) => {
                procedures = sqlite::Procedures::default();
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
                procedures = sqlite::Procedures::default();
                tracing::error!("a batch of writes panicked; its units were rolled back");
                refuse(jobs, &panicked());
            }
        }
    }
}

/// One transaction for all jobs. A connection whose transaction broke may be in any state, so the next batch gets a new one.
///
/// # Errors
/// Only when the whole transaction is lost; a single unit's failure is among the results.
async fn batch(
    lender: &Lender,
    procedures: &mut sqlite::Procedures,
    jobs: &mut Vec<Job>,
    arrivals: &mut Arrivals,
) -> Result<Vec<Outcome>, StoreError> {
    let mut conn = lender.lend().await?;
    let outcomes = sqlite::carry_out(&mut conn, procedures, jobs, arrivals).await?;
    lender.take_back(conn);
    Ok(outcomes)
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
    use crate::storage::address::sqlite_url;
    use crate::storage::statement::Statement;
    use sqlx::{AnyConnection, Connection, Executor};

    /// A job that adds a number, and what waits for it.
    fn job(n: i64) -> (Job, oneshot::Receiver<Outcome>) {
        let (reply, answer) = oneshot::channel();
        let add = |sql| Statement::new(sql).bind(n).into();
        (Job { unit: vec![add("insert into t (n) values ($1)"), add("insert into u (n) values ($1)")], reply }, answer)
    }

    /// Carries out the first of the jobs while the others wait, once some like them are known: whether each that joined
    /// succeeded, and how many are stored.
    async fn carried_out(mut jobs: Vec<Job>) -> (Vec<bool>, usize) {
        sqlx::any::install_default_drivers();
        let dir = tempfile::tempdir().unwrap();
        let url = sqlite_url(&dir.path().join("w.db")).unwrap();
        sqlite::settle(&url).await.unwrap();
        let mut conn = AnyConnection::connect(&url).await.unwrap();
        conn.execute("create table t (n bigint unique); create table u (n bigint)").await.unwrap();
        let mut procedures = sqlite::Procedures::default();
        let (sender, receiver) = mpsc::channel(WAITING);
        let mut arrivals = Arrivals(receiver);
        let (first, _answer) = job(0);
        sqlite::carry_out(&mut conn, &mut procedures, &mut vec![first], &mut arrivals).await.unwrap();
        jobs.drain(1..).for_each(|job| sender.try_send(job).unwrap());
        let outcomes = sqlite::carry_out(&mut conn, &mut procedures, &mut jobs, &mut arrivals).await.unwrap();
        assert_eq!(jobs.len(), outcomes.len(), "each has its outcome");
        let stored = conn.fetch_all("select t.n from t join u on u.n = t.n where t.n > 0").await.unwrap();
        (outcomes.iter().map(Result::is_ok).collect(), stored.len())
    }

    #[tokio::test]
    async fn who_comes_while_it_works_shares_the_commit_and_harms_nobody() {
        let (jobs, mut answers): (Vec<Job>, Vec<_>) = [1, 2, 3, 4, 1].map(job).into_iter().unzip();
        answers.remove(2); // went away
        assert_eq!(carried_out(jobs).await, (vec![true, true, true, false], 3));
    }

    #[tokio::test]
    async fn like_units_that_share_a_text_have_an_outcome_each() {
        let (jobs, _answers): (Vec<Job>, Vec<_>) = [1, 2, 3, 4, 5, 2, 6, 6, 7].map(job).into_iter().unzip();
        let (outcomes, stored) = carried_out(jobs).await;
        assert_eq!((outcomes.iter().filter(|ok| **ok).count(), stored), (7, 7));
    }

    #[tokio::test]
    async fn only_so_many_share_a_commit() {
        let (jobs, _answers): (Vec<Job>, Vec<_>) = (1..200).map(job).unzip();
        assert_eq!(carried_out(jobs).await, (vec![true; JOINED], JOINED));
    }
}
