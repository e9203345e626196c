//! `cashier admin …`: members of staff.

use super::{Backend, Failure, output};
use crate::config::Config;
use crate::model::Role;
use crate::pay::Secret;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

const ACTOR: &str = "cli";

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create a member of staff
    Create {
        #[arg(long)]
        name: String,
        /// owner, admin, finance, support, developer or viewer
        #[arg(long)]
        role: String,
        /// Read the password from standard input; otherwise one is made and printed
        #[arg(long)]
        password_stdin: bool,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Give somebody a new password; ends all of that person's sessions
    ResetPassword {
        #[arg(long)]
        name: String,
        /// Read the password from standard input; otherwise one is made and printed
        #[arg(long)]
        password_stdin: bool,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(config: &Config, command: Command) -> Result<ExitCode, Failure> {
    let cashier = Backend::of_command(config).await?.cashier;
    let password = |from_stdin: bool| {
        if from_stdin { output::secret_from_stdin("password") } else { Ok(Secret::new(cashier.world().token(15))) }
    };
    match command {
        Command::Create { name, role, password_stdin, json } => {
            let role = Role::parse(&role).map_err(|e| Failure::new(format!("role: {e}")))?;
            let password = password(password_stdin)?;
            let staff = cashier.create_staff(&name, role, password.clone(), ACTOR).await?;
            report(json, staff.staff_id.as_str(), (!password_stdin).then_some(&password), &format!("Created {name} as {role}."));
        }
        Command::ResetPassword { name, password_stdin, json } => {
            let staff =
                cashier.store().staff_by_name(&name).await?.ok_or_else(|| Failure::new("there is nobody of this name"))?;
            let password = password(password_stdin)?;
            cashier.set_password(&staff.staff_id, password.clone(), ACTOR).await?;
            report(json, staff.staff_id.as_str(), (!password_stdin).then_some(&password), &format!("{name} has a new password."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn report(json: bool, staff_id: &str, made: Option<&Secret<String>>, line: &str) {
    let mut document = Map::from_iter([("staff_id".to_owned(), json!(staff_id))]);
    let mut lines = vec![line.to_owned(), format!("staff_id  {staff_id}")];
    if let Some(password) = made {
        document.insert("password".to_owned(), json!(password.expose()));
        lines.push(format!("password  {}", password.expose()));
    }
    output::print(json, &Value::Object(document), &lines);
}
