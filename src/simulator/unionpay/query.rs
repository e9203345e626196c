//! Questions about a transaction: the answer's own code first, then the transaction's.
//!
//! Specification 5.1.0, chapter 交易状态查询.

use super::desk::{Desk, Unionpay};
use super::ledger::{Key, Kind, State, Transaction};
use super::message::Message;
use super::refusal::{Refusal, SUCCESS};
use super::switches::Switch;
use super::{notice, rules};

/// Questions about one transaction within a minute.
const MOST_QUESTIONS: usize = 60;

/// The transaction that a question names.
///
/// # Errors
/// 10, 13 for a question of the wrong form.
pub fn named(desk: &Desk, message: &Message) -> Result<Option<Key>, Refusal> {
    if message.text_of("txnSubType") == "02" {
        let id = rules::need(message, "queryId")?;
        return Ok(desk.ledger.by_query_id(id).map(|t| t.order.key.clone()));
    }
    let key = (rules::need(message, "orderId")?.to_owned(), rules::need(message, "txnTime")?.to_owned());
    Ok(desk.ledger.get(&key).map(|_| key))
}

/// Answers.
///
/// # Errors
/// 34 when there is no such transaction, 37 when it was asked for too often.
pub fn answer(unionpay: &Unionpay, desk: &mut Desk, message: &Message) -> Result<Message, Refusal> {
    if !matches!(message.text_of("txnSubType"), "00" | "02") {
        return Err(Refusal::format("txnSubType"));
    }
    let key = named(desk, message)?.ok_or_else(Refusal::absent)?;
    let now = unionpay.now_ms();
    let questions = desk.questions.entry(key.clone()).or_default();
    questions.retain(|at| now - at < 60_000);
    if questions.len() >= MOST_QUESTIONS {
        return Err(Refusal::new("37", "查询过于频繁[2070001]"));
    }
    questions.push(now);
    let forced = desk.switches.take(|switch| matches!(switch, Switch::Original { .. }));
    let transaction = desk.ledger.get(&key).ok_or_else(Refusal::absent)?;
    let about = notice::about(&unionpay.account, transaction);
    let (code, words) = original(transaction, now);
    let code = match &forced {
        Some(Switch::Original { code }) => code.as_str(),
        _ => code,
    };
    let answer = if transaction.done.is_some() { notice::money(about, transaction) } else { about };
    let answer = answer.with("queryId", &transaction.query_id).with("issuerIdentifyMode", "0");
    Ok(answer.with("origRespCode", code).with("origRespMsg", words).with("respCode", "00").with("respMsg", SUCCESS))
}

/// The transaction's own code.
fn original(transaction: &Transaction, now_ms: i64) -> (&'static str, &'static str) {
    match transaction.state {
        State::Done => ("00", SUCCESS),
        State::Failed(code, words) => (code, words),
        State::Running => ("05", "交易已受理，请稍后查询交易结果[5000001]"),
        State::Open if transaction.order.kind == Kind::Payment && transaction.is_over(now_ms) => {
            ("01", "交易超时未支付[1000069]")
        }
        // Handed out or opened, and nobody has paid: no success, no failure.
        State::Open => ("01", "订单未支付[1000070]"),
    }
}
