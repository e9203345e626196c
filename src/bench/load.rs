//! Drives a number of clients against one address for a while and keeps the times.

use super::Failure;
use super::client::Connection;
use super::process::{Server, processor_time};
use futures::future::try_join_all;
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// How long before anything counts, and how long it counts.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    pub warm_up: Duration,
    pub counted: Duration,
}

/// What a load came to.
#[derive(Debug, Default, Clone)]
pub struct Load {
    /// Units of work a second.
    pub rate: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Processor time of the server for one unit.
    pub server: Duration,
}

/// Runs the work in each client again and again until the period is over, or until it answers that nothing is left.
///
/// # Errors
/// The first fault of any client: a figure with faults in it says nothing.
pub async fn drive(
    server: &Server,
    clients: usize,
    period: Period,
    work: impl AsyncFn(&mut Connection) -> Result<bool, Failure>,
) -> Result<Load, Failure> {
    let from = Instant::now() + period.warm_up;
    let to = from + period.counted;
    let times = RefCell::new(Vec::with_capacity(100_000));
    let used = Cell::new(None);
    let last = Cell::new(from);
    let client = async || {
        let mut connection = Connection::new(server.address);
        loop {
            let begun = Instant::now();
            if begun >= to {
                return Ok::<(), Failure>(());
            }
            if begun >= from && used.get().is_none() {
                used.set(Some(processor_time(server.id())?));
            }
            if !work(&mut connection).await? {
                return Ok(());
            }
            if begun >= from {
                let ended = Instant::now();
                last.set(ended);
                times.borrow_mut().push(ended - begun);
            }
        }
    };
    try_join_all((0..clients).map(|_| client())).await?;
    let used = processor_time(server.id())?.saturating_sub(used.get().unwrap_or_default());
    let mut times = times.into_inner();
    times.sort_unstable();
    let seconds = last.get().duration_since(from).as_secs_f64();
    let units = times.len();
    Ok(Load {
        rate: if seconds > 0.0 { count(units) / seconds } else { 0.0 },
        p50: share(&times, 50),
        p99: share(&times, 99),
        server: used.checked_div(u32::try_from(units)?).unwrap_or_default(),
    })
}

/// The time that so many of a hundred do not exceed.
pub fn share(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// A count as a number one can divide by.
pub fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
