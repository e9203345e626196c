//! The three signatures of API v3, all SHA256withRSA, and the sealed parts of its messages (provider's documents: 签名生成,
//! 签名验证, 证书和回调报文解密). Knows texts and keys, no messages.

use crate::channels::keys::SigningKey;
use crate::pay::Secret;
use crate::pay::channel::ChannelError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// Deliberately wrong signatures, sent to see whether anybody looks, begin with this.
pub const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// Every line is ended, the last one too.
fn lines(parts: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::with_capacity(parts.iter().map(|p| p.len() + 1).sum());
    for part in parts {
        text.extend_from_slice(part);
        text.push(b'\n');
    }
    text
}

/// What a request's signature covers. `target` is path and query exactly as they travel.
#[must_use]
pub fn request_text(method: &str, target: &str, timestamp: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    lines(&[method.as_bytes(), target.as_bytes(), timestamp.to_string().as_bytes(), nonce.as_bytes(), body])
}

/// What the signature of a reply or notice covers: the raw body, not what a parser made of it.
#[must_use]
pub fn reply_text(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    lines(&[timestamp.as_bytes(), nonce.as_bytes(), body])
}

/// What the signature covers that opens the payer's wallet. `subject` is `prepay_id=…` in a page or mini program and the
/// bare prepay id in an app.
#[must_use]
pub fn wallet_text(appid: &str, timestamp: i64, nonce: &str, subject: &str) -> Vec<u8> {
    lines(&[appid.as_bytes(), timestamp.to_string().as_bytes(), nonce.as_bytes(), subject.as_bytes()])
}

/// Signs, and writes the signature as base64.
///
/// # Errors
/// `Credentials` when the key turns out to be inconsistent.
pub fn sign(key: &SigningKey, text: &[u8]) -> Result<String, ChannelError> {
    let wrong = |problem: &str| ChannelError::Credentials { field: "private_key_pem", problem: problem.to_owned() };
    key.sign_sha256(text).map(|signature| STANDARD.encode(signature)).map_err(wrong)
}

/// The `Authorization` of one request.
#[must_use]
pub fn authorization(mchid: &str, serial_no: &str, timestamp: i64, nonce: &str, signature: &str) -> String {
    format!(
        "{SCHEME} mchid=\"{mchid}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{serial_no}\""
    )
}

/// The APIv3 key: 32 bytes, the key of everything that is sealed.
#[derive(Debug, Clone)]
pub struct SealKey(Secret<String>);

impl SealKey {
    /// # Errors
    /// The problem, in words.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("must have exactly 32 letters and digits");
        }
        Ok(Self(Secret::new(text.to_owned())))
    }

    /// Opens AEAD_AES_256_GCM; `sealed` is base64 of the cipher text and its tag. `None` when anything does not fit.
    #[must_use]
    pub fn open(&self, nonce: &str, associated: &str, sealed: &str) -> Option<Vec<u8>> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.0.expose().as_bytes()).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
        let mut bytes = STANDARD.decode(sealed).ok()?;
        let plain = key.open_in_place(nonce, Aad::from(associated.as_bytes()), &mut bytes).ok()?.len();
        bytes.truncate(plain);
        Some(bytes)
    }
}

#[cfg(test)]
pub(super) mod tests;
