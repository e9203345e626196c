//! The channel against the vectors of the provider's documents and against a gateway on the loopback interface.

mod gateway;
mod notices;
mod opening;
mod paying;
mod settling;
mod signing_in;
mod vectors;

use super::Alipay;
use super::account::Account;
use crate::channels::credentials::Fields;
use crate::channels::http::Transport;
use crate::channels::keys::SigningKey;
use crate::model::{Amount, ChannelKind, Method};
use crate::pay::channel::{PaymentRef, RefundRequest, StartRequest};
use crate::pay::{Credentials, Secret, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

const APP_ID: &str = "2021000000000001";
const PAY_NO: &str = "G20240301120000000001";
/// 2024-03-01 12:00:00 in Shanghai.
const NOON: i64 = 1_709_265_600_000;

const KEY_M: &str = include_str!("../vectors/m.pkcs8");
const PUBLIC_M: &str = include_str!("../vectors/m.pub");
const KEY_P: &str = include_str!("../vectors/p.pkcs8");
const PUBLIC_P: &str = include_str!("../vectors/p.pub");
const CERT_APP: &str = include_str!("../vectors/app.crt");
const CERT_PLATFORM: &str = include_str!("../vectors/platform.crt");
const CERT_ISSUER: &str = include_str!("../vectors/issuer.crt");
const CERT_ROOTS: &str = include_str!("../vectors/roots.crt");

fn credentials(pairs: &[(&str, &str)]) -> Credentials {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned()))).collect()
}

fn public_mode() -> Credentials {
    credentials(&[("app_id", APP_ID), ("private_key_pem", KEY_M), ("alipay_public_key_pem", PUBLIC_P)])
}

fn certificate_mode() -> Credentials {
    let chain = format!("{CERT_PLATFORM}{CERT_ISSUER}");
    credentials(&[
        ("app_id", APP_ID),
        ("private_key_pem", KEY_M),
        ("app_cert_pem", CERT_APP),
        ("alipay_cert_pem", &chain),
        ("alipay_root_cert_pem", CERT_ROOTS),
    ])
}

fn account(credentials: &Credentials) -> Account {
    Account::open(&Fields::new(credentials)).unwrap()
}

fn channel(credentials: &Credentials, gateway: &str) -> Alipay {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http = Transport::default().open(ChannelKind::Alipay, None, None).unwrap();
    Alipay {
        account: account(credentials),
        gateway: gateway.to_owned(),
        sign_in_page: super::sign_in::PAGE.to_owned(),
        http,
        world: World::system(),
    }
}

/// The platform's signature.
fn platform_signs(text: &[u8]) -> String {
    STANDARD.encode(SigningKey::read(KEY_P).unwrap().sign_sha256(text).unwrap())
}

/// A whole answer as the platform sends it.
fn answer(method: &str, node: &str) -> Vec<u8> {
    let name = method.replace('.', "_");
    format!(r#"{{"{name}_response":{node},"sign":"{}"}}"#, platform_signs(node.as_bytes())).into_bytes()
}

fn fen(fen: i64) -> Amount {
    Amount::from_fen(fen).unwrap()
}

fn start(method: Method) -> StartRequest {
    StartRequest {
        pay_no: PAY_NO.to_owned(),
        method,
        amount: fen(8888),
        subject: "测试商品 A+B 100%".to_owned(),
        body: None,
        notify_url: "https://cashier.example.com/notify/ch_1/pay".to_owned(),
        return_url: format!("https://cashier.example.com/return/{PAY_NO}"),
        checkout_url: "https://cashier.example.com/checkout/t".to_owned(),
        public_url: "https://cashier.example.com".to_owned(),
        merchant_name: "Shop".to_owned(),
        created_at: NOON,
        deadline: NOON + 30 * 60_000,
        now_ms: NOON,
        client_ip: "203.0.113.9".to_owned(),
        auth_code: None,
        facts: BTreeMap::new(),
    }
}

fn payment(method: Method) -> PaymentRef {
    PaymentRef {
        pay_no: PAY_NO.to_owned(),
        method,
        amount: fen(8888),
        payer: None,
        provider_trade_no: None,
        provider_data: BTreeMap::new(),
        created_at: NOON,
        now_ms: NOON,
    }
}

fn refund() -> RefundRequest {
    RefundRequest {
        refund_no: "R20240301130000000001".to_owned(),
        pay_no: PAY_NO.to_owned(),
        method: Method::AlipayQr,
        payer: None,
        provider_trade_no: Some("2024030122001400000000000001".to_owned()),
        provider_data: BTreeMap::new(),
        provider_refund_no: None,
        paid_amount: fen(8888),
        amount: fen(2000),
        reason: "buyer's wish".to_owned(),
        notify_url: "https://cashier.example.com/notify/ch_1/refund".to_owned(),
        paid_at: Some(NOON),
        created_at: NOON,
        now_ms: NOON,
    }
}

/// Decoded parameters of a form or query, as text.
fn form(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
