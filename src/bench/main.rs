//! `cashier-bench`: measures the optimised program from outside, as a merchant, a provider and a payer meet it, beside the
//! rate at which this machine's disk takes single commits. It prints and never judges a test: a machine has its moods.
//!
//! Must not know how the program does it; only the large database is filled through the library, since a million calls
//! would take too long.

mod client;
mod commits;
mod load;
mod merchant;
mod million;
mod paying;
mod process;
mod provider;
mod receiver;
mod report;
mod signatures;

use clap::Parser;
use load::Period;
use merchant::{Merchant, Pending};
use process::{Program, Scratch};
use provider::Provider;
use receiver::Receiver;
use report::{Bound, Report};
use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures the cashier. Point it to the optimised build.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to measure [default: beside this one]
    #[arg(long)]
    cashier: Option<PathBuf>,
    /// The built site
    #[arg(long, default_value = "target/site")]
    site: PathBuf,
    /// Seconds that each load counts
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Orders of the large database; 0 leaves it out
    #[arg(long, default_value_t = 1_000_000)]
    orders: u64,
    /// PostgreSQL to measure as well [default: TEST_POSTGRES_URL]
    #[arg(long)]
    postgres: Option<String>,
    /// Leave the databases and logs here
    #[arg(long)]
    keep: Option<PathBuf>,
}

const fn ms(n: u64) -> Option<Duration> {
    Some(Duration::from_millis(n))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let beside = || Ok::<PathBuf, Failure>(std::env::current_exe()?.with_file_name("cashier"));
    let path = std::path::absolute(arguments.cashier.clone().map_or_else(beside, Ok)?)?;
    let site = std::path::absolute(&arguments.site)?;
    let parent = arguments.keep.clone().unwrap_or_else(std::env::temp_dir);
    let scratch = Scratch::new(&parent)?;
    let program = |name: &str, database: &str| -> Result<Program, Failure> {
        Ok(Program { path: path.clone(), site: site.clone(), data: scratch.sub(name)?, database: database.to_owned() })
    };
    let counted = Duration::from_secs_f64(arguments.seconds);
    let period = Period { warm_up: counted.div_f64(5.0), counted };
    println!("{} with {} cores; load of the machine: {}", path.display(), std::thread::available_parallelism()?, machine_load());
    println!();

    let mut report = Report::new();
    let sqlite = program("sqlite", "")?;
    let url = format!("sqlite://{}?mode=rwc", sqlite.data.join("commits.db").display());
    report.commits("SQLite", commits::measure(&url, Duration::from_secs(2)).await?);
    let of_sqlite = everything(&sqlite, &mut report, period).await?;

    if let Some(url) = arguments.postgres.or_else(|| std::env::var("TEST_POSTGRES_URL").ok()) {
        report.commits("PostgreSQL", commits::measure(&url, Duration::from_secs(2)).await?);
        postgres(&program("postgres", &url)?, &mut report, period, of_sqlite).await?;
    }
    if arguments.orders > 0 {
        large(&program("large", "")?, &mut report, arguments.orders).await?;
    }
    signatures::all(&mut report)?;
    report.finish();
    if arguments.keep.is_some() {
        std::mem::forget(scratch);
    }
    Ok(())
}

/// All measures on a fresh SQLite database; the rates of the first two.
async fn everything(program: &Program, report: &mut Report, period: Period) -> Result<(f64, f64), Failure> {
    let receiver = Receiver::start().await?;
    let merchant = Merchant::new(program, receiver.url())?;
    let (_simulator, accounts) = program.simulate()?;
    let provider = Provider::new(program, &accounts)?;
    let server = program.serve().await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    report.value("memory, idle", server.memory()?.0, "MB", Bound::Most(60.0), Bound::Most(25.0));

    let created = paying::create(&server, &merchant, 64, period).await?;
    report.load("order by the API, 64 clients", &created, Bound::Rate(2500.0, ms(50)), Bound::Rate(6000.0, ms(25)));
    let waiting = RefCell::<Vec<Pending>>::default();
    let prepaid = paying::prepay(&server, &merchant, 8, period, &waiting).await?;
    report.load("order and WeChat prepay, 8 clients", &prepaid, Bound::Rate(1200.0, ms(25)), Bound::Rate(2500.0, ms(25)));

    let seconds = (period.warm_up + period.counted).as_secs_f64();
    let mut n = 0_u32;
    while f64::from(n) < seconds * 3000.0 {
        n += 1000;
    }
    paying::stock_up(&server, &merchant, &waiting, usize::try_from(n)?).await?;
    let tokens: Vec<String> = waiting.borrow().iter().map(|p| p.token.clone()).collect();
    let pages = paying::pages(&server, 32, period, &tokens).await?;
    report.load("checkout page with code, 32 clients", &pages, Bound::Rate(1500.0, ms(30)), Bound::Rate(3000.0, ms(30)));
    let token = tokens.first().ok_or("no order")?;
    let few = {
        let mut waiting = waiting.borrow_mut();
        let at = waiting.len().saturating_sub(20);
        waiting.split_off(at)
    };
    let (middle, longest) = paying::news(&server, &provider, few).await?;
    report.value("notice to open page, longest of 20", longest.as_secs_f64(), "s", Bound::Most(2.0), Bound::Most(0.3));
    report.note("notice to open page, middle", middle.as_secs_f64() * 1000.0, "ms");

    paying::deliveries(&receiver, 20).await; // those of the open pages
    let all = waiting.borrow().len();
    let half = RefCell::new(waiting.borrow_mut().split_off(all / 2));
    for (clients, payments) in [(8, &half), (64, &waiting)] {
        let (before, due) = (receiver.taken(), payments.borrow().len());
        let load = paying::notices(&server, &provider, clients, period, payments).await?;
        let name = format!("notice to paid order, {clients} clients");
        report.load(&name, &load, Bound::Rate(1700.0, ms(40)), Bound::Rate(4000.0, ms(40)));
        let meanwhile = receiver.taken() - before;
        let paid = due - payments.borrow().len();
        let rate = paying::deliveries(&receiver, before + paid).await;
        report.note("  webhooks delivered meanwhile", load::count(meanwhile), "");
        if paid.saturating_sub(meanwhile) > 500 {
            report.value(
                "  webhooks after that, to one receiver",
                rate,
                "/s",
                Bound::Rate(1000.0, None),
                Bound::Rate(2500.0, None),
            );
        }
        report.note("  webhooks not delivered", load::count(before + paid) - load::count(receiver.taken()), "");
    }
    report.value("memory, at its highest", server.memory()?.1, "MB", Bound::Most(150.0), Bound::Most(60.0));
    match paying::sizes(&server, token).await {
        Ok((page, scripts)) => {
            report.value("checkout: HTML and CSS, brotli", page, "KB", Bound::Most(20.0), Bound::Most(12.0));
            report.value("checkout: scripts and wasm, brotli", scripts, "KB", Bound::Most(130.0), Bound::Most(80.0));
        }
        Err(e) => println!("the site's files are missing: {e}"),
    }
    Ok((created.rate, prepaid.rate))
}

/// The first two measures on PostgreSQL, beside those of SQLite, and how quick notices are there.
async fn postgres(program: &Program, report: &mut Report, period: Period, of_sqlite: (f64, f64)) -> Result<(), Failure> {
    let receiver = Receiver::start().await?;
    let merchant = Merchant::new(program, receiver.url())?;
    let (_simulator, accounts) = program.simulate()?;
    let provider = Provider::new(program, &accounts)?;
    let server = program.serve().await?;
    let created = paying::create(&server, &merchant, 64, period).await?;
    let half = |rate: f64| (Bound::Rate(rate / 2.0, None), Bound::Rate(rate, None));
    let (floor, aim) = half(of_sqlite.0);
    report.load("order by the API, 64 clients", &created, floor, aim);
    let waiting = RefCell::default();
    let prepaid = paying::prepay(&server, &merchant, 8, period, &waiting).await?;
    let (floor, aim) = half(of_sqlite.1);
    report.load("order and WeChat prepay, 8 clients", &prepaid, floor, aim);
    let noticed = paying::notices(&server, &provider, 64, period, &waiting).await?;
    report.note("notice to paid order, 64 clients", noticed.rate, "/s");
    Ok(())
}

async fn large(program: &Program, report: &mut Report, orders: u64) -> Result<(), Failure> {
    let (database, apps) = million::seed(program, orders).await?;
    let lists = million::lists(&database, &apps).await?;
    database.close().await;
    let name = format!("panel: slowest of {} lists, {orders} orders", lists.count);
    report.value(&name, lists.slowest.as_secs_f64() * 1000.0, "ms", Bound::Most(50.0), Bound::Most(10.0));
    report.note("panel: the middle list", lists.middle.as_secs_f64() * 1000.0, "ms");
    report.note("panel: all but one list in a hundred within", lists.p99.as_secs_f64() * 1000.0, "ms");
    println!("  the slowest: {}", lists.filter);
    let (server, start) = million::start(program).await?;
    let name = format!("start to ready, {orders} orders");
    report.value(&name, start.as_secs_f64() * 1000.0, "ms", Bound::Most(500.0), Bound::Most(50.0));
    let (middle, longest) = million::panel(program, &server).await?;
    report.value(
        "panel: slowest page of orders over HTTP",
        longest.as_secs_f64() * 1000.0,
        "ms",
        Bound::Most(50.0),
        Bound::Most(10.0),
    );
    report.note("panel: the middle page over HTTP", middle.as_secs_f64() * 1000.0, "ms");
    Ok(())
}

/// Running tasks over the last minute: other work makes every figure worse.
fn machine_load() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .map_or_else(|_| "unknown".to_owned(), |t| t.split(' ').next().unwrap_or_default().to_owned())
}
