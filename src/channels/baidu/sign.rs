//! SHA1withRSA over sorted fields (NuomiRsaSign of Baidu's documents), and the forms that carry it.
//!
//! Unlike elsewhere, empty values stay in the text. Provider's document: 签名与验签.

use crate::channels::legacy_keys::LegacyKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::Pkcs1v15Sign;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

/// Fields by name; the order of the map, which is that of bytes, is the order of the text.
pub type Params = BTreeMap<String, String>;

/// The field that carries the signature of nearly every message.
pub const SIGNATURE: &str = "rsaSign";

/// A signature never covers itself, by whatever name it goes.
const UNSIGNED: [&str; 3] = [SIGNATURE, "sign", "sign_type"];

/// What stands before a SHA-1 digest under PKCS#1 v1.5 (RFC 8017, section 9.2).
const SHA1_PREFIX: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// SHA1withRSA in base64.
///
/// # Errors
/// When the key turns out to be inconsistent.
pub fn signature(key: &LegacyKey, message: &[u8]) -> Result<String, &'static str> {
    let digest = [SHA1_PREFIX.as_slice(), &Sha1::digest(message)].concat();
    key.sign(Pkcs1v15Sign::new_unprefixed(), &digest).map(|bytes| STANDARD.encode(bytes))
}

/// What is signed: every field but the signature's own, empty ones too, raw.
#[must_use]
pub fn text(params: &Params) -> String {
    let signed = params.iter().filter(|(name, _)| !UNSIGNED.contains(&name.as_str()));
    let pairs: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// A form or query with its values percent-encoded: a bare `+` of a signature would arrive as a space.
#[must_use]
pub fn form<'a>(params: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// Takes a form body apart. `None` for a field given twice, a broken escape, or bytes that are not UTF-8.
#[must_use]
pub fn read_form(body: &[u8]) -> Option<Params> {
    let mut params = Params::new();
    for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let cut = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let name = decode(&pair[..cut])?;
        let value = decode(pair.get(cut + 1..).unwrap_or_default())?;
        if params.insert(name, value).is_some() {
            return None;
        }
    }
    Some(params)
}

fn decode(text: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let mut decoded = [0u8; 1];
                hex::decode_to_slice([bytes.next()?, bytes.next()?], &mut decoded).ok()?;
                out.push(decoded[0]);
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}
