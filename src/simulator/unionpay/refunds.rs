//! Money going back: refunds and undone payments are taken in at once and carried out a moment later.
//!
//! Specification 5.1.0, chapters 退货 and 消费撤销.

use super::desk::{Desk, Unionpay};
use super::ledger::{Kind, Order};
use super::message::Message;
use super::refusal::{Refusal, SUCCESS};
use super::switches::Switch;
use super::{notice, rules};
use crate::simulator::Behaviour;
use std::sync::Arc;

/// Takes it in.
///
/// # Errors
/// As the payment's state has it.
pub fn take_in(unionpay: &Arc<Unionpay>, desk: &mut Desk, kind: Kind, message: &Message) -> Result<Message, Refusal> {
    let now = unionpay.now_ms();
    let order = Order {
        kind,
        key: (rules::need(message, "orderId")?.to_owned(), rules::present(message, now)?.to_owned()),
        sub_type: "00".to_owned(),
        biz_type: rules::need(message, "bizType")?.to_owned(),
        channel_type: rules::need(message, "channelType")?.to_owned(),
        amount: rules::amount(message)?,
        front_url: None,
        back_url: rules::address(message, "backUrl")?,
        reserved: message.get("reqReserved").map(str::to_owned),
        goods: String::new(),
        pay_timeout: None,
        original: Some(rules::need(message, "origQryId")?.to_owned()),
    };
    desk.ledger.admits(&order, now)?;
    let key = order.key.clone();
    let taken = desk.ledger.begin(order, None, now)?.clone();
    let is_stuck = desk.behaviour_about(&taken).0 == Behaviour::RefundStuck;
    if let Some(refund) = desk.ledger.get_mut(&key) {
        refund.stuck = is_stuck;
    }
    let fails = desk.switches.take(|switch| *switch == Switch::RefundFails).is_some();
    unionpay.send_back_later(key, fails);
    let answer = notice::about(&unionpay.account, &taken).with("queryId", &taken.query_id);
    Ok(answer.with("respCode", "00").with("respMsg", SUCCESS))
}
