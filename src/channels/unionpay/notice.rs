//! Notices: verify first, then read. Payments, refunds and undone payments come in one form; only success is told.
//!
//! Specification 5.1.0, chapter 后台通知. Reads the body alone: what stands in our own address's query is none of theirs.

use super::codes::{self, Meaning};
use super::message::{self, Fields};
use super::{Unionpay, settle};
use crate::pay::channel::{NoticeError, NoticeFact, RawNotice, Remote};

/// Reads a notice.
///
/// # Errors
/// `Signature` for anything that UnionPay did not sign, `WrongAccount` for another merchant, `Unreadable` for a body that
/// cannot be taken apart or lacks what every notice has.
pub fn read(account: &Unionpay, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
    let unreadable = |problem: String| NoticeError::Unreadable(problem);
    let fields = message::read_form(raw.body).map_err(|problem| unreadable(format!("the notice {problem}")))?;
    account.trust.verify(&fields, raw.now_ms).map_err(|distrust| {
        tracing::warn!(channel.kind = "unionpay", "a notice is not believed: {distrust}");
        NoticeError::Signature
    })?;
    let mer_id = get(&fields, "merId").unwrap_or_default();
    if mer_id != account.mer_id {
        return Err(NoticeError::WrongAccount(format!("merId {mer_id}")));
    }
    let code = get(&fields, "respCode").unwrap_or_default();
    if codes::meaning(code) != Meaning::Done {
        return Ok(vec![NoticeFact::Nothing]);
    }
    let number = get(&fields, "orderId").ok_or_else(|| unreadable("orderId is missing".to_owned()))?.to_owned();
    if code == "A6" {
        tracing::warn!(channel.kind = "unionpay", number, "done with a defect (A6): compare it with the settlement file");
    }
    Ok(vec![match get(&fields, "txnType") {
        Some("01") => {
            let paid = settle::paid(&fields, raw.now_ms).map_err(unreadable)?;
            NoticeFact::Payment { pay_no: number, remote: Remote::Paid(paid) }
        }
        // Its amount can be compared only with the refund in hand, which the query does.
        Some("04" | "31") => NoticeFact::AskRefund { refund_no: number },
        _ => NoticeFact::Nothing,
    }])
}

fn get<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
}
