//! Notices of payments and refunds, and what the provider hears.

use super::*;
use crate::pay::channel::{Channel, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, Paid, RawNotice, Remote};

fn read_as(channel: &Unionpay, kind: NoticeKind, query: &str, body: &[u8]) -> Result<Vec<NoticeFact>, NoticeError> {
    channel.read_notice(&RawNotice { kind, headers: &[], query, body, now_ms: NOON })
}

fn read(fields: &Fields) -> Result<Vec<NoticeFact>, NoticeError> {
    read_as(&open_at(None, &[]).unwrap(), NoticeKind::Pay, "", message::form(fields).as_bytes())
}

fn told(pairs: &[(&str, &str)]) -> Result<Vec<NoticeFact>, NoticeError> {
    let mut all = vec![
        ("respMsg", "success"),
        ("orderId", PAY_NO),
        ("txnType", "01"),
        ("txnSubType", "01"),
        ("txnTime", "20240301120000"),
        ("txnAmt", "8888"),
        ("currencyCode", "156"),
        ("queryId", "742403011200001234568"),
        ("traceTime", "0301120000"),
    ];
    all.extend(pairs);
    read(&theirs(&all))
}

fn paid(pay_no: &str) -> Vec<NoticeFact> {
    let paid = Paid {
        trade_no: "742403011200001234568".to_owned(),
        amount: Amount::from_fen(8888).unwrap(),
        payer: None,
        paid_at: Some(NOON),
    };
    vec![NoticeFact::Payment { pay_no: pay_no.to_owned(), remote: Remote::Paid(paid) }]
}

// W-2, and pitfall 13.
#[test]
fn the_vector_is_a_paid_payment() {
    let channel = open_at(None, &[]).unwrap();
    let body = include_bytes!("../vectors/w2.body");
    assert_eq!(read_as(&channel, NoticeKind::Pay, "", body), Ok(paid("G20240301120000000001")));
    let with_query = read_as(&channel, NoticeKind::Pay, "channel=7&txnAmt=1", body);
    assert_eq!(with_query, Ok(paid("G20240301120000000001")), "our own address's query is no part of it");
    assert_eq!(read_as(&channel, NoticeKind::Refund, "", body), Ok(paid("G20240301120000000001")), "whatever address it came to");
}

#[test]
fn refunds_and_undone_payments_are_told_apart_from_payments() {
    for (txn_type, query_id) in [("04", "742403011300001234608"), ("31", "742403011300001234609")] {
        let facts =
            told(&[("txnType", txn_type), ("orderId", REFUND_NO), ("queryId", query_id), ("origQryId", "742403011200001234568")]);
        // What it says of the amount nobody compares here: the question does.
        assert_eq!(facts, Ok(vec![NoticeFact::AskRefund { refund_no: REFUND_NO.to_owned() }]));
    }
    assert_eq!(told(&[("txnType", "99")]), Ok(vec![NoticeFact::Nothing]));
}

// Pitfall 15; only success is news.
#[test]
fn a_defect_is_success_and_a_failure_is_no_news() {
    assert_eq!(told(&[]), Ok(paid(PAY_NO)));
    assert_eq!(told(&[("respCode", "A6")]), Ok(paid(PAY_NO)));
    for code in ["01", "03", "60", "47", ""] {
        assert_eq!(told(&[("respCode", code)]), Ok(vec![NoticeFact::Nothing]), "{code}");
    }
}

#[test]
fn foreign_and_incomplete_notices_are_refused() {
    assert_eq!(told(&[("merId", "777290058100002")]), Err(NoticeError::WrongAccount("merId 777290058100002".to_owned())));
    assert_eq!(told(&[("merId", "")]), Err(NoticeError::WrongAccount("merId ".to_owned())));
    for (name, value) in [("orderId", ""), ("queryId", ""), ("txnAmt", ""), ("txnAmt", "1.00"), ("currencyCode", "840")] {
        assert!(matches!(told(&[(name, value)]), Err(NoticeError::Unreadable(_))), "{name}");
    }
    let channel = open_at(None, &[]).unwrap();
    for body in [&b""[..], b"respCode=00&respCode=00", b"\xff=\xfe"] {
        assert!(matches!(read_as(&channel, NoticeKind::Pay, "", body), Err(NoticeError::Unreadable(_))), "{body:?}");
    }
}

#[test]
fn forged_notices_are_refused() {
    let rightly = theirs(&[("orderId", PAY_NO), ("txnType", "01"), ("txnAmt", "8888"), ("queryId", "1")]);
    for (name, value) in [
        ("txnAmt", "8889".to_owned()),
        ("orderId", REFUND_NO.to_owned()),
        ("extra", "1".to_owned()),
        ("signature", String::new()),
        ("signature", "AAAA".to_owned()),
        ("signPubKeyCert", String::new()),
        ("signPubKeyCert", PLATFORM.to_owned()),
        ("signPubKeyCert", crlf(MERCHANT)),
        ("signPubKeyCert", "-----BEGIN CERTIFICATE-----".to_owned()),
    ] {
        let mut forged = rightly.clone();
        forged.insert(name.to_owned(), value);
        assert_eq!(read(&forged), Err(NoticeError::Signature), "{name}");
    }
    assert!(read(&rightly).is_ok());
}

#[test]
fn the_status_alone_says_whether_it_arrived() {
    let channel = open_at(None, &[]).unwrap();
    for kind in [NoticeKind::Pay, NoticeKind::Refund] {
        let answers =
            [NoticeOutcome::Accepted, NoticeOutcome::Refused, NoticeOutcome::Unavailable].map(|o| channel.answer(kind, o));
        assert_eq!(answers.clone().map(|a| a.status), [200, 400, 503]);
        assert_eq!(answers.map(|a| a.body), ["ok", "fail", "fail"]);
    }
}
