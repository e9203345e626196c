//! Notices: an envelope like an answer's, about a payment or a refund (provider's document: 异步通知).

use super::Jd;
use super::exchange::{Closed, Opened};
use super::settle;
use crate::pay::channel::{Answer, NoticeError, NoticeFact, NoticeOutcome};

/// Opens, verifies, compares the merchant, then reads. Which kind it is, its own `tradeType` says.
///
/// # Errors
/// See [`NoticeError`].
pub fn read(jd: &Jd, body: &[u8]) -> Result<Vec<NoticeFact>, NoticeError> {
    let document = match jd.unwrap_message(body) {
        Ok(Opened::Yes(document)) => document,
        // Nobody signed it, and it carries nothing.
        Ok(Opened::No { .. }) => return Err(NoticeError::Signature),
        Err(Closed::Unreadable(problem)) => return Err(NoticeError::Unreadable(problem.to_owned())),
        Err(Closed::Forged) => return Err(NoticeError::Signature),
        Err(Closed::Stranger) => return Err(NoticeError::WrongAccount("merchant".to_owned())),
    };
    let need =
        |name: &str| document.get(name).map(str::to_owned).ok_or_else(|| NoticeError::Unreadable(format!("{name} is missing")));
    let number = need("tradeNum")?;
    Ok(vec![match need("tradeType")?.as_str() {
        "0" => NoticeFact::Payment { pay_no: number, remote: settle::remote(&document).map_err(NoticeError::Unreadable)? },
        // Its amount can be compared only with the refund in hand, which the query does.
        "1" => NoticeFact::AskRefund { refund_no: number },
        _ => NoticeFact::Nothing,
    }])
}

/// The bare word.
#[must_use]
pub fn answer(outcome: NoticeOutcome) -> Answer {
    let word = match outcome {
        NoticeOutcome::Accepted | NoticeOutcome::Audited(_) => "success",
        NoticeOutcome::Refused | NoticeOutcome::Unavailable => "fail",
    };
    Answer { status: 200, content_type: "text/plain", body: word.to_owned() }
}
