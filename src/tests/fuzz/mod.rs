//! Spoiled messages for everything that reads what strangers send: no panic, no hang, bounded memory. Each test runs this
//! program again as a process of its own, with little memory; it says the seed and the message on a failure.
//!
//! `FUZZ_SECONDS` is the time of each reader (3 by default), `FUZZ_SEED` the seed (a new one each time by default).

mod mutate;
mod notices;
mod readers;
mod record;
mod replies;

pub use self::mutate::Mutator;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt;
use rand::RngCore;
use std::panic::AssertUnwindSafe;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Set for the process with little memory.
const CONFINED: &str = "FUZZ_CONFINED";
/// Address space of that process, KiB. The debug build of this program and its threads take about a third.
const MEMORY_KIB: u32 = 3 * 1024 * 1024;
/// A message that keeps a reader busy for so long keeps it busy for ever. Far beyond any speed that is worth a claim.
const HANGS: Duration = Duration::from_secs(60);

/// Runs a test of this module again, confined; whether this is the confined run.
fn is_confined(test: &str) -> bool {
    if std::env::var_os(CONFINED).is_some() {
        std::thread::spawn(watch);
        return true;
    }
    let this = std::env::current_exe().expect("this program");
    let script = format!("ulimit -v {MEMORY_KIB}; exec \"$0\" --exact --nocapture --test-threads 1 'tests::fuzz::{test}'");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(this).env(CONFINED, "1").env("MALLOC_ARENA_MAX", "2");
    let output = command.output().expect("runs");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed") && output.status.success(), "{test}: {}\n{text}", output.status);
    print!("{}", text.lines().filter(|l| l.contains("messages")).map(|l| format!("{l}\n")).collect::<String>());
    false
}

/// What is being read just now, and since when.
static NOW: Mutex<Option<(String, Vec<u8>, Instant)>> = Mutex::new(None);

fn note(reader: &str, message: &[u8]) {
    *NOW.lock().unwrap_or_else(PoisonError::into_inner) = Some((reader.to_owned(), message.to_vec(), Instant::now()));
}

fn watch() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        if let Some((reader, message, since)) = &*NOW.lock().unwrap_or_else(PoisonError::into_inner)
            && since.elapsed() > HANGS
        {
            println!("{reader} hangs over {}", STANDARD.encode(message));
            std::process::exit(1);
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn seed() -> u64 {
    variable("FUZZ_SEED").unwrap_or_else(|| rand::rngs::OsRng.next_u64())
}

fn budget() -> Duration {
    Duration::from_secs(variable("FUZZ_SECONDS").unwrap_or(3))
}

/// Yuan text in fen, read apart from the program; `None` for what is no amount at all.
fn fen_of(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "00"));
    let is_amount = [whole, part].iter().all(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()));
    if is_amount && part.len() <= 2 { format!("{whole}{part:0<2}").parse().ok() } else { None }
}

/// Feeds a reader until its time is over.
fn feed(name: &str, seeds: Vec<Vec<u8>>, read: impl Fn(&[u8])) {
    let seed = seed();
    let mut mutator = Mutator::new(seed, seeds);
    let (began, mut messages) = (Instant::now(), 0u64);
    while began.elapsed() < budget() {
        let message = mutator.next();
        note(name, &message);
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| read(&message)));
        messages += 1;
        assert!(result.is_ok(), "{name} panics: seed {seed}, message {messages}: {}", STANDARD.encode(&message));
    }
    println!("{name}: {messages} messages, seed {seed}");
}

/// The same for one message that is read by a call to somebody.
async fn survives<T>(name: &str, seed: u64, message: &[u8], work: impl Future<Output = T>) -> T {
    note(name, message);
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => result,
        Err(_) => panic!("{name} panics: seed {seed}: {}", STANDARD.encode(message)),
    }
}
