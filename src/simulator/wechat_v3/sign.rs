//! Texts that are signed and parts that are sealed (provider's documents: 签名验证, 证书和回调报文解密).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";

/// What a merchant signs.
pub fn request_text(method: &str, target: &str, timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method}\n{target}\n{timestamp}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    text
}

/// What WeChat signs.
pub fn reply_text(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{timestamp}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    text
}

/// AES-256-GCM as base64 of cipher text and tag. `nonce` has 12 bytes, `key` 32.
#[expect(clippy::expect_used, reason = "key and nonce come from this simulator and have their lengths")]
pub fn seal(key: &str, nonce: &str, associated: &str, plain: &str) -> String {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).expect("32 bytes"));
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).expect("12 bytes");
    let mut bytes = plain.as_bytes().to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(associated.as_bytes()), &mut bytes).expect("short enough");
    STANDARD.encode(bytes)
}

/// A parsed `Authorization`.
#[derive(Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    pub mchid: &'a str,
    pub nonce: &'a str,
    pub signature: &'a str,
    pub timestamp: &'a str,
    pub serial_no: &'a str,
}

impl<'a> Authorization<'a> {
    /// Pairs in any order, blanks after commas or not. `None` when something is missing, doubled or not quoted.
    pub fn parse(header: &'a str) -> Option<Self> {
        let rest = header.strip_prefix(SCHEME)?.strip_prefix(' ')?;
        let [mut mchid, mut nonce, mut signature, mut timestamp, mut serial_no] = [None; 5];
        for pair in rest.split(',') {
            let (name, value) = pair.trim().split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            let place = match name {
                "mchid" => &mut mchid,
                "nonce_str" => &mut nonce,
                "signature" => &mut signature,
                "timestamp" => &mut timestamp,
                "serial_no" => &mut serial_no,
                _ => return None,
            };
            if value.is_empty() || place.replace(value).is_some() {
                return None;
            }
        }
        Some(Self { mchid: mchid?, nonce: nonce?, signature: signature?, timestamp: timestamp?, serial_no: serial_no? })
    }
}
