//! The rate at which this machine makes one small row durable: the yardstick beside every other figure.

use super::Failure;
use super::load::count;
use sqlx::{AnyConnection, Connection, Executor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Commits a second, one after the other on one connection.
#[derive(Debug, Clone, Copy)]
pub struct Commits {
    /// While nothing else of ours runs.
    pub idle: f64,
    /// While every core is kept busy.
    pub busy: f64,
}

/// Measures on the database of an address, in a table of its own.
///
/// # Errors
/// When the database does not take it.
pub async fn measure(url: &str, time: Duration) -> Result<Commits, Failure> {
    sqlx::any::install_default_drivers();
    let mut conn = AnyConnection::connect(url).await?;
    if url.starts_with("sqlite:") {
        conn.execute("pragma journal_mode = wal").await?;
        conn.execute("pragma synchronous = full").await?;
        conn.execute("pragma wal_autocheckpoint = 4000").await?;
    }
    conn.execute("create table if not exists bench_rows (id bigint not null primary key, note text not null)").await?;
    conn.execute("delete from bench_rows").await?;
    let idle = rate(&mut conn, 0, time).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let cores = std::thread::available_parallelism()?.get();
    let threads: Vec<_> = (0..cores)
        .map(|_| {
            let stop = stop.clone();
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();
    let busy = rate(&mut conn, 1_000_000_000, time).await;
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        let _ = thread.join(); // it does nothing that could panic
    }
    conn.execute("drop table bench_rows").await?;
    conn.close().await?;
    Ok(Commits { idle, busy: busy? })
}

async fn rate(conn: &mut AnyConnection, first: i64, time: Duration) -> Result<f64, Failure> {
    let begun = Instant::now();
    let mut done = 0;
    let mut id = first;
    while begun.elapsed() < time {
        let insert = sqlx::query("insert into bench_rows (id, note) values ($1, $2)").bind(id).bind("a small row");
        insert.execute(&mut *conn).await?;
        id += 1;
        done += 1;
    }
    Ok(count(done) / begun.elapsed().as_secs_f64())
}
