//! Who the buyer is: the silent authorisation page inside the Alipay app, and the token call that turns its code into an id
//! (provider's documents: 用户信息授权, alipay.system.oauth.token).

use super::codes;
use super::exchange::{SIGN_IN, Trouble};
use super::wire::Biz;
use super::{Alipay, wire};
use crate::pay::channel::{ChannelError, SignIn};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// The page, on a host of its own.
pub const PAGE: &str = "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm";
/// The longest code the token call takes.
const CODE: usize = 40;
/// Longest id of a buyer.
const ID: usize = 128;

#[async_trait]
impl SignIn for Alipay {
    /// `auth_base`: the buyer sees nothing of it.
    fn page(&self, callback: &str, state: &str) -> String {
        let query =
            [("app_id", self.account.app_id.as_str()), ("scope", "auth_base"), ("redirect_uri", callback), ("state", state)];
        format!("{}?{}", self.sign_in_page, wire::query(&query))
    }

    fn code_parameter(&self) -> &'static str {
        "auth_code"
    }

    async fn payer(&self, code: &str, now_ms: i64) -> Result<BTreeMap<String, String>, ChannelError> {
        if code.is_empty() || code.len() > CODE || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ChannelError::Refused { code: "isv.code-invalid".to_owned(), message: "no usable code".to_owned() });
        }
        let extras = [("grant_type", "authorization_code"), ("code", code)];
        let reply = match self.ask_with(SIGN_IN, Biz::default(), now_ms, &extras).await {
            Ok(reply) => reply,
            // A refusal of this call may come without a signature. It decides nothing but that the buyer signs in again.
            Err(Trouble::Unsigned { code, sub_code, words }) if codes::is_refusal(&code, &sub_code) => {
                return Err(ChannelError::Refused { code: sub_code, message: words });
            }
            Err(trouble) => return Err(trouble.into()),
        };
        let id = |name: &str| reply.fields.text(name).filter(|id| sound(id)).map(str::to_owned);
        // Newer app ids are told an open id, older ones the buyer's number; some both.
        let ids = [("buyer_open_id", id("open_id")), ("buyer_id", id("user_id"))];
        let facts: BTreeMap<String, String> = ids.into_iter().filter_map(|(name, id)| Some((name.to_owned(), id?))).collect();
        if !facts.is_empty() {
            return Ok(facts);
        }
        let text = |name: &str| reply.fields.text(name).unwrap_or_default();
        Err(if codes::is_refusal(text("code"), text("sub_code")) { reply.refused() } else { reply.unclear() })
    }
}

fn sound(id: &str) -> bool {
    (1..=ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}
