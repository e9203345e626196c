//! Which providers the simulator plays: one line each.

use super::provider::Provider;
use super::stage::Stage;
use axum::Router;
use std::sync::Arc;

pub(super) fn providers(stage: &Arc<Stage>) -> Vec<Arc<dyn Provider>> {
    let _ = stage;
    vec![]
}

/// Endpoints that several providers share.
pub(super) fn shared_routes(stage: &Arc<Stage>) -> Router {
    let _ = stage;
    Router::new()
}
