//! Published and constructed messages, both directions. The real ones come from the provider's test environment.

use super::super::pfx::Signer;
use super::super::trust::{Distrust, Trust};
use super::*;
use sha1::Sha1;
use sha2::{Digest, Sha256};

const CFCA_ROOT: &str = include_str!("../vectors/cfca_root.crt");
const CFCA_MIDDLE: &str = include_str!("../vectors/cfca_middle.crt");
const CFCA_LEAF: &str = include_str!("../vectors/cfca_leaf.crt");
const CFCA_MERCHANT: &str = include_str!("../vectors/cfca_merchant.pub");

/// 2024-01-05 14:50:46 in Shanghai, when most of the real messages were sent.
const THEN: i64 = 1_704_437_446_000;

macro_rules! vector {
    ($name:literal) => {
        (include_str!(concat!("../vectors/", $name, ".text")), include_str!(concat!("../vectors/", $name, ".sign")))
    };
}

fn signer() -> Signer {
    let file = STANDARD.decode(MERCHANT_PFX.replace('\n', "")).unwrap();
    Signer::open(&file, PASSWORD).unwrap()
}

fn real_trust() -> Trust {
    let map = super::credentials(&[("middle_cert_pem", CFCA_MIDDLE), ("root_cert_pem", CFCA_ROOT)]);
    Trust::read(&credentials::Fields::new(&map), true).unwrap()
}

fn trust() -> Trust {
    Trust::read(&credentials::Fields::new(&super::credentials(&[])), true).unwrap()
}

/// A text of the vectors, with the certificate it stands for and its signature.
fn message_of((text, signature): (&str, &str), certificate: &str) -> Fields {
    let mut fields = cut(text);
    if fields.contains_key("signPubKeyCert") {
        fields.insert("signPubKeyCert".to_owned(), crlf(certificate));
    }
    fields.insert("signature".to_owned(), signature.to_owned());
    fields
}

// P-1 to P-4: requests that the provider accepted.
#[test]
fn real_requests_verify_with_the_merchants_key() {
    let key = verifying(CFCA_MERCHANT);
    for (vector, digest) in [
        (vector!("p1"), "73c16a60437ae4c56e7574970d952771c143448bddfb499587ef8bdaa95f766e"),
        (vector!("p2"), "089656b0a87e64e2aaa60b71485fd57d0afab55777494f16d452ce1d66e5579e"),
        (vector!("p3"), "5228e222bc00218bb96016b2554b0164152403e5ef936812e5f51d60d2ceb88a"),
        (vector!("p4"), "17d5b5dc65dcbd17efe91b7f0d15fed641f7deabd19a0c41d5e8d31ac66b9906"),
    ] {
        let fields = message_of(vector, CFCA_LEAF);
        assert_eq!(message::text(&fields), vector.0);
        assert_eq!(message::digest(&fields), digest);
        let signature = STANDARD.decode(vector.1).unwrap();
        assert!(key.verify_sha256(digest.as_bytes(), &signature));
        // Pitfall 3: neither other letters, nor the bytes, nor one digest only.
        assert!(!key.verify_sha256(digest.to_uppercase().as_bytes(), &signature));
        assert!(!key.verify_sha256(&hex::decode(digest).unwrap(), &signature));
        assert!(!key.verify_sha256(vector.0.as_bytes(), &signature));
    }
}

// P-5 to P-8, and pitfall 6: the real chain is signed with SHA-1.
#[test]
fn real_answers_and_notices_are_believed() {
    let trust = real_trust();
    for (vector, digest) in [
        (vector!("p5"), "0a5c8aaec190c6f65379db41f9baa5a92a02fdd59269246507705abad9e4acbd"),
        (vector!("p6"), "a92bb9e8c5a322f672bc173d62b0dc83a11552b4c8e621addbd4e846d400eab9"),
        (vector!("p7"), "e48da059a3baee5367050c84375bc1eeaa2666a3647f257b49d96604f71fa367"),
        (vector!("p8"), "39be34ceac545612fdca7c9bfc765aba9959ab14e840cc111d3ebdd507b0d371"),
    ] {
        let fields = message_of(vector, CFCA_LEAF);
        assert_eq!(message::digest(&fields), digest);
        assert_eq!(trust.verify(&fields, THEN), Ok(()));
        assert_eq!(message::read_answer(wire(&fields).as_bytes()).unwrap(), fields, "it survives the way it travels");
        let mut changed = fields.clone();
        changed.insert("txnAmt".to_owned(), "2".to_owned());
        assert_eq!(trust.verify(&changed, THEN), Err(Distrust::Signature));
        // 2025-07-31 has passed.
        assert_eq!(trust.verify(&fields, THEN + 2 * 365 * 24 * 60 * MINUTE), Err(Distrust::Dates));
        assert_eq!(super::vectors::trust().verify(&fields, THEN), Err(Distrust::Chain), "another root");
    }
}

// W-1, W-3, W-5, W-6; the signature has one possible value.
#[test]
fn constructed_requests_are_signed_to_the_letter() {
    let signer = signer();
    assert_eq!(signer.cert_id, "69903319041");
    for vector in [vector!("w1"), vector!("w3"), vector!("w5"), vector!("w6")] {
        let mut fields = cut(vector.0);
        fields.remove("certId");
        fields.insert("orderDesc".to_owned(), String::new());
        let signed = signer.sign(fields).unwrap();
        assert_eq!(message::text(&signed), vector.0);
        assert_eq!(signed["signature"], vector.1);
        assert!(!signed.contains_key("orderDesc"));
    }
    let body = message::read_form(include_bytes!("../vectors/w1.body")).unwrap();
    assert_eq!(body, message_of(vector!("w1"), PLATFORM));
    let ours = message::form(&body);
    let sorted = |text: &str| text.split('&').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sorted(&ours), sorted(include_str!("../vectors/w1.body")), "encoded to the letter");
}

// W-4 and W-2, and pitfalls 1 and 2.
#[test]
fn constructed_answers_and_notices_are_believed() {
    let trust = trust();
    let answer = message_of(vector!("w4"), PLATFORM);
    let body = wire(&answer);
    assert_eq!(
        hex::encode(Sha256::digest(&body)),
        "68c790ecb9abf7800265b4a18dcbd06659433207a5a1f586f8f36f2373f28f2f",
        "the body of the vector"
    );
    let read = message::read_answer(body.as_bytes()).unwrap();
    assert_eq!(read["reqReserved"], "{a=1&b=2}");
    assert_eq!(trust.verify(&read, NOON), Ok(()));
    let decoded = message::read_form(body.as_bytes()).unwrap_or_default();
    assert!(trust.verify(&decoded, NOON).is_err(), "a form decoder spoils it");

    let notice = message::read_form(include_bytes!("../vectors/w2.body")).unwrap();
    assert_eq!(message::text(&notice).len(), 1711);
    assert_eq!(message::digest(&notice), "02e85869f22dea9089da1888d29825a465260b1babd749ecac23a6d669549266");
    assert_eq!(trust.verify(&notice, NOON), Ok(()));
    let mut stripped = notice.clone();
    stripped.insert("signPubKeyCert".to_owned(), notice["signPubKeyCert"].replace("\r\n", "\n"));
    assert_eq!(trust.verify(&stripped, NOON), Err(Distrust::Signature), "line ends are signed");
    let mut changed = notice.clone();
    changed.insert("txnAmt".to_owned(), "8889".to_owned());
    assert_eq!(trust.verify(&changed, NOON), Err(Distrust::Signature));
    let mut bare = notice;
    bare.remove("signature");
    assert_eq!(trust.verify(&bare, NOON), Err(Distrust::Signature));
    bare.remove("signPubKeyCert");
    assert_eq!(trust.verify(&bare, NOON), Err(Distrust::NoCertificate));
}

// W-7 and W-8: the older and the keyed way are not spoken here, but they sign the same text.
#[test]
fn the_other_ways_sign_the_same_text() {
    let text = include_str!("../vectors/w7.text");
    assert_eq!(message::text(&cut(text)), text);
    let inner = hex::encode(Sha256::digest("2c7407dd5aad1463297eabccfc4ad979"));
    assert_eq!(inner, "702f9e350ffd8bf8fa8433ccfe76699f091f9fe4986ace7cf942064959b54731");
    let keyed = hex::encode(Sha256::digest(format!("{text}&{inner}")));
    assert_eq!(keyed, "2b291aeb873e97b0caf24689b90f8e8d013a43e494bda4eabeb7c305b1a4e3ee");
    let trust = trust();
    let mut with_key = cut(text);
    with_key.insert("signature".to_owned(), keyed);
    assert_eq!(trust.verify(&with_key, NOON), Err(Distrust::NoCertificate), "no way around the certificate");

    let (text, signature) = vector!("w8");
    let digest = hex::encode(Sha1::digest(message::text(&cut(text))));
    assert_eq!(digest, "aafc2f6bc3aa7dea2cdca94505beccba3a2360dd");
    assert!(verifying(MERCHANT).verify_sha1(digest.as_bytes(), &STANDARD.decode(signature).unwrap()));
}

// P-9 belongs to another product (QRA) whose text is made by the same rule.
#[test]
fn the_cousins_text_is_made_by_the_same_rule() {
    let mut text = message::text(&fields(&[
        ("auth_code", "131969896307360385"),
        ("body", "测试商品"),
        ("charset", "UTF-8"),
        ("mch_create_ip", "127.0.0.1"),
        ("mch_id", "QRA29045311KKR1"),
        ("nonce_str", "UhxOr4kzerPGku9wCaVQyfd1zisoAnAm"),
        ("op_device_id", "123"),
        ("out_trade_no", "pos-qra-20240106163401"),
        ("service", "unified.trade.micropay"),
        ("sign_type", "MD5"),
        ("terminal_info", r#"{"device_type":"07","terminal_id":"123"}"#),
        ("total_fee", "1"),
    ]));
    text.push_str("&key=979da4cfccbae7923641daa5dd7047c2"); // published with the vector
    assert_eq!(hex::encode_upper(md5::Md5::digest(text)), "DB571C2F75C657B42485CD07470F0FB9");
}
