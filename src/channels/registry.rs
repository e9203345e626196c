//! The list of providers, and the one way from a stored account to a working channel.

use super::credentials::Fields;
use super::gateway::Gateway;
use super::guard::{Guarded, Load};
use super::http::{Http, Identity, Transport};
use crate::model::{ChannelId, ChannelKind};
use crate::pay::channel::{Channel, ChannelError, ChannelFactory, Declaration};
use crate::pay::{ChannelAccount, ChannelRecord, World};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What a provider's folder hands in: what it needs and can do, and how it is built.
pub struct Provider {
    pub declaration: &'static Declaration,
    pub open: fn(&Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError>,
}

/// Every provider that is built in. A new one adds its line here.
const PROVIDERS: &[Provider] = &[
    super::wechat_v2::PROVIDER,
    super::wechat_v3::PROVIDER,
    super::alipay::PROVIDER,
    super::qq::PROVIDER,
    super::unionpay::PROVIDER,
    super::baidu::PROVIDER,
    super::jd::PROVIDER,
    super::lianlian::PROVIDER,
];

/// Everything a constructor gets.
pub struct Setup<'a> {
    pub record: &'a ChannelRecord,
    pub fields: Fields<'a>,
    pub gateway: Gateway,
    /// Time and chance, for nonces and for the second in a client's signature.
    pub world: World,
    transport: &'a Transport,
}

impl Setup<'_> {
    /// The way out to the provider, with the merchant's TLS certificate where one is given. Each certificate has its own
    /// connection pool.
    ///
    /// # Errors
    /// `Credentials` when certificate, key or the channel's CA cannot be used.
    pub fn http(&self, identity: Option<&Identity>) -> Result<Http, ChannelError> {
        self.transport.open(self.record.kind, identity, self.record.ca_pem.as_deref())
    }
}

/// How many opened channels stay in memory; beyond that all are opened anew.
const KEPT: usize = 512;

/// Opens channels. Keeps one load limit per channel, whatever credential version or settings it is opened with, and the
/// opened channels themselves, since reading keys is slow.
pub struct Registry {
    world: World,
    transport: Transport,
    loads: Mutex<HashMap<ChannelId, Arc<Load>>>,
    opened: Mutex<HashMap<[u8; 32], Arc<dyn Channel>>>,
}

impl Registry {
    #[must_use]
    pub fn new(world: World) -> Self {
        Self { world, transport: Transport::default(), loads: Mutex::default(), opened: Mutex::default() }
    }

    fn load(&self, channel_id: &ChannelId) -> Arc<Load> {
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        loads.entry(channel_id.clone()).or_default().clone()
    }
}

fn provider(kind: ChannelKind) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|p| p.declaration.kind == kind)
}

/// Everything that makes two openings different. The version number alone would not do: gateway and CA change without it.
fn fingerprint(account: &ChannelAccount) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(account.record.channel_id.as_str());
    part(account.record.kind.as_str());
    part(account.record.gateway_url.as_deref().unwrap_or_default());
    part(account.record.ca_pem.as_deref().unwrap_or_default());
    for (name, value) in &account.credentials {
        part(name);
        part(value.expose());
    }
    hash.finalize().into()
}

impl Registry {
    fn build(&self, account: &ChannelAccount) -> Result<Arc<dyn Channel>, ChannelError> {
        let provider = provider(account.record.kind).ok_or(ChannelError::Unsupported("this kind of channel"))?;
        let setup = Setup {
            record: &account.record,
            fields: Fields::new(&account.credentials),
            gateway: Gateway::parse(account.record.gateway_url.as_deref())?,
            world: self.world.clone(),
            transport: &self.transport,
        };
        (provider.open)(&setup)
    }

    /// Without the limits around it, for tests that break reply after reply.
    ///
    /// # Errors
    /// As [`ChannelFactory::open`].
    #[cfg(test)]
    pub(crate) fn open_bare(&self, account: &ChannelAccount) -> Result<Arc<dyn Channel>, ChannelError> {
        self.build(account)
    }
}

impl ChannelFactory for Registry {
    fn open(&self, account: &ChannelAccount) -> Result<Arc<dyn Channel>, ChannelError> {
        let key = fingerprint(account);
        if let Some(channel) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(channel.clone());
        }
        let channel: Arc<dyn Channel> = Arc::new(Guarded::new(self.build(account)?, self.load(&account.record.channel_id)));
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.len() >= KEPT {
            opened.clear();
        }
        opened.insert(key, channel.clone());
        Ok(channel)
    }

    fn declaration(&self, kind: ChannelKind) -> Option<&'static Declaration> {
        provider(kind).map(|p| p.declaration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Method;
    use std::collections::BTreeSet;

    #[test]
    fn every_declaration_is_complete_and_unambiguous() {
        let mut kinds = BTreeSet::new();
        for provider in PROVIDERS {
            let d = provider.declaration;
            assert!(kinds.insert(d.kind), "{} is listed twice", d.kind);
            assert!(d.production_url.starts_with("https://") && !d.production_url.ends_with('/'), "{}", d.kind);
            let names: BTreeSet<&str> = d.fields.iter().map(|f| f.name).collect();
            assert_eq!(names.len(), d.fields.len(), "{}: a field is declared twice", d.kind);
            for field in d.fields {
                let texts = [field.label.0, field.label.1, field.help.0, field.help.1];
                assert!(texts.iter().all(|t| !t.is_empty()), "{}.{}: text missing", d.kind, field.name);
            }
            let methods: BTreeSet<Method> = d.methods.iter().map(|m| m.method).collect();
            assert_eq!(methods.len(), d.methods.len(), "{}: a method is declared twice", d.kind);
            assert!(d.methods.iter().all(|m| 1 <= m.min && m.min <= m.max), "{}: amounts", d.kind);
        }
    }
}
