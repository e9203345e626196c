//! Channels as staff and import files see them: created, changed, checked, offered to apps.

use super::apps::{check_name, is_web_address};
use super::cashier::Cashier;
use super::channel::{CheckReport, Declaration, Input};
use super::error::Error;
use super::records::{ChannelAccount, ChannelRecord, ChannelRules, Credentials, Offer};
use super::store::{StoreError, Unique, Write};
use crate::model::{AppId, ChannelId, ChannelKind, Method};

/// A channel as an import file or the form for a new one describes it.
#[derive(Debug, Clone)]
pub struct ChannelInput {
    pub kind: ChannelKind,
    pub name: String,
    pub app_id: Option<AppId>,
    pub gateway_url: Option<String>,
    pub ca_pem: Option<String>,
    /// `None`: all of the kind.
    pub methods: Option<Vec<Method>>,
    pub credentials: Credentials,
    pub priority: Option<i64>,
    /// `None`: the usual ones for a new channel, the same as before for one that exists.
    pub rules: Option<ChannelRules>,
}

/// What changes of a channel; `None` keeps.
#[derive(Debug, Clone, Default)]
pub struct ChannelChange {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub methods: Option<Vec<Method>>,
    /// `Some("")` goes back to the provider's production hosts.
    pub gateway_url: Option<String>,
    pub ca_pem: Option<String>,
    pub priority: Option<i64>,
    pub rules: Option<ChannelRules>,
    /// Only the fields that are replaced.
    pub credentials: Credentials,
}

impl Cashier {
    /// Creates a channel; with the name of an existing one (of the same app), a new version of its credentials.
    ///
    /// # Errors
    /// `Invalid` or `Missing` naming the field, also inside the credentials.
    pub async fn import_channel(&self, input: ChannelInput, actor: &str) -> Result<ChannelRecord, Error> {
        let declaration = self.declared(input.kind)?;
        let name = check_name(&input.name)?;
        let credentials = check_credentials(declaration, &input.credentials)?;
        let methods = check_methods(declaration, input.methods)?;
        check_rules(input.rules.as_ref())?;
        if let Some(app_id) = &input.app_id {
            self.inner.store.app(app_id).await?.ok_or_else(|| Error::invalid("app_id", "names no app"))?;
        }
        let all = self.inner.store.channels().await?;
        let existing = all.into_iter().find(|c| c.name == name && c.app_id == input.app_id);
        if let Some(existing) = existing {
            if existing.kind != input.kind {
                return Err(Error::invalid("name", format!("belongs to a channel of kind {}", existing.kind)));
            }
            let mut record = existing.clone();
            record.gateway_url = check_gateway(input.gateway_url)?;
            record.ca_pem = input.ca_pem.filter(|pem| !pem.trim().is_empty());
            record.methods = methods;
            record.priority = input.priority.unwrap_or(record.priority);
            return self.save_version(existing, record, Some(credentials), input.rules, actor, "channel.import").await;
        }
        let now = self.now();
        let record = ChannelRecord {
            channel_id: ChannelId::parse(&self.inner.world.id("ch")).map_err(|e| Error::Internal(e.to_string()))?,
            kind: input.kind,
            name,
            app_id: input.app_id,
            enabled: true,
            methods,
            gateway_url: check_gateway(input.gateway_url)?,
            ca_pem: input.ca_pem.filter(|pem| !pem.trim().is_empty()),
            priority: input.priority.unwrap_or(100),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        self.proves_to_open(&record, &credentials)?;
        let after = facts(&record, input.rules.as_ref());
        let audit = self.audit(actor, "channel.create", record.channel_id.as_str(), None, Some(after));
        let insert = Write::InsertChannel { record: Box::new(record.clone()), credentials };
        let rules = input.rules.map(|rules| Write::SaveChannelRules { channel_id: record.channel_id.clone(), rules });
        self.commit(None, [insert].into_iter().chain(rules).chain([audit]).collect()).await.map_err(|e| match e {
            StoreError::Taken(Unique::ChannelName) => Error::invalid("name", "is taken by another channel"),
            other => other.into(),
        })?;
        self.inner.offers.invalidate_all();
        Ok(record)
    }

    /// Changes a channel. Replaced credentials make a new version; payments keep the one they started with.
    ///
    /// # Errors
    /// `Invalid` naming the field; `NotFound`.
    pub async fn update_channel(&self, id: &ChannelId, change: ChannelChange, actor: &str) -> Result<ChannelRecord, Error> {
        let before = self.inner.store.channel(id).await?.ok_or(Error::NotFound { what: "channel" })?;
        let declaration = self.declared(before.kind)?;
        check_rules(change.rules.as_ref())?;
        let mut record = before.clone();
        if let Some(name) = change.name {
            record.name = check_name(&name)?;
        }
        if let Some(methods) = change.methods {
            record.methods = check_methods(declaration, Some(methods))?;
        }
        if change.gateway_url.is_some() {
            record.gateway_url = check_gateway(change.gateway_url)?;
        }
        if let Some(pem) = change.ca_pem {
            record.ca_pem = Some(pem).filter(|p| !p.trim().is_empty());
        }
        record.enabled = change.enabled.unwrap_or(record.enabled);
        record.priority = change.priority.unwrap_or(record.priority);
        let account = self.inner.store.channel_account(id, before.version).await?;
        let mut credentials = account.map(|a| a.credentials).unwrap_or_default();
        let replaced =
            !change.credentials.is_empty() || record.gateway_url != before.gateway_url || record.ca_pem != before.ca_pem;
        credentials.extend(change.credentials);
        let credentials = check_credentials(declaration, &credentials)?;
        self.save_version(before, record, replaced.then_some(credentials), change.rules, actor, "channel.update").await
    }

    /// Asks the provider something harmless and explains the answer.
    ///
    /// # Errors
    /// `NotFound`; `Channel` when the stored credentials cannot even be read.
    pub async fn check_channel(&self, id: &ChannelId) -> Result<CheckReport, Error> {
        let record = self.inner.store.channel(id).await?.ok_or(Error::NotFound { what: "channel" })?;
        let report = match self.channel(id, record.version).await {
            Ok(channel) => channel.check().await,
            Err(Error::Channel(broken)) => Err(broken),
            Err(e) => return Err(e),
        };
        self.note_check(id, &report).await;
        report.map_err(Error::from)
    }

    /// Says whether, and with which priority, a channel serves an app.
    ///
    /// # Errors
    /// `NotFound` for an unknown app or channel.
    pub async fn set_offer(&self, offer: Offer, actor: &str) -> Result<(), Error> {
        self.inner.store.app(&offer.app_id).await?.ok_or(Error::NotFound { what: "app" })?;
        self.inner.store.channel(&offer.channel_id).await?.ok_or(Error::NotFound { what: "channel" })?;
        let after = serde_json::json!({ "app_id": offer.app_id, "offered": offer.offered, "priority": offer.priority });
        let audit = self.audit(actor, "channel.offer", offer.channel_id.as_str(), None, Some(after));
        self.commit(None, vec![Write::SaveOffer(offer), audit]).await?;
        self.inner.offers.invalidate_all();
        Ok(())
    }

    async fn save_version(
        &self,
        before: ChannelRecord,
        mut record: ChannelRecord,
        credentials: Option<Credentials>,
        rules: Option<ChannelRules>,
        actor: &str,
        action: &str,
    ) -> Result<ChannelRecord, Error> {
        record.updated_at = self.now();
        if let Some(credentials) = &credentials {
            record.version = before.version + 1;
            self.proves_to_open(&record, credentials)?;
        }
        let channel_id = record.channel_id.clone();
        let known = self.standing(&channel_id).await?;
        let (was, is) = (facts(&before, Some(&known.rules)), facts(&record, Some(rules.as_ref().unwrap_or(&known.rules))));
        let audit = self.audit(actor, action, channel_id.as_str(), Some(was), Some(is));
        // Other credentials are another chance.
        let well = (credentials.is_some() && known.degraded.is_some())
            .then(|| Write::SetDegraded { channel_id: channel_id.clone(), degraded: None });
        let rules = rules.map(|rules| Write::SaveChannelRules { channel_id, rules });
        let save = Write::SaveChannel { record: Box::new(record.clone()), credentials };
        self.commit(None, [save].into_iter().chain(rules).chain(well).chain([audit]).collect()).await.map_err(|e| match e {
            StoreError::Taken(Unique::ChannelName) => Error::invalid("name", "is taken by another channel"),
            StoreError::Stale => Error::Conflict("the channel was changed in the meantime".into()),
            other => other.into(),
        })?;
        self.inner.offers.invalidate_all();
        Ok(record)
    }

    /// Credentials that cannot even be read are refused before they are stored.
    fn proves_to_open(&self, record: &ChannelRecord, credentials: &Credentials) -> Result<(), Error> {
        let account = ChannelAccount { record: record.clone(), version: record.version, credentials: credentials.clone() };
        match self.try_open(&account) {
            Ok(_) => Ok(()),
            Err(Error::Channel(super::channel::ChannelError::Credentials { field, problem })) => {
                Err(Error::invalid(field, problem))
            }
            Err(e) => Err(e),
        }
    }

    fn declared(&self, kind: ChannelKind) -> Result<&'static Declaration, Error> {
        self.inner.factory.declaration(kind).ok_or_else(|| Error::invalid("kind", "is not built in"))
    }
}

/// Known fields only, required ones present, choices among the options; empty ones are dropped.
fn check_credentials(declaration: &Declaration, given: &Credentials) -> Result<Credentials, Error> {
    if let Some(unknown) = given.keys().find(|name| !declaration.fields.iter().any(|f| f.name == name.as_str())) {
        return Err(Error::invalid(unknown.clone(), format!("is no field of {}", declaration.kind)));
    }
    let mut checked = Credentials::new();
    for field in declaration.fields {
        let value = given.get(field.name).filter(|v| !v.expose().trim().is_empty());
        match (value, field.input) {
            (None, _) if field.required => return Err(Error::missing(field.name)),
            (None, _) => {}
            (Some(value), Input::Choice(options)) if !options.contains(&value.expose().as_str()) => {
                return Err(Error::invalid(field.name, format!("must be one of {}", options.join(", "))));
            }
            (Some(value), _) => {
                checked.insert(field.name.to_owned(), value.clone());
            }
        }
    }
    Ok(checked)
}

fn check_rules(rules: Option<&ChannelRules>) -> Result<(), Error> {
    let Some(rules) = rules else { return Ok(()) };
    if !(0..=1000).contains(&rules.weight) {
        return Err(Error::invalid("weight", "must be from 0 to 1000"));
    }
    for (name, limit) in [("min_amount", rules.min_amount), ("max_amount", rules.max_amount)] {
        if limit.is_some_and(|fen| fen < 1) {
            return Err(Error::invalid(name, "must be more than zero"));
        }
    }
    match (rules.min_amount, rules.max_amount) {
        (Some(min), Some(max)) if min > max => Err(Error::invalid("max_amount", "must not be below the smallest amount")),
        _ => Ok(()),
    }
}

fn check_methods(declaration: &Declaration, methods: Option<Vec<Method>>) -> Result<Vec<Method>, Error> {
    let Some(mut methods) = methods else { return Ok(declaration.methods.iter().map(|m| m.method).collect()) };
    methods.sort_unstable();
    methods.dedup();
    match methods.iter().find(|m| declaration.method(**m).is_none()) {
        Some(foreign) => {
            Err(Error::invalid("methods", format!("cannot have {foreign} in a channel of kind {}", declaration.kind)))
        }
        None if methods.is_empty() => Err(Error::missing("methods")),
        None => Ok(methods),
    }
}

/// An origin without a path, or nothing.
fn check_gateway(gateway_url: Option<String>) -> Result<Option<String>, Error> {
    let Some(text) = gateway_url.map(|u| u.trim().trim_end_matches('/').to_owned()).filter(|u| !u.is_empty()) else {
        return Ok(None);
    };
    let is_origin = is_web_address(&text) && url::Url::parse(&text).is_ok_and(|u| u.path() == "/" && u.query().is_none());
    if is_origin {
        Ok(Some(text))
    } else {
        Err(Error::invalid("gateway_url", "must be an origin such as https://gateway.example"))
    }
}

fn facts(record: &ChannelRecord, rules: Option<&ChannelRules>) -> serde_json::Value {
    serde_json::json!({
        "kind": record.kind,
        "name": record.name,
        "app_id": record.app_id,
        "enabled": record.enabled,
        "methods": record.methods,
        "gateway_url": record.gateway_url,
        "priority": record.priority,
        "rules": rules,
        "version": record.version,
    })
}
