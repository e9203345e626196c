//! Makes providers' payment notices, true ones and false ones, from the providers' documents alone: nothing of `channels`
//! and nothing of the simulator.

mod falsehoods;

use super::merchant::{RSA, nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, RngCore};
use rsa::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;

pub type Fields = BTreeMap<String, String>;

/// Who the notices pretend to come from.
#[derive(Clone)]
pub enum Forger {
    /// Signs with the merchant's APIv2 key.
    WeChat { appid: String, mch_id: String, key: String },
    /// Signs with the tests' own RSA key, which the channel must have as the platform's.
    Alipay { app_id: String, seller_id: String },
}

/// One false message, with the kind of falsehood for the failure text.
pub struct Forgery {
    pub kind: &'static str,
    pub body: Vec<u8>,
}

impl Forger {
    /// What the provider would tell about a payment.
    pub fn truth(&self, pay_no: &str, fen: i64, trade_no: &str) -> Fields {
        let yuan = format!("{}.{:02}", fen / 100, fen % 100);
        let fen = fen.to_string();
        let pairs: Vec<(&str, &str)> = match self {
            Self::WeChat { appid, mch_id, .. } => vec![
                ("return_code", "SUCCESS"),
                ("result_code", "SUCCESS"),
                ("appid", appid),
                ("mch_id", mch_id),
                ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"),
                ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
                ("is_subscribe", "N"),
                ("trade_type", "NATIVE"),
                ("bank_type", "OTHERS"),
                ("fee_type", "CNY"),
                ("total_fee", &fen),
                ("cash_fee", &fen),
                ("transaction_id", trade_no),
                ("out_trade_no", pay_no),
                ("time_end", "20260607080910"),
                ("sign_type", "HMAC-SHA256"),
            ],
            Self::Alipay { app_id, seller_id } => vec![
                ("notify_type", "trade_status_sync"),
                ("notify_id", "2026060700222080910000000000000001"),
                ("notify_time", "2026-06-07 08:09:10"),
                ("charset", "utf-8"),
                ("version", "1.0"),
                ("sign_type", "RSA2"),
                ("app_id", app_id),
                ("auth_app_id", app_id),
                ("seller_id", seller_id),
                ("trade_status", "TRADE_SUCCESS"),
                ("trade_no", trade_no),
                ("out_trade_no", pay_no),
                ("total_amount", &yuan),
                ("receipt_amount", &yuan),
                ("buyer_id", "2088102146225135"),
                ("subject", "茶壶 & 茶杯 100%"),
                ("gmt_payment", "2026-06-07 08:09:09"),
            ],
        };
        pairs.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
    }

    /// Signs as the provider does and writes the message.
    pub fn signed(&self, fields: &Fields) -> Vec<u8> {
        let mut fields = fields.clone();
        fields.insert("sign".to_owned(), self.sign(&fields));
        self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())))
    }

    fn sign(&self, fields: &Fields) -> String {
        match self {
            Self::WeChat { key, .. } => hmac_hex(&format!("{}&key={key}", joined(fields, &["sign"])), key),
            Self::Alipay { .. } => {
                let text = joined(fields, &["sign", "sign_type"]);
                rsa_sign(SHA256, &Sha256::digest(text))
            }
        }
    }

    /// In the provider's form, fields as given: also doubled ones.
    fn write<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
        match self {
            Self::WeChat { .. } => {
                let elements: String = fields.map(|(n, v)| format!("<{n}><![CDATA[{v}]]></{n}>")).collect();
                format!("<xml>{elements}</xml>").into_bytes()
            }
            Self::Alipay { .. } => form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes(),
        }
    }

    /// Names whose value a signature does not cover, by the provider's own rule.
    fn is_unsigned(&self, name: &str) -> bool {
        matches!(self, Self::Alipay { .. }) && name == "sign_type"
    }

    /// Rightly signed, but larger than any notice may be.
    pub fn oversized(&self, truth: &Fields) -> Vec<u8> {
        let mut fields = truth.clone();
        fields.insert("attach".to_owned(), format!("{}{}", nonce(), "x".repeat(65 * 1024)));
        self.signed(&fields)
    }

    /// Whether an answer is the provider's word for "received", and nothing else.
    pub fn is_success(&self, status: u16, body: &str) -> bool {
        status == 200
            && match self {
                Self::WeChat { .. } => is_xml_answer(body, "SUCCESS"),
                Self::Alipay { .. } => body == "success",
            }
    }

    /// Whether it is the word for "send it again".
    pub fn is_failure(&self, status: u16, body: &str) -> bool {
        status == 200
            && match self {
                Self::WeChat { .. } => is_xml_answer(body, "FAIL"),
                Self::Alipay { .. } => body == "fail",
            }
    }
}

fn is_xml_answer(body: &str, code: &str) -> bool {
    let inner = body.strip_prefix(&format!("<xml><return_code><![CDATA[{code}]]></return_code><return_msg><![CDATA["));
    inner.and_then(|rest| rest.strip_suffix("]]></return_msg></xml>")).is_some_and(|message| !message.contains('<'))
}

fn joined(fields: &Fields, without: &[&str]) -> String {
    let kept = fields.iter().filter(|(n, v)| !without.contains(&n.as_str()) && !v.is_empty());
    kept.map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

fn hmac_hex(text: &str, key: &str) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    hex::encode_upper(mac.finalize().into_bytes())
}

/// RFC 8017, section 9.2: the names of digests before them.
const SHA256: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
const SHA1: &[u8] = &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

fn rsa_sign(name: &[u8], digest: &[u8]) -> String {
    let scheme = Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: name.into() };
    STANDARD.encode(RSA.sign(scheme, digest).expect("signs"))
}
