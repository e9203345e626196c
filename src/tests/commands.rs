//! Commands beside a running server and without one, on the same database.

use crate::cli::{Application, Backend, run_line};
use crate::config::Config;
use crate::pay::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::PathBuf;
use std::process::ExitCode;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

struct Place {
    dir: TempDir,
    settings: PathBuf,
}

impl Place {
    fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let dir = tempfile::tempdir().expect("directory");
        let settings = dir.path().join("cashier.toml");
        let data = dir.path().join("data");
        std::fs::write(&settings, format!("data_dir = {data:?}\n[server]\nlisten = \"127.0.0.1:0\"\n")).expect("written");
        Self { dir, settings }
    }

    fn config(&self) -> Config {
        Config::load(Some(&self.settings)).expect("settings")
    }

    async fn run(&self, line: &[&str]) -> Result<(), String> {
        let settings = self.settings.to_str().expect("path");
        let code = run_line(&[&["--config", settings], line].concat()).await.map_err(|e| e.to_string())?;
        if format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS) { Ok(()) } else { Err("exit code".to_owned()) }
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("path").to_owned()
    }
}

const CHANNEL: &str = r#"{"kind":"wechat_v2","name":"main","methods":["wechat_native"],"gateway_url":"http://127.0.0.1:9",
    "credentials":{"appid":"wx0000000000000001","mch_id":"1900000001","key":"0123456789abcdef0123456789abcdef","sign_type":"MD5"}}"#;

#[tokio::test]
async fn the_first_command_makes_the_data_directory_with_a_private_key() {
    let place = Place::new();
    place.run(&["app", "create", "--name", "Acme", "--json"]).await.expect("created");
    let key = place.config().key_file();
    assert!(key.is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).expect("facts").permissions().mode() & 0o777, 0o600);
    }
    let backend = Backend::of_command(&place.config()).await.expect("opens again with that key");
    assert_eq!(backend.cashier.store().apps().await.expect("apps").len(), 1);
}

#[tokio::test]
async fn an_account_imported_again_is_a_new_version_of_the_same_channel() {
    let place = Place::new();
    let file = place.write("channel.json", CHANNEL);
    place.run(&["channel", "import", &file, "--json"]).await.expect("imported");
    place.run(&["channel", "import", &file]).await.expect("imported again");
    let channels = Backend::of_command(&place.config()).await.expect("opens").cashier.store().channels().await.expect("channels");
    assert_eq!(channels.iter().map(|c| c.version).collect::<Vec<_>>(), [2]);
    place.run(&["channel", "list"]).await.expect("listed");
    place.run(&["channel", "fields", "wechat_v2", "--json"]).await.expect("fields");
    assert!(place.run(&["channel", "check", "main"]).await.is_err(), "nobody listens there");
    let broken = place.write("broken.json", r#"{"kind":"wechat_v2","name":"x","credentials":{}}"#);
    let problem = place.run(&["channel", "import", &broken]).await.expect_err("credentials are missing");
    assert!(problem.contains("appid"), "{problem}");
    assert!(place.run(&["channel", "fields", "paypal"]).await.is_err());
}

#[tokio::test]
async fn staff_is_made_once_per_name_and_every_step_is_in_the_audit_log() {
    let place = Place::new();
    place.run(&["admin", "create", "--name", "boss", "--role", "owner", "--json"]).await.expect("created");
    assert!(place.run(&["admin", "create", "--name", "boss", "--role", "viewer"]).await.is_err());
    assert!(place.run(&["admin", "create", "--name", "other", "--role", "king"]).await.is_err());
    place.run(&["admin", "reset-password", "--name", "boss"]).await.expect("reset");
    place.run(&["audit", "verify"]).await.expect("unbroken");
    assert!(Backend::of_command(&place.config()).await.expect("opens").cashier.store().verify_audit().await.expect("walks") >= 2);
}

#[tokio::test]
async fn commands_work_while_the_server_runs_and_a_second_server_does_not() {
    let place = Place::new();
    let stop = CancellationToken::new();
    let server = Application::build(place.config()).await.expect("first");
    let running = tokio::spawn(server.run(stop.clone()));
    place.run(&["app", "create", "--name", "Acme"]).await.expect("beside it");
    place.run(&["doctor"]).await.expect("nothing fails");
    place.run(&["migrate", "--json"]).await.expect("nothing to do");
    assert!(Application::build(place.config()).await.is_err(), "one server per database file");
    stop.cancel();
    running.await.expect("ends");
    super::app::eventually("the lock is free again", async || Application::build(place.config()).await.is_ok()).await;
}

#[tokio::test]
async fn a_server_with_a_new_master_key_wraps_what_the_old_one_sealed() {
    let place = Place::new();
    let (old, new) = (STANDARD.encode([1u8; 32]), STANDARD.encode([2u8; 32]));
    let with_key = |key: String| Config { master_key: Some(Secret::new(key)), ..place.config() };
    let first = Backend::of_command(&with_key(old.clone())).await.expect("opens");
    let app = first.cashier.create_app("Acme", "test").await.expect("created");
    let sealed: i64 = first.database.count_by_key().await.expect("counts").values().sum();
    assert!(sealed > 0);
    let server = Application::build(with_key(format!("{new},{old}"))).await.expect("starts with both");
    let database = server.backend().database.clone();
    let current = database.keys().first_id().to_owned();
    assert_ne!(current, first.database.keys().first_id());
    let stop = CancellationToken::new();
    let running = tokio::spawn(server.run(stop.clone()));
    super::app::eventually("nothing is under the old key", async || {
        let counts = database.count_by_key().await.expect("counts");
        counts.get(&current).is_some_and(|count| *count >= sealed) && counts.len() == 1
    })
    .await;
    stop.cancel();
    running.await.expect("ends");
    let last = Backend::of_command(&with_key(new)).await.expect("the new key alone is enough");
    let keys = last.cashier.store().app_keys(&app.app.app_id, last.cashier.world().now_ms()).await.expect("open");
    assert!(keys.iter().any(|k| k.value.expose() == app.key.expose()));
}

#[tokio::test]
async fn a_server_does_not_start_on_a_database_that_may_lose_commits() {
    let Some(database) = crate::storage::testing::postgres().await else { return };
    let mut url = url::Url::parse(&database.url).expect("address");
    url.query_pairs_mut().append_pair("options[synchronous_commit]", "off");
    let place = Place::new();
    let at = |url: &str| Config { database_url: Secret::new(url.to_owned()), ..place.config() };
    let problem = Application::build(at(url.as_str())).await.map(drop).expect_err("refused").to_string();
    assert!(problem.contains("synchronous_commit = off"), "{problem}");
    Application::build(at(&database.url)).await.map(drop).expect("nothing is wrong with the server itself");
}

#[tokio::test]
async fn an_app_is_changed_and_its_key_rotated() {
    let place = Place::new();
    place.run(&["app", "create", "--name", "Acme"]).await.expect("created");
    let backend = Backend::of_command(&place.config()).await.expect("opens");
    let app_id = backend.cashier.store().apps().await.expect("apps")[0].app_id.clone();
    let id = app_id.as_str();
    place.run(&["app", "set", id, "--allow-md5", "true", "--expires-in", "600", "--late-rule", "ask"]).await.expect("set");
    assert!(place.run(&["app", "set", id, "--expires-in", "1"]).await.is_err());
    place.run(&["app", "rotate-key", id, "--grace", "60"]).await.expect("rotated");
    assert!(place.run(&["app", "rotate-key", id, "--kind", "merchant_rsa"]).await.is_err());
    place.run(&["app", "list", "--json"]).await.expect("listed");
    let app = backend.cashier.store().app(&app_id).await.expect("store").expect("app");
    assert!(app.settings.allow_md5 && app.settings.expires_in == 600);
    let now = backend.cashier.world().now_ms();
    let keys = backend.cashier.store().app_keys(&app_id, now).await.expect("keys");
    assert_eq!(keys.iter().filter(|k| k.kind == crate::pay::AppKeyKind::Api).count(), 2);
}

#[tokio::test]
async fn faults_of_the_settings_are_told_and_doctor_fails_with_them() {
    let place = Place::new();
    std::fs::write(&place.settings, "[server]\nlisten = \"nowhere\"\nlistne = 1\n").expect("written");
    let problem = place.run(&["app", "list"]).await.expect_err("faults");
    assert!(problem.contains("server.listen ") && problem.contains("server.listne "), "{problem}");
    assert!(place.run(&["doctor"]).await.is_err());
}
