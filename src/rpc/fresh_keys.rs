//! Secrets on their way to the one page that shows them: in the session, sealed, gone once shown. They never stand in an
//! address, and a copy of the sessions' table does not give them away.

use super::session::Who;
use crate::model::{AppId, UiError};
use crate::pay::Secret;
use std::collections::BTreeMap;

fn entry(app_id: &AppId) -> String {
    format!("fresh:{app_id}")
}

/// Keeps an app's new keys, by their kind, for the page that comes next.
///
/// # Errors
/// `Internal` when they cannot be sealed or kept.
pub async fn keep(me: &Who, app_id: &AppId, keys: Vec<(&str, Secret<String>)>) -> Result<(), UiError> {
    let mut sealed = BTreeMap::new();
    for (kind, value) in keys {
        sealed.insert(kind.to_owned(), me.cashier.wrap(&entry(app_id), &value).await?);
    }
    me.keep(&entry(app_id), sealed).await
}

/// Takes them out again, kind and value; the second time there is nothing.
///
/// # Errors
/// `Internal` when the session cannot be read or written, or what it holds does not open.
pub async fn take(me: &Who, app_id: &AppId) -> Result<Vec<(String, String)>, UiError> {
    let sealed: BTreeMap<String, String> = me.take(&entry(app_id)).await?.unwrap_or_default();
    let mut keys = Vec::new();
    for (kind, text) in sealed {
        keys.push((kind, me.cashier.unwrap(&entry(app_id), &text).await?.expose().clone()));
    }
    Ok(keys)
}
