//! The demo merchant's payment service: numbers and keys as Baidu's console shows them.

use super::sign::Pair;
use crate::model::{ChannelKind, Method};
use crate::simulator::{Account as Payer, Stage};
use serde_json::{Value, json};

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

pub struct Account {
    pub deal_id: String,
    pub app_key: String,
    pub app_id: String,
    /// The mini program's own credentials.
    pub client_id: String,
    pub client_secret: String,
    pub merchant: Pair,
    pub platform: Pair,
    /// The name a payer sees.
    pub payee: &'static str,
}

impl Account {
    pub fn of(stage: &Stage) -> Self {
        let keys = stage.keys();
        Self {
            deal_id: format!("4{}", keys.digits("baidu/deal_id", 8)),
            app_key: format!("MM{}", keys.text("baidu/app_key", LETTERS, 4)),
            app_id: format!("1{}", keys.digits("baidu/app_id", 4)),
            client_id: keys.text("baidu/client_id", ALNUM, 32),
            client_secret: keys.text("baidu/client_secret", ALNUM, 32),
            merchant: Pair::new(keys.generator("baidu/merchant")),
            platform: Pair::new(keys.generator("baidu/platform")),
            payee: "示例商店",
        }
    }

    /// A payer's number at Baidu.
    pub fn user_id(stage: &Stage, payer: Payer) -> String {
        format!("3{}", stage.keys().digits(&format!("baidu/user/{}", payer.as_str()), 9))
    }

    /// The channel import document.
    pub fn import_document(&self, stage: &Stage) -> Value {
        json!({
            "kind": ChannelKind::Baidu,
            "name": "Baidu (simulated)",
            "gateway_url": stage.origin(),
            "methods": [Method::BaiduMini],
            "credentials": {
                "deal_id": self.deal_id,
                "app_key": self.app_key,
                "app_id": self.app_id,
                "private_key_pem": self.merchant.private_pem(),
                "platform_public_key_pem": self.platform.public_line(),
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            },
        })
    }
}
