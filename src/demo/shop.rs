//! The shop's addresses and its memory.

use super::merchant::Merchant;
use super::pages;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Orders and webhooks that the shop remembers.
const REMEMBERED: usize = 50;

/// The shop.
pub struct Shop {
    pub merchant: Merchant,
    /// Name and password of the demo's admin, shown on the first page.
    pub admin: (String, String),
    /// The simulator's wallet.
    pub wallet_url: String,
    now_ms: Box<dyn Fn() -> i64 + Send + Sync>,
    unique: Box<dyn Fn() -> String + Send + Sync>,
    orders: Mutex<VecDeque<Sold>>,
    hooks: Mutex<VecDeque<Hook>>,
}

/// An order of the shop.
#[derive(Debug, Clone)]
pub struct Sold {
    pub out_order_no: String,
    pub subject: String,
    pub amount: i64,
    pub checkout_url: String,
}

/// A webhook as received.
#[derive(Debug, Clone)]
pub struct Hook {
    pub id: String,
    pub kind: String,
    pub out_order_no: String,
    pub at_ms: i64,
    pub verified: bool,
    pub body: String,
}

/// What the shop sells: key, Chinese and English name, price in fen.
pub const GOODS: [(&str, &str, &str, i64); 3] = [
    ("teapot", "青瓷茶壶", "Blue teapot", 12_800),
    ("tea", "明前龙井 50 克", "Longjing tea, 50 g", 8_800),
    ("spoon", "竹茶则", "Bamboo tea scoop", 1),
];

impl Shop {
    #[must_use]
    pub fn new(
        merchant: Merchant,
        admin: (String, String),
        wallet_url: String,
        now_ms: impl Fn() -> i64 + Send + Sync + 'static,
        unique: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        let (now_ms, unique) = (Box::new(now_ms), Box::new(unique));
        Self { merchant, admin, wallet_url, now_ms, unique, orders: Mutex::default(), hooks: Mutex::default() }
    }

    pub fn orders(&self) -> Vec<Sold> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub fn hooks(&self) -> Vec<Hook> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    async fn call(&self, path: &str, fields: &[(&str, String)]) -> Result<Value, super::merchant::CallError> {
        self.merchant.call(path, fields, (self.now_ms)() / 1000, (self.unique)()).await
    }
}

/// The shop's routes, all below `/demo`, and the demo's first page.
pub fn router(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/demo") }))
        .route("/demo", get(front))
        .route("/demo/orders", post(buy))
        .route("/demo/orders/{out_order_no}", get(order))
        .route("/demo/return", get(came_back))
        .route("/demo/hook", post(hook))
        .with_state(shop)
}

fn is_english(headers: &HeaderMap, query: &BTreeMap<String, String>) -> bool {
    let wish =
        query.get("lang").map(String::as_str).or_else(|| headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()));
    wish.is_some_and(|tag| tag.starts_with("en"))
}

async fn front(State(shop): State<Arc<Shop>>, headers: HeaderMap, Query(query): Query<BTreeMap<String, String>>) -> Html<String> {
    Html(pages::front(is_english(&headers, &query), &shop))
}

#[derive(Deserialize)]
struct Purchase {
    goods: String,
    lang: Option<String>,
}

async fn buy(State(shop): State<Arc<Shop>>, headers: HeaderMap, Form(form): Form<Purchase>) -> Response {
    let query: BTreeMap<String, String> = form.lang.iter().map(|l| ("lang".to_owned(), l.clone())).collect();
    let en = is_english(&headers, &query);
    let Some((_, zh_name, en_name, amount)) = GOODS.into_iter().find(|g| g.0 == form.goods) else {
        return (StatusCode::NOT_FOUND, "no such goods").into_response();
    };
    let subject = if en { en_name } else { zh_name }.to_owned();
    let out_order_no = format!("TEA-{}", (shop.unique)());
    let cashier = &shop.merchant.cashier;
    let fields = [
        ("out_order_no", out_order_no.clone()),
        ("amount", amount.to_string()),
        ("subject", subject.clone()),
        ("notify_url", format!("{cashier}/demo/hook")),
        ("return_url", format!("{cashier}/demo/return")),
        ("expires_in", "900".to_owned()),
        // Some methods bind cards to a person of the merchant's.
        ("user_id", "demo-guest".to_owned()),
    ];
    match shop.call("/api/v1/orders", &fields).await {
        Ok(data) => {
            let mut checkout_url = data["checkout_url"].as_str().unwrap_or_default().to_owned();
            let mut orders = shop.orders.lock().unwrap_or_else(PoisonError::into_inner);
            orders.push_front(Sold { out_order_no, subject, amount, checkout_url: checkout_url.clone() });
            orders.truncate(REMEMBERED);
            checkout_url.push_str(if en { "?lang=en" } else { "?lang=zh-CN" });
            Redirect::to(&checkout_url).into_response()
        }
        Err(e) => (StatusCode::BAD_GATEWAY, Html(pages::trouble(en, &e.to_string()))).into_response(),
    }
}

async fn order(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Path(out_order_no): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let en = is_english(&headers, &query);
    match shop.call("/api/v1/orders/query", &[("out_order_no", out_order_no.clone())]).await {
        Ok(data) => Html(pages::order(en, &shop, &out_order_no, &data, None)).into_response(),
        Err(e) => (StatusCode::NOT_FOUND, Html(pages::trouble(en, &e.to_string()))).into_response(),
    }
}

/// The payer is back. The page shows what the API says; the signed fields are only checked to show that they are.
async fn came_back(State(shop): State<Arc<Shop>>, headers: HeaderMap, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let en = is_english(&headers, &query);
    let signed = shop.merchant.return_is_signed(&query);
    let out_order_no = query.get("out_order_no").cloned().unwrap_or_default();
    match shop.call("/api/v1/orders/query", &[("out_order_no", out_order_no.clone())]).await {
        Ok(data) => Html(pages::order(en, &shop, &out_order_no, &data, Some(signed))).into_response(),
        Err(e) => (StatusCode::NOT_FOUND, Html(pages::trouble(en, &e.to_string()))).into_response(),
    }
}

async fn hook(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let (id, timestamp, signatures) = (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"));
    let at_ms = (shop.now_ms)();
    let verified = shop.merchant.webhook_is_signed(&id, &timestamp, &signatures, &body, at_ms / 1000);
    let value: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let order_no = value["data"]["order_no"].as_str().unwrap_or_default();
    let out = value["data"]["out_order_no"].as_str().map(str::to_owned);
    let mut hooks = shop.hooks.lock().unwrap_or_else(PoisonError::into_inner);
    // Refunds and cases name the order by the cashier's number: an earlier webhook tells ours.
    let out_order_no = out.or_else(|| hooks.iter().find(|h| h.body.contains(order_no)).map(|h| h.out_order_no.clone()));
    hooks.push_front(Hook {
        id,
        kind: value["type"].as_str().unwrap_or_default().to_owned(),
        out_order_no: out_order_no.unwrap_or_default(),
        at_ms,
        verified,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    hooks.truncate(REMEMBERED);
    if verified { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED }
}
