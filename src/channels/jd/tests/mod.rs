//! The channel against the vectors of the provider's documents and against a provider on the loopback interface.

#[path = "vector_data.rs"]
mod data;
mod notices;
mod settling;
mod starting;
mod vectors;

use super::document::{self, Document};
use super::exchange::VERSION;
use super::sign::{self, Fields, Keys};
use super::vault::Vault;
use super::{Jd, LegacyKey, account};
use crate::channels::credentials::Fields as CredentialFields;
use crate::channels::gateway::Gateway;
use crate::channels::http::Transport;
use crate::channels::keys::VerifyingKey;
use crate::channels::loopback::{Loopback, Script};
use crate::model::{Amount, ChannelKind, Method};
use crate::pay::channel::{ChannelError, PaymentRef, RefundRequest, StartRequest};
use crate::pay::{Secret, World};
use data::{DES_KEY, JD_KEY, MERCHANT, MERCHANT_KEY, THROWAWAY, THROWAWAY_PUBLIC};
use std::collections::BTreeMap;

const PAY_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";
const REFUND_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0RF";
/// 2026-01-01 12:00:00 in Shanghai.
const NOW: i64 = 1_767_240_000_000;

fn opened(changes: &[(&str, &str)]) -> Result<(String, Vault, Keys), ChannelError> {
    let mut all = BTreeMap::from([
        ("merchant", MERCHANT),
        ("des_key", DES_KEY),
        ("private_key_pem", MERCHANT_KEY),
        ("jd_public_key_pem", JD_KEY),
    ]);
    all.extend(changes.iter().copied());
    let credentials = all.into_iter().map(|(n, v)| (n.to_owned(), Secret::new(v.to_owned()))).collect();
    account(&CredentialFields::new(&credentials))
}

/// The test merchant's channel; `jd_key` is whose signatures it believes.
fn channel(jd_key: &str, origin: &str) -> Jd {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http = Transport::default().open(ChannelKind::Jd, None, None).unwrap();
    let (merchant, vault, keys) = opened(&[("jd_public_key_pem", jd_key)]).unwrap();
    Jd { merchant, vault, keys, gateway: Gateway::parse(Some(origin)).unwrap(), http, world: World::system() }
}

fn vault() -> Vault {
    Vault::read(DES_KEY).unwrap()
}

/// JD as the throw-away key plays it.
fn jd() -> Keys {
    Keys { ours: LegacyKey::read(THROWAWAY).unwrap(), theirs: VerifyingKey::read(THROWAWAY_PUBLIC).unwrap() }
}

fn fen(fen: i64) -> Amount {
    Amount::from_fen(fen).unwrap()
}

fn map(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

/// A message as JD sends it: this inner text, signed, encrypted, in an envelope for this merchant.
fn wrapped(merchant: &str, clear: &str) -> String {
    let signed = document::insert_sign(clear, &jd().sign(clear).unwrap());
    enveloped(merchant, &vault().seal(&signed))
}

fn enveloped(merchant: &str, encrypt: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><jdpay><version>V2.0</version><merchant>{merchant}</merchant>\
         <result><code>000000</code><desc>成功</desc></result><encrypt>{encrypt}</encrypt></jdpay>"
    )
}

/// A successful inner document with these elements.
fn inner(pairs: &[(&str, &str)]) -> String {
    let elements: String = pairs.iter().map(|(n, v)| format!("<{n}>{v}</{n}>")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><jdpay><version>V2.0</version><merchant>{MERCHANT}</merchant>\
         <result><code>000000</code><desc>成功</desc></result>{elements}</jdpay>"
    )
}

fn answer(pairs: &[(&str, &str)]) -> String {
    wrapped(MERCHANT, &inner(pairs))
}

/// A no: neither signed nor encrypted.
fn no(words: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><jdpay><version>V2.0</version><merchant>{MERCHANT}</merchant>\
         <result><code>100001</code><desc>{words}</desc></result></jdpay>"
    )
}

/// A provider that gives these answers in turn, and the channel that asks it.
async fn scripted(answers: &[String]) -> (Loopback, Jd) {
    let answers: Vec<String> = answers.to_vec();
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let server = Loopback::serve(move |_| {
        let nth = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Script::ok(answers[nth.min(answers.len() - 1)].clone())
    })
    .await;
    let channel = channel(THROWAWAY_PUBLIC, &server.origin);
    (server, channel)
}

/// What the merchant sent, opened with JD's side of the keys.
fn sent(body: &[u8]) -> Document {
    let outer = document::read(std::str::from_utf8(body).unwrap()).unwrap();
    assert_eq!((outer.get("version"), outer.get("merchant")), (Some(VERSION), Some(MERCHANT)));
    let clear = vault().open(outer.get("encrypt").unwrap()).unwrap();
    let (text, sign) = sign::cut(&clear).unwrap();
    assert!(clear.ends_with(&format!("<sign>{sign}</sign></jdpay>")));
    assert!(merchant_signed(&text, &sign));
    document::read(&text).unwrap()
}

fn merchant_signed(text: &str, sign: &str) -> bool {
    use rsa::pkcs8::DecodePrivateKey;
    let der = crate::channels::keys::blocks(MERCHANT_KEY).unwrap().remove(0).der;
    let public = rsa::RsaPrivateKey::from_pkcs8_der(&der).unwrap().to_public_key();
    use base64::Engine;
    let signature = base64::engine::general_purpose::STANDARD.decode(sign).unwrap();
    public.verify(rsa::Pkcs1v15Sign::new_unprefixed(), sign::digest(text).as_bytes(), &signature).is_ok()
}

fn start(method: Method) -> StartRequest {
    StartRequest {
        pay_no: PAY_NO.to_owned(),
        method,
        amount: fen(8888),
        subject: "青瓷茶壶".to_owned(),
        body: None,
        notify_url: "https://cashier.example.com/notify/ch_1/pay".to_owned(),
        return_url: format!("https://cashier.example.com/return/{PAY_NO}"),
        checkout_url: "https://cashier.example.com/checkout/t".to_owned(),
        public_url: "https://cashier.example.com".to_owned(),
        merchant_name: "Shop".to_owned(),
        created_at: NOW,
        deadline: NOW + 30 * 60_000,
        now_ms: NOW + 1_000,
        client_ip: "203.0.113.9".to_owned(),
        auth_code: None,
        facts: map(&[("user_id", "0000001")]),
    }
}

fn payment() -> PaymentRef {
    PaymentRef {
        pay_no: PAY_NO.to_owned(),
        method: Method::JdWeb,
        amount: fen(8888),
        payer: None,
        provider_trade_no: None,
        provider_data: BTreeMap::new(),
        created_at: NOW,
        now_ms: NOW,
    }
}

fn refund() -> RefundRequest {
    RefundRequest {
        refund_no: REFUND_NO.to_owned(),
        pay_no: PAY_NO.to_owned(),
        method: Method::JdWeb,
        payer: None,
        provider_trade_no: None,
        provider_data: BTreeMap::new(),
        provider_refund_no: None,
        paid_amount: fen(8888),
        amount: fen(2000),
        reason: "buyer's <wish>".to_owned(),
        notify_url: "https://cashier.example.com/notify/ch_1/refund".to_owned(),
        paid_at: None,
        created_at: NOW + 60_000,
        now_ms: NOW + 60_000,
    }
}
