//! Signatures and seals against the published vectors, both directions.

pub(in super::super) mod vectors;

use super::*;
use crate::channels::keys::VerifyingKey;
use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use vectors::*;

pub(in super::super) const MCHID: &str = "1900000109";
pub(in super::super) const SERIAL: &str = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
pub(in super::super) const SEAL_KEY: &str = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";
const APPID: &str = "wx8888888888888888";
const TIME: i64 = 1_717_214_400;
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const PREPAY: &str = "wx201410272009395522657a690389285100";

pub(in super::super) fn key() -> SigningKey {
    SigningKey::read(TEST_KEY).unwrap()
}

/// Seals as the provider does.
pub(in super::super) fn seal(nonce: &str, associated: &str, plain: &str) -> String {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, SEAL_KEY.as_bytes()).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).unwrap();
    let mut bytes = plain.as_bytes().to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(associated.as_bytes()), &mut bytes).unwrap();
    STANDARD.encode(bytes)
}

fn is_signed(public: &str, text: &[u8], signature: &str) -> bool {
    VerifyingKey::read(public).unwrap().verify_sha256(text, &STANDARD.decode(signature).unwrap())
}

/// Signs and compares; then flips one bit of the text and expects the signature to fail.
fn both_ways(text: &[u8], signature: &str) {
    assert_eq!(sign(&key(), text).unwrap(), signature);
    assert!(is_signed(TEST_PUBLIC, text, signature));
    let mut other = text.to_vec();
    other[0] ^= 1;
    assert!(!is_signed(TEST_PUBLIC, &other, signature));
}

#[test]
fn requests_are_signed_over_the_exact_five_lines() {
    let target = "/v3/pay/transactions/native";
    both_ways(&request_text("POST", target, TIME, NONCE, A_BODY.as_bytes()), A_SIGNATURE);
    assert_eq!(authorization(MCHID, SERIAL, TIME, NONCE, A_SIGNATURE), A_HEADER);
    let target = "/v3/pay/transactions/out-trade-no/CS20240601000001?mchid=1900000109";
    let text = request_text("GET", target, TIME, NONCE, b"");
    assert!(text.ends_with(b"FB242\n\n"), "an empty body still has its line");
    both_ways(&text, B_SIGNATURE);
    assert_eq!(
        request_text("GET", "/v3/certificates", 1_554_208_460, NONCE, b""),
        b"GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n"
    );
}

#[test]
fn pages_sign_the_package_and_apps_the_bare_prepay_id() {
    both_ways(&wallet_text(APPID, TIME, NONCE, &format!("prepay_id={PREPAY}")), C_SIGNATURE);
    both_ways(&wallet_text(APPID, TIME, NONCE, PREPAY), D_SIGNATURE);
    let published = |subject: &str| wallet_text("wx2421b1c4370ec43b", 1_554_208_460, NONCE, subject);
    assert!(is_signed(PUBLISHED_KEY, &published(&format!("prepay_id={PREPAY}")), PUBLISHED_JSAPI));
    assert!(is_signed(PUBLISHED_KEY, &published(PREPAY), PUBLISHED_APP));
    assert!(!is_signed(PUBLISHED_KEY, &published(PREPAY), PUBLISHED_JSAPI));
    assert!(!is_signed(PUBLISHED_KEY, &published(&format!("prepay_id={PREPAY}")), PUBLISHED_APP));
    assert!(is_signed(KIT_KEY, b"source", KIT_SIGNATURE));
}

#[test]
fn replies_are_signed_over_three_lines_even_without_a_body() {
    let nonce = "wmlXZG6bVvPgmc6hnMDbOtpDOkF4DTwi";
    let body = br#"{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}"#;
    both_ways(&reply_text("1717214400", nonce, body), E_SIGNATURE);
    assert_eq!(reply_text("1717214400", nonce, b""), b"1717214400\nwmlXZG6bVvPgmc6hnMDbOtpDOkF4DTwi\n\n");
    both_ways(&reply_text("1717214400", nonce, b""), F_SIGNATURE);
    let notice = reply_text("1717214492", "5A8b0f7Q2eR4tY6uI9oP1aS3dF5gH7jK", H_BODY.as_bytes());
    assert_eq!(hex::encode(Sha256::digest(&notice)), "41b23a71e2a1c381589dcbde0c57236a5afddb52dfa93e4447a8a6947f1e4912");
    both_ways(&notice, H_SIGNATURE);
}

#[test]
fn the_usual_slips_change_the_text() {
    let right = request_text("GET", "/v3/certificates", TIME, NONCE, b"");
    let text = String::from_utf8(right.clone()).unwrap();
    for slip in [
        text.trim_end_matches('\n').to_owned(),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\\n"),
        text.replace("1717214400", "1717214400000"),
        text.replace("/v3/certificates", "/v3/certificates?algorithm_type=RSA"),
        text.replace("/v3", "https://api.mch.weixin.qq.com/v3"),
    ] {
        assert_ne!(slip.as_bytes(), right);
        assert!(!is_signed(TEST_PUBLIC, slip.as_bytes(), &sign(&key(), &right).unwrap()), "{slip}");
    }
}

#[test]
fn sealed_parts_open_and_close() {
    let ours = SealKey::read(SEAL_KEY).unwrap();
    for (nonce, associated, plain, sealed) in [
        ("uluk4a9R25RW", "associatedData", "message", "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI="),
        ("fdasflkja484", "transaction", G_PLAIN, G_SEALED),
        ("QwErTyUiOp12", "refund", I_PLAIN, I_SEALED),
        ("fdasflkja484", "", "{\"a\":1}", "Y/YIPBuDlcllCYKJOXZ8lVCwP8stFQ8="),
    ] {
        assert_eq!(ours.open(nonce, associated, sealed).as_deref(), Some(plain.as_bytes()));
        assert_eq!(seal(nonce, associated, plain), sealed);
        assert_eq!(ours.open(nonce, "other", sealed), None, "associated data");
        assert_eq!(ours.open("000000000000", associated, sealed), None, "nonce");
        assert_eq!(ours.open("short", associated, sealed), None, "length of the nonce");
        let other = SealKey::read("another_key_another_key_another_").unwrap();
        assert_eq!(other.open(nonce, associated, sealed), None, "key");
        let cut = &sealed[..sealed.len() - 4];
        assert_eq!(ours.open(nonce, associated, cut), None, "tag");
    }
}

/// A vector of the provider's Go kit has a key of 16 bytes; the product's has 32, always.
#[test]
fn seal_keys_of_other_lengths_are_refused() {
    for bad in
        ["testAPIv3Key0000", "", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8G", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gbb", "钥匙钥匙钥匙钥匙钥匙ab"]
    {
        assert!(SealKey::read(bad).is_err(), "{bad}");
    }
    let key = aws_lc_rs::aead::UnboundKey::new(&aws_lc_rs::aead::AES_128_GCM, b"testAPIv3Key0000").unwrap();
    let nonce = Nonce::try_assume_unique_for_key(b"wCq51qZv4Yfg").unwrap();
    let mut bytes = STANDARD.decode("FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC").unwrap();
    let plain = LessSafeKey::new(key).open_in_place(nonce, Aad::from(b"Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8"), &mut bytes).unwrap();
    assert_eq!(plain, b"Hello World");
    assert!(!format!("{:?}", SealKey::read(SEAL_KEY).unwrap()).contains("a7cde"));
}
