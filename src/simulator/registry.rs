//! Which providers the simulator plays: one line each.

use super::alipay;
use super::provider::Provider;
use super::stage::Stage;
use super::{baidu, jd, lianlian, qq, unionpay, wechat_h5, wechat_login, wechat_v2, wechat_v3};
use axum::Router;
use std::sync::Arc;

pub(super) fn providers(stage: &Arc<Stage>) -> Vec<Arc<dyn Provider>> {
    let [alipay, alipay_with_certificates] = alipay::providers(stage);
    vec![
        wechat_v2::provider(stage),
        wechat_v3::provider(stage),
        alipay,
        alipay_with_certificates,
        qq::provider(stage),
        unionpay::provider(stage),
        baidu::provider(stage),
        jd::provider(stage),
        lianlian::provider(stage),
    ]
}

/// Endpoints that several providers share.
pub(super) fn shared_routes(stage: &Arc<Stage>, providers: &[Arc<dyn Provider>]) -> Router {
    wechat_login::router(stage).merge(wechat_h5::router(stage, providers))
}
