//! The newer generation of server calls: not signed, let in by a token of the mini program.
//!
//! Provider's documents: 支付服务 of the OpenAPI, 获取 access_token.

use super::Baidu;
use super::account::Client;
use super::reply::{self, Reply};
use super::sign::{self, Params};
use crate::channels::credentials::wrong;
use crate::channels::http::{Call, Patience};
use crate::pay::Secret;
use crate::pay::channel::{ChannelError, RefundRequest};
use serde_json::Value;

const SERVICE: &str = "https://openapi.baidu.com/rest/2.0/smartapp/pay/paymentservice/";
const TOKEN: &str = "https://openapi.baidu.com/oauth/2.0/token";
/// A token is replaced this long before its end.
const SPARE_MS: i64 = 5 * 60 * 1000;
/// Codes of the gateway for a token that is wrong or has run out.
const BAD_TOKEN: [i64; 2] = [110, 111];

/// A token and when it is to be replaced, UTC ms.
pub struct Token {
    value: Secret<String>,
    until: i64,
}

/// One of the service's calls.
#[derive(Clone, Copy)]
struct Api {
    name: &'static str,
    /// Its name in figures and logs.
    operation: &'static str,
    patience: Patience,
    posts: bool,
}

const FIND: Api = Api { name: "findByTpOrderId", operation: "query", patience: Patience::Query, posts: false };
const CANCEL: Api = Api { name: "cancelOrder", operation: "close", patience: Patience::Act, posts: false };
const REFUND: Api = Api { name: "applyOrderRefund", operation: "refund", patience: Patience::Act, posts: true };
const FIND_REFUND: Api = Api { name: "findOrderRefund", operation: "refund_query", patience: Patience::Query, posts: false };

/// An order as Baidu sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub order_id: Option<String>,
    pub user_id: Option<String>,
    /// 1 unpaid, 2 paid, -1 cancelled.
    pub status: Option<i64>,
    /// Fen.
    pub total: Option<i64>,
}

/// The answer to the question for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    Order(Found),
    /// There is none: nobody has opened the cashier with it yet.
    Absent,
    /// An answer, but none to the question.
    Unsaid(String),
}

impl Baidu {
    /// Finds an order by our number.
    ///
    /// # Errors
    /// `Unclear` without an answer about this very order; `Credentials` when the token is refused.
    pub(super) async fn find(&self, client: &Client, pay_no: &str) -> Result<Lookup, ChannelError> {
        match self.ask(client, FIND, &[("tpOrderId", pay_no)]).await? {
            Reply::Done(order) => self.read_order(&order, pay_no),
            Reply::No { errno, words } if reply::says_absent(&words) => {
                tracing::debug!(errno, "Baidu has no such order");
                Ok(Lookup::Absent)
            }
            Reply::No { errno, words } => Ok(Lookup::Unsaid(format!("{errno} {words}"))),
            Reply::Barred { code, words } => Err(ChannelError::Unclear(format!("{code} {words}"))),
        }
    }

    fn read_order(&self, order: &Value, pay_no: &str) -> Result<Lookup, ChannelError> {
        let is_empty = match order {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        if is_empty {
            return Ok(Lookup::Absent);
        }
        if reply::text(order, "tpOrderId").as_deref() != Some(pay_no) {
            return Err(ChannelError::Unclear("an answer about another order".to_owned()));
        }
        let is_other = |name: &str, ours: &str| reply::text(order, name).is_some_and(|theirs| theirs != ours);
        if is_other("dealId", &self.account.deal_id) || is_other("appKey", &self.account.app_key) {
            return Err(ChannelError::Unclear("an answer about another service's order".to_owned()));
        }
        Ok(Lookup::Order(Found {
            order_id: reply::text(order, "orderId"),
            user_id: reply::text(order, "userId"),
            status: reply::whole(order, "status"),
            total: reply::whole(order, "totalMoney"),
        }))
    }

    /// Cancels an order that nobody has paid.
    ///
    /// # Errors
    /// `Unclear` without an answer.
    pub(super) async fn cancel(&self, client: &Client, order_id: &str) -> Result<Reply, ChannelError> {
        self.ask(client, CANCEL, &[("orderId", order_id)]).await
    }

    /// Opens a refund. It needs no audit by us: it was decided here before the call was made.
    ///
    /// # Errors
    /// `Unclear` without an answer.
    pub(super) async fn apply_refund(
        &self,
        client: &Client,
        request: &RefundRequest,
        order_id: &str,
        user_id: &str,
        reason: &str,
    ) -> Result<Reply, ChannelError> {
        let amount = request.amount.fen().to_string();
        let params = [
            ("applyRefundMoney", amount.as_str()),
            ("bizRefundBatchId", &request.refund_no),
            ("isSkipAudit", "1"),
            ("orderId", order_id),
            ("refundReason", reason),
            ("refundType", super::settle::BY_SERVICE),
            ("tpOrderId", &request.pay_no),
            ("userId", user_id),
            ("refundNotifyUrl", &request.notify_url),
        ];
        self.ask(client, REFUND, &params).await
    }

    /// All refunds of an order.
    ///
    /// # Errors
    /// `Unclear` without an answer.
    pub(super) async fn find_refunds(&self, client: &Client, pay_no: &str, user_id: &str) -> Result<Reply, ChannelError> {
        self.ask(client, FIND_REFUND, &[("tpOrderId", pay_no), ("userId", user_id)]).await
    }

    /// Calls the service; with a new token once more when the old one is refused.
    async fn ask(&self, client: &Client, api: Api, params: &[(&str, &str)]) -> Result<Reply, ChannelError> {
        let mut params: Params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        params.insert("pmAppKey".to_owned(), self.account.app_key.clone());
        let token = self.token(client).await?;
        match self.call(api, &params, &token).await? {
            Reply::Barred { code, .. } if BAD_TOKEN.contains(&code) => {
                self.forget(&token).await;
                let token = self.token(client).await?;
                self.call(api, &params, &token).await
            }
            reply => Ok(reply),
        }
    }

    async fn call(&self, api: Api, params: &Params, token: &Secret<String>) -> Result<Reply, ChannelError> {
        let mut query = Params::from([("access_token".to_owned(), token.expose().clone())]);
        let body = if api.posts { sign::form(params) } else { String::new() };
        if !api.posts {
            query.extend(params.clone());
        }
        let url = self.gateway.url(&format!("{SERVICE}{}?{}", api.name, sign::form(&query)));
        let call = if api.posts {
            let content_type = "application/x-www-form-urlencoded; charset=utf-8";
            Call::post(api.operation, api.patience, url, content_type, body.as_bytes())
        } else {
            Call::get(api.operation, api.patience, url)
        };
        reply::read(&self.http.send(call).await?.body)
    }

    /// The token in use, or a new one. Whoever comes second waits for the first one's.
    async fn token(&self, client: &Client) -> Result<Secret<String>, ChannelError> {
        let mut kept = self.token.lock().await;
        let now = self.world.now_ms();
        if let Some(token) = kept.as_ref().filter(|token| now < token.until) {
            return Ok(token.value.clone());
        }
        let token = self.new_token(client, now).await?;
        let value = token.value.clone();
        *kept = Some(token);
        Ok(value)
    }

    async fn forget(&self, refused: &Secret<String>) {
        let mut kept = self.token.lock().await;
        if kept.as_ref().is_some_and(|token| token.value.expose() == refused.expose()) {
            *kept = None;
        }
    }

    async fn new_token(&self, client: &Client, now: i64) -> Result<Token, ChannelError> {
        let query = Params::from([
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("client_id".to_owned(), client.id.clone()),
            ("client_secret".to_owned(), client.secret.expose().clone()),
            ("scope".to_owned(), "smartapp_snsapi_base".to_owned()),
        ]);
        let url = self.gateway.url(&format!("{TOKEN}?{}", sign::form(&query)));
        let answer = self.http.send(Call::get("token", Patience::Query, url)).await?;
        let unreadable = || ChannelError::Unclear("no token in the answer".to_owned());
        let value: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        if let Some(error) = reply::text(&value, "error") {
            let why = reply::text(&value, "error_description").unwrap_or_default();
            return Err(wrong("client_secret", &format!("Baidu gives no token: {error} {why}")));
        }
        let token = reply::text(&value, "access_token").ok_or_else(unreadable)?;
        // The number counts: the documents' prose speaks of a month, their samples of a day.
        let life_ms = reply::whole(&value, "expires_in").unwrap_or(0).clamp(0, 30 * 86_400) * 1000;
        Ok(Token { value: Secret::new(token), until: now + life_ms - SPARE_MS.min(life_ms / 10) })
    }
}
