//! RSA2 (SHA256withRSA) on Alipay's side: the platform's key signs, the merchant's key verifies.
//!
//! Provider's documents: 签名与验签 and 异步通知验签.

use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::{DecodeRsaPublicKey as _, EncodeRsaPublicKey as _};
use rsa::pkcs8::{DecodePublicKey as _, EncodePublicKey as _, LineEnding};

/// A key could not be used; says which and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("alipay simulator: {0}")]
pub struct KeyFault(pub String);

impl KeyFault {
    pub fn of(what: &str, cause: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

/// The platform's signing key.
pub struct PlatformKey {
    pair: RsaKeyPair,
    public_pem: String,
}

impl PlatformKey {
    /// A key from its PKCS#8 form.
    ///
    /// # Errors
    /// When the bytes are no such key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyFault> {
        let pair = RsaKeyPair::from_pkcs8(der).map_err(|e| KeyFault::of("platform key", e))?;
        let public = rsa::RsaPublicKey::from_pkcs1_der(pair.public_key().as_ref()).map_err(|e| KeyFault::of("public key", e))?;
        let public_pem = public.to_public_key_pem(LineEnding::LF).map_err(|e| KeyFault::of("public key", e))?;
        Ok(Self { pair, public_pem })
    }

    /// The public half, as the console shows it to merchants in public-key mode.
    #[must_use]
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// The base64 signature of some bytes.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the buffer has the modulus' length and the operating system has randomness")]
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &aws_lc_rs::rand::SystemRandom::new(), message, &mut signature).expect("signs");
        STANDARD.encode(signature)
    }
}

/// A merchant's public key.
#[derive(Clone)]
pub struct MerchantKey {
    pkcs1_der: Vec<u8>,
}

impl MerchantKey {
    /// A key from its SubjectPublicKeyInfo form.
    ///
    /// # Errors
    /// When the bytes are no RSA key.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyFault> {
        let key = rsa::RsaPublicKey::from_public_key_der(der).map_err(|e| KeyFault::of("merchant key", e))?;
        let der = key.to_pkcs1_der().map_err(|e| KeyFault::of("merchant key", e))?;
        Ok(Self { pkcs1_der: der.as_bytes().to_vec() })
    }

    /// Whether the base64 signature fits the bytes.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.pkcs1_der).verify(message, &signature).is_ok()
    }
}

/// The text under the signature of a notice or a page return: unlike a request's it leaves out `sign_type` too.
#[must_use]
pub fn notice_text(pairs: &[(String, String)]) -> String {
    let mut kept: Vec<&(String, String)> =
        pairs.iter().filter(|(name, value)| name != "sign" && name != "sign_type" && !value.is_empty()).collect();
    kept.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    kept.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A signature that cannot fit: the same length and alphabet, other bits.
#[must_use]
pub fn corrupted(signature: &str) -> String {
    let mut bytes = STANDARD.decode(signature).unwrap_or_default();
    if let Some(middle) = bytes.len().checked_div(2).and_then(|at| bytes.get_mut(at)) {
        *middle ^= 0x55;
    }
    STANDARD.encode(bytes)
}
