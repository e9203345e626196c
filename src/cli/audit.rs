//! `cashier audit …`: the log of what staff did.

use super::{Backend, Failure, output};
use crate::config::Config;
use crate::pay::store::StoreError;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Walk the whole chain and say whether any entry was changed or removed
    Verify {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(config: &Config, command: Command) -> Result<ExitCode, Failure> {
    let Command::Verify { json } = command;
    let cashier = Backend::of_command(config).await?.cashier;
    match cashier.store().verify_audit().await {
        Ok(entries) => {
            output::print(json, &json!({ "ok": true, "entries": entries }), &[format!("ok: {entries} entries, chain unbroken")]);
            Ok(ExitCode::SUCCESS)
        }
        Err(StoreError::Inconsistent { id, problem, .. }) => {
            let line = format!("fail: the chain breaks at entry {id}: {problem}");
            output::print(json, &json!({ "ok": false, "entry": id, "problem": problem }), &[line]);
            Ok(ExitCode::FAILURE)
        }
        Err(other) => Err(other.into()),
    }
}
