//! `cashier simulate`: the simulator as a program of its own.

use super::server::{Error, Settings, Simulator};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Play the payment providers, for demonstration and tests. No real money.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Address of the plain HTTP listener.
    #[arg(long, default_value = "127.0.0.1:3100")]
    pub listen: SocketAddr,
    /// Address of an additional TLS listener, which asks for merchants' client certificates as the real providers do.
    #[arg(long, value_name = "ADDR")]
    pub listen_tls: Option<SocketAddr>,
    /// Fix keys and account numbers.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Print one JSON array of channel import documents on standard output. The simulator then serves, or ends if its
    /// address is taken already (by another run with the same seed, say).
    #[arg(long)]
    pub print_credentials: bool,
    /// Clock factor for notices and other waits: 10 makes each ten times shorter.
    #[arg(long, default_value_t = 1.0, value_name = "F")]
    pub notice_speed: f64,
    /// Refuse calls that need a client certificate on the plain listener, which cannot carry one.
    #[arg(long)]
    pub demand_client_certificate: bool,
    /// The address under which others reach the plain listener, if it is not the listener's own.
    #[arg(long, value_name = "ORIGIN")]
    pub public_url: Option<String>,
}

/// Runs until `shutdown`.
///
/// # Errors
/// When an address is taken or the settings are unusable.
pub async fn run(args: Args, shutdown: CancellationToken) -> Result<(), Error> {
    let bound = TcpListener::bind(args.listen).await;
    let address = match &bound {
        Ok(listener) => listener.local_addr()?,
        Err(_) => args.listen,
    };
    let secure = match args.listen_tls {
        Some(at) if bound.is_ok() => Some(TcpListener::bind(at).await?),
        _ => None,
    };
    let secure_address = match &secure {
        Some(listener) => Some(listener.local_addr()?),
        None => args.listen_tls,
    };
    let simulator = Simulator::new(Settings {
        secure_origin: secure_address.map(|at| format!("https://{at}")),
        seed: args.seed,
        notice_speed: args.notice_speed,
        demand_client_certificate: args.demand_client_certificate,
        ..Settings::at(args.public_url.unwrap_or_else(|| format!("http://{address}")))
    })?;
    if args.print_credentials {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", serde_json::Value::Array(simulator.credentials()))?;
        out.flush()?;
    }
    let listener = match bound {
        Ok(listener) => listener,
        Err(e) if args.print_credentials && e.kind() == ErrorKind::AddrInUse => return Ok(()),
        Err(e) => return Err(e.into()),
    };
    tracing::info!(%address, "simulator listens; wallet at http://{address}/wallet");
    match secure {
        None => simulator.serve(listener, shutdown).await,
        Some(secure) => {
            tokio::try_join!(simulator.serve(listener, shutdown.clone()), simulator.serve_tls(secure, shutdown)).map(|_| ())
        }
    }
}
