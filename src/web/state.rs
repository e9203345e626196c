//! What every handler can reach.

use super::health::Health;
use super::limits::Limiters;
use super::metrics::Metrics;
use crate::pay::Cashier;
use axum::extract::FromRef;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use std::ops::Deref;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// One pointer: every layer of the router clones it for every request.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// What the state is made of.
pub struct Parts {
    pub cashier: Cashier,
    pub leptos: LeptosOptions,
    pub web: WebSettings,
    pub limiters: Limiters,
    pub(super) metrics: Metrics,
    /// Whether the background loops of this process are alive.
    pub health: Health,
    /// Cancelled when the program is about to end: what would go on for ever ends itself.
    pub closing: CancellationToken,
}

/// The part of the configuration that the edge needs.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Origin that payers and providers see, without a slash at the end.
    pub public_url: String,
    pub trusted_proxies: Vec<IpNet>,
    /// Networks that may read `/metrics`.
    pub metrics_from: Vec<IpNet>,
    /// The demo's wallet: every page then says that no real money moves.
    pub demo_wallet: Option<String>,
}

impl WebSettings {
    /// Whether payers reach us over TLS: decides `Secure` cookies, their `__Host-` prefix and HSTS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether this is the demo.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.demo_wallet.is_some()
    }

    /// Name of the staff session's cookie. Browsers accept the prefix only together with `Secure`.
    #[must_use]
    pub fn session_cookie(&self) -> &'static str {
        if self.is_secure() { "__Host-cashier" } else { "cashier" }
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    #[must_use]
    pub fn new(cashier: Cashier, leptos: LeptosOptions, web: WebSettings, limiters: Limiters, health: Health) -> Self {
        let (metrics, closing) = (Metrics::install(), CancellationToken::new());
        Self(Arc::new(Parts { cashier, leptos, web, limiters, metrics, health, closing }))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl FromRef<AppState> for Cashier {
    fn from_ref(state: &AppState) -> Self {
        state.cashier.clone()
    }
}
