//! `cashier doctor`: looks for what would go wrong later.

use super::{Failure, backend, output};
use crate::channels::certificate_facts;
use crate::config::{Config, Faults};
use crate::pay::World;
use crate::pay::store::Store;
use crate::storage::Database;
use crate::web::CLOCK_WARNING_MS;
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

struct Finding {
    verdict: Verdict,
    about: String,
    text: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, verdict: Verdict, about: impl Into<String>, text: impl Into<String>) {
        self.0.push(Finding { verdict, about: about.into(), text: text.into() });
    }
}

const DAY_MS: i64 = 86_400_000;

/// Exit code 1 when something fails; warnings alone are no failure.
pub async fn run(config: Result<Config, Faults>, args: Args) -> Result<ExitCode, Failure> {
    let world = World::system();
    let mut found = Findings::default();
    match config {
        Err(Faults(faults)) => faults.into_iter().for_each(|fault| found.add(Verdict::Fail, "configuration", fault)),
        Ok(config) => {
            check_configuration(&config, &mut found);
            match backend::connect(&config, world.clone()).await {
                Err(failure) => found.add(Verdict::Fail, "database", failure.to_string()),
                Ok(database) => check_database(&database, &world, &mut found).await,
            }
        }
    }
    let failed = found.0.iter().any(|f| f.verdict == Verdict::Fail);
    let word = |v: Verdict| match v {
        Verdict::Ok => "ok",
        Verdict::Warn => "warn",
        Verdict::Fail => "fail",
    };
    let checks: Vec<Value> =
        found.0.iter().map(|f| json!({ "result": word(f.verdict), "about": f.about, "text": f.text })).collect();
    let lines: Vec<String> = found.0.iter().map(|f| format!("{:<5}{:<15}{}", word(f.verdict), f.about, f.text)).collect();
    output::print(args.json, &json!({ "ok": !failed, "checks": checks }), &lines);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn check_configuration(config: &Config, found: &mut Findings) {
    let public_url = config.public_url(config.server.listen);
    found.add(Verdict::Ok, "configuration", format!("listens on {}, seen as {public_url}", config.server.listen));
    if !public_url.starts_with("https://") {
        let text = "server.public_url is not https: providers refuse such notice addresses, and cookies are not Secure";
        found.add(Verdict::Warn, "configuration", text);
    }
    if config.outbound_allow.iter().any(|net| net.contains(&std::net::IpAddr::from([127, 0, 0, 1]))) {
        let text = "outbound.allow holds this machine: merchants' addresses may reach services on it";
        found.add(Verdict::Warn, "configuration", text);
    }
    let script = config.server.site_root.join("pkg/cashier.js");
    if script.is_file() {
        found.add(Verdict::Ok, "site", format!("built files in {}", config.server.site_root.display()));
    } else {
        let text = format!("{} is missing: pages come without styles and live updates", script.display());
        found.add(Verdict::Warn, "site", text);
    }
}

async fn check_database(database: &Database, world: &World, found: &mut Findings) {
    match database.schema_status().await {
        Ok(status) if status.is_current() => {
            found.add(Verdict::Ok, "database", format!("{} at version {}", database.kind(), status.applied));
        }
        Ok(status) if status.applied > status.known => {
            let text = format!("version {} is newer than this program, which knows {}", status.applied, status.known);
            return found.add(Verdict::Fail, "database", text);
        }
        Ok(status) => {
            let text = format!(
                "version {} is behind {}; `cashier migrate` or the next start brings it up",
                status.applied, status.known
            );
            return found.add(Verdict::Warn, "database", text);
        }
        Err(error) => return found.add(Verdict::Fail, "database", error.to_string()),
    }
    match database.ping().await {
        Ok(theirs) => {
            let difference = theirs - world.now_ms();
            let verdict = if difference.abs() > CLOCK_WARNING_MS { Verdict::Warn } else { Verdict::Ok };
            found.add(verdict, "clock", format!("{difference} ms from the database's"));
        }
        Err(error) => found.add(Verdict::Fail, "clock", error.to_string()),
    }
    if let Err(error) = check_storage(database, found).await {
        found.add(Verdict::Fail, "database", error.to_string());
    }
    if let Err(error) = check_accounts(database, world.now_ms(), found).await {
        found.add(Verdict::Fail, "database", error.to_string());
    }
}

async fn check_storage(database: &Database, found: &mut Findings) -> Result<(), Failure> {
    for fault in database.durability_faults().await? {
        found.add(Verdict::Fail, "durability", fault.text);
    }
    for (key_id, count) in database.count_by_key().await? {
        let (verdict, text) = match (key_id == database.keys().first_id(), database.keys().knows(&key_id)) {
            (true, _) => (Verdict::Ok, "sealed with the current one"),
            (false, true) => (Verdict::Warn, "still sealed with an older one, which must stay configured"),
            (false, false) => (Verdict::Fail, "sealed with one that is not configured: they cannot be opened"),
        };
        found.add(verdict, format!("master key {key_id}"), format!("{count} secrets are {text}"));
    }
    Ok(())
}

async fn check_accounts(database: &Database, now: i64, found: &mut Findings) -> Result<(), Failure> {
    let staff = database.all_staff().await?;
    if staff.iter().any(|s| s.enabled) {
        found.add(Verdict::Ok, "staff", format!("{} can sign in", staff.iter().filter(|s| s.enabled).count()));
    } else {
        found.add(Verdict::Warn, "staff", "nobody can sign in: cashier admin create --name NAME --role owner");
    }
    let channels = database.channels().await?;
    let enabled = channels.iter().filter(|c| c.enabled).count();
    let verdict = if enabled == 0 { Verdict::Warn } else { Verdict::Ok };
    found.add(verdict, "channels", format!("{enabled} of {} are on", channels.len()));
    for channel in channels.iter().filter(|c| c.enabled) {
        let about = format!("channel {}", channel.name);
        let Some(account) = database.channel_account(&channel.channel_id, channel.version).await? else {
            found.add(Verdict::Fail, about, "its credentials are missing");
            continue;
        };
        for (field, value) in account.credentials.iter().filter(|(_, v)| v.expose().contains("BEGIN CERTIFICATE")) {
            for facts in certificate_facts(value.expose()) {
                let days = (facts.not_after - now).div_euclid(DAY_MS);
                let verdict = match days {
                    ..0 => Verdict::Fail,
                    0..30 => Verdict::Warn,
                    _ => Verdict::Ok,
                };
                found.add(verdict, about.clone(), format!("{field}: certificate of {} ends in {days} days", facts.subject));
            }
        }
    }
    Ok(())
}
