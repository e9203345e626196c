//! Notices of API v3 (provider's documents: 支付成功回调通知, 退款结果回调通知) and what the provider wants to hear back.

use super::account::Account;
use super::platform::{Disbelief, PlatformKeys, Seal, Sealed};
use super::wire::{Refund, Transaction};
use crate::pay::channel::{Answer, NoticeError, NoticeFact, NoticeOutcome, RawNotice, Remote};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Largest notice in bytes.
const MAX_BODY: usize = 64 * 1024;

fn unreadable(problem: impl ToString) -> NoticeError {
    NoticeError::Unreadable(problem.to_string())
}

#[derive(Deserialize)]
struct Envelope {
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    original_type: Option<String>,
    #[serde(flatten)]
    sealed: Sealed,
}

/// Reads a notice: verified over the raw bytes, then opened, then compared with our account.
///
/// # Errors
/// See [`NoticeError`].
pub fn read(raw: &RawNotice<'_>, account: &Account, keys: &PlatformKeys) -> Result<Vec<NoticeFact>, NoticeError> {
    if raw.body.len() > MAX_BODY {
        return Err(unreadable("larger than 64 KiB"));
    }
    let seal = Seal::read(|name| raw.header(name)).ok_or(NoticeError::Signature)?;
    keys.verify(&seal, raw.body, raw.now_ms).map_err(|disbelief| match disbelief {
        Disbelief::Stale => NoticeError::Stale,
        Disbelief::UnknownKey(serial) => NoticeError::UnknownKey(serial),
        Disbelief::Signature => NoticeError::Signature,
    })?;
    let envelope: Envelope = serde_json::from_slice(raw.body).map_err(|_| unreadable("no notice of API v3"))?;
    match (envelope.event_type.as_str(), envelope.resource.original_type.as_deref()) {
        ("TRANSACTION.SUCCESS", None | Some("transaction")) => payment(&open(&envelope.resource, account)?, account),
        ("REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED", None | Some("refund")) => {
            refund(&open(&envelope.resource, account)?, account)
        }
        // Some other product's news; never to be taken for a payment.
        _ => Ok(vec![NoticeFact::Nothing]),
    }
}

/// What cannot be opened was sealed with another key, perhaps that of older credentials.
fn open<T: DeserializeOwned>(resource: &Resource, account: &Account) -> Result<T, NoticeError> {
    let plain = resource.sealed.open(&account.seal_key).ok_or(NoticeError::Signature)?;
    serde_json::from_slice(&plain).map_err(|_| unreadable("the sealed part is no known object"))
}

fn payment(transaction: &Transaction, account: &Account) -> Result<Vec<NoticeFact>, NoticeError> {
    if let Some(name) = account.stranger(&transaction.ids, true, true) {
        return Err(NoticeError::WrongAccount(name.to_owned()));
    }
    if transaction.trade_state.as_deref() != Some("SUCCESS") {
        return Ok(vec![NoticeFact::Nothing]);
    }
    let pay_no =
        transaction.out_trade_no.clone().filter(|n| !n.is_empty()).ok_or_else(|| unreadable("out_trade_no is missing"))?;
    let paid = transaction.paid().map_err(unreadable)?;
    Ok(vec![NoticeFact::Payment { pay_no, remote: Remote::Paid(paid) }])
}

fn refund(refund: &Refund, account: &Account) -> Result<Vec<NoticeFact>, NoticeError> {
    if let Some(name) = account.stranger(&refund.ids, true, false) {
        return Err(NoticeError::WrongAccount(name.to_owned()));
    }
    let refund_no =
        refund.out_refund_no.clone().filter(|n| !n.is_empty()).ok_or_else(|| unreadable("out_refund_no is missing"))?;
    // Its amount can be compared only with the refund in hand, which the query does.
    Ok(vec![NoticeFact::AskRefund { refund_no }])
}

/// The acknowledgement. The provider goes by the status and shows the text to staff.
#[must_use]
pub fn answer(outcome: NoticeOutcome) -> Answer {
    let (status, body) = match outcome {
        NoticeOutcome::Accepted | NoticeOutcome::Audited(_) => (200, r#"{"code":"SUCCESS","message":"成功"}"#),
        NoticeOutcome::Refused => (401, r#"{"code":"FAIL","message":"失败"}"#),
        NoticeOutcome::Unavailable => (503, r#"{"code":"FAIL","message":"失败"}"#),
    };
    Answer { status, content_type: "application/json", body: body.to_owned() }
}
