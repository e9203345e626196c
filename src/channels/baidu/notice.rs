//! Baidu's three callbacks: paid, may this refund be, what became of it. Verify first, then read; and the exact replies.
//!
//! Provider's documents: 支付回调, 请求业务方退款审核, 通知退款状态. Whether a number is ours is the core's question.

use super::account::Account;
use super::sign::{self, Params, SIGNATURE};
use crate::model::Amount;
use crate::pay::channel::{Answer, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, Paid, Remote, RemoteRefund, Verdict};
use serde_json::{Value, json};

/// A verified callback.
struct Verified(Params);

impl Verified {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<&str, NoticeError> {
        self.get(name).ok_or_else(|| NoticeError::Unreadable(format!("{name} is missing")))
    }

    fn whole(&self, name: &str) -> Result<i64, NoticeError> {
        self.need(name)?.parse().map_err(|_| NoticeError::Unreadable(format!("{name} is no whole number")))
    }
}

/// Reads a callback's body.
///
/// # Errors
/// `Signature` for anything that Baidu's key has not signed, `WrongAccount` for another service's order, `Unreadable` for
/// a body that cannot be taken apart or lacks what its kind has.
pub fn read(account: &Account, kind: NoticeKind, body: &[u8]) -> Result<Vec<NoticeFact>, NoticeError> {
    let notice = verify(account, body)?;
    let fact = match kind {
        NoticeKind::Pay => payment(account, &notice)?,
        NoticeKind::Audit => audit(&notice)?,
        NoticeKind::Refund => refund(&notice)?,
    };
    Ok(vec![fact])
}

// Every field counts, empty ones and those of tomorrow too.
fn verify(account: &Account, body: &[u8]) -> Result<Verified, NoticeError> {
    let params = sign::read_form(body).ok_or_else(|| NoticeError::Unreadable("no form, or a field given twice".to_owned()))?;
    let signature = params.get(SIGNATURE).map(String::as_str).unwrap_or_default();
    if !account.is_theirs(&params, signature) {
        return Err(NoticeError::Signature);
    }
    Ok(Verified(params))
}

fn payment(account: &Account, notice: &Verified) -> Result<NoticeFact, NoticeError> {
    let deal_id = notice.need("dealId")?;
    if deal_id != account.deal_id {
        return Err(NoticeError::WrongAccount(format!("dealId {deal_id}")));
    }
    let pay_no = notice.need("tpOrderId")?.to_owned();
    let remote = match notice.whole("status")? {
        2 => Remote::Paid(paid(notice)?),
        -1 => Remote::Closed,
        _ => Remote::Pending,
    };
    Ok(NoticeFact::Payment { pay_no, remote })
}

/// The order's total counts, never what the payer's vouchers left of it.
fn paid(notice: &Verified) -> Result<Paid, NoticeError> {
    let amount = Amount::from_stored(notice.whole("totalMoney")?);
    let pay_time = notice.get("payTime").and_then(|seconds| seconds.parse::<i64>().ok());
    Ok(Paid {
        trade_no: notice.need("orderId")?.to_owned(),
        amount: amount.map_err(|_| NoticeError::Unreadable("totalMoney is no amount".to_owned()))?,
        // Refunds and questions have to name the payer.
        payer: Some(notice.need("userId")?.to_owned()),
        paid_at: pay_time.and_then(|seconds| seconds.checked_mul(1000)),
    })
}

fn audit(notice: &Verified) -> Result<NoticeFact, NoticeError> {
    // The outcome of a refund has all fields of the question and one more: sent here, it is no question.
    if notice.get("refundStatus").is_some() {
        return Err(NoticeError::Unreadable("a refund's outcome, where its audit belongs".to_owned()));
    }
    notice.need("orderId")?;
    Ok(NoticeFact::RefundAudit {
        pay_no: notice.need("tpOrderId")?.to_owned(),
        provider_refund_no: notice.need("refundBatchId")?.to_owned(),
    })
}

fn refund(notice: &Verified) -> Result<NoticeFact, NoticeError> {
    notice.need("orderId")?;
    let batch = notice.need("refundBatchId")?.to_owned();
    let remote = match notice.whole("refundStatus")? {
        1 => RemoteRefund::Succeeded { provider_refund_no: Some(batch.clone()), succeeded_at: None },
        2 => RemoteRefund::Failed { code: "2".to_owned(), message: "Baidu reports the refund as failed".to_owned() },
        _ => RemoteRefund::Processing { provider_refund_no: Some(batch.clone()) },
    };
    Ok(NoticeFact::ProviderRefund { pay_no: notice.get("tpOrderId").map(str::to_owned), provider_refund_no: batch, remote })
}

/// What Baidu wants to hear. Never `isErrorOrder`, which makes Baidu send the money back by itself: money that we do not
/// await becomes a case here.
#[must_use]
pub fn answer(kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
    let body = match (kind, outcome) {
        (_, NoticeOutcome::Refused | NoticeOutcome::Unavailable) => json!({ "errno": 100, "msg": "fail" }),
        // Without isConsumed 2 the money would stay locked, or even go back.
        (NoticeKind::Pay, _) => success(json!({ "isConsumed": 2 })),
        (NoticeKind::Refund, _) => success(json!({})),
        // The amount has to be a whole JSON number, in fen.
        (NoticeKind::Audit, NoticeOutcome::Audited(Verdict::Approve(amount))) => {
            success(json!({ "auditStatus": 1, "calculateRes": { "refundPayMoney": amount.fen() } }))
        }
        (NoticeKind::Audit, NoticeOutcome::Audited(Verdict::Reject)) => {
            success(json!({ "auditStatus": 2, "calculateRes": { "refundPayMoney": 0 } }))
        }
        (NoticeKind::Audit, _) => success(json!({ "auditStatus": 3 })),
    };
    Answer { status: 200, content_type: "application/json; charset=utf-8", body: body.to_string() }
}

fn success(data: Value) -> Value {
    json!({ "errno": 0, "msg": "success", "data": data })
}
