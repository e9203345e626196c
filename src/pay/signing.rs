//! Signatures between merchants and us: one text of all fields, sorted by name, and over it HMAC-SHA256, MD5 or RSA2.

use super::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// Fields by name; numbers and booleans already in their plain form.
pub type Fields = BTreeMap<String, String>;

/// How a text is signed; `sign_type` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignType {
    HmacSha256,
    /// SHA256withRSA: the merchant signs with a key of its own, we with the platform's.
    Rsa2,
    /// For apps that allow it only.
    Md5,
}

impl SignType {
    /// The spelling in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "HMAC-SHA256",
            Self::Rsa2 => "RSA2",
            Self::Md5 => "MD5",
        }
    }

    /// Reads the spelling, exactly. A request that names none means HMAC-SHA256.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::HmacSha256, Self::Rsa2, Self::Md5].into_iter().find(|t| t.as_str() == text)
    }
}

/// The text that is signed: all fields but `sign`, without empty ones, sorted by name's bytes, `k=v` joined by `&`.
#[must_use]
pub fn canonical_text(fields: &Fields) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if name == "sign" || value.is_empty() {
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

/// Lower-case hex of HMAC-SHA256.
#[must_use]
pub fn hmac_hex(key: &Secret<String>, text: &str) -> String {
    hex::encode(hmac(key, text))
}

/// Upper-case hex of MD5 over text, `&key=` and the key.
#[must_use]
pub fn md5_hex(key: &Secret<String>, text: &str) -> String {
    hex::encode_upper(md5(key, text))
}

/// Whether the hex MAC fits; without regard to case, in constant time. An empty key never fits.
#[must_use]
pub fn hex_mac_fits(sign_type: SignType, key: &Secret<String>, text: &str, sign: &str) -> bool {
    let Ok(given) = hex::decode(sign) else { return false };
    if key.expose().is_empty() {
        return false;
    }
    match sign_type {
        SignType::HmacSha256 => hmac(key, text).ct_eq(&given).into(),
        SignType::Md5 => md5(key, text).ct_eq(&given).into(),
        SignType::Rsa2 => false,
    }
}

/// Whether the base64 SHA256withRSA signature fits the merchant's public key (PEM or bare base64 of an SPKI).
#[must_use]
pub fn rsa_fits(public_key: &str, text: &str, sign: &str) -> bool {
    let Some(der) = spki_key(public_key) else { return false };
    let Ok(signature) = STANDARD.decode(sign) else { return false };
    aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, der)
        .verify(text.as_bytes(), &signature)
        .is_ok()
}

/// The PKCS#1 key inside a PEM or base64 SPKI, as `aws-lc-rs` wants it; `None` when it is no RSA public key of 2048 bits or more.
#[must_use]
pub fn spki_key(text: &str) -> Option<Vec<u8>> {
    use rsa::pkcs1::EncodeRsaPublicKey;
    use rsa::pkcs8::DecodePublicKey;
    use rsa::traits::PublicKeyParts;
    let body: String =
        text.lines().filter(|line| !line.starts_with("-----")).flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    let der = STANDARD.decode(body).ok()?;
    let key = rsa::RsaPublicKey::from_public_key_der(&der).ok()?;
    if key.size() < 256 {
        return None;
    }
    Some(key.to_pkcs1_der().ok()?.as_bytes().to_vec())
}

fn hmac(key: &Secret<String>, text: &str) -> Vec<u8> {
    hmac_bytes(key.expose().as_bytes(), text.as_bytes())
}

/// HMAC-SHA256 over raw bytes, for webhooks.
#[must_use]
pub fn hmac_bytes(key: &[u8], message: &[u8]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn md5(key: &Secret<String>, text: &str) -> Vec<u8> {
    let mut digest = Md5::new();
    digest.update(text.as_bytes());
    digest.update(b"&key=");
    digest.update(key.expose().as_bytes());
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn text_is_sorted_and_skips_empty_fields_and_the_signature() {
        let f = fields(&[("b", "2"), ("a", "1 &=%"), ("A", "0"), ("empty", ""), ("sign", "x"), ("sign_type", "MD5")]);
        assert_eq!(canonical_text(&f), "A=0&a=1 &=%&b=2&sign_type=MD5");
    }

    /// The MD5 rule is WeChat's, so WeChat's published example must come out.
    #[test]
    fn md5_matches_the_published_vector() {
        let f = fields(&[
            ("appid", "wxd930ea5d5a258f4f"),
            ("mch_id", "10000100"),
            ("device_info", "1000"),
            ("body", "test"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"),
        ]);
        let key = Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned());
        let text = canonical_text(&f);
        assert_eq!(md5_hex(&key, &text), "9A0A8659F005D6984697E2CA0A9CF3B7");
        assert!(hex_mac_fits(SignType::Md5, &key, &text, "9a0a8659f005d6984697e2ca0a9cf3b7"));
        assert!(!hex_mac_fits(SignType::Md5, &key, &text, "9a0a8659f005d6984697e2ca0a9cf3b8"));
    }

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_matches_the_rfc() {
        let key = Secret::new("Jefe".to_owned());
        let mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac_hex(&key, "what do ya want for nothing?"), mac);
        assert!(hex_mac_fits(SignType::HmacSha256, &key, "what do ya want for nothing?", &mac.to_uppercase()));
    }

    #[test]
    fn an_empty_key_fits_nothing() {
        let key = Secret::new(String::new());
        let sign = hmac_hex(&key, "a=1");
        assert!(!hex_mac_fits(SignType::HmacSha256, &key, "a=1", &sign));
    }
}
