//! After the start: asking, closing, refunding, and proving the credentials. By the newer generation where the mini
//! program's own credentials are given, by the older one as far as it goes otherwise.

use super::Baidu;
use super::account::Client;
use super::legacy::{self, States};
use super::openapi::{Found, Lookup};
use super::reply::{self, Reply};
use crate::model::Amount;
use crate::pay::channel::{
    ChannelError, CheckMeaning, CheckReport, Closing, Paid, PaymentRef, RefundRequest, Remote, RemoteRefund,
};
use serde_json::Value;

/// `refundType`: the merchant's own service gives the money back.
pub const BY_SERVICE: &str = "2";
/// Longest reason of a refund in characters. No document names a limit.
const LONGEST_REASON: usize = 80;
/// A reason must be there; this stands for none.
const NO_REASON: &str = "退款";
/// Numbers whose meaning is published: order and payer do not belong together; our balance is too small.
const DEFINITE_NO: [i64; 2] = [10002, 10003];

impl Baidu {
    pub(super) async fn state(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        match &self.account.client {
            Some(client) => match self.find(client, &payment.pay_no).await? {
                Lookup::Order(found) => remote(&found),
                Lookup::Absent => Ok(Remote::Unknown),
                Lookup::Unsaid(words) => {
                    tracing::warn!(channel.kind = "baidu", pay_no = payment.pay_no, words, "a query was not answered");
                    Ok(Remote::Pending)
                }
            },
            // The older generation does not tell the amount, and money without its amount is no news: the notice has it.
            None => Ok(Remote::Pending),
        }
    }

    /// Closing has no deadline to lean on: an orderInfo that nobody has opened yet stays good. Money that comes for it
    /// later is told by a notice and taken for what it is then, money for a closed order.
    pub(super) async fn shut(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        let Some(client) = &self.account.client else { return self.shut_legacy(payment).await };
        let found = match self.find(client, &payment.pay_no).await? {
            Lookup::Order(found) => found,
            Lookup::Absent => return Ok(Closing::Closed),
            Lookup::Unsaid(words) => return Ok(Closing::NotYet(words)),
        };
        if let Some(end) = ended(&found) {
            return Ok(end);
        }
        let (Some(1), Some(order_id)) = (found.status, &found.order_id) else {
            return Ok(Closing::NotYet("the order is in an unknown state".to_owned()));
        };
        let words = match self.cancel(client, order_id).await? {
            Reply::Done(_) => return Ok(Closing::Closed),
            Reply::No { errno, words } => format!("{errno} {words}"),
            Reply::Barred { code, words } => return Err(ChannelError::Unclear(format!("{code} {words}"))),
        };
        // It would not be cancelled in its state: which state is it by now?
        match self.find(client, &payment.pay_no).await? {
            Lookup::Order(found) => Ok(ended(&found).unwrap_or(Closing::NotYet(words))),
            Lookup::Absent => Ok(Closing::Closed),
            Lookup::Unsaid(words) => Ok(Closing::NotYet(words)),
        }
    }

    /// The older generation can neither close nor find an order by our number: what it does not know as paid counts as
    /// closed here.
    async fn shut_legacy(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        let (Some(order_id), Some(user_id)) = (&payment.provider_trade_no, &payment.payer) else { return Ok(Closing::Closed) };
        match self.query_legacy(order_id, user_id).await? {
            Reply::Done(data) => Ok(match legacy::states(&data).pay {
                Some(1) => Closing::AlreadyPaid,
                Some(-1) => Closing::Closed,
                _ => Closing::NotYet("the order is in an unknown state".to_owned()),
            }),
            Reply::No { words, .. } if reply::says_absent(&words) => Ok(Closing::Closed),
            Reply::No { errno, words } => Ok(Closing::NotYet(format!("{errno} {words}"))),
            Reply::Barred { code, words } => Err(ChannelError::Unclear(format!("{code} {words}"))),
        }
    }

    pub(super) async fn send_back(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        // Baidu opened this one itself and we only agreed: asking for it again would be a second refund.
        if request.provider_refund_no.is_some() {
            return self.refund_state(request).await;
        }
        let reason: String = request.reason.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
        let reason = if reason.trim().is_empty() { NO_REASON } else { reason.trim() };
        let (order_id, user_id) = self.names(request).await?;
        let reply = match &self.account.client {
            Some(client) => self.apply_refund(client, request, &order_id, &user_id, reason).await?,
            None => self.apply_refund_legacy(request, &order_id, &user_id, reason).await?,
        };
        match reply {
            Reply::Done(data) => Ok(RemoteRefund::Processing { provider_refund_no: reply::text(&data, "refundBatchId") }),
            Reply::No { errno, words } if DEFINITE_NO.contains(&errno) => {
                Ok(RemoteRefund::Failed { code: errno.to_string(), message: words })
            }
            // Among them are refusals of today that are none tomorrow: the daily limit of the console, for one.
            Reply::No { errno, words } => Err(ChannelError::Unclear(format!("{errno} {words}"))),
            Reply::Barred { code, words } => Err(ChannelError::Unclear(format!("{code} {words}"))),
        }
    }

    /// Baidu's number of the order and of its payer, as the notice gave them, or asked for.
    async fn names(&self, request: &RefundRequest) -> Result<(String, String), ChannelError> {
        if let (Some(order_id), Some(user_id)) = (&request.provider_trade_no, &request.payer) {
            return Ok((order_id.clone(), user_id.clone()));
        }
        let lost = || ChannelError::Refused {
            code: "NO_USER_ID".to_owned(),
            message: "Baidu's number of the order or of its payer is not known; refund in Baidu's console".to_owned(),
        };
        let client = self.account.client.as_ref().ok_or_else(lost)?;
        match self.find(client, &request.pay_no).await? {
            Lookup::Order(Found { order_id: Some(order_id), user_id: Some(user_id), .. }) => Ok((order_id, user_id)),
            Lookup::Order(_) | Lookup::Absent => Err(lost()),
            Lookup::Unsaid(words) => Err(ChannelError::Unclear(words)),
        }
    }

    pub(super) async fn refund_state(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let (order_id, user_id) = self.names(request).await?;
        match &self.account.client {
            Some(client) => self.refund_state_by_token(client, request, &user_id).await,
            None => match self.query_legacy(&order_id, &user_id).await? {
                Reply::Done(data) => Ok(refund_of_order(legacy::states(&data), request)),
                Reply::No { errno, words } => Err(ChannelError::Unclear(format!("{errno} {words}"))),
                Reply::Barred { code, words } => Err(ChannelError::Unclear(format!("{code} {words}"))),
            },
        }
    }

    async fn refund_state_by_token(
        &self,
        client: &Client,
        request: &RefundRequest,
        user_id: &str,
    ) -> Result<RemoteRefund, ChannelError> {
        match self.find_refunds(client, &request.pay_no, user_id).await? {
            Reply::Done(list) => Ok(refund_in_list(&list, request)),
            Reply::No { words, .. } if reply::says_absent(&words) => Ok(not_listed(request)),
            Reply::No { errno, words } => Err(ChannelError::Unclear(format!("{errno} {words}"))),
            Reply::Barred { code, words } => Err(ChannelError::Unclear(format!("{code} {words}"))),
        }
    }

    /// Asks for an order that does not exist: a token proves the mini program's credentials, a signed question our key.
    pub(super) async fn prove(&self) -> Result<CheckReport, ChannelError> {
        let number = self.world.number();
        let report = |meaning: CheckMeaning, asked: String, answered: String| {
            Ok(CheckReport { ok: meaning == CheckMeaning::Works, asked, answered, meaning })
        };
        let asked = format!("findByTpOrderId {number}");
        let found = match &self.account.client {
            Some(client) => match self.find(client, &number).await {
                Ok(Lookup::Absent | Lookup::Order(_)) => Some("success".to_owned()),
                Ok(Lookup::Unsaid(words)) => return report(meaning(&words), asked, words),
                Err(ChannelError::Credentials { problem, .. }) => return report(CheckMeaning::UnknownAccount, asked, problem),
                Err(error) => return report(CheckMeaning::Unreachable, asked, error.to_string()),
            },
            None => None,
        };
        let asked = match found {
            Some(_) => format!("{asked}; queryorderdetail 1"),
            None => "queryorderdetail 1".to_owned(),
        };
        match self.query_legacy("1", "1").await {
            Ok(Reply::Done(_)) => report(CheckMeaning::Works, asked, "success".to_owned()),
            Ok(Reply::No { errno, words }) => report(meaning(&words), asked, format!("{errno} {words}")),
            Ok(Reply::Barred { code, words }) => report(CheckMeaning::NotPermitted, asked, format!("{code} {words}")),
            Err(ChannelError::Credentials { field, problem }) => Err(ChannelError::Credentials { field, problem }),
            // The token has proved itself; the older host alone does not answer.
            Err(error) if found.is_some() => report(CheckMeaning::Other, asked, error.to_string()),
            Err(error) => report(CheckMeaning::Unreachable, asked, error.to_string()),
        }
    }
}

/// What an error's sentence means for the credentials; the numbers are not published.
fn meaning(words: &str) -> CheckMeaning {
    let lower = words.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    if says(&["签名", "验签", "sign"]) {
        CheckMeaning::OurSignatureRefused
    } else if says(&["appkey", "appid"]) {
        CheckMeaning::UnknownAccount
    } else if says(&["权限", "permission"]) {
        CheckMeaning::NotPermitted
    } else if reply::says_absent(words) {
        CheckMeaning::Works
    } else {
        CheckMeaning::Other
    }
}

fn remote(found: &Found) -> Result<Remote, ChannelError> {
    match found.status {
        Some(2) => paid(found).map(Remote::Paid),
        Some(-1) => Ok(Remote::Closed),
        _ => Ok(Remote::Pending),
    }
}

fn paid(found: &Found) -> Result<Paid, ChannelError> {
    let missing = |name: &str| ChannelError::Unclear(format!("a paid order without a readable {name}"));
    Ok(Paid {
        trade_no: found.order_id.clone().ok_or_else(|| missing("orderId"))?,
        amount: found.total.and_then(|fen| Amount::from_stored(fen).ok()).ok_or_else(|| missing("totalMoney"))?,
        payer: found.user_id.clone(),
        paid_at: None,
    })
}

fn ended(found: &Found) -> Option<Closing> {
    match found.status {
        Some(2) => Some(Closing::AlreadyPaid),
        Some(-1) => Some(Closing::Closed),
        _ => None,
    }
}

/// A refund that Baidu does not list: it never arrived, unless Baidu has given it a number before.
fn not_listed(request: &RefundRequest) -> RemoteRefund {
    match &request.provider_refund_no {
        None => RemoteRefund::Unknown,
        Some(_) => RemoteRefund::Processing { provider_refund_no: None },
    }
}

fn refund_in_list(list: &Value, request: &RefundRequest) -> RemoteRefund {
    let is_it = |entry: &&Value| {
        let named = |name: &str, number: &str| reply::text(entry, name).as_deref() == Some(number);
        named("bizRefundBatchId", &request.refund_no)
            || request.provider_refund_no.as_deref().is_some_and(|number| named("refundBatchId", number))
    };
    let Some(entry) = list.as_array().and_then(|all| all.iter().find(is_it)) else { return not_listed(request) };
    let provider_refund_no = reply::text(entry, "refundBatchId");
    match reply::whole(entry, "refundStatus") {
        Some(2) => RemoteRefund::Succeeded { provider_refund_no, succeeded_at: None },
        Some(3) => RemoteRefund::Failed { code: "3".to_owned(), message: "Baidu reports the refund as failed".to_owned() },
        _ => RemoteRefund::Processing { provider_refund_no },
    }
}

/// The older generation tells one state for all of an order's refunds: of a part it says nothing definite.
fn refund_of_order(states: States, request: &RefundRequest) -> RemoteRefund {
    let is_all = request.amount == request.paid_amount;
    match states.refund {
        Some(-1) => not_listed(request),
        Some(2) if is_all => RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at: None },
        Some(9) if is_all && request.provider_refund_no.is_some() => {
            RemoteRefund::Failed { code: "9".to_owned(), message: "Baidu reports the refund as failed".to_owned() }
        }
        _ => RemoteRefund::Processing { provider_refund_no: None },
    }
}
