//! Payers' browsers, told apart by their names, following redirects step by step and without scripts.

use super::app::TestApp;
use super::merchant::Merchant;
use serde_json::Value;

pub const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.42.2460";
pub const ALIPAY: &str =
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 AliApp(AP/10.5) AlipayClient/10.5.96";
pub const QQ: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 V1_AND_SQ_9.0 QQ/9.0.8.14755";
pub const UNIONPAY: &str =
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 (com.unionpay.mobilepay) (UnionPay/1.0 CloudPay)";
pub const JD: &str = "jdapp;android;12.3.0;;;Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36";
pub const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
pub const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";

pub struct Answer {
    pub status: u16,
    pub location: String,
    pub policy: String,
    pub body: String,
}

async fn read(response: reqwest::Response) -> Answer {
    let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let (status, location, policy) = (response.status().as_u16(), header("location"), header("content-security-policy"));
    Answer { status, location, policy, body: response.text().await.expect("text") }
}

/// A page as this browser gets it. `url` may be a path of ours.
pub async fn open(app: &TestApp, agent: &str, url: &str) -> Answer {
    let url = if url.starts_with('/') { format!("{}{url}", app.url) } else { url.to_owned() };
    let request = app.anonymous.get(url).header("user-agent", agent).header("accept", "text/html");
    read(request.header("accept-language", "en").send().await.expect("answer")).await
}

/// The form of a method, sent without scripts.
pub async fn choose(app: &TestApp, agent: &str, token: &str, method: &str) -> Answer {
    let request = app.anonymous.post(format!("{}/rpc/checkout_start", app.url)).header("user-agent", agent);
    let request = request.header("accept", "text/html").form(&[("token", token), ("method", method)]);
    read(request.send().await.expect("answer")).await
}

pub async fn order(merchant: &Merchant, out: &str) -> (String, String) {
    let created = merchant.create(out, 4200).await.done();
    let text = |name: &str| created[name].as_str().expect("text").to_owned();
    (text("order_no"), text("checkout_url").rsplit('/').next().expect("token").to_owned())
}

pub async fn payments(merchant: &Merchant, order_no: &str) -> Vec<Value> {
    let order = merchant.call("/api/v1/orders/query", &[("order_no", order_no)]).await.done();
    order["payments"].as_array().expect("payments").clone()
}
