//! What every provider stands on: clock, chance, keys, addresses, notices, and the counters of refused requests.

use super::behaviour::Behaviour;
use super::clock::{Clock, Sleep};
use super::keys::{Keys, pick};
use super::notify::{Heard, Notice, Notices};
use super::tls::Certificates;
use crate::model::ChannelKind;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Shared by all providers of one simulator.
pub struct Stage {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keys: Keys,
    pub(super) certificates: Certificates,
    pub(super) origin: String,
    pub(super) secure_origin: Option<String>,
    pub(super) speed: f64,
    pub(super) demand_client_certificate: bool,
    pub(super) chance: Mutex<StdRng>,
    pub(super) notices: Notices,
    pub(super) refusals: Mutex<BTreeMap<(ChannelKind, String), u64>>,
}

impl Stage {
    /// UTC milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Ends when `duration` divided by the clock factor has passed since this call.
    #[must_use]
    pub fn pause(&self, duration: Duration) -> Sleep {
        self.clock.sleep(self.scaled(duration))
    }

    /// `duration` divided by the clock factor (`--notice-speed`).
    #[must_use]
    pub fn scaled(&self, duration: Duration) -> Duration {
        Duration::try_from_secs_f64(duration.as_secs_f64() / self.speed).unwrap_or(duration)
    }

    /// The derived keys and numbers.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// This simulator's own address for browsers, without a trailing slash.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address of the TLS listener, if there is one.
    #[must_use]
    pub fn secure_origin(&self) -> Option<&str> {
        self.secure_origin.as_deref()
    }

    /// The wallet's page for `code`.
    #[must_use]
    pub fn wallet_url(&self, code: &str) -> String {
        let code: String = form_urlencoded::byte_serialize(code.as_bytes()).collect();
        format!("{}/wallet?code={code}", self.origin)
    }

    /// Whether calls that need a client certificate are refused on the plain listener too.
    #[must_use]
    pub fn demands_client_certificate(&self) -> bool {
        self.demand_client_certificate
    }

    /// The certificates of the TLS listener and of the demo merchant.
    #[must_use]
    pub(super) fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// `len` random decimal digits.
    #[must_use]
    pub fn digits(&self, len: usize) -> String {
        self.random_text(b"0123456789", len)
    }

    /// `len` random letters and digits.
    #[must_use]
    pub fn token(&self, len: usize) -> String {
        self.random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", len)
    }

    /// `len` random characters out of `alphabet` (ASCII).
    #[must_use]
    pub fn random_text(&self, alphabet: &[u8], len: usize) -> String {
        pick(&mut *self.chance.lock().unwrap_or_else(PoisonError::into_inner), alphabet, len)
    }

    /// Starts delivering a notice.
    pub fn notify(&self, notice: Notice) {
        self.notices.send(notice);
    }

    /// Starts delivering a notice whose answer says more than that it arrived.
    pub fn notify_and(&self, notice: Notice, heard: Heard) {
        self.notices.send_and(notice, heard);
    }

    /// Counts a refused request, so that tests can prove that none of a sort was ever sent.
    pub fn refused(&self, kind: ChannelKind, reason: &str) {
        tracing::debug!(channel = kind.as_str(), reason, "request refused");
        *self.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry((kind, reason.to_owned())).or_insert(0) += 1;
    }

    pub(super) fn refusals(&self) -> Value {
        let mut all = serde_json::Map::new();
        for ((kind, reason), count) in self.refusals.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if let Some(of_kind) = all.entry(kind.as_str()).or_insert_with(|| json!({})).as_object_mut() {
                of_kind.insert(reason.clone(), json!(count));
            }
        }
        Value::Object(all)
    }

    /// What `slow` and `down` do to a call about a trade: waits, or gives the front end's 502 page.
    /// `since_ms` is when the behaviour was set.
    pub async fn hindrance(&self, behaviour: Behaviour, since_ms: i64) -> Option<Response> {
        match behaviour {
            Behaviour::Slow => {
                self.pause(Behaviour::SLOWNESS).await;
                None
            }
            Behaviour::Down => {
                let outage = i64::try_from(self.scaled(Behaviour::OUTAGE).as_millis()).unwrap_or(i64::MAX);
                (self.now_ms() < since_ms.saturating_add(outage)).then(|| {
                    let page = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
                    (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], page).into_response()
                })
            }
            _ => None,
        }
    }
}
