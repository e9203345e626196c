//! The three callbacks: composed, signed with the platform's key, delivered by Baidu's plans, their answers acted upon.
//!
//! Provider's documents: 支付回调, 请求业务方退款审核, 通知退款状态.

use super::ack::{self, AuditAck, PayAck};
use super::desk::{Baidu, Desk};
use super::ledger::{Batch, BatchState, Order, Wish};
use super::params;
use super::sign::{self, Fields};
use crate::model::ChannelKind;
use crate::simulator::{Behaviour, Heard, Message, Notice};
use std::sync::Arc;
use std::time::Duration;

/// A payment is told every two minutes, two hundred times.
pub const PAY_PLAN: &[u64] = &[120; 200];
/// Audits and outcomes come for ever; this is more than a year.
pub const PATIENT_PLAN: &[u64] = &{
    let mut plan = [3600; 10_000];
    plan[0] = 120;
    plan[1] = 240;
    plan[2] = 600;
    plan[3] = 1800;
    plan
};
/// Until an undecided audit is asked again.
pub const UNSURE: Duration = Duration::from_secs(300);
/// How long a merchant may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who is told and what.
struct Letter {
    about: String,
    url: String,
    delay: Duration,
    plan: &'static [u64],
    fields: Fields,
    /// How many tries carry a wrong signature.
    spoilt: u32,
    accepted: fn(u16, &[u8]) -> bool,
    heard: Heard,
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Baidu {
    fn post(self: &Arc<Self>, letter: Letter) {
        let baidu = Arc::clone(self);
        let Letter { about, url, delay, plan, fields, spoilt, accepted, heard } = letter;
        let notice = Notice {
            kind: ChannelKind::Baidu,
            about,
            url,
            delay,
            plan,
            patience: PATIENCE,
            compose: Box::new(move |attempt| {
                let mut fields = fields.clone();
                let signature = baidu.account.platform.sign(&fields);
                let signature = if attempt < spoilt { sign::spoilt(&signature) } else { signature };
                fields.insert("rsaSign".to_owned(), signature);
                let content_type = "application/x-www-form-urlencoded".to_owned();
                Message { headers: vec![("content-type", content_type)], body: params::write(&fields).into_bytes() }
            }),
            accepted,
        };
        self.stage.notify_and(notice, heard);
    }

    /// Tells the merchant that an order is paid.
    pub(super) fn tell_paid(self: &Arc<Self>, desk: &Desk, tp_order_id: &str) {
        let Some(order) = desk.ledger.get(tp_order_id) else { return };
        let Some(url) = order.info.notify_url.clone().or_else(|| desk.console.pay.clone()) else { return };
        let (behaviour, _) = desk.behaviour(tp_order_id);
        for _ in 0..behaviour.deliveries() {
            let (baidu, number) = (Arc::clone(self), tp_order_id.to_owned());
            self.post(Letter {
                about: tp_order_id.to_owned(),
                url: url.clone(),
                delay: behaviour.notice_delay(),
                plan: PAY_PLAN,
                fields: self.pay_fields(order),
                spoilt: if behaviour == Behaviour::BadSignature { Behaviour::BAD_NOTICES } else { 0 },
                accepted: |status, body| ack::pay(status, body).is_some(),
                heard: Box::new(move |body| baidu.payment_answered(&number, body)),
            });
        }
    }

    fn payment_answered(self: &Arc<Self>, tp_order_id: &str, body: &[u8]) {
        let mut desk = self.desk();
        match ack::pay(200, body) {
            Some(PayAck::Consumed) => {
                if let Some(order) = desk.ledger.get_mut(tp_order_id) {
                    order.consumed = true;
                }
            }
            // Everything goes back, and even that is audited.
            Some(PayAck::Exception) => {
                self.stage.refused(ChannelKind::Baidu, "exception_refund");
                let wish = Wish { needs_audit: true, ..Wish::default() };
                if let Err(refusal) = self.begin_refund(&mut desk, tp_order_id, wish) {
                    tracing::debug!(refusal.word, "no exception refund");
                }
            }
            None => {}
        }
    }

    pub(super) fn pay_fields(&self, order: &Order) -> Fields {
        let (total, promotion, user_id, at_ms) =
            order.paid.as_ref().map_or((0, 0, "", 0), |paid| (paid.total, paid.promotion, paid.user_id.as_str(), paid.at_ms));
        fields(&[
            ("count", "1"),
            ("dealId", &self.account.deal_id),
            ("giftCardMoney", "0"),
            ("hbBalanceMoney", "0"),
            ("hbMoney", "0"),
            ("orderId", &order.order_id),
            ("partnerId", "6000001"),
            ("payMoney", &(total - promotion).to_string()),
            ("payTime", &(at_ms / 1000).to_string()),
            ("payType", "1117"),
            ("promoDetail", ""),
            ("promoMoney", &promotion.to_string()),
            ("returnData", &order.info.return_data),
            ("status", &order.status.number().to_string()),
            ("totalMoney", &total.to_string()),
            ("tpOrderId", &order.info.tp_order_id),
            ("unitPrice", &total.to_string()),
            ("userId", user_id),
        ])
    }

    /// Asks the merchant whether a refund may be.
    pub(super) fn ask_audit(self: &Arc<Self>, desk: &Desk, tp_order_id: &str, batch: &Batch, delay: Duration) {
        let Some(order) = desk.ledger.get(tp_order_id) else { return };
        let Some(url) = desk.console.audit.clone().or_else(|| neighbour(order, "audit")) else { return };
        let (baidu, number, batch_id) = (Arc::clone(self), tp_order_id.to_owned(), batch.refund_batch_id.clone());
        self.post(Letter {
            about: batch.refund_batch_id.clone(),
            url,
            delay,
            plan: PATIENT_PLAN,
            fields: batch_fields(order, batch),
            spoilt: 0,
            accepted: |status, body| ack::audit(status, body).is_some(),
            heard: Box::new(move |body| baidu.audit_answered(&number, &batch_id, body)),
        });
    }

    fn audit_answered(self: &Arc<Self>, tp_order_id: &str, refund_batch_id: &str, body: &[u8]) {
        let mut desk = self.desk();
        let Some(order) = desk.ledger.get_mut(tp_order_id) else { return };
        let left = order.left();
        let Some(batch) = order.batch_mut(refund_batch_id).filter(|b| b.state == BatchState::Auditing) else { return };
        match ack::audit(200, body) {
            Some(AuditAck::Approve(amount)) if amount <= left + batch.amount => {
                batch.amount = amount;
                batch.state = BatchState::Refunding;
                self.carry_out(&desk, tp_order_id, refund_batch_id);
            }
            Some(AuditAck::Reject) => {
                batch.state = BatchState::Failed;
                batch.done_ms = Some(self.now_ms());
                self.tell_result(&desk, tp_order_id, refund_batch_id);
            }
            Some(AuditAck::Approve(_) | AuditAck::Unsure) | None => {
                let batch = batch.clone();
                self.ask_audit(&desk, tp_order_id, &batch, UNSURE);
            }
        }
    }

    /// Tells the merchant what became of a refund.
    pub(super) fn tell_result(self: &Arc<Self>, desk: &Desk, tp_order_id: &str, refund_batch_id: &str) {
        let Some(order) = desk.ledger.get(tp_order_id) else { return };
        let Some(batch) = order.batches.iter().find(|b| b.refund_batch_id == refund_batch_id) else { return };
        let url = batch.result_url.clone().or_else(|| desk.console.refund.clone()).or_else(|| neighbour(order, "refund"));
        let Some(url) = url else { return };
        let mut fields = batch_fields(order, batch);
        let status = if batch.state == BatchState::Succeeded { "1" } else { "2" };
        fields.insert("refundStatus".to_owned(), status.to_owned());
        self.post(Letter {
            about: batch.refund_batch_id.clone(),
            url,
            delay: Duration::ZERO,
            plan: PATIENT_PLAN,
            fields,
            spoilt: 0,
            accepted: ack::result,
            heard: Box::new(|_| ()),
        });
    }
}

fn batch_fields(order: &Order, batch: &Batch) -> Fields {
    fields(&[
        ("orderId", &order.order_id),
        ("refundBatchId", &batch.refund_batch_id),
        ("tpOrderId", &order.info.tp_order_id),
        ("userId", order.paid.as_ref().map_or("", |paid| paid.user_id.as_str())),
    ])
}

/// The address beside the order's own: merchants register siblings.
fn neighbour(order: &Order, name: &str) -> Option<String> {
    let (before, _) = order.info.notify_url.as_deref()?.rsplit_once('/')?;
    Some(format!("{before}/{name}"))
}
