//! The measures on a large database: start, and the panel's list of orders.

use super::Failure;
use super::process::{Program, Server};
use cashier::model::AppId;
use cashier::pay::World;
use cashier::storage::{Database, MasterKeys, measure};
use std::time::Duration;

/// The list of orders, by every combination of filters.
pub struct Lists {
    pub count: usize,
    pub middle: Duration,
    pub p99: Duration,
    pub slowest: Duration,
    pub filter: String,
}

/// Fills the program's database with so many orders of three apps.
///
/// # Errors
/// When the database does not take them.
pub async fn seed(program: &Program, orders: u64) -> Result<(Database, Vec<AppId>), Failure> {
    let mut apps = Vec::new();
    for name in ["one", "two", "three"] {
        let made = program.ask(&["app", "create", "--name", name, "--json"], "")?;
        apps.push(AppId::parse(made["app_id"].as_str().unwrap_or_default())?);
    }
    let url = format!("sqlite://{}", program.data.join("cashier.db").display());
    let keys = MasterKeys::load(&program.data, None)?;
    let database = Database::connect(&url, &program.data, keys, World::system()).await?;
    measure::seed_orders(&database, &apps, orders).await?;
    Ok((database, apps))
}

/// # Errors
/// When a list fails.
pub async fn lists(database: &Database, apps: &[AppId]) -> Result<Lists, Failure> {
    let times = measure::time_lists(database, apps).await?;
    let at = |part: usize| times.get(times.len() * part / 100).map(|(time, _)| *time).unwrap_or_default();
    let (slowest, filter) = times.first().ok_or("no lists")?;
    Ok(Lists { count: times.len(), middle: at(50), p99: at(1), slowest: *slowest, filter: format!("{filter:?}") })
}

/// The shortest of a few starts: what the machine does besides only adds to it.
///
/// # Errors
/// When the server does not start.
pub async fn start(program: &Program) -> Result<(Server, Duration), Failure> {
    let mut shortest = Duration::MAX;
    for _ in 0..4 {
        shortest = program.serve().await?.ready_after.min(shortest);
    }
    let server = program.serve().await?;
    shortest = server.ready_after.min(shortest);
    Ok((server, shortest))
}
