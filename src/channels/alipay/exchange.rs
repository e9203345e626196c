//! One call of ours to the gateway and its verified answer.
//!
//! A signature covers the node but does not bind it to the question: whoever reads the node compares the numbers in it.

use super::Alipay;
use super::codes::{self, Meaning};
use super::content;
use super::node::{self, Fields};
use super::sign::{self, Params};
use super::wire::{Biz, Signed};
use crate::channels::http::{Call, Patience};
use crate::channels::shanghai;
use crate::pay::channel::ChannelError;

/// An operation of the gateway.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    pub method: &'static str,
    /// Its name in figures and logs.
    operation: &'static str,
    patience: Patience,
}

const fn api(method: &'static str, operation: &'static str, patience: Patience) -> Api {
    Api { method, operation, patience }
}

pub const PRECREATE: Api = api("alipay.trade.precreate", "start", Patience::Act);
pub const CREATE: Api = api("alipay.trade.create", "start", Patience::Act);
pub const PAY: Api = api("alipay.trade.pay", "start", Patience::Act);
pub const SIGN_IN: Api = api("alipay.system.oauth.token", "sign_in", Patience::Query);
pub const QUERY: Api = api("alipay.trade.query", "query", Patience::Query);
pub const CLOSE: Api = api("alipay.trade.close", "close", Patience::Act);
pub const CANCEL: Api = api("alipay.trade.cancel", "close", Patience::Act);
pub const REFUND: Api = api("alipay.trade.refund", "refund", Patience::Act);
pub const REFUND_QUERY: Api = api("alipay.trade.fastpay.refund.query", "refund_query", Patience::Query);

/// A verified answer.
#[derive(Debug)]
pub struct Reply {
    pub meaning: Meaning,
    pub fields: Fields,
}

/// Why there is no verified answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No answer, or one that is no answer of the gateway.
    Unreachable(String),
    /// The request could not be made: the key does not sign.
    Ours(ChannelError),
    /// An answer that is not signed by the configured key.
    Forged(String),
    /// An answer without signature. Good for diagnosis, never for a decision about money.
    Unsigned { code: String, sub_code: String, words: String },
}

impl From<Trouble> for ChannelError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unreachable(reason) | Trouble::Forged(reason) => Self::Unclear(reason),
            Trouble::Ours(error) => error,
            Trouble::Unsigned { words, .. } => Self::Unclear(format!("unsigned answer: {words}")),
        }
    }
}

impl Reply {
    /// A field the answer must have.
    ///
    /// # Errors
    /// `Unclear` without it.
    pub fn need(&self, name: &str) -> Result<&str, ChannelError> {
        self.fields.text(name).ok_or_else(|| ChannelError::Unclear(format!("an answer without {name}")))
    }

    /// Makes sure that the answer is about what was asked for.
    ///
    /// # Errors
    /// `Unclear` for another number or none.
    pub fn is_about(&self, name: &str, number: &str) -> Result<(), ChannelError> {
        if self.need(name)? == number { Ok(()) } else { Err(ChannelError::Unclear(format!("an answer about another {name}"))) }
    }

    /// The code that names the cause: the sub code where there is one.
    #[must_use]
    pub fn code(&self) -> &str {
        code_of(&self.fields)
    }

    /// The provider's own sentence.
    #[must_use]
    pub fn message(&self) -> String {
        message_of(&self.fields)
    }

    /// Code and sentence together.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} {}", self.code(), self.message())
    }

    #[must_use]
    pub fn refused(&self) -> ChannelError {
        ChannelError::Refused { code: self.code().to_owned(), message: self.message() }
    }

    #[must_use]
    pub fn unclear(&self) -> ChannelError {
        ChannelError::Unclear(self.words())
    }
}

fn code_of(fields: &Fields) -> &str {
    fields.text("sub_code").map(codes::bare).or_else(|| fields.text("code")).unwrap_or_default()
}

/// At most 200 characters: a refused signature comes with the whole text that the gateway built.
fn message_of(fields: &Fields) -> String {
    let sentence = fields.text("sub_msg").or_else(|| fields.text("msg")).unwrap_or_default();
    sentence.chars().take(200).collect()
}

impl Alipay {
    /// Signs a request. `extras` are further top-level parameters; empty ones are left out.
    pub(super) fn sign(&self, method: &str, biz: Biz, now_ms: i64, extras: &[(&str, &str)]) -> Result<Signed, ChannelError> {
        let account = &self.account;
        let mut params = Params::new();
        let mut put = |name: &str, value: &str| params.insert(name.to_owned(), value.to_owned());
        put("app_id", &account.app_id);
        put("method", method);
        put("format", "JSON");
        put("charset", "utf-8");
        put("sign_type", "RSA2");
        put("timestamp", &shanghai::spaced(now_ms));
        put("version", "1.0");
        let mut biz = biz.into_text();
        if let Some(key) = account.content_key.as_ref().filter(|_| !biz.is_empty()) {
            biz = key.seal(&biz);
            put("encrypt_type", content::TYPE);
        }
        put("biz_content", &biz);
        if let Some(numbers) = &account.certificates {
            put("app_cert_sn", &numbers.app);
            put("alipay_root_cert_sn", &numbers.root);
        }
        for (name, value) in extras {
            put(name, value);
        }
        let signature = account.sign(&sign::request_text(&params))?;
        Ok(Signed::new(params, signature))
    }

    /// Calls the gateway.
    ///
    /// # Errors
    /// `Unclear` whenever there is no verified answer.
    pub(super) async fn call(&self, api: Api, biz: Biz, now_ms: i64, notify_url: Option<&str>) -> Result<Reply, ChannelError> {
        Ok(self.ask(api, biz, now_ms, notify_url).await?)
    }

    pub(super) async fn ask(&self, api: Api, biz: Biz, now_ms: i64, notify_url: Option<&str>) -> Result<Reply, Trouble> {
        self.ask_with(api, biz, now_ms, &[("notify_url", notify_url.unwrap_or_default())]).await
    }

    /// The same with any further top-level parameters.
    pub(super) async fn ask_with(&self, api: Api, biz: Biz, now_ms: i64, extras: &[(&str, &str)]) -> Result<Reply, Trouble> {
        let (url, body) = self.sign(api.method, biz, now_ms, extras).map_err(Trouble::Ours)?.call(&self.gateway);
        let content_type = "application/x-www-form-urlencoded;charset=utf-8";
        let call = Call::post(api.operation, api.patience, url, content_type, body.as_bytes());
        let answer = self.http.send(call).await.map_err(|error| match error {
            ChannelError::Unclear(reason) => Trouble::Unreachable(reason),
            other => Trouble::Ours(other),
        })?;
        if answer.status != 200 {
            return Err(Trouble::Unreachable(format!("answered HTTP {}", answer.status)));
        }
        let result = self.read(api, &answer.body);
        self.tell_staff(api, &result);
        result
    }

    /// Verifies first, reads afterwards.
    pub(super) fn read(&self, api: Api, body: &[u8]) -> Result<Reply, Trouble> {
        let unreadable = |why: node::NotAReply| Trouble::Unreachable(format!("unreadable answer: {why}"));
        let cut = node::cut(body, api.method).map_err(unreadable)?;
        let Some(signature) = cut.sign.as_deref().filter(|sign| !sign.is_empty()) else {
            let fields = cut.fields(None).map_err(unreadable)?;
            return Err(Trouble::Unsigned {
                code: fields.text("code").unwrap_or_default().to_owned(),
                sub_code: fields.text("sub_code").unwrap_or_default().to_owned(),
                words: format!("{} {}", code_of(&fields), message_of(&fields)),
            });
        };
        let configured = self.account.certificates.as_ref().map(|numbers| numbers.alipay.as_str());
        if let (Some(ours), Some(theirs)) = (configured, cut.cert_sn.as_deref())
            && ours != theirs
        {
            let reason = format!("signed with another certificate of Alipay ({theirs}); download it and store it here");
            return Err(Trouble::Forged(reason));
        }
        if !self.account.is_theirs(cut.node, signature) {
            return Err(Trouble::Forged("the answer's signature does not fit Alipay's key".to_owned()));
        }
        let fields = cut.fields(self.account.content_key.as_ref()).map_err(unreadable)?;
        let code = fields.text("code").unwrap_or_default();
        let meaning = codes::decide(code, fields.text("sub_code").unwrap_or_default());
        Ok(Reply { meaning, fields })
    }

    /// Codes that only somebody with access to the account can cure leave a trace in the log.
    fn tell_staff(&self, api: Api, result: &Result<Reply, Trouble>) {
        let (code, sub_code) = match result {
            Ok(reply) => (reply.fields.text("code").unwrap_or_default(), reply.fields.text("sub_code").unwrap_or_default()),
            Err(Trouble::Unsigned { code, sub_code, .. }) => (code.as_str(), sub_code.as_str()),
            Err(Trouble::Forged(reason)) => {
                tracing::error!(channel.kind = "alipay", operation = api.operation, "an answer was not verified: {reason}");
                return;
            }
            Err(_) => return,
        };
        if codes::needs_staff(code, sub_code) {
            tracing::error!(channel.kind = "alipay", operation = api.operation, code, sub_code, "Alipay refuses this account");
        }
    }
}
