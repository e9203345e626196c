//! After the start: asking, closing, refunding.

use super::Alipay;
use super::codes::Meaning;
use super::exchange::{self, Reply};
use super::trade;
use super::wire::{self, Biz};
use crate::model::Amount;
use crate::pay::channel::{ChannelError, Closing, PaymentRef, RefundRequest, Remote, RemoteRefund};

impl Alipay {
    /// The state of a payment. Before the payer opens a page or scans a code the provider knows no such trade.
    pub(super) async fn state(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        let biz = Biz::default().with("out_trade_no", &payment.pay_no);
        let reply = self.call(exchange::QUERY, biz, payment.now_ms, None).await?;
        match reply.meaning {
            Meaning::Done => {
                reply.is_about("out_trade_no", &payment.pay_no)?;
                trade::remote(&reply.fields)
            }
            Meaning::Absent => Ok(Remote::Unknown),
            // Whatever else a query answers is about the query, never about the money.
            _ => Err(reply.unclear()),
        }
    }

    pub(super) async fn shut(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        let is_bar = payment.method.is_bar();
        let api = if is_bar { exchange::CANCEL } else { exchange::CLOSE };
        let biz = Biz::default().with("out_trade_no", &payment.pay_no);
        let reply = self.call(api, biz, payment.now_ms, None).await?;
        match reply.meaning {
            Meaning::Done if is_bar && reply.fields.text("retry_flag") == Some("Y") => {
                Ok(Closing::NotYet("the provider asks for the same call again".to_owned()))
            }
            Meaning::Done => {
                reply.is_about("out_trade_no", &payment.pay_no)?;
                Ok(Closing::Closed)
            }
            // A link or code may still be out there: its deadline went with it.
            Meaning::Absent => Ok(Closing::Closed),
            Meaning::Paid | Meaning::Follow | Meaning::Later => self.follow(payment, &reply).await,
            Meaning::Refused => Err(reply.refused()),
            Meaning::Waiting | Meaning::Unclear => Err(reply.unclear()),
        }
    }

    /// The provider would not close a trade in this state: which state is it?
    async fn follow(&self, payment: &PaymentRef, reply: &Reply) -> Result<Closing, ChannelError> {
        match self.state(payment).await? {
            Remote::Paid(_) => Ok(Closing::AlreadyPaid),
            Remote::Closed | Remote::Unknown => Ok(Closing::Closed),
            Remote::Pending | Remote::Failed { .. } => Ok(Closing::NotYet(reply.words())),
        }
    }

    pub(super) async fn send_back(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let biz = Biz::default()
            .with("out_trade_no", &request.pay_no)
            .with("refund_amount", request.amount.yuan())
            .with("out_request_no", &request.refund_no)
            .maybe("refund_reason", wire::reason(&request.reason));
        let reply = self.call(exchange::REFUND, biz, request.now_ms, None).await?;
        match reply.meaning {
            Meaning::Done => {
                reply.is_about("out_trade_no", &request.pay_no)?;
                if reply.fields.text("fund_change") == Some("Y") {
                    let succeeded_at = reply.fields.text("gmt_refund_pay").and_then(trade::time);
                    return Ok(RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at });
                }
                // This call moved nothing: a repeat of a finished refund, or one still on its way.
                match self.refund_state(request).await? {
                    RemoteRefund::Unknown => Ok(RemoteRefund::Processing { provider_refund_no: None }),
                    known => Ok(known),
                }
            }
            Meaning::Later => Ok(RemoteRefund::Processing { provider_refund_no: None }),
            // An earlier try of the same refund may be the very reason of this no.
            Meaning::Refused | Meaning::Follow | Meaning::Absent | Meaning::Paid => match self.refund_state(request).await? {
                RemoteRefund::Unknown => Ok(RemoteRefund::Failed { code: reply.code().to_owned(), message: reply.message() }),
                known => Ok(known),
            },
            Meaning::Waiting | Meaning::Unclear => Err(reply.unclear()),
        }
    }

    pub(super) async fn refund_state(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let biz = Biz::default().with("out_trade_no", &request.pay_no).with("out_request_no", &request.refund_no);
        let reply = self.call(exchange::REFUND_QUERY, biz, request.now_ms, None).await?;
        match reply.meaning {
            Meaning::Done => match reply.fields.text("refund_status") {
                // No status: never arrived, or nothing moved yet. The same number can be sent again without harm.
                None => Ok(RemoteRefund::Unknown),
                Some("REFUND_SUCCESS") => {
                    reply.is_about("out_trade_no", &request.pay_no)?;
                    reply.is_about("out_request_no", &request.refund_no)?;
                    let amount = reply.fields.text("refund_amount").map(Amount::parse_yuan);
                    if amount.is_some_and(|amount| amount != Ok(request.amount)) {
                        return Err(ChannelError::Unclear("the refund's amount is another one".to_owned()));
                    }
                    let succeeded_at = reply.fields.text("gmt_refund_pay").and_then(trade::time);
                    Ok(RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at })
                }
                Some(_) => Ok(RemoteRefund::Processing { provider_refund_no: None }),
            },
            Meaning::Absent => Ok(RemoteRefund::Unknown),
            _ => Err(reply.unclear()),
        }
    }
}
