//! Private RSA keys that `aws-lc-rs` will not sign with: 1024 bits, or digests of another age. A few providers still hand out
//! nothing else.
//!
//! The `rsa` crate has an open timing advisory (RUSTSEC-2023-0071). It is accepted here, since there is no other way to
//! speak these protocols: signing is blinded with fresh randomness each time, and only texts that we composed ourselves
//! are ever signed; nothing received is decrypted with such a key. Keys of today's size belong to
//! [`keys::SigningKey`](super::keys::SigningKey).

use super::keys;
use rand::rngs::OsRng;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use std::fmt;
use std::sync::Arc;

/// Our private key at such a provider. Cheap to clone.
#[derive(Clone)]
pub struct LegacyKey(Arc<RsaPrivateKey>);

impl LegacyKey {
    /// Reads a PKCS#8 or PKCS#1 private key of 1024 bits or more.
    ///
    /// # Errors
    /// The problem, in words.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let blocks = keys::blocks(text)?;
        let private = |b: &&keys::Block| b.label.as_deref().is_none_or(|l| l.ends_with("PRIVATE KEY"));
        let block = blocks.iter().find(private).ok_or("is not a private key")?;
        let key = RsaPrivateKey::from_pkcs8_der(&block.der)
            .or_else(|_| RsaPrivateKey::from_pkcs1_der(&block.der))
            .map_err(|_| "is not an RSA private key")?;
        if key.size() < 128 {
            return Err("is an RSA key of less than 1024 bits");
        }
        Ok(Self(Arc::new(key)))
    }

    /// Signs what the scheme expects: a digest, or a short text where it takes one.
    ///
    /// # Errors
    /// When the text does not fit the key.
    pub fn sign(&self, scheme: Pkcs1v15Sign, digest: &[u8]) -> Result<Vec<u8>, &'static str> {
        self.0.sign_with_rng(&mut OsRng, scheme, digest).map_err(|_| "cannot sign: the key is inconsistent or too short")
    }

    /// Whether the public key is the other half of this one.
    #[must_use]
    pub fn belongs_to(&self, public: &keys::VerifyingKey) -> bool {
        self.0.to_public_key() == *public.rsa()
    }
}

impl fmt::Debug for LegacyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LegacyKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::keys::{VerifyingKey, pem};
    use rsa::pkcs1::EncodeRsaPrivateKey;
    use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
    use std::sync::LazyLock;

    static KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut OsRng, 1024).unwrap());

    #[test]
    fn a_key_of_another_age_signs_in_every_shape() {
        let (pkcs8, pkcs1) = (KEY.to_pkcs8_der().unwrap(), KEY.to_pkcs1_der().unwrap());
        let public = VerifyingKey::from_der(KEY.to_public_key().to_public_key_der().unwrap().as_bytes()).unwrap();
        for text in [pem("PRIVATE KEY", pkcs8.as_bytes()), pem("RSA PRIVATE KEY", pkcs1.as_bytes())] {
            let key = LegacyKey::read(&text).unwrap();
            assert!(key.belongs_to(&public));
            let signature = key.sign(Pkcs1v15Sign::new_unprefixed(), b"short").unwrap();
            assert!(public.rsa().verify(Pkcs1v15Sign::new_unprefixed(), b"short", &signature).is_ok());
            assert!(public.rsa().verify(Pkcs1v15Sign::new_unprefixed(), b"shorT", &signature).is_err());
            assert!(key.sign(Pkcs1v15Sign::new_unprefixed(), &[1; 128]).is_err());
        }
    }

    #[test]
    fn what_is_no_such_key_is_said_so() {
        let small = RsaPrivateKey::new(&mut OsRng, 512).unwrap().to_pkcs8_der().unwrap();
        let public = KEY.to_public_key().to_public_key_der().unwrap();
        for text in ["", "AAAA", &pem("PRIVATE KEY", small.as_bytes()), &pem("PUBLIC KEY", public.as_bytes())] {
            assert!(LegacyKey::read(text).is_err(), "{text}");
        }
    }
}
