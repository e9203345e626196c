//! The simulator as a whole: all providers, the wallet and the book behind one router.

use super::clock::{Clock, SystemClock};
use super::keys::Keys;
use super::notify::Notices;
use super::provider::{Offer, Pay, Provider, Receipt, Refusal};
use super::registry;
use super::stage::Stage;
use super::tls::{self, Certificates, Transport};
use super::wallet;
use crate::model::ChannelKind;
use axum::extract::State;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How a simulator is set up.
pub struct Settings {
    /// The address under which others reach the plain listener, such as `http://127.0.0.1:3100`.
    pub origin: String,
    /// The address of the TLS listener, if there will be one.
    pub secure_origin: Option<String>,
    /// Fixes keys and account numbers.
    pub seed: Option<u64>,
    /// Clock factor: 10 makes every wait ten times shorter. Must be above 0.
    pub notice_speed: f64,
    /// Refuse calls that need a client certificate on the plain listener, which cannot carry one.
    pub demand_client_certificate: bool,
    pub clock: Arc<dyn Clock>,
}

impl Settings {
    /// The usual settings: random keys, real time, no TLS.
    #[must_use]
    pub fn at(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            secure_origin: None,
            seed: None,
            notice_speed: 1.0,
            demand_client_certificate: false,
            clock: Arc::new(SystemClock),
        }
    }
}

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the notice speed must be above 0")]
    Speed,
    #[error("the HTTP client for notices: {0}")]
    Client(#[from] reqwest::Error),
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Every provider on one stage.
pub struct Simulator {
    pub(super) stage: Arc<Stage>,
    providers: Vec<Arc<dyn Provider>>,
}

impl Simulator {
    /// # Errors
    /// When the settings are unusable.
    pub fn new(settings: Settings) -> Result<Arc<Self>, Error> {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default(); // fine if somebody was earlier
        if !(settings.notice_speed > 0.0 && settings.notice_speed.is_finite()) {
            return Err(Error::Speed);
        }
        let keys = Keys::new(settings.seed);
        let stage = Arc::new(Stage {
            certificates: Certificates::new(keys.clone(), settings.secure_origin.is_some()),
            // Numbers must differ between two runs with one seed: a database may remember those of the first.
            chance: Mutex::new(Keys::new(None).generator("numbers")),
            notices: Notices::new(Arc::clone(&settings.clock), settings.notice_speed)?,
            refusals: Mutex::default(),
            keys,
            clock: settings.clock,
            origin: settings.origin.trim_end_matches('/').to_owned(),
            secure_origin: settings.secure_origin.map(|o| o.trim_end_matches('/').to_owned()),
            speed: settings.notice_speed,
            demand_client_certificate: settings.demand_client_certificate,
        });
        let providers = registry::providers(&stage);
        Ok(Arc::new(Self { stage, providers }))
    }

    /// All endpoints, for the plain listener and for `oneshot` in tests.
    pub fn router(self: &Arc<Self>) -> Router {
        self.routes().layer(Extension(Transport::Plain))
    }

    fn routes(self: &Arc<Self>) -> Router {
        let own = Router::new().route("/book", get(book)).merge(wallet::router()).with_state(Arc::clone(self));
        self.providers.iter().fold(own.merge(registry::shared_routes(&self.stage, &self.providers)), |router, provider| {
            router.merge(Arc::clone(provider).router())
        })
    }

    /// Serves on the plain listener until `shutdown`.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self: &Arc<Self>, listener: TcpListener, shutdown: CancellationToken) -> Result<(), Error> {
        let router = self.router();
        let stop = self.stage.notices.clone();
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                shutdown.cancelled().await;
                stop.stop();
            })
            .await?;
        Ok(())
    }

    /// Serves on the TLS listener until `shutdown`.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub async fn serve_tls(self: &Arc<Self>, listener: TcpListener, shutdown: CancellationToken) -> Result<(), Error> {
        Ok(tls::serve(listener, self.routes(), self.stage.certificates(), shutdown).await?)
    }

    /// A channel import document per provider.
    #[must_use]
    pub fn credentials(&self) -> Vec<Value> {
        self.providers.iter().map(|p| p.credentials()).collect()
    }

    /// One provider's channel import document.
    #[must_use]
    pub fn credentials_of(&self, kind: ChannelKind) -> Option<Value> {
        self.provider(kind).map(|p| p.credentials())
    }

    /// What `GET /book` answers.
    #[must_use]
    pub fn book(&self) -> Value {
        let mut trades: Vec<_> = self.providers.iter().flat_map(|p| p.book()).collect();
        trades.sort_by_key(|t| t.created_at);
        json!({ "trades": trades, "refusals": self.stage.refusals(), "notices": self.stage.notices.tries() })
    }

    pub(super) fn look_up(&self, code: &str) -> Option<(&Arc<dyn Provider>, Offer)> {
        let code = code.trim();
        self.providers.iter().find_map(|p| p.look_up(code).map(|offer| (p, offer)))
    }

    /// Pays a code, as `POST /wallet/pay` does.
    ///
    /// # Errors
    /// [`Refusal`] when nobody knows the code or the provider will not take the money.
    pub async fn pay(&self, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let (provider, _) = self.look_up(code).ok_or_else(Refusal::unknown)?;
        provider.pay(code.trim(), pay).await
    }

    pub(super) fn provider(&self, kind: ChannelKind) -> Option<&Arc<dyn Provider>> {
        self.providers.iter().find(|p| p.kind() == kind)
    }

    /// Lets refunds held back by `refund_stuck` go through; how many.
    pub fn release_refunds(&self) -> usize {
        self.providers.iter().map(|p| p.release_refunds()).sum()
    }
}

async fn book(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    Json(simulator.book())
}
