//! Notices: verify first, then read. A refund arrives as a notice about its payment.
//!
//! Provider's document: 异步通知说明. Must not know the database: whether a number is ours is the core's question.

use super::account::Account;
use super::sign::{self, Charset, NoticeParams};
use super::trade;
use crate::model::Amount;
use crate::pay::channel::{NoticeError, NoticeFact, Paid, Remote};
use std::collections::BTreeMap;

/// A verified notice with its values as text.
struct Verified(BTreeMap<String, String>);

impl Verified {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<&str, NoticeError> {
        self.get(name).ok_or_else(|| NoticeError::Unreadable(format!("{name} is missing")))
    }

    fn amount(&self, name: &str) -> Result<Amount, NoticeError> {
        Amount::parse_yuan(self.need(name)?).map_err(|_| NoticeError::Unreadable(format!("{name} is no amount")))
    }
}

/// Reads a notice's body.
///
/// # Errors
/// `Signature` for anything not signed by the configured key, `WrongAccount` for another app or seller, `Unreadable` for a
/// body that cannot be taken apart or lacks what every notice has.
pub fn read(account: &Account, body: &[u8]) -> Result<Vec<NoticeFact>, NoticeError> {
    let notice = verify(account, body)?;
    check_account(account, &notice)?;
    if notice.get("notify_type") != Some("trade_status_sync") {
        return Ok(vec![NoticeFact::Nothing]);
    }
    let pay_no = notice.need("out_trade_no")?.to_owned();
    let has_refund = notice.get("refund_fee").is_some() || notice.get("gmt_refund").is_some();
    let refund = || notice.get("out_biz_no").map(|number| NoticeFact::AskRefund { refund_no: number.to_owned() });
    Ok(match notice.need("trade_status")? {
        "TRADE_SUCCESS" | "TRADE_FINISHED" => {
            let payment = NoticeFact::Payment { pay_no, remote: Remote::Paid(paid(&notice)?) };
            std::iter::once(payment).chain(refund().filter(|_| has_refund)).collect()
        }
        // A trade that was paid is closed when all of it went back: no news about the payment, only about the refund.
        "TRADE_CLOSED" if has_refund || notice.get("gmt_payment").is_some() => vec![refund().unwrap_or(NoticeFact::Nothing)],
        "TRADE_CLOSED" => vec![NoticeFact::Payment { pay_no, remote: Remote::Closed }],
        _ => vec![NoticeFact::Payment { pay_no, remote: Remote::Pending }],
    })
}

fn verify(account: &Account, body: &[u8]) -> Result<Verified, NoticeError> {
    let params = sign::read_form(body).ok_or_else(|| NoticeError::Unreadable("doubled name or broken escape".to_owned()))?;
    let signature = params.get(b"sign".as_slice()).and_then(|sign| std::str::from_utf8(sign).ok()).unwrap_or_default();
    if !account.is_theirs(&sign::notice_text(&params), signature) {
        return Err(NoticeError::Signature);
    }
    decode(&params)
}

fn decode(params: &NoticeParams) -> Result<Verified, NoticeError> {
    let charset = match params.get(b"charset".as_slice()) {
        None => Charset::Utf8,
        Some(name) => Charset::named(name).ok_or_else(|| NoticeError::Unreadable("unknown charset".to_owned()))?,
    };
    let text = |bytes: &[u8]| charset.decode(bytes).map(std::borrow::Cow::into_owned);
    let mut values = BTreeMap::new();
    for (name, value) in params {
        let (Some(name), Some(value)) = (text(name), text(value)) else {
            return Err(NoticeError::Unreadable("characters outside the charset".to_owned()));
        };
        values.insert(name, value);
    }
    Ok(Verified(values))
}

fn check_account(account: &Account, notice: &Verified) -> Result<(), NoticeError> {
    let app_id = notice.get("app_id").unwrap_or_default();
    if app_id != account.app_id {
        return Err(NoticeError::WrongAccount(format!("app_id {app_id}")));
    }
    if let Some(merchant) = notice.get("auth_app_id").filter(|merchant| *merchant != account.app_id) {
        return Err(NoticeError::WrongAccount(format!("auth_app_id {merchant}")));
    }
    if let Some(seller) = &account.seller_id {
        let named = notice.get("seller_id").unwrap_or_default();
        if named != seller {
            return Err(NoticeError::WrongAccount(format!("seller_id {named}")));
        }
    }
    Ok(())
}

fn paid(notice: &Verified) -> Result<Paid, NoticeError> {
    let payer = ["buyer_logon_id", "buyer_open_id", "buyer_id"].into_iter().find_map(|name| notice.get(name));
    Ok(Paid {
        trade_no: notice.need("trade_no")?.to_owned(),
        amount: notice.amount("total_amount")?,
        payer: payer.map(str::to_owned),
        paid_at: notice.get("gmt_payment").and_then(trade::time),
    })
}
