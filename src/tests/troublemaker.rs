//! Stands between a channel and the simulated provider, and misbehaves on demand.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// What the provider does to every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Honest,
    /// The front end's error page.
    Down,
    /// A friendly page with status 200.
    Page,
    /// Hangs up without a word.
    HangsUp,
    /// Does what was asked, and answers so late that nobody listens any more.
    Late,
    /// Does what was asked, and answers rightly after a while.
    Slow,
    /// Does what was asked; the answer's signature is wrong.
    WrongSignature,
    /// Does what was asked; answers with the last honest answer of the same call, about another payment.
    OtherPayment,
    /// Does what was asked; half of the answer is missing.
    HalfAnswer,
}

pub const LATENESS: Duration = Duration::from_secs(12);
pub const SLOWNESS: Duration = Duration::from_secs(4);

#[derive(Clone)]
pub struct Troublemaker {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    upstream: String,
    client: reqwest::Client,
    mood: Mutex<Mood>,
    /// The call (path and method name) and its answer.
    honest: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Troublemaker {
    pub async fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let inner = Inner {
            upstream: upstream.to_owned(),
            client: super::app::client(),
            mood: Mutex::new(Mood::Honest),
            honest: Mutex::default(),
        };
        let this = Self { url, inner: Arc::new(inner) };
        let router = Router::new().fallback(answer).with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        this
    }

    pub fn set(&self, mood: Mood) {
        *self.inner.mood.lock().expect("lock") = mood;
    }

    async fn forward(&self, request: Request) -> (String, u16, String, Vec<u8>) {
        let (parts, body) = request.into_parts();
        let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.expect("body");
        let path = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let mut call = parts.uri.path().to_owned();
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).chain(form_urlencoded::parse(&body));
        if let Some((_, method)) = pairs.into_iter().find(|(n, _)| n == "method") {
            call.push_str(&method);
        }
        let mut sent = self.inner.client.request(parts.method, format!("{}{path}", self.inner.upstream)).body(body.to_vec());
        if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
            sent = sent.header(header::CONTENT_TYPE, kind);
        }
        let answer = sent.send().await.expect("the simulator answers");
        let status = answer.status().as_u16();
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("text/plain").to_owned();
        (call, status, kind, answer.bytes().await.expect("body").to_vec())
    }
}

async fn answer(State(this): State<Troublemaker>, request: Request) -> Response {
    let mood = *this.inner.mood.lock().expect("lock");
    let page =
        |status| (status, [(header::CONTENT_TYPE, "text/html")], "<html><body><h1>Hello</h1></body></html>").into_response();
    match mood {
        Mood::Down => return page(StatusCode::BAD_GATEWAY),
        Mood::Page => return page(StatusCode::OK),
        Mood::HangsUp => return Response::new(Body::from_stream(broken())),
        _ => {}
    }
    let (call, status, kind, mut body) = this.forward(request).await;
    match mood {
        Mood::Honest => this.inner.honest.lock().expect("lock").push((call, body.clone())),
        Mood::Late => tokio::time::sleep(LATENESS).await,
        Mood::Slow => tokio::time::sleep(SLOWNESS).await,
        Mood::WrongSignature => spoil(&mut body),
        Mood::OtherPayment => {
            let honest = this.inner.honest.lock().expect("lock");
            if let Some((_, other)) = honest.iter().rev().find(|(name, _)| *name == call) {
                body.clone_from(other);
            }
        }
        Mood::HalfAnswer => body.truncate(body.len() / 2),
        Mood::Down | Mood::Page | Mood::HangsUp => {}
    }
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// A body that breaks before its first byte.
fn broken() -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> {
    futures::stream::once(async { Err(std::io::Error::other("gone")) })
}

/// Changes the first character of the value after the last `sign`.
fn spoil(body: &mut [u8]) {
    let text = String::from_utf8_lossy(body).into_owned();
    let Some(at) = text.rfind("<sign>").map(|i| i + 6).or_else(|| text.rfind("\"sign\"").map(|i| i + 7)) else { return };
    let rest = text[at..].replacen("<![CDATA[", "         ", 1);
    if let Some(first) = rest.bytes().position(|b| b.is_ascii_alphanumeric()).map(|i| at + i) {
        body[first] = if body[first] == b'A' { b'B' } else { b'A' };
    }
}
