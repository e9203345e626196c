//! The merchant's side: signed calls as ready bytes.

use super::Failure;
use super::client::{Connection, post};
use super::process::{Program, Server};
use cashier::pay::signing::{Fields, canonical_text, hmac_hex};
use cashier::pay::{Secret, World};
use serde_json::Value;

/// An app with its key.
pub struct Merchant {
    app_id: String,
    key: Secret<String>,
    /// Where webhooks go.
    pub notify_url: String,
    world: World,
}

/// An order and its payment, ready to be paid.
pub struct Pending {
    pub token: String,
    pub pay_no: String,
}

/// Fen of every order here.
pub const AMOUNT: i64 = 8888;

impl Merchant {
    /// Creates an app by the command line.
    ///
    /// # Errors
    /// When the command fails.
    pub fn new(program: &Program, notify_url: String) -> Result<Self, Failure> {
        let made = program.ask(&["app", "create", "--name", "bench", "--json"], "")?;
        let word = |name: &str| made.get(name).and_then(Value::as_str).map(str::to_owned).ok_or("an odd answer");
        Ok(Self { app_id: word("app_id")?, key: Secret::new(word("key")?), notify_url, world: World::system() })
    }

    fn call(&self, server: &Server, path: &str, own: &[(&str, &str)]) -> Vec<u8> {
        let mut fields = Fields::new();
        let mut put = |name: &str, value: &str| fields.insert(name.to_owned(), value.to_owned());
        put("app_id", &self.app_id);
        put("timestamp", &(self.world.now_ms() / 1000).to_string());
        put("nonce", &self.world.number());
        for (name, value) in own {
            put(name, value);
        }
        let sign = hmac_hex(&self.key, &canonical_text(&fields));
        fields.insert("sign".to_owned(), sign);
        let body: serde_json::Map<String, Value> = fields.into_iter().map(|(k, v)| (k, Value::String(v))).collect();
        post(server.address, path, "application/json", &Value::Object(body).to_string())
    }

    /// Creates an order; its number and the token of its page.
    ///
    /// # Errors
    /// When the answer is another than promised.
    pub async fn create_order(&self, server: &Server, connection: &mut Connection) -> Result<(String, String), Failure> {
        let amount = AMOUNT.to_string();
        let fields = [
            ("out_order_no", &*format!("bench-{}", self.world.number())),
            ("amount", &amount),
            ("subject", "一份性能测试 A4 80g"),
            ("notify_url", &self.notify_url),
            ("return_url", "https://shop.example/back?cart=7"),
            ("attach", "cart=7"),
        ];
        let reply = connection.send(&self.call(server, "/api/v1/orders", &fields)).await?;
        reply.expect(200)?;
        let order_no = reply.word("order_no").ok_or("no order_no")?;
        let url = reply.word("checkout_url").ok_or("no checkout_url")?;
        Ok((order_no, url.rsplit('/').next().unwrap_or_default().to_owned()))
    }

    /// Creates an order and starts WeChat's code for it, which calls the provider.
    ///
    /// # Errors
    /// When an answer is another than promised.
    pub async fn prepay(&self, server: &Server, connection: &mut Connection) -> Result<Pending, Failure> {
        let (order_no, token) = self.create_order(server, connection).await?;
        let fields = [("order_no", &*order_no), ("method", "wechat_native"), ("client_ip", "203.0.113.7")];
        let reply = connection.send(&self.call(server, "/api/v1/payments", &fields)).await?;
        reply.expect(200)?;
        Ok(Pending { token, pay_no: reply.word("pay_no").ok_or("no pay_no")? })
    }
}
