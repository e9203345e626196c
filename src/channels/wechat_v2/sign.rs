//! Signatures of WeChat Pay v2 (provider's document: 签名算法) and the key of its refund notices.
//!
//! Signing and checking both work on the whole map of fields as it travels, never on a typed structure: the provider adds
//! fields at will and numbers others, and all of them are signed.

use crate::channels::xml::Map;
use aes::cipher::{BlockDecryptMut, KeyInit, block_padding::Pkcs7};
use base64::Engine;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The algorithm of a channel. Chosen once in its credentials; a message never chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignType {
    Md5,
    HmacSha256,
}

impl SignType {
    pub const MD5: &'static str = "MD5";
    pub const HMAC_SHA256: &'static str = "HMAC-SHA256";

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => Self::MD5,
            Self::HmacSha256 => Self::HMAC_SHA256,
        }
    }

    fn digest_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::HmacSha256 => 32,
        }
    }
}

/// The text that is signed: non-empty fields but `sign`, sorted by their bytes, then the key.
fn canonical(fields: &Map, key: &str) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if name != "sign" && !value.is_empty() {
            text.push_str(&format!("{name}={value}&"));
        }
    }
    text + "key=" + key
}

fn digest(fields: &Map, key: &str, how: SignType) -> Vec<u8> {
    let text = canonical(fields, key);
    match how {
        SignType::Md5 => Md5::digest(text).to_vec(),
        SignType::HmacSha256 => match <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()) {
            Ok(mac) => mac.chain_update(text).finalize().into_bytes().to_vec(),
            Err(_) => Vec::new(), // HMAC takes keys of any length
        },
    }
}

/// The `sign` of a message, upper-case hex.
#[must_use]
pub fn sign(fields: &Map, key: &str, how: SignType) -> String {
    hex::encode_upper(digest(fields, key, how))
}

/// Whether a received message carries this channel's signature.
///
/// The length of `sign` and a `sign_type` field must both agree with the channel's algorithm. An empty key verifies
/// nothing.
#[must_use]
pub fn verify(fields: &Map, key: &str, how: SignType) -> bool {
    if key.is_empty() || fields.get("sign_type").is_some_and(|named| !named.is_empty() && named != how.as_str()) {
        return false;
    }
    let Some(given) = fields.get("sign").and_then(|s| hex::decode(s).ok()) else { return false };
    given.len() == how.digest_len() && bool::from(digest(fields, key, how).ct_eq(&given))
}

/// Decrypts `req_info` of a refund notice (provider's document: 退款结果通知). ECB has no integrity check, so what comes
/// out is a hint, no proof.
#[must_use]
pub fn open_req_info(req_info: &str, key: &str) -> Option<Vec<u8>> {
    if key.is_empty() {
        return None;
    }
    // The AES key is the digest's lower-case hex text, 32 ASCII characters with their leading zeros.
    let aes_key = hex::encode(Md5::digest(key));
    let compact: String = req_info.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let sealed = base64::engine::general_purpose::STANDARD.decode(compact).ok()?;
    let cipher = ecb::Decryptor::<aes::Aes256>::new_from_slice(aes_key.as_bytes()).ok()?;
    cipher.decrypt_padded_vec_mut::<Pkcs7>(&sealed).ok().filter(|plain| !plain.is_empty())
}

#[cfg(test)]
pub(super) mod tests;
