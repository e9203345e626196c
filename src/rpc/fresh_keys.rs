//! Secrets on their way to the one page that shows them: in the session, sealed, gone once shown. They never stand in an
//! address, and a copy of the sessions' table does not give them away.

use super::session::Who;
use crate::model::{AppId, UiError};
use crate::pay::Secret;
use std::collections::BTreeMap;

fn entry(app_id: &AppId) -> String {
    format!("fresh:{app_id}")
}

/// # Errors
/// `Internal` when they cannot be sealed or kept.
pub async fn keep(me: &Who, app_id: &AppId, keys: Vec<(&str, Secret<String>)>) -> Result<(), UiError> {
    let mut sealed = BTreeMap::new();
    for (kind, value) in keys {
        sealed.insert(kind.to_owned(), me.cashier.wrap(&entry(app_id), &value).await?);
    }
    me.keep(&entry(app_id), sealed).await
}

/// # Errors
/// `Internal` when the session cannot be read or written.
pub async fn take(me: &Who, app_id: &AppId) -> Result<Vec<(String, String)>, UiError> {
    let sealed: BTreeMap<String, String> = me.take(&entry(app_id)).await?.unwrap_or_default();
    let mut keys = Vec::new();
    for (kind, text) in sealed {
        keys.push((kind, me.cashier.unwrap(&entry(app_id), &text).await?.expose().clone()));
    }
    Ok(keys)
}
