//! Published and constructed vectors, byte for byte.

use super::super::account::{Account, Accounts, Numbers};
use super::super::certificates::{IssuingKeys, bundle_number, serial_number};
use super::super::check;
use super::super::node::{Node, document};
use super::super::params::{self, Charset, Params};
use super::super::signature::{MerchantKey, PlatformKey, corrupted, notice_text};
use super::vector_data as v;
use crate::simulator::Keys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};

fn der(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}

fn platform() -> PlatformKey {
    PlatformKey::from_pkcs8(&der(v::PLATFORM_KEY)).expect("a key")
}

fn numbers(app_id: &str, seller_id: &str) -> Numbers {
    Numbers { app_id: app_id.to_owned(), seller_id: seller_id.to_owned(), seller_email: "seller@example.com", payee: "商户" }
}

/// The account that the constructed vectors belong to, beside one in certificate mode.
fn accounts() -> Accounts {
    let (platform, merchant) = (der(v::PLATFORM_KEY), der(v::MERCHANT_KEY));
    let plain = Account::with_public_key(&numbers("2021000000000001", "2088000000000001"), &platform, &merchant).expect("keys");
    let keys =
        IssuingKeys { root: &platform, second_root: &platform, issuer: &merchant, platform: &platform, merchant: &merchant };
    let certified = Account::with_certificates(&numbers("2021000000000002", "2088000000000002"), &keys).expect("keys");
    Accounts::fixed(plain, certified)
}

fn identified(query: &str, body: &str) -> Result<String, String> {
    let accounts = accounts();
    let params = Params::read(query, body.as_bytes());
    check::identify(&params, &accounts, &Keys::new(Some(7))).map(|a| a.app_id.clone()).map_err(|r| r.sub_code)
}

fn certificates(pem: &str) -> Vec<Vec<u8>> {
    let blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks.map(|b| der(&b.lines().take_while(|l| !l.starts_with("-----END")).collect::<String>())).collect()
}

#[test]
fn w1_the_page_address_is_the_merchants() {
    let query = v::W1_URL.split_once('?').expect("a query").1;
    let params = Params::read(query, b"");
    assert_eq!(params.signed_text(), v::W1_STRING);
    assert_eq!(params.get("sign"), Some(v::W1_SIGN));
    assert_eq!(identified(query, ""), Ok("2021000000000001".to_owned()));
}

#[test]
fn w1_everything_but_the_character_set_may_be_in_the_body() {
    let query = v::W1_URL.split_once('?').expect("a query").1;
    let body = query.replace("&charset=utf-8", "");
    assert_eq!(identified("charset=utf-8", &body), Ok("2021000000000001".to_owned()));
    let (system, content) = (query.replace(&content_pair(query), ""), content_pair(query));
    assert_eq!(identified(&system, content.trim_end_matches('&')), Ok("2021000000000001".to_owned()));
}

fn content_pair(query: &str) -> String {
    let pair = query.split('&').find(|p| p.starts_with("biz_content=")).expect("content");
    format!("{pair}&")
}

#[test]
fn w1_with_the_character_set_in_the_body_only_fails_its_signature() {
    let query = v::W1_URL.split_once('?').expect("a query").1;
    assert_eq!(identified("", query), Err("isv.invalid-signature".to_owned()));
}

#[test]
fn w2_the_order_string_is_the_merchants() {
    assert_eq!(identified(v::W2_ORDER_STRING, ""), Ok("2021000000000001".to_owned()));
}

#[test]
fn w3_top_level_parameters_are_signed_too() {
    let key = rsa::RsaPrivateKey::from_pkcs8_der(&der(v::MERCHANT_KEY)).expect("a key").to_public_key();
    let key = MerchantKey::from_spki(key.to_public_key_der().expect("encodes").as_bytes()).expect("a key");
    assert!(key.verifies(v::W3_STRING.as_bytes(), v::W3_SIGN));
    assert!(!key.verifies(v::W3_STRING.replace("&sign_type=RSA2", "").as_bytes(), v::W3_SIGN), "sign_type is part of a request");
    assert!(!key.verifies(v::W3_STRING.as_bytes(), &corrupted(v::W3_SIGN)));
    assert!(!key.verifies(v::W3_STRING.as_bytes(), "no base64"));
}

#[test]
fn w4_the_answer_is_the_vector_byte_for_byte() {
    let node = Node::ok()
        .text("buyer_logon_id", "tes***@example.com")
        .text("buyer_user_id", "2088000000000009")
        .text("out_trade_no", "G20240301120000000001")
        .text("store_name", "测试/门店 \"{A}\"")
        .text("total_amount", "88.88")
        .text("trade_no", "2024030122001400000000000001")
        .text("trade_status", "TRADE_SUCCESS")
        .finish();
    assert_eq!(node, v::W4_NODE);
    let sign = platform().sign(node.as_bytes());
    assert_eq!(document("alipay_trade_query_response", &node, None, Some(&sign)), v::W4_PLAIN);
    let sn = serial_number(&certificates(v::W10_LEAF)[0]).expect("a number");
    assert_eq!(document("alipay_trade_query_response", &node, Some(&sn), Some(&sign)), v::W4_CERTIFICATE);
}

#[test]
fn w5_a_business_error_is_the_vector_byte_for_byte() {
    let node = Node::coded("40004", "Business Failed")
        .text("sub_code", "ACQ.TRADE_NOT_EXIST")
        .text("sub_msg", "交易不存在")
        .text("out_trade_no", "G20240301120000000099")
        .finish();
    let sign = platform().sign(node.as_bytes());
    assert_eq!(document("alipay_trade_query_response", &node, None, Some(&sign)), v::W5_DOCUMENT);
}

fn decoded(body: &str, charset: Charset) -> Vec<(String, String)> {
    let bytes = |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).collect::<Vec<u8>>();
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(k, value)| (charset.decode(&bytes(k)), charset.decode(&bytes(value)))).collect()
}

fn resigned(body: &str, charset: Charset) -> String {
    let mut pairs = decoded(body, charset);
    let sign = platform().sign(&charset.encode(&notice_text(&pairs)));
    for (name, value) in &mut pairs {
        if name == "sign" {
            value.clone_from(&sign);
        }
    }
    params::form(&pairs, charset)
}

#[test]
fn w6_a_notice_is_signed_without_its_sign_type() {
    assert_eq!(notice_text(&decoded(v::W6_BODY, Charset::Utf8)), v::W6_STRING);
    // The vector's own encoder escapes `*`; ours leaves it as HTML forms do.
    assert_eq!(resigned(v::W6_BODY, Charset::Utf8).replace('*', "%2A"), v::W6_BODY);
}

#[test]
fn w7_a_gbk_notice_is_signed_over_gbk_bytes() {
    assert_eq!(resigned(v::W7_BODY, Charset::Gbk), v::W7_BODY);
}

#[test]
fn w10_certificate_numbers_skip_the_elliptic_root() {
    let app = certificates(v::W10_APP);
    assert_eq!(serial_number(&app[0]).as_deref(), Ok("299e68bffbc7c22884cb9d012285bd94"));
    assert_eq!(serial_number(&certificates(v::W10_LEAF)[0]).as_deref(), Ok("e81f3cd4ab54e71af1f9a69b9d9cf175"));
    let roots = certificates(v::W10_ROOTS);
    let roots: Vec<&[u8]> = roots.iter().map(Vec::as_slice).collect();
    assert_eq!(bundle_number(&roots).as_deref(), Ok("408202301f65af253e8591e7f55a8564_d240f4853affea3558f63340f81c8b5a"));
}

#[test]
fn real_answers_and_returns_verify() {
    let sandbox = MerchantKey::from_spki(&der(v::SANDBOX_PUBLIC_KEY)).expect("a key");
    assert!(sandbox.verifies(v::R1_NODE.as_bytes(), v::R1_SIGN));
    assert!(!sandbox.verifies(v::R1_NODE.replace("\\/", "/").as_bytes(), v::R1_SIGN));
    let pairs = decoded(v::Q1_QUERY, Charset::Utf8);
    let sign = pairs.iter().find(|(k, _)| k == "sign").map(|(_, s)| s.clone()).expect("signed");
    assert!(sandbox.verifies(notice_text(&pairs).as_bytes(), &sign));
}
