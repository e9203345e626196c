//! JD's signature (provider's document: 签名验签): RSA over the 64 hex characters of a SHA-256, bare, without the prefix that
//! names a digest. SHA256withRSA is something else and never verifies here.

use crate::channels::keys::VerifyingKey;
use crate::channels::legacy_keys::LegacyKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::Pkcs1v15Sign;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Field name to its clear text; the order of the map is the order of the signed text.
pub type Fields = BTreeMap<String, String>;

/// Our half and theirs.
pub struct Keys {
    pub ours: LegacyKey,
    pub theirs: VerifyingKey,
}

impl Keys {
    /// # Errors
    /// When the private key cannot sign.
    pub fn sign(&self, text: &str) -> Result<String, &'static str> {
        let signature = self.ours.sign(Pkcs1v15Sign::new_unprefixed(), digest(text).as_bytes())?;
        Ok(STANDARD.encode(signature))
    }

    /// Whether JD signed this text. Its base64 may be broken into lines.
    #[must_use]
    pub fn verify(&self, text: &str, sign: &str) -> bool {
        let compact: String = sign.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let Ok(signature) = STANDARD.decode(compact) else { return false };
        self.theirs.rsa().verify(Pkcs1v15Sign::new_unprefixed(), digest(text).as_bytes(), &signature).is_ok()
    }
}

/// Lower-case hex of the SHA-256.
#[must_use]
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// What a form's signature covers: clear values that are not blank, by name.
#[must_use]
pub fn form_text(fields: &Fields) -> String {
    let signed = fields.iter().filter(|(name, value)| *name != "sign" && !value.trim().is_empty());
    signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

const OPEN: &str = "<sign>";
const CLOSE: &str = "</sign>";

/// Cuts the one `<sign>` element out of a document, wherever it stands; the rest and the signature. `None` without one, or
/// with two.
#[must_use]
pub fn cut(document: &str) -> Option<(String, String)> {
    let (before, rest) = document.split_once(OPEN)?;
    let (sign, after) = rest.split_once(CLOSE)?;
    let rest = format!("{before}{after}");
    (!rest.contains(OPEN) && !rest.contains(CLOSE)).then(|| (rest, sign.to_owned()))
}

/// What a document's signature covers: its lines, trimmed and joined. Mostly it is one line anyway.
#[must_use]
pub fn document_text(without_sign: &str) -> String {
    without_sign.lines().map(str::trim).collect()
}
