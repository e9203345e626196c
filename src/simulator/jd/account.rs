//! The demo merchant at JD: its number, its DES key, and both key pairs.

use super::sign;
use super::vault::Key;
use crate::model::ChannelKind;
use crate::simulator::{LegacyRsaKey, Stage};
use rand::RngCore;
use serde_json::{Value, json};

/// The merchant as JD's console shows it.
pub struct Account {
    /// 8 digits.
    pub merchant: String,
    pub des_key: Key,
    pub payee: &'static str,
    pub(super) merchants: LegacyRsaKey,
    pub(super) jds: LegacyRsaKey,
}

impl Account {
    pub fn of(stage: &Stage) -> Self {
        let keys = stage.keys();
        let mut des = [0; 24];
        keys.generator("jd des key").fill_bytes(&mut des);
        Self {
            merchant: format!("22{}", keys.digits("jd merchant", 6)),
            des_key: Key::new(des),
            payee: "模拟商户",
            merchants: keys.legacy_rsa("jd merchant key"),
            jds: keys.legacy_rsa("jd platform key"),
        }
    }

    pub fn sign(&self, text: &str) -> String {
        sign::sign(text, self.jds.private())
    }

    pub fn merchant_signed(&self, text: &str, given: &str) -> bool {
        sign::verifies(text, given, &self.merchants.public())
    }

    /// The channel import document.
    pub fn import_document(&self, stage: &Stage) -> Value {
        json!({
            "kind": ChannelKind::Jd.as_str(),
            "name": "JD Pay (simulated)",
            "gateway_url": stage.origin(),
            "methods": ["jd_web", "jd_h5", "jd_qr"],
            "credentials": {
                "merchant": self.merchant,
                "des_key": self.des_key.text(),
                "private_key_pem": self.merchants.private_pem(),
                "jd_public_key_pem": self.jds.public_pem(),
            },
        })
    }
}
