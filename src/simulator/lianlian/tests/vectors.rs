//! Every vector of the documents from the other side.

#[path = "vector_data.rs"]
mod data;

use super::super::account::Account;
use super::super::ledger::{Paid, State, Trade};
use super::super::notice;
use super::super::order::{Gate, Order};
use super::super::refusal::No;
use super::super::sign::{self, Fields, How};
use super::stage::Scene;
use crate::simulator::Behaviour;
use md5::{Digest, Md5};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};

const OID_PARTNER: &str = "201408071000001546";
/// The key of LianLian's public demo merchant.
const MD5_KEY: &str = "201408071000001546_test_20140815";
/// 2017-06-05 13:15:58 in China.
const THEN: i64 = 1_496_639_758_000;
const PUBLISHED_KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCSS/DiwdCf/aZsxxcacDnooGph3d2JOj5GXWi+q3gznZauZjkNP8SKl3J2liP0O6rU/Y/29+IUe+GTMhMOFJuZm1htAtKiu5ekW0GlBMWxf4FPkYlQkPE0FtaoMP3gYfh+OwI+fIRrpW3ySn3mScnc6Z700nU/VYrRkfcSCbSnRwIDAQAB";

fn der(base64_text: &str) -> Vec<u8> {
    use base64::Engine;
    let compact: String = base64_text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(compact).expect("base64")
}

fn fields(text: &str) -> Fields {
    text.split('&').map(|pair| pair.split_once('=').expect("a pair")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    fields.insert(name.to_owned(), value.to_owned());
    fields
}

fn account() -> Account {
    Account { oid_partner: OID_PARTNER.to_owned(), md5_key: MD5_KEY.to_owned(), ..Account::of(&Scene::new().simulator.stage) }
}

#[test]
fn md5_signs_what_the_documents_sign() {
    let (text, key, sign) = data::NOTICE_OF_THE_PAGE;
    assert_eq!(sign::md5_sign(&sign::canonical(&fields(text)), key), sign);
    for (text, sign) in data::MESSAGES {
        assert_eq!(sign::canonical(&fields(text)), *text);
        assert_eq!(sign::md5_sign(text, MD5_KEY), *sign);
        let sent = with(fields(text), "sign", sign);
        assert_eq!(account().identify(&sent), Ok(How::Md5));
        assert_eq!(account().identify(&with(sent, "no_order", "other")), Err(No::signature()));
    }
}

#[test]
fn rsa_signs_and_verifies_what_the_documents_sign() {
    let (text, digest, sign) = data::REAL_ANSWER;
    let published = rsa::RsaPublicKey::from_public_key_der(&der(PUBLISHED_KEY)).expect("a key");
    assert_eq!(hex::encode(Md5::digest(sign::canonical(&fields(text)))), digest);
    assert!(sign::rsa_verifies(text, sign, &published));
    assert!(!sign::rsa_verifies(&text.replace("0.61", "0.62"), sign, &published));

    let (text, md5, digest, sign) = data::WEB;
    // Test key, made for nothing else.
    let throwaway = rsa::RsaPrivateKey::from_pkcs8_der(&der(include_str!("throwaway.pkcs8"))).expect("a key");
    assert_eq!(sign::md5_sign(text, MD5_KEY), md5);
    let text = text.replace("sign_type=MD5", "sign_type=RSA");
    assert_eq!(hex::encode(Md5::digest(&text)), digest);
    assert_eq!(sign::rsa_sign(&text, &throwaway), sign);
    assert!(sign::rsa_verifies(&text, sign, &throwaway.to_public_key()));
    assert!(!sign::rsa_verifies(&text, "!", &throwaway.to_public_key()));
}

#[test]
fn the_documents_requests_are_orders() {
    let (text, sign, ..) = data::WEB;
    let sent = with(fields(text), "sign", sign);
    let how = account().identify(&sent).expect("signed");
    // The document's own net-bank order names nobody.
    let order = Order::read(Gate::WebBank, how, &sent, THEN + 60_000).expect("an order");
    assert_eq!((order.money, order.minutes, order.no_order.as_str()), (1, 30, "20170605131558001"));
    assert_eq!(Order::read(Gate::Web, how, &sent, THEN).err(), Some(No::parameter("id_no")));
    assert_eq!(Order::read(Gate::WebBank, how, &sent, THEN + 31 * 60_000).err(), Some(No::parameter("timestamp")));

    let (text, sign, req_data) = data::WAP;
    let sent: Fields = serde_json::from_str(req_data).expect("flat JSON");
    assert_eq!(sign::canonical(&sent), text);
    assert_eq!(sent["sign"], sign);
    let how = account().identify(&sent).expect("signed");
    let order = Order::read(Gate::Wap, how, &sent, THEN).expect("an order");
    assert_eq!((order.money, order.name_goods.as_str()), (1, "测试商品"));
}

#[test]
fn notices_and_returns_say_what_the_documents_say() {
    let (text, sign, ..) = data::WEB;
    let sent = with(fields(text), "sign", sign);
    let order = Order::read(Gate::WebBank, How::Md5, &sent, THEN).expect("an order");
    let paid = Paid { amount: 1, at: THEN, pay_type: "1".to_owned(), bank_code: "01020000".to_owned() };
    let mut trade = Trade {
        order,
        oid_paybill: "2017060500771034".to_owned(),
        state: State::Success,
        created_at: THEN,
        expires_at: THEN,
        ended_at: None,
        paid: Some(paid),
        refunds: Vec::new(),
        behaviour: Behaviour::Ok,
        behaviour_at: THEN,
    };
    let [(told, sign), (returned, return_sign), ..] = data::MESSAGES else { panic!("two messages") };
    let sealed = account().seal(How::Md5, notice::payment_fields(&trade), false);
    assert_eq!((sign::canonical(&sealed).as_str(), sealed["sign"].as_str()), (*told, *sign));
    assert_ne!(account().seal(How::Md5, notice::payment_fields(&trade), true)["sign"], *sign);
    trade.order.gate = Gate::Wap;
    let carried = notice::return_fields(&account(), &trade);
    let [(name, value)] = carried.as_slice() else { panic!("one input") };
    let inside: Fields = serde_json::from_str(value).expect("flat JSON");
    assert_eq!(name, "res_data");
    assert_eq!((sign::canonical(&inside).as_str(), inside["sign"].as_str()), (*returned, *return_sign));
}
