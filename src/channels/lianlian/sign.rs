//! LianLian's signatures (provider's document: 签名机制): one text, closed either with a shared key and MD5 or with
//! MD5withRSA.
//!
//! Unlike other providers' rules `sign_type` is part of the text. Signing and checking work on all fields as they travel.

use crate::channels::credentials::{Fields, wrong};
use crate::channels::keys::VerifyingKey;
use crate::channels::legacy_keys::LegacyKey;
use crate::pay::Secret;
use crate::pay::channel::ChannelError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use rsa::Pkcs1v15Sign;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// Field name to its text, exactly as it travels; the order of the map is the order of the signed text.
pub type Message = BTreeMap<String, String>;

pub const MD5: &str = "MD5";
pub const RSA: &str = "RSA";
pub const SIGN_TYPES: &[&str] = &[MD5, RSA];

/// The production key that LianLian prints in its demos.
pub const PUBLISHED_KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCSS/DiwdCf/aZsxxcacDnooGph3d2JOj5GXWi+q3gznZauZjkNP8SKl3J2liP0O6rU/Y/29+IUe+GTMhMOFJuZm1htAtKiu5ekW0GlBMWxf4FPkYlQkPE0FtaoMP3gYfh+OwI+fIRrpW3ySn3mScnc6Z700nU/VYrRkfcSCbSnRwIDAQAB";

/// The keys of the one way of signing that an account uses.
pub enum Keys {
    Md5(Secret<String>),
    Rsa { ours: LegacyKey, theirs: Box<VerifyingKey> },
}

/// What is signed: every field but `sign`, empty ones and the text `null` dropped as the provider's own code does.
#[must_use]
pub fn text(message: &Message) -> String {
    let signed = message.iter().filter(|(name, value)| *name != "sign" && !value.is_empty() && *value != "null");
    signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn scheme() -> Pkcs1v15Sign {
    Pkcs1v15Sign::new::<Md5>()
}

fn with_key(text: &str, key: &Secret<String>) -> Vec<u8> {
    Md5::new().chain_update(text).chain_update("&key=").chain_update(key.expose()).finalize().to_vec()
}

impl Keys {
    /// # Errors
    /// `Credentials` naming the field that the chosen way of signing lacks or cannot use.
    pub fn open(fields: &Fields<'_>) -> Result<Self, ChannelError> {
        if fields.choice("sign_type", SIGN_TYPES)? == MD5 {
            return Ok(Self::Md5(Secret::new(fields.required("md5_key")?.to_owned())));
        }
        let ours = LegacyKey::read(fields.required("private_key_pem")?).map_err(|problem| wrong("private_key_pem", problem))?;
        let theirs = match fields.optional("platform_public_key_pem") {
            Some(_) => fields.verifying_key("platform_public_key_pem")?,
            None => VerifyingKey::read(PUBLISHED_KEY).map_err(|problem| wrong("platform_public_key_pem", problem))?,
        };
        if ours.belongs_to(&theirs) {
            return Err(wrong("platform_public_key_pem", "is your own public key; LianLian's belongs here"));
        }
        Ok(Self::Rsa { ours, theirs: Box::new(theirs) })
    }

    #[must_use]
    pub fn sign_type(&self) -> &'static str {
        match self {
            Self::Md5(_) => MD5,
            Self::Rsa { .. } => RSA,
        }
    }

    /// Puts `sign_type` and `sign` into a message.
    ///
    /// # Errors
    /// `Credentials` when the private key cannot sign.
    pub fn seal(&self, mut message: Message) -> Result<Message, ChannelError> {
        message.insert("sign_type".to_owned(), self.sign_type().to_owned());
        let text = text(&message);
        let sign = match self {
            Self::Md5(key) => hex::encode(with_key(&text, key)),
            Self::Rsa { ours, .. } => {
                let signature = ours.sign(scheme(), &Md5::digest(&text)).map_err(|problem| wrong("private_key_pem", problem))?;
                STANDARD.encode(signature)
            }
        };
        message.insert("sign".to_owned(), sign);
        Ok(message)
    }

    /// Whether LianLian signed this message, in the way that this account uses; the message's own word for it must agree.
    /// An empty key verifies nothing.
    #[must_use]
    pub fn verify(&self, message: &Message) -> bool {
        if message.get("sign_type").map(String::as_str) != Some(self.sign_type()) {
            return false;
        }
        let Some(sign) = message.get("sign") else { return false };
        let text = text(message);
        match self {
            Self::Md5(key) => {
                let given = hex::decode(sign).unwrap_or_default();
                !key.expose().is_empty() && bool::from(with_key(&text, key).ct_eq(&given))
            }
            Self::Rsa { theirs, .. } => {
                // Some of their messages wrap the base64.
                let compact: String = sign.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                let signature = STANDARD.decode(compact).unwrap_or_default();
                theirs.rsa().verify(scheme(), &Md5::digest(&text), &signature).is_ok()
            }
        }
    }
}
