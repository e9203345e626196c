//! `cashier demo`: the whole play on loopback: providers, server, a merchant's shop, an administrator.

use super::{Application, Failure, channel, logs, signals};
use crate::config::Config;
use crate::demo::{Merchant, Shop, router};
use crate::model::Role;
use crate::pay::{Cashier, Secret};
use crate::simulator;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const ACTOR: &str = "cli";
const ADMIN: &str = "demo";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Loopback address of the server, instead of server.listen
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Loopback address of the simulator
    #[arg(long, default_value = "127.0.0.1:3100", value_name = "ADDRESS")]
    simulator: SocketAddr,
    /// Clock factor of the simulator's notices and waits
    #[arg(long, default_value_t = 1.0, value_name = "F")]
    notice_speed: f64,
}

pub async fn run(mut config: Config, args: Args) -> Result<ExitCode, Failure> {
    logs::start(&config.log);
    config.server.listen = address(&config, &args)?;
    let shutdown = signals::shutdown();
    let providers = start_simulator(&args, shutdown.clone()).await?;

    // Every run is a new play: its keys and its money are worth nothing.
    config.data_dir = config.data_dir.join("demo");
    if config.data_dir.exists() {
        std::fs::remove_dir_all(&config.data_dir)?;
    }
    config.database_url = Secret::new(String::new());
    config.master_key = None;
    let wallet = format!("{}/wallet", providers.origin);
    config.demo_wallet = Some(wallet.clone());
    config.outbound_allow.extend(loopback());
    let application = Application::build(config.with_default_database()).await?;

    let origin = application.public_url().to_owned();
    let password = application.cashier().world().token(12);
    let shop = set_up(application.cashier(), &origin, wallet.clone(), &password, providers.credentials).await?;
    println!("The demo is at {origin}");
    println!("  shop    {origin}/demo");
    println!("  wallet  {wallet}");
    println!("  panel   {origin}/admin   name {ADMIN}, password {password}");
    application.mount(router(shop)).run(shutdown).await;
    Ok(ExitCode::SUCCESS)
}

/// Where the server listens.
fn address(config: &Config, args: &Args) -> Result<SocketAddr, Failure> {
    let listen = args.listen.unwrap_or(config.server.listen);
    if listen.ip().is_loopback() && args.simulator.ip().is_loopback() {
        Ok(listen)
    } else {
        Err(Failure::new("the demo listens on loopback addresses only: anybody could pay with play money"))
    }
}

/// The shop's webhooks go to this very machine.
fn loopback() -> [ipnet::IpNet; 2] {
    let (v4, v6) = (std::net::Ipv4Addr::LOCALHOST, std::net::Ipv6Addr::LOCALHOST);
    [ipnet::IpNet::from(std::net::IpAddr::from(v4)), ipnet::IpNet::from(std::net::IpAddr::from(v6))]
}

struct Providers {
    origin: String,
    credentials: Vec<serde_json::Value>,
}

async fn start_simulator(args: &Args, shutdown: CancellationToken) -> Result<Providers, Failure> {
    let listener = TcpListener::bind(args.simulator).await.map_err(|e| Failure::new(format!("{}: {e}", args.simulator)))?;
    let origin = format!("http://{}", listener.local_addr()?);
    let settings = simulator::Settings { notice_speed: args.notice_speed, ..simulator::Settings::at(origin.clone()) };
    let simulator = simulator::Simulator::new(settings).map_err(|e| Failure::new(e.to_string()))?;
    let credentials = simulator.credentials();
    tokio::spawn(async move {
        if let Err(e) = simulator.serve(listener, shutdown).await {
            tracing::error!(error = %e, "the simulator ended");
        }
    });
    Ok(Providers { origin, credentials })
}

/// An app with its channels, an administrator, and the shop that uses the app.
async fn set_up(
    cashier: &Cashier,
    origin: &str,
    wallet: String,
    password: &str,
    credentials: Vec<serde_json::Value>,
) -> Result<Arc<Shop>, Failure> {
    let new = cashier.create_app("青山茶铺 Green Hill Tea", ACTOR).await?;
    let mut app = new.app;
    app.settings.notify_url = Some(format!("{origin}/demo/hook"));
    app.settings.accent = Some("#2f6f4e".to_owned());
    app.settings.contact = Some("support@tea.example".to_owned());
    let app = cashier.save_app(app, ACTOR).await?;
    for document in credentials {
        channel::import(cashier, document).await?;
    }
    cashier.create_staff(ADMIN, Role::Owner, Secret::new(password.to_owned()), ACTOR).await?;
    let key = new.key.expose().clone();
    let merchant = Merchant::new(origin.to_owned(), app.app_id.to_string(), key, new.webhook_secret.expose().clone());
    let merchant = merchant.map_err(|e| Failure::new(e.to_string()))?;
    let (clock, chance) = (cashier.world().clone(), cashier.world().clone());
    let admin = (ADMIN.to_owned(), password.to_owned());
    Ok(Arc::new(Shop::new(merchant, admin, wallet, move || clock.now_ms(), move || chance.number())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_listens_where_it_is_told_but_on_loopback_only() {
        let at = |setting: &str, option: Option<&str>| {
            let config = Config::with(&[("server.listen", setting)]).expect("settings");
            let listen = option.map(|text| text.parse().expect("address"));
            let args = Args { listen, simulator: SocketAddr::from(([127, 0, 0, 1], 3100)), notice_speed: 1.0 };
            address(&config, &args).map(|listen| listen.to_string()).ok()
        };
        assert_eq!(at("127.0.0.1:4000", None).as_deref(), Some("127.0.0.1:4000"));
        assert_eq!(at("127.0.0.1:4000", Some("[::1]:5000")).as_deref(), Some("[::1]:5000"));
        assert_eq!(at("0.0.0.0:4000", Some("127.0.0.1:5000")).as_deref(), Some("127.0.0.1:5000"));
        assert_eq!(at("0.0.0.0:4000", None), None);
        assert_eq!(at("127.0.0.1:4000", Some("0.0.0.0:4000")), None);
    }
}
