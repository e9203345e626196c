//! The gateway's own authority: root, middle, the leaf that signs messages, the merchant's leaf, and leaves that nobody
//! should believe.
//!
//! Specification 5.1.0, chapter 证书. Middle and leaves are made anew at every start, with the same keys and numbers under
//! the same seed.

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, SerialNumber};

/// The name UnionPay's certificates bear, whose third part is what merchants look at.
const PLATFORM_NAME: &str = "041@8310000000083040@中国银联股份有限公司@00016495";

/// Private keys (PKCS#8) from which the certificates are made.
pub struct Keys<'a> {
    pub root: &'a [u8],
    pub middle: &'a [u8],
    pub platform: &'a [u8],
    pub merchant: &'a [u8],
}

/// PEM texts, with lines ending in LF.
#[derive(Debug, Clone)]
pub struct Certificates {
    pub root: String,
    pub middle: String,
    pub merchant: String,
    /// Signs messages.
    pub platform: String,
    /// Signs messages after a rotation.
    pub next: String,
    /// Issued by the same authority for somebody else.
    pub stranger: String,
    /// UnionPay's, of the past.
    pub expired: String,
    /// With UnionPay's name, issued by somebody else.
    pub foreign: String,
}

/// Serial number of the merchant's certificate; its decimal form is the `certId`.
pub const MERCHANT_SERIAL: [u8; 5] = [0x10, 0x46, 0x90, 0x02, 0x01];

/// # Errors
/// When a key is none.
pub fn issue(keys: &Keys<'_>, mer_id: &str) -> Result<Certificates, rcgen::Error> {
    let root_key = pair(keys.root)?;
    let root = authority("SIM TEST CS CA", &[0x52, 0x13, 0x7e, 0xcc, 0, 1]);
    let root_cert = root.self_signed(&root_key)?;
    let middle_key = pair(keys.middle)?;
    let middle = authority("SIM TEST OCA1", &[0x18, 0xd0, 0xf3, 0xfc, 0, 1]);
    let middle_cert = middle.signed_by(&middle_key, &Issuer::from_params(&root, &root_key))?;
    let issuer = Issuer::from_params(&middle, &middle_key);
    // Somebody else who calls himself the same.
    let forger = Issuer::from_params(&middle, &root_key);

    let platform_key = pair(keys.platform)?;
    let leaf = |name: &str, serial: u8, years: (i32, i32)| {
        let mut params = subject(name, &[0x10, 0x39, 0x30, 0x85, serial]);
        params.is_ca = IsCa::ExplicitNoCa;
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        params
    };
    let merchant_name = format!("041@Z2024-01-01@{mer_id}:SIGN@00000001");
    let mut merchant = leaf(&merchant_name, 0, (2020, 2044));
    merchant.serial_number = Some(SerialNumber::from_slice(&MERCHANT_SERIAL));
    Ok(Certificates {
        root: root_cert.pem(),
        middle: middle_cert.pem(),
        merchant: merchant.signed_by(&pair(keys.merchant)?, &issuer)?.pem(),
        platform: leaf(PLATFORM_NAME, 1, (2020, 2044)).signed_by(&platform_key, &issuer)?.pem(),
        next: leaf(PLATFORM_NAME, 2, (2020, 2044)).signed_by(&platform_key, &issuer)?.pem(),
        stranger: leaf("041@Z2024-01-01@777290058199999:SIGN@00000009", 3, (2020, 2044)).signed_by(&platform_key, &issuer)?.pem(),
        expired: leaf(PLATFORM_NAME, 4, (2012, 2017)).signed_by(&platform_key, &issuer)?.pem(),
        foreign: leaf(PLATFORM_NAME, 5, (2020, 2044)).signed_by(&platform_key, &forger)?.pem(),
    })
}

fn pair(pkcs8: &[u8]) -> Result<KeyPair, rcgen::Error> {
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(pkcs8);
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256)
}

fn subject(name: &str, serial: &[u8]) -> CertificateParams {
    let mut dn = DistinguishedName::new();
    dn.push(DnType::CountryName, "cn");
    dn.push(DnType::OrganizationName, "SIM OCA1");
    dn.push(DnType::OrganizationalUnitName, "Enterprises");
    dn.push(DnType::CommonName, name);
    let mut params = CertificateParams::default();
    params.distinguished_name = dn;
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params
}

fn authority(name: &str, serial: &[u8]) -> CertificateParams {
    let mut params = subject(name, serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = rcgen::date_time_ymd(2012, 1, 1);
    params.not_after = rcgen::date_time_ymd(2044, 1, 1);
    params
}
