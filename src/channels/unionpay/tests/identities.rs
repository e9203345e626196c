//! Who is who: our file, their certificate, and everybody else's.

use super::super::pfx::Signer;
use super::super::trust::{Distrust, Trust};
use super::*;
use p12_keystore::{Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKeyChain};
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, PKCS_RSA_SHA256};

fn der(pem: &str) -> Vec<u8> {
    certificates::read_certificates(pem).unwrap().remove(0)
}

fn pfx(chain: &[&str], encryption: EncryptionAlgorithm, mac: MacAlgorithm) -> Vec<u8> {
    let certificates = chain.iter().map(|pem| Certificate::from_der(&der(pem)).unwrap());
    let key = STANDARD.decode(MERCHANT_KEY.replace('\n', "")).unwrap();
    let mut store = KeyStore::new();
    store.add_entry("sign", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(key, [7], certificates)));
    store
        .writer(PASSWORD)
        .encryption_algorithm(encryption)
        .encryption_iterations(20)
        .mac_algorithm(mac)
        .mac_iterations(20)
        .write()
        .unwrap()
}

// Pitfalls 6 and 7, and W's PKCS#12: 3DES for the key, RC2 with 40 bits for the certificates.
#[test]
fn every_cipher_of_such_files_is_read() {
    use EncryptionAlgorithm as E;
    let given = STANDARD.decode(MERCHANT_PFX.replace('\n', "")).unwrap();
    let mut files = vec![given];
    for encryption in [E::PbeWithShaAnd3KeyTripleDesCbc, E::PbeWithShaAnd40BitRc4Cbc, E::PbeWithHmacSha256AndAes256] {
        for mac in [MacAlgorithm::HmacSha1, MacAlgorithm::HmacSha256] {
            files.push(pfx(&[MERCHANT, MIDDLE, ROOT], encryption, mac));
        }
    }
    for file in files {
        let signer = Signer::open(&file, PASSWORD).unwrap();
        assert_eq!(signer.cert_id, "69903319041", "decimal, of the certificate that has the key");
        assert_eq!(word(Signer::open(&file, "000001")), "sign_pfx_password: does not open the file");
    }
}

#[test]
fn the_certificate_with_the_key_is_chosen_wherever_it_stands() {
    let file = pfx(&[MIDDLE, ROOT, MERCHANT], EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256);
    match Signer::open(&file, PASSWORD) {
        Ok(signer) => assert_eq!(signer.cert_id, "69903319041"),
        // Or none: but never the issuer's.
        Err(error) => assert_eq!(error.to_string(), "sign_pfx: holds no private key with its certificate"),
    }
    let stranger = pfx(&[PLATFORM], EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256);
    assert_eq!(word(Signer::open(&stranger, PASSWORD)), "sign_pfx: holds no private key with its certificate");
}

#[test]
fn serial_numbers_are_decimal() {
    for (hex, decimal) in [("1046900149", "69903319369"), ("1002653215", "68759663125")] {
        let mut params = CertificateParams::default();
        params.serial_number = Some(rcgen::SerialNumber::from_slice(&hex::decode(hex).unwrap()));
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert_eq!(certificates::parse(made.der()).unwrap().tbs_certificate.serial.to_string(), decimal);
    }
}

fn word<T>(result: Result<T, ChannelError>) -> String {
    result.err().map_or_else(|| "ok".to_owned(), |error| error.to_string())
}

#[test]
fn credentials_are_checked_at_the_door() {
    let no_file = STANDARD.encode("no file at all");
    for (pairs, expected) in [
        (vec![], "ok"),
        (vec![("encrypt_cert_pem", PLATFORM)], "ok"),
        (vec![("mer_id", "")], "mer_id: is missing"),
        (vec![("mer_id", "77729005810000")], "mer_id: must be 15 letters and digits"),
        (vec![("sign_pfx", "")], "sign_pfx: is missing"),
        (vec![("sign_pfx", "%%")], "sign_pfx: is not base64"),
        (vec![("sign_pfx", no_file.as_str())], "sign_pfx: is not a PKCS#12 file (.pfx, .p12)"),
        (vec![("sign_pfx_password", "")], "sign_pfx_password: is missing"),
        (vec![("sign_pfx_password", "111111")], "sign_pfx_password: does not open the file"),
        (vec![("middle_cert_pem", "")], "middle_cert_pem: is missing"),
        (vec![("middle_cert_pem", MERCHANT)], "middle_cert_pem: was not issued by the root certificate"),
        (vec![("root_cert_pem", MIDDLE), ("middle_cert_pem", ROOT)], "middle_cert_pem: was not issued by the root certificate"),
        (vec![("root_cert_pem", "x")], "root_cert_pem: is neither PEM nor base64"),
        (vec![("encrypt_cert_pem", "x")], "encrypt_cert_pem: is neither PEM nor base64"),
    ] {
        assert_eq!(word(open_at(None, &pairs)), expected);
    }
}

/// A small authority of the test's own, with the platform's key in every leaf.
struct Authority {
    root: rcgen::Certificate,
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::try_from(STANDARD.decode(MERCHANT_KEY.replace('\n', "")).unwrap().as_slice()).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name = named(&["TEST CA"]);
        let root = params.self_signed(&key).unwrap();
        Self { root, params, key }
    }

    fn leaf(&self, names: &[&str], years: (i32, i32)) -> String {
        let pkcs8 = STANDARD.decode(PLATFORM_KEY.replace('\n', "")).unwrap();
        let pkcs8 = rustls::pki_types::PrivatePkcs8KeyDer::from(pkcs8.as_slice());
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = named(names);
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap().pem()
    }

    fn trust(&self, is_production: bool) -> Trust {
        let pem = self.root.pem();
        let map = super::credentials(&[("middle_cert_pem", &pem), ("root_cert_pem", &pem)]);
        Trust::read(&credentials::Fields::new(&map), is_production).unwrap()
    }
}

fn named(names: &[&str]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for common in names {
        name.push(DnType::CommonName, *common);
    }
    name
}

fn signed_by(certificate: &str) -> Fields {
    theirs(&[("signPubKeyCert", &crlf(certificate)), ("orderId", PAY_NO)])
}

// Pitfall 5.
#[test]
fn only_certificates_made_out_to_unionpay_count() {
    let authority = Authority::new();
    let (live, test) = (authority.trust(true), authority.trust(false));
    for (name, in_production, in_test) in [
        ("041@8310000000083040@中国银联股份有限公司@00016495", true, true),
        ("041@Z12@00040000:SIGN@00000062", false, true),
        ("041@Z2014-11-11@700000000000001:SIGN@00000003", false, false),
        ("041@中国银联股份有限公司", false, false),
        ("中国银联股份有限公司", false, false),
        ("@@中国银联股份有限公司 ", false, false),
        ("041@8310000000083040@x中国银联股份有限公司@00016495", false, false),
        ("", false, false),
    ] {
        let message = signed_by(&authority.leaf(&[name], (2024, 2044)));
        assert_eq!(live.verify(&message, NOON).is_ok(), in_production, "{name}");
        assert_eq!(test.verify(&message, NOON).is_ok(), in_test, "{name}");
    }
}

#[test]
fn a_merchants_certificate_signs_nothing_of_unionpays() {
    let trust = Trust::read(&credentials::Fields::new(&super::credentials(&[])), true).unwrap();
    let notice = message::read_form(include_bytes!("../vectors/w2.body")).unwrap();
    let mut forged = notice.clone();
    forged.insert("signPubKeyCert".to_owned(), crlf(MERCHANT));
    let forged = sign_with(&SigningKey::read(MERCHANT_KEY).unwrap(), forged);
    assert_eq!(trust.verify(&forged, NOON), Err(Distrust::Name), "the same authority issued it");
    let mut lent = notice;
    lent.insert("signPubKeyCert".to_owned(), crlf(PLATFORM));
    let lent = sign_with(&SigningKey::read(MERCHANT_KEY).unwrap(), lent);
    assert_eq!(trust.verify(&lent, NOON), Err(Distrust::Signature), "with their certificate but another key");
}

// Pitfall 14.
#[test]
fn a_new_certificate_is_believed_and_an_old_one_is_not() {
    let authority = Authority::new();
    let trust = authority.trust(true);
    let name = "041@8310000000083040@中国银联股份有限公司@00016495";
    for years in [(2020, 2025), (2023, 2030)] {
        assert_eq!(trust.verify(&signed_by(&authority.leaf(&[name], years)), NOON), Ok(()));
    }
    for years in [(2020, 2024), (2025, 2030)] {
        assert_eq!(trust.verify(&signed_by(&authority.leaf(&[name], years)), NOON), Err(Distrust::Dates));
    }
    assert_eq!(Authority::new().trust(true).verify(&signed_by(PLATFORM), NOON), Err(Distrust::Chain));
    let two = format!("{}{PLATFORM}", authority.leaf(&[name], (2020, 2030)));
    assert_eq!(trust.verify(&signed_by(&two), NOON), Err(Distrust::Unreadable), "one certificate, no choice");
}
