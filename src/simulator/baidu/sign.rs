//! SHA1withRSA under 1024-bit keys, as Baidu signs and expects it. Provider's document: 签名与验签.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha1::{Digest as _, Sha1};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names and values, in the order in which they are signed.
pub type Fields = BTreeMap<String, String>;

/// The DER header of a SHA-1 digest.
const DIGEST_INFO: &[u8] = b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";

/// A key pair that is made when it is first used.
pub struct Pair {
    made: OnceLock<RsaPrivateKey>,
    rng: Mutex<StdRng>,
}

impl Pair {
    pub fn new(rng: StdRng) -> Self {
        Self { made: OnceLock::new(), rng: Mutex::new(rng) }
    }

    #[cfg(test)]
    pub fn of(key: RsaPrivateKey, rng: StdRng) -> Self {
        Self { made: OnceLock::from(key), rng: Mutex::new(rng) }
    }

    #[expect(clippy::expect_used, reason = "a generator of 1024-bit keys does not fail")]
    fn private(&self) -> &RsaPrivateKey {
        self.made.get_or_init(|| {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            RsaPrivateKey::new(&mut *rng, 1024).expect("1024 bits are enough")
        })
    }

    pub fn public(&self) -> RsaPublicKey {
        self.private().to_public_key()
    }

    /// PKCS#8 PEM of the private half.
    #[expect(clippy::expect_used, reason = "a fresh key encodes")]
    pub fn private_pem(&self) -> String {
        self.private().to_pkcs8_pem(LineEnding::LF).expect("encodes").to_string()
    }

    /// The public half as the console shows it: one line of base64 without armour.
    #[expect(clippy::expect_used, reason = "a fresh key encodes")]
    pub fn public_line(&self) -> String {
        STANDARD.encode(self.public().to_public_key_der().expect("encodes").as_bytes())
    }

    /// The base64 signature over these fields.
    #[expect(clippy::expect_used, reason = "a digest fits into 1024 bits")]
    pub fn sign(&self, fields: &Fields) -> String {
        let mut rng = rand::rngs::OsRng;
        let signature = self.private().sign_with_rng(&mut rng, Pkcs1v15Sign::new_unprefixed(), &digest(fields)).expect("signs");
        STANDARD.encode(signature)
    }

    /// Whether the base64 signature is this key's over these fields.
    pub fn verifies(&self, fields: &Fields, signature: &str) -> bool {
        let Ok(bytes) = STANDARD.decode(signature) else { return false };
        self.public().verify(Pkcs1v15Sign::new_unprefixed(), &digest(fields), &bytes).is_ok()
    }
}

fn digest(fields: &Fields) -> Vec<u8> {
    let mut out = DIGEST_INFO.to_vec();
    out.extend_from_slice(&Sha1::digest(signed_text(fields).as_bytes()));
    out
}

/// Sorted by name, raw, empty values included; what carries a signature is left out.
pub fn signed_text(fields: &Fields) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if matches!(name.as_str(), "rsaSign" | "sign" | "sign_type") {
            continue;
        }
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// A signature that fits nothing, of the right length.
pub fn spoilt(signature: &str) -> String {
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    std::iter::once(first).chain(signature.chars().skip(1)).collect()
}
