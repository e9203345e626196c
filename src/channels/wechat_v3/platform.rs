//! The provider's keys: the public key that staff entered and the certificates that were downloaded, both alive at once,
//! chosen by the number a message names (provider's documents: 微信支付公钥, 平台证书).
//!
//! Keeps the certificates in memory and nothing else. Must not know how they are fetched.

use super::sign::{self, SealKey};
use crate::channels::certificates;
use crate::channels::keys::{self, VerifyingKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How far a message's time may be off, in seconds.
const WINDOW_S: i64 = 300;
/// A public key's number begins with this; a certificate's is hex.
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";
/// Certificates are fetched anew when they are older.
const REFRESH_MS: i64 = 12 * 60 * 60 * 1000;
/// Hex digits of a certificate's number, and how many are left at least where leading zeros were dropped.
const SERIAL_LONGEST: usize = 40;
const SERIAL_SHORTEST: usize = 32;
/// A number that was not among certificates fetched less than this ago does not exist.
const FRESH_MS: i64 = 60_000;

/// The headers that carry a signature.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'a> {
    timestamp: &'a str,
    nonce: &'a str,
    signature: &'a str,
    pub serial: &'a str,
    scheme: &'a str,
}

impl<'a> Seal<'a> {
    /// `None` when one of the four is missing.
    pub fn read(header: impl Fn(&'static str) -> Option<&'a str>) -> Option<Self> {
        let filled = |name| header(name).filter(|v| !v.is_empty());
        Some(Self {
            timestamp: filled("wechatpay-timestamp")?,
            nonce: filled("wechatpay-nonce")?,
            signature: filled("wechatpay-signature")?,
            serial: filled("wechatpay-serial")?,
            scheme: filled("wechatpay-signature-type").unwrap_or(sign::SCHEME),
        })
    }
}

/// Why a message is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disbelief {
    Stale,
    /// Signed with a certificate that is not here (yet).
    UnknownKey(String),
    Signature,
}

struct Certificate {
    key: VerifyingKey,
    /// UTC ms.
    until: i64,
}

#[derive(Default)]
struct Downloaded {
    /// By [`number`].
    certificates: BTreeMap<String, Certificate>,
    /// When the provider last told which ones there are.
    fetched_at: Option<i64>,
}

/// Everything that may have signed a message of the provider.
pub struct PlatformKeys {
    public: Option<(String, VerifyingKey)>,
    downloaded: RwLock<Downloaded>,
    /// When somebody last set out to fetch.
    tried_at: Mutex<Option<i64>>,
}

/// A certificate's number without what writers add or drop: case and leading zeros.
fn number(serial: &str) -> String {
    serial.trim_start_matches('0').to_ascii_uppercase()
}

impl PlatformKeys {
    #[must_use]
    pub fn new(public: Option<(String, VerifyingKey)>) -> Self {
        Self { public, downloaded: RwLock::default(), tried_at: Mutex::default() }
    }

    /// The number of the public key, where there is one: the provider then signs its replies with it.
    #[must_use]
    pub fn public_id(&self) -> Option<&str> {
        self.public.as_ref().map(|(id, _)| id.as_str())
    }

    /// Judges a signature over raw bytes: time, then the key by its number, then the signature. There is no falling back to
    /// another key.
    ///
    /// # Errors
    /// See [`Disbelief`].
    pub fn verify(&self, seal: &Seal<'_>, body: &[u8], now_ms: i64) -> Result<(), Disbelief> {
        let stamped: i64 = seal.timestamp.parse().map_err(|_| Disbelief::Signature)?;
        if (now_ms.div_euclid(1000)).saturating_sub(stamped).saturating_abs() >= WINDOW_S {
            return Err(Disbelief::Stale);
        }
        if seal.scheme != sign::SCHEME || seal.signature.starts_with(sign::PROBE) {
            return Err(Disbelief::Signature);
        }
        let signature = STANDARD.decode(seal.signature).map_err(|_| Disbelief::Signature)?;
        let text = sign::reply_text(seal.timestamp, seal.nonce, body);
        let judge = |key: &VerifyingKey| if key.verify_sha256(&text, &signature) { Ok(()) } else { Err(Disbelief::Signature) };
        if seal.serial.starts_with(PUBLIC_KEY_ID) {
            // Nothing that could be fetched: staff has to enter it.
            return match &self.public {
                Some((id, key)) if id == seal.serial => judge(key),
                _ => Err(Disbelief::Signature),
            };
        }
        // What cannot be a certificate's number is not worth a question to the provider.
        if !(SERIAL_SHORTEST..=SERIAL_LONGEST).contains(&seal.serial.len()) || !seal.serial.bytes().all(|b| b.is_ascii_hexdigit())
        {
            return Err(Disbelief::Signature);
        }
        let downloaded = self.downloaded.read().unwrap_or_else(PoisonError::into_inner);
        match downloaded.certificates.get(&number(seal.serial)).filter(|c| now_ms < c.until) {
            Some(certificate) => judge(&certificate.key),
            // Asked a moment ago, and the provider did not name it.
            None if downloaded.fetched_at.is_some_and(|at| (0..FRESH_MS).contains(&(now_ms - at))) => Err(Disbelief::Signature),
            None => Err(Disbelief::UnknownKey(seal.serial.to_owned())),
        }
    }

    /// Whether certificates are in use and were fetched too long ago.
    #[must_use]
    pub fn is_old(&self, now_ms: i64) -> bool {
        let downloaded = self.downloaded.read().unwrap_or_else(PoisonError::into_inner);
        downloaded.fetched_at.is_some_and(|at| now_ms - at >= REFRESH_MS)
    }

    /// Whether it is time for another try: messages with made-up numbers must not make us ask without end.
    #[must_use]
    pub fn may_fetch(&self, now_ms: i64) -> bool {
        let mut tried = self.tried_at.lock().unwrap_or_else(PoisonError::into_inner);
        let soon = tried.is_some_and(|at| (0..FRESH_MS / 4).contains(&(now_ms - at)));
        if !soon {
            *tried = Some(now_ms);
        }
        !soon
    }

    /// Takes over a reply of the certificate download. It is believed only when one of the certificates in it, or one that
    /// was known before, has signed it.
    ///
    /// # Errors
    /// What is wrong with it, in words; then nothing has changed.
    pub fn accept(&self, seal: &Seal<'_>, body: &[u8], seal_key: &SealKey, now_ms: i64) -> Result<(), String> {
        let list: List = serde_json::from_slice(body).map_err(|_| "the list of certificates is unreadable")?;
        let mut certificates = BTreeMap::new();
        for entry in list.data {
            let (number, certificate) = entry.open(seal_key)?;
            certificates.insert(number, certificate);
        }
        if certificates.is_empty() {
            return Err("there are no platform certificates; use the WeChat Pay public key".to_owned());
        }
        let fetched = Self {
            public: self.public.clone(),
            downloaded: RwLock::new(Downloaded { certificates, fetched_at: None }),
            tried_at: Mutex::default(),
        };
        let known = || self.verify(seal, body, now_ms).is_ok();
        if fetched.verify(seal, body, now_ms).is_err() && !known() {
            return Err("the list of certificates is not signed by any of them".to_owned());
        }
        let mut new = fetched.downloaded.into_inner().unwrap_or_else(PoisonError::into_inner);
        new.fetched_at = Some(now_ms);
        *self.downloaded.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    serial_no: String,
    expire_time: String,
    encrypt_certificate: Sealed,
}

/// A sealed part of a message.
#[derive(Deserialize)]
pub struct Sealed {
    pub algorithm: String,
    pub nonce: String,
    #[serde(default)]
    pub associated_data: Option<String>,
    pub ciphertext: String,
}

impl Sealed {
    /// `None` when it was not sealed with our key.
    #[must_use]
    pub fn open(&self, key: &SealKey) -> Option<Vec<u8>> {
        if self.algorithm != "AEAD_AES_256_GCM" {
            return None;
        }
        key.open(&self.nonce, self.associated_data.as_deref().unwrap_or_default(), &self.ciphertext)
    }
}

impl Entry {
    fn open(&self, seal_key: &SealKey) -> Result<(String, Certificate), String> {
        let pem = self.encrypt_certificate.open(seal_key).ok_or("the certificates cannot be decrypted: check the APIv3 key")?;
        let pem = String::from_utf8(pem).map_err(|_| "a certificate is no text")?;
        let block = keys::blocks(&pem)?.into_iter().next().ok_or("a certificate is empty")?;
        let certificate = certificates::parse(&block.der).ok_or("a certificate is unreadable")?;
        let serial = number(&hex::encode(certificate.tbs_certificate.raw_serial()));
        if serial != number(&self.serial_no) {
            return Err("a certificate has another number than the list says".to_owned());
        }
        let listed = OffsetDateTime::parse(&self.expire_time, &Rfc3339).map_err(|_| "an expiry is unreadable")?.unix_timestamp();
        let until = listed.min(certificate.validity().not_after.timestamp()).saturating_mul(1000);
        Ok((serial, Certificate { key: VerifyingKey::from_der(&block.der)?, until }))
    }
}
