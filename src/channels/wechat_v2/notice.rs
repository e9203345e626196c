//! Notices of WeChat Pay v2 (provider's documents: 支付结果通知, 退款结果通知) and what the provider wants to hear back.

use super::sign;
use super::wire::{Account, paid, text};
use crate::channels::xml::{self, Map};
use crate::pay::channel::{Answer, NoticeError, NoticeFact, NoticeOutcome, Remote};

fn unreadable(problem: impl ToString) -> NoticeError {
    NoticeError::Unreadable(problem.to_string())
}

fn read(body: &[u8]) -> Result<Map, NoticeError> {
    let fields = xml::read(body, "xml").map_err(unreadable)?;
    match text(&fields, "return_code") {
        Some("SUCCESS") => Ok(fields),
        _ => Err(unreadable("return_code is not SUCCESS")),
    }
}

/// Reads a payment notice: verified over everything that came, then compared with our account.
///
/// # Errors
/// See [`NoticeError`].
pub fn payment(body: &[u8], account: &Account) -> Result<Vec<NoticeFact>, NoticeError> {
    let fields = read(body)?;
    if !account.verify(&fields) {
        return Err(NoticeError::Signature);
    }
    if let Some(name) = account.stranger(&fields, true) {
        return Err(NoticeError::WrongAccount(name.to_owned()));
    }
    if text(&fields, "result_code") != Some("SUCCESS") {
        // An attempt that failed; the order stays payable, so it is no news about the payment.
        return Ok(vec![NoticeFact::Nothing]);
    }
    let pay_no = text(&fields, "out_trade_no").ok_or_else(|| unreadable("out_trade_no is missing"))?.to_owned();
    Ok(vec![NoticeFact::Payment { pay_no, remote: Remote::Paid(paid(&fields).map_err(unreadable)?) }])
}

/// Reads a refund notice. It carries no signature and its encryption proves little: all it can do is make us ask.
///
/// # Errors
/// See [`NoticeError`].
pub fn refund(body: &[u8], account: &Account) -> Result<Vec<NoticeFact>, NoticeError> {
    let fields = read(body)?;
    let sealed = text(&fields, "req_info").ok_or_else(|| unreadable("req_info is missing"))?;
    let plain = sign::open_req_info(sealed, account.key.expose()).ok_or(NoticeError::Signature)?;
    // The wrong key leaves valid padding behind once in 256 tries, but no XML.
    let info = xml::read(&plain, "root").map_err(|_| NoticeError::Signature)?;
    if let Some(name) = account.stranger(&fields, true) {
        return Err(NoticeError::WrongAccount(name.to_owned()));
    }
    let refund_no = text(&info, "out_refund_no").ok_or_else(|| unreadable("out_refund_no is missing"))?;
    Ok(vec![NoticeFact::AskRefund { refund_no: refund_no.to_owned() }])
}

/// The acknowledgement, with nothing before or after the element.
#[must_use]
pub fn answer(outcome: NoticeOutcome) -> Answer {
    let (code, message) = match outcome {
        NoticeOutcome::Accepted | NoticeOutcome::Audited(_) => ("SUCCESS", "OK"),
        NoticeOutcome::Refused => ("FAIL", "签名验证失败"),
        NoticeOutcome::Unavailable => ("FAIL", "系统繁忙，请稍后重试"),
    };
    let body = format!("<xml><return_code><![CDATA[{code}]]></return_code><return_msg><![CDATA[{message}]]></return_msg></xml>");
    Answer { status: 200, content_type: "text/xml; charset=utf-8", body }
}
