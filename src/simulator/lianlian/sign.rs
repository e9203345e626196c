//! Signatures as LianLian makes and checks them (provider's document: 签名机制).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use std::collections::BTreeMap;

/// The fields of a message by name.
pub type Fields = BTreeMap<String, String>;

/// How a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Md5,
    Rsa,
}

impl How {
    pub fn of(sign_type: &str) -> Option<Self> {
        match sign_type {
            "MD5" => Some(Self::Md5),
            "RSA" => Some(Self::Rsa),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Rsa => "RSA",
        }
    }
}

/// Names in byte order, `name=value`, joined by `&`; without `sign`, without what is empty or spelled `null`.
pub fn canonical(fields: &Fields) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if name == "sign" || value.is_empty() || value == "null" {
            continue;
        }
        let joint = if out.is_empty() { "" } else { "&" };
        out.push_str(&format!("{joint}{name}={value}"));
    }
    out
}

pub fn md5_sign(text: &str, key: &str) -> String {
    hex::encode(Md5::digest(format!("{text}&key={key}")))
}

#[expect(clippy::expect_used, reason = "a whole key and a digest of the right length")]
pub fn rsa_sign(text: &str, key: &RsaPrivateKey) -> String {
    STANDARD.encode(key.sign(Pkcs1v15Sign::new::<Md5>(), &Md5::digest(text)).expect("signs"))
}

pub fn rsa_verifies(text: &str, sign: &str, key: &RsaPublicKey) -> bool {
    STANDARD.decode(sign).is_ok_and(|sign| key.verify(Pkcs1v15Sign::new::<Md5>(), &Md5::digest(text), &sign).is_ok())
}
