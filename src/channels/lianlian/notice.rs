//! Notices: a raw JSON body, for payments only when they succeeded (provider's documents: 支付结果异步通知, 退款异步通知).

use super::settle;
use super::sign::{Keys, Message};
use super::wire::{self, field};
use crate::pay::channel::{Answer, NoticeError, NoticeFact, NoticeOutcome, Remote};

fn need<'a>(message: &'a Message, name: &str) -> Result<&'a str, NoticeError> {
    field(message, name).ok_or_else(|| NoticeError::Unreadable(format!("{name} is missing")))
}

/// Verifies over everything that came, compares the merchant, then reads. Which kind it is, its own fields say.
///
/// # Errors
/// See [`NoticeError`].
pub fn read(keys: &Keys, oid_partner: &str, body: &[u8]) -> Result<Vec<NoticeFact>, NoticeError> {
    let message = wire::read(body).map_err(|problem| NoticeError::Unreadable(problem.to_owned()))?;
    if !keys.verify(&message) {
        return Err(NoticeError::Signature);
    }
    let merchant = field(&message, "oid_partner").unwrap_or_default();
    if merchant != oid_partner {
        return Err(NoticeError::WrongAccount(format!("oid_partner {merchant}")));
    }
    if let Some(refund_no) = field(&message, "no_refund") {
        // Its amount can be compared only with the refund in hand, which the query does.
        return Ok(vec![NoticeFact::AskRefund { refund_no: refund_no.to_owned() }]);
    }
    let pay_no = need(&message, "no_order")?.to_owned();
    let remote = match need(&message, "result_pay")? {
        "SUCCESS" => Remote::Paid(settle::paid(&message).map_err(NoticeError::Unreadable)?),
        _ => Remote::Pending,
    };
    Ok(vec![NoticeFact::Payment { pay_no, remote }])
}

/// Only the code matters to the provider; the words are those of its demos.
#[must_use]
pub fn answer(outcome: NoticeOutcome) -> Answer {
    let body = match outcome {
        NoticeOutcome::Accepted | NoticeOutcome::Audited(_) => r#"{"ret_code":"0000","ret_msg":"交易成功"}"#,
        NoticeOutcome::Refused | NoticeOutcome::Unavailable => r#"{"ret_code":"9999","ret_msg":"交易失败"}"#,
    };
    Answer { status: 200, content_type: "application/json;charset=utf-8", body: body.to_owned() }
}
