//! One server with one provider's account, so that a test can be run over every kind without knowing any.

use super::app::{TestApp, eventually};
use super::merchant::Merchant;
use super::wallet::{Wallet, extra};
use crate::model::{AppId, ChannelId, Method, OrderNo};
use serde_json::Value;

pub struct Started {
    pub order_no: OrderNo,
    pub pay_no: String,
    pub next: Value,
}

pub struct Stage {
    pub app: TestApp,
    pub merchant: Merchant,
    pub wallet: Wallet,
    pub channel: ChannelId,
    pub document: Value,
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

impl Stage {
    /// `document` names the account among those of any simulator.
    pub async fn of(document: Value, settings: &[(&str, &str)]) -> Self {
        let app = TestApp::start_with(settings).await;
        let merchant = app.merchant().await;
        // This server has a simulator of its own, so the account is that one's.
        let kind = text(&document["kind"]).to_owned();
        let mode = document["credentials"]["app_cert_pem"].is_string();
        let same = |d: &Value| d["kind"] == kind.as_str() && d["credentials"]["app_cert_pem"].is_string() == mode;
        let document = app.documents().await.into_iter().find(same).expect("simulated");
        let channel = app.channel_of(&document, |input| input.app_id = Some(AppId::parse(&merchant.app_id).expect("id"))).await;
        let wallet = Wallet::at(&app.simulator_url);
        Self { app, merchant, wallet, channel, document }
    }

    /// A method that needs no bar code.
    fn method(&self) -> String {
        let methods = self.document["methods"].as_array().expect("methods").iter().map(text);
        let mut open = methods.filter(|m| !Method::parse(m).expect("a method").is_bar());
        open.next().expect("a method").to_owned()
    }

    pub async fn start(&self, out_order_no: &str) -> Started {
        let extra = extra();
        let order = [("out_order_no", out_order_no), ("amount", "12345"), ("subject", "tea"), ("extra", extra.as_str())];
        let created = self.merchant.call("/api/v1/orders", &order).await.done();
        let order_no = text(&created["order_no"]).to_owned();
        let method = self.method();
        let start = [("order_no", order_no.as_str()), ("method", method.as_str())];
        let started = self.merchant.call("/api/v1/payments", &start).await.done();
        let order_no = OrderNo::parse(&order_no).expect("number");
        Started { order_no, pay_no: text(&started["pay_no"]).to_owned(), next: started["next"].clone() }
    }

    pub async fn is_paid(&self, started: &Started) {
        eventually("it is paid", async || self.order(started).await["status"] == "paid").await;
    }

    /// What an order looks like to its merchant.
    pub async fn order(&self, started: &Started) -> Value {
        self.merchant.call("/api/v1/orders/query", &[("order_no", started.order_no.as_str())]).await.done()
    }
}

/// The accounts of all kinds.
pub async fn documents() -> Vec<Value> {
    let documents = TestApp::start().await.simulator.credentials();
    assert!(documents.len() > crate::model::ChannelKind::ALL.len() / 2, "{}", documents.len());
    documents
}
