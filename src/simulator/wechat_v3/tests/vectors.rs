//! The published texts, signatures and seals (provider's documents, and the vectors made with a key that exists only for
//! them), as this side makes and reads them.

use super::super::sign::{Authorization, reply_text, request_text, seal};
use super::*;
use sha2::{Digest, Sha256};

include!("vector_data.rs");

#[test]
fn requests_are_checked_over_the_published_text() {
    let text = request_text("POST", "/v3/pay/transactions/native", "1717214400", NONCE, A_BODY.as_bytes());
    assert!(verifies(&text, A_SIGNATURE));
    assert!(!verifies(&text[..text.len() - 1], A_SIGNATURE), "without the last line's end");
    let target = "/v3/pay/transactions/out-trade-no/CS20240601000001?mchid=1900000109";
    assert!(verifies(&request_text("GET", target, "1717214400", NONCE, b""), B_SIGNATURE));
    let header = format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000109\",nonce_str=\"{NONCE}\",signature=\"{A_SIGNATURE}\",timestamp=\"1717214400\",serial_no=\"1DDE\""
    );
    let read = Authorization::parse(&header).expect("readable");
    assert_eq!((read.mchid, read.nonce, read.signature), ("1900000109", NONCE, A_SIGNATURE));
    assert_eq!((read.timestamp, read.serial_no), ("1717214400", "1DDE"));
}

#[test]
fn replies_are_signed_over_the_published_text() {
    let nonce = "wmlXZG6bVvPgmc6hnMDbOtpDOkF4DTwi";
    let body = br#"{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}"#;
    assert!(verifies(&reply_text("1717214400", nonce, body), E_SIGNATURE));
    assert!(verifies(&reply_text("1717214400", nonce, b""), F_SIGNATURE));
    let notice = reply_text("1717214492", "5A8b0f7Q2eR4tY6uI9oP1aS3dF5gH7jK", H_BODY.as_bytes());
    assert_eq!(hex::encode(Sha256::digest(&notice)), "41b23a71e2a1c381589dcbde0c57236a5afddb52dfa93e4447a8a6947f1e4912");
    assert!(verifies(&notice, H_SIGNATURE));
}

#[test]
fn parts_are_sealed_as_published() {
    let key = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";
    assert_eq!(seal(key, "uluk4a9R25RW", "associatedData", "message"), "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=");
    assert_eq!(seal(key, "fdasflkja484", "", "{\"a\":1}"), "Y/YIPBuDlcllCYKJOXZ8lVCwP8stFQ8=");
    let notice: Value = serde_json::from_str(H_BODY).expect("JSON");
    assert_eq!(seal(key, "fdasflkja484", "transaction", G_PLAIN), notice["resource"]["ciphertext"]);
    assert_eq!(seal(key, "QwErTyUiOp12", "refund", I_PLAIN), I_SEALED);
}

const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";

fn verifies(text: &[u8], signature: &str) -> bool {
    let der = STANDARD.decode(TEST_PUBLIC.lines().filter(|l| !l.starts_with('-')).collect::<String>()).expect("base64");
    let key = <rsa::RsaPublicKey as rsa::pkcs8::DecodePublicKey>::from_public_key_der(&der).expect("a key");
    let pkcs1 = rsa::pkcs1::EncodeRsaPublicKey::to_pkcs1_der(&key).expect("encodes");
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, pkcs1.as_bytes());
    key.verify(text, &STANDARD.decode(signature).expect("base64")).is_ok()
}
