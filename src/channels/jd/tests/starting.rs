//! Starting: what the payer's browser takes to JD, and the unified order.

use super::*;
use crate::pay::channel::{Channel, NextStep};

const ORIGIN: &str = "https://g.example";

async fn form(request: &StartRequest) -> (String, Fields) {
    match channel(JD_KEY, ORIGIN).start(request).await.unwrap().next {
        NextStep::Form { action, fields } => (action, fields),
        other => panic!("{other:?}"),
    }
}

/// The form in clear, its signature checked.
async fn clear(request: &StartRequest) -> Fields {
    let (_, mut fields) = form(request).await;
    let sign = fields.remove("sign").unwrap();
    for (name, value) in &mut fields {
        if name != "version" && name != "merchant" {
            *value = vault().unlock(value).unwrap();
        }
    }
    assert!(merchant_signed(&sign::form_text(&fields), &sign));
    fields
}

// Pitfalls: signed in clear, then locked; `version`, `merchant` and `sign` travel in the clear.
#[tokio::test]
async fn the_cashiers_form_has_every_field_locked() {
    for method in [Method::JdWeb, Method::JdH5] {
        let (action, locked) = form(&start(method)).await;
        assert_eq!(action, "https://g.example/jdpay/saveOrder");
        assert_eq!((locked["version"].as_str(), locked["merchant"].as_str()), ("V2.0", MERCHANT));
        let expected = map(&[
            ("version", "V2.0"),
            ("merchant", MERCHANT),
            ("tradeNum", PAY_NO),
            ("tradeName", "青瓷茶壶"),
            ("tradeTime", "20260101120000"),
            ("amount", "8888"),
            ("currency", "CNY"),
            ("orderType", "0"),
            ("notifyUrl", "https://cashier.example.com/notify/ch_1/pay"),
            ("callbackUrl", &format!("https://cashier.example.com/return/{PAY_NO}")),
            ("userId", "0000001"),
            ("ip", "203.0.113.9"),
            ("expireTime", "1799"),
        ]);
        assert_eq!(clear(&start(method)).await, expected);
    }
}

#[tokio::test]
async fn in_production_each_method_has_its_own_host() {
    let mut jd = channel(JD_KEY, ORIGIN);
    jd.gateway = Gateway::parse(None).unwrap();
    for (method, page) in
        [(Method::JdWeb, "https://wepay.jd.com/jdpay/saveOrder"), (Method::JdH5, "https://h5pay.jd.com/jdpay/saveOrder")]
    {
        let NextStep::Form { action, .. } = jd.start(&start(method)).await.unwrap().next else { panic!("no form") };
        assert_eq!(action, page);
    }
}

// Pitfall: a number used again is a repeat, so a form is given out again for moments only.
#[tokio::test]
async fn a_payer_who_gave_up_gets_a_new_number() {
    for method in [Method::JdWeb, Method::JdH5] {
        let request = start(method);
        let started = channel(JD_KEY, ORIGIN).start(&request).await.unwrap();
        assert_eq!(started.code_expires_at, Some(request.now_ms + 30_000));
    }
}

// Ours are within what every reseller of the interface allows.
#[tokio::test]
async fn the_number_is_short_and_plain() {
    let number = &clear(&start(Method::JdH5)).await["tradeNum"];
    assert!(number.len() <= 30 && number.bytes().all(|b| b.is_ascii_alphanumeric()));
}

#[tokio::test]
async fn what_the_order_says_goes_with_it() {
    let mut request = start(Method::JdH5);
    request.body = Some("b".repeat(400));
    request.subject = "茶".repeat(60);
    request.facts = map(&[("order_type", "1")]);
    request.deadline = NOW;
    let fields = clear(&request).await;
    assert_eq!(fields["tradeName"], "茶".repeat(42));
    assert_eq!(fields["tradeDesc"].len(), 256);
    assert_eq!((fields["orderType"].as_str(), fields["userId"].as_str()), ("1", PAY_NO));
    assert_eq!(fields["expireTime"], "60");
    request.subject = "😀".to_owned();
    assert_eq!(clear(&request).await["tradeName"], PAY_NO);
    assert!(matches!(channel(JD_KEY, ORIGIN).start(&start(Method::AlipayWap)).await, Err(ChannelError::Unsupported(_))));
}

fn ordered(more: &[(&str, &str)]) -> String {
    let mut all = vec![("orderId", "6000000000000001"), ("merchantName", "Shop"), ("tradeNum", PAY_NO), ("amount", "8888")];
    all.extend([("qrCode", "https://h5pay.jd.com/code?c=6kqxm2"), ("expireTime", "600")]);
    for (name, value) in more {
        all.retain(|(n, _)| n != name);
        if !value.is_empty() {
            all.push((name, value));
        }
    }
    answer(&all)
}

#[tokio::test]
async fn a_code_is_made_by_the_unified_order() {
    let (server, channel) = scripted(&[ordered(&[])]).await;
    let request = StartRequest { subject: "a<b>&c".to_owned(), ..start(Method::JdQr) };
    let started = channel.start(&request).await.unwrap();
    let expires_at = request.now_ms + 600_000;
    assert_eq!(started.next, NextStep::Qr { code_url: "https://h5pay.jd.com/code?c=6kqxm2".to_owned(), expires_at });
    assert_eq!(started.code_expires_at, Some(expires_at));
    assert_eq!(started.provider_data["order_id"], "6000000000000001");
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/service/uniorder"));
    assert!(seen.header("content-type").unwrap().starts_with("application/xml"));
    let asked = sent(&seen.body);
    assert_eq!((asked.get("tradeType"), asked.get("callbackUrl")), (Some("QR"), None));
    assert_eq!((asked.get("tradeName"), asked.get("amount")), (Some("a<b>&c"), Some("8888")));
    let (_server, channel) = scripted(&[ordered(&[("expireTime", "99999")])]).await;
    assert_eq!(channel.start(&request).await.unwrap().code_expires_at, Some(request.deadline));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_doubt_and_a_no_is_a_no() {
    for answer in [
        ordered(&[("tradeNum", "X")]),
        ordered(&[("tradeNum", "")]),
        ordered(&[("amount", "1")]),
        ordered(&[("qrCode", "")]),
        enveloped(MERCHANT, &vault().seal(&inner(&[("tradeNum", PAY_NO)]))),
        enveloped(MERCHANT, "AAAA"),
        "<html></html>".to_owned(),
        String::new(),
    ] {
        let (_server, channel) = scripted(std::slice::from_ref(&answer)).await;
        let result = channel.start(&start(Method::JdQr)).await.map(|_| ());
        assert!(matches!(result, Err(ChannelError::Unclear(_))), "{answer}");
    }
    let (_server, channel) = scripted(&[no("交易号重复")]).await;
    let result = channel.start(&start(Method::JdQr)).await.map(|_| ());
    assert_eq!(result, Err(ChannelError::Refused { code: "100001".to_owned(), message: "交易号重复".to_owned() }));
}
