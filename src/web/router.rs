//! Every URL of the program, grouped by who calls it.

use super::middleware::{client, detached, headers, origin, page_limits, request, typed};
use super::state::AppState;
use super::{api, callbacks, docs, events, export, operations, signed_in};
use crate::ui::i18n::choose;
use crate::ui::{self, LonePage};
use axum::Router;
use axum::extract::{DefaultBodyLimit, RawQuery};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Html;
use axum::routing::{any, get};
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use std::sync::OnceLock;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

/// The whole program over HTTP. `more` are routes of somebody else, such as the demo's shop.
pub fn router<S: SessionStore + Clone>(state: AppState, sessions: S, more: Router) -> Router {
    let shell = {
        let options = state.leptos.clone();
        move || ui::shell(options.clone())
    };
    // From the outside in, as one layer: each of its own would be cloned with all below it for every request.
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), request::number))
        .layer(from_fn_with_state(state.clone(), headers::protect))
        .layer(from_fn_with_state(state.clone(), client::identify))
        .layer(from_fn(request::url_length))
        .layer(from_fn_with_state(state.clone(), origin::check))
        .layer(from_fn_with_state(state.clone(), page_limits::limit))
        .layer(from_fn_with_state(state.clone(), detached::run))
        .layer(DefaultBodyLimit::max(api::BODY_LIMIT))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(is_page))
        .layer(session_layer(&state, sessions))
        .layer(from_fn_with_state(state.clone(), typed::keep));
    Router::new()
        // --- merchants' servers, and the browsers they send ---
        .merge(api::routes())
        .merge(api::redirect_routes())
        // --- providers, and the browsers they send back ---
        .route("/notify/{channel_id}/{kind}", any(callbacks::notice))
        .route("/return/{pay_no}", get(callbacks::back).post(callbacks::back))
        .route("/checkout/{token}/signed-in/{method}", get(signed_in::back))
        // --- open checkout pages ---
        .route("/checkout/{token}/status", get(events::status))
        .route("/checkout/{token}/events", get(events::stream))
        // --- whoever runs it ---
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        // --- developers ---
        .route("/docs", get(docs::page))
        .route("/openapi.json", get(docs::openapi))
        // --- staff, besides their pages ---
        .route("/admin/orders.csv", get(export::orders_csv))
        // --- pages (`ui::App`) and server functions (`/rpc/…`) ---
        .leptos_routes_with_context(&state, pages(), context_of(&state), shell)
        .merge(if state.web.is_demo() { Router::new() } else { front_page() })
        .merge(more.with_state(()))
        // --- files of the built site, and the page for everything else ---
        .nest_service("/pkg", site_files(&state))
        .fallback(file_and_error_handler_with_context::<AppState, _>(context_of(&state), ui::shell))
        .layer(layers)
        .with_state(state)
}

/// Only pages travel packed: files are packed when the site is built, answers of the API are small, events must not wait.
fn is_page(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// The list of pages is made by running the route tree once, which switches resources off for the whole process while it
/// lasts: so once per process, however many routers a test builds.
fn pages() -> Vec<AxumRouteListing> {
    static PAGES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    PAGES.get_or_init(|| generate_route_list(ui::App)).clone()
}

/// What the bare address shows. The demo has a first page of its own.
fn front_page() -> Router<AppState> {
    let page = |RawQuery(query): RawQuery, headers: HeaderMap| async move {
        Html(LonePage::front(choose(&query.unwrap_or_default(), &headers)).render())
    };
    Router::new().route("/", get(page))
}

/// What pages and server functions find in their context.
fn context_of(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    move || {
        provide_context(state.cashier.clone());
        let (demo, wallet, secure) = (state.web.is_demo(), state.web.demo_wallet.clone(), state.web.is_secure());
        provide_context(ui::PageSettings { demo, wallet, secure });
    }
}

fn session_layer<S: SessionStore>(state: &AppState, sessions: S) -> SessionManagerLayer<S> {
    SessionManagerLayer::new(sessions)
        .with_name(state.web.session_cookie())
        .with_secure(state.web.is_secure())
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::minutes(30)))
}

/// The names carry no hash, so a browser asks again each time and gets a short "not modified".
fn site_files(state: &AppState) -> axum::routing::MethodRouter {
    let root = std::path::Path::new(state.leptos.site_root.as_ref()).join(state.leptos.site_pkg_dir.as_ref());
    let files = ServeDir::new(root).precompressed_br();
    let cache = axum::http::HeaderValue::from_static("public, no-cache");
    axum::routing::get_service(files).layer(SetResponseHeaderLayer::overriding(axum::http::header::CACHE_CONTROL, cache))
}
