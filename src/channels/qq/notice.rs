//! Payment notices of QQ Wallet (provider's document: 支付结果通知) and what it wants to hear back. There is no notice of
//! refunds: those are asked for.

use super::wire::{Account, paid, text};
use crate::channels::xml;
use crate::pay::channel::{Answer, NoticeError, NoticeFact, NoticeOutcome, Remote};

fn unreadable(problem: impl ToString) -> NoticeError {
    NoticeError::Unreadable(problem.to_string())
}

/// Reads a notice: verified over everything that came, then compared with our account. It has neither `return_code` nor
/// `result_code`; `trade_state` says what it is about.
///
/// # Errors
/// See [`NoticeError`].
pub fn payment(body: &[u8], account: &Account) -> Result<Vec<NoticeFact>, NoticeError> {
    let fields = xml::read(body, "xml").map_err(unreadable)?;
    if !account.verify(&fields) {
        return Err(NoticeError::Signature);
    }
    if let Some(name) = account.stranger(&fields, true) {
        return Err(NoticeError::WrongAccount(name.to_owned()));
    }
    match text(&fields, "trade_state") {
        Some("SUCCESS") => {}
        // The document knows no other; whatever it may mean, it is not money.
        Some(_) => return Ok(vec![NoticeFact::Nothing]),
        None => return Err(unreadable("trade_state is missing")),
    }
    let pay_no = text(&fields, "out_trade_no").ok_or_else(|| unreadable("out_trade_no is missing"))?.to_owned();
    Ok(vec![NoticeFact::Payment { pay_no, remote: Remote::Paid(paid(&fields).map_err(unreadable)?) }])
}

/// The acknowledgement, with nothing before or after the element.
#[must_use]
pub fn answer(outcome: NoticeOutcome) -> Answer {
    let body = match outcome {
        NoticeOutcome::Accepted | NoticeOutcome::Audited(_) => "<xml><return_code>SUCCESS</return_code></xml>",
        NoticeOutcome::Refused => "<xml><return_code>FAIL</return_code><return_msg>签名验证失败</return_msg></xml>",
        NoticeOutcome::Unavailable => "<xml><return_code>FAIL</return_code><return_msg>系统繁忙，请稍后重试</return_msg></xml>",
    };
    Answer { status: 200, content_type: "text/xml; charset=utf-8", body: body.to_owned() }
}
