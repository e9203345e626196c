//! JD's signature (provider's document: 签名验签): the hex of a SHA-256 goes into RSA as it is, without naming the digest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub type Fields = BTreeMap<String, String>;

pub fn hex_digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[expect(clippy::expect_used, reason = "64 bytes fit into every key")]
pub fn sign(text: &str, key: &RsaPrivateKey) -> String {
    STANDARD.encode(key.sign(Pkcs1v15Sign::new_unprefixed(), hex_digest(text).as_bytes()).expect("signs"))
}

pub fn verifies(text: &str, sign: &str, key: &RsaPublicKey) -> bool {
    let Ok(sign) = STANDARD.decode(sign.trim()) else { return false };
    key.verify(Pkcs1v15Sign::new_unprefixed(), hex_digest(text).as_bytes(), &sign).is_ok()
}

/// The signed text of a form: what is not blank, by name, `sign` left out.
pub fn form_text(clear: &Fields) -> String {
    let mut out = String::new();
    for (name, value) in clear {
        if name == "sign" || value.trim().is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
    out
}
