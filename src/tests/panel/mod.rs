//! The panel over HTTP, in a browser without scripts.

mod access;
mod export;
mod forms;
mod sessions;
mod signing_in;
mod webhooks;

use crate::cli::Backend;
use crate::config::Config;
use crate::model::{Role, StaffId};
use crate::pay::{Cashier, Clock, Secret, World};
use crate::storage::{Database, Sessions};
use crate::web::limits::Limiters;
use crate::web::{AppState, Health, WebSettings, router};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use leptos::config::LeptosOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt;

const ORIGIN: &str = "http://127.0.0.1:3000";
const PASSWORD: &str = "violet kettles never whistle";
const OTHER_PASSWORD: &str = "green windows open at noon";

/// A clock that moves when told.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

struct Panel {
    router: Router,
    cashier: Cashier,
    database: Database,
    clock: Arc<Hands>,
    dir: TempDir,
}

impl Panel {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(settings: &[(&str, &str)]) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let config = Config::with(&[&[("data_dir", dir.path().to_str().unwrap())], settings].concat()).unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(World::system().now_ms())));
        let world = World { clock: clock.clone(), chance: World::system().chance };
        let backend = Backend::open_in(&config, ORIGIN.to_owned(), world).await.unwrap();
        let leptos = LeptosOptions::builder().output_name("cashier").site_root("target/site").site_pkg_dir("pkg").build();
        let web = WebSettings {
            public_url: ORIGIN.to_owned(),
            trusted_proxies: Vec::new(),
            metrics_from: Vec::new(),
            demo_wallet: None,
        };
        let state = AppState::new(backend.cashier.clone(), leptos, web, Limiters::new(&config.limits), Health::new());
        let router = router::router(state, Sessions::new(backend.database.clone()), Router::new());
        Self { router, cashier: backend.cashier, database: backend.database, clock, dir }
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    async fn staff(&self, name: &str, role: Role) -> StaffId {
        self.cashier.create_staff(name, role, Secret::new(PASSWORD.to_owned()), "cli").await.unwrap().staff_id
    }

    fn browser(&self) -> Browser<'_> {
        Browser { panel: self, cookie: None }
    }

    /// Somebody of this role, signed in.
    async fn as_role(&self, role: Role) -> Browser<'_> {
        self.staff(role.as_str(), role).await;
        let mut browser = self.browser();
        let answer = browser.sign_in(role.as_str(), PASSWORD).await;
        assert_eq!(answer.location, "/admin");
        browser
    }
}

struct Browser<'a> {
    panel: &'a Panel,
    cookie: Option<String>,
}

#[derive(Debug)]
struct Page {
    status: StatusCode,
    location: String,
    body: String,
}

impl<'a> Browser<'a> {
    /// Another tab.
    fn clone_of(&self) -> Browser<'a> {
        Browser { panel: self.panel, cookie: self.cookie.clone() }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Page {
        let request = match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        };
        let answer = self.panel.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            if pair.starts_with("cashier=") {
                self.cookie = Some(pair.to_owned()).filter(|p| p != "cashier=");
            }
        }
        let location = answer.headers().get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 4 << 20).await.unwrap();
        Page { status, location, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&mut self, path: &str) -> Page {
        let request = Request::get(path).header(header::ACCEPT, "text/html").header(header::ACCEPT_LANGUAGE, "en");
        self.send(request, String::new()).await
    }

    /// A form as a browser without scripts sends it.
    async fn post(&mut self, function: &str, fields: &[(&str, &str)]) -> Page {
        let request = Request::post(format!("/rpc/admin/{function}"))
            .header(header::ACCEPT, "text/html")
            .header(header::ORIGIN, ORIGIN)
            .header(header::REFERER, format!("{ORIGIN}/admin/here"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, encoded(fields)).await
    }

    /// A call as a program makes it: the error is the answer's body.
    async fn call(&mut self, path: &str) -> Page {
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, String::new()).await
    }

    async fn sign_in(&mut self, name: &str, password: &str) -> Page {
        self.post("sign_in", &[("name", name), ("password", password)]).await
    }

    async fn is_in(&mut self) -> bool {
        self.get("/admin/settings").await.status == StatusCode::OK
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The error that a failed form brings back in the address.
fn error_of(page: &Page) -> String {
    use base64::Engine;
    let query = page.location.split_once('?').map(|(_, q)| q).unwrap_or_default();
    let error = form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == "__err").map(|(_, v)| v.into_owned());
    let bytes = base64::engine::general_purpose::URL_SAFE.decode(error.unwrap_or_default()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
