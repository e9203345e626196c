//! Certificates of providers: reading bundles, facts for the panel, and whether one certificate leads to another.
//!
//! Must not know any provider. Judges no dates: whoever shows or refuses an expired certificate has a clock, this has
//! none.

use super::keys::{self, Block};
use serde::Serialize;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The longest issuing chain that is followed.
const MAX_STEPS: usize = 8;

/// What staff want to see of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    pub subject: String,
    pub issuer: String,
    /// Lower-case hex.
    pub serial: String,
    /// UTC ms.
    pub not_before: i64,
    /// UTC ms.
    pub not_after: i64,
    /// SHA-256 of the whole certificate, lower-case hex.
    pub fingerprint: String,
}

/// The facts of every certificate in a PEM text (or one bare base64 certificate), in the order of the file. Members that
/// cannot be read are left out: a bundle may hold kinds of certificates that no parser here knows.
#[must_use]
pub fn certificate_facts(pem: &str) -> Vec<CertificateFacts> {
    let ders = read_certificates(pem).unwrap_or_default();
    ders.iter().filter_map(|der| facts_of(der)).collect()
}

fn facts_of(der: &[u8]) -> Option<CertificateFacts> {
    let certificate = parse(der)?;
    let validity = certificate.validity();
    Some(CertificateFacts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        serial: hex::encode(certificate.tbs_certificate.raw_serial()),
        not_before: validity.not_before.timestamp().saturating_mul(1000),
        not_after: validity.not_after.timestamp().saturating_mul(1000),
        fingerprint: hex::encode(Sha256::digest(der)),
    })
}

/// The certificates of a PEM text (or one bare base64 certificate) as DER, in the order of the file; other blocks and text
/// around them are ignored.
///
/// # Errors
/// A sentence for staff when there is no certificate or a block is broken.
pub fn read_certificates(text: &str) -> Result<Vec<Vec<u8>>, &'static str> {
    let blocks = keys::blocks(text)?;
    let is_certificate = |block: &Block| match block.label.as_deref() {
        Some(label) => label == "CERTIFICATE",
        None => parse(&block.der).is_some(),
    };
    let found: Vec<Vec<u8>> = blocks.into_iter().filter(is_certificate).map(|block| block.der).collect();
    if found.is_empty() { Err("holds no certificate") } else { Ok(found) }
}

/// Reads one DER certificate; `None` when it is none or something follows it.
#[must_use]
pub fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Some(certificate),
        _ => None,
    }
}

/// Where the issuers of a certificate lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// To one of the anchors.
    Anchored,
    /// To a certificate that was not handed in: nothing speaks against it, nothing for it.
    Open,
    /// To a certificate that claims to be an issuer but did not sign.
    Broken,
}

/// Follows the issuers of `leaf` through `between` to `anchors`. A leaf that is itself an anchor is anchored. Members of
/// either list that cannot be read take no part, nor do those between that may not issue.
#[must_use]
pub fn follow(leaf: &[u8], between: &[Vec<u8>], anchors: &[Vec<u8>]) -> Chain {
    let between: Vec<X509Certificate<'_>> = between.iter().filter_map(|der| parse(der)).filter(|c| c.is_ca()).collect();
    let anchors: Vec<X509Certificate<'_>> = anchors.iter().filter_map(|der| parse(der)).collect();
    let Some(leaf) = parse(leaf) else { return Chain::Broken };
    if anchors.iter().any(|a| a.tbs_certificate.as_ref() == leaf.tbs_certificate.as_ref()) {
        return Chain::Anchored;
    }
    let mut current = &leaf;
    for _ in 0..MAX_STEPS {
        let signed = |issuer: &&X509Certificate<'_>| current.verify_signature(Some(issuer.public_key())).is_ok();
        let named = |issuer: &&X509Certificate<'_>| issuer.subject().as_raw() == current.issuer().as_raw();
        if anchors.iter().filter(named).any(|anchor| signed(&anchor)) {
            return Chain::Anchored;
        }
        match between.iter().filter(named).find(signed) {
            Some(issuer) => current = issuer,
            None if anchors.iter().chain(&between).any(|issuer| named(&issuer)) => return Chain::Broken,
            None => return Chain::Open,
        }
    }
    Chain::Open
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &str = include_str!("alipay/vectors/platform.crt");
    const ISSUER: &str = include_str!("alipay/vectors/issuer.crt");
    const ROOTS: &str = include_str!("alipay/vectors/roots.crt");

    #[test]
    fn facts_name_subject_issuer_serial_and_dates() {
        let facts = certificate_facts(LEAF);
        assert_eq!(facts.len(), 1);
        assert!(facts[0].issuer.contains("Vector Class 2 R1"), "{}", facts[0].issuer);
        assert!(facts[0].subject.contains("2088000000000001"), "{}", facts[0].subject);
        assert_eq!(facts[0].serial, "2024010100000000000000000000abcd");
        assert_eq!(facts[0].not_before, 1_704_067_200_000); // 2024-01-01T00:00:00Z
        assert_eq!(facts[0].not_after, 2_335_219_200_000); // 2044-01-01T00:00:00Z
        assert_eq!(facts[0].fingerprint.len(), 64);
        assert_eq!(certificate_facts(ROOTS).len(), 3);
    }

    #[test]
    fn text_around_and_crlf_do_not_matter() {
        let text = format!("subject=somebody\r\n{}\r\nbye", LEAF.replace('\n', "\r\n"));
        assert_eq!(certificate_facts(&text), certificate_facts(LEAF));
        let bare: String = LEAF.lines().filter(|l| !l.starts_with("---")).collect();
        assert_eq!(certificate_facts(&bare), certificate_facts(LEAF));
    }

    #[test]
    fn broken_texts_are_refused() {
        for text in [
            "",
            "hello",
            "AAAA",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nAAAA\n",
            "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----",
        ] {
            assert!(read_certificates(text).is_err(), "{text}");
            assert!(certificate_facts(text).is_empty());
        }
    }

    #[test]
    fn a_leaf_needs_every_link_up_to_the_anchor() {
        let leaf = read_certificates(LEAF).unwrap().remove(0);
        let issuer = read_certificates(ISSUER).unwrap();
        let roots = read_certificates(ROOTS).unwrap();
        assert_eq!(follow(&leaf, &issuer, &roots), Chain::Anchored);
        assert_eq!(follow(&leaf, &[], &issuer), Chain::Anchored);
        assert_eq!(follow(&leaf, &[], std::slice::from_ref(&leaf)), Chain::Anchored);
        assert_eq!(follow(&leaf, &[], &roots), Chain::Open, "the link between is missing");
        assert_eq!(follow(&leaf, &issuer, &roots[1..]), Chain::Open, "the right root is missing");
        assert_eq!(follow(&leaf, &roots, &[]), Chain::Open, "no anchor");
        assert_eq!(follow(&roots[0], &roots, &[]), Chain::Open, "round in a circle");
        let mut forged = leaf.clone();
        let last = forged.len() - 1;
        forged[last] ^= 1;
        assert_eq!(follow(&forged, &issuer, &roots), Chain::Broken, "the signature does not fit");
        assert_eq!(follow(&forged, &[], &issuer), Chain::Broken, "not even of the anchor");
        assert_eq!(follow(b"nonsense", &issuer, &roots), Chain::Broken);
    }
}
