//! The real server on a fresh database and port 0, the real simulator beside it, and a receiver for webhooks.

use super::merchant::Merchant;
use super::receiver::Receiver;
use crate::cli::{Application, Backend};
use crate::config::Config;
use crate::model::{AppId, ChannelId};
use crate::pay::{App, Cashier, ChannelInput, Secret};
use crate::simulator::{Settings, Simulator};
use reqwest::header::{HeaderMap, LOCATION};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub struct TestApp {
    pub url: String,
    pub cashier: Cashier,
    pub backend: Backend,
    pub simulator: Arc<Simulator>,
    pub simulator_url: String,
    pub receiver: Receiver,
    /// A person or program without any credentials. Follows no redirects.
    pub anonymous: reqwest::Client,
    stop: CancellationToken,
    _dir: TempDir,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With settings over the tests' own: no limits, quick plans.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_as(settings, |_| {}).await
    }

    /// The same with more changed than settings can say.
    pub async fn start_as(settings: &[(&str, &str)], change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let dir = tempfile::tempdir().expect("directory");
        let data_dir = dir.path().to_str().expect("path").to_owned();
        let mut values = vec![
            ("data_dir", data_dir.as_str()),
            ("server.listen", "127.0.0.1:0"),
            ("outbound.allow", "127.0.0.0/8"),
            ("limits.orders_per_s", "0"),
            ("limits.page_per_s", "0"),
            ("limits.address_per_s", "0"),
            ("limits.failed_signatures_per_min", "0"),
            ("plans.webhook_s", "1,1,1"),
            ("plans.query_s", "1"),
            ("plans.page_query_s", "0"),
            ("worker.poll_ms", "50"),
        ];
        values.extend_from_slice(settings);
        let mut config = Config::with(&values).expect("settings");
        change(&mut config);
        let application = Application::build(config).await.expect("application");
        let stop = CancellationToken::new();
        let url = format!("http://{}", application.address());
        let backend = application.backend().clone();
        tokio::spawn(application.run(stop.clone()));

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let simulator_url = format!("http://{}", listener.local_addr().expect("address"));
        let simulator =
            Simulator::new(Settings { notice_speed: 100.0, ..Settings::at(simulator_url.clone()) }).expect("simulator");
        let (played, ended) = (simulator.clone(), stop.clone());
        tokio::spawn(async move { played.serve(listener, ended).await });

        let anonymous = client();
        let receiver = Receiver::start(stop.clone()).await;
        let cashier = backend.cashier.clone();
        Self { url, cashier, backend, simulator, simulator_url, receiver, anonymous, stop, _dir: dir }
    }

    /// A new app that signs with HMAC-SHA256.
    pub async fn merchant(&self) -> Merchant {
        let new = self.cashier.create_app("Acme 商店", "test").await.expect("app");
        let mut app = new.app;
        app.settings.notify_url = Some(self.receiver.url.clone());
        let app = self.cashier.save_app(app, "test").await.expect("settings");
        Merchant::new(&self.url, app.app_id.as_str(), new.key.expose(), new.webhook_secret.expose())
    }

    pub async fn change_app(&self, merchant: &Merchant, change: impl FnOnce(&mut App)) {
        let app_id = AppId::parse(&merchant.app_id).expect("id");
        let mut app = self.cashier.store().app(&app_id).await.expect("store").expect("app");
        change(&mut app);
        self.cashier.save_app(app, "test").await.expect("saved");
    }

    /// The simulator's import documents. Their keys may still be in the making; that is waited for on another thread, since
    /// a future on this one may hold a connection of the database.
    pub async fn documents(&self) -> Vec<Value> {
        let simulator = self.simulator.clone();
        tokio::task::spawn_blocking(move || simulator.credentials()).await.expect("documents")
    }

    /// Imports the simulator's account of this kind for all apps.
    pub async fn channel(&self, kind: &str) -> ChannelId {
        self.channel_with(kind, |_| {}).await
    }

    /// The same with another gateway or other credentials.
    pub async fn channel_with(&self, kind: &str, change: impl FnOnce(&mut ChannelInput)) -> ChannelId {
        let document = self.documents().await.into_iter().find(|d| d["kind"] == kind).expect("kind is simulated");
        self.channel_of(&document, change).await
    }

    /// The same with an import document.
    pub async fn channel_of(&self, document: &Value, change: impl FnOnce(&mut ChannelInput)) -> ChannelId {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut input = ChannelInput {
            kind: serde_json::from_value(document["kind"].clone()).expect("kind"),
            name: text(&document["name"]).expect("name"),
            app_id: None,
            gateway_url: text(&document["gateway_url"]).or_else(|| Some(self.simulator_url.clone())),
            ca_pem: text(&document["ca_pem"]),
            methods: None,
            priority: None,
            rules: None,
            credentials: document["credentials"]
                .as_object()
                .expect("credentials")
                .iter()
                .map(|(name, value)| (name.clone(), Secret::new(text(value).expect("text"))))
                .collect(),
        };
        change(&mut input);
        self.cashier.import_channel(input, "test").await.expect("import").channel_id
    }

    /// Asks the server to end.
    pub fn end(&self) {
        self.stop.cancel();
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.anonymous.get(format!("{}{path}", self.url)).send().await.expect("answer")
    }

    /// A payer pays what a started payment shows.
    pub async fn wallet(&self, code: &str, behaviour: &str) -> Value {
        let request = self.anonymous.post(format!("{}/wallet/pay", self.simulator_url));
        let answer = request.json(&serde_json::json!({ "code": code, "behaviour": behaviour })).send().await.expect("answer");
        answer.json().await.expect("JSON")
    }

    /// Creates an order, starts a WeChat code and pays it; the order number, once it is paid.
    pub async fn paid_order(&self, merchant: &Merchant, out_order_no: &str, amount: i64) -> String {
        let created = merchant.create(out_order_no, amount).await.done();
        let order_no = created["order_no"].as_str().expect("number").to_owned();
        let started = merchant.call("/api/v1/payments", &[("order_no", &order_no), ("method", "wechat_native")]).await.done();
        self.wallet(started["next"]["code_url"].as_str().expect("code"), "ok").await;
        eventually("the order is paid", async || {
            merchant.call("/api/v1/orders/query", &[("order_no", &order_no)]).await.done()["status"] == "paid"
        })
        .await;
        order_no
    }
}

pub fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.timeout(Duration::from_secs(60)).build().expect("client")
}

pub fn location(headers: &HeaderMap) -> String {
    headers.get(LOCATION).and_then(|v| v.to_str().ok()).expect("a location").to_owned()
}

/// Waits until something holds. The limit is for a machine that is very busy, not a claim about speed.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came true: {what}");
}
