use super::super::notice;
use super::*;
use crate::pay::channel::{Channel, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, Paid, Remote};

fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A notice of the platform over these pairs; an empty value takes a pair of the usual ones away.
fn notice_of(changes: &[(&str, &str)]) -> String {
    let usual = [
        ("app_id", APP_ID),
        ("charset", "utf-8"),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", PAY_NO),
        ("trade_no", "2024030122001400000000000001"),
        ("total_amount", "88.88"),
        ("trade_status", "TRADE_SUCCESS"),
        ("seller_id", "2088000000000001"),
    ];
    let mut pairs: BTreeMap<&str, &str> = usual.into_iter().collect();
    pairs.extend(changes.iter().copied());
    pairs.retain(|_, value| !value.is_empty());
    let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let signature = platform_signs(text.join("&").as_bytes());
    let mut pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
    pairs.extend([("sign_type", "RSA2"), ("sign", signature.as_str())]);
    encode(&pairs)
}

fn read(body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    notice::read(&account(&public_mode()), body.as_bytes())
}

fn paid(fen_paid: i64, payer: Option<&str>, paid_at: Option<i64>) -> NoticeFact {
    let trade_no = "2024030122001400000000000001".to_owned();
    let paid = Paid { trade_no, amount: fen(fen_paid), payer: payer.map(str::to_owned), paid_at };
    NoticeFact::Payment { pay_no: PAY_NO.to_owned(), remote: Remote::Paid(paid) }
}

// N-1: a real notice in certificate mode, `+` and Chinese in its subject.
#[test]
fn a_real_notice_is_a_payment() {
    let credentials = credentials(&[
        ("app_id", "9021000122682882"),
        ("private_key_pem", KEY_M),
        ("alipay_public_key_pem", include_str!("../vectors/s_platform.pub")),
        ("seller_id", "2088721003899159"),
    ]);
    let facts = notice::read(&account(&credentials), include_bytes!("../vectors/n1.body")).unwrap();
    let paid = Paid {
        trade_no: "2023122122001499160501589436".to_owned(),
        amount: fen(1),
        payer: Some("2088722003899169".to_owned()),
        paid_at: Some(1_703_147_203_000), // 2023-12-21T08:26:43Z
    };
    assert_eq!(facts, [NoticeFact::Payment { pay_no: "1703147160".to_owned(), remote: Remote::Paid(paid) }]);
}

// N-2: a real notice in public-key mode; with sign_type in its text it would not verify.
#[test]
fn a_real_notice_of_public_key_mode_is_a_payment() {
    let text = include_str!("../vectors/n2.text");
    let signature = include_str!("../vectors/n2.sign");
    let credentials = credentials(&[
        ("app_id", "2019073166072302"),
        ("private_key_pem", KEY_M),
        ("alipay_public_key_pem", include_str!("../vectors/n2.pub")),
    ]);
    let account = account(&credentials);
    let mut pairs: Vec<(&str, &str)> = text.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    pairs.extend([("sign", signature), ("sign_type", "RSA2")]);
    let facts = notice::read(&account, encode(&pairs).as_bytes()).unwrap();
    assert!(matches!(&facts[..], [NoticeFact::Payment { pay_no, remote: Remote::Paid(p) }]
        if pay_no == "20190815155618536-564-57" && p.amount == fen(10) && p.payer.as_deref() == Some("xud***@126.com")));
    let with_type = text.replace("&subject=", "&sign_type=RSA2&subject=");
    assert!(!account.is_theirs(with_type.as_bytes(), signature));
}

// W-6, and pitfall 10: a partial refund repeats the payment and asks about the refund.
#[test]
fn a_partial_refund_is_no_second_payment() {
    let facts = read(include_str!("../vectors/w6.body")).unwrap();
    let refund_no = "R20240301130000000001".to_owned();
    let expected = [paid(8888, Some("tes***@example.com"), Some(1_709_265_630_000)), NoticeFact::AskRefund { refund_no }];
    assert_eq!(facts, expected);
}

// W-7.
#[test]
fn a_gbk_notice_is_verified_over_its_bytes() {
    assert_eq!(read(include_str!("../vectors/w7.body")).unwrap(), [paid(8888, None, None)]);
    let relabelled = include_str!("../vectors/w7.body").replace("charset=GBK", "charset=utf-8");
    assert_eq!(read(&relabelled), Err(NoticeError::Signature), "the charset is signed as well");
}

// Pitfall 10: closed after payment is a refund, never an unpaid close.
#[test]
fn closed_trades_are_told_apart() {
    let closed = |more: &[(&str, &str)]| {
        let mut pairs = vec![("trade_status", "TRADE_CLOSED")];
        pairs.extend(more);
        read(&notice_of(&pairs)).unwrap()
    };
    let unpaid = NoticeFact::Payment { pay_no: PAY_NO.to_owned(), remote: Remote::Closed };
    let refund = || vec![NoticeFact::AskRefund { refund_no: "R1".to_owned() }];
    assert_eq!(closed(&[("gmt_close", "2024-03-01 12:30:00")]), [unpaid]);
    assert_eq!(closed(&[("refund_fee", "88.88"), ("gmt_refund", "2024-03-01 13:00:00.1"), ("out_biz_no", "R1")]), refund());
    assert_eq!(closed(&[("gmt_payment", "2024-03-01 12:00:30"), ("out_biz_no", "R1")]), refund());
    assert_eq!(closed(&[("gmt_payment", "2024-03-01 12:00:30")]), [NoticeFact::Nothing], "refunded elsewhere");
}

#[test]
fn states_map_and_unknown_is_pending() {
    let pending = NoticeFact::Payment { pay_no: PAY_NO.to_owned(), remote: Remote::Pending };
    assert_eq!(read(&notice_of(&[])).unwrap(), [paid(8888, None, None)]);
    assert_eq!(read(&notice_of(&[("trade_status", "TRADE_FINISHED")])).unwrap(), [paid(8888, None, None)]);
    assert_eq!(read(&notice_of(&[("trade_status", "WAIT_BUYER_PAY")])).unwrap(), std::slice::from_ref(&pending));
    assert_eq!(read(&notice_of(&[("trade_status", "TRADE_SOMETHING")])).unwrap(), [pending]);
    assert_eq!(read(&notice_of(&[("notify_type", "servicemarket_order_notify")])).unwrap(), [NoticeFact::Nothing]);
}

// Pitfall 9: amounts as integers; the core compares them with the order.
#[test]
fn amounts_are_read_by_digits() {
    assert_eq!(read(&notice_of(&[("total_amount", "88.8")])).unwrap(), [paid(8880, None, None)]);
    for bad in ["", "1e2", "88.888", "-1"] {
        assert!(matches!(read(&notice_of(&[("total_amount", bad)])), Err(NoticeError::Unreadable(_))), "{bad}");
    }
}

#[test]
fn another_app_or_seller_is_another_account() {
    let wrong = |result: Result<Vec<NoticeFact>, NoticeError>| matches!(result, Err(NoticeError::WrongAccount(_)));
    assert!(wrong(read(&notice_of(&[("app_id", "2021000000000002")]))));
    assert!(wrong(read(&notice_of(&[("app_id", "")]))));
    assert!(wrong(read(&notice_of(&[("auth_app_id", "2021000000000002")]))));
    assert!(read(&notice_of(&[("auth_app_id", APP_ID)])).is_ok());
    let mut strict = public_mode();
    strict.insert("seller_id".to_owned(), Secret::new("2088000000000001".to_owned()));
    let strict = account(&strict);
    assert!(notice::read(&strict, notice_of(&[]).as_bytes()).is_ok());
    assert!(wrong(notice::read(&strict, notice_of(&[("seller_id", "2088000000000002")]).as_bytes())));
    assert!(wrong(notice::read(&strict, notice_of(&[("seller_id", "")]).as_bytes())));
}

// Pitfalls 5 and 6: one decoding, no change of any value; whatever changes on the way breaks the signature.
#[test]
fn every_change_on_the_way_is_noticed() {
    let body = notice_of(&[
        ("subject", "A+B 100%25 & more"),
        ("fund_bill_list", r#"[{"amount":"88.88","fundChannel":"PCREDIT"}]"#),
        ("passback_params", "ch=7&n=1"),
        ("a_name_of_tomorrow", "x"),
    ]);
    assert_eq!(read(&body).unwrap(), [paid(8888, None, None)]);
    for (from, to) in [
        ("88.88", "88.89"),
        ("A%2BB", "A+B"),
        ("%2525", "%25"),
        ("%22amount%22", "%26quot%3Bamount%26quot%3B"),
        ("a_name_of_tomorrow=x", "a_name_of_tomorrow=x+"),
        ("app_id=", "injected=1&app_id="),
        ("sign=", "sign=A"),
        ("&sign=", "&nosign="),
    ] {
        let changed = body.replacen(from, to, 1);
        assert_ne!(changed, body);
        assert_eq!(read(&changed), Err(NoticeError::Signature), "{from} to {to}");
    }
    assert!(matches!(read(&format!("{body}&total_amount=0.01")), Err(NoticeError::Unreadable(_))), "doubled");
    assert!(matches!(read(&format!("{body}&x=%zz")), Err(NoticeError::Unreadable(_))), "broken escape");
    assert_eq!(read(""), Err(NoticeError::Signature));
}

#[test]
fn only_rsa2_counts_whatever_the_notice_says() {
    let claims_rsa = notice_of(&[]).replace("sign_type=RSA2", "sign_type=RSA");
    assert!(read(&claims_rsa).is_ok(), "the signature is RSA2 and verified as such");
    let params = super::super::sign::read_form(notice_of(&[]).as_bytes()).unwrap();
    let text = super::super::sign::notice_text(&params);
    let key = rsa::pkcs8::DecodePrivateKey::from_pkcs8_der(&crate::channels::keys::blocks(KEY_P).unwrap()[0].der);
    let key: rsa::RsaPrivateKey = key.unwrap();
    let hashed = <sha1::Sha1 as sha1::Digest>::digest(&text);
    let sha1_prefix = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
    let padding = rsa::Pkcs1v15Sign { hash_len: Some(20), prefix: sha1_prefix.into() };
    let legacy = key.sign(padding, &hashed).unwrap();
    let public = crate::channels::keys::VerifyingKey::read(PUBLIC_P).unwrap();
    assert!(public.verify_sha1(&text, &legacy), "a right signature of the older kind");
    let mut pairs = form(&claims_rsa);
    pairs.insert("sign".to_owned(), STANDARD.encode(legacy));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    assert_eq!(read(&body), Err(NoticeError::Signature));
}

#[test]
fn strange_charsets_are_refused() {
    assert!(matches!(read(&notice_of(&[("charset", "utf-16")])), Err(NoticeError::Unreadable(_))));
    assert!(read(&notice_of(&[("charset", "")])).is_ok(), "absent means UTF-8");
}

// Pitfall 14.
#[test]
fn answers_are_the_bare_words() {
    let channel = channel(&public_mode(), "");
    for (outcome, word) in
        [(NoticeOutcome::Accepted, "success"), (NoticeOutcome::Refused, "fail"), (NoticeOutcome::Unavailable, "fail")]
    {
        let answer = channel.answer(NoticeKind::Pay, outcome);
        assert_eq!((answer.status, answer.content_type, answer.body.as_str()), (200, "text/plain", word));
    }
}
