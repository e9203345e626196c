//! After the start: asking, giving up, sending money back.
//!
//! Specification 5.1.0, chapters 交易状态查询, 退货, 消费撤销. `respCode` of a question is about the question; the money's own
//! state is `origRespCode`. `respCode` of a refund means taken in, not done.

use super::codes::{self, Meaning};
use super::exchange::{self, Reply};
use super::message::{self, Fields};
use super::{Unionpay, moment, order};
use crate::channels::{shanghai, text};
use crate::model::Amount;
use crate::pay::channel::{ChannelError, Closing, Paid, PaymentRef, RefundRequest, Remote, RemoteRefund};

/// How long after the payment's end a "not paid" is still not believed: clocks differ, and a bank may be slow.
const GRACE_MS: i64 = 60_000;
/// For so long after it was sent, a refund that is not known over there may still be on its way. The specification's six
/// questions end after about this time.
const ARRIVAL_MS: i64 = 60_000;

/// A payment as the provider sees it, before our own clock has had its say.
enum Seen {
    Paid(Paid),
    /// Money may be moving at this moment.
    Moving(String),
    /// The last try failed; the payer may try again.
    NotPaid {
        code: String,
        message: String,
    },
    Absent,
}

/// How money goes back. Each is a transaction of its own with the refund's number; the second one's time is a second later,
/// since number and time together must be new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    txn_type: &'static str,
    at_ms: i64,
}

impl Unionpay {
    pub(super) async fn state(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        let is_over = payment.now_ms > order::pay_timeout(&payment.provider_data, payment.created_at) + GRACE_MS;
        Ok(match self.look(payment).await? {
            Seen::Paid(paid) => Remote::Paid(paid),
            Seen::Moving(_) => Remote::Pending,
            Seen::NotPaid { code, message } if is_over => Remote::Failed { code, message },
            Seen::NotPaid { .. } => Remote::Pending,
            Seen::Absent if is_over => Remote::Closed,
            Seen::Absent => Remote::Unknown,
        })
    }

    async fn look(&self, payment: &PaymentRef) -> Result<Seen, ChannelError> {
        let question = order::question(&payment.pay_no, payment.created_at);
        let reply = self.ask(exchange::QUERY, question, payment.now_ms).await?;
        match reply.meaning() {
            Meaning::Done => {}
            Meaning::Absent => return Ok(Seen::Absent),
            // Whatever else a question answers is about the question, never about the money.
            _ => return Err(reply.unclear()),
        }
        is_a(&reply, "01")?;
        let code = reply.need("origRespCode")?;
        Ok(match codes::meaning(code) {
            Meaning::Done => Seen::Paid(paid(&reply.fields, payment.now_ms).map_err(ChannelError::Unclear)?),
            Meaning::Unknown => Seen::Moving(original(&reply)),
            _ => {
                let message = reply.get("origRespMsg").unwrap_or_default().to_owned();
                Seen::NotPaid { code: code.to_owned(), message }
            }
        })
    }

    /// The provider has no call that closes a payment. It dies over there with the `payTimeout` that was sent at the start;
    /// until then we only make sure that it is not paid and stop waiting for it. Should it be paid all the same, its notice
    /// or the core's later question tells.
    pub(super) async fn shut(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        Ok(match self.look(payment).await? {
            Seen::Paid(_) => Closing::AlreadyPaid,
            Seen::Moving(words) => Closing::NotYet(words),
            Seen::NotPaid { .. } | Seen::Absent => Closing::Closed,
        })
    }

    pub(super) async fn send_back(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let Some(paid) = request.provider_trade_no.as_deref().filter(|number| !number.is_empty()) else {
            return Err(no("35", "the payment has no number of UnionPay's"));
        };
        let mut refusal = no("30", "");
        for way in ways(request) {
            let reply = match self.ask(exchange::REFUND, refund(request, way, paid), request.now_ms).await {
                Ok(reply) => reply,
                Err(exchange::Trouble::Ours(error)) => return Err(error),
                Err(trouble) => return self.ask_for_it(request, trouble.into()).await,
            };
            match reply.meaning() {
                Meaning::Done => {
                    return Ok(RemoteRefund::Processing { provider_refund_no: reply.get("queryId").map(str::to_owned) });
                }
                Meaning::Unknown | Meaning::Absent => return self.ask_for_it(request, reply.unclear()).await,
                Meaning::Refused => refusal = reply.refused(),
                // It was sent before; only its own state tells.
                Meaning::Duplicate => match self.one(request, way).await? {
                    RemoteRefund::Unknown => return Ok(RemoteRefund::Processing { provider_refund_no: None }),
                    RemoteRefund::Failed { code, message } => refusal = ChannelError::Refused { code, message },
                    known => return Ok(known),
                },
                Meaning::Unlisted => match self.one(request, way).await? {
                    RemoteRefund::Unknown => refusal = reply.refused(),
                    RemoteRefund::Failed { code, message } => refusal = ChannelError::Refused { code, message },
                    known => return Ok(known),
                },
            }
        }
        Err(refusal)
    }

    /// Nobody knows what became of the call: asks for it a few times. Never sends another number meanwhile.
    async fn ask_for_it(&self, request: &RefundRequest, doubt: ChannelError) -> Result<RemoteRefund, ChannelError> {
        let questions = async {
            for pause in self.ask_after {
                tokio::time::sleep(*pause).await;
                match self.refund_state(request).await {
                    Ok(RemoteRefund::Unknown | RemoteRefund::Processing { provider_refund_no: None }) => {}
                    Ok(known) => return Some(known),
                    // It answers nothing at all: the caller should not wait for that.
                    Err(_) => return None,
                }
            }
            None
        };
        // Nor for answers that come too slowly.
        tokio::time::timeout(self.ask_within, questions).await.ok().flatten().ok_or(doubt)
    }

    pub(super) async fn refund_state(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let mut state = RemoteRefund::Unknown;
        let mut undo_failed = false;
        for way in ways(request) {
            state = self.one(request, way).await?;
            match state {
                RemoteRefund::Unknown => {}
                RemoteRefund::Failed { .. } => undo_failed = way.txn_type == UNDO,
                RemoteRefund::Succeeded { .. } | RemoteRefund::Processing { .. } => return Ok(state),
            }
        }
        let is_young = request.now_ms - request.created_at < ARRIVAL_MS;
        match state {
            // Undoing failed for certain and the refund was not tried yet: that is the next thing to do.
            RemoteRefund::Unknown if is_young && !undo_failed => Ok(RemoteRefund::Processing { provider_refund_no: None }),
            state => Ok(state),
        }
    }

    /// What became of one transaction; `Unknown` when there is none.
    async fn one(&self, request: &RefundRequest, way: Way) -> Result<RemoteRefund, ChannelError> {
        let question = order::question(&request.refund_no, way.at_ms);
        let reply = self.ask(exchange::REFUND_QUERY, question, request.now_ms).await?;
        match reply.meaning() {
            Meaning::Done => {}
            Meaning::Absent => return Ok(RemoteRefund::Unknown),
            _ => return Err(reply.unclear()),
        }
        is_a(&reply, way.txn_type)?;
        if amount(&reply.fields, "txnAmt") != Some(request.amount) {
            return Err(ChannelError::Unclear("the refund's amount is another one".to_owned()));
        }
        let provider_refund_no = reply.get("queryId").map(str::to_owned);
        let code = reply.need("origRespCode")?;
        Ok(match codes::meaning(code) {
            Meaning::Done => {
                let succeeded_at = reply.get("traceTime").and_then(|text| moment::of(text, request.now_ms));
                RemoteRefund::Succeeded { provider_refund_no, succeeded_at }
            }
            Meaning::Unknown | Meaning::Absent | Meaning::Duplicate => RemoteRefund::Processing { provider_refund_no },
            Meaning::Refused | Meaning::Unlisted => {
                let message = reply.get("origRespMsg").unwrap_or_default().to_owned();
                RemoteRefund::Failed { code: code.to_owned(), message }
            }
        })
    }
}

const UNDO: &str = "31";
const REFUND: &str = "04";

/// All the money of a payment of the same settlement day is undone: it is back at once and costs no fee. Where that is
/// refused (the product is not opened, the day has turned meanwhile), and in all other cases, it is refunded. Decided by
/// what never changes about the refund, so that every later question names the same transactions.
fn ways(request: &RefundRequest) -> Vec<Way> {
    let day = moment::settlement_day;
    let can_be_undone =
        request.amount == request.paid_amount && request.paid_at.is_some_and(|paid_at| day(paid_at) == day(request.created_at));
    if can_be_undone {
        let undo = Way { txn_type: UNDO, at_ms: request.created_at };
        vec![undo, Way { txn_type: REFUND, at_ms: request.created_at + 1000 }]
    } else {
        vec![Way { txn_type: REFUND, at_ms: request.created_at }]
    }
}

fn refund(request: &RefundRequest, way: Way, paid: &str) -> Fields {
    message::of([
        ("txnType", way.txn_type),
        ("txnSubType", "00"),
        ("bizType", order::biz_type(request.method)),
        ("channelType", order::channel_type(request.method)),
        ("orderId", &request.refund_no),
        ("txnTime", &shanghai::compact(way.at_ms)),
        ("txnAmt", &request.amount.fen().to_string()),
        ("origQryId", paid),
        ("backUrl", &request.notify_url),
    ])
}

fn no(code: &str, message: &str) -> ChannelError {
    ChannelError::Refused { code: code.to_owned(), message: message.to_owned() }
}

fn is_a(reply: &Reply, txn_type: &str) -> Result<(), ChannelError> {
    match reply.need("txnType")? {
        found if found == txn_type => Ok(()),
        found => Err(ChannelError::Unclear(format!("the transaction is of another type ({found})"))),
    }
}

fn original(reply: &Reply) -> String {
    let part = |name| reply.get(name).unwrap_or_default();
    format!("{} {}", part("origRespCode"), part("origRespMsg")).trim_end().to_owned()
}

fn amount(fields: &Fields, name: &str) -> Option<Amount> {
    text::fen(fields.get(name)?)
}

/// The money of a paid transaction, in an answer or a notice.
///
/// # Errors
/// What is missing.
pub fn paid(fields: &Fields, now_ms: i64) -> Result<Paid, String> {
    let get = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let missing = |name: &str| format!("a paid transaction without a readable {name}");
    if get("currencyCode").is_some_and(|code| code != "156") {
        return Err("a payment in another currency".to_owned());
    }
    let near = get("txnTime").and_then(shanghai::parse_compact).unwrap_or(now_ms);
    Ok(Paid {
        trade_no: get("queryId").ok_or_else(|| missing("queryId"))?.to_owned(),
        amount: amount(fields, "txnAmt").ok_or_else(|| missing("txnAmt"))?,
        // Some merchants get the number encrypted for their own key: of no use to anybody here.
        payer: get("accNo").filter(|number| number.contains('*')).map(str::to_owned),
        paid_at: get("traceTime").and_then(|text| moment::of(text, near)),
    })
}
