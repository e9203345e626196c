//! What the merchant's answers to callbacks mean.

use serde_json::Value;

/// To a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayAck {
    Consumed,
    /// The merchant does not want the order, or forgot to say that it is consumed: the money goes back.
    Exception,
}

/// To an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAck {
    /// Fen.
    Approve(i64),
    Reject,
    Unsure,
}

fn data(status: u16, body: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let is_done = status == 200 && value.get("errno").and_then(Value::as_i64) == Some(0);
    is_done.then(|| value.get("data").cloned().unwrap_or_default())
}

/// `None`: come again.
pub fn pay(status: u16, body: &[u8]) -> Option<PayAck> {
    let data = data(status, body)?;
    let number = |name: &str| data.get(name).and_then(Value::as_i64);
    let is_wanted = number("isErrorOrder") != Some(1) && number("isConsumed") == Some(2);
    Some(if is_wanted { PayAck::Consumed } else { PayAck::Exception })
}

/// `None`: come again.
pub fn audit(status: u16, body: &[u8]) -> Option<AuditAck> {
    let data = data(status, body)?;
    // A decimal is no such number, nor is a text.
    let amount = data.get("calculateRes").and_then(|r| r.get("refundPayMoney")).and_then(Value::as_i64);
    match (data.get("auditStatus").and_then(Value::as_i64)?, amount) {
        (1, Some(amount)) if amount > 0 => Some(AuditAck::Approve(amount)),
        (2, Some(_)) => Some(AuditAck::Reject),
        (3, _) => Some(AuditAck::Unsure),
        _ => None,
    }
}

/// Whether the outcome of a refund was received.
pub fn result(status: u16, body: &[u8]) -> bool {
    data(status, body).is_some_and(|data| data.is_object())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_consumed_only_by_the_whole_answer() {
        let said = |body: &str| pay(200, body.as_bytes());
        assert_eq!(said(r#"{"errno":0,"msg":"success","data":{"isConsumed":2}}"#), Some(PayAck::Consumed));
        assert_eq!(said(r#"{"errno":0,"msg":"success","data":{"isErrorOrder":1,"isConsumed":2}}"#), Some(PayAck::Exception));
        assert_eq!(said(r#"{"errno":0,"msg":"success","data":{}}"#), Some(PayAck::Exception));
        assert_eq!(said(r#"{"errno":0,"msg":"success"}"#), Some(PayAck::Exception));
        for again in [r#"{"errno":100,"msg":"fail"}"#, "success", "", r#"{"data":{"isConsumed":2}}"#] {
            assert_eq!(said(again), None, "{again}");
        }
        assert_eq!(pay(500, br#"{"errno":0,"data":{"isConsumed":2}}"#), None);
    }

    #[test]
    fn an_audit_wants_a_whole_number_of_fen() {
        let said = |data: &str| audit(200, format!(r#"{{"errno":0,"msg":"success","data":{data}}}"#).as_bytes());
        assert_eq!(said(r#"{"auditStatus":1,"calculateRes":{"refundPayMoney":100}}"#), Some(AuditAck::Approve(100)));
        assert_eq!(said(r#"{"auditStatus":2,"calculateRes":{"refundPayMoney":0}}"#), Some(AuditAck::Reject));
        assert_eq!(said(r#"{"auditStatus":3}"#), Some(AuditAck::Unsure));
        for again in [
            r#"{"auditStatus":1,"calculateRes":{"refundPayMoney":1.00}}"#,
            r#"{"auditStatus":1,"calculateRes":{"refundPayMoney":"100"}}"#,
            r#"{"auditStatus":1}"#,
            r#"{"auditStatus":2}"#,
            r#"{"calculateRes":{"refundPayMoney":100}}"#,
            r#"{"auditStatus":4}"#,
        ] {
            assert_eq!(said(again), None, "{again}");
        }
    }
}
