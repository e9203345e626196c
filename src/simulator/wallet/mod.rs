//! A payer's wallet, for people (pages that work without scripts) and for programs (JSON). Must not know any provider:
//! it asks each in turn whose code it is.

mod api;
mod page;
mod words;

pub(super) use page::escape;
pub(super) use words::Lang;

use super::server::Simulator;
use axum::Router;
use axum::http::header;
use axum::routing::{get, post};
use std::sync::Arc;

pub(super) fn router() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/wallet", get(page::show))
        .route("/wallet/result", get(page::result))
        .route("/wallet/wallet.css", get(style))
        .route("/wallet/pay", post(api::pay))
        .route("/wallet/behave", post(api::behave))
        .route("/wallet/codes", post(api::codes))
        .route("/wallet/refunds/release", post(api::release))
}

async fn style() -> impl axum::response::IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("wallet.css"))
}
