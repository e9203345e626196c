//! The provider's side of a notice: WeChat Pay v2 (provider's document: 支付结果通知), signed with the account's key.

use super::Failure;
use super::client::{Connection, post};
use super::merchant::AMOUNT;
use super::process::{Program, Server};
use cashier::pay::World;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use std::cell::Cell;
use std::fmt::Write;

/// The channel's account as the simulator printed it.
pub struct Provider {
    path: String,
    appid: String,
    mch_id: String,
    key: String,
    world: World,
    /// Numbers trades.
    count: Cell<u64>,
}

impl Provider {
    /// Imports the account as a channel by the command line. Its signatures become MD5, the provider's default.
    ///
    /// # Errors
    /// When the command fails.
    pub fn new(program: &Program, documents: &[Value]) -> Result<Self, Failure> {
        let document = documents.iter().find(|d| d.get("kind") == Some(&json!("wechat_v2"))).ok_or("no WeChat account")?;
        let mut document = document.clone();
        document["credentials"]["sign_type"] = json!("MD5");
        let made = program.ask(&["channel", "import", "-", "--json"], &document.to_string())?;
        let channel = made.get("channel_id").and_then(Value::as_str).ok_or("no channel_id")?;
        let word = |name: &str| document["credentials"][name].as_str().map(str::to_owned).ok_or("an odd account");
        Ok(Self {
            path: format!("/notify/{channel}/pay"),
            appid: word("appid")?,
            mch_id: word("mch_id")?,
            key: word("key")?,
            world: World::system(),
            count: Cell::new(1),
        })
    }

    /// The request that says a payment has been made.
    pub fn notice(&self, server: &Server, pay_no: &str) -> Vec<u8> {
        let number = self.count.replace(self.count.get() + 1);
        let amount = AMOUNT.to_string();
        let transaction = format!("42000{}{number:010}", self.world.now_ms());
        // Sorted by name, as they are signed.
        let fields = [
            ("appid", &*self.appid),
            ("bank_type", "OTHERS"),
            ("cash_fee", &amount),
            ("fee_type", "CNY"),
            ("is_subscribe", "N"),
            ("mch_id", &self.mch_id),
            ("nonce_str", &self.world.number()),
            ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
            ("out_trade_no", pay_no),
            ("result_code", "SUCCESS"),
            ("return_code", "SUCCESS"),
            ("time_end", "20260101120000"),
            ("total_fee", &amount),
            ("trade_type", "NATIVE"),
            ("transaction_id", &transaction),
        ];
        let mut text = String::with_capacity(512);
        let mut body = String::with_capacity(1024);
        body.push_str("<xml>");
        for (name, value) in fields {
            let _ = write!(text, "{name}={value}&"); // a string takes anything
            let _ = write!(body, "<{name}><![CDATA[{value}]]></{name}>");
        }
        let _ = write!(text, "key={}", self.key);
        let sign = hex::encode_upper(Md5::digest(text.as_bytes()));
        let _ = write!(body, "<sign><![CDATA[{sign}]]></sign></xml>");
        post(server.address, &self.path, "text/xml", &body)
    }

    /// Sends it and waits for the acknowledgement.
    ///
    /// # Errors
    /// When it is not acknowledged.
    pub async fn notify(&self, server: &Server, connection: &mut Connection, pay_no: &str) -> Result<(), Failure> {
        let reply = connection.send(&self.notice(server, pay_no)).await?;
        reply.expect(200)?;
        if reply.body.starts_with(b"<xml><return_code><![CDATA[SUCCESS]]>") {
            return Ok(());
        }
        Err(format!("the notice was not taken: {}", String::from_utf8_lossy(reply.body)).into())
    }
}
