//! Messages of API v3: what an order and a refund look like over there, and the meaning of states and error codes.
//!
//! Codes that are not listed, and states never heard of, are doubt, never success or failure.

use super::account::{Account, Ids};
use crate::channels::http::Reply;
use crate::model::Amount;
use crate::pay::channel::{ChannelError, Paid, PaymentRef, RefundRequest, Remote, RemoteRefund};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The provider's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// The number at the end of `Request-ID`, finer than the code.
    pub sub_code: Option<u64>,
    /// Whether it was proved to be the provider's.
    pub is_proven: bool,
}

/// Codes by which the provider says that nothing happened. `SYSTEM_ERROR`, `BANK_ERROR`, the frequency limits and codes
/// never heard of are not among them.
const DEFINITE: &[&str] = &[
    "ACCOUNT_ERROR",
    "APPID_MCHID_NOT_MATCH",
    "INVALID_REQUEST",
    "INVALID_TRANSACTIONID",
    "MCH_NOT_EXISTS",
    "NOT_ENOUGH",
    "NO_AUTH",
    "NO_STATEMENT_EXIST",
    "OPENID_MISMATCH",
    "ORDER_CLOSED",
    "ORDER_NOT_EXIST",
    "PARAM_ERROR",
    "RESOURCE_NOT_EXISTS",
    "RULE_LIMIT",
    "SIGN_ERROR",
    "TRADE_ERROR",
    "USER_ACCOUNT_ABNORMAL",
];

const ALREADY_PAID: &[u64] = &[268_449_538, 268_498_689];
const OTHER_PARAMETERS: u64 = 268_498_688;

impl Refusal {
    /// Reads an error body. Whether it is the provider's, the caller has to find out.
    ///
    /// # Errors
    /// What is odd about it.
    pub fn read(reply: &Reply) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Body {
            code: String,
            #[serde(default)]
            message: String,
        }
        let sub_code = reply.header("request-id").and_then(|id| id.rsplit('-').next()?.parse().ok());
        let body: Body = serde_json::from_slice(&reply.body).map_err(|_| match reply.is_html() {
            true => format!("a web page came instead of a reply (HTTP {})", reply.status),
            false => format!("answered HTTP {} without a known error", reply.status),
        })?;
        Ok(Self { status: reply.status, code: body.code, message: body.message, sub_code, is_proven: false })
    }

    /// The order is paid, whatever the product calls it.
    #[must_use]
    pub fn says_paid(&self) -> bool {
        matches!(self.code.as_str(), "ORDERPAID" | "ORDER_PAID")
            || self.sub_code.is_some_and(|code| ALREADY_PAID.contains(&code))
            || (self.code == "INVALID_REQUEST" && self.message.contains("已支付"))
    }

    /// The number was used before: an order may be open or paid over there, and only a query tells.
    #[must_use]
    pub fn says_used(&self) -> bool {
        let words = ["重入", "重复", "不一致"];
        self.says_paid()
            || self.code == "OUT_TRADE_NO_USED"
            || self.sub_code == Some(OTHER_PARAMETERS)
            || (self.code == "INVALID_REQUEST" && words.iter().any(|word| self.message.contains(word)))
    }

    /// The payer is in the middle of paying, or we asked too often.
    #[must_use]
    pub fn says_later(&self) -> bool {
        self.status == 429
            || matches!(self.code.as_str(), "USERPAYING" | "USER_PAYING" | "TRADE_STATE_ERROR")
            || self.message.contains("支付中")
    }

    #[must_use]
    pub fn words(&self) -> String {
        format!("{} {}", self.code, self.message)
    }

    /// As the core wants it: a definite no, or doubt. The class of the status comes first, then the code.
    #[must_use]
    pub fn error(self) -> ChannelError {
        if self.status != 429 && DEFINITE.contains(&self.code.as_str()) {
            ChannelError::Refused { code: self.code, message: self.message }
        } else {
            ChannelError::Unclear(self.words())
        }
    }
}

#[derive(Debug, Deserialize)]
struct Total {
    total: i64,
    currency: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Payer {
    openid: Option<String>,
    sp_openid: Option<String>,
    sub_openid: Option<String>,
}

/// An order, as a query or a notice tells it.
#[derive(Debug, Deserialize)]
pub struct Transaction {
    #[serde(flatten)]
    pub ids: Ids,
    pub out_trade_no: Option<String>,
    transaction_id: Option<String>,
    pub trade_state: Option<String>,
    trade_state_desc: Option<String>,
    success_time: Option<String>,
    amount: Option<Total>,
    payer: Option<Payer>,
}

/// Any RFC 3339 time as UTC milliseconds.
fn moment(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

fn filled(text: Option<&String>) -> Option<&String> {
    text.filter(|t| !t.is_empty())
}

impl Transaction {
    /// The money of a paid order. The amount is `total`: `payer_total` is smaller when coupons were used.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn paid(&self) -> Result<Paid, String> {
        let trade_no = filled(self.transaction_id.as_ref()).ok_or("transaction_id is missing")?;
        let amount = self.amount.as_ref().ok_or("amount is missing")?;
        if amount.currency.as_deref().is_some_and(|currency| currency != "CNY") {
            return Err("the currency is not CNY".to_owned());
        }
        let payer = self.payer.as_ref().and_then(|p| [&p.openid, &p.sp_openid, &p.sub_openid].into_iter().flatten().next());
        Ok(Paid {
            trade_no: trade_no.clone(),
            amount: Amount::from_stored(amount.total).map_err(|_| "the amount is out of range")?,
            payer: payer.cloned(),
            paid_at: self.success_time.as_deref().and_then(moment),
        })
    }

    /// Reads the answer to a query (provider's document: 查询订单).
    ///
    /// # Errors
    /// `Unclear` when it is about another order or lacks what it must say.
    pub fn remote(&self, payment: &PaymentRef, account: &Account) -> Result<Remote, ChannelError> {
        let unclear = |reason: &str| ChannelError::Unclear(format!("query: {reason}"));
        if let Some(name) = account.stranger(&self.ids, false, true) {
            return Err(unclear(&format!("the reply is about another {name}")));
        }
        if self.out_trade_no.as_deref() != Some(payment.pay_no.as_str()) {
            return Err(unclear("the reply is about another order"));
        }
        match (filled(payment.provider_trade_no.as_ref()), filled(self.transaction_id.as_ref())) {
            (Some(known), Some(given)) if known != given => return Err(unclear("the reply is about another transaction")),
            _ => {}
        }
        Ok(match self.trade_state.as_deref().ok_or_else(|| unclear("trade_state is missing"))? {
            // Refunds do not make an order unpaid, nor do they take its facts away.
            "SUCCESS" | "REFUND" => Remote::Paid(self.paid().map_err(|e| unclear(&e))?),
            "CLOSED" | "REVOKED" => Remote::Closed,
            "PAYERROR" => {
                Remote::Failed { code: "PAYERROR".to_owned(), message: self.trade_state_desc.clone().unwrap_or_default() }
            }
            _ => Remote::Pending,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Refunded {
    refund: i64,
    currency: Option<String>,
}

/// A refund, as the API tells it. Of a notice only its ids are read.
#[derive(Debug, Deserialize)]
pub struct Refund {
    #[serde(flatten)]
    pub ids: Ids,
    pub out_refund_no: Option<String>,
    refund_id: Option<String>,
    success_time: Option<String>,
    amount: Option<Refunded>,
    status: Option<String>,
}

impl Refund {
    /// Reads the answer to a refund or a question about one (provider's documents: 申请退款, 查询单笔退款).
    ///
    /// # Errors
    /// `Unclear` when it is about another refund or another amount.
    pub fn remote(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let unclear = |reason: &str| ChannelError::Unclear(format!("refund: {reason}"));
        if self.out_refund_no.as_deref() != Some(request.refund_no.as_str()) {
            return Err(unclear("the reply is about another refund"));
        }
        let amount = self.amount.as_ref().ok_or_else(|| unclear("the reply states no amount"))?;
        if amount.refund != request.amount.fen() || amount.currency.as_deref().is_some_and(|c| c != "CNY") {
            return Err(unclear("the reply states another amount"));
        }
        let provider_refund_no = filled(self.refund_id.as_ref()).cloned();
        Ok(match self.status.as_deref() {
            Some("SUCCESS") => {
                RemoteRefund::Succeeded { provider_refund_no, succeeded_at: self.success_time.as_deref().and_then(moment) }
            }
            Some("CLOSED") => {
                RemoteRefund::Failed { code: "CLOSED".to_owned(), message: "退款关闭，款项未退回".to_owned() }
            }
            // ABNORMAL too: the payer's account did not take the money, which waits at the provider until somebody names
            // another one. It is neither back with the payer nor ours again.
            _ => RemoteRefund::Processing { provider_refund_no },
        })
    }
}
