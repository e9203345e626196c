//! What an order can be paid with, and which of several channels gets the payment.

use super::cashier::Cashier;
use super::channel::MethodSpec;
use super::error::Error;
use super::records::{ChannelRecord, Order, Standing};
use super::sign_in::names_payer;
use super::start::Start;
use super::store::StoreError;
use crate::model::{AppId, ChannelId, Method};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A method that an order's app can offer, with the channel that would serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub method: Method,
    pub channel: ChannelRecord,
    /// Fen.
    pub min: i64,
    pub max: i64,
    /// Whether the order's amount is within the limits.
    pub available: bool,
    /// Facts that the order or the call must bring.
    pub needs: &'static [&'static str],
}

/// A channel of an app and how it stands there.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub channel: ChannelRecord,
    pub standing: Standing,
}

impl Slot {
    /// How this channel would serve a method of an order.
    fn offer(&self, spec: &MethodSpec, order: &Order) -> Offered {
        let rules = &self.standing.rules;
        let min = rules.min_amount.map_or(spec.min, |own| own.max(spec.min));
        let max = rules.max_amount.map_or(spec.max, |own| own.min(spec.max));
        let available = (min..=max).contains(&order.amount.fen());
        Offered { method: spec.method, channel: self.channel.clone(), min, max, available, needs: spec.needs }
    }

    fn is_degraded(&self) -> bool {
        self.standing.degraded.is_some()
    }
}

impl Cashier {
    /// What an order can be paid with, in the app's order. Methods that need an `auth_code` or an app are included.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn methods_of(&self, order: &Order) -> Result<Vec<Offered>, Error> {
        let mut offered: Vec<(Offered, bool)> = Vec::new();
        for (slot, spec) in self.ways(order).await? {
            let (entry, degraded) = (slot.offer(spec, order), slot.is_degraded());
            match offered.iter_mut().find(|(o, _)| o.method == spec.method) {
                None => offered.push((entry, degraded)),
                // The app's order decides, but a channel that can take the amount beats one that cannot, and one that
                // works beats one in trouble.
                Some(first) if (first.0.available, !first.1) < (entry.available, !degraded) => *first = (entry, degraded),
                Some(_) => {}
            }
        }
        Ok(offered.into_iter().map(|(offer, _)| offer).collect())
    }

    /// The channel for a payment that is to start, or why there is none. `passed_over` are those that failed in this very
    /// call.
    ///
    /// # Errors
    /// `MethodUnavailable`, `AmountLimits`, `Missing` (a fact), storage errors.
    pub(super) async fn choose(&self, order: &Order, start: &Start, passed_over: &[ChannelId]) -> Result<Offered, Error> {
        let offer = self.pick(order, start.method, start.channel.as_ref(), passed_over).await?;
        let facts = facts_of(order, start);
        // The code is no fact: it is spent by one try and kept nowhere.
        let missing = offer.needs.iter().find(|n| **n != "auth_code" && facts.get(**n).is_none_or(String::is_empty));
        if let Some(missing) = missing {
            return Err(Error::missing(*missing));
        }
        if !names_payer(start.method, |name| facts.get(name)) {
            return Err(Error::missing("user_id"));
        }
        if start.method.is_bar() && start.auth_code.is_none() {
            return Err(Error::missing("auth_code"));
        }
        Ok(offer)
    }

    /// A channel that can take the order's amount by a method, whatever else it needs to know.
    ///
    /// # Errors
    /// `MethodUnavailable`, `AmountLimits`, storage errors.
    pub(super) async fn pick(
        &self,
        order: &Order,
        method: Method,
        only: Option<&ChannelId>,
        passed_over: &[ChannelId],
    ) -> Result<Offered, Error> {
        let mut ways = self.ways(order).await?;
        ways.retain(|(slot, spec)| {
            let id = &slot.channel.channel_id;
            spec.method == method && !passed_over.contains(id) && only.is_none_or(|only| only == id)
        });
        let offers: Vec<(Offered, Arc<Slot>)> = ways.into_iter().map(|(slot, spec)| (slot.offer(spec, order), slot)).collect();
        let (Some(min), Some(max)) = (offers.iter().map(|(o, _)| o.min).min(), offers.iter().map(|(o, _)| o.max).max()) else {
            return Err(Error::MethodUnavailable);
        };
        let able: Vec<(Offered, Arc<Slot>)> = offers.into_iter().filter(|(o, _)| o.available).collect();
        self.look_after(able.iter().map(|(_, slot)| &slot.standing));
        self.draw(able).ok_or(Error::AmountLimits { min, max })
    }

    /// One of the channels that can: those that work before those in trouble, then the smallest priority, then by weight.
    fn draw(&self, able: Vec<(Offered, Arc<Slot>)>) -> Option<Offered> {
        let rank = |slot: &Slot| (slot.is_degraded(), slot.channel.priority);
        let best = able.iter().map(|(_, slot)| rank(slot)).min()?;
        let equal: Vec<(Offered, Arc<Slot>)> = able.into_iter().filter(|(_, slot)| rank(slot) == best).collect();
        if let [(only, _)] = equal.as_slice() {
            return Some(only.clone());
        }
        let total: i64 = equal.iter().map(|(_, slot)| slot.standing.rules.weight).sum();
        let mut left = self.inner.world.below(total);
        let first = equal.first().map(|(offer, _)| offer.clone());
        let drawn = equal.into_iter().find(|(_, slot)| {
            left -= slot.standing.rules.weight;
            left < 0
        });
        // Only stand-ins are there: the first of them.
        drawn.map(|(offer, _)| offer).or(first)
    }

    /// Channels in the app's order, each with the methods that it has for this order.
    pub(super) async fn ways(&self, order: &Order) -> Result<Vec<(Arc<Slot>, &'static MethodSpec)>, Error> {
        let slots = self.slots(&order.app_id).await?;
        let mut ways = Vec::new();
        for slot in slots.iter() {
            let Some(declaration) = self.inner.factory.declaration(slot.channel.kind) else { continue };
            for spec in declaration.methods {
                let asked = order.methods.is_empty() || order.methods.contains(&spec.method);
                if asked && slot.channel.methods.contains(&spec.method) {
                    ways.push((slot.clone(), spec));
                }
            }
        }
        Ok(ways)
    }

    /// The channels of an app with their standings, kept for a second.
    pub(super) async fn slots(&self, app_id: &AppId) -> Result<Arc<Vec<Arc<Slot>>>, Error> {
        let (store, app) = (self.inner.store.clone(), app_id.clone());
        let load = async move {
            let (channels, standings) = (store.channels_of_app(&app).await?, store.standings().await?);
            let mut standings: HashMap<ChannelId, Standing> = standings.into_iter().map(|s| (s.channel_id.clone(), s)).collect();
            let slot = |channel: ChannelRecord| {
                let standing = standings.remove(&channel.channel_id);
                let standing = standing.unwrap_or_else(|| Standing::usual(channel.channel_id.clone()));
                Arc::new(Slot { channel, standing })
            };
            Ok::<_, StoreError>(Arc::new(channels.into_iter().map(slot).collect::<Vec<_>>()))
        };
        let slots = self.inner.offers.try_get_with_by_ref(app_id, load).await;
        slots.map_err(|e| Error::Store(StoreError::Unavailable(e.to_string())))
    }
}

/// The call's facts over the order's.
pub(super) fn facts_of(order: &Order, start: &Start) -> BTreeMap<String, String> {
    let mut facts = order.extra.clone();
    if let Some(user_id) = &order.user_id {
        facts.entry("user_id".to_owned()).or_insert_with(|| user_id.clone());
    }
    facts.extend(start.facts.clone());
    // Two words for one fact: merchants who come from LianLian's own interface send its word.
    if let Some(name) = facts.get("acct_name").cloned() {
        facts.entry("user_name".to_owned()).or_insert(name);
    }
    facts
}
