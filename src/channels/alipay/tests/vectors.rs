//! Every published and constructed vector, in both directions where a private key is given.

use super::super::exchange::{self, Trouble};
use super::super::node;
use super::super::sign::{self, Params};
use super::super::wire::{Biz, Signed};
use super::*;
use crate::channels::keys::VerifyingKey;

const S_PLATFORM: &str = include_str!("../vectors/s_platform.pub");
const S_APP: &str = include_str!("../vectors/s_app.pub");

fn verifies(key: &str, text: &[u8], signature: &str) -> bool {
    VerifyingKey::read(key).unwrap().verify_sha256(text, &STANDARD.decode(signature).unwrap())
}

fn merchant_signs(text: &str) -> String {
    STANDARD.encode(SigningKey::read(KEY_M).unwrap().sign_sha256(text.as_bytes()).unwrap())
}

/// Takes a canonical text apart again, so that our own code has to put it together. `names` begin its parts.
fn params_of(text: &str) -> Params {
    let mut params = Params::new();
    let mut last = String::new();
    for part in text.split('&') {
        match part.split_once('=') {
            Some((name, value)) if name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
                name.clone_into(&mut last);
                params.insert(last.clone(), value.to_owned());
            }
            _ => params.get_mut(&last).unwrap().push_str(&format!("&{part}")),
        }
    }
    params
}

// A-1, and pitfall 2: a request's text keeps sign_type.
#[test]
fn a_request_signed_by_a_public_kit_verifies() {
    let (text, signature) = (include_str!("../vectors/a1.text"), include_str!("../vectors/a1.sign"));
    let mut params = params_of(text);
    params.insert("sign".to_owned(), "left out".to_owned());
    params.insert("app_auth_token".to_owned(), String::new());
    assert_eq!(sign::request_text(&params), text);
    assert!(verifies(S_APP, text.as_bytes(), signature));
    params.remove("sign_type");
    assert!(!verifies(S_APP, sign::request_text(&params).as_bytes(), signature));
}

// R-1 to R-5, and pitfall 3: the node verifies only in the bytes it came in.
#[test]
fn real_answers_verify_over_their_exact_bytes() {
    for (method, node, signature) in [
        ("alipay.trade.precreate", include_str!("../vectors/r1.node"), include_str!("../vectors/r1.sign")),
        ("alipay.trade.query", include_str!("../vectors/r2.node"), include_str!("../vectors/r2.sign")),
        ("alipay.trade.refund", include_str!("../vectors/r3.node"), include_str!("../vectors/r3.sign")),
        ("alipay.trade.fastpay.refund.query", include_str!("../vectors/r4.node"), include_str!("../vectors/r4.sign")),
        ("alipay.trade.close", include_str!("../vectors/r5.node"), include_str!("../vectors/r5.sign")),
    ] {
        let body = format!(r#"{{"{}_response":{node},"sign":"{signature}"}}"#, method.replace('.', "_"));
        let cut = node::cut(body.as_bytes(), method).unwrap();
        assert_eq!(cut.node, node.as_bytes());
        assert!(verifies(S_PLATFORM, cut.node, cut.sign.as_deref().unwrap()), "{method}");
        let written_again = serde_json::from_str::<serde_json::Value>(node).unwrap().to_string();
        assert_eq!(verifies(S_PLATFORM, written_again.as_bytes(), signature), !node.contains('\\'), "{method}");
    }
    let slashes_lost = include_str!("../vectors/r1.node").replace("\\/", "/");
    assert!(!verifies(S_PLATFORM, slashes_lost.as_bytes(), include_str!("../vectors/r1.sign")));
}

// Q-1: the browser's return is signed like a notice. Nothing is decided by it; the vector proves the text rule.
#[test]
fn a_page_return_verifies_like_a_notice() {
    let params = sign::read_form(include_bytes!("../vectors/q1.query")).unwrap();
    let text = sign::notice_text(&params);
    assert_eq!(text, include_bytes!("../vectors/q1.text"));
    let signature = String::from_utf8(params[b"sign".as_slice()].clone()).unwrap();
    assert!(verifies(S_PLATFORM, &text, &signature));
}

// W-1, both shapes a browser takes it in; pitfall 7: an empty parameter is dropped on both sides.
#[test]
fn a_page_request_is_signed_and_encoded_as_published() {
    let (text, signature) = (include_str!("../vectors/w1.text"), include_str!("../vectors/w1.sign"));
    let mut params = params_of(text);
    assert_eq!(params["biz_content"], include_str!("../vectors/w1.biz"));
    params.insert("app_auth_token".to_owned(), String::new());
    assert_eq!(sign::request_text(&params), text);
    assert_eq!(merchant_signs(text), signature);
    assert!(verifies(PUBLIC_M, text.as_bytes(), signature));
    let signed = Signed::new(params, account(&public_mode()).sign(text).unwrap());
    let gateway = "https://openapi.alipay.com/gateway.do";
    assert_eq!(signed.get_url(gateway), include_str!("../vectors/w1.url"));
    let (action, fields) = signed.form(gateway);
    assert_eq!(action, include_str!("../vectors/w1.action"));
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["biz_content"]);
    assert_eq!(fields["biz_content"].replace('"', "&quot;"), include_str!("../vectors/w1.attr"));
}

// W-2.
#[test]
fn an_app_order_string_is_signed_and_encoded_as_published() {
    let text = include_str!("../vectors/w2.text");
    let params = params_of(text);
    assert_eq!(sign::request_text(&params), text);
    let order = Signed::new(params, merchant_signs(text)).order_string();
    assert_eq!(order, include_str!("../vectors/w2.order"));
    assert!(verifies(PUBLIC_M, text.as_bytes(), &form(&order)["sign"]));
}

// W-3: parameters beside biz_content are signed like all others.
#[test]
fn top_level_parameters_are_signed_as_published() {
    let (text, signature) = (include_str!("../vectors/w3.text"), include_str!("../vectors/w3.sign"));
    assert_eq!(sign::request_text(&params_of(text)), text);
    assert_eq!(merchant_signs(text), signature);
    assert!(verifies(PUBLIC_M, text.as_bytes(), signature));
}

// W-8: sealed first, signed over what travels, verified in its quotes, opened last.
#[test]
fn an_encrypted_call_is_signed_over_its_ciphertext() {
    let (text, signature) = (include_str!("../vectors/w8.text"), include_str!("../vectors/w8.sign"));
    let mut credentials = public_mode();
    credentials.insert("aes_key".to_owned(), Secret::new("AAECAwQFBgcICQoLDA0ODw==".to_owned()));
    let encrypting = channel(&credentials, "");
    let biz = Biz::default().with("out_trade_no", PAY_NO);
    let signed = encrypting.sign("alipay.trade.query", biz, NOON, &[]).unwrap();
    assert_eq!(signed, Signed::new(params_of(text), signature.to_owned()));
    assert_eq!(sign::request_text(&params_of(text)), text);
    assert_eq!(merchant_signs(text), signature);
    let body = include_str!("../vectors/w8.body");
    let cut = node::cut(body.as_bytes(), "alipay.trade.query").unwrap();
    assert!(verifies(PUBLIC_P, cut.node, cut.sign.as_deref().unwrap()));
    assert!(!verifies(PUBLIC_P, cut.node.trim_ascii_start().strip_prefix(b"\"").unwrap(), cut.sign.as_deref().unwrap()));
    let reply = encrypting.read(exchange::QUERY, body.as_bytes()).unwrap();
    assert_eq!((reply.fields.text("out_trade_no"), reply.fields.text("trade_status")), (Some(PAY_NO), Some("WAIT_BUYER_PAY")));
    assert!(channel(&public_mode(), "").read(exchange::QUERY, body.as_bytes()).is_err(), "without the key");
    // A call without a business part has nothing to hide; refusals come in the clear.
    let empty = encrypting.sign("alipay.trade.query", Biz::default(), NOON, &[]).unwrap();
    assert!(!empty.order_string().contains("encrypt_type"));
    assert!(encrypting.read(exchange::QUERY, include_bytes!("../vectors/w5.body")).is_ok());
}

// The keys of the vectors as PKCS#8 and as PKCS#1 are the same key.
#[test]
fn both_shapes_of_the_private_key_sign_alike() {
    let pkcs1 = SigningKey::read(include_str!("../vectors/m.pkcs1")).unwrap();
    assert_eq!(STANDARD.encode(pkcs1.sign_sha256(b"x").unwrap()), merchant_signs("x"));
}

// W-4 in public-key and in certificate mode.
#[test]
fn an_answer_with_quotes_braces_and_slashes_inside_is_read() {
    let node = include_str!("../vectors/w4.node");
    let certified = include_str!("../vectors/w4cert.body");
    assert_eq!(String::from_utf8(answer("alipay.trade.query", node)).unwrap(), include_str!("../vectors/w4.body"));
    for (credentials, body) in
        [(public_mode(), include_str!("../vectors/w4.body")), (public_mode(), certified), (certificate_mode(), certified)]
    {
        let reply = channel(&credentials, "").read(exchange::QUERY, body.as_bytes()).unwrap();
        assert_eq!(reply.fields.text("store_name"), Some("测试/门店 \"{A}\""));
        assert_eq!(reply.fields.text("trade_status"), Some("TRADE_SUCCESS"));
    }
    let forged = certified.replace("88.88", "88.89");
    assert!(matches!(channel(&certificate_mode(), "").read(exchange::QUERY, forged.as_bytes()), Err(Trouble::Forged(_))));
}

#[test]
fn an_answer_under_another_certificate_is_told_apart() {
    let body =
        include_str!("../vectors/w4cert.body").replace("e81f3cd4ab54e71af1f9a69b9d9cf175", "0123456789abcdef0123456789abcdef");
    match channel(&certificate_mode(), "").read(exchange::QUERY, body.as_bytes()) {
        Err(Trouble::Forged(reason)) => assert!(reason.contains("0123456789abcdef0123456789abcdef"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

// W-5.
#[test]
fn a_signed_refusal_is_read_as_published() {
    let body = include_str!("../vectors/w5.body");
    let cut = node::cut(body.as_bytes(), "alipay.trade.query").unwrap();
    assert_eq!(cut.sign.as_deref(), Some(platform_signs(cut.node).as_str()));
    let reply = channel(&public_mode(), "").read(exchange::QUERY, body.as_bytes()).unwrap();
    assert_eq!(reply.code(), "ACQ.TRADE_NOT_EXIST");
    assert_eq!(reply.message(), "交易不存在");
    assert_eq!(reply.meaning, super::super::codes::Meaning::Absent);
}

// W-6 and W-7: the text of a notice, signed again to the same signature.
#[test]
fn notices_are_signed_over_bytes_decoded_once() {
    for body in [include_str!("../vectors/w6.body"), include_str!("../vectors/w7.body")] {
        let params = sign::read_form(body.as_bytes()).unwrap();
        let signature = String::from_utf8(params[b"sign".as_slice()].clone()).unwrap();
        assert_eq!(platform_signs(&sign::notice_text(&params)), signature);
        assert!(verifies(PUBLIC_P, &sign::notice_text(&params), &signature));
    }
    let w6 = sign::read_form(include_bytes!("../vectors/w6.body")).unwrap();
    assert_eq!(sign::notice_text(&w6), include_bytes!("../vectors/w6.text"));
    let n1 = sign::read_form(include_bytes!("../vectors/n1.body")).unwrap();
    assert_eq!(sign::notice_text(&n1), include_bytes!("../vectors/n1.text"));
}

// W-9: the retired MAPI gateway signed with MD5 over the text of a notice and the key behind it. No channel speaks it; what
// the vector holds us to is the text: sorted, `sign` and `sign_type` left out, empty values dropped, decoded exactly once.
#[test]
fn the_text_of_a_notice_is_that_of_the_retired_gateway() {
    use md5::Digest;
    const KEY: &str = "abcdefghijklmnopqrstuvwxyz012345"; // a test key
    let request = "_input_charset=utf-8&it_b_pay=30m&notify_url=https://cashier.example.com/notify/mapi&\
                   out_trade_no=G20240301120000000003&partner=2088000000000001&payment_type=1&\
                   return_url=https://cashier.example.com/return/mapi&seller_id=2088000000000001&\
                   service=create_direct_pay_by_user&subject=测试商品&total_fee=88.88";
    let notice = "buyer_id=2088000000000009&notify_id=RqPnCoPT3K9%2Fvwbh3I%2BODmZS9o4qChHwPWbaS7UMBJpUnBJlzg42y9A8gQlzU6m3fOhG&\
                  notify_time=2024-03-01 12:00:31&notify_type=trade_status_sync&out_trade_no=G20240301120000000003&\
                  payment_type=1&seller_id=2088000000000001&subject=测试商品&total_fee=88.88&\
                  trade_no=2024030100001000000000000003&trade_status=TRADE_SUCCESS";
    for (text, md5) in [(request, "2b0f04323ac1efaeb1afde9b72d8077f"), (notice, "815218ecb4f9ad95bbbdc2c094d33dd7")] {
        let mut pairs: Vec<(&str, &str)> = text.split('&').filter_map(|part| part.split_once('=')).collect();
        pairs.reverse();
        pairs.extend([("sign_type", "MD5"), ("body", ""), ("sign", md5)]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let read = sign::notice_text(&sign::read_form(body.as_bytes()).unwrap());
        assert_eq!(String::from_utf8(read).unwrap(), text);
        assert_eq!(hex::encode(md5::Md5::digest(format!("{text}{KEY}"))), md5);
    }
}
