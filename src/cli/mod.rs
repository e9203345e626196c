//! The command line: one file per subcommand, and the wiring that `serve`, `demo` and the tests share.

mod admin;
mod app;
pub mod application;
mod audit;
pub mod backend;
mod channel;
mod demo;
mod doctor;
mod failure;
pub mod guide;
mod logs;
mod migrate;
mod output;
mod serve;
mod signals;

pub use application::Application;
pub use backend::Backend;
pub use failure::Failure;

use crate::config::Config;
use crate::simulator;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A hosted cashier: checkout page, merchant API, provider channels and admin panel in one program.
#[derive(Debug, Parser)]
#[command(name = "cashier", version, arg_required_else_help = true)]
struct Arguments {
    /// Settings file [default: ./cashier.toml if there is one; print one with `cashier config`]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the cashier: pages, API, notices, background work.
    Serve(serve::Args),
    /// Run the whole play on loopback: providers, server, a shop, an administrator. No real money.
    Demo(demo::Args),
    /// Play every payment provider, for demonstration and tests.
    Simulate(simulator::command::Args),
    /// Bring the database to this program's version.
    Migrate(migrate::Args),
    /// Look over configuration, database, certificates and clock.
    Doctor(doctor::Args),
    /// Merchants' applications and their keys.
    #[command(subcommand)]
    App(app::Command),
    /// Members of staff.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Provider accounts.
    #[command(subcommand)]
    Channel(channel::Command),
    /// The log of what staff did.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Print the settings with their defaults, as a file to start from.
    Config,
}

/// Reads the command line and runs the command.
pub async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// A command line as a test would type it, without the program's name.
#[cfg(test)]
pub(crate) async fn run_line(line: &[&str]) -> Result<ExitCode, Failure> {
    let words = std::iter::once("cashier").chain(line.iter().copied());
    run(Arguments::try_parse_from(words).map_err(|e| Failure::new(e.to_string()))?).await
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let file = arguments.config.as_deref();
    let load = || Config::load(file).map_err(Failure::from);
    match arguments.command {
        Command::Config => {
            print!("{}", crate::config::DEFAULTS);
            Ok(ExitCode::SUCCESS)
        }
        Command::Simulate(args) => {
            logs::start(&load()?.log);
            simulator::command::run(args, signals::shutdown()).await.map_err(|e| Failure::new(e.to_string()))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo(args) => demo::run(load()?, args).await,
        Command::Serve(args) => serve::run(load()?, args).await,
        Command::Doctor(args) => doctor::run(Config::load(file), args).await,
        Command::Migrate(args) => migrate::run(&load()?, args).await,
        Command::App(command) => app::run(&load()?, command).await,
        Command::Admin(command) => admin::run(&load()?, command).await,
        Command::Channel(command) => channel::run(&load()?, command).await,
        Command::Audit(command) => audit::run(&load()?, command).await,
    }
}
