//! Cursors of lists: the key of a row, signed with the app's key, so that nobody else's can be tried.

use super::codes::Failure;
use crate::pay::signing::SignType;
use crate::pay::{AppWithKeys, Cashier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Begins with a word no signed call begins with: a cursor's MAC is of no use as a signature.
fn text(app: &AppWithKeys, key: &str) -> String {
    format!("cursor\n{}\n{key}", app.app.app_id)
}

pub async fn seal(cashier: &Cashier, app: &AppWithKeys, key: &str) -> Result<String, Failure> {
    let mac = cashier.sign_answer(app, SignType::HmacSha256, &text(app, key)).await?;
    Ok(format!("{}.{mac}", URL_SAFE_NO_PAD.encode(key)))
}

pub fn open(cashier: &Cashier, app: &AppWithKeys, cursor: &str) -> Result<String, Failure> {
    let invalid = || Failure::invalid("cursor", "must be the next_cursor of another page");
    let (key, mac) = cursor.split_once('.').ok_or_else(invalid)?;
    let key = URL_SAFE_NO_PAD.decode(key).ok().and_then(|k| String::from_utf8(k).ok()).ok_or_else(invalid)?;
    if cashier.verify_call(app, SignType::HmacSha256, &text(app, &key), mac) { Ok(key) } else { Err(invalid()) }
}
