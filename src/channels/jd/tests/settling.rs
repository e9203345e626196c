//! Asking, closing, refunding: what each answer means.

use super::*;
use crate::pay::channel::{Channel, CheckMeaning, Closing, Remote, RemoteRefund};

fn state(status: &str) -> String {
    answer(&[
        ("tradeNum", PAY_NO),
        ("tradeType", "0"),
        ("amount", "8888"),
        ("currency", "CNY"),
        ("tradeTime", "20260101120000"),
        ("note", ""),
        ("status", status),
        ("payList", "<pay><payType>0</payType><amount>8888</amount><tradeTime>20260101120031</tradeTime></pay>"),
    ])
}

async fn query(answer: &str) -> Result<Remote, ChannelError> {
    let (_server, channel) = scripted(&[answer.to_owned()]).await;
    channel.query(&payment()).await
}

async fn close(answer: &str) -> Result<Closing, ChannelError> {
    let (server, channel) = scripted(&[answer.to_owned()]).await;
    let result = channel.close(&payment()).await;
    assert!(server.seen().iter().all(|seen| seen.path == "/service/query"), "nothing is revoked");
    result
}

#[tokio::test]
async fn a_query_asks_for_the_payment() {
    let (server, channel) = scripted(&[state("2")]).await;
    channel.query(&payment()).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.path, "/service/query");
    let asked = sent(&seen.body).fields;
    let expected = [("merchant", MERCHANT), ("tradeNum", PAY_NO), ("tradeType", "0"), ("version", "V2.0")];
    assert_eq!(asked, map(&expected));
}

#[tokio::test]
async fn the_status_decides() {
    let Ok(Remote::Paid(paid)) = query(&state("2")).await else { panic!("not paid") };
    assert_eq!((paid.trade_no.as_str(), paid.amount, paid.paid_at), (PAY_NO, fen(8888), Some(NOW + 31_000)));
    for pending in ["0", "1", "5", ""] {
        assert_eq!(query(&state(pending)).await, Ok(Remote::Pending), "{pending}");
    }
    assert!(matches!(query(&state("3")).await, Ok(Remote::Failed { .. })));
    assert_eq!(query(&state("4")).await, Ok(Remote::Closed));
    assert_eq!(query(&no("交易不存在")).await, Ok(Remote::Unknown));
}

#[tokio::test]
async fn doubt_stays_doubt() {
    let clear = inner(&[("tradeNum", PAY_NO), ("tradeType", "0"), ("amount", "8888"), ("status", "2")]);
    let unsigned = enveloped(MERCHANT, &vault().seal(&clear));
    let tampered = {
        let signed = document::insert_sign(&clear, &jd().sign(&clear).unwrap());
        enveloped(MERCHANT, &vault().seal(&signed.replace("8888", "8880")))
    };
    let merchants_own = {
        let sign = opened(&[]).unwrap().2.sign(&clear).unwrap();
        enveloped(MERCHANT, &vault().seal(&document::insert_sign(&clear, &sign)))
    };
    let failed_inside = wrapped(MERCHANT, &clear.replacen("000000", "000001", 1));
    for (n, answer) in [
        unsigned,
        tampered,
        merchants_own,
        failed_inside,
        wrapped("22294532", &clear),
        wrapped(MERCHANT, &clear.replace(MERCHANT, "22294532")),
        wrapped(MERCHANT, &clear.replace(PAY_NO, "X")),
        wrapped(MERCHANT, &clear.replace("<tradeType>0", "<tradeType>1")),
        wrapped(MERCHANT, &clear.replace("8888", "88.88")),
        wrapped(MERCHANT, &clear.replace("<amount>", "<currency>USD</currency><amount>")),
        wrapped(MERCHANT, &clear.replace("<amount>", "<amount>1</amount><amount>")),
        enveloped(MERCHANT, ""),
        no("系统异常"),
        no("商户不存在"),
        no(""),
        "{}".to_owned(),
        String::new(),
    ]
    .iter()
    .enumerate()
    {
        assert!(matches!(query(answer).await, Err(ChannelError::Unclear(_))), "{n}");
    }
}

#[tokio::test]
async fn closing_asks_and_lets_the_order_run_out() {
    assert_eq!(close(&state("2")).await, Ok(Closing::AlreadyPaid));
    for over in [state("0"), state("3"), state("4"), no("交易不存在")] {
        assert_eq!(close(&over).await, Ok(Closing::Closed));
    }
    for busy in [state("1"), state("7")] {
        assert!(matches!(close(&busy).await, Ok(Closing::NotYet(_))));
    }
    assert!(matches!(close(&no("系统异常")).await, Err(ChannelError::Unclear(_))));
}

fn refunded(status: &str) -> String {
    answer(&[
        ("tradeNum", REFUND_NO),
        ("oTradeNum", PAY_NO),
        ("amount", "2000"),
        ("currency", "CNY"),
        ("tradeTime", "20260101120100"),
        ("note", ""),
        ("status", status),
    ])
}

async fn send_back(answers: &[String]) -> Result<RemoteRefund, ChannelError> {
    let (server, channel) = scripted(answers).await;
    let result = channel.refund(&refund()).await;
    assert_eq!(server.seen().len(), answers.len(), "calls");
    result
}

#[tokio::test]
async fn a_refund_names_both_numbers() {
    let (server, channel) = scripted(&[refunded("0")]).await;
    channel.refund(&refund()).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.path, "/service/refund");
    let expected = map(&[
        ("merchant", MERCHANT),
        ("version", "V2.0"),
        ("tradeNum", REFUND_NO),
        ("oTradeNum", PAY_NO),
        ("amount", "2000"),
        ("currency", "CNY"),
        ("tradeTime", "20260101120100"),
        ("notifyUrl", "https://cashier.example.com/notify/ch_1/refund"),
        ("note", "buyer's <wish>"),
    ]);
    assert_eq!(sent(&seen.body).fields, expected);
    channel.query_refund(&refund()).await.unwrap();
    let seen = &server.seen()[1];
    assert_eq!(seen.path, "/service/query");
    let asked = sent(&seen.body);
    assert_eq!((asked.get("tradeType"), asked.get("oTradeNum")), (Some("1"), Some(PAY_NO)));
}

#[tokio::test]
async fn the_state_of_a_refund_is_its_status() {
    let done = RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at: None };
    for (status, expected) in [
        ("0", RemoteRefund::Processing { provider_refund_no: None }),
        ("1", done.clone()),
        ("9", RemoteRefund::Processing { provider_refund_no: None }),
    ] {
        assert_eq!(send_back(&[refunded(status)]).await, Ok(expected.clone()), "{status}");
        let (_server, channel) = scripted(&[refunded(status)]).await;
        assert_eq!(channel.query_refund(&refund()).await, Ok(expected), "{status}");
    }
    assert!(matches!(send_back(&[refunded("2")]).await, Ok(RemoteRefund::Failed { .. })));
    let (_server, channel) = scripted(&[no("退款单不存在")]).await;
    assert_eq!(channel.query_refund(&refund()).await, Ok(RemoteRefund::Unknown));
    let (_server, channel) = scripted(&[no("系统异常")]).await;
    assert!(matches!(channel.query_refund(&refund()).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn a_no_to_a_refund_is_doubt_until_its_own_status_is_known() {
    let absent = no("退款单不存在");
    let doubt = send_back(&[no("可退金额不足"), absent]).await;
    assert_eq!(doubt, Err(ChannelError::Unclear("100001 可退金额不足".to_owned())), "nobody signed this no");
    assert!(matches!(send_back(&[no("可退金额不足"), refunded("2")]).await, Ok(RemoteRefund::Failed { .. })));
    assert!(matches!(send_back(&[no("交易号重复"), refunded("1")]).await, Ok(RemoteRefund::Succeeded { .. })));
    assert!(matches!(send_back(&[no("x"), no("系统异常")]).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn an_answer_about_another_refund_or_amount_is_doubt() {
    let right = [("tradeNum", REFUND_NO), ("oTradeNum", PAY_NO), ("amount", "2000"), ("status", "1")];
    for (name, value) in [("tradeNum", "X"), ("oTradeNum", "X"), ("amount", "2001"), ("amount", "")] {
        let wrong: Vec<(&str, &str)> = right.iter().map(|(n, v)| (*n, if *n == name { value } else { *v })).collect();
        assert!(matches!(send_back(&[answer(&wrong)]).await, Err(ChannelError::Unclear(_))), "{name}={value}");
    }
}

#[tokio::test]
async fn the_check_tells_what_is_wrong() {
    let strangers = wrapped("22294532", &inner(&[("tradeNum", "1")]));
    for (text, meaning) in [
        (no("交易不存在"), CheckMeaning::Works),
        (no("签名验证失败"), CheckMeaning::OurSignatureRefused),
        (no("解密失败"), CheckMeaning::OurSignatureRefused),
        (no("商户不存在"), CheckMeaning::UnknownAccount),
        (no("没有权限"), CheckMeaning::NotPermitted),
        (no("系统异常"), CheckMeaning::Other),
        (enveloped(MERCHANT, "AAAA"), CheckMeaning::TheirSignatureWrong),
        (strangers, CheckMeaning::TheirSignatureWrong),
        ("nonsense".to_owned(), CheckMeaning::Unreachable),
    ] {
        let (_server, channel) = scripted(std::slice::from_ref(&text)).await;
        let report = channel.check().await.unwrap();
        assert_eq!((report.meaning, report.ok), (meaning, meaning == CheckMeaning::Works), "{text}");
    }
}
