//! Typed settings: the commented defaults, `cashier.toml` over them, the environment over both. Read once at start;
//! all faults are reported together. Nothing else reads the environment.

mod reader;

use self::reader::Reader;
use crate::pay::store::Keep;
use crate::pay::{LoginLimits, Plans, Secret};
use crate::web::limits::Rates;
use figment::Figment;
use figment::providers::{Format, Toml};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The defaults, which are their own documentation.
pub const DEFAULTS: &str = include_str!("config/default.toml");

#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    /// May hold a password.
    pub database_url: Secret<String>,
    /// base64 texts with commas between; `None`: the key file in the data directory.
    pub master_key: Option<Secret<String>>,
    pub server: Server,
    /// Networks that merchants' addresses may point to although they are not public.
    pub outbound_allow: Vec<IpNet>,
    pub log: Log,
    pub limits: Rates,
    pub login: LoginLimits,
    pub questions_per_s: u32,
    pub plans: Plans,
    pub worker: Worker,
    /// The simulated wallet of `cashier demo`, not a setting: every page then says that no real money moves.
    pub demo_wallet: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Server {
    pub listen: SocketAddr,
    /// `None`: built from the address that was bound.
    pub public_url: Option<String>,
    pub trusted_proxies: Vec<IpNet>,
    /// Networks that may read `/metrics`.
    pub metrics_from: Vec<IpNet>,
    pub site_root: PathBuf,
}

#[derive(Debug, Clone)]
pub struct Log {
    pub json: bool,
    pub level: String,
}

#[derive(Debug, Clone)]
pub struct Worker {
    pub poll_ms: u64,
    pub sweep_s: u64,
    pub keep: Keep,
    pub shutdown_s: u64,
}

/// Everything that is wrong with the settings, a line each.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has faults:\n{}", .0.iter().map(|f| format!("  - {f}")).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<String>);

impl Config {
    /// Reads the defaults, then the file (`./cashier.toml` unless named; a named one must exist), then the environment.
    ///
    /// # Errors
    /// All faults at once.
    pub fn load(file: Option<&Path>) -> Result<Self, Faults> {
        let environment: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        let named = file.map(Path::to_owned).or_else(|| environment.get("CASHIER_CONFIG").map(PathBuf::from));
        let file = match named {
            Some(path) if !path.is_file() => return Err(Faults(vec![format!("{} does not exist", path.display())])),
            Some(path) => Toml::file_exact(path),
            None => Toml::file("cashier.toml"),
        };
        Self::read(Figment::from(Toml::string(DEFAULTS)).merge(file), &environment)
    }

    /// The defaults with a few values changed; for tests and the demo, which do not look at the environment.
    ///
    /// # Errors
    /// All faults at once.
    pub fn with(values: &[(&str, &str)]) -> Result<Self, Faults> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        for (key, value) in values {
            figment = figment.merge((*key, *value));
        }
        Self::read(figment, &BTreeMap::new())
    }

    fn read(mut figment: Figment, environment: &BTreeMap<String, String>) -> Result<Self, Faults> {
        let mut variables = BTreeMap::new();
        for (variable, value) in environment {
            if let Some(key) = key_of(variable) {
                figment = figment.merge((key.as_str(), value.as_str()));
                variables.insert(key, variable.clone());
            }
        }
        Self::from_figment(&figment, &variables, environment.get("LEPTOS_SITE_ROOT"))
    }

    fn from_figment(figment: &Figment, variables: &BTreeMap<String, String>, site_root: Option<&String>) -> Result<Self, Faults> {
        let mut r = Reader { figment, variables, faults: Vec::new(), known: BTreeSet::new() };
        let plans = r.plans();
        let config = Self {
            data_dir: PathBuf::from(r.text("data_dir")),
            database_url: Secret::new(r.text("database.url")),
            master_key: Some(r.text("master_key")).filter(|t| !t.is_empty()).map(Secret::new),
            server: Server {
                listen: r.parse("server.listen", "must be an address and port such as 127.0.0.1:3000").unwrap_or(ANY),
                public_url: r.origin("server.public_url"),
                trusted_proxies: r.networks("server.trusted_proxies"),
                metrics_from: r.networks("server.metrics_from"),
                site_root: find_site(&r.text("server.site_root"), site_root),
            },
            outbound_allow: r.networks("outbound.allow"),
            log: Log { json: r.word("log.format", &["text", "json"]) == "json", level: r.level("log.level") },
            limits: Rates {
                orders_per_s: r.number("limits.orders_per_s", 0, 1_000_000),
                orders_burst: r.number("limits.orders_burst", 0, 1_000_000),
                page_per_s: r.number("limits.page_per_s", 0, 1_000_000),
                address_per_s: r.number("limits.address_per_s", 0, 1_000_000),
                failed_signatures_per_min: r.number("limits.failed_signatures_per_min", 0, 1_000_000),
                sse_per_address: r.number("limits.sse_per_address", 0, 1_000_000),
                connections: r.number("limits.connections", 0, 1_000_000),
                request_s: r.number("limits.request_s", 0, 3600),
                api_request_s: r.number("limits.api_request_s", 0, 3600),
            },
            login: LoginLimits {
                failures_per_address: r.number("limits.login_failures_per_address", 0, 1_000_000),
                lock_s: r.number("limits.login_lock_s", 0, 86_400),
            },
            questions_per_s: r.number("limits.questions_per_s", 0, 1_000_000),
            plans,
            worker: Worker {
                poll_ms: r.number("worker.poll_ms", 10, 60_000),
                sweep_s: r.number("worker.sweep_s", 1, 86_400),
                keep: Keep {
                    notices_ms: r.days_ms("worker.keep_notices_days"),
                    deliveries_ms: r.days_ms("worker.keep_deliveries_days"),
                },
                shutdown_s: r.number("worker.shutdown_s", 0, 600),
            },
            demo_wallet: None,
        };
        r.unknown_keys();
        if r.faults.is_empty() { Ok(config.with_default_database()) } else { Err(Faults(r.faults)) }
    }

    /// Fills in the database's address where none was given: a file in the data directory.
    #[must_use]
    pub fn with_default_database(mut self) -> Self {
        if self.database_url.expose().is_empty() {
            self.database_url = Secret::new(format!("sqlite://{}", self.data_dir.join("cashier.db").display()));
        }
        self
    }

    /// The origin that payers and providers see, without a slash at the end.
    #[must_use]
    pub fn public_url(&self, bound: SocketAddr) -> String {
        self.server.public_url.clone().unwrap_or_else(|| {
            let ip = match bound.ip() {
                IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
                IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
                ip => ip,
            };
            format!("http://{}", SocketAddr::new(ip, bound.port()))
        })
    }

    /// Where the master key lies when the settings hold none.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.data_dir.join("master.key")
    }
}

const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000);

/// The setting that a variable overrides. Variables with a section are settings; of the plain ones only those that we
/// know, since others may use the prefix too.
fn key_of(variable: &str) -> Option<String> {
    match variable {
        "DATABASE_URL" => Some("database.url".to_owned()),
        "CASHIER_DATA_DIR" => Some("data_dir".to_owned()),
        "CASHIER_MASTER_KEY" => Some("master_key".to_owned()),
        _ => {
            let (section, key) = variable.strip_prefix("CASHIER_")?.split_once("__")?;
            Some(format!("{}.{}", section.to_lowercase(), key.to_lowercase().replace("__", ".")))
        }
    }
}

fn find_site(setting: &str, leptos: Option<&String>) -> PathBuf {
    if !setting.is_empty() {
        return PathBuf::from(setting);
    }
    if let Some(root) = leptos.filter(|root| !root.is_empty()) {
        return PathBuf::from(root);
    }
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(|dir| dir.join("site")));
    beside.filter(|dir| dir.is_dir()).unwrap_or_else(|| PathBuf::from("target/site"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_file_is_complete_and_agrees_with_the_core() {
        let config = Config::with(&[]).expect("defaults");
        let plans = Plans::default();
        assert_eq!(config.plans.webhook_s, plans.webhook_s);
        assert_eq!(config.plans.query_s, plans.query_s);
        assert_eq!(config.plans.refund_s, plans.refund_s);
        assert_eq!(config.plans.watch_s, plans.watch_s);
        assert_eq!(config.plans.close_s, plans.close_s);
        assert_eq!((config.login, config.questions_per_s), (LoginLimits::default(), 10));
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.public_url(config.server.listen), "http://127.0.0.1:3000");
        assert_eq!(config.database_url.expose(), "sqlite://./data/cashier.db");
    }

    #[test]
    fn all_faults_come_together_and_a_misspelt_key_is_one() {
        let faults = Config::with(&[
            ("server.listen", "nowhere"),
            ("server.public_url", "https://pay.example.com/path"),
            ("log.format", "xml"),
            ("limits.order_per_s", "5"),
            ("plans.webhook_s", "5,soon"),
            ("outbound.allow", "127.0.0.0/8, everything"),
        ])
        .expect_err("faults")
        .0;
        for key in ["server.listen", "server.public_url", "log.format", "limits.order_per_s", "plans.webhook_s", "outbound.allow"]
        {
            assert!(faults.iter().any(|f| f.starts_with(key)), "{key} is missing in {faults:?}");
        }
        assert_eq!(faults.len(), 6, "{faults:?}");
    }

    #[test]
    fn the_environment_overrides_the_file_and_the_file_the_defaults() {
        let file = "[server]\nlisten = \"127.0.0.1:4000\"\npublic_url = \"https://Pay.Example.com/\"\n";
        let environment = [
            ("CASHIER_SERVER__LISTEN", "127.0.0.1:0"),
            ("CASHIER_OUTBOUND__ALLOW", "127.0.0.0/8,10.1.2.3"),
            ("CASHIER_LIMITS__ORDERS_PER_S", "0"),
            ("CASHIER_LIMITS__LOGIN_LOCK_S", "0"),
            ("CASHIER_PLANS__WEBHOOK_S", "[1]"),
            ("CASHIER_DATA_DIR", "/tmp/elsewhere"),
            ("CASHIER_SOMEBODY_ELSES", "1"),
            ("DATABASE_URL", "postgres://u:p@db/cashier"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()));
        let figment = Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(file));
        let config = Config::read(figment, &BTreeMap::from(environment)).expect("reads");
        assert_eq!(config.server.listen.port(), 0);
        assert_eq!(config.server.public_url.as_deref(), Some("https://pay.example.com"));
        assert_eq!(config.outbound_allow.len(), 2);
        assert_eq!(config.limits.orders_per_s, 0);
        assert_eq!(config.login, LoginLimits { lock_s: 0, ..LoginLimits::default() });
        assert_eq!(config.plans.webhook_s, [1]);
        assert_eq!(config.data_dir, PathBuf::from("/tmp/elsewhere"));
        assert_eq!(config.database_url.expose(), "postgres://u:p@db/cashier");
        assert!(!format!("{config:?}").contains("u:p"));
    }

    #[test]
    fn a_faulty_variable_is_named() {
        let environment = BTreeMap::from([("CASHIER_SERVER__LISTNE".to_owned(), "1".to_owned())]);
        let faults = Config::read(Figment::from(Toml::string(DEFAULTS)), &environment).expect_err("fault").0;
        assert_eq!(faults, ["server.listne is not a setting (from CASHIER_SERVER__LISTNE)"]);
    }
}
