//! A gateway on the loopback interface that answers from a script and keeps what it was sent.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub content_type: String,
    pub body: String,
}

impl Seen {
    /// All parameters of query and body.
    pub fn params(&self) -> BTreeMap<String, String> {
        let mut all = super::form(&self.query);
        all.extend(super::form(&self.body));
        all
    }

    pub fn biz(&self) -> serde_json::Value {
        serde_json::from_str(&self.params()["biz_content"]).unwrap()
    }
}

#[derive(Default)]
struct Inner {
    script: Mutex<VecDeque<(u16, Vec<u8>)>>,
    seen: Mutex<Vec<Seen>>,
}

pub struct Loopback {
    inner: Arc<Inner>,
    /// The gateway's address, with its path.
    pub url: String,
}

impl Loopback {
    /// Answers in the order of the script; when that is used up, with HTTP 502.
    pub async fn answering(script: impl IntoIterator<Item = (u16, Vec<u8>)>) -> Self {
        let inner = Arc::new(Inner { script: Mutex::new(script.into_iter().collect()), ..Inner::default() });
        let app = Router::new().fallback(take).with_state(inner.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/gateway.do", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { inner, url }
    }

    /// One signed answer per pair of method and node.
    pub async fn signing(script: &[(&str, &str)]) -> Self {
        Self::answering(script.iter().map(|(method, node)| (200, super::answer(method, node)))).await
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().unwrap().clone()
    }
}

async fn take(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    let content_type = headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    inner.seen.lock().unwrap().push(Seen {
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        content_type,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let (status, body) = inner.script.lock().unwrap().pop_front().unwrap_or((502, Vec::new()));
    (StatusCode::from_u16(status).unwrap(), body)
}
