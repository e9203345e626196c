//! The demo merchant's account: numbers, key, and the payers' open ids under its appid.

use super::super::behaviour::Account as Payer;
use super::super::stage::Stage;
use super::super::wechat_login::App;
use crate::model::{ChannelKind, Method};
use serde_json::{Value, json};

const DIGITS: &[u8] = b"0123456789";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The merchant as WeChat's console shows it.
pub struct Account {
    pub app: App,
    pub mch_id: String,
    /// The APIv2 key: 32 characters.
    pub key: String,
    /// A sub-merchant of this account: naming it makes a call one of a service provider.
    pub sub_mch_id: String,
    /// The name a payer sees.
    pub payee: &'static str,
}

impl Account {
    pub fn of(stage: &Stage) -> Self {
        let keys = stage.keys();
        Self {
            app: App::of(stage),
            mch_id: format!("19{}", keys.text("wechat_v2/mch_id", DIGITS, 8)),
            key: keys.text("wechat_v2/key", ALNUM, 32),
            sub_mch_id: format!("16{}", keys.text("wechat_v2/sub_mch_id", DIGITS, 8)),
            payee: "示例商店",
        }
    }

    /// A payer's open id under the merchant's appid.
    pub fn openid(&self, stage: &Stage, payer: Payer) -> String {
        self.app.openid(stage, payer)
    }

    /// The channel import document.
    pub fn import_document(&self, stage: &Stage) -> Value {
        let certificates = stage.certificates();
        let methods = Method::ALL.iter().map(|m| m.as_str()).filter(|m| m.starts_with("wechat_")).collect::<Vec<_>>();
        let mut document = json!({
            "kind": ChannelKind::WechatV2,
            "name": "WeChat Pay v2 (simulated)",
            "gateway_url": stage.secure_origin().unwrap_or(stage.origin()),
            "methods": methods,
            "credentials": {
                "appid": self.app.appid,
                "mch_id": self.mch_id,
                "key": self.key,
                "sign_type": "HMAC-SHA256",
                "app_secret": self.app.secret,
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
