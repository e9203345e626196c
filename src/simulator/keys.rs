//! Keys and account numbers, each derived from one root by its label: a fixed `--seed` gives the same ones every time,
//! whatever the order in which providers ask. Must not know any provider.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

/// Where every key and number comes from. Two copies give the same.
#[derive(Clone)]
pub struct Keys {
    root: [u8; 32],
    seeded: bool,
}

impl Keys {
    /// Reproducible keys for `Some(seed)`, fresh ones otherwise.
    #[must_use]
    pub fn new(seed: Option<u64>) -> Self {
        let root = match seed {
            Some(seed) => Sha256::digest([b"cashier simulator".as_slice(), &seed.to_be_bytes()].concat()).into(),
            None => {
                let mut root = [0u8; 32];
                rand::rngs::OsRng.fill_bytes(&mut root);
                root
            }
        };
        Self { root, seeded: seed.is_some() }
    }

    /// A generator that belongs to `label` alone.
    #[must_use]
    pub fn generator(&self, label: &str) -> StdRng {
        StdRng::from_seed(Sha256::digest([self.root.as_slice(), label.as_bytes()].concat()).into())
    }

    /// `len` characters out of `alphabet` (ASCII).
    #[must_use]
    pub fn text(&self, label: &str, alphabet: &[u8], len: usize) -> String {
        pick(&mut self.generator(label), alphabet, len)
    }

    /// `len` decimal digits.
    #[must_use]
    pub fn digits(&self, label: &str, len: usize) -> String {
        self.text(label, b"0123456789", len)
    }

    /// An RSA-1024 key, as providers of another age hand them out; made when it is first used.
    #[must_use]
    pub fn legacy_rsa(&self, label: &str) -> LegacyRsaKey {
        LegacyRsaKey { rng: Mutex::new(self.generator(label)), made: OnceLock::new() }
    }

    /// An RSA-2048 key. Its making starts on a thread of its own and is waited for only when the key is first used.
    #[must_use]
    pub fn rsa(&self, label: &str) -> RsaKey {
        /// Reproducible keys need be made only once per process; a test suite starts many simulators with one seed.
        static MADE: LazyLock<Mutex<Shared>> = LazyLock::new(Mutex::default);
        let rng = self.generator(label);
        if !self.seeded {
            return RsaKey::begin(rng);
        }
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry((self.root, label.to_owned())).or_insert_with(|| RsaKey::begin(rng)).clone()
    }
}

/// `len` characters out of `alphabet` (ASCII).
pub(super) fn pick(rng: &mut impl Rng, alphabet: &[u8], len: usize) -> String {
    (0..len).map(|_| char::from(alphabet[rng.gen_range(0..alphabet.len())])).collect()
}

/// Keys by root and label.
type Shared = HashMap<([u8; 32], String), RsaKey>;

struct Made {
    private: RsaPrivateKey,
    pkcs8: Vec<u8>,
    signer: aws_lc_rs::signature::RsaKeyPair,
}

/// An RSA-2048 key pair. Cheap to clone.
#[derive(Clone)]
pub struct RsaKey {
    made: Arc<OnceLock<Made>>,
    rng: Arc<Mutex<StdRng>>,
}

impl RsaKey {
    fn begin(rng: StdRng) -> Self {
        let key = Self { made: Arc::default(), rng: Arc::new(Mutex::new(rng)) };
        let worker = key.clone();
        std::thread::spawn(move || {
            worker.made();
        });
        key
    }

    #[expect(clippy::expect_used, reason = "a generator of 2048-bit keys and the encoding of its own output cannot fail")]
    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            let private = RsaPrivateKey::new(&mut *rng, 2048).expect("2048 bits are enough");
            let pkcs8 = private.to_pkcs8_der().expect("a fresh key encodes").as_bytes().to_vec();
            let signer = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&pkcs8).expect("a fresh key reads back");
            Made { private, pkcs8, signer }
        })
    }

    /// PKCS#8 PEM of the private half.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the key was encoded before")]
    pub fn private_pem(&self) -> String {
        self.made().private.to_pkcs8_pem(LineEnding::LF).expect("encodes").to_string()
    }

    /// PKCS#8 DER of the private half.
    #[must_use]
    pub fn private_der(&self) -> Vec<u8> {
        self.made().pkcs8.clone()
    }

    /// SubjectPublicKeyInfo PEM.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a fresh key encodes")]
    pub fn public_pem(&self) -> String {
        self.public().to_public_key_pem(LineEnding::LF).expect("encodes")
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> RsaPublicKey {
        self.made().private.to_public_key()
    }

    /// The private half, for what `aws-lc-rs` does not do (decryption, certificates).
    #[must_use]
    pub fn private(&self) -> RsaPrivateKey {
        self.made().private.clone()
    }

    /// SHA-256 with RSA, PKCS#1 v1.5: 256 bytes.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the buffer has the modulus' length and the operating system has randomness")]
    pub fn sign_sha256(&self, message: &[u8]) -> Vec<u8> {
        let signer = &self.made().signer;
        let mut signature = vec![0; signer.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        signer.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, message, &mut signature).expect("signs");
        signature
    }

    /// Whether `signature` is this key's SHA-256 with RSA (PKCS#1 v1.5) over `message`.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a fresh key encodes")]
    pub fn verifies_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        let der = self.public().to_pkcs1_der().expect("encodes");
        let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, der.as_bytes());
        key.verify(message, signature).is_ok()
    }
}

/// An RSA-1024 key pair: quick to make, and too small for `aws-lc-rs`.
pub struct LegacyRsaKey {
    rng: Mutex<StdRng>,
    made: OnceLock<RsaPrivateKey>,
}

impl LegacyRsaKey {
    /// A given key, for vectors.
    #[cfg(test)]
    pub fn of(key: RsaPrivateKey) -> Self {
        Self { rng: Mutex::new(StdRng::seed_from_u64(0)), made: key.into() }
    }

    /// Both halves.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a generator of 1024-bit keys cannot fail")]
    pub fn private(&self) -> &RsaPrivateKey {
        self.made.get_or_init(|| {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            RsaPrivateKey::new(&mut *rng, 1024).expect("1024 bits are enough")
        })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> RsaPublicKey {
        self.private().to_public_key()
    }

    /// PKCS#8 PEM of the private half.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a fresh key encodes")]
    pub fn private_pem(&self) -> String {
        self.private().to_pkcs8_pem(LineEnding::LF).expect("encodes").to_string()
    }

    /// SubjectPublicKeyInfo PEM.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a fresh key encodes")]
    pub fn public_pem(&self) -> String {
        self.public().to_public_key_pem(LineEnding::LF).expect("encodes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_everything() {
        let (one, two, other) = (Keys::new(Some(7)), Keys::new(Some(7)), Keys::new(Some(8)));
        assert_eq!(one.digits("mch", 10), two.digits("mch", 10));
        assert_ne!(one.digits("mch", 10), one.digits("app", 10));
        assert_ne!(one.digits("mch", 10), other.digits("mch", 10));
        assert_ne!(Keys::new(None).digits("mch", 20), Keys::new(None).digits("mch", 20));
    }

    #[test]
    fn a_seed_fixes_small_keys_too() {
        let pem = |seed, label| Keys::new(Some(seed)).legacy_rsa(label).private_pem();
        assert_eq!(pem(7, "one"), pem(7, "one"));
        assert_ne!(pem(7, "one"), pem(7, "two"));
        assert_ne!(pem(7, "one"), pem(8, "one"));
    }

    #[test]
    fn a_seed_fixes_rsa_keys_and_they_sign() {
        let key = Keys::new(Some(7)).rsa("one");
        assert_eq!(key.private_pem(), RsaKey::begin(Keys::new(Some(7)).generator("one")).private_pem());
        let signature = key.sign_sha256(b"text");
        assert!(key.verifies_sha256(b"text", &signature));
        assert!(!key.verifies_sha256(b"texT", &signature));
    }
}
