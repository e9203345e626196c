//! RSA keys in whatever shape a provider's console hands them out, ready to sign or to verify.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, RsaKeyPair, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use std::fmt;
use std::sync::Arc;
use x509_parser::prelude::FromDer;

/// Merchants paste base64 with and without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One encoded object of a key or certificate text.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// The PEM label; `None` for bare base64.
    pub label: Option<String>,
    pub der: Vec<u8>,
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    LENIENT.decode(compact).ok().filter(|der| !der.is_empty())
}

/// Takes PEM (also on one line, also with its line breaks written as `\n`) or bare base64 apart.
///
/// # Errors
/// The problem, in words.
pub fn blocks(text: &str) -> Result<Vec<Block>, &'static str> {
    let text = text.replace("\\r", "").replace("\\n", "\n");
    if !text.contains("-----") {
        let der = decode(&text).ok_or("is neither PEM nor base64")?;
        return Ok(vec![Block { label: None, der }]);
    }
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after.split_once("-----").ok_or("is broken PEM")?;
        let (body, after) = after.split_once("-----END ").ok_or("is broken PEM: no END line")?;
        let after =
            after.strip_prefix(label).and_then(|a| a.strip_prefix("-----")).ok_or("is broken PEM: BEGIN and END differ")?;
        if label.contains("ENCRYPTED") || body.contains("ENCRYPTED") {
            return Err("is protected by a password; store it without");
        }
        let der = decode(body).ok_or("is broken PEM: not base64 inside")?;
        found.push(Block { label: Some(label.to_owned()), der });
        rest = after;
    }
    if found.is_empty() { Err("is broken PEM") } else { Ok(found) }
}

/// PEM text of one object.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    let body = general_purpose::STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// Our private key at a provider. Signatures are made in constant time by `aws-lc-rs`.
#[derive(Clone)]
pub struct SigningKey(Arc<RsaKeyPair>);

impl SigningKey {
    /// Reads a PKCS#8 or PKCS#1 private key.
    ///
    /// # Errors
    /// The problem, in words.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let blocks = blocks(text)?;
        let private = |b: &&Block| b.label.as_deref().is_none_or(|l| l.ends_with("PRIVATE KEY"));
        let block = blocks.iter().find(private).ok_or("is not a private key")?;
        let pair = RsaKeyPair::from_pkcs8(&block.der)
            .or_else(|_| RsaKeyPair::from_der(&block.der))
            .map_err(|_| "is not an RSA private key of 2048 to 8192 bits")?;
        Ok(Self(Arc::new(pair)))
    }

    /// SHA256withRSA (PKCS#1 v1.5).
    ///
    /// # Errors
    /// When the key turns out to be inconsistent.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, &'static str> {
        let mut out = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut out)
            .map_err(|_| "cannot sign: the key is inconsistent")?;
        Ok(out)
    }

    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.0.public_modulus_len()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// A provider's public key.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    key: rsa::RsaPublicKey,
    n: Vec<u8>,
    e: Vec<u8>,
}

impl VerifyingKey {
    /// Reads an SPKI or PKCS#1 public key, or the key of an X.509 certificate (the first one of a chain).
    ///
    /// # Errors
    /// The problem, in words.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let blocks = blocks(text)?;
        if blocks.iter().any(|b| b.label.as_deref().is_some_and(|l| l.ends_with("PRIVATE KEY"))) {
            return Err("is a private key; the provider's public key belongs here");
        }
        Self::from_der(&blocks[0].der)
    }

    /// # Errors
    /// The problem, in words.
    pub fn from_der(der: &[u8]) -> Result<Self, &'static str> {
        let spki = |der: &[u8]| rsa::RsaPublicKey::from_public_key_der(der).ok();
        let key = spki(der)
            .or_else(|| rsa::RsaPublicKey::from_pkcs1_der(der).ok())
            .or_else(|| {
                let (_, certificate) = x509_parser::certificate::X509Certificate::from_der(der).ok()?;
                spki(certificate.tbs_certificate.subject_pki.raw)
            })
            .ok_or("is not an RSA public key or certificate")?;
        if key.size() < 128 {
            return Err("is an RSA key of less than 1024 bits");
        }
        Ok(Self { n: key.n().to_bytes_be(), e: key.e().to_bytes_be(), key })
    }

    /// Whether this is a SHA256withRSA (PKCS#1 v1.5) signature of the message.
    #[must_use]
    pub fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        // The name warns of keys below 2048 bits, which some providers still hand out.
        self.verify(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, message, signature)
    }

    /// Whether this is a SHA1withRSA (PKCS#1 v1.5) signature of the message. For protocols that know nothing better.
    #[must_use]
    pub fn verify_sha1(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, message, signature)
    }

    fn verify(&self, how: &'static signature::RsaParameters, message: &[u8], signature: &[u8]) -> bool {
        RsaPublicKeyComponents { n: &self.n, e: &self.e }.verify(how, message, signature).is_ok()
    }

    /// The key itself, for encryption and for digests that are not offered here.
    #[must_use]
    pub fn rsa(&self) -> &rsa::RsaPublicKey {
        &self.key
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};
    use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
    use std::sync::LazyLock;

    /// One key for all tests: making one is slow.
    pub(crate) static KEY: LazyLock<rsa::RsaPrivateKey> =
        LazyLock::new(|| rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, 2048).unwrap());

    fn b64(der: &[u8]) -> String {
        general_purpose::STANDARD.encode(der)
    }

    #[test]
    fn every_shape_of_a_key_signs_and_verifies() {
        let pkcs8 = KEY.to_pkcs8_der().unwrap();
        let pkcs1 = KEY.to_pkcs1_der().unwrap();
        let public = KEY.to_public_key();
        let spki = public.to_public_key_der().unwrap();
        let public1 = public.to_pkcs1_der().unwrap();
        let privates = [
            pem("PRIVATE KEY", pkcs8.as_bytes()),
            pem("RSA PRIVATE KEY", pkcs1.as_bytes()),
            pem("PRIVATE KEY", pkcs8.as_bytes()).replace('\n', "\\n"),
            pem("PRIVATE KEY", pkcs8.as_bytes()).replace('\n', " "),
            pem("PRIVATE KEY", pkcs8.as_bytes()).replace('\n', "\r\n"),
            b64(pkcs8.as_bytes()),
            b64(pkcs1.as_bytes()).trim_end_matches('=').to_owned(),
        ];
        let publics = [
            pem("PUBLIC KEY", spki.as_bytes()),
            pem("RSA PUBLIC KEY", public1.as_bytes()),
            b64(spki.as_bytes()),
            b64(public1.as_bytes()),
        ];
        for private in &privates {
            let signature = SigningKey::read(private).unwrap().sign_sha256(b"text").unwrap();
            for public in &publics {
                let key = VerifyingKey::read(public).unwrap();
                assert!(key.verify_sha256(b"text", &signature));
                assert!(!key.verify_sha256(b"texs", &signature));
                assert!(!key.verify_sha256(b"text", &signature[1..]));
                assert!(!key.verify_sha1(b"text", &signature));
            }
        }
    }

    #[test]
    fn a_certificate_serves_as_public_key() {
        let pair = rcgen::KeyPair::try_from(KEY.to_pkcs8_der().unwrap().as_bytes()).unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap().self_signed(&pair).unwrap();
        let signature =
            SigningKey::read(&pem("PRIVATE KEY", KEY.to_pkcs8_der().unwrap().as_bytes())).unwrap().sign_sha256(b"x").unwrap();
        for text in [certificate.pem(), b64(certificate.der())] {
            assert!(VerifyingKey::read(&text).unwrap().verify_sha256(b"x", &signature));
        }
    }

    #[test]
    fn broken_and_misplaced_keys_say_what_is_wrong() {
        let spki = pem("PUBLIC KEY", KEY.to_public_key().to_public_key_der().unwrap().as_bytes());
        let pkcs8 = pem("PRIVATE KEY", KEY.to_pkcs8_der().unwrap().as_bytes());
        for text in ["!!", "-----BEGIN PRIVATE KEY-----", "-----BEGIN A-----\nAA==\n-----END B-----", "AAAA", &spki] {
            assert!(SigningKey::read(text).is_err(), "{text}");
        }
        for text in ["", "!!", "AAAA", &pkcs8] {
            assert!(VerifyingKey::read(text).is_err(), "{text}");
        }
        let locked = pkcs8.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert_eq!(SigningKey::read(&locked).unwrap_err(), "is protected by a password; store it without");
    }
}
