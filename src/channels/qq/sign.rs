//! Signatures of QQ Wallet (provider's documents: 商户签名算法, and for apps Android/iOS 支付).
//!
//! Server messages carry an MD5 over the whole map of fields as it travels, never over a typed structure: replies have the
//! internal `retcode` and `retmsg` beside the documented fields, and those are signed as well.

use crate::channels::xml::Map;
use base64::Engine;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use subtle::ConstantTimeEq;

fn digest(fields: &Map, key: &str) -> [u8; 16] {
    let mut hash = Md5::new();
    // A map of strings is sorted by their bytes already.
    for (name, value) in fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty()) {
        hash.update(format!("{name}={value}&"));
    }
    hash.update("key=");
    hash.update(key);
    hash.finalize().into()
}

/// The `sign` of a message, upper-case hex.
#[must_use]
pub fn sign(fields: &Map, key: &str) -> String {
    hex::encode_upper(digest(fields, key))
}

/// Whether a received message carries the merchant's signature, in either case of its letters: the provider's own
/// samples have both. An empty key verifies nothing.
#[must_use]
pub fn verify(fields: &Map, key: &str) -> bool {
    if key.is_empty() {
        return false;
    }
    let Some(given) = fields.get("sign").and_then(|s| hex::decode(s).ok()) else { return false };
    given.len() == 16 && bool::from(digest(fields, key).ct_eq(&given))
}

/// What an app hands to the wallet, as far as it is signed.
pub struct AppCall<'a> {
    pub app_id: &'a str,
    pub bargainor_id: &'a str,
    pub nonce: &'a str,
    pub pub_acc: &'a str,
    pub token_id: &'a str,
}

/// The `sig` of an app's call of the wallet.
///
/// The key is the open platform's app key, not the merchant's API key; and unlike in server messages an empty value keeps
/// its place in the text.
#[must_use]
pub fn app_signature(call: &AppCall<'_>, app_key: &str) -> String {
    let AppCall { app_id, bargainor_id, nonce, pub_acc, token_id } = call;
    let text = format!("appId={app_id}&bargainorId={bargainor_id}&nonce={nonce}&pubAcc={pub_acc}&tokenId={token_id}");
    let raw = match <Hmac<Sha1> as Mac>::new_from_slice(format!("{app_key}&").as_bytes()) {
        Ok(mac) => mac.chain_update(text).finalize().into_bytes().to_vec(),
        Err(_) => Vec::new(), // HMAC takes keys of any length
    };
    base64::engine::general_purpose::STANDARD.encode(raw)
}

/// An operator's password as refunds and reversals want it: the lower-case hex of its MD5. Consoles and older systems hand
/// it out in that form already, which is kept.
#[must_use]
pub fn operator_password(given: &str) -> String {
    if given.len() == 32 && given.bytes().all(|b| b.is_ascii_hexdigit()) {
        given.to_ascii_lowercase()
    } else {
        hex::encode(Md5::digest(given))
    }
}

#[cfg(test)]
pub(super) mod tests;
