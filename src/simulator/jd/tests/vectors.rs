//! Every vector of the documents from the other side.

#[path = "vector_data.rs"]
mod data;

use super::super::account::Account;
use super::super::refusal::No;
use super::super::sign::{self, Fields};
use super::super::vault::Key;
use super::super::{envelope, xml};
use super::stage::Scene;
use crate::simulator::LegacyRsaKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data::{ANSWER, DES_KEY, FORM, JD_KEY, MERCHANT, MERCHANT_KEY, NOTICE, REFUND, RETURN, RETURN_MADE, THROWAWAY, VALUES};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};

fn der(text: &str) -> Vec<u8> {
    STANDARD.decode(text.split_whitespace().collect::<String>()).expect("base64")
}

fn private(text: &str) -> RsaPrivateKey {
    RsaPrivateKey::from_pkcs8_der(&der(text)).expect("a key")
}

fn key() -> Key {
    Key::new(der(DES_KEY).try_into().expect("24 bytes"))
}

/// The test merchant, at a JD that signs with the throw-away key.
fn account() -> Account {
    Account {
        merchant: MERCHANT.to_owned(),
        des_key: key(),
        merchants: LegacyRsaKey::of(private(MERCHANT_KEY)),
        jds: LegacyRsaKey::of(private(THROWAWAY)),
        ..Account::of(&Scene::new().simulator.stage)
    }
}

fn fields(text: &str) -> Fields {
    text.split('&').map(|pair| pair.split_once('=').expect("a pair")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

#[test]
fn values_are_locked_as_published() {
    for (clear, locked) in VALUES {
        assert_eq!(key().encrypt(clear), *locked);
        assert_eq!(key().decrypt(locked).as_deref(), Some(*clear));
    }
    assert_eq!(key().text(), DES_KEY);
    for bad in ["", "e5a6", "zz", "ffffffffffffffff"] {
        assert_eq!(key().decrypt(bad), None);
    }
}

#[test]
fn the_merchants_form_is_verified() {
    let (text, digest, signature) = FORM;
    let mut form = fields(text);
    form.extend([("note".to_owned(), String::new()), ("sign".to_owned(), signature.to_owned())]);
    assert_eq!(sign::form_text(&form), text);
    assert_eq!(sign::hex_digest(text), digest);
    assert_eq!(sign::sign(text, &private(MERCHANT_KEY)), signature);
    assert!(envelope::form_is_signed(&account(), &form));
    form.insert("amount".to_owned(), "2".to_owned());
    assert!(!envelope::form_is_signed(&account(), &form));
}

#[test]
fn the_merchants_document_is_opened() {
    let (text, digest, signature, travelling) = REFUND;
    assert_eq!(sign::hex_digest(text), digest);
    assert_eq!(sign::sign(text, &private(MERCHANT_KEY)), signature);
    let sealed = key().encrypt_document(&text.replace("</jdpay>", &format!("<sign>{signature}</sign></jdpay>")));
    assert_eq!(sign::hex_digest(&sealed), travelling);
    let body = |merchant: &str, sealed: &str| {
        format!("<jdpay><version>V2.0</version><merchant>{merchant}</merchant><encrypt>{sealed}</encrypt></jdpay>")
    };
    let inner = envelope::open(&account(), body(MERCHANT, &sealed).as_bytes()).expect("opens");
    assert_eq!((inner.get("oTradeNum"), inner.get("note")), (Some("1494236491939"), None));
    assert_eq!(envelope::open(&account(), body("1", &sealed).as_bytes()).err(), Some(No::merchant()));
    assert_eq!(envelope::open(&account(), body(MERCHANT, "AAAA").as_bytes()).err(), Some(No::encryption()));
    assert_eq!(envelope::open(&account(), b"{}").err(), Some(No::unreadable()));
    let tampered = text.replace("<amount>1<", "<amount>2<").replace("</jdpay>", &format!("<sign>{signature}</sign></jdpay>"));
    let body = body(MERCHANT, &key().encrypt_document(&tampered));
    assert_eq!(envelope::open(&account(), body.as_bytes()).err(), Some(No::signature()));
}

#[test]
fn jds_own_messages_are_what_the_documents_show() {
    let (sealed, travelling, clear, digest) = ANSWER;
    assert_eq!(sign::hex_digest(sealed), travelling);
    assert_eq!(key().decrypt_document(sealed).as_deref(), Some(clear));
    assert_eq!(key().encrypt_document(clear), sealed);
    let (before, rest) = clear.split_once("<sign>").expect("signed");
    let (signature, after) = rest.split_once("</sign>").expect("signed");
    let text = format!("{before}{after}");
    assert_eq!(sign::hex_digest(&text), digest);
    let jds = rsa::RsaPublicKey::from_public_key_der(&der(JD_KEY)).expect("a key");
    assert!(sign::verifies(&text, signature, &jds));
    assert!(!sign::verifies(&text, signature, &private(THROWAWAY).to_public_key()));

    let (locked, signature, text, digest) = RETURN;
    let open = |value: &str| if value.is_empty() { String::new() } else { key().decrypt(value).expect("opens") };
    let opened: Fields = locked.iter().map(|(name, value)| ((*name).to_owned(), open(value))).collect();
    assert_eq!((sign::form_text(&opened).as_str(), sign::hex_digest(text).as_str()), (text, digest));
    assert!(sign::verifies(text, signature, &jds));

    let (text, digest, signature) = RETURN_MADE;
    assert_eq!((sign::hex_digest(text).as_str(), account().sign(text).as_str()), (digest, signature));
}

#[test]
fn a_notice_has_jds_habits() {
    let (text, digest, signature, sealed, travelling) = NOTICE;
    assert_eq!((sign::hex_digest(text).as_str(), account().sign(text).as_str()), (digest, signature));
    assert_eq!(sign::hex_digest(sealed), travelling);
    let front = text.split_once("</result>").expect("a result").1.split_once("<note>").expect("a note").0;
    let back = format!("<note>{}", text.split_once("<note>").expect("a note").1.trim_end_matches("</jdpay>"));
    let made = envelope::notice(&account(), front, &back, false);
    let outer = xml::read(&made).expect("XML");
    assert_eq!(outer.get("encrypt"), Some(sealed));
    assert_ne!(envelope::notice(&account(), front, &back, true), made);
}
