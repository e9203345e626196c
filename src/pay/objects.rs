//! The objects that merchants see, in API answers and in webhooks: order, payment, refund, case, event. Merchants' programs
//! read their fields by name: none is renamed or dropped. Amounts are fen, times UTC ms.

use super::records::{Case, Order, OrderBundle, Payment, Refund};
use crate::model::EventType;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An order with its payments, refunds and cases.
#[must_use]
pub fn order_json(bundle: &OrderBundle, checkout_url: &str) -> Value {
    let mut value = order_list_json(&bundle.order, checkout_url);
    value["payments"] = bundle.payments.iter().map(payment_json).collect();
    value["refunds"] = bundle.refunds.iter().filter(|r| r.case_id.is_none()).map(refund_json).collect();
    value["cases"] = bundle
        .cases
        .iter()
        .map(|case| case_json(case, bundle.refunds.iter().find(|r| r.case_id.as_ref() == Some(&case.case_id))))
        .collect();
    value
}

/// An order as lists show it.
#[must_use]
pub fn order_list_json(order: &Order, checkout_url: &str) -> Value {
    let nested =
        |text: &Option<String>| text.as_deref().and_then(|t| serde_json::from_str::<Value>(t).ok()).unwrap_or(Value::Null);
    json!({
        "order_no": order.order_no,
        "out_order_no": order.out_order_no,
        "app_id": order.app_id,
        "amount": order.amount,
        "currency": "CNY",
        "subject": order.subject,
        "body": order.body,
        "status": order.status,
        "close_reason": order.close_reason,
        "refund_status": order.refund_status,
        "refunded_amount": order.refunded_amount,
        "method": order.method,
        "pay_no": order.pay_no,
        "attach": order.attach,
        "user_id": order.user_id,
        "platform": order.platform,
        "scene": order.scene,
        "refers": nested(&order.refers),
        "checkout_url": checkout_url,
        "created_at": order.created_at,
        "expires_at": order.expires_at,
        "paid_at": order.paid_at,
        "closed_at": order.closed_at,
    })
}

/// One attempt to pay, as a part of its order.
#[must_use]
pub fn payment_json(payment: &Payment) -> Value {
    json!({
        "pay_no": payment.pay_no,
        "method": payment.method,
        "channel_id": payment.channel_id,
        "status": payment.status,
        "amount": payment.amount,
        "provider_trade_no": payment.provider_trade_no,
        "payer": payment.payer,
        "error_code": payment.error_code,
        "error_message": payment.error_message,
        "verified_by": payment.verified_by,
        "created_at": payment.created_at,
        "expires_at": payment.expires_at,
        "paid_at": payment.paid_at,
    })
}

/// A refund: by itself, in its order, or in the case that it answers.
#[must_use]
pub fn refund_json(refund: &Refund) -> Value {
    json!({
        "refund_no": refund.refund_no,
        "out_refund_no": refund.out_refund_no,
        "order_no": refund.order_no,
        "pay_no": refund.pay_no,
        "amount": refund.amount,
        "status": refund.status,
        "reason": refund.reason,
        "provider_refund_no": refund.provider_refund_no,
        "error_code": refund.error_code,
        "error_message": refund.error_message,
        "created_at": refund.created_at,
        "succeeded_at": refund.succeeded_at,
    })
}

/// A case with the refund that answers it, if there is one.
#[must_use]
pub fn case_json(case: &Case, refund: Option<&Refund>) -> Value {
    json!({
        "case_id": case.case_id,
        "kind": case.kind,
        "order_no": case.order_no,
        "pay_no": case.pay_no,
        "amount": case.amount,
        "status": case.status,
        "answer": case.answer,
        "refund": refund.map(refund_json),
        "created_at": case.created_at,
        "resolved_at": case.resolved_at,
    })
}

/// The frozen body of a webhook.
#[must_use]
pub fn event_body(kind: EventType, at_ms: i64, data: Value) -> String {
    let mut body = json!({ "type": kind, "timestamp": rfc3339(at_ms) });
    body["data"] = data;
    body.to_string()
}

/// UTC ms as RFC 3339 with milliseconds where there are any.
#[must_use]
pub fn rfc3339(at_ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000)
        .ok()
        .and_then(|t| t.format(&Rfc3339).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_717_214_400_123), "2024-06-01T04:00:00.123Z");
    }
}
