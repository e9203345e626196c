//! The one way to write. A change is a [`Unit`] of steps that happens completely or not at all.
//!
//! On SQLite a task owns the only writing connection and joins the units that wait into one transaction, since a durable
//! commit costs far more than the statements in it. On PostgreSQL each unit is its own transaction on the pool. Either
//! way the work runs in a task of its own: a caller that goes away leaves no transaction behind.
//!
//! Must not know what the statements mean.

use super::connect::{Dialect, open_writer};
use super::failure::Failure;
use super::run::{Changed, apart, retried, together};
use super::shapes::Shapes;
use super::statement::Step;
use crate::pay::store::StoreError;
use futures::FutureExt;
use sqlx::AnyConnection;
use sqlx::{AnyPool, Connection};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The most units that share a commit.
const JOINED: usize = 128;
/// Units that may wait; further callers wait for a place.
const WAITING: usize = 1024;

/// Steps that happen together.
pub(super) type Unit = Vec<Step>;
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
    Pool(AnyPool, Arc<Shapes>),
}

impl Writer {
    /// Starts the writer of an SQLite database, on a thread of its own: everybody waits for it, so it must not wait for a
    /// turn among the requests.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn queue(connection: AnyConnection, url: String) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let writer = std::thread::Builder::new().name("sqlite-writer".to_owned());
        writer.spawn(move || runtime.block_on(work(receiver, connection, url)))?;
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
            Self::Pool(pool, shapes) => {
                let (pool, shapes) = (pool.clone(), shapes.clone());
                tokio::spawn(async move {
                    let outcome = AssertUnwindSafe(retried(&pool, &unit, &shapes)).catch_unwind().await;
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

/// The writer task: takes what waits, carries it out, answers, again. Ends when the last sender is gone.
async fn work(mut receiver: mpsc::Receiver<Job>, connection: AnyConnection, url: String) {
    let mut connection = Some(connection);
    let shapes = Shapes::new(Dialect::Sqlite);
    let mut taken = Vec::with_capacity(JOINED);
    loop {
        taken.clear();
        if receiver.recv_many(&mut taken, JOINED).await == 0 {
            break;
        }
        // Callers that are gone already need no work done.
        let jobs: Vec<Job> = taken.drain(..).filter(|j| !j.reply.is_closed()).collect();
        if jobs.is_empty() {
            continue;
        }
        let outcome = AssertUnwindSafe(batch(&mut connection, &url, &shapes, &jobs)).catch_unwind().await;
        match outcome {
            Ok(Ok(results)) => {
                for (job, result) in jobs.into_iter().zip(results) {
                    let _ = job.reply.send(result);
                }
            }
            Ok(Err(e)) => {
                discard(&mut connection).await;
                let waited = matches!(e, StoreError::Unavailable(_));
                refuse(jobs, &e);
                if waited {
                    // Those behind have waited as long as these did: another full wait for the lock helps nobody.
                    while let Ok(job) = receiver.try_recv() {
                        refuse(vec![job], &e);
                    }
                }
            }
            Err(_) => {
                tracing::error!("a batch of writes panicked; its units were rolled back");
                discard(&mut connection).await;
                refuse(jobs, &panicked());
            }
        }
    }
    if let Some(connection) = connection {
        let _ = connection.close().await;
    }
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

/// A connection whose transaction broke may be in any state: the next batch opens a new one.
async fn discard(connection: &mut Option<AnyConnection>) {
    if let Some(broken) = connection.take() {
        let _ = broken.close_hard().await;
    }
}

/// One transaction for all jobs.
///
/// # Errors
/// Only when the whole transaction is lost; a single unit's failure is among the results.
async fn batch(
    connection: &mut Option<AnyConnection>,
    url: &str,
    shapes: &Shapes,
    jobs: &[Job],
) -> Result<Vec<Outcome>, StoreError> {
    let open = match connection.take() {
        Some(open) => open,
        None => open_writer(url).await?,
    };
    let conn = connection.insert(open);
    let units: Vec<&Unit> = jobs.iter().map(|j| &j.unit).collect();
    // Nearly always every unit succeeds. Savepoints cost a copy of each page a unit touches, so they wait for the second
    // pass, which runs only when some unit failed in the first.
    match together(conn, &units, shapes).await {
        Ok(results) => Ok(results.into_iter().map(Ok).collect()),
        Err(Failure::Refused(e)) if units.len() == 1 => Ok(vec![Err(e)]),
        Err(Failure::Refused(_)) => apart(conn, &units, shapes).await,
        Err(other) => Err(other.into_error()),
    }
}
