//! Money on its way back.

use super::*;

fn reply(changes: &[(&str, Value)]) -> Value {
    let mut refund = json!({
        "refund_id": "50300002024060100000000000001", "out_refund_no": REFUND_NO, "out_trade_no": PAY_NO,
        "transaction_id": "4200002024060100000000000001", "channel": "ORIGINAL", "user_received_account": "支付用户零钱",
        "create_time": "2024-06-01T12:29:00+08:00", "status": "PROCESSING", "funds_account": "AVAILABLE",
        "amount": {"total": 100, "refund": 30, "payer_total": 100, "payer_refund": 30, "currency": "CNY", "from": []}
    });
    let fields = refund.as_object_mut().unwrap();
    fields.extend(changes.iter().map(|(n, v)| ((*n).to_owned(), v.clone())));
    refund
}

const REFUND_ID: &str = "50300002024060100000000000001";

fn states() -> Vec<(Vec<(&'static str, Value)>, &'static str)> {
    let done = vec![("status", json!("SUCCESS")), ("success_time", json!("2024-06-01T12:30:00+08:00"))];
    vec![
        (vec![], "processing"),
        (vec![("status", json!("NEVER_HEARD_OF"))], "processing"),
        (vec![("status", Value::Null)], "processing"),
        (done, "succeeded"),
        (vec![("status", json!("CLOSED"))], "CLOSED"),
        // Not back with the payer, and it can still be finished.
        (vec![("status", json!("ABNORMAL"))], "processing"),
    ]
}

fn told(remote: &RemoteRefund) -> String {
    match remote {
        RemoteRefund::Succeeded { provider_refund_no, succeeded_at } => {
            assert_eq!((provider_refund_no.as_deref(), *succeeded_at), (Some(REFUND_ID), Some(NOON + 1_800_000)));
            "succeeded".to_owned()
        }
        RemoteRefund::Processing { provider_refund_no } => {
            assert_eq!(provider_refund_no.as_deref(), Some(REFUND_ID));
            "processing".to_owned()
        }
        RemoteRefund::Failed { code, message } => {
            assert!(!message.is_empty());
            code.clone()
        }
        RemoteRefund::Unknown => "unknown".to_owned(),
    }
}

#[tokio::test]
async fn a_refund_says_what_and_how_much_of_it() {
    let stage = Stage::set(|_| signed(&reply(&[]))).await;
    assert_eq!(told(&stage.channel.refund(&refund_request()).await.unwrap()), "processing");
    let (method, path, body) = stage.last();
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/v3/refund/domestic/refunds"));
    assert_eq!(
        body,
        json!({
            "transaction_id": "4200002024060100000000000001", "out_refund_no": REFUND_NO, "reason": "七天无理由",
            "notify_url": "https://pay.example.com/notify/ch_1/refund",
            "amount": {"refund": 30, "total": 100, "currency": "CNY"}
        })
    );
    let bare = RefundRequest {
        provider_trade_no: None,
        reason: "🍵".to_owned(),
        notify_url: "https://pay.example.com/n?a=1".to_owned(),
        ..refund_request()
    };
    let _ = stage.channel.refund(&bare).await;
    let (_, _, body) = stage.last();
    assert_eq!(body["out_trade_no"], PAY_NO);
    for absent in ["transaction_id", "reason", "notify_url"] {
        assert_eq!(body.get(absent), None, "{absent}");
    }
    let long = RefundRequest { reason: "退".repeat(80), ..refund_request() };
    let _ = stage.channel.refund(&long).await;
    assert_eq!(stage.last().2["reason"].as_str().map(str::len), Some(78));
}

#[tokio::test]
async fn the_state_of_a_refund_is_read_alike_from_both_calls() {
    for (changes, expected) in states() {
        let stage = Stage::set(move |_| signed(&reply(&changes))).await;
        assert_eq!(told(&stage.channel.refund(&refund_request()).await.unwrap()), expected);
        assert_eq!(told(&stage.channel.query_refund(&refund_request()).await.unwrap()), expected);
        let (method, path, _) = stage.last();
        assert_eq!((method.as_str(), path), ("GET", format!("/v3/refund/domestic/refunds/{REFUND_NO}")));
    }
}

#[tokio::test]
async fn answers_about_another_refund_are_unclear() {
    for change in [
        ("out_refund_no", json!("RF2")),
        ("out_refund_no", Value::Null),
        ("amount", json!({"refund": 31})),
        ("amount", json!({"refund": 30, "currency": "USD"})),
        ("amount", Value::Null),
        ("amount", json!({"refund": "30"})),
    ] {
        let body = reply(std::slice::from_ref(&change));
        let stage = Stage::set(move |_| signed(&body)).await;
        assert_eq!(word(&stage.channel.refund(&refund_request()).await), "unclear", "{change:?}");
        assert_eq!(word(&stage.channel.query_refund(&refund_request()).await), "unclear", "{change:?}");
    }
}

#[tokio::test]
async fn refusals_of_a_refund_are_a_no_only_where_nothing_can_have_happened() {
    for (status, code, expected) in [
        (403, "NOT_ENOUGH", "refused NOT_ENOUGH"),
        (403, "USER_ACCOUNT_ABNORMAL", "refused USER_ACCOUNT_ABNORMAL"),
        (400, "PARAM_ERROR", "refused PARAM_ERROR"),
        (400, "INVALID_REQUEST", "unclear"),
        (404, "RESOURCE_NOT_EXISTS", "unclear"),
        (429, "FREQUENCY_LIMITED", "unclear"),
        (500, "SYSTEM_ERROR", "unclear"),
    ] {
        let stage = Stage::once(refused(status, code)).await;
        assert_eq!(word(&stage.channel.refund(&refund_request()).await), expected, "{code}");
    }
    let stage = Stage::once(refused(404, "RESOURCE_NOT_EXISTS")).await;
    assert_eq!(stage.channel.query_refund(&refund_request()).await, Ok(RemoteRefund::Unknown));
}

#[tokio::test]
async fn a_service_provider_refunds_for_the_sub_merchant() {
    let stage = Stage::with(SERVICE_PROVIDER, |_| signed(&reply(&[]))).await;
    stage.channel.refund(&refund_request()).await.unwrap();
    let (_, path, body) = stage.last();
    assert_eq!((path.as_str(), &body["sub_mchid"]), ("/v3/refund/domestic/refunds", &json!("1900000110")));
    stage.channel.query_refund(&refund_request()).await.unwrap();
    assert_eq!(stage.last().1, format!("/v3/refund/domestic/refunds/{REFUND_NO}?sub_mchid=1900000110"));
}
