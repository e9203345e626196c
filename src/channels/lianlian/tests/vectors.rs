//! Every published and constructed vector, in both directions where there is a key for it.

#[path = "vector_data.rs"]
mod data;

use super::*;
use md5::{Digest, Md5};

fn changed(mut message: Message) -> Message {
    message.insert("money_order".to_owned(), "0.02".to_owned());
    message.insert("money_refund".to_owned(), "0.02".to_owned());
    message
}

// 3.1.
#[test]
fn the_notice_of_the_official_page_signs_and_verifies() {
    let (text, key, sign) = data::NOTICE_OF_THE_PAGE;
    let message = message_of(text);
    assert_eq!(sign::text(&message), text);
    let keys = md5_keys(key);
    let sealed = keys.seal(message).unwrap();
    assert_eq!(sealed["sign"], sign);
    assert!(keys.verify(&sealed));
    assert!(!keys.verify(&changed(sealed)));
}

// 3.2.
#[test]
fn a_real_answer_verifies_with_the_published_key() {
    let (text, digest, sign) = data::REAL_ANSWER;
    let mut message = message_of(text);
    assert_eq!(hex::encode(Md5::digest(sign::text(&message))), digest);
    message.insert("sign".to_owned(), sign.to_owned());
    let keys = rsa_keys();
    assert!(keys.verify(&message));
    assert!(!keys.verify(&changed(message.clone())));
    message.insert("sign".to_owned(), format!("{}\n{}", &sign[..76], &sign[76..]));
    assert!(keys.verify(&message), "wrapped base64");
    assert!(!md5_keys(MD5_KEY).verify(&message), "another way of signing than the account's");
}

// 3.3, web.
#[test]
fn a_web_request_signs_both_ways() {
    let (text, md5, digest, rsa) = data::WEB;
    let message = message_of(text);
    assert_eq!(sign::text(&message), text);
    let sealed = md5_keys(MD5_KEY).seal(message.clone()).unwrap();
    assert_eq!(sealed["sign"], md5);
    assert!(md5_keys(MD5_KEY).verify(&sealed));
    let sealed = rsa_keys().seal(message).unwrap();
    assert_eq!(hex::encode(Md5::digest(sign::text(&sealed))), digest);
    assert_eq!(sealed["sign"], rsa);
    // Seen from the other side: the throw-away key's public half verifies it.
    let pairs = [("sign_type", "RSA"), ("private_key_pem", &other_key()), ("platform_public_key_pem", THROWAWAY_PUBLIC)];
    let other_side = Keys::open(&Fields::new(&credentials(&pairs))).unwrap();
    assert!(other_side.verify(&sealed));
    assert!(!other_side.verify(&changed(sealed)));
}

/// Some other private key, since nobody may have LianLian's key as his own.
fn other_key() -> String {
    use rsa::pkcs8::EncodePrivateKey;
    crate::channels::keys::pem("PRIVATE KEY", crate::channels::keys::tests::KEY.to_pkcs8_der().unwrap().as_bytes())
}

// 3.3, WAP.
#[test]
fn a_wap_request_signs_and_travels_as_one_json() {
    let (text, sign, req_data) = data::WAP;
    let message = message_of(text);
    assert_eq!(sign::text(&message), text);
    let sealed = md5_keys(MD5_KEY).seal(message).unwrap();
    assert_eq!(sealed["sign"], sign);
    let ours: serde_json::Value = serde_json::from_str(&super::super::order::req_data(&sealed)).unwrap();
    assert_eq!(ours, serde_json::from_str::<serde_json::Value>(req_data).unwrap());
    let theirs = wire::read(req_data.as_bytes()).unwrap();
    assert_eq!(theirs, sealed);
    assert!(md5_keys(MD5_KEY).verify(&theirs));
}

// 3.3, the table.
#[test]
fn every_other_message_signs_and_verifies() {
    for (text, sign) in data::MESSAGES {
        let message = message_of(text);
        assert_eq!(sign::text(&message), *text);
        let sealed = md5_keys(MD5_KEY).seal(message).unwrap();
        assert_eq!(sealed["sign"], *sign, "{text}");
        assert!(md5_keys(MD5_KEY).verify(&sealed));
        assert!(!md5_keys("another").verify(&sealed));
        assert!(!md5_keys(MD5_KEY).verify(&changed(sealed)));
    }
}

// Pitfall: `sign_type` is part of the signed text, unlike at other providers.
#[test]
fn the_sign_type_is_signed() {
    let (text, sign) = data::MESSAGES[0];
    assert!(text.ends_with("sign_type=MD5"));
    let without = text.strip_suffix("&sign_type=MD5").unwrap();
    assert_ne!(hex::encode(Md5::digest(format!("{without}&key={MD5_KEY}"))), sign);
    let mut message = message_of(text);
    message.insert("sign".to_owned(), sign.to_owned());
    assert!(md5_keys(MD5_KEY).verify(&message));
    message.remove("sign_type");
    assert!(!md5_keys(MD5_KEY).verify(&message));
}

// Pitfall: 0.1 and 0.10 are the same money and different texts.
#[test]
fn money_is_signed_as_it_is_written() {
    let short = sealed(&[("money_order", "0.1")]);
    let long = sealed(&[("money_order", "0.10")]);
    assert_ne!(short["sign"], long["sign"]);
    let mut swapped = short;
    swapped.insert("money_order".to_owned(), "0.10".to_owned());
    assert!(!md5_keys(MD5_KEY).verify(&swapped));
    assert_eq!(fen(10).yuan(), "0.10");
}

#[test]
fn what_is_empty_or_null_is_not_signed() {
    let mut message = sealed(&[("no_order", "1")]);
    message.extend(map(&[("memo", ""), ("bank_code", "null")]));
    assert!(md5_keys(MD5_KEY).verify(&message));
}

#[test]
fn no_key_verifies_to_no() {
    let bare = Keys::Md5(Secret::new(String::new()));
    let message = bare.seal(map(&[("no_order", "1")])).unwrap();
    assert!(!bare.verify(&message));
    let mut message = sealed(&[]);
    for sign in ["", "zz", "00"] {
        message.insert("sign".to_owned(), sign.to_owned());
        assert!(!md5_keys(MD5_KEY).verify(&message), "{sign}");
        message.insert("sign_type".to_owned(), "RSA".to_owned());
        assert!(!rsa_keys().verify(&message), "{sign}");
        message.insert("sign_type".to_owned(), "MD5".to_owned());
    }
}

#[test]
fn credentials_at_fault_are_named() {
    let open = |pairs: &[(&str, &str)]| Keys::open(&Fields::new(&credentials(pairs))).err().map(|e| e.to_string()).unwrap();
    assert_eq!(open(&[("sign_type", "MD5")]), "md5_key: is missing");
    assert_eq!(open(&[("sign_type", "RSA"), ("md5_key", "k")]), "private_key_pem: is missing");
    assert!(open(&[("sign_type", "HMAC")]).starts_with("sign_type: "));
    assert!(open(&[("sign_type", "RSA"), ("private_key_pem", "AAAA")]).starts_with("private_key_pem: "));
    let own = [("sign_type", "RSA"), ("private_key_pem", THROWAWAY), ("platform_public_key_pem", THROWAWAY_PUBLIC)];
    assert!(open(&own).starts_with("platform_public_key_pem: is your own"));
}
