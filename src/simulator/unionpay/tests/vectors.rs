//! The vectors of the specification on the gateway's side. Certificates and keys are those made for the vectors.

use super::super::file;
use super::super::ledger::{Key, Kind, Order, State, Transaction};
use super::super::message::Message;
use super::*;
use rsa::pkcs1::EncodeRsaPublicKey as _;
use rsa::pkcs8::DecodePublicKey as _;

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("../../../channels/unionpay/vectors/", $name))
    };
}

/// A message of a text `name=value&…`.
fn message(text: &str, certificate: &str) -> Message {
    let braces = text.replace("{a=1&b=2}", "{a=1;b=2}"); // the one value with an ampersand
    let mut message = Message::default();
    for part in braces.split('&') {
        let (name, value) = part.split_once('=').expect("a pair");
        let value = if value == "<CERT>" { certificate.trim_end().replace('\n', "\r\n") } else { value.replace(';', "&") };
        message.put(name, value);
    }
    message
}

fn verifies(spki: &[u8]) -> impl Fn(&[u8], &[u8]) -> bool {
    let der = rsa::RsaPublicKey::from_public_key_der(spki).expect("a key").to_pkcs1_der().expect("encodes");
    move |text, signature| UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_bytes()).verify(text, signature).is_ok()
}

fn key_of(pem: &str) -> Vec<u8> {
    let der = certificate_der(pem);
    let (_, certificate) = X509Certificate::from_der(&der).expect("a certificate");
    certificate.public_key().raw.to_vec()
}

#[test]
fn requests_of_merchants_verify() {
    let real = STANDARD.decode(data!("cfca_merchant.pub").trim()).expect("base64");
    let made = key_of(data!("merchant.crt"));
    for (key, text, signature) in [
        (&real, data!("p1.text"), data!("p1.sign")),
        (&real, data!("p2.text"), data!("p2.sign")),
        (&real, data!("p3.text"), data!("p3.sign")),
        (&real, data!("p4.text"), data!("p4.sign")),
        (&made, data!("w1.text"), data!("w1.sign")),
        (&made, data!("w3.text"), data!("w3.sign")),
        (&made, data!("w5.text"), data!("w5.sign")),
        (&made, data!("w6.text"), data!("w6.sign")),
    ] {
        let request = message(text, "").with("signature", signature);
        assert_eq!(request.signed_text(), text);
        assert!(request.is_signed(verifies(key)), "{text}");
        assert!(!request.clone().with("txnTime", "20240301120001").is_signed(verifies(key)), "{text}");
        let mut spoilt = request;
        spoilt.spoil();
        assert!(!spoilt.is_signed(verifies(key)), "{text}");
    }
    let form = Message::read(data!("w1.body").as_bytes()).expect("a form");
    assert_eq!(form.signed_text(), data!("w1.text"));
    assert!(form.is_signed(verifies(&made)));
}

#[test]
fn messages_of_the_platform_are_made_to_the_letter() {
    let real = key_of(data!("cfca_leaf.crt"));
    for (text, signature) in [
        (data!("p5.text"), data!("p5.sign")),
        (data!("p6.text"), data!("p6.sign")),
        (data!("p7.text"), data!("p7.sign")),
        (data!("p8.text"), data!("p8.sign")),
    ] {
        assert!(message(text, data!("cfca_leaf.crt")).with("signature", signature).is_signed(verifies(&real)), "{text}");
    }
    let key = STANDARD.decode(data!("platform.key").replace('\n', "")).expect("base64");
    let key = RsaKeyPair::from_pkcs8(&key).expect("a key");
    let sign = |text: &[u8]| {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &aws_lc_rs::rand::SystemRandom::new(), text, &mut signature).expect("signs");
        signature
    };
    let certificate = data!("platform.crt").trim_end().replace('\n', "\r\n");
    let mut answer = message(data!("w4.text"), data!("platform.crt"));
    answer.put("signPubKeyCert", "");
    let answer = answer.sign(&certificate, sign);
    assert_eq!(answer.text_of("signature"), data!("w4.sign"));
    let digest = hex::encode(Sha256::digest(answer.unencoded()));
    assert_eq!(digest, "68c790ecb9abf7800265b4a18dcbd06659433207a5a1f586f8f36f2373f28f2f", "the whole body");

    let notice = Message::read(data!("w2.body").as_bytes()).expect("a form");
    let again = notice.clone().sign(&certificate, sign);
    assert_eq!(again, notice, "W-2 is made as it is");
    assert_eq!(again.form(), data!("w2.body"));
}

fn transaction(
    kind: Kind,
    key: Key,
    query_id: &str,
    trace_no: &str,
    at_ms: i64,
    fen: i64,
    original: Option<&str>,
) -> Transaction {
    let order = Order {
        kind,
        key,
        sub_type: if kind == Kind::Payment { "01" } else { "00" }.to_owned(),
        biz_type: "000201".to_owned(),
        channel_type: "07".to_owned(),
        amount: fen,
        front_url: None,
        back_url: String::new(),
        reserved: None,
        goods: String::new(),
        pay_timeout: None,
        original: original.map(str::to_owned),
    };
    Transaction {
        order,
        query_id: query_id.to_owned(),
        trace_no: trace_no.to_owned(),
        created_ms: at_ms,
        state: State::Done,
        done: Some((at_ms, Account::Xiaoming)),
        charge: fen,
        stuck: false,
    }
}

// W-9, byte for byte.
#[test]
fn settlement_lines_have_their_layout() {
    let key = |number: &str, time: &str| (number.to_owned(), time.to_owned());
    let payment = transaction(
        Kind::Payment,
        key("G20240301120000000001", "20240301120000"),
        "742403011200001234568",
        "123456",
        NOON,
        8888,
        None,
    );
    let refund = transaction(
        Kind::Refund,
        key("R20240301130000000001", "20240301130000"),
        "742403011300001234608",
        "123460",
        NOON + 3_600_000,
        2000,
        Some("742403011200001234568"),
    );
    let mut made = file::line(&payment, None, "777290058100001", "测试商户");
    made.extend(b"\r\n");
    made.extend(file::line(&refund, Some(&payment), "777290058100001", "测试商户"));
    made.extend(b"\r\n");
    let given = include_bytes!("../../../channels/unionpay/vectors/w9.zm");
    assert_eq!(String::from_utf8_lossy(&made), String::from_utf8_lossy(given));
    assert_eq!(made, given);
}
