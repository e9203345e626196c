//! The readers that know no provider: the API's JSON and forms, XML, keys and certificates, amounts, times, tokens.

use super::{feed, fen_of, is_confined};
use crate::channels::keys::{SigningKey, VerifyingKey, blocks};
use crate::channels::{certificate_facts, certificates, shanghai, xml};
use crate::model::Amount;
use crate::tests::merchant::{RSA, rsa_public_pem};
use crate::web::api::{read_form, read_json};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|t| t.as_bytes().to_vec()).collect()
}

#[test]
fn api_bodies_are_read_or_refused() {
    if !is_confined("readers::api_bodies_are_read_or_refused") {
        return;
    }
    let json = r#"{"app_id":"app_01jd0000000000000000000000","timestamp":1790000000,"nonce":"12345678","amount":"100","subject":"茶 😀","refers":"[{\"type\":\"a\",\"refer_id\":\"b\"}]","x":null,"y":true,"z":-1.50,"sign":"00"}"#;
    feed("API JSON", texts(&[json, "{}", r#"{"a":{"b":[1,2]}}"#]), |message| {
        if let Ok(fields) = read_json(message) {
            let kept: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
            assert!(kept <= message.len(), "fields are no longer than their text");
        }
    });
    let form = "app_id=app_01jd0000000000000000000000&timestamp=1790000000&subject=%E8%8C%B6+%26&sign=00&a=&b";
    feed("a form", texts(&[form, "a=1", ""]), |message| {
        if let Ok(fields) = read_form(message) {
            let kept: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
            assert!(kept <= message.len(), "fields are no longer than their text");
        }
    });
}

#[test]
fn xml_is_read_or_refused() {
    if !is_confined("readers::xml_is_read_or_refused") {
        return;
    }
    let seeds = texts(&[
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><total_fee>100</total_fee><a>&lt;&#x8336;&amp;</a></xml>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><xml><a>1</a></xml>",
        "<jdpay><version>V2.0</version><result><code>000000</code><desc>ok</desc></result></jdpay>",
        "<xml><!-- c --><a/><b> </b></xml>",
    ]);
    feed("XML", seeds, |message| {
        for root in ["xml", "jdpay"] {
            if let Ok(fields) = xml::read(message, root) {
                assert!(fields.len() <= 100, "more elements than are allowed");
            }
        }
    });
}

#[test]
fn keys_and_certificates_are_read_or_refused() {
    if !is_confined("readers::keys_and_certificates_are_read_or_refused") {
        return;
    }
    let pkcs8 = RSA.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string();
    let pkcs1 = RSA.to_pkcs1_pem(LineEnding::LF).expect("PEM").to_string();
    let bare: String = pkcs8.lines().filter(|l| !l.starts_with('-')).collect();
    let certificate = rcgen::generate_simple_self_signed(vec!["test.example".to_owned()]).expect("made").cert.pem();
    let chain = format!("{certificate}{certificate}");
    let seeds = texts(&[&pkcs8, &pkcs1, &bare, &rsa_public_pem(), &certificate, &chain, &certificate.replace('\n', "\\n")]);
    feed("keys and certificates", seeds, |message| {
        let text = String::from_utf8_lossy(message);
        let _ = blocks(&text);
        let _ = SigningKey::read(&text);
        if let Ok(key) = VerifyingKey::read(&text) {
            assert!(!key.verify_sha256(message, message), "a message that signs itself");
        }
        let facts = certificate_facts(&text);
        assert!(facts.len() <= message.len() / 30, "more certificates than fit");
        if let Ok(ders) = certificates::read_certificates(&text) {
            let leaf = ders.first().cloned().unwrap_or_default();
            let _ = certificates::follow(&leaf, &ders, &ders);
        }
        // The same without the text around it.
        let _ = VerifyingKey::from_der(message);
        let _ = certificates::parse(message);
    });
}

#[test]
fn amounts_and_times_are_read_or_refused() {
    if !is_confined("readers::amounts_and_times_are_read_or_refused") {
        return;
    }
    feed("amounts and times", texts(&["12.34", "0.01", "20260607080910", "2026-06-07 08:09:10", "99999999999.99"]), |message| {
        let text = String::from_utf8_lossy(message);
        if let Ok(amount) = Amount::parse_yuan(&text) {
            // Twelve digits of yuan and two of fen.
            assert!((0..=99_999_999_999_999).contains(&amount.fen()), "{text}");
            assert_eq!(Some(amount.fen()), fen_of(&text), "{text}");
            assert_eq!(Amount::parse_yuan(&amount.yuan()), Ok(amount), "{text}");
        }
        let _ = (shanghai::parse_compact(&text), shanghai::parse_spaced(&text));
    });
}
