//! `cashier app …`: merchants' applications.

use super::{Backend, Failure, output};
use crate::config::Config;
use crate::model::{AppId, CaseRule};
use crate::pay::{App, AppKeyKind};
use serde_json::{Value, json};
use std::process::ExitCode;

const ACTOR: &str = "cli";

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create an app; its key and webhook secret are shown only now
    Create {
        #[arg(long)]
        name: String,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// List all apps
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Make a new key; the old one stays valid for a while
    RotateKey {
        /// app_…
        app_id: String,
        /// Which key: api or webhook
        #[arg(long, default_value = "api")]
        kind: String,
        /// How long the old key stays valid, seconds
        #[arg(long, default_value_t = 86_400, value_name = "SECONDS")]
        grace: i64,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Change settings of an app
    Set(Box<Settings>),
    /// Print our RSA public key, which answers of RSA2 calls are verified with
    PlatformKey,
}

#[derive(Debug, clap::Args)]
pub struct Settings {
    /// app_…
    app_id: String,
    /// Switch the app on or off
    #[arg(long)]
    enabled: Option<bool>,
    /// Where webhooks go when the order names no address; empty removes it
    #[arg(long, value_name = "URL")]
    notify_url: Option<String>,
    /// Life of an order that names none, seconds
    #[arg(long, value_name = "SECONDS")]
    expires_in: Option<i64>,
    /// Accept MD5 signatures
    #[arg(long)]
    allow_md5: Option<bool>,
    /// Signature of the return address: HMAC-SHA256 or RSA2
    #[arg(long, value_name = "TYPE")]
    return_sign_type: Option<String>,
    /// Answer to late money: refund, accept or ask
    #[arg(long, value_name = "RULE")]
    late_rule: Option<String>,
    /// Answer to money paid twice: refund or ask
    #[arg(long, value_name = "RULE")]
    duplicate_rule: Option<String>,
    /// The merchant's RSA public key for RSA2: a PEM file, or - for standard input
    #[arg(long, value_name = "FILE")]
    merchant_key: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, command: Command) -> Result<ExitCode, Failure> {
    let cashier = Backend::of_command(config).await?.cashier;
    match command {
        Command::Create { name, json } => {
            let new = cashier.create_app(&name, ACTOR).await?;
            let (key, secret) = (new.key.expose(), new.webhook_secret.expose());
            let document = json!({ "app_id": new.app.app_id, "pid": new.app.pid, "key": key, "webhook_secret": secret });
            let lines = [
                format!("app_id          {}", new.app.app_id),
                format!("pid             {}", new.app.pid),
                format!("key             {key}"),
                format!("webhook_secret  {secret}"),
                "Keep both secrets now: they are not shown again.".to_owned(),
            ];
            output::print(json, &document, &lines);
        }
        Command::List { json } => {
            let apps = cashier.store().apps().await?;
            let lines: Vec<String> = apps.iter().map(line).collect();
            output::print(json, &Value::Array(apps.iter().map(document).collect()), &lines);
        }
        Command::RotateKey { app_id, kind, grace, json } => {
            let kind = AppKeyKind::parse(&kind).ok_or_else(|| Failure::new("kind must be api or webhook"))?;
            let key = cashier.rotate_key(&AppId::parse(&app_id)?, kind, grace, ACTOR).await?;
            let name = if kind == AppKeyKind::Webhook { "webhook_secret" } else { "key" };
            let lines = [format!("{name}  {}", key.expose()), format!("The old one stays valid for {grace} s.")];
            output::print(json, &json!({ "app_id": app_id, name: key.expose() }), &lines);
        }
        Command::Set(settings) => {
            let app_id = AppId::parse(&settings.app_id)?;
            let mut app = cashier.store().app(&app_id).await?.ok_or_else(|| Failure::new("app not found"))?;
            change(&mut app, &settings)?;
            let app = cashier.save_app(app, ACTOR).await?;
            if let Some(path) = &settings.merchant_key {
                cashier.set_merchant_key(&app_id, &output::read_file(path)?, ACTOR).await?;
            }
            output::print(settings.json, &document(&app), &[format!("Saved {}.", app.app_id)]);
        }
        Command::PlatformKey => print!("{}", cashier.platform_key().await?),
    }
    Ok(ExitCode::SUCCESS)
}

fn change(app: &mut App, given: &Settings) -> Result<(), Failure> {
    let rule = |text: &str| CaseRule::parse(text).map_err(|e| Failure::new(e.to_string()));
    let settings = &mut app.settings;
    if let Some(enabled) = given.enabled {
        app.enabled = enabled;
    }
    if let Some(url) = &given.notify_url {
        settings.notify_url = Some(url.clone()).filter(|u| !u.is_empty());
    }
    if let Some(seconds) = given.expires_in {
        settings.expires_in = seconds;
    }
    if let Some(allow) = given.allow_md5 {
        settings.allow_md5 = allow;
    }
    if let Some(sign_type) = &given.return_sign_type {
        settings.return_sign_type.clone_from(sign_type);
    }
    if let Some(text) = &given.late_rule {
        settings.late_rule = rule(text)?;
    }
    if let Some(text) = &given.duplicate_rule {
        settings.duplicate_rule = rule(text)?;
    }
    Ok(())
}

fn document(app: &App) -> Value {
    json!({
        "app_id": app.app_id,
        "pid": app.pid,
        "name": app.name,
        "enabled": app.enabled,
        "settings": app.settings,
        "created_at": app.created_at,
    })
}

fn line(app: &App) -> String {
    format!("{}  {:>6}  {}  {}", app.app_id, app.pid, if app.enabled { "on " } else { "off" }, app.name)
}
