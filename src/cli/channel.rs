//! `cashier channel …`: provider accounts.

use super::{Backend, Failure, guide, output};
use crate::channels::Registry;
use crate::config::Config;
use crate::model::{AppId, ChannelId, ChannelKind, Method};
use crate::pay::channel::{BillKind, BillLine, ChannelFactory, Field};
use crate::pay::{Agreement, Cashier, ChannelInput, ChannelRecord, ChannelRules, Compared, Secret, World};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

const ACTOR: &str = "cli";

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Import an account from a JSON file; the same name and app again makes a new version of its credentials
    Import {
        /// A JSON document, or an array of them; - for standard input
        file: String,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Ask the provider something harmless that proves the credentials
    Check {
        /// ch_… or the channel's name
        channel: String,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Fetch the provider's bill of a day and compare each line with what stands here; fails when one differs
    Bill {
        /// ch_… or the channel's name
        channel: String,
        /// A day in Shanghai, such as 2026-01-31
        day: String,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// List all accounts
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Print what a kind of channel needs
    Fields {
        /// wechat_v2, alipay, …
        kind: String,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
        /// Print the tables of the guide in docs/channels
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
    },
}

/// An import document.
#[derive(Deserialize)]
struct Document {
    kind: ChannelKind,
    name: String,
    app_id: Option<AppId>,
    gateway_url: Option<String>,
    ca_pem: Option<String>,
    methods: Option<Methods>,
    priority: Option<i64>,
    weight: Option<i64>,
    /// Fen.
    min_amount: Option<i64>,
    max_amount: Option<i64>,
    credentials: BTreeMap<String, Value>,
    /// Misspelt names, most likely.
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

/// A list, or the same as one text with commas.
#[derive(Deserialize)]
#[serde(untagged)]
enum Methods {
    List(Vec<Method>),
    Text(String),
}

impl Methods {
    fn read(self) -> Result<Vec<Method>, Failure> {
        match self {
            Self::List(methods) => Ok(methods),
            Self::Text(text) => {
                let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
                names.map(|name| Method::parse(name).map_err(|e| Failure::new(format!("methods: {e}")))).collect()
            }
        }
    }
}

pub async fn run(config: &Config, command: Command) -> Result<ExitCode, Failure> {
    if let Command::Fields { kind, json, markdown } = command {
        return fields(&kind, json, markdown);
    }
    let cashier = Backend::of_command(config).await?.cashier;
    match command {
        Command::Import { file, json } => {
            let value: Value = serde_json::from_str(&output::read_file(&file)?)?;
            let (documents, many) = match value {
                Value::Array(items) => (items, true),
                one => (vec![one], false),
            };
            let (mut ids, mut lines) = (Vec::new(), Vec::new());
            for document in documents {
                let record = import(&cashier, document).await?;
                ids.push(json!({ "channel_id": record.channel_id }));
                lines.push(format!("{}  {} ({}, version {})", record.channel_id, record.name, record.kind, record.version));
            }
            let document = if many { Value::Array(ids) } else { ids.pop().unwrap_or_default() };
            output::print(json, &document, &lines);
        }
        Command::Check { channel, json } => {
            let id = find(&cashier, &channel).await?;
            let report = cashier.check_channel(&id).await?;
            let lines = [
                format!("{} {}", if report.ok { "ok  " } else { "fail" }, report.asked),
                format!("     the provider said: {}", report.answered),
            ];
            output::print(json, &serde_json::to_value(&report)?, &lines);
            if !report.ok {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Bill { channel, day, json } => {
            let compared = cashier.compare_bill(&find(&cashier, &channel).await?, &day).await?;
            let differ = compared.iter().filter(|c| c.agreement != Agreement::Same).count();
            let mut lines: Vec<String> = compared.iter().map(billed).collect();
            lines.push(format!("{} lines, {differ} of them differ", compared.len()));
            output::print(json, &compared.iter().map(billed_document).collect(), &lines);
            if differ > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::List { json } => {
            let channels = cashier.store().channels().await?;
            let documents = channels.iter().map(document).collect();
            let lines: Vec<String> = channels.iter().map(line).collect();
            output::print(json, &Value::Array(documents), &lines);
        }
        Command::Fields { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// What the program itself knows of a kind; no database is asked.
fn fields(kind: &str, json: bool, markdown: bool) -> Result<ExitCode, Failure> {
    let kind = ChannelKind::parse(kind).map_err(|e| Failure::new(e.to_string()))?;
    let declaration = Registry::new(World::system()).declaration(kind);
    let declaration = declaration.ok_or_else(|| Failure::new("this kind is not built in"))?;
    let lines: Vec<String> = if markdown {
        guide::markdown(declaration).lines().map(str::to_owned).collect()
    } else {
        let line = |f: &Field| format!("{:<24}{}{}", f.name, if f.required { "" } else { "(optional) " }, f.help.1);
        declaration.fields.iter().map(line).collect()
    };
    output::print(json, &serde_json::to_value(declaration)?, &lines);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn import(cashier: &Cashier, document: Value) -> Result<ChannelRecord, Failure> {
    let document: Document = serde_json::from_value(document)?;
    for name in document.unknown.keys() {
        eprintln!("warning: {name} is not a field of an import document and was ignored");
    }
    let rules = match (document.weight, document.min_amount, document.max_amount) {
        (None, None, None) => None,
        (weight, min_amount, max_amount) => {
            Some(ChannelRules { weight: weight.unwrap_or(ChannelRules::default().weight), min_amount, max_amount })
        }
    };
    let input = ChannelInput {
        kind: document.kind,
        name: document.name,
        app_id: document.app_id,
        gateway_url: document.gateway_url,
        ca_pem: document.ca_pem,
        methods: document.methods.map(Methods::read).transpose()?,
        credentials: document.credentials.into_iter().filter_map(|(name, value)| Some((name, credential(value)?))).collect(),
        priority: document.priority,
        rules,
    };
    Ok(cashier.import_channel(input, ACTOR).await?)
}

/// Numbers such as a merchant's are often written without quotes; null is no value.
fn credential(value: Value) -> Option<Secret<String>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Secret::new(text)),
        other => Some(Secret::new(other.to_string())),
    }
}

async fn find(cashier: &Cashier, text: &str) -> Result<ChannelId, Failure> {
    if let Ok(id) = ChannelId::parse(text) {
        return Ok(id);
    }
    let mut named = cashier.store().channels().await?.into_iter().filter(|c| c.name == text);
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one.channel_id),
        (Some(_), Some(_)) => Err(Failure::new("several channels have this name; give the id")),
        _ => Err(Failure::new("there is no such channel")),
    }
}

fn document(channel: &ChannelRecord) -> Value {
    json!({
        "channel_id": channel.channel_id,
        "kind": channel.kind,
        "name": channel.name,
        "app_id": channel.app_id,
        "enabled": channel.enabled,
        "methods": channel.methods,
        "gateway_url": channel.gateway_url,
        "priority": channel.priority,
        "version": channel.version,
    })
}

fn moved(compared: &Compared) -> &'static str {
    match compared.line.kind {
        BillKind::Payment => "payment",
        BillKind::Refund => "refund",
    }
}

fn billed_document(compared: &Compared) -> Value {
    let BillLine { number, provider_no, amount, fee_fen, at, .. } = &compared.line;
    json!({
        "kind": moved(compared),
        "number": number,
        "provider_no": provider_no,
        "amount": amount,
        "fee": fee_fen,
        "at": at,
        "agreement": compared.agreement,
    })
}

fn billed(compared: &Compared) -> String {
    let here = match &compared.agreement {
        Agreement::Same => "as here".to_owned(),
        Agreement::Unknown => "UNKNOWN here".to_owned(),
        Agreement::Amount(ours) => format!("{} HERE", ours.yuan()),
        Agreement::State(state) => format!("{} HERE", state.to_uppercase()),
    };
    let BillLine { number, amount, .. } = &compared.line;
    format!("{:<8}{number:<34}{:>14}  {here}", moved(compared), amount.yuan())
}

fn line(channel: &ChannelRecord) -> String {
    let state = if channel.enabled { "on " } else { "off" };
    format!("{}  {:<10}  {state}  {}", channel.channel_id, channel.kind.as_str(), channel.name)
}
