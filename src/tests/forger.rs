//! Makes providers' payment notices, true ones and false ones, from the providers' documents alone: nothing of `channels`
//! and nothing of the simulator.

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

    /// About `many` forgeries of every kind, from one true notice that nobody has sent yet.
    pub fn forgeries(&self, truth: &Fields, many: usize, chance: &mut StdRng) -> Vec<Forgery> {
        let mut all = Vec::new();
        for _ in 0..many {
            all.extend(self.changed_byte(truth, chance));
            all.push(self.cut(truth, chance));
            all.extend(self.changed_value(truth, chance));
            all.push(self.other_fields(truth, chance));
            all.push(self.doubled(truth, chance));
            all.push(self.other_key(truth, chance));
            all.push(self.wrong_encoding(truth, chance));
            all.push(self.wrong_account(truth, chance));
            if matches!(self, Self::WeChat { .. }) {
                all.push(self.dangerous_xml(truth, chance));
            }
        }
        all.extend(self.fixed(truth));
        all
    }

    fn changed_byte(&self, truth: &Fields, chance: &mut StdRng) -> Option<Forgery> {
        let body = self.signed(truth);
        let mut other = body.clone();
        let at = chance.gen_range(0..body.len());
        other[at] = chance.gen_range(0x20..0x7f);
        // The same message in another spelling is no forgery: hex and escapes in lower case, a blank for a plus, or a
        // field that the signature does not cover.
        let is_same = body.eq_ignore_ascii_case(&other)
            || (matches!(self, Self::Alipay { .. }) && self.signed_pairs(&body) == self.signed_pairs(&other));
        (!is_same).then_some(Forgery { kind: "a changed byte", body: other })
    }

    fn signed_pairs(&self, body: &[u8]) -> Vec<(String, String)> {
        let mut pairs: Vec<_> = form_urlencoded::parse(body).into_owned().filter(|(n, _)| !self.is_unsigned(n)).collect();
        pairs.sort();
        pairs
    }

    fn cut(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        // The signature goes last, so that a cut always takes some of it.
        let mut pairs: Vec<(&str, &str)> = truth.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let sign = self.sign(truth);
        pairs.push(("sign", &sign));
        let mut body = self.write(pairs.into_iter());
        body.truncate(chance.gen_range(0..body.len()));
        Forgery { kind: "a cut", body }
    }

    fn changed_value(&self, truth: &Fields, chance: &mut StdRng) -> Option<Forgery> {
        let mut fields = truth.clone();
        fields.insert("sign".to_owned(), self.sign(truth));
        let names: Vec<String> = truth.keys().filter(|n| !self.is_unsigned(n)).cloned().collect();
        let value = fields.get_mut(names.choose(chance)?)?;
        let old = value.clone();
        match chance.gen_range(0..5) {
            0 => value.push(char::from(chance.gen_range(b'0'..=b'9'))),
            1 => value.insert(0, char::from(chance.gen_range(b'0'..=b'9'))),
            2 => *value = value.chars().rev().collect(),
            3 => value.push(' '),
            _ => *value = String::new(),
        }
        let changed = *value != old;
        let body = self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        changed.then_some(Forgery { kind: "a changed value under the old signature", body })
    }

    fn other_fields(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let mut fields = truth.clone();
        fields.insert("sign".to_owned(), self.sign(truth));
        if chance.gen_bool(0.5) {
            let names: Vec<String> = fields.keys().filter(|n| !self.is_unsigned(n)).cloned().collect();
            fields.remove(&names[chance.gen_range(0..names.len())]);
        } else {
            fields.insert(format!("x_{}", chance.next_u32()), chance.next_u32().to_string());
        }
        let body = self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        Forgery { kind: "a field more or less under the old signature", body }
    }

    fn doubled(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let mut fields = truth.clone();
        fields.insert("sign".to_owned(), self.sign(truth));
        let mut pairs: Vec<(String, String)> = fields.into_iter().collect();
        let (name, value) = pairs[chance.gen_range(0..pairs.len())].clone();
        let value = if chance.gen_bool(0.5) { value } else { chance.next_u32().to_string() };
        pairs.insert(chance.gen_range(0..=pairs.len()), (name, value));
        let body = self.write(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        Forgery { kind: "a doubled field", body }
    }

    /// Everything right but the key.
    fn other_key(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let mut fields = truth.clone();
        let sign = match self {
            Self::WeChat { key, .. } => {
                let mut bytes: Vec<u8> = key.bytes().collect();
                let at = chance.gen_range(0..bytes.len());
                bytes[at] = if bytes[at] == b'z' { b'y' } else { b'z' };
                let other = String::from_utf8(bytes).expect("ASCII");
                hmac_hex(&format!("{}&key={other}", joined(truth, &["sign"])), &other)
            }
            Self::Alipay { .. } => {
                let mut noise = vec![0u8; 256];
                chance.fill_bytes(&mut noise);
                STANDARD.encode(noise)
            }
        };
        fields.insert("sign".to_owned(), sign);
        Forgery { kind: "another key", body: self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))) }
    }

    fn wrong_encoding(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let body = self.signed(truth);
        let at = chance.gen_range(0..body.len());
        let (head, tail) = body.split_at(at);
        let body = match self {
            Self::WeChat { .. } => {
                let text = String::from_utf8(body.clone()).expect("UTF-8");
                match chance.gen_range(0..4) {
                    0 => [head, &[0xff], tail].concat(),
                    1 => [head, &[0xc0, 0xaf], tail].concat(),
                    2 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                    _ => {
                        format!("<?xml version=\"1.0\" encoding=\"{}\"?>{text}", ["GBK", "UTF-16", "latin1"][at % 3]).into_bytes()
                    }
                }
            }
            Self::Alipay { .. } => match chance.gen_range(0..4) {
                0 => [head, b"%", tail.get(2..).unwrap_or_default(), b"%"].concat(),
                1 => [head, b"%zz", tail].concat(),
                // Rightly signed, in a charset that the provider does not have.
                2 => {
                    let mut fields = truth.clone();
                    fields.insert("charset".to_owned(), ["utf-16", "big5", "x", "utf-7"][at % 4].to_owned());
                    self.signed(&fields)
                }
                // Rightly signed over bytes that are no UTF-8, which it claims to be.
                _ => self.signed_bytes(truth, chance),
            },
        };
        Forgery { kind: "a wrong encoding", body }
    }

    fn signed_bytes(&self, truth: &Fields, chance: &mut StdRng) -> Vec<u8> {
        let (mut text, mut form) = (Vec::new(), Vec::new());
        let noise = chance.gen_range(0x80..=0xffu8);
        for (name, value) in truth {
            let mut value = value.clone().into_bytes();
            if name == "subject" {
                value = vec![b'a', noise, b'b'];
            }
            if name != "sign_type" {
                text.extend_from_slice(&[name.as_bytes(), b"=", &value, b"&"].concat());
            }
            let escaped: String = form_urlencoded::byte_serialize(&value).collect();
            form.extend_from_slice(format!("{name}={escaped}&").as_bytes());
        }
        text.pop();
        let sign = rsa_sign(SHA256, &Sha256::digest(&text));
        let sign: String = form_urlencoded::byte_serialize(sign.as_bytes()).collect();
        [form, format!("sign={sign}").into_bytes()].concat()
    }

    /// Rightly signed, but about somebody else's account.
    fn wrong_account(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let names: &[&str] = match self {
            Self::WeChat { .. } => &["appid", "mch_id"],
            Self::Alipay { .. } => &["app_id", "auth_app_id", "seller_id"],
        };
        let mut fields = truth.clone();
        fields.insert((*names.choose(chance).expect("some")).to_owned(), format!("20{}", chance.next_u64()));
        Forgery { kind: "another account", body: self.signed(&fields) }
    }

    /// Document types, entities, instructions, attributes, depth: around a message that is otherwise right.
    fn dangerous_xml(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let text = String::from_utf8(self.signed(truth)).expect("UTF-8");
        let n = chance.next_u32();
        let inside = |element: String| text.replacen("</xml>", &format!("{element}</xml>"), 1);
        let fee = |with: &str| {
            let at = text.find("<total_fee>").expect("there") + "<total_fee>".len();
            format!("{}{with}{}", &text[..at], &text[at..])
        };
        let body = match chance.gen_range(0..14) {
            0 => format!("<!DOCTYPE xml [<!ENTITY a{n} \"1\">]>{text}"),
            1 => format!("<!DOCTYPE xml SYSTEM \"http://127.0.0.1:9/{n}.dtd\">{text}"),
            2 => format!("<!DOCTYPE xml PUBLIC \"-//{n}//EN\" \"http://127.0.0.1:9/x\">{text}"),
            3 => format!("<!DOCTYPE xml [<!ENTITY % p{n} SYSTEM \"file:///etc/passwd\"> %p{n};]>{text}"),
            4 => format!("<!DOCTYPE l [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\"><!ENTITY c{n} \"&b;&b;\">]>{}", fee("&c;")),
            5 => fee(&format!("&e{n};")),
            6 => inside(format!("<x{n}><y>1</y></x{n}>")),
            7 => format!("<?php echo {n}; ?>{text}"),
            8 => fee(&format!("<!-- {n} -->")),
            9 => text.replacen("<total_fee>", &format!("<total_fee id=\"{n}\">"), 1),
            10 => format!("{text}<xml>{n}</xml>"),
            11 => format!("{n}{text}"),
            12 => inside((0..120).map(|i| format!("<f{i}>{n}</f{i}>")).collect()),
            _ => text.replacen("<xml>", &format!("<xml xmlns:a=\"urn:{n}\">"), 1),
        };
        Forgery { kind: "dangerous XML", body: body.into_bytes() }
    }

    /// The classics, one each.
    fn fixed(&self, truth: &Fields) -> Vec<Forgery> {
        let with = |kind, name: &str, value: String| {
            let mut fields = truth.clone();
            fields.insert(name.to_owned(), value);
            Forgery { kind, body: self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))) }
        };
        let mut all = vec![
            Forgery { kind: "nothing", body: Vec::new() },
            Forgery { kind: "JSON", body: serde_json::to_vec(truth).expect("JSON") },
            Forgery { kind: "no signature", body: self.write(truth.iter().map(|(n, v)| (n.as_str(), v.as_str()))) },
            with("an empty signature", "sign", String::new()),
            with("a constant for a signature", "sign", "true".to_owned()),
            with("the text for a signature", "sign", joined(truth, &["sign"])),
        ];
        match self {
            Self::WeChat { key, .. } => {
                let md5 = |fields: &Fields, key: &str| {
                    hex::encode_upper(Md5::digest(format!("{}&key={key}", joined(fields, &["sign"]))))
                };
                let mut weaker = truth.clone();
                weaker.insert("sign_type".to_owned(), "MD5".to_owned());
                let sign = md5(&weaker, key);
                weaker.insert("sign".to_owned(), sign);
                let body = self.write(weaker.iter().map(|(n, v)| (n.as_str(), v.as_str())));
                all.push(Forgery { kind: "the right key with an algorithm that the channel does not allow", body });
                all.push(with("the right key with another algorithm, unsaid", "sign", md5(truth, key)));
                all.push(with("an empty key", "sign", hmac_hex(&format!("{}&key=", joined(truth, &["sign"])), "")));
            }
            Self::Alipay { .. } => {
                let text = joined(truth, &["sign", "sign_type"]);
                let mut weaker = truth.clone();
                weaker.insert("sign_type".to_owned(), "RSA".to_owned());
                weaker.insert("sign".to_owned(), rsa_sign(SHA1, &Sha1::digest(&text)));
                let body = self.write(weaker.iter().map(|(n, v)| (n.as_str(), v.as_str())));
                all.push(Forgery { kind: "the right key with an algorithm that the channel does not allow", body });
                let request_text = joined(truth, &["sign"]);
                let sign = rsa_sign(SHA256, &Sha256::digest(request_text));
                all.push(with("a request's text in place of a notice's", "sign", sign));
                all.push(with("a digest as signature", "sign", STANDARD.encode(Sha256::digest(text))));
            }
        }
        all
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
