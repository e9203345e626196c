//! Who the payer is, for every WeChat protocol: an official account's silent web login (provider's document: 网页授权).
//!
//! Must not know what the open id is used for. The account's `appid` and the order's must be the same: an open id under
//! another one is refused when the order is placed.

use super::gateway::Gateway;
use super::http::{Call, Http, Patience};
use super::registry::Setup;
use crate::pay::Secret;
use crate::pay::channel::{ChannelError, SignIn};
use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::collections::BTreeMap;

const PAGE: &str = "https://open.weixin.qq.com/connect/oauth2/authorize";
const TOKEN: &str = "https://api.weixin.qq.com/sns/oauth2/access_token";
/// What needs no escape in a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Longest open id.
const OPENID: usize = 128;

/// An official account that can say who a browser's user is.
pub struct WechatLogin {
    appid: String,
    secret: Secret<String>,
    http: Http,
    gateway: Gateway,
}

impl WechatLogin {
    /// The login of a channel's `appid`; `None` when the channel has no `app_secret`.
    ///
    /// # Errors
    /// `Credentials` when the way out cannot be set up.
    pub fn open(setup: &Setup<'_>, appid: &str) -> Result<Option<Self>, ChannelError> {
        let Some(secret) = setup.fields.optional("app_secret") else { return Ok(None) };
        Ok(Some(Self {
            appid: appid.to_owned(),
            secret: Secret::new(secret.to_owned()),
            http: setup.http(None)?,
            gateway: setup.gateway.clone(),
        }))
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[derive(Deserialize)]
struct Answer {
    openid: Option<String>,
    errcode: Option<i64>,
    errmsg: Option<String>,
    /// A page that only shows a picture of itself hands out a made-up user, who cannot pay.
    is_snapshotuser: Option<i64>,
}

/// Codes that say for certain that this code (or this account) will never do. Everything else may pass.
const DEFINITE: &[i64] = &[40_001, 40_002, 40_013, 40_029, 40_125, 40_163, 40_164, 41_002, 41_004, 41_008, 42_003];

fn refused(code: impl ToString, message: &str) -> ChannelError {
    ChannelError::Refused { code: code.to_string(), message: message.to_owned() }
}

fn read(body: &[u8]) -> Result<String, ChannelError> {
    let unclear = |reason: &str| ChannelError::Unclear(format!("login: {reason}"));
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unclear("the reply is unreadable"))?;
    let message = answer.errmsg.as_deref().unwrap_or_default();
    match answer.errcode {
        None | Some(0) => {}
        Some(code) if DEFINITE.contains(&code) => return Err(refused(code, message)),
        Some(code) => return Err(unclear(&format!("{code} {message}"))),
    }
    if answer.is_snapshotuser == Some(1) {
        return Err(refused("SNAPSHOT_USER", "the page was opened in preview only, without a real user"));
    }
    let openid = answer.openid.ok_or_else(|| unclear("the reply has no openid"))?;
    let sound =
        (1..=OPENID).contains(&openid.len()) && openid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if sound { Ok(openid) } else { Err(unclear("the openid is none")) }
}

#[async_trait]
impl SignIn for WechatLogin {
    /// The order of the parameters and the fragment are demanded by the provider.
    fn page(&self, callback: &str, state: &str) -> String {
        let (appid, callback, state) = (escaped(&self.appid), escaped(callback), escaped(state));
        self.gateway.url(&format!(
            "{PAGE}?appid={appid}&redirect_uri={callback}&response_type=code&scope=snsapi_base&state={state}#wechat_redirect"
        ))
    }

    fn code_parameter(&self) -> &'static str {
        "code"
    }

    async fn payer(&self, code: &str, _now_ms: i64) -> Result<BTreeMap<String, String>, ChannelError> {
        if code.is_empty() || code.len() > 512 {
            return Err(refused(41_008, "no usable code"));
        }
        let (appid, secret, code) = (escaped(&self.appid), escaped(self.secret.expose()), escaped(code));
        let url = format!("{TOKEN}?appid={appid}&secret={secret}&code={code}&grant_type=authorization_code");
        let reply = self.http.send(Call::get("sign_in", Patience::Query, self.gateway.url(&url))).await?;
        if reply.status != 200 {
            return Err(ChannelError::Unclear(format!("login: answered HTTP {}", reply.status)));
        }
        Ok(BTreeMap::from([("openid".to_owned(), read(&reply.body)?)]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::http::Transport;
    use super::super::loopback::{Loopback, Script};
    use super::*;
    use crate::model::ChannelKind;

    fn login(origin: Option<&str>) -> WechatLogin {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        WechatLogin {
            appid: "wx8888888888888888".to_owned(),
            secret: Secret::new("a+secret".to_owned()),
            http: Transport::default().open(ChannelKind::WechatV3, None, None).unwrap(),
            gateway: Gateway::parse(origin).unwrap(),
        }
    }

    #[test]
    fn the_page_has_the_providers_parameters_in_its_order() {
        let query = "?appid=wx8888888888888888&redirect_uri=https%3A%2F%2Fpay.example.com%2Fback%3Fa%3D1%26b&response_type=code&scope=snsapi_base&state=S1#wechat_redirect";
        let back = "https://pay.example.com/back?a=1&b";
        assert_eq!(login(None).page(back, "S1"), format!("https://open.weixin.qq.com/connect/oauth2/authorize{query}"));
        assert_eq!(
            login(Some("http://127.0.0.1:3100")).page(back, "S1"),
            format!("http://127.0.0.1:3100/connect/oauth2/authorize{query}")
        );
        assert_eq!(login(None).code_parameter(), "code");
    }

    async fn exchange(status: u16, body: &'static str) -> (Result<BTreeMap<String, String>, ChannelError>, String) {
        let server = Loopback::serve(move |_| Script::status(status, body)).await;
        let result = login(Some(&server.origin)).payer("the code", 0).await;
        let request = server.seen().remove(0);
        assert_eq!(request.method, "GET");
        (result, request.path)
    }

    #[tokio::test]
    async fn a_code_becomes_an_open_id() {
        let body = r#"{"access_token":"A","expires_in":7200,"refresh_token":"R","openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","scope":"snsapi_base","unionid":"u"}"#;
        let (result, path) = exchange(200, body).await;
        assert_eq!(result, Ok(BTreeMap::from([("openid".to_owned(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned())])));
        assert_eq!(
            path,
            "/sns/oauth2/access_token?appid=wx8888888888888888&secret=a%2Bsecret&code=the%20code&grant_type=authorization_code"
        );
    }

    #[tokio::test]
    async fn spent_codes_are_refused_and_everything_odd_is_unclear() {
        for (status, body, code) in [
            (200, r#"{"errcode":40029,"errmsg":"invalid code, rid: 1"}"#, Some("40029")),
            (200, r#"{"errcode":40163,"errmsg":"code been used"}"#, Some("40163")),
            (200, r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#, Some("40125")),
            (200, r#"{"openid":"oA","is_snapshotuser":1}"#, Some("SNAPSHOT_USER")),
            (200, r#"{"errcode":-1,"errmsg":"system error"}"#, None),
            (200, r#"{"errcode":12345,"errmsg":"?"}"#, None),
            (200, r#"{"openid":""}"#, None),
            (200, r#"{"openid":"o A"}"#, None),
            (200, "{}", None),
            (200, "<html>", None),
            (404, r#"{"openid":"oA"}"#, None),
            (502, "", None),
        ] {
            let (result, _) = exchange(status, body).await;
            let given = match &result {
                Err(ChannelError::Refused { code, .. }) => Some(code.as_str()),
                Err(ChannelError::Unclear(_)) => None,
                other => panic!("{body}: {other:?}"),
            };
            assert_eq!(given, code, "{status} {body}");
        }
    }

    #[tokio::test]
    async fn no_code_needs_no_call() {
        let result = login(Some("http://127.0.0.1:9")).payer("", 0).await;
        assert!(matches!(result, Err(ChannelError::Refused { .. })));
    }
}
