//! After the start: asking and refunding. Provider's documents: 交易查询, 退款.

use super::Jd;
use super::document::Document;
use super::exchange::{self, Reply};
use super::sign::Fields;
use crate::channels::shanghai;
use crate::channels::text::{fen, shorten};
use crate::pay::channel::{ChannelError, Closing, Paid, PaymentRef, RefundRequest, Remote, RemoteRefund};

/// Longest `note`, bytes; the provider publishes none.
const NOTE: usize = 80;

fn fields<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The money in a notice or an answer.
///
/// # Errors
/// The problem, in words.
pub fn paid(document: &Document) -> Result<Paid, String> {
    let need = |name: &str| document.get(name).ok_or_else(|| format!("{name} is missing"));
    if document.get("currency").is_some_and(|currency| currency != "CNY") {
        return Err("another currency".to_owned());
    }
    // The moment of the payment itself; the document's own time may be the order's.
    let times = document.payments.iter().filter_map(|payment| payment.get("tradeTime"));
    let paid_at = times.filter_map(|time| shanghai::parse_compact(time)).max();
    Ok(Paid {
        // JD's own number is told by the unified order only.
        trade_no: need("tradeNum")?.to_owned(),
        amount: fen(need("amount")?).ok_or_else(|| "amount is no amount".to_owned())?,
        payer: None,
        paid_at,
    })
}

/// `status` of a payment.
///
/// # Errors
/// The problem, in words.
pub fn remote(document: &Document) -> Result<Remote, String> {
    Ok(match document.get("status") {
        Some("2") => Remote::Paid(paid(document)?),
        Some("3") => Remote::Failed { code: "status 3".to_owned(), message: "the payment failed".to_owned() },
        Some("4") => Remote::Closed,
        // 0 created, 1 processing, and whatever may come.
        _ => Remote::Pending,
    })
}

/// Makes sure that the answer is about what was asked for.
fn is_about(document: &Document, name: &str, value: &str) -> Result<(), ChannelError> {
    match document.get(name) {
        Some(given) if given == value => Ok(()),
        _ => Err(ChannelError::Unclear(format!("an answer about another {name}"))),
    }
}

impl Jd {
    async fn answer_about(&self, payment: &PaymentRef) -> Result<Reply, ChannelError> {
        let reply = self.call(exchange::QUERY, fields([("tradeNum", &payment.pay_no), ("tradeType", "0")])).await?;
        if let Reply::Yes(document) = &reply {
            is_about(document, "tradeNum", &payment.pay_no)?;
            if document.get("tradeType").is_some_and(|kind| kind != "0") {
                return Err(ChannelError::Unclear("an answer about a refund".to_owned()));
            }
        }
        Ok(reply)
    }

    pub(super) async fn state(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        match self.answer_about(payment).await? {
            Reply::Yes(document) => remote(&document).map_err(ChannelError::Unclear),
            Reply::No(no) if no.is_absent() => Ok(Remote::Unknown),
            Reply::No(no) => Err(no.unclear()),
        }
    }

    /// The provider's only way to end an order is to revoke it, which gives the money back when the payer was faster:
    /// behind the order's back, and without our hearing of it. So nothing is revoked. An unpaid order counts as closed: it
    /// was started with an `expireTime` that ends with the payment's own time; money that still comes is a case.
    pub(super) async fn shut(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        let document = match self.answer_about(payment).await? {
            Reply::Yes(document) => document,
            Reply::No(no) if no.is_absent() => return Ok(Closing::Closed),
            Reply::No(no) => return Err(no.unclear()),
        };
        Ok(match document.get("status") {
            Some("2") => Closing::AlreadyPaid,
            Some("0" | "3" | "4") => Closing::Closed,
            _ => Closing::NotYet("the payment is being worked on".to_owned()),
        })
    }

    pub(super) async fn send_back(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let asked = fields([
            ("tradeNum", &request.refund_no),
            ("oTradeNum", &request.pay_no),
            ("amount", &request.amount.fen().to_string()),
            ("currency", "CNY"),
            ("tradeTime", &shanghai::compact(request.created_at)),
            ("notifyUrl", &request.notify_url),
            ("note", &shorten(&request.reason, NOTE)),
        ]);
        match self.call(exchange::REFUND, asked).await? {
            Reply::Yes(document) => refund(&document, request),
            // An earlier try of the same refund may be the very reason of this no, and nobody signed it. That the refund is
            // not found is no proof either: only its own status says that no money went.
            Reply::No(no) => match self.refund_state(request).await? {
                RemoteRefund::Unknown => Err(no.unclear()),
                known => Ok(known),
            },
        }
    }

    pub(super) async fn refund_state(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let asked = fields([("tradeNum", &request.refund_no), ("oTradeNum", &request.pay_no), ("tradeType", "1")]);
        match self.call(exchange::QUERY, asked).await? {
            Reply::Yes(document) => refund(&document, request),
            Reply::No(no) if no.is_absent() => Ok(RemoteRefund::Unknown),
            Reply::No(no) => Err(no.unclear()),
        }
    }
}

/// `status` of an answer about this very refund.
fn refund(document: &Document, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
    is_about(document, "tradeNum", &request.refund_no)?;
    is_about(document, "oTradeNum", &request.pay_no)?;
    if document.get("amount").and_then(fen) != Some(request.amount) {
        return Err(ChannelError::Unclear("the refund's amount is another one".to_owned()));
    }
    Ok(match document.get("status") {
        Some("1") => RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at: None },
        Some("2") => RemoteRefund::Failed { code: "status 2".to_owned(), message: "the refund failed".to_owned() },
        _ => RemoteRefund::Processing { provider_refund_no: None },
    })
}
