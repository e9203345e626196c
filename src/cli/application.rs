//! The whole server as a value: built and bound first, run later. Tests start the real thing on port 0 this way.

use super::{Backend, Failure};
use crate::config::Config;
use crate::pay::store::StoreError;
use crate::pay::{Cashier, World};
use crate::storage::{Database, Sessions};
use crate::web::limits::Limiters;
use crate::web::{AppState, Health, WebSettings, router, server};
use crate::worker::{Pace, Worker};
use axum::Router;
use leptos::config::LeptosOptions;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How often memory of idle limits is freed.
const TIDY: Duration = Duration::from_secs(60);

pub struct Application {
    config: Config,
    backend: Backend,
    state: AppState,
    listener: TcpListener,
    address: SocketAddr,
    more: Router,
}

impl Application {
    /// Opens the database, takes the serving lock, binds the address.
    ///
    /// # Errors
    /// When any of these is not possible.
    pub async fn build(config: Config) -> Result<Self, Failure> {
        Self::build_in(config, World::system()).await
    }

    /// The same with a clock and chance of the caller's own.
    ///
    /// # Errors
    /// As [`Application::build`].
    pub async fn build_in(config: Config, world: World) -> Result<Self, Failure> {
        let listen = config.server.listen;
        let listener = TcpListener::bind(listen).await.map_err(|e| Failure::new(format!("{listen}: {e}")))?;
        let address = listener.local_addr()?;
        let public_url = config.public_url(address);
        let backend = Backend::open_serving(&config, public_url.clone(), world).await?;
        let leptos = LeptosOptions::builder()
            .output_name("cashier")
            .site_root(config.server.site_root.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .site_addr(address)
            .build();
        let web = WebSettings {
            public_url,
            trusted_proxies: config.server.trusted_proxies.clone(),
            metrics_from: config.server.metrics_from.clone(),
            demo_wallet: config.demo_wallet.clone(),
        };
        let state = AppState::new(backend.cashier.clone(), leptos, web, Limiters::new(&config.limits), Health::new());
        Ok(Self { config, backend, state, listener, address, more: Router::new() })
    }

    /// Adds routes of somebody else, such as the demo's shop.
    #[must_use]
    pub fn mount(mut self, routes: Router) -> Self {
        self.more = self.more.merge(routes);
        self
    }

    /// The address that was bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin that payers and providers see.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.state.web.public_url
    }

    #[must_use]
    pub fn cashier(&self) -> &Cashier {
        &self.backend.cashier
    }

    #[must_use]
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until `shutdown`; then claims nothing more, finishes what is in hand, and gives leases back.
    pub async fn run(self, shutdown: CancellationToken) {
        let Self { config, backend, state, listener, more, .. } = self;
        let pace = Pace {
            poll: Duration::from_millis(config.worker.poll_ms),
            sweep: Duration::from_secs(config.worker.sweep_s),
            keep: config.worker.keep,
        };
        let worker = Worker::start(backend.cashier.clone(), state.health.clone(), &pace);
        let (closing, ending) = (state.closing.clone(), shutdown.clone());
        tokio::spawn(async move {
            ending.cancelled().await;
            closing.cancel();
        });
        let tidied = state.clone();
        let tidy = tokio::spawn(async move {
            loop {
                tokio::time::sleep(TIDY).await;
                tidied.limiters.forget_idle();
            }
        });
        let database = backend.database.clone();
        let rewrap = tokio::spawn(async move {
            if let Err(error) = rewrap_secrets(&database).await {
                tracing::error!(?error, "secrets could not be wrapped with the first master key; the next start tries again");
            }
        });
        let patience = Duration::from_secs(config.worker.shutdown_s);
        let routes = router::router(state, Sessions::new(backend.database.clone()), more);
        // Side by side: no work is claimed while open requests come to their end, and both have the same time.
        let work = async {
            shutdown.cancelled().await;
            worker.stop(patience).await;
        };
        tokio::join!(server::serve(listener, routes, config.limits.connections, shutdown.clone(), patience), work);
        tidy.abort();
        rewrap.abort();
        backend.database.close().await;
    }
}

/// After a change of the master key: what an older one has sealed is wrapped with the first one, so that the older one can
/// be taken away.
async fn rewrap_secrets(database: &Database) -> Result<(), StoreError> {
    let first = database.keys().first_id();
    let counts = database.count_by_key().await?;
    let older: i64 = counts.iter().filter(|(key_id, _)| key_id.as_str() != first).map(|(_, count)| count).sum();
    if older == 0 {
        return Ok(());
    }
    let wrapped = database.rotate_master_key().await?;
    let left = older.saturating_sub(i64::try_from(wrapped).unwrap_or(i64::MAX));
    if left > 0 {
        tracing::error!(wrapped, left, "not every secret could be wrapped with the first master key; see cashier doctor");
    } else {
        tracing::info!(wrapped, "all secrets are wrapped with the first master key");
    }
    Ok(())
}
