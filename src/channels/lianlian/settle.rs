//! After the start: asking and refunding. Provider's documents: 商户支付结果查询, 退款, 退款结果查询.

use super::Lianlian;
use super::exchange::{self, Reply};
use super::sign::Message;
use super::wire::{Meaning, field};
use crate::channels::shanghai;
use crate::model::Amount;
use crate::pay::channel::{ChannelError, Closing, Paid, PaymentRef, RefundRequest, Remote, RemoteRefund};
use std::collections::BTreeMap;

/// The order's time is part of its identity at the provider; it is kept with the payment under this name.
pub const DT_ORDER: &str = "dt_order";

/// Where an order stands, as the provider says it.
enum Standing {
    Paid(Paid),
    /// Created; the payer has not acted.
    Waiting,
    /// The bank is at it, or a word we do not know.
    Working,
    Failed,
    Absent,
    Expired,
}

/// The money in a notice or an answer.
///
/// # Errors
/// The problem, in words.
pub fn paid(message: &Message) -> Result<Paid, String> {
    let need = |name: &str| field(message, name).ok_or_else(|| format!("{name} is missing"));
    Ok(Paid {
        trade_no: need("oid_paybill")?.to_owned(),
        amount: Amount::parse_yuan(need("money_order")?).map_err(|_| "money_order is no amount".to_owned())?,
        payer: None,
        // There is only the day of the settlement, no moment.
        paid_at: None,
    })
}

fn fields<const N: usize>(pairs: [(&str, Option<String>); N]) -> Message {
    pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.filter(|v| !v.is_empty())?))).collect()
}

fn dt_order(data: &BTreeMap<String, String>) -> Option<String> {
    data.get(DT_ORDER).cloned()
}

impl Lianlian {
    async fn standing(&self, payment: &PaymentRef) -> Result<Standing, ChannelError> {
        let dt_order = dt_order(&payment.provider_data).unwrap_or_else(|| shanghai::compact(payment.created_at));
        let asked = fields([
            ("no_order", Some(payment.pay_no.clone())),
            ("dt_order", Some(dt_order)),
            ("query_version", Some("1.1".to_owned())),
        ]);
        let reply = self.ask(exchange::QUERY, asked).await?;
        match reply.meaning {
            Meaning::Handled => {
                reply.is_about("no_order", &payment.pay_no)?;
                // The code says that the question was understood; only `result_pay` speaks of money.
                Ok(match field(&reply.fields, "result_pay") {
                    Some("SUCCESS" | "REFUND") => Standing::Paid(paid(&reply.fields).map_err(ChannelError::Unclear)?),
                    Some("WAITING") => Standing::Waiting,
                    // The sentence beside the code is about the question, and says that it went well.
                    Some("FAILURE") => Standing::Failed,
                    _ => Standing::Working,
                })
            }
            Meaning::Absent => Ok(Standing::Absent),
            Meaning::Expired => Ok(Standing::Expired),
            Meaning::Working => Ok(Standing::Working),
            // Whatever else a query answers is about the query, never about the money.
            Meaning::Used | Meaning::LookFirst | Meaning::LookOnly | Meaning::No | Meaning::Unclear => Err(reply.unclear()),
        }
    }

    pub(super) async fn state(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        Ok(match self.standing(payment).await? {
            Standing::Paid(paid) => Remote::Paid(paid),
            Standing::Waiting | Standing::Working => Remote::Pending,
            Standing::Failed => Remote::Failed { code: "FAILURE".to_owned(), message: "the payment failed".to_owned() },
            // Before the payer opened the page there is no record.
            Standing::Absent => Remote::Unknown,
            Standing::Expired => Remote::Closed,
        })
    }

    /// The provider has no call that closes an order. An unpaid one counts as closed: it was started with a `valid_order`
    /// that ends with the payment's own time, so it dies there too; money that still comes is a case.
    pub(super) async fn shut(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        Ok(match self.standing(payment).await? {
            Standing::Paid(_) => Closing::AlreadyPaid,
            Standing::Working => Closing::NotYet("the bank is still working on the payment".to_owned()),
            Standing::Waiting | Standing::Failed | Standing::Absent | Standing::Expired => Closing::Closed,
        })
    }

    pub(super) async fn send_back(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let asked = fields([
            ("no_refund", Some(request.refund_no.clone())),
            ("dt_refund", Some(shanghai::compact(request.created_at))),
            ("money_refund", Some(request.amount.yuan())),
            ("no_order", Some(request.pay_no.clone())),
            ("dt_order", dt_order(&request.provider_data)),
            ("oid_paybill", request.provider_trade_no.clone()),
            ("notify_url", Some(request.notify_url.clone())),
        ]);
        let reply = self.ask(exchange::REFUND, asked).await?;
        match reply.meaning {
            Meaning::Handled => refund(&reply, request),
            Meaning::Working => Ok(RemoteRefund::Processing { provider_refund_no: None }),
            Meaning::No => Err(reply.refused()),
            // An earlier try of the same refund may be the very reason of this no.
            Meaning::LookFirst | Meaning::LookOnly | Meaning::Used | Meaning::Absent | Meaning::Expired => {
                match self.refund_state(request).await? {
                    RemoteRefund::Unknown => not_found(&reply),
                    known => Ok(known),
                }
            }
            Meaning::Unclear => Err(reply.unclear()),
        }
    }

    pub(super) async fn refund_state(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let asked = fields([
            ("no_refund", Some(request.refund_no.clone())),
            ("dt_refund", Some(shanghai::compact(request.created_at))),
            ("oid_refundno", request.provider_refund_no.clone()),
        ]);
        let reply = self.ask(exchange::REFUND_QUERY, asked).await?;
        match reply.meaning {
            Meaning::Handled => refund(&reply, request),
            Meaning::Absent => Ok(RemoteRefund::Unknown),
            Meaning::Working => Ok(RemoteRefund::Processing { provider_refund_no: None }),
            Meaning::Used | Meaning::Expired | Meaning::LookFirst | Meaning::LookOnly | Meaning::No | Meaning::Unclear => {
                Err(reply.unclear())
            }
        }
    }
}

/// What a no to a refund means when the question for it finds nothing. A record can be slower than its number: only a
/// signed no of the refund's own sum ends it.
fn not_found(reply: &Reply) -> Result<RemoteRefund, ChannelError> {
    match reply.meaning {
        Meaning::LookFirst if reply.is_signed => {
            Ok(RemoteRefund::Failed { code: reply.code().to_owned(), message: reply.message().to_owned() })
        }
        Meaning::Used | Meaning::Absent | Meaning::Expired => Ok(RemoteRefund::Processing { provider_refund_no: None }),
        _ => Err(reply.unclear()),
    }
}

/// `sta_refund` of an answer about this very refund.
fn refund(reply: &Reply, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
    reply.is_about("no_refund", &request.refund_no)?;
    let amount = field(&reply.fields, "money_refund").map(Amount::parse_yuan);
    if amount.is_some_and(|amount| amount != Ok(request.amount)) {
        return Err(ChannelError::Unclear("the refund's amount is another one".to_owned()));
    }
    let provider_refund_no = field(&reply.fields, "oid_refundno").map(str::to_owned);
    Ok(match field(&reply.fields, "sta_refund") {
        Some("2") => RemoteRefund::Succeeded { provider_refund_no, succeeded_at: None },
        Some("3") => RemoteRefund::Failed { code: "sta_refund 3".to_owned(), message: "the refund failed".to_owned() },
        // 0 applied, 1 processing, and whatever may come.
        _ => RemoteRefund::Processing { provider_refund_no },
    })
}
