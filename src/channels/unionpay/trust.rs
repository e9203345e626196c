//! Their half of the signatures: whether a message comes from UnionPay.
//!
//! Every message brings the certificate that signed it, and UnionPay changes that certificate without notice, so it is never
//! kept as such: it must lead to the stored root, be valid today, and be made out to UnionPay. The last matters most, since
//! the same authority issues the certificates of all merchants. Specification 5.1.0, chapter 验签.

use super::message::{self, Fields};
use crate::channels::certificates::{self, Chain};
use crate::channels::credentials::{self, wrong};
use crate::channels::keys::VerifyingKey;
use crate::pay::channel::ChannelError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Third part of the name of UnionPay's certificates.
const COMPANY: &str = "中国银联股份有限公司";
/// The same in some certificates of the test environment.
const TEST_COMPANY: &str = "00040000:SIGN";
/// Certificates in use at the same time are one or two.
const KEPT: usize = 16;

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("it carries no certificate")]
    NoCertificate,
    #[error("its certificate cannot be read")]
    Unreadable,
    #[error("its certificate is not valid today")]
    Dates,
    #[error("its certificate does not lead to the stored root")]
    Chain,
    #[error("its certificate is not UnionPay's")]
    Name,
    #[error("its signature does not fit")]
    Signature,
}

/// A certificate of theirs that has passed everything but the date.
struct Leaf {
    key: VerifyingKey,
    /// UTC seconds.
    valid: std::ops::RangeInclusive<i64>,
}

/// The stored issuers, and what they have vouched for so far.
pub struct Trust {
    middle: Vec<Vec<u8>>,
    root: Vec<Vec<u8>>,
    is_production: bool,
    known: Mutex<HashMap<[u8; 32], Arc<Leaf>>>,
}

impl Trust {
    /// # Errors
    /// `Credentials` naming the certificate that is missing, unreadable, or was not issued by the other.
    pub fn read(fields: &credentials::Fields<'_>, is_production: bool) -> Result<Self, ChannelError> {
        let read = |name: &'static str| {
            let text = fields.required(name)?;
            certificates::read_certificates(text).map_err(|problem| wrong(name, problem))
        };
        let (middle, root) = (read("middle_cert_pem")?, read("root_cert_pem")?);
        for der in &middle {
            if certificates::follow(der, &middle, &root) != Chain::Anchored {
                return Err(wrong("middle_cert_pem", "was not issued by the root certificate"));
            }
        }
        Ok(Self { middle, root, is_production, known: Mutex::default() })
    }

    /// Whether UnionPay signed this message.
    ///
    /// # Errors
    /// The first thing that speaks against it.
    pub fn verify(&self, fields: &Fields, now_ms: i64) -> Result<(), Distrust> {
        let pem = fields.get("signPubKeyCert").filter(|pem| !pem.is_empty()).ok_or(Distrust::NoCertificate)?;
        let leaf = self.leaf(pem)?;
        if !leaf.valid.contains(&now_ms.div_euclid(1000)) {
            return Err(Distrust::Dates);
        }
        let signature = fields.get(message::SIGNATURE).map(String::as_str).unwrap_or_default();
        let signature = STANDARD.decode(signature).map_err(|_| Distrust::Signature)?;
        if leaf.key.verify_sha256(message::digest(fields).as_bytes(), &signature) { Ok(()) } else { Err(Distrust::Signature) }
    }

    fn leaf(&self, pem: &str) -> Result<Arc<Leaf>, Distrust> {
        let ders = certificates::read_certificates(pem).map_err(|_| Distrust::Unreadable)?;
        let [der] = ders.as_slice() else { return Err(Distrust::Unreadable) };
        let fingerprint: [u8; 32] = Sha256::digest(der).into();
        if let Some(leaf) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&fingerprint) {
            return Ok(leaf.clone());
        }
        let leaf = Arc::new(self.judge(der)?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(fingerprint, leaf.clone());
        Ok(leaf)
    }

    fn judge(&self, der: &[u8]) -> Result<Leaf, Distrust> {
        let certificate = certificates::parse(der).ok_or(Distrust::Unreadable)?;
        if certificates::follow(der, &self.middle, &self.root) != Chain::Anchored {
            return Err(Distrust::Chain);
        }
        let names: Vec<&str> = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()).collect();
        let [name] = names.as_slice() else { return Err(Distrust::Name) };
        if !self.is_theirs(name) {
            return Err(Distrust::Name);
        }
        let key = VerifyingKey::from_der(der).map_err(|_| Distrust::Unreadable)?;
        let validity = certificate.validity();
        Ok(Leaf { key, valid: validity.not_before.timestamp()..=validity.not_after.timestamp() })
    }

    /// `041@8310000000083040@中国银联股份有限公司@00016495`: the third part names the owner; a name may have fewer parts.
    fn is_theirs(&self, name: &str) -> bool {
        match name.split('@').nth(2) {
            Some(COMPANY) => true,
            Some(TEST_COMPANY) => !self.is_production,
            _ => false,
        }
    }
}
