//! The one way to write. A change is a [`Unit`] of steps that happens completely or not at all.
//!
//! On SQLite a thread owns the only writing connection and joins the units that wait into one transaction, since a durable
//! commit costs far more than the statements in it. On PostgreSQL each unit is its own transaction on the pool. Either
//! way the work runs outside of its caller: one that goes away leaves no transaction behind.
//!
//! Must not know what the statements mean.

use super::postgres::{self, Lender, Shapes};
use super::sqlite;
use super::statement::{Changed, Unit};
use crate::pay::store::StoreError;
use futures::FutureExt;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The most units that share a commit.
const JOINED: usize = 128;
/// Units that may wait; further callers wait for a place.
const WAITING: usize = 1024;

/// What became of a unit.
pub(super) type Outcome = Result<Changed, StoreError>;

/// A unit and who waits for it.
pub(super) struct Job {
    unit: Unit,
    reply: oneshot::Sender<Outcome>,
}

/// The seam itself.
#[derive(Clone)]
pub(super) enum Writer {
    Queue(mpsc::Sender<Job>),
    Pool(Lender, Arc<Shapes>),
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
                work(receiver, connection, &checkpoints, &path);
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
            Self::Pool(lender, shapes) => {
                let (lender, shapes) = (lender.clone(), shapes.clone());
                tokio::spawn(async move {
                    let outcome = AssertUnwindSafe(postgres::carry_out(&lender, &unit, &shapes)).catch_unwind().await;
                    let _ = reply.send(outcome.unwrap_or_else(|_| Err(panicked())));
                });
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

/// The writer's thread: takes what waits, carries it out, answers, again. Ends when the last sender is gone.
fn work(mut receiver: mpsc::Receiver<Job>, connection: Connection, checkpoints: &sqlite::Checkpoints, path: &Path) {
    let mut connection = Some(connection);
    let mut taken = Vec::with_capacity(JOINED);
    loop {
        taken.clear();
        if receiver.blocking_recv_many(&mut taken, JOINED) == 0 {
            break;
        }
        // Callers that are gone already need no work done.
        let jobs: Vec<Job> = taken.drain(..).filter(|j| !j.reply.is_closed()).collect();
        if jobs.is_empty() {
            continue;
        }
        match catch_unwind(AssertUnwindSafe(|| batch(&mut connection, path, &jobs))) {
            Ok(Ok(results)) => {
                for (job, result) in jobs.into_iter().zip(results) {
                    let _ = job.reply.send(result);
                }
                checkpoints.poke();
            }
            Ok(Err(e)) => {
                connection = None;
                let mut jobs = jobs;
                if matches!(e, StoreError::Unavailable(_)) {
                    // Those behind have waited as long as these did: another full wait for the lock helps nobody. Taken
                    // before anybody is answered, since an answered caller may come with its next unit at once.
                    while let Ok(job) = receiver.try_recv() {
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
fn batch(connection: &mut Option<Connection>, path: &Path, jobs: &[Job]) -> Result<Vec<Outcome>, StoreError> {
    let open = match connection.take() {
        Some(open) => open,
        None => sqlite::open(path)?,
    };
    let units: Vec<&Unit> = jobs.iter().map(|j| &j.unit).collect();
    sqlite::carry_out(connection.insert(open), &units)
}

/// Every unit of a lost transaction gets the same answer.
fn refuse(jobs: Vec<Job>, e: &StoreError) {
    let text = match e {
        StoreError::Unavailable(text) => text.clone(),
        other => other.to_string(),
    };
    tracing::warn!(units = jobs.len(), cause = %text, "writes were not carried out");
    for job in jobs {
        let _ = job.reply.send(Err(match e {
            StoreError::Unavailable(_) => StoreError::Unavailable(text.clone()),
            _ => StoreError::Other(text.clone()),
        }));
    }
}
