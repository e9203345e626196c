//! `cashier serve`.

use super::{Application, Failure, logs, output, signals};
use crate::config::Config;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address to listen on, instead of server.listen
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<std::net::SocketAddr>,
}

pub async fn run(mut config: Config, args: Args) -> Result<ExitCode, Failure> {
    logs::start(&config.log);
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    let data_dir = config.data_dir.clone();
    let is_first = !config.key_file().exists() && config.master_key.is_none();
    let application = Application::build(config).await?;
    let mut lines = Vec::new();
    if is_first {
        lines.push(format!(
            "Made {} with a new master key. Keep a copy of the key: nothing opens without it.",
            data_dir.display()
        ));
    }
    lines.push(format!("Cashier listens on http://{}, seen as {}", application.address(), application.public_url()));
    if application.cashier().store().all_staff().await?.is_empty() {
        lines.push("Nobody can sign in yet. Create the first administrator with".to_owned());
        lines.push("  cashier admin create --name NAME --role owner".to_owned());
        lines.push(format!("then open {}/admin", application.public_url()));
    }
    output::print(false, &serde_json::Value::Null, &lines);
    tracing::info!(address = %application.address(), "serving");
    application.run(signals::shutdown()).await;
    Ok(ExitCode::SUCCESS)
}
