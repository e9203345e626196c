//! The demo merchant's account: numbers, keys, operator, and the payers' open ids.

use super::super::behaviour::Account as Payer;
use super::super::stage::Stage;
use crate::model::{ChannelKind, Method};
use serde_json::{Value, json};

const DIGITS: &[u8] = b"0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The merchant as the console shows it.
pub struct Account {
    pub mch_id: String,
    /// The API key: 32 characters.
    pub key: String,
    /// The app on the open platform, and its own key.
    pub appid: String,
    pub app_key: String,
    /// An operator with the right to refund.
    pub op_user_id: String,
    pub op_user_passwd: String,
    /// The name a payer sees.
    pub payee: &'static str,
}

impl Account {
    pub fn of(stage: &Stage) -> Self {
        let keys = stage.keys();
        let mch_id = format!("14{}", keys.text("qq/mch_id", DIGITS, 8));
        Self {
            key: keys.text("qq/key", ALNUM, 32),
            appid: format!("10{}", keys.text("qq/appid", DIGITS, 7)),
            app_key: keys.text("qq/app_key", HEX, 32),
            op_user_id: format!("{mch_id}001"),
            op_user_passwd: keys.text("qq/op_user_passwd", ALNUM, 12),
            mch_id,
            payee: "示例商店",
        }
    }

    /// A payer's open id under the merchant's app.
    pub fn openid(&self, stage: &Stage, payer: Payer) -> String {
        stage.keys().text(&format!("qq/openid/{}", payer.as_str()), b"0123456789ABCDEF", 32)
    }

    /// The channel import document.
    pub fn import_document(&self, stage: &Stage) -> Value {
        let certificates = stage.certificates();
        let methods = Method::ALL.iter().map(|m| m.as_str()).filter(|m| m.starts_with("qq_")).collect::<Vec<_>>();
        let mut document = json!({
            "kind": ChannelKind::Qq,
            "name": "QQ Wallet (simulated)",
            "gateway_url": stage.secure_origin().unwrap_or(stage.origin()),
            "methods": methods,
            "credentials": {
                "mch_id": self.mch_id,
                "key": self.key,
                "appid": self.appid,
                "app_key": self.app_key,
                "op_user_id": self.op_user_id,
                "op_user_passwd": self.op_user_passwd,
                "client_cert_pem": certificates.client().cert_pem,
                "client_key_pem": certificates.client().key_pem,
            },
        });
        if stage.secure_origin().is_some() {
            document["ca_pem"] = json!(certificates.server().ca_pem);
        }
        document
    }
}
