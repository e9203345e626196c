//! What comes in without being asked for.

use super::super::sign::tests::vectors::{G_PLAIN, H_BODY, H_SIGNATURE, I_PLAIN};
use super::*;
use crate::pay::channel::{NoticeError, NoticeKind, NoticeOutcome};

fn channel() -> Arc<dyn Channel> {
    open_at("http://127.0.0.1:9", &[]).unwrap()
}

type Headers = Vec<(&'static str, String)>;

fn read_at(now_ms: i64, kind: NoticeKind, headers: &Headers, body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    read_by(&*channel(), now_ms, kind, headers, body)
}

fn read_by(
    channel: &dyn Channel,
    now_ms: i64,
    kind: NoticeKind,
    headers: &Headers,
    body: &str,
) -> Result<Vec<NoticeFact>, NoticeError> {
    let headers: Vec<(String, String)> = headers.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
    channel.read_notice(&RawNotice { kind, headers: &headers, query: "", body: body.as_bytes(), now_ms })
}

/// A minute and a half after noon, when the published notice was signed.
const THEN: i64 = NOON + 92_000;

fn published_headers() -> Headers {
    vec![
        ("wechatpay-timestamp", "1717214492".to_owned()),
        ("wechatpay-nonce", "5A8b0f7Q2eR4tY6uI9oP1aS3dF5gH7jK".to_owned()),
        ("wechatpay-signature", H_SIGNATURE.to_owned()),
        ("wechatpay-serial", PUBLIC_ID.to_owned()),
    ]
}

fn published_fact() -> NoticeFact {
    let paid = Paid {
        trade_no: "4200002024060100000000000001".to_owned(),
        amount: Amount::from_fen(1).unwrap(),
        payer: Some(OPENID.to_owned()),
        paid_at: Some(NOON + 90_000),
    };
    NoticeFact::Payment { pay_no: "CS20240601000001".to_owned(), remote: Remote::Paid(paid) }
}

#[test]
fn the_published_notice_is_believed() {
    assert_eq!(read_at(THEN, NoticeKind::Pay, &published_headers(), H_BODY), Ok(vec![published_fact()]));
    let mut with_type = published_headers();
    with_type.push(("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()));
    assert_eq!(read_at(THEN, NoticeKind::Pay, &with_type, H_BODY), Ok(vec![published_fact()]));
}

#[test]
fn a_notice_is_good_for_five_minutes_either_way() {
    for (seconds, expected) in [
        (-299, Ok(vec![published_fact()])),
        (299, Ok(vec![published_fact()])),
        (-300, Err(NoticeError::Stale)),
        (300, Err(NoticeError::Stale)),
        (86_400, Err(NoticeError::Stale)),
    ] {
        assert_eq!(read_at(THEN + seconds * 1000, NoticeKind::Pay, &published_headers(), H_BODY), expected, "{seconds} s");
    }
}

#[test]
fn wrong_and_missing_signatures_are_refused() {
    let set = |name: &str, value: &str| {
        let mut headers = published_headers();
        headers.iter_mut().filter(|(n, _)| *n == name).for_each(|h| h.1 = value.to_owned());
        headers
    };
    let without = |name: &str| published_headers().into_iter().filter(|(n, _)| *n != name).collect::<Headers>();
    let mut other_scheme = published_headers();
    other_scheme.push(("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3".to_owned()));
    for (what, headers) in [
        ("none", Headers::new()),
        ("no signature", without("wechatpay-signature")),
        ("no serial", without("wechatpay-serial")),
        ("no time", without("wechatpay-timestamp")),
        ("no nonce", without("wechatpay-nonce")),
        ("an empty signature", set("wechatpay-signature", "")),
        ("a probe", set("wechatpay-signature", "WECHATPAY/SIGNTEST/n2K1wGMoKi3")),
        ("a probe around a good one", set("wechatpay-signature", &format!("WECHATPAY/SIGNTEST/{H_SIGNATURE}"))),
        ("one letter else", set("wechatpay-signature", &H_SIGNATURE.replacen('5', "6", 1))),
        ("cut", set("wechatpay-signature", &H_SIGNATURE[..100])),
        ("another nonce", set("wechatpay-nonce", "5A8b0f7Q2eR4tY6uI9oP1aS3dF5gH7jL")),
        ("another time", set("wechatpay-timestamp", "1717214493")),
        ("another public key", set("wechatpay-serial", "PUB_KEY_ID_0")),
        ("no number as time", set("wechatpay-timestamp", "")),
        ("another algorithm", other_scheme),
    ] {
        assert_eq!(read_at(THEN, NoticeKind::Pay, &headers, H_BODY), Err(NoticeError::Signature), "{what}");
    }
}

#[test]
fn the_raw_bytes_count_not_what_they_mean() {
    let spaced = serde_json::to_string_pretty(&serde_json::from_str::<Value>(H_BODY).unwrap()).unwrap();
    for body in [spaced, format!("{H_BODY}\n"), format!("\u{feff}{H_BODY}"), H_BODY.replace("支付成功", "x"), String::new()] {
        assert_eq!(read_at(THEN, NoticeKind::Pay, &published_headers(), &body), Err(NoticeError::Signature));
    }
}

/// A rightly signed notice around a sealed object.
fn notice(event: &str, original: &str, plain: &Value) -> String {
    json!({
        "id": "EV-1", "create_time": "2024-06-01T12:01:31+08:00", "resource_type": "encrypt-resource", "event_type": event,
        "summary": "x", "never_heard_of": 1,
        "resource": {"original_type": original, "algorithm": "AEAD_AES_256_GCM", "associated_data": original,
            "nonce": "fdasflkja484", "ciphertext": seal("fdasflkja484", original, &plain.to_string())}
    })
    .to_string()
}

fn read_signed(body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    read_signed_by(&*channel(), body)
}

fn read_signed_by(channel: &dyn Channel, body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    read_by(channel, NOON, NoticeKind::Pay, &seal_headers(PUBLIC_ID, NOON / 1000, body.as_bytes()), body)
}

fn changed(plain: &str, changes: &[(&str, Value)]) -> Value {
    let mut object: Value = serde_json::from_str(plain).unwrap();
    let fields = object.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Value::Null => fields.remove(*name),
            value => fields.insert((*name).to_owned(), value.clone()),
        };
    }
    object
}

fn payment_notice(changes: &[(&str, Value)]) -> String {
    notice("TRANSACTION.SUCCESS", "transaction", &changed(G_PLAIN, changes))
}

fn refund_notice(event: &str, changes: &[(&str, Value)]) -> String {
    notice(event, "refund", &changed(I_PLAIN, changes))
}

#[test]
fn fields_never_heard_of_and_an_empty_associated_text_do_not_matter() {
    assert_eq!(read_signed(&payment_notice(&[("new", json!({"a": []}))])), Ok(vec![published_fact()]));
    let mut body: Value = serde_json::from_str(&payment_notice(&[])).unwrap();
    body["resource"]["associated_data"] = json!("");
    body["resource"]["ciphertext"] = json!(seal("fdasflkja484", "", G_PLAIN));
    assert_eq!(read_signed(&body.to_string()), Ok(vec![published_fact()]));
    body["resource"].as_object_mut().unwrap().remove("associated_data");
    body["resource"].as_object_mut().unwrap().remove("original_type");
    assert_eq!(read_signed(&body.to_string()), Ok(vec![published_fact()]));
}

#[test]
fn rightly_signed_notices_for_others_are_told_so() {
    for (changes, name) in [
        (("mchid", json!("1900000110")), "mchid"),
        (("mchid", Value::Null), "mchid"),
        (("appid", json!("wx0000000000000000")), "appid"),
        (("appid", Value::Null), "appid"),
        (("sub_mchid", json!("1900000111")), "sub_mchid"),
        (("sp_mchid", json!("1900000109")), "sp_mchid"),
    ] {
        assert_eq!(read_signed(&payment_notice(&[changes])), Err(NoticeError::WrongAccount(name.to_owned())));
    }
    for changes in [("mchid", json!("1900000110")), ("mchid", Value::Null)] {
        assert_eq!(read_signed(&refund_notice("REFUND.SUCCESS", &[changes])), Err(NoticeError::WrongAccount("mchid".to_owned())));
    }
    let sub = open_at("http://127.0.0.1:9", SERVICE_PROVIDER).unwrap();
    let ids = |sub_mchid: &str| {
        [
            ("appid", Value::Null),
            ("mchid", Value::Null),
            ("sp_appid", json!(APPID)),
            ("sp_mchid", json!(MCHID)),
            ("sub_mchid", json!(sub_mchid)),
        ]
    };
    assert_eq!(read_signed_by(&*sub, &payment_notice(&ids("1900000110"))), Ok(vec![published_fact()]));
    for (body, name) in [(payment_notice(&ids("1900000111")), "sub_mchid"), (payment_notice(&[]), "sp_mchid")] {
        assert_eq!(read_signed_by(&*sub, &body), Err(NoticeError::WrongAccount(name.to_owned())));
    }
}

#[test]
fn only_a_known_event_moves_money() {
    for event in ["TRANSACTION.CLOSED", "COUPON.USE", "", "transaction.success"] {
        let body = notice(event, "transaction", &changed(G_PLAIN, &[]));
        assert_eq!(read_signed(&body), Ok(vec![NoticeFact::Nothing]), "{event}");
    }
    assert_eq!(read_signed(&notice("TRANSACTION.SUCCESS", "coupon", &changed(G_PLAIN, &[]))), Ok(vec![NoticeFact::Nothing]));
    for state in ["NOTPAY", "CLOSED", "NEVER_HEARD_OF"] {
        assert_eq!(read_signed(&payment_notice(&[("trade_state", json!(state))])), Ok(vec![NoticeFact::Nothing]), "{state}");
    }
}

#[test]
fn signed_nonsense_is_unreadable() {
    for body in ["", "{}", "[1]", "<xml></xml>", r#"{"event_type":"TRANSACTION.SUCCESS","resource":{"nonce":"a"}}"#] {
        assert!(matches!(read_signed(body), Err(NoticeError::Unreadable(_))), "{body}");
    }
    for change in [
        ("out_trade_no", Value::Null),
        ("out_trade_no", json!("")),
        ("transaction_id", Value::Null),
        ("amount", Value::Null),
        ("amount", json!({"total": "1"})),
        ("amount", json!({"total": 1, "currency": "USD"})),
    ] {
        let read = read_signed(&payment_notice(std::slice::from_ref(&change)));
        assert!(matches!(read, Err(NoticeError::Unreadable(_))), "{change:?}: {read:?}");
    }
    let large = payment_notice(&[("attach", json!("x".repeat(70_000)))]);
    assert!(matches!(read_signed(&large), Err(NoticeError::Unreadable(_))));
    let raw = RawNotice { kind: NoticeKind::Audit, headers: &[], query: "", body: H_BODY.as_bytes(), now_ms: THEN };
    assert!(matches!(channel().read_notice(&raw), Err(NoticeError::Unreadable(_))));
}

/// Older credentials may still open it, so the core must try them.
#[test]
fn what_was_sealed_with_another_key_is_not_verified() {
    let other = open_at("http://127.0.0.1:9", &[("api_v3_key", "another0key0another0key0another0")]).unwrap();
    assert_eq!(read_signed_by(&*other, &payment_notice(&[])), Err(NoticeError::Signature));
}

#[test]
fn a_refund_notice_is_a_reason_to_ask_whatever_it_says() {
    let ask = NoticeFact::AskRefund { refund_no: "RF20240601000001".to_owned() };
    let told = |event, status: &str| read_signed(&refund_notice(event, &[("refund_status", json!(status))]));
    for (event, status) in [
        ("REFUND.SUCCESS", "SUCCESS"),
        ("REFUND.CLOSED", "CLOSED"),
        ("REFUND.ABNORMAL", "ABNORMAL"),
        ("REFUND.SUCCESS", "NEVER_HEARD_OF"),
    ] {
        assert_eq!(told(event, status), Ok(vec![ask.clone()]), "{event} {status}");
    }
    let other_amount = [("amount", json!({"total": 100, "refund": 1}))];
    assert_eq!(read_signed(&refund_notice("REFUND.SUCCESS", &other_amount)), Ok(vec![ask]), "no money by this");
    let nameless = read_signed(&refund_notice("REFUND.SUCCESS", &[("out_refund_no", Value::Null)]));
    assert!(matches!(nameless, Err(NoticeError::Unreadable(_))));
}

#[test]
fn acknowledgements_are_exact() {
    let channel = channel();
    for kind in [NoticeKind::Pay, NoticeKind::Refund] {
        for (outcome, status, body) in [
            (NoticeOutcome::Accepted, 200, r#"{"code":"SUCCESS","message":"成功"}"#),
            (NoticeOutcome::Refused, 401, r#"{"code":"FAIL","message":"失败"}"#),
            (NoticeOutcome::Unavailable, 503, r#"{"code":"FAIL","message":"失败"}"#),
        ] {
            let answer = channel.answer(kind, outcome);
            assert_eq!((answer.status, answer.body.as_str(), answer.content_type), (status, body, "application/json"));
        }
    }
}
