//! Which providers the simulator plays: one line each.

use super::provider::Provider;
use super::stage::Stage;
use super::{wechat_login, wechat_v2};
use axum::Router;
use std::sync::Arc;

pub(super) fn providers(stage: &Arc<Stage>) -> Vec<Arc<dyn Provider>> {
    vec![wechat_v2::provider(stage)]
}

/// Endpoints that several providers share.
pub(super) fn shared_routes(stage: &Arc<Stage>) -> Router {
    wechat_login::router(stage)
}
