//! The demo merchant's account: numbers, keys of both sides, and the channel import document.

use super::super::behaviour::Account as Payer;
use super::super::keys::RsaKey;
use super::super::stage::Stage;
use super::super::wechat_login::App;
use crate::model::{ChannelKind, Method};
use serde_json::{Value, json};

const DIGITS: &[u8] = b"0123456789";
const HEX: &[u8] = b"0123456789ABCDEF";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The merchant as WeChat's console shows it.
pub struct Account {
    pub app: App,
    pub mchid: String,
    /// A sub-merchant of this account: naming it makes a call one of a service provider.
    pub sub_mchid: String,
    /// Of the merchant's certificate: 40 hex digits.
    pub serial_no: String,
    pub merchant_key: RsaKey,
    /// 32 characters.
    pub api_v3_key: String,
    /// WeChat's public key and its number.
    pub public_key: RsaKey,
    pub public_key_id: String,
    /// The name a payer sees.
    pub payee: &'static str,
}

impl Account {
    pub fn of(stage: &Stage) -> Self {
        let keys = stage.keys();
        Self {
            app: App::of(stage),
            mchid: format!("19{}", keys.text("wechat_v3/mchid", DIGITS, 8)),
            sub_mchid: format!("16{}", keys.text("wechat_v3/sub_mchid", DIGITS, 8)),
            serial_no: format!("5{}", keys.text("wechat_v3/serial_no", HEX, 39)),
            merchant_key: keys.rsa("wechat_v3/merchant"),
            api_v3_key: keys.text("wechat_v3/api_v3_key", ALNUM, 32),
            public_key: keys.rsa("wechat_v3/public_key"),
            public_key_id: format!("PUB_KEY_ID_01{}", keys.text("wechat_v3/public_key_id", DIGITS, 26)),
            payee: "示例商店",
        }
    }

    /// A payer's open id under the merchant's appid.
    pub fn openid(&self, stage: &Stage, payer: Payer) -> String {
        self.app.openid(stage, payer)
    }

    /// The channel import document, in public-key mode.
    pub fn import_document(&self, stage: &Stage) -> Value {
        let all = [Method::WechatNative, Method::WechatH5, Method::WechatJsapi, Method::WechatMini, Method::WechatApp];
        let mut document = json!({
            "kind": ChannelKind::WechatV3,
            "name": "WeChat Pay v3 (simulated)",
            "gateway_url": stage.secure_origin().unwrap_or(stage.origin()),
            "methods": all.map(Method::as_str),
            // Beside the account of API v2, which has the same methods, this one stands in.
            "priority": 110,
            "credentials": {
                "appid": self.app.appid,
                "mchid": self.mchid,
                "serial_no": self.serial_no,
                "private_key_pem": self.merchant_key.private_pem(),
                "api_v3_key": self.api_v3_key,
                "public_key_id": self.public_key_id,
                "public_key_pem": self.public_key.public_pem(),
                "app_secret": self.app.secret,
            },
        });
        if stage.secure_origin().is_some() {
            document["ca_pem"] = json!(stage.certificates().server().ca_pem);
        }
        document
    }
}
