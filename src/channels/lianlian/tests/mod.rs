//! The channel against the vectors of the provider's documents and against a provider on the loopback interface.

mod notices;
mod settling;
mod starting;
mod vectors;

use super::sign::{self, Keys, Message};
use super::{Lianlian, wire};
use crate::channels::credentials::Fields;
use crate::channels::gateway::Gateway;
use crate::channels::http::Transport;
use crate::channels::loopback::{Loopback, Script};
use crate::model::{Amount, ChannelKind, Method};
use crate::pay::channel::{PaymentRef, RefundRequest, StartRequest};
use crate::pay::{Credentials, Secret, World};
use std::collections::BTreeMap;

const OID_PARTNER: &str = "201408071000001546";
/// The key of the provider's public demo merchant.
const MD5_KEY: &str = "201408071000001546_test_20140815";
/// Test key, made for nothing else: PKCS#8 without its armour.
const THROWAWAY: &str = include_str!("throwaway.pkcs8");
/// Its public half. It plays LianLian where a test needs LianLian's signature.
const THROWAWAY_PUBLIC: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCrmZ1G228Pf92c8ezhXB66uY5UFjheoMrPYsIqYhcPUxk9ayP5Wy1c4Bu29JLhRGkF2W3QeVs1LFsJOGgco+kXUGBOVsOFoItXLuEibNLxLX3Dop3ufNc3UwC2tysKUVdQWZ+zcoVWCID+qTOlHFS2NT+GB2sSwG0eq/6Q+FtmvwIDAQAB";
const PAY_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";
const REFUND_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0RF";
/// 2017-06-05 13:15:58 in Shanghai.
const NOW: i64 = 1_496_639_758_000;

fn credentials(pairs: &[(&str, &str)]) -> Credentials {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned()))).collect()
}

fn md5_keys(key: &str) -> Keys {
    Keys::open(&Fields::new(&credentials(&[("sign_type", "MD5"), ("md5_key", key)]))).unwrap()
}

/// RSA with the throw-away key as ours and the published key as LianLian's.
fn rsa_keys() -> Keys {
    Keys::open(&Fields::new(&credentials(&[("sign_type", "RSA"), ("private_key_pem", THROWAWAY)]))).unwrap()
}

fn channel(keys: Keys, origin: &str) -> Lianlian {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http = Transport::default().open(ChannelKind::Lianlian, None, None).unwrap();
    let gateway = Gateway::parse(Some(origin)).unwrap();
    Lianlian { oid_partner: OID_PARTNER.to_owned(), keys, gateway, http, world: World::system() }
}

fn fen(fen: i64) -> Amount {
    Amount::from_fen(fen).unwrap()
}

fn map(pairs: &[(&str, &str)]) -> Message {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Takes a canonical text apart again, so that our own code has to put it together.
fn message_of(text: &str) -> Message {
    map(&text.split('&').map(|pair| pair.split_once('=').unwrap()).collect::<Vec<_>>())
}

/// A message as LianLian sends it to the demo merchant, MD5.
fn sealed(pairs: &[(&str, &str)]) -> Message {
    let mut message = map(&[("oid_partner", OID_PARTNER)]);
    message.extend(map(pairs));
    md5_keys(MD5_KEY).seal(message).unwrap()
}

fn answer(pairs: &[(&str, &str)]) -> String {
    let mut all = vec![("ret_code", "0000"), ("ret_msg", "交易成功")];
    all.extend(pairs);
    wire::write(&sealed(&all))
}

/// A provider that gives the same answers in turn, and the channel that asks it.
async fn scripted(answers: &[String]) -> (Loopback, Lianlian) {
    let answers: Vec<String> = answers.to_vec();
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let server = Loopback::serve(move |_| {
        let nth = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Script::ok(answers[nth.min(answers.len() - 1)].clone())
    })
    .await;
    let channel = channel(md5_keys(MD5_KEY), &server.origin);
    (server, channel)
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
        deadline: NOW + 2 * 60 * 60_000,
        now_ms: NOW,
        client_ip: "122.11.37.211".to_owned(),
        auth_code: None,
        facts: map(&[("user_id", "123456"), ("user_name", "测试"), ("id_no", "110101199003077715")]),
    }
}

fn payment() -> PaymentRef {
    PaymentRef {
        pay_no: PAY_NO.to_owned(),
        method: Method::LianlianWeb,
        amount: fen(8888),
        payer: None,
        provider_trade_no: None,
        provider_data: map(&[("dt_order", "20170605131558")]),
        created_at: NOW + 1_000,
        now_ms: NOW,
    }
}

fn refund() -> RefundRequest {
    RefundRequest {
        refund_no: REFUND_NO.to_owned(),
        pay_no: PAY_NO.to_owned(),
        method: Method::LianlianWeb,
        payer: None,
        provider_trade_no: Some("2017060500771034".to_owned()),
        provider_data: map(&[("dt_order", "20170605131558")]),
        provider_refund_no: None,
        paid_amount: fen(8888),
        amount: fen(2000),
        reason: "buyer's wish".to_owned(),
        notify_url: "https://cashier.example.com/notify/ch_1/refund".to_owned(),
        paid_at: None,
        created_at: NOW + 60_000,
        now_ms: NOW + 60_000,
    }
}

/// Whether a message carries the demo merchant's MD5 signature, told by the rule alone.
fn is_signed(message: &Message) -> bool {
    use md5::{Digest, Md5};
    message["sign"] == hex::encode(Md5::digest(format!("{}&key={MD5_KEY}", sign::text(message))))
}

fn facts_without(name: &str) -> BTreeMap<String, String> {
    let mut facts = start(Method::LianlianWeb).facts;
    facts.remove(name);
    facts
}
