//! Names of apps, channels and people, for pages that would otherwise show ids.

use crate::model::views::admin::Named;
use crate::model::{AppId, ChannelId, UiError};
use crate::pay::Cashier;
use std::collections::BTreeMap;

/// The names of everything, by id. What has no name keeps its id.
#[derive(Default)]
pub struct Names {
    apps: BTreeMap<String, String>,
    channels: BTreeMap<String, String>,
    staff: BTreeMap<String, String>,
}

impl Names {
    /// Reads them all: there are few.
    ///
    /// # Errors
    /// Storage errors, as `Unavailable` or `Internal`.
    pub async fn load(cashier: &Cashier) -> Result<Self, UiError> {
        let store = cashier.store();
        let (apps, channels, staff) = (store.apps().await?, store.channels().await?, store.all_staff().await?);
        Ok(Self {
            apps: apps.into_iter().map(|a| (a.app_id.to_string(), a.name)).collect(),
            channels: channels.into_iter().map(|c| (c.channel_id.to_string(), c.name)).collect(),
            staff: staff.into_iter().map(|s| (s.staff_id.to_string(), s.name)).collect(),
        })
    }

    /// An app with its name.
    pub fn app(&self, id: &AppId) -> Named {
        named(&self.apps, id.as_str())
    }

    /// A channel with its name.
    pub fn channel(&self, id: &ChannelId) -> Named {
        named(&self.channels, id.as_str())
    }

    /// A person's name, or the word that stands for something else that acts (`api`, `worker`, …).
    pub fn actor(&self, actor: &str) -> String {
        self.staff.get(actor).cloned().unwrap_or_else(|| actor.to_owned())
    }

    /// Every app, to choose one from.
    pub fn all_apps(&self) -> Vec<Named> {
        all(&self.apps)
    }

    /// Every channel, to choose one from.
    pub fn all_channels(&self) -> Vec<Named> {
        all(&self.channels)
    }
}

fn named(names: &BTreeMap<String, String>, id: &str) -> Named {
    Named { id: id.to_owned(), name: names.get(id).cloned().unwrap_or_else(|| id.to_owned()) }
}

fn all(names: &BTreeMap<String, String>) -> Vec<Named> {
    names.iter().map(|(id, name)| Named { id: id.clone(), name: name.clone() }).collect()
}
