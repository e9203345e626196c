//! Certificate mode: the serial numbers that travel with requests and replies, and the keys inside certificates.
//!
//! Provider's document: 公钥证书方式接入, section on computing `app_cert_sn` and `alipay_root_cert_sn`.

use crate::channels::certificates;
use md5::{Digest, Md5};
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::prelude::{X509Certificate, X509Name};

/// Every RSA signature algorithm lives under this arc; the SM2 and ECDSA members of the root bundle do not.
const RSA_FAMILY: &str = "1.2.840.113549.1.1.";

/// The serial number Alipay gives a certificate: a digest of its issuer and its number.
#[must_use]
pub fn serial_number(certificate: &X509Certificate<'_>) -> String {
    digest(&issuer_text(certificate.issuer()), &certificate.tbs_certificate.serial.to_string())
}

/// Lower-case hex of MD5 over issuer text and decimal serial number.
fn digest(issuer: &str, decimal_serial: &str) -> String {
    hex::encode(Md5::new().chain_update(issuer).chain_update(decimal_serial).finalize())
}

/// The issuer's parts from the most specific to the country, `CN=…,OU=…,O=…,C=…`, values plain.
fn issuer_text(issuer: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = issuer
        .iter_attributes()
        .map(|attribute| {
            let kind = oid2abbrev(attribute.attr_type(), oid_registry())
                .map_or_else(|_| attribute.attr_type().to_id_string(), str::to_owned);
            format!("{kind}={}", String::from_utf8_lossy(attribute.as_slice()))
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

/// The serial numbers of the bundle's RSA-signed members in file order, joined by `_`; `None` when it has none. A member
/// that cannot be read is skipped like one of another family.
#[must_use]
pub fn root_serial_number(bundle: &[Vec<u8>]) -> Option<String> {
    let numbers: Vec<String> = bundle
        .iter()
        .filter_map(|der| certificates::parse(der))
        .filter(|certificate| certificate.signature_algorithm.algorithm.to_id_string().starts_with(RSA_FAMILY))
        .map(|certificate| serial_number(&certificate))
        .collect();
    if numbers.is_empty() { None } else { Some(numbers.join("_")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pem: &str) -> Vec<u8> {
        certificates::read_certificates(pem).unwrap().remove(0)
    }

    fn number_of(pem: &str) -> String {
        serial_number(&certificates::parse(&one(pem)).unwrap())
    }

    // C-1: texts and results of real certificates.
    #[test]
    fn published_issuers_give_their_published_numbers() {
        for (issuer, serial, expected) in [
            (
                "CN=Ant Financial Certification Authority Class 1 R1,OU=Certification Authority,O=Ant Financial,C=CN",
                "42701552708448241360226107228231049510",
                "866efef280dec9137a87d047ac446315",
            ),
            (
                "CN=Ant Financial Certification Authority Class 2 R1,OU=Certification Authority,O=Ant Financial,C=CN",
                "42701552432456004857627230056898180491",
                "7513daaaa48aa3ba2e4018d84402479c",
            ),
            (
                "CN=Ant Financial Certification Authority Class 2 R1 test,OU=Certification Authority test,O=Ant Financial test,C=CN",
                "42717148566940702771351790021258524976",
                "e90dd23a37c5c7b616e003970817ff82",
            ),
            (
                "CN=Ant Financial Certification Authority R1,OU=Certification Authority,O=Ant Financial,C=CN",
                "2292228364100439313",
                "687b59193f3f462dd5336e5abf83c5d8",
            ),
            (
                "CN=iTrusChina Class 2 Root CA - G3,OU=China Trust Network,O=iTrusChina,C=CN",
                "95790491425698859646659490580052089075020051350",
                "02941eef3187dddf3d3b83462e1dfcf6",
            ),
            ("CN=ROOTCA,O=NRCAC,C=CN", "7629940819692799611", "9e64d67d36446de33aae13a33a89e5a7"),
            (
                "CN=Ant Financial Certification Authority E1,OU=Certification Authority,O=Ant Financial,C=CN",
                "4719484692854726474",
                "8af620707e5ddd8c7e76747e86a604dc",
            ),
        ] {
            assert_eq!(digest(issuer, serial), expected, "{issuer}");
        }
    }

    // W-10, and pitfall 15: order of the issuer's parts, decimal serial.
    #[test]
    fn certificates_give_their_numbers() {
        let app = one(include_str!("vectors/app.crt"));
        let app = certificates::parse(&app).unwrap();
        assert_eq!(issuer_text(app.issuer()), "CN=Vector Class 2 R1,OU=Certification Authority,O=Vector Financial,C=CN");
        assert_eq!(app.tbs_certificate.serial.to_string(), "42722238988210515440930809233402777664");
        assert_eq!(serial_number(&app), "299e68bffbc7c22884cb9d012285bd94");
        assert_eq!(number_of(include_str!("vectors/platform.crt")), "e81f3cd4ab54e71af1f9a69b9d9cf175");
    }

    // W-10, and pitfall 15: only the RSA members count.
    #[test]
    fn the_root_number_skips_members_that_are_not_rsa() {
        let mut bundle = certificates::read_certificates(include_str!("vectors/roots.crt")).unwrap();
        let expected = "408202301f65af253e8591e7f55a8564_d240f4853affea3558f63340f81c8b5a";
        assert_eq!(root_serial_number(&bundle).as_deref(), Some(expected));
        bundle.insert(1, b"no certificate that anybody could parse".to_vec());
        assert_eq!(root_serial_number(&bundle).as_deref(), Some(expected), "an unreadable member is skipped");
        assert_eq!(root_serial_number(&bundle[1..3]), None, "nothing but foreign families");
    }
}
