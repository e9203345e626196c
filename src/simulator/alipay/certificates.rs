//! Certificate mode: a root bundle with a member that has to be skipped, an issuer, the platform's leaf and the merchant's
//! application certificate, and the serial numbers that travel in calls and answers.
//!
//! Provider's document: 证书模式 (app_cert_sn, alipay_root_cert_sn, alipay_cert_sn).

use super::signature::KeyFault;
use md5::{Digest as _, Md5};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, SerialNumber};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Everything an AppID in certificate mode hands to its merchant, and the numbers the gateway compares.
#[derive(Debug, Clone)]
pub struct Certificates {
    pub app_cert_pem: String,
    /// The leaf first, then its issuer, as the console's file has it.
    pub alipay_cert_pem: String,
    pub root_bundle_pem: String,
    pub app_cert_sn: String,
    pub alipay_cert_sn: String,
    pub root_cert_sn: String,
}

/// Private keys (PKCS#8) from which the certificates are made.
pub struct IssuingKeys<'a> {
    pub root: &'a [u8],
    pub second_root: &'a [u8],
    pub issuer: &'a [u8],
    pub platform: &'a [u8],
    pub merchant: &'a [u8],
}

/// Who the two leaves belong to.
pub struct Subjects<'a> {
    pub app_id: &'a str,
    pub seller_id: &'a str,
    pub seller_email: &'a str,
}

/// Makes the whole set. The same keys give the same numbers.
///
/// # Errors
/// When a key is none.
pub fn issue(keys: &IssuingKeys<'_>, subjects: &Subjects<'_>) -> Result<Certificates, KeyFault> {
    let root_key = rsa_pair(keys.root)?;
    let root =
        authority(&["SIM Financial", "Certification Authority", "SIM Financial Certification Authority R1"], &[0x1f, 0xd1]);
    let root_cert = root.self_signed(&root_key).map_err(|e| KeyFault::of("root", e))?;

    let ecdsa_key = KeyPair::generate().map_err(|e| KeyFault::of("ecdsa root", e))?;
    let ecdsa =
        authority(&["SIM Financial", "Certification Authority", "SIM Financial Certification Authority E1"], &[0x41, 0x7e]);
    let ecdsa_cert = ecdsa.self_signed(&ecdsa_key).map_err(|e| KeyFault::of("ecdsa root", e))?;

    let second_key = rsa_pair(keys.second_root)?;
    // Twenty bytes with the top bit clear: the longest serial number a certificate may have.
    let second = authority(&["SIMTrust", "SIM Trust Network", "SIMTrust Class 2 Root CA - G3"], &[0x10; 20]);
    let second_cert = second.self_signed(&second_key).map_err(|e| KeyFault::of("second root", e))?;

    let issuer_key = rsa_pair(keys.issuer)?;
    let issuer =
        authority(&["SIM Financial", "Certification Authority", "SIM Financial Certification Authority Class 2 R1"], &[0x20; 16]);
    let root_issuer = Issuer::from_params(&root, &root_key);
    let issuer_cert = issuer.signed_by(&issuer_key, &root_issuer).map_err(|e| KeyFault::of("issuer", e))?;
    let issuer = Issuer::from_params(&issuer, &issuer_key);

    let platform_name = format!("支付宝(模拟)网络技术有限公司-{}", subjects.seller_id);
    let leaf =
        leaf(&["Simulator", "Alipay", &platform_name], &[0x20, 0x24, 0x01, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xcd]);
    let leaf_cert = leaf.signed_by(&rsa_pair(keys.platform)?, &issuer).map_err(|e| KeyFault::of("platform leaf", e))?;

    let app_name = format!("{}-{}", subjects.seller_id, subjects.app_id);
    let app = self::leaf(&[subjects.seller_email, "Alipay", &app_name], &[0x20, 0x24, 0x01, 0x01, 0xf0, 0xe0, 0xd0, 0xc0, 0xb0]);
    let app_cert = app.signed_by(&rsa_pair(keys.merchant)?, &issuer).map_err(|e| KeyFault::of("application", e))?;

    Ok(Certificates {
        app_cert_sn: serial_number(app_cert.der())?,
        alipay_cert_sn: serial_number(leaf_cert.der())?,
        root_cert_sn: bundle_number(&[root_cert.der(), ecdsa_cert.der(), second_cert.der()])?,
        app_cert_pem: app_cert.pem(),
        alipay_cert_pem: leaf_cert.pem() + &issuer_cert.pem(),
        root_bundle_pem: root_cert.pem() + &ecdsa_cert.pem() + &second_cert.pem(),
    })
}

fn rsa_pair(pkcs8: &[u8]) -> Result<KeyPair, KeyFault> {
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(pkcs8);
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).map_err(|e| KeyFault::of("certificate key", e))
}

fn subject(organisation_unit_name: &[&str; 3], serial: &[u8]) -> CertificateParams {
    let [organisation, unit, name] = organisation_unit_name;
    let mut dn = DistinguishedName::new();
    dn.push(DnType::CountryName, "CN");
    dn.push(DnType::OrganizationName, *organisation);
    dn.push(DnType::OrganizationalUnitName, *unit);
    dn.push(DnType::CommonName, *name);
    let mut params = CertificateParams::default();
    params.distinguished_name = dn;
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(2044, 1, 1);
    params
}

fn authority(names: &[&str; 3], serial: &[u8]) -> CertificateParams {
    let mut params = subject(names, serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn leaf(names: &[&str; 3], serial: &[u8]) -> CertificateParams {
    let mut params = subject(names, serial);
    params.is_ca = IsCa::ExplicitNoCa;
    params
}

/// MD5 over the issuer's name, last part first, and the decimal serial number.
///
/// # Errors
/// When the bytes are no certificate or its issuer has an attribute without a short name.
pub fn serial_number(der: &[u8]) -> Result<String, KeyFault> {
    let (_, cert) = X509Certificate::from_der(der).map_err(|e| KeyFault::of("certificate", e))?;
    let mut parts = Vec::new();
    for attribute in cert.issuer().iter_attributes() {
        let kind = match attribute.attr_type().to_id_string().as_str() {
            "2.5.4.3" => "CN",
            "2.5.4.6" => "C",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            other => return Err(KeyFault::of("issuer attribute", other)),
        };
        let value = attribute.as_str().map_err(|e| KeyFault::of("issuer value", e))?;
        parts.push(format!("{kind}={value}"));
    }
    parts.reverse();
    Ok(hex::encode(Md5::digest(parts.join(",") + &cert.tbs_certificate.serial.to_string())))
}

/// The numbers of the bundle's RSA-signed members in their order; members signed in another way do not count.
///
/// # Errors
/// As [`serial_number`].
pub fn bundle_number(members: &[&[u8]]) -> Result<String, KeyFault> {
    let mut numbers = Vec::new();
    for der in members {
        let (_, cert) = X509Certificate::from_der(der).map_err(|e| KeyFault::of("root bundle", e))?;
        if cert.signature_algorithm.algorithm.to_id_string().starts_with("1.2.840.113549.1.1.") {
            numbers.push(serial_number(der)?);
        }
    }
    Ok(numbers.join("_"))
}
