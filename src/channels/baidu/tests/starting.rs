use super::vectors::ORDER_INFO;
use super::*;
use crate::pay::channel::{Channel, NextStep};
use serde_json::Value;

fn order_info(request: &StartRequest) -> Value {
    let NextStep::Invoke { bridge, params } = order::next_step(&account(&credentials(false)), request).unwrap() else {
        panic!("nothing to invoke")
    };
    assert_eq!((bridge.as_str(), params.len()), ("baidu_mini", 1));
    params["orderInfo"].clone()
}

#[test]
fn the_order_info_is_that_of_the_vector() {
    let info = order_info(&start());
    for (name, value) in [
        ("appKey", APP_KEY),
        ("dealId", DEAL_ID),
        ("totalAmount", "1"),
        ("tpOrderId", PAY_NO),
        ("signFieldsRange", "1"),
        ("rsaSign", ORDER_INFO.1),
        ("dealTitle", "青瓷茶壶"),
        ("notifyUrl", "https://cashier.example.com/notify/ch_1/pay"),
    ] {
        assert_eq!(info[name], value, "{name}");
    }
}

// A number here, or an object for bizInfo, is refused as a bad signature.
#[test]
fn every_value_is_text_and_biz_info_is_json_inside_of_it() {
    let info = order_info(&StartRequest { amount: fen(1_234_500), ..start() });
    assert!(info.as_object().unwrap().values().all(Value::is_string), "{info}");
    assert_eq!(info["totalAmount"], "1234500");
    let inner: Value = serde_json::from_str(info["bizInfo"].as_str().unwrap()).unwrap();
    for name in ["appKey", "dealId", "tpOrderId", "totalAmount", "rsaSign"] {
        assert_eq!(inner["tpData"][name], info[name], "{name}");
    }
}

#[test]
fn the_signature_covers_the_amount_as_it_is_sent() {
    let info = order_info(&StartRequest { amount: fen(990), ..start() });
    let text = |name: &str| info[name].as_str().unwrap().to_owned();
    let signed: Params =
        ["appKey", "dealId", "totalAmount", "tpOrderId"].into_iter().map(|name| (name.to_owned(), text(name))).collect();
    assert!(account(&credentials(false)).is_theirs(&signed, &text("rsaSign")));
    let mut other = signed;
    other.insert("totalAmount".to_owned(), "990.0".to_owned());
    assert!(!account(&credentials(false)).is_theirs(&other, &text("rsaSign")));
}

#[tokio::test]
async fn starting_calls_nobody_and_repeats_itself() {
    let server = serving(&[]).await;
    let channel = channel(true, &server.origin);
    let first = channel.start(&start()).await.unwrap();
    assert_eq!(channel.start(&start()).await.unwrap().next, first.next);
    assert!(first.paid.is_none() && first.provider_data.is_empty());
    assert!(server.seen().is_empty());
    let other = StartRequest { method: Method::JdH5, ..start() };
    assert!(matches!(channel.start(&other).await, Err(ChannelError::Unsupported(_))));
}
