//! Notices: what is believed, what is refused, and what JD hears.

use super::*;
use crate::pay::channel::{Channel, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, RawNotice, Remote};
use data::NOTICE;

fn read(body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    read_by(&channel(THROWAWAY_PUBLIC, "https://g.example"), body)
}

fn read_by(channel: &Jd, body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    let raw = RawNotice { kind: NoticeKind::Pay, headers: &[], query: "", body: body.as_bytes(), now_ms: NOW };
    channel.read_notice(&raw)
}

fn paid(status: &str) -> String {
    inner(&[
        ("tradeNum", PAY_NO),
        ("tradeType", "0"),
        ("amount", "8888"),
        ("currency", "CNY"),
        ("status", status),
        ("note", ""),
        (
            "payList",
            "<pay><payType>3</payType><amount>888</amount><tradeTime>20260101120031</tradeTime></pay>\
             <pay><payType>0</payType><amount>8000</amount><tradeTime>20260101120032</tradeTime><detail><cardNo>6222****1</cardNo></detail></pay>",
        ),
    ])
}

// 9.7.
#[tokio::test]
async fn the_documents_notice_is_a_payment() {
    let facts = read(&enveloped(MERCHANT, NOTICE.3)).unwrap();
    let [NoticeFact::Payment { pay_no, remote: Remote::Paid(paid) }] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((pay_no.as_str(), paid.amount, paid.paid_at), ("20260101120000001", fen(1), Some(NOW + 31_000)));
    // Its blank before `?>` in the envelope too.
    assert!(read(&enveloped(MERCHANT, NOTICE.3).replacen("?>", " ?>", 1)).is_ok());
    // With JD's real key in place it is a forgery.
    let real = channel(JD_KEY, "https://g.example");
    assert_eq!(read_by(&real, &enveloped(MERCHANT, NOTICE.3)), Err(NoticeError::Signature));
}

#[tokio::test]
async fn a_payment_with_a_coupon_is_its_whole_amount() {
    let facts = read(&wrapped(MERCHANT, &paid("2"))).unwrap();
    let [NoticeFact::Payment { remote: Remote::Paid(found), .. }] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((found.amount, found.paid_at), (fen(8888), Some(NOW + 32_000)));
    for (status, remote) in [("0", Remote::Pending), ("1", Remote::Pending), ("9", Remote::Pending), ("4", Remote::Closed)] {
        let facts = read(&wrapped(MERCHANT, &paid(status))).unwrap();
        assert_eq!(facts, [NoticeFact::Payment { pay_no: PAY_NO.to_owned(), remote }], "{status}");
    }
}

// Pitfall: a refund is told in the same way, with `tradeType` 1.
#[tokio::test]
async fn a_refund_notice_makes_us_ask() {
    let clear = inner(&[("tradeNum", REFUND_NO), ("oTradeNum", PAY_NO), ("tradeType", "1"), ("amount", "2000"), ("status", "1")]);
    let expected = [NoticeFact::AskRefund { refund_no: REFUND_NO.to_owned() }];
    assert_eq!(read(&wrapped(MERCHANT, &clear)).unwrap(), expected);
    let other = clear.replace("<tradeType>1", "<tradeType>7");
    assert_eq!(read(&wrapped(MERCHANT, &other)).unwrap(), [NoticeFact::Nothing]);
}

#[tokio::test]
async fn whatever_is_not_jds_is_refused() {
    let clear = paid("2");
    let signed = document::insert_sign(&clear, &jd().sign(&clear).unwrap());
    for (n, body) in [
        enveloped(MERCHANT, &vault().seal(&clear)),
        enveloped(MERCHANT, &vault().seal(&signed.replace("8888", "8887"))),
        enveloped(MERCHANT, &vault().seal(&signed.replace("</jdpay>", "<sign>x</sign></jdpay>"))),
        enveloped(MERCHANT, &Vault::read("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").unwrap().seal(&signed)),
        enveloped(MERCHANT, &vault().lock(&signed)),
        enveloped(MERCHANT, "").replace("<encrypt></encrypt>", ""),
        no("whatever"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(read(body), Err(NoticeError::Signature), "{n}");
    }
    for body in [
        "",
        "a=b",
        "{}",
        "<jdpay></jdpay>",
        &enveloped(MERCHANT, NOTICE.3).replace("<merchant>", "<merchant>1</merchant><merchant>"),
    ] {
        assert!(matches!(read(body), Err(NoticeError::Unreadable(_))), "{body}");
    }
}

#[tokio::test]
async fn another_merchants_notice_changes_nothing_here() {
    for body in [
        wrapped("22294532", &paid("2")),
        wrapped(MERCHANT, &paid("2").replace(MERCHANT, "22294532")),
        wrapped("22294532", &paid("2").replace(MERCHANT, "22294532")),
    ] {
        assert!(matches!(read(&body), Err(NoticeError::WrongAccount(_))), "{body}");
    }
}

#[tokio::test]
async fn what_every_notice_has_must_be_there() {
    for lacking in ["tradeNum", "tradeType", "amount"] {
        let clear = paid("2");
        let (before, after) = clear.split_once(&format!("<{lacking}>")).unwrap();
        let clear = format!("{before}{}", after.split_once(&format!("</{lacking}>")).unwrap().1);
        assert!(matches!(read(&wrapped(MERCHANT, &clear)), Err(NoticeError::Unreadable(_))), "{lacking}");
    }
}

#[tokio::test]
async fn jd_hears_the_bare_word() {
    let channel = channel(JD_KEY, "https://g.example");
    for kind in [NoticeKind::Pay, NoticeKind::Refund] {
        for (outcome, word) in
            [(NoticeOutcome::Accepted, "success"), (NoticeOutcome::Refused, "fail"), (NoticeOutcome::Unavailable, "fail")]
        {
            let answer = channel.answer(kind, outcome);
            assert_eq!((answer.status, answer.content_type, answer.body.as_str()), (200, "text/plain", word));
        }
    }
}
