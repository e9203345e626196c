//! The demo merchant at LianLian: its number, its MD5 key, and both key pairs.

use super::refusal::No;
use super::sign::{self, Fields, How};
use crate::model::ChannelKind;
use crate::simulator::{LegacyRsaKey, Stage};
use serde_json::{Value, json};

/// The merchant as LianLian's console shows it.
pub struct Account {
    /// 18 digits, the first eight a day.
    pub oid_partner: String,
    pub md5_key: String,
    pub payee: &'static str,
    /// The merchant's pair: LianLian knows its public half only.
    pub(super) merchant: LegacyRsaKey,
    pub(super) platform: LegacyRsaKey,
}

impl Account {
    pub fn of(stage: &Stage) -> Self {
        let keys = stage.keys();
        let oid_partner = format!("20140807{}", keys.digits("lianlian oid_partner", 10));
        Self {
            md5_key: keys.text("lianlian md5 key", b"abcdefghijklmnopqrstuvwxyz0123456789_", 32),
            payee: "模拟商户",
            merchant: keys.legacy_rsa("lianlian merchant"),
            platform: keys.legacy_rsa("lianlian platform"),
            oid_partner,
        }
    }

    /// The channel import document.
    pub fn import_document(&self, stage: &Stage) -> Value {
        json!({
            "kind": ChannelKind::Lianlian.as_str(),
            "name": "LianLian Pay (simulated)",
            "gateway_url": stage.origin(),
            "methods": ["lianlian_web", "lianlian_wap"],
            "credentials": {
                "oid_partner": self.oid_partner,
                "sign_type": "MD5",
                "md5_key": self.md5_key,
                "private_key_pem": self.merchant.private_pem(),
                "platform_public_key_pem": self.platform.public_pem(),
            },
        })
    }

    /// Who is calling, and is it really them.
    ///
    /// # Errors
    /// 1004 for an unknown way of signing, 3001 for another merchant, 1001 for a wrong signature.
    pub fn identify(&self, fields: &Fields) -> Result<How, No> {
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let how = How::of(text("sign_type")).ok_or_else(|| No::parameter("sign_type"))?;
        if text("oid_partner") != self.oid_partner {
            return Err(No::merchant());
        }
        let signed = sign::canonical(fields);
        let is_right = match how {
            How::Md5 => text("sign") == sign::md5_sign(&signed, &self.md5_key),
            How::Rsa => sign::rsa_verifies(&signed, text("sign"), &self.merchant.public()),
        };
        if is_right { Ok(how) } else { Err(No::signature()) }
    }

    /// Signs a message of LianLian's; `spoil` makes the signature one of another text.
    pub fn seal(&self, how: How, mut fields: Fields, spoil: bool) -> Fields {
        fields.insert("oid_partner".to_owned(), self.oid_partner.clone());
        fields.insert("sign_type".to_owned(), how.name().to_owned());
        fields.retain(|_, value| !value.is_empty());
        let mut text = sign::canonical(&fields);
        if spoil {
            text.push('x');
        }
        let sign = match how {
            How::Md5 => sign::md5_sign(&text, &self.md5_key),
            How::Rsa => sign::rsa_sign(&text, self.platform.private()),
        };
        fields.insert("sign".to_owned(), sign);
        fields
    }
}
