//! What merchants are told of a transaction that is done: the notice to `backUrl`, and the form that the payer's browser
//! carries to `frontUrl`.
//!
//! Specification 5.1.0, chapter 后台通知.

use super::account::Account;
use super::ledger::Transaction;
use super::message::Message;
use super::moment;
use std::time::Duration;

/// Waits between deliveries, in seconds: five deliveries in all.
pub const RETRY_PLAN: &[u64] = &[60, 2 * 60, 4 * 60, 5 * 60];
/// How long a merchant may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The status alone counts.
#[must_use]
pub fn acknowledged(status: u16, _body: &[u8]) -> bool {
    status == 200 || status == 302
}

/// What every message about a transaction repeats of it.
#[must_use]
pub fn about(account: &Account, transaction: &Transaction) -> Message {
    let order = &transaction.order;
    Message::default()
        .with("version", "5.1.0")
        .with("encoding", "UTF-8")
        .with("signMethod", "01")
        .with("accessType", "0")
        .with("merId", &account.mer_id)
        .with("bizType", &order.biz_type)
        .with("txnType", order.kind.txn_type())
        .with("txnSubType", &order.sub_type)
        .with("orderId", &order.key.0)
        .with("txnTime", &order.key.1)
        .with("txnAmt", transaction.charge.to_string())
        .with("reqReserved", order.reserved.clone().unwrap_or_default())
        .with("origQryId", order.original.clone().unwrap_or_default())
}

/// What is known of the money once it has moved.
#[must_use]
pub fn money(message: Message, transaction: &Transaction) -> Message {
    let at = transaction.moment();
    let charge = transaction.charge.to_string();
    message
        .with("currencyCode", "156")
        .with("queryId", &transaction.query_id)
        .with("traceNo", &transaction.trace_no)
        .with("traceTime", moment::without_year(at))
        .with("settleAmt", charge)
        .with("settleCurrencyCode", "156")
        .with("settleDate", moment::settle_date(at))
        .with("accNo", card(transaction))
        .with("payCardType", "01")
        .with("payType", if transaction.order.biz_type == "000000" { "0512" } else { "0001" })
}

/// The payer's card, masked.
fn card(transaction: &Transaction) -> &'static str {
    use crate::simulator::Account as Payer;
    match transaction.done {
        Some((_, Payer::Xiaohong)) => "622155********0034",
        Some((_, Payer::Coupons)) => "621700********0077",
        _ => "621626********0018",
    }
}

/// The notice.
#[must_use]
pub fn result(account: &Account, transaction: &Transaction) -> Message {
    let message = money(about(account, transaction), transaction);
    message.with("respCode", "00").with("respMsg", "success").with("exchangeRate", "0")
}
