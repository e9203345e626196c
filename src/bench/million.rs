//! The measures on a large database: start, and the panel's list of orders.

use super::Failure;
use super::client::{Connection, get, header, post_with};
use super::load::share;
use super::process::{Program, Server};
use cashier::model::AppId;
use cashier::pay::World;
use cashier::storage::{Database, MasterKeys, measure};
use std::time::{Duration, Instant};

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

/// How long the panel's page of orders takes over HTTP, signed in, with one filter after the other: the middle and the
/// longest. Each is asked for three times and its best time counts, since the first fills caches.
///
/// # Errors
/// When signing in or a page fails.
pub async fn panel(program: &Program, server: &Server) -> Result<(Duration, Duration), Failure> {
    const PASSWORD: &str = "measure-twice-cut-once-71";
    program.ask(&["admin", "create", "--name", "bench", "--role", "viewer", "--password-stdin", "--json"], PASSWORD)?;
    let mut connection = Connection::new(server.address);
    let headers = "content-type: application/x-www-form-urlencoded\r\naccept: text/html\r\nsec-fetch-site: same-origin\r\n";
    let body = format!("name=bench&password={PASSWORD}&next=");
    let reply = connection.send(&post_with(server.address, "/rpc/admin/sign_in", headers, &body)).await?;
    let cookie = header(reply.head, "set-cookie").and_then(|c| c.split(';').next());
    let cookie = cookie.ok_or_else(|| format!("no session: HTTP {}", reply.status))?.to_owned();
    let mut times = Vec::new();
    for filter in [
        "",
        "status=paid",
        "status=closed",
        "method=wechat_jsapi",
        "method=lianlian_web",
        "refund=full",
        "min=5000",
        "status=created&method=jd_qr",
        "status=paid&refund=partial",
        "min=777&max=777",
    ] {
        let request =
            get(server.address, &format!("/admin/orders?{filter}"), &format!("cookie: {cookie}\r\naccept: text/html\r\n"));
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            connection.send(&request).await?.expect(200).map_err(|e| format!("{filter}: {e}"))?;
            best = best.min(begun.elapsed());
        }
        times.push(best);
    }
    times.sort_unstable();
    Ok((share(&times, 50), share(&times, 100)))
}
