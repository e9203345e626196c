//! A merchant's webhook receiver: keeps what came, checks the signature by the published rule.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    inbox: Arc<Mutex<Inbox>>,
}

#[derive(Default)]
struct Inbox {
    hooks: Vec<Hook>,
    /// Answers 500 so many times first.
    failures: usize,
    /// Keeps everybody waiting for an answer.
    stalls: bool,
}

#[derive(Debug, Clone)]
pub struct Hook {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
}

impl Hook {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("prefix")).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.body).as_bytes());
        let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.signature.split(' ').any(|s| s == wanted)
    }
}

impl Receiver {
    pub async fn start(stop: CancellationToken) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}/hook", listener.local_addr().expect("address"));
        let receiver = Self { url, inbox: Arc::default() };
        let router = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await });
        receiver
    }

    pub fn fail_next(&self, times: usize) {
        self.inbox.lock().expect("lock").failures = times;
    }

    /// While it stalls, it takes hooks and leaves their senders without an answer.
    pub fn stall(&self, stalls: bool) {
        self.inbox.lock().expect("lock").stalls = stalls;
    }

    /// Everything that came, in order.
    pub fn all(&self) -> Vec<Hook> {
        self.inbox.lock().expect("lock").hooks.clone()
    }

    /// Everything of this type that came, in order.
    pub fn of_type(&self, kind: &str) -> Vec<Hook> {
        self.inbox.lock().expect("lock").hooks.iter().filter(|h| h.json()["type"] == kind).cloned().collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let hook = Hook {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        body: String::from_utf8(body.to_vec()).expect("UTF-8"),
    };
    receiver.inbox.lock().expect("lock").hooks.push(hook);
    while receiver.inbox.lock().expect("lock").stalls {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut inbox = receiver.inbox.lock().expect("lock");
    if inbox.failures > 0 {
        inbox.failures -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::NO_CONTENT
}
