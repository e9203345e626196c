//! Who the payer is, where a method must know: the provider's page tells, and sends the browser back to us with a code.
//!
//! The state that travels along proves that the way began here, for this checkout, method and account, a short while ago. It
//! names none of them: whoever comes back must fit one of the accounts that can serve the method.

use super::cashier::Cashier;
use super::channel::Channel;
use super::error::Error;
use super::records::{Order, OrderBundle, Payment};
use super::secret::Secret;
use super::start::Start;
use super::store::Write;
use crate::model::{ChannelId, Method};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The installation's key for states.
const KEY: &str = "sign_in_state";
/// How long the way to the provider and back may take.
const LIFE_MS: i64 = 10 * 60 * 1000;
/// Bytes of the state's MAC.
const MAC: usize = 16;
/// Digits of the expiry in front of it, seconds.
const DIGITS: usize = 10;

/// Why a browser that came back is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The state is not ours, not for this, or too old.
    #[error("the sign-in is too old or was not begun here")]
    State,
    /// No code, or the provider does not take it.
    #[error("the provider did not say who the payer is")]
    Refused,
    /// What starting the payment said.
    #[error(transparent)]
    Start(#[from] Error),
}

/// Whether an order lacks the fact that tells a method's provider who pays.
#[must_use]
pub fn lacks_payer(order: &Order, method: Method) -> bool {
    let own = |name: &str| order.user_id.as_ref().filter(|_| name == "user_id");
    !names_payer(method, |name| order.extra.get(name).or_else(|| own(name)))
}

/// Whether these facts tell the method's provider who pays, where it must know.
pub(super) fn names_payer<'a>(method: Method, fact: impl Fn(&str) -> Option<&'a String>) -> bool {
    let given = |name: &str| fact(name).is_some_and(|v| !v.is_empty());
    // A merchant may give Alipay's number of the buyer as the order's own user.
    let is_buyer = |id: &String| id.len() == 16 && id.starts_with("2088") && id.bytes().all(|b| b.is_ascii_digit());
    match method {
        Method::WechatJsapi => given("openid"),
        Method::AlipayJsapi => {
            given("buyer_open_id")
                || given("openid")
                || ["buyer_id", "user_id"].into_iter().any(|n| fact(n).is_some_and(is_buyer))
        }
        _ => true,
    }
}

impl Cashier {
    /// Methods of an order that lack the payer and whose accounts can find out, with the origins of the pages that do.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn sign_ins(&self, order: &Order) -> Result<BTreeMap<Method, Vec<String>>, Error> {
        let mut pages: BTreeMap<Method, Vec<String>> = BTreeMap::new();
        for (method, _, channel) in self.askable(order, None).await? {
            if let Some(sign_in) = channel.sign_in() {
                let page = sign_in.page(&self.inner.settings.public_url, "0");
                let origin = url::Url::parse(&page).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
                pages.entry(method).or_default().push(origin);
            }
        }
        Ok(pages)
    }

    /// The provider's page that tells who the payer is; `None` when none is needed or none can tell.
    ///
    /// # Errors
    /// Storage errors; `MethodUnavailable`, `AmountLimits`.
    pub async fn sign_in_page(&self, bundle: &OrderBundle, method: Method) -> Result<Option<String>, Error> {
        let order = &bundle.order;
        let serves = |p: &Payment| p.method == method && p.status.is_open() && p.next.is_some();
        if !lacks_payer(order, method) || bundle.payments.iter().any(serves) {
            return Ok(None);
        }
        let chosen = self.pick(order, method, None, &[]).await?.channel;
        let channel = self.channel(&chosen.channel_id, chosen.version).await?;
        let Some(sign_in) = channel.sign_in() else { return Ok(None) };
        let expiry = (self.now() + LIFE_MS) / 1000;
        let mac = self.state_mac(&order.token, method, &chosen.channel_id, expiry).await?.finalize().into_bytes();
        let state = format!("{expiry:0DIGITS$}{}", hex::encode(&mac[..MAC]));
        let callback = format!("{}/signed-in/{method}", self.checkout_url(&order.token));
        Ok(Some(sign_in.page(&callback, &state)))
    }

    /// The browser is back: exchanges the code and starts the payment with what it tells. `given` looks up a parameter of the
    /// address.
    ///
    /// # Errors
    /// `State`, `Refused`, or what starting said.
    pub async fn signed_in(
        &self,
        order: &Order,
        method: Method,
        given: &BTreeMap<String, String>,
        client_ip: Option<String>,
    ) -> Result<Payment, SignInError> {
        let state = given.get("state").map(String::as_str).unwrap_or_default();
        let (channel_id, channel) = self.begun_at(order, method, state).await?.ok_or(SignInError::State)?;
        let sign_in = channel.sign_in().ok_or(SignInError::State)?;
        let code = given.get(sign_in.code_parameter()).map(String::as_str).unwrap_or_default();
        let facts = sign_in.payer(code, self.now()).await.map_err(|e| {
            tracing::info!(order_no = %order.order_no, %method, error = %e, "a payer could not be signed in");
            match Error::from(e) {
                Error::ProviderUnclear => SignInError::Start(Error::ProviderUnclear),
                _ => SignInError::Refused,
            }
        })?;
        let start = Start {
            method,
            auth_code: None,
            facts,
            channel: Some(channel_id),
            client_ip,
            actor: "payer".to_owned(),
            nonce: None,
        };
        Ok(self.start_payment(&order.order_no, start).await?)
    }

    /// The account that a state was made for.
    async fn begun_at(&self, order: &Order, method: Method, state: &str) -> Result<Option<(ChannelId, Arc<dyn Channel>)>, Error> {
        let parts = state.is_ascii().then(|| state.split_at_checked(DIGITS)).flatten();
        let read = parts.and_then(|(expiry, mac)| Some((expiry.parse::<i64>().ok()?, hex::decode(mac).ok()?)));
        let Some((expiry, mac)) = read.filter(|(expiry, mac)| expiry * 1000 > self.now() && mac.len() == MAC) else {
            return Ok(None);
        };
        for (_, channel_id, channel) in self.askable(order, Some(method)).await? {
            if self.state_mac(&order.token, method, &channel_id, expiry).await?.verify_truncated_left(&mac).is_ok() {
                return Ok(Some((channel_id, channel)));
            }
        }
        Ok(None)
    }

    /// The accounts that serve methods for which the payer is not known yet.
    async fn askable(&self, order: &Order, only: Option<Method>) -> Result<Vec<(Method, ChannelId, Arc<dyn Channel>)>, Error> {
        let mut found = Vec::new();
        for (slot, spec) in self.ways(order).await? {
            if !lacks_payer(order, spec.method) || only.is_some_and(|only| only != spec.method) {
                continue;
            }
            let (id, version) = (&slot.channel.channel_id, slot.channel.version);
            // An account that cannot even be opened asks nobody.
            if let Ok(channel) = self.channel(id, version).await {
                found.push((spec.method, id.clone(), channel));
            }
        }
        Ok(found)
    }

    async fn state_mac(&self, token: &str, method: Method, channel_id: &ChannelId, expiry: i64) -> Result<Hmac<Sha256>, Error> {
        let key = self.inner.state_key.get_or_try_init(|| self.state_key()).await?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).map_err(|e| Error::Internal(e.to_string()))?;
        mac.update(format!("{token}|{method}|{channel_id}|{expiry}").as_bytes());
        Ok(mac)
    }

    async fn state_key(&self) -> Result<Secret<String>, Error> {
        if let Some(key) = self.inner.store.secret(KEY).await? {
            return Ok(key);
        }
        let value = Secret::new(self.inner.world.token(32));
        self.commit(None, vec![Write::InsertSecret { name: KEY.to_owned(), value }]).await?;
        // Read back: another node may have been first.
        let key = self.inner.store.secret(KEY).await?;
        key.ok_or_else(|| Error::Internal("the key for sign-ins was not stored".into()))
    }
}
