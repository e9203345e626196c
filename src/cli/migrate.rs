//! `cashier migrate`.

use super::{Failure, backend, output};
use crate::config::Config;
use crate::pay::World;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, args: Args) -> Result<ExitCode, Failure> {
    let database = backend::connect(config, World::system()).await?;
    let before = database.schema_status().await?;
    database.migrate().await?;
    let after = database.schema_status().await?;
    let line = if before.applied == after.applied {
        format!("The {} database is at version {} already.", database.kind(), after.applied)
    } else {
        format!("The {} database went from version {} to {}.", database.kind(), before.applied, after.applied)
    };
    output::print(args.json, &json!({ "from": before.applied, "to": after.applied }), &[line]);
    Ok(ExitCode::SUCCESS)
}
