//! `cashier serve`.

use super::{Application, Failure, logs, signals};
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
    if is_first {
        println!("Made {} with a new master key. Keep a copy of the key: nothing opens without it.", data_dir.display());
    }
    println!("Cashier listens on http://{}, seen as {}", application.address(), application.public_url());
    if application.cashier().store().all_staff().await?.is_empty() {
        println!("Nobody can sign in yet. Create the first administrator with");
        println!("  cashier admin create --name NAME --role owner");
        println!("then open {}/admin", application.public_url());
    }
    tracing::info!(address = %application.address(), "serving");
    application.run(signals::shutdown()).await;
    Ok(ExitCode::SUCCESS)
}
