use super::vectors::{AUDIT, PAY_NOTICE, REFUND_RESULT, params};
use super::*;
use crate::channels::baidu::{notice, sign};
use crate::pay::channel::{NoticeError, NoticeFact, NoticeKind, NoticeOutcome, Paid, Remote, RemoteRefund, Verdict};

/// A form of these fields and this signature, as it travels.
fn body(text: &str, signature: &str) -> String {
    let mut fields = params(text);
    fields.insert("rsaSign".to_owned(), signature.to_owned());
    sign::form(&fields)
}

/// The text with some fields changed, or taken away by an empty name's value `-`, signed again.
fn signed(text: &str, changes: &[(&str, &str)]) -> String {
    let mut fields = params(text);
    for (name, value) in changes {
        match *value {
            "-" => fields.remove(*name),
            value => fields.insert((*name).to_owned(), value.to_owned()),
        };
    }
    let signature = account(&credentials(false)).sign(&fields).unwrap();
    fields.insert("rsaSign".to_owned(), signature);
    sign::form(&fields)
}

fn read(kind: NoticeKind, body: &str) -> Result<Vec<NoticeFact>, NoticeError> {
    notice::read(&account(&credentials(false)), kind, body.as_bytes())
}

fn paid(amount: i64) -> NoticeFact {
    let paid = Paid {
        trade_no: ORDER_ID.to_owned(),
        amount: fen(amount),
        payer: Some(USER_ID.to_owned()),
        paid_at: Some(1_572_227_042_000),
    };
    NoticeFact::Payment { pay_no: PAY_NO.to_owned(), remote: Remote::Paid(paid) }
}

#[test]
fn the_recorded_notice_is_a_payment() {
    let credentials = with(credentials(false), "platform_public_key_pem", RECORDED_KEY);
    let account = account(&with(credentials, "deal_id", "352745305"));
    let facts = notice::read(&account, NoticeKind::Pay, body(RECORDED_TEXT, RECORDED_SIGN).as_bytes()).unwrap();
    let NoticeFact::Payment { pay_no, remote: Remote::Paid(paid) } = &facts[0] else { panic!("{facts:?}") };
    assert_eq!((pay_no.as_str(), paid.trade_no.as_str(), paid.amount.fen()), ("157222702731789", ORDER_ID, 1));
    assert_eq!((paid.payer.as_deref(), paid.paid_at), (Some(USER_ID), Some(1_572_227_042_000)));
}

#[test]
fn a_notice_with_json_inside_is_a_payment() {
    assert_eq!(read(NoticeKind::Pay, &body(PAY_NOTICE.0, PAY_NOTICE.1)).unwrap(), [paid(1)]);
}

// The base64 of a signature has `+`: sent bare it arrives as a space.
#[test]
fn an_unencoded_plus_is_no_signature() {
    let good = body(PAY_NOTICE.0, PAY_NOTICE.1);
    assert!(good.contains("%2B"));
    assert_eq!(read(NoticeKind::Pay, &good.replace("%2B", "+")), Err(NoticeError::Signature));
}

#[test]
fn states_map_and_unknown_is_pending() {
    let remote = |status: &str| match read(NoticeKind::Pay, &signed(PAY_NOTICE.0, &[("status", status)])).unwrap().remove(0) {
        NoticeFact::Payment { remote, .. } => remote,
        other => panic!("{other:?}"),
    };
    assert!(matches!(remote("2"), Remote::Paid(_)));
    assert_eq!(remote("1"), Remote::Pending);
    assert_eq!(remote("-1"), Remote::Closed);
    assert_eq!(remote("7"), Remote::Pending);
}

#[test]
fn the_orders_total_counts_and_not_what_vouchers_left() {
    let changes = [("totalMoney", "990"), ("payMoney", "1"), ("promoMoney", "989")];
    assert_eq!(read(NoticeKind::Pay, &signed(PAY_NOTICE.0, &changes)).unwrap(), [paid(990)]);
    for bad in ["", "1.0", "0x1", "-1", "1e3", "9223372036854775808"] {
        let result = read(NoticeKind::Pay, &signed(PAY_NOTICE.0, &[("totalMoney", bad)]));
        assert!(matches!(result, Err(NoticeError::Unreadable(_))), "{bad}: {result:?}");
    }
}

#[test]
fn fields_of_tomorrow_and_empty_ones_are_signed_too() {
    let changes = [("aFieldOfTomorrow", "x"), ("anEmptyOne", "")];
    let body = signed(PAY_NOTICE.0, &changes);
    assert_eq!(read(NoticeKind::Pay, &body).unwrap(), [paid(1)]);
    for spoilt in [body.replace("aFieldOfTomorrow=x", "aFieldOfTomorrow=y"), body.replace("anEmptyOne=&", "")] {
        assert_ne!(spoilt, body);
        assert_eq!(read(NoticeKind::Pay, &spoilt), Err(NoticeError::Signature));
    }
}

#[test]
fn another_service_is_another_account() {
    let result = read(NoticeKind::Pay, &signed(PAY_NOTICE.0, &[("dealId", "470193087")]));
    assert!(matches!(result, Err(NoticeError::WrongAccount(_))), "{result:?}");
}

#[test]
fn what_a_kind_must_have_is_missed() {
    for (kind, text, names) in [
        (NoticeKind::Pay, PAY_NOTICE.0, ["userId", "orderId", "tpOrderId", "dealId", "totalMoney", "status"].as_slice()),
        (NoticeKind::Audit, AUDIT.0, &["orderId", "tpOrderId", "refundBatchId"]),
        (NoticeKind::Refund, REFUND_RESULT.0, &["orderId", "refundBatchId", "refundStatus"]),
    ] {
        for name in names {
            let result = read(kind, &signed(text, &[(name, "-")]));
            assert!(matches!(result, Err(NoticeError::Unreadable(_))), "{name}: {result:?}");
        }
    }
    for unreadable in [format!("{}&status=2", body(PAY_NOTICE.0, PAY_NOTICE.1)), "a=%zz".to_owned()] {
        assert!(matches!(read(NoticeKind::Pay, &unreadable), Err(NoticeError::Unreadable(_))));
    }
    assert_eq!(read(NoticeKind::Pay, ""), Err(NoticeError::Signature));
}

#[test]
fn an_audit_asks_for_a_verdict() {
    let fact = NoticeFact::RefundAudit { pay_no: PAY_NO.to_owned(), provider_refund_no: "152713835".to_owned() };
    assert_eq!(read(NoticeKind::Audit, &body(AUDIT.0, AUDIT.1)).unwrap(), std::slice::from_ref(&fact));
    assert_eq!(read(NoticeKind::Audit, &signed(AUDIT.0, &[("applyRefundMoney", "100")])).unwrap(), [fact]);
    let outcome = read(NoticeKind::Audit, &body(REFUND_RESULT.0, REFUND_RESULT.1));
    assert!(matches!(outcome, Err(NoticeError::Unreadable(_))), "an outcome is no question: {outcome:?}");
    let question = read(NoticeKind::Refund, &body(AUDIT.0, AUDIT.1));
    assert!(matches!(question, Err(NoticeError::Unreadable(_))), "a question is no outcome: {question:?}");
}

#[test]
fn an_outcome_names_the_refund_by_baidus_number() {
    let number = || Some("152713835".to_owned());
    let outcome = |changes: &[(&str, &str)]| match read(NoticeKind::Refund, &signed(REFUND_RESULT.0, changes)).unwrap().remove(0)
    {
        NoticeFact::ProviderRefund { pay_no, provider_refund_no, remote } => {
            assert_eq!(provider_refund_no, "152713835");
            (pay_no, remote)
        }
        other => panic!("{other:?}"),
    };
    let done = RemoteRefund::Succeeded { provider_refund_no: number(), succeeded_at: None };
    let vector = read(NoticeKind::Refund, &body(REFUND_RESULT.0, REFUND_RESULT.1)).unwrap();
    assert!(matches!(&vector[..], [NoticeFact::ProviderRefund { remote, .. }] if *remote == done));
    assert_eq!(outcome(&[("tpOrderId", "-"), ("userId", "-")]), (None, done));
    // Failed is 2 here, 3 in the newer query and 9 in the older one.
    assert!(matches!(outcome(&[("refundStatus", "2")]).1, RemoteRefund::Failed { .. }));
    for other in ["3", "9"] {
        let pending = RemoteRefund::Processing { provider_refund_no: number() };
        assert_eq!(outcome(&[("refundStatus", other)]), (Some(PAY_NO.to_owned()), pending));
    }
}

#[test]
fn replies_are_exactly_what_baidu_expects() {
    use NoticeKind::{Audit, Pay, Refund};
    let fail = r#"{"errno":100,"msg":"fail"}"#;
    for (kind, outcome, expected) in [
        (Pay, NoticeOutcome::Accepted, r#"{"errno":0,"msg":"success","data":{"isConsumed":2}}"#),
        (Refund, NoticeOutcome::Accepted, r#"{"errno":0,"msg":"success","data":{}}"#),
        (
            Audit,
            NoticeOutcome::Audited(Verdict::Approve(fen(100))),
            r#"{"errno":0,"msg":"success","data":{"auditStatus":1,"calculateRes":{"refundPayMoney":100}}}"#,
        ),
        (
            Audit,
            NoticeOutcome::Audited(Verdict::Reject),
            r#"{"errno":0,"msg":"success","data":{"auditStatus":2,"calculateRes":{"refundPayMoney":0}}}"#,
        ),
        (Audit, NoticeOutcome::Audited(Verdict::Undecided), r#"{"errno":0,"msg":"success","data":{"auditStatus":3}}"#),
        (Pay, NoticeOutcome::Refused, fail),
        (Pay, NoticeOutcome::Unavailable, fail),
        (Refund, NoticeOutcome::Refused, fail),
        (Audit, NoticeOutcome::Unavailable, fail),
    ] {
        let answer = notice::answer(kind, outcome);
        assert_eq!(answer.body, expected, "{kind:?} {outcome:?}");
        assert_eq!((answer.status, answer.content_type), (200, "application/json; charset=utf-8"));
        assert!(!answer.body.contains("isErrorOrder"));
    }
}
