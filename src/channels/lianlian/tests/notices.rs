//! Notices: what is believed, what is refused, and what the provider hears.

use super::*;
use crate::pay::channel::{Channel, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, RawNotice, Remote};

fn read_by(channel: &Lianlian, body: &[u8]) -> Result<Vec<NoticeFact>, NoticeError> {
    let raw = RawNotice { kind: NoticeKind::Pay, headers: &[], query: "", body, now_ms: NOW };
    channel.read_notice(&raw)
}

fn read(body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    read_by(&channel(md5_keys(MD5_KEY), "https://g.example"), body.as_bytes())
}

fn paid_message() -> Message {
    sealed(&[
        ("no_order", PAY_NO),
        ("dt_order", "20170605131558"),
        ("oid_paybill", "2017060500771034"),
        ("money_order", "88.88"),
        ("result_pay", "SUCCESS"),
        ("settle_date", "20170605"),
    ])
}

#[tokio::test]
async fn a_paid_order_is_told_as_json() {
    let facts = read(&wire::write(&paid_message())).unwrap();
    let [NoticeFact::Payment { pay_no, remote: Remote::Paid(paid) }] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((pay_no.as_str(), paid.trade_no.as_str(), paid.amount), (PAY_NO, "2017060500771034", fen(8888)));
}

#[tokio::test]
async fn a_notice_signed_with_rsa_is_read_the_same_way() {
    // The real message of the documents, read by an account with that merchant's number.
    let mut message = message_of(
        "dt_order=20170605131558&money_order=0.61&no_agree=2017060134793542&no_order=2017060510199101&\
         oid_partner=201705101001719503&oid_paybill=2017060500771034&result_pay=SUCCESS&ret_code=0000&ret_msg=交易成功&\
         settle_date=20170605&sign_type=RSA",
    );
    let sign = "fhPu9tSBOhukb4M9ro+UnsL1EdbhjBsgIwJvnfInNoC1E2CZ4UOiENyRFQMAEZefovSoesy5XIXZFlczhnSxOA8AdnqUlBKoTV4jTtLA7WDe/C/BYd2G72Do2GZDslbTIrDBkinfzvtAJujC7m3Wj/oocft1A8LidZQm7X1rRSQ=";
    message.insert("sign".to_owned(), sign.to_owned());
    let mut account = channel(rsa_keys(), "https://g.example");
    account.oid_partner = "201705101001719503".to_owned();
    let facts = read_by(&account, wire::write(&message).as_bytes()).unwrap();
    assert!(matches!(facts.as_slice(), [NoticeFact::Payment { remote: Remote::Paid(paid), .. }] if paid.amount == fen(61)));
    account.oid_partner = OID_PARTNER.to_owned();
    assert!(matches!(read_by(&account, wire::write(&message).as_bytes()), Err(NoticeError::WrongAccount(_))));
}

// Pitfall: the body is JSON; as a form it says nothing.
#[tokio::test]
async fn a_form_is_no_notice() {
    let form: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&paid_message()).finish();
    for body in [form.as_str(), "", "[]", "null"] {
        assert!(matches!(read(body), Err(NoticeError::Unreadable(_))), "{body}");
    }
}

#[tokio::test]
async fn whatever_is_changed_spoils_the_signature() {
    for (name, value) in [
        ("money_order", "0.01"),
        ("no_order", "01JD3ZQ8K7M4N5P6Q7R8S9T0XX"),
        ("oid_partner", "201408071000009999"),
        ("result_pay", "FAILURE"),
        ("sign_type", "RSA"),
        ("sign", ""),
        ("new_field", "1"),
    ] {
        let mut message = paid_message();
        message.insert(name.to_owned(), value.to_owned());
        assert_eq!(read(&wire::write(&message)), Err(NoticeError::Signature), "{name}");
    }
    let doubled = wire::write(&paid_message()).replace(r#""no_order""#, r#""no_order":"1","no_order""#);
    assert!(matches!(read(&doubled), Err(NoticeError::Unreadable(_))));
}

#[tokio::test]
async fn another_merchants_notice_changes_nothing_here() {
    let mut message = paid_message();
    message.insert("oid_partner".to_owned(), "201408071000009999".to_owned());
    let message = md5_keys(MD5_KEY).seal(message).unwrap();
    assert!(matches!(read(&wire::write(&message)), Err(NoticeError::WrongAccount(_))));
}

// Pitfall: only success is told; any other word is no news about money.
#[tokio::test]
async fn a_word_other_than_success_is_no_payment() {
    for word in ["PROCESSING", "FAILURE", "success"] {
        let message = sealed(&[("no_order", PAY_NO), ("result_pay", word), ("money_order", "88.88")]);
        let facts = read(&wire::write(&message)).unwrap();
        assert_eq!(facts, [NoticeFact::Payment { pay_no: PAY_NO.to_owned(), remote: Remote::Pending }], "{word}");
    }
    for lacking in ["no_order", "result_pay", "money_order", "oid_paybill"] {
        let mut message = paid_message();
        message.remove(lacking);
        let message = md5_keys(MD5_KEY).seal(message).unwrap();
        assert!(matches!(read(&wire::write(&message)), Err(NoticeError::Unreadable(_))), "{lacking}");
    }
}

#[tokio::test]
async fn a_refund_notice_makes_us_ask() {
    let message = sealed(&[
        ("no_refund", REFUND_NO),
        ("dt_refund", "20170605131658"),
        ("money_refund", "20.00"),
        ("oid_refundno", "2017060600123456"),
        ("sta_refund", "2"),
    ]);
    let facts = read(&wire::write(&message)).unwrap();
    assert_eq!(facts, [NoticeFact::AskRefund { refund_no: REFUND_NO.to_owned() }]);
}

// Pitfall: names and ID numbers may travel; no error repeats them.
#[tokio::test]
async fn errors_repeat_nothing_of_the_person() {
    let mut message = paid_message();
    message.extend(map(&[("acct_name", "张三"), ("id_no", "110101199003077715")]));
    let body = wire::write(&message);
    for body in [body.clone(), body.replace('}', ""), body.replace("\"id_no\"", "\"id_no\":\"1\",\"id_no\"")] {
        let error = read(&body).unwrap_err();
        let words = format!("{error} {error:?}");
        assert!(!words.contains("张三") && !words.contains("110101"), "{words}");
    }
}

#[tokio::test]
async fn the_provider_hears_exactly_its_own_words() {
    let channel = channel(md5_keys(MD5_KEY), "https://g.example");
    for kind in [NoticeKind::Pay, NoticeKind::Refund] {
        let answer = channel.answer(kind, NoticeOutcome::Accepted);
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"ret_code":"0000","ret_msg":"交易成功"}"#));
        for outcome in [NoticeOutcome::Refused, NoticeOutcome::Unavailable] {
            let answer = channel.answer(kind, outcome);
            assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"ret_code":"9999","ret_msg":"交易失败"}"#));
        }
    }
}
