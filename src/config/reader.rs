//! Takes settings out of the merged layers one by one and remembers what was wrong with each, so that all faults come
//! together.

use crate::pay::Plans;
use figment::Figment;
use figment::value::{Dict, Value};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use url::Url;

/// Takes values one by one and remembers what was wrong with each.
pub(super) struct Reader<'a> {
    pub figment: &'a Figment,
    /// Keys that came from the environment, with their variables.
    pub variables: &'a BTreeMap<String, String>,
    pub faults: Vec<String>,
    pub known: BTreeSet<String>,
}

impl Reader<'_> {
    fn fault(&mut self, key: &str, problem: impl fmt::Display) {
        let source = self.variables.get(key).map(|v| format!(" (from {v})")).unwrap_or_default();
        self.faults.push(format!("{key} {problem}{source}"));
    }

    fn value(&mut self, key: &str) -> Option<Value> {
        self.known.insert(key.to_owned());
        self.figment.find_value(key).ok()
    }

    /// One scalar as text; the environment's `8080` and `true` have become numbers and flags on the way.
    pub fn text(&mut self, key: &str) -> String {
        match self.value(key).as_ref().map(scalar) {
            Some(Some(text)) => text,
            _ => {
                self.fault(key, "must be a single value");
                String::new()
            }
        }
    }

    fn list(&mut self, key: &str) -> Vec<String> {
        let found = match self.value(key) {
            Some(Value::Array(_, items)) => items.iter().map(scalar).collect::<Option<Vec<_>>>(),
            Some(value) => scalar(&value)
                .map(|text| text.trim_matches(['[', ']']).split(',').map(|t| t.trim().trim_matches('"').to_owned()).collect()),
            None => None,
        };
        match found {
            Some(items) => items.into_iter().filter(|t: &String| !t.is_empty()).collect(),
            None => {
                self.fault(key, "must be a list");
                Vec::new()
            }
        }
    }

    pub fn parse<T: FromStr>(&mut self, key: &str, rule: &str) -> Option<T> {
        let text = self.text(key);
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(key, rule);
        }
        parsed
    }

    pub fn number<T: FromStr + PartialOrd + Copy + fmt::Display>(&mut self, key: &str, min: T, max: T) -> T {
        match self.text(key).parse::<T>() {
            Ok(n) if n >= min && n <= max => n,
            _ => {
                self.fault(key, format!("must be a number from {min} to {max}"));
                min
            }
        }
    }

    pub fn days_ms(&mut self, key: &str) -> i64 {
        self.number::<i64>(key, 1, 36_500) * 86_400_000
    }

    pub fn word(&mut self, key: &str, words: &[&str]) -> String {
        let text = self.text(key);
        if !words.contains(&text.as_str()) {
            self.fault(key, format!("must be one of {}", words.join(", ")));
        }
        text
    }

    pub fn level(&mut self, key: &str) -> String {
        let text = self.text(key);
        if let Err(e) = tracing_subscriber::EnvFilter::try_new(&text) {
            self.fault(key, format!("is no log level: {e}"));
        }
        text
    }

    pub fn networks(&mut self, key: &str) -> Vec<IpNet> {
        let mut networks = Vec::new();
        for text in self.list(key) {
            match text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => self.fault(key, format!("holds {text:?}, which is no network such as 10.0.0.0/8")),
            }
        }
        networks
    }

    pub fn origin(&mut self, key: &str) -> Option<String> {
        let text = self.text(key);
        if text.is_empty() {
            return None;
        }
        let fits = |u: &Url| {
            matches!(u.scheme(), "http" | "https")
                && u.has_host()
                && u.path() == "/"
                && u.query().is_none()
                && u.fragment().is_none()
                && u.username().is_empty()
                && u.password().is_none()
        };
        match Url::parse(&text).ok().filter(fits) {
            Some(url) => Some(url.origin().ascii_serialization()),
            None => {
                self.fault(key, "must be an origin such as https://pay.example.com");
                None
            }
        }
    }

    fn seconds(&mut self, key: &str) -> Vec<i64> {
        const YEAR: i64 = 366 * 86_400;
        let texts = self.list(key);
        let parsed: Vec<i64> = texts.iter().filter_map(|t| t.parse().ok()).filter(|n| (0..=YEAR).contains(n)).collect();
        if parsed.len() != texts.len() || parsed.is_empty() {
            self.fault(key, "must be a list of seconds");
        }
        parsed
    }

    pub fn plans(&mut self) -> Plans {
        Plans {
            webhook_s: self.seconds("plans.webhook_s"),
            query_s: self.seconds("plans.query_s"),
            refund_s: self.seconds("plans.refund_s"),
            refund_give_up_s: self.number("plans.refund_give_up_s", 1, 366 * 86_400),
            watch_s: self.seconds("plans.watch_s"),
            close_s: self.seconds("plans.close_s"),
            page_query_s: self.number("plans.page_query_s", 0, 3600),
            bar_limit_s: self.number("plans.bar_limit_s", 1, 3600),
            code_reuse_s: self.number("plans.code_reuse_s", 0, 3600),
            lease_s: self.number("worker.lease_s", 5, 3600),
        }
    }

    /// A misspelt key would silently keep its default.
    pub fn unknown_keys(&mut self) {
        let mut found = Vec::new();
        match self.figment.extract::<Dict>() {
            Ok(dict) => leaves("", &dict, &mut found),
            Err(e) => self.faults.push(e.to_string()),
        }
        for key in found {
            if !self.known.contains(&key) {
                self.fault(&key, "is not a setting");
            }
        }
    }
}

fn leaves(prefix: &str, dict: &Dict, found: &mut Vec<String>) {
    for (name, value) in dict {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Dict(_, inner) => leaves(&key, inner, found),
            _ => found.push(key),
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Char(_, c) => Some(c.to_string()),
        Value::Bool(_, flag) => Some(flag.to_string()),
        Value::Num(_, n) => n.to_i128().map(|n| n.to_string()).or_else(|| n.to_u128().map(|n| n.to_string())),
        Value::Empty(..) => Some(String::new()),
        Value::Dict(..) | Value::Array(..) => None,
    }
}
