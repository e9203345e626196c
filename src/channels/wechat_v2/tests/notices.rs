//! What comes in without being asked for.

use super::*;

fn channel() -> Arc<dyn Channel> {
    open_at("http://127.0.0.1:9", &[]).unwrap()
}

fn read(channel: &dyn Channel, kind: NoticeKind, body: impl AsRef<[u8]>) -> Result<Vec<NoticeFact>, NoticeError> {
    channel.read_notice(&RawNotice { kind, headers: &[], query: "", body: body.as_ref(), now_ms: NOON })
}

/// A notice with two coupons, CDATA and bare text mixed.
const PUBLISHED: &str = "<xml><appid><![CDATA[wx8888888888888888]]></appid>
<bank_type><![CDATA[OTHERS]]></bank_type>
<cash_fee><![CDATA[80]]></cash_fee>
<coupon_count><![CDATA[2]]></coupon_count>
<coupon_fee>20</coupon_fee>
<coupon_fee_0><![CDATA[10]]></coupon_fee_0>
<coupon_fee_1><![CDATA[10]]></coupon_fee_1>
<coupon_id_0><![CDATA[10001]]></coupon_id_0>
<coupon_id_1><![CDATA[10002]]></coupon_id_1>
<coupon_type_0><![CDATA[CASH]]></coupon_type_0>
<coupon_type_1><![CDATA[NO_CASH]]></coupon_type_1>
<fee_type><![CDATA[CNY]]></fee_type>
<is_subscribe><![CDATA[N]]></is_subscribe>
<mch_id><![CDATA[1900000109]]></mch_id>
<nonce_str><![CDATA[b7ffb16a7150cf08639db472c5f5bdae]]></nonce_str>
<openid><![CDATA[oUpF8uMuAJO_M2pxb1Q9zNjWeS6o]]></openid>
<out_trade_no><![CDATA[CS20240601000001]]></out_trade_no>
<result_code><![CDATA[SUCCESS]]></result_code>
<return_code><![CDATA[SUCCESS]]></return_code>
<settlement_total_fee>90</settlement_total_fee>
<sign><![CDATA[3F02C8B330E552D7D30509B5E800CC9D]]></sign>
<time_end><![CDATA[20240601120130]]></time_end>
<total_fee>100</total_fee>
<trade_type><![CDATA[NATIVE]]></trade_type>
<transaction_id><![CDATA[4200002024060100000000000001]]></transaction_id>
</xml>
";

const PUBLISHED_HMAC: &str = "9DBE0974A67592406E8659A6688FD025F83675424E1D9997BD5678ED9E4915DB";

fn published_fact() -> NoticeFact {
    let paid = Paid {
        trade_no: "4200002024060100000000000001".to_owned(),
        amount: Amount::from_fen(100).unwrap(),
        payer: Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned()),
        paid_at: Some(NOON + 90_000),
    };
    NoticeFact::Payment { pay_no: "CS20240601000001".to_owned(), remote: Remote::Paid(paid) }
}

#[test]
fn the_published_notice_tells_the_total_not_the_cash() {
    assert_eq!(read(&*channel(), NoticeKind::Pay, PUBLISHED), Ok(vec![published_fact()]));
    let hmac = open_at("http://127.0.0.1:9", &[("sign_type", "HMAC-SHA256")]).unwrap();
    let body = PUBLISHED.replace("3F02C8B330E552D7D30509B5E800CC9D", PUBLISHED_HMAC);
    assert_eq!(read(&*hmac, NoticeKind::Pay, &body), Ok(vec![published_fact()]));
    assert_eq!(read(&*hmac, NoticeKind::Pay, PUBLISHED), Err(NoticeError::Signature), "MD5 on an HMAC channel");
    assert_eq!(read(&*channel(), NoticeKind::Pay, &body), Err(NoticeError::Signature), "HMAC on an MD5 channel");
}

#[test]
fn a_declaration_or_other_spacing_changes_nothing() {
    for body in [
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{PUBLISHED}"),
        PUBLISHED.replace('\n', ""),
        PUBLISHED.replace("<![CDATA[", "").replace("]]>", ""),
        PUBLISHED.replace('\n', "\r\n\t"),
    ] {
        assert_eq!(read(&*channel(), NoticeKind::Pay, &body), Ok(vec![published_fact()]));
    }
}

#[test]
fn tampered_notices_are_refused() {
    for (what, body) in [
        ("amount", PUBLISHED.replace("<total_fee>100<", "<total_fee>1<")),
        ("number", PUBLISHED.replace("CS20240601000001", "CS20240601000002")),
        ("coupon", PUBLISHED.replace("<coupon_fee_1><![CDATA[10]]>", "<coupon_fee_1><![CDATA[11]]>")),
        ("white space inside a value", PUBLISHED.replace("[OTHERS]", "[OTHERS ]")),
        ("field added", PUBLISHED.replace("</xml>", "<extra>1</extra></xml>")),
        ("field removed", PUBLISHED.replace("<coupon_fee>20</coupon_fee>", "")),
        ("sign removed", PUBLISHED.replace("<sign><![CDATA[3F02C8B330E552D7D30509B5E800CC9D]]></sign>", "")),
        ("sign empty", PUBLISHED.replace("3F02C8B330E552D7D30509B5E800CC9D", "")),
        ("sign cut", PUBLISHED.replace("3F02C8B330E552D7D30509B5E800CC9D", "3F02C8B330E552D7")),
        ("sign_type added", PUBLISHED.replace("</xml>", "<sign_type>MD5</sign_type></xml>")),
    ] {
        assert_eq!(read(&*channel(), NoticeKind::Pay, &body), Err(NoticeError::Signature), "{what}");
    }
}

#[test]
fn dangerous_and_ambiguous_messages_are_unreadable() {
    let entity = "<!DOCTYPE xml [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    for (what, body) in [
        ("document type", format!("{entity}{PUBLISHED}")),
        ("entity", PUBLISHED.replace("[OTHERS]", "]]>&e;<![CDATA[")),
        ("doubled element", PUBLISHED.replace("</xml>", "<total_fee>100</total_fee></xml>")),
        ("nesting", PUBLISHED.replace("<total_fee>100</total_fee>", "<total_fee><x>100</x></total_fee>")),
        ("comment", PUBLISHED.replace("<total_fee>100", "<total_fee>10<!-- -->0")),
        ("truncated", PUBLISHED[..PUBLISHED.len() - 10].to_owned()),
        ("too large", format!("{PUBLISHED}{}", " ".repeat(70_000))),
        ("empty", String::new()),
        ("form", "out_trade_no=1&sign=2".to_owned()),
        ("failure", PUBLISHED.replace("<return_code><![CDATA[SUCCESS]]>", "<return_code><![CDATA[FAIL]]>")),
    ] {
        assert!(matches!(read(&*channel(), NoticeKind::Pay, &body), Err(NoticeError::Unreadable(_))), "{what}");
    }
    assert!(matches!(read(&*channel(), NoticeKind::Audit, PUBLISHED), Err(NoticeError::Unreadable(_))));
}

fn notice(pairs: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("out_trade_no", PAY_NO),
        ("transaction_id", "42000"),
        ("total_fee", "100"),
        ("cash_fee", "100"),
        ("time_end", "20240601120130"),
    ];
    all.extend_from_slice(pairs);
    to_xml(&signed_map(&all))
}

#[test]
fn a_sign_type_that_was_signed_too_is_accepted() {
    let facts = read(&*channel(), NoticeKind::Pay, notice(&[("sign_type", "MD5")])).unwrap();
    assert!(matches!(&facts[0], NoticeFact::Payment { pay_no, .. } if pay_no == PAY_NO));
}

#[test]
fn rightly_signed_notices_for_others_are_told_so() {
    for (pairs, name) in [
        (("appid", "wx0000000000000000"), "appid"),
        (("appid", ""), "appid"),
        (("mch_id", "1900000110"), "mch_id"),
        (("mch_id", ""), "mch_id"),
        (("sub_mch_id", "1900000111"), "sub_mch_id"),
    ] {
        assert_eq!(read(&*channel(), NoticeKind::Pay, notice(&[pairs])), Err(NoticeError::WrongAccount(name.to_owned())));
    }
    let sub = open_at("http://127.0.0.1:9", &[("sub_mch_id", "1900000110"), ("sub_appid", "wx9")]).unwrap();
    let ours = notice(&[("sub_mch_id", "1900000110"), ("sub_appid", "wx9")]);
    assert!(read(&*sub, NoticeKind::Pay, ours).is_ok());
    for (body, name) in [
        (notice(&[]), "sub_mch_id"),
        (notice(&[("sub_mch_id", "1900000111")]), "sub_mch_id"),
        (notice(&[("sub_mch_id", "1900000110"), ("sub_appid", "wx8")]), "sub_appid"),
    ] {
        assert_eq!(read(&*sub, NoticeKind::Pay, body), Err(NoticeError::WrongAccount(name.to_owned())));
    }
}

#[test]
fn verified_notices_without_usable_facts_are_unreadable() {
    for pair in [
        ("out_trade_no", ""),
        ("transaction_id", ""),
        ("total_fee", ""),
        ("total_fee", "1.00"),
        ("total_fee", "-1"),
        ("fee_type", "USD"),
    ] {
        assert!(matches!(read(&*channel(), NoticeKind::Pay, notice(&[pair])), Err(NoticeError::Unreadable(_))), "{pair:?}");
    }
}

#[test]
fn a_failed_attempt_is_no_news_about_the_payment() {
    let body = notice(&[("result_code", "FAIL"), ("err_code", "NOTENOUGH")]);
    assert_eq!(read(&*channel(), NoticeKind::Pay, body), Ok(vec![NoticeFact::Nothing]));
}

fn refund_notice(pairs: &[(&str, &str)]) -> String {
    let mut fields = map(&[
        ("return_code", "SUCCESS"),
        ("appid", APPID),
        ("mch_id", MCH_ID),
        ("nonce_str", "n"),
        ("req_info", sign::tests::FULL.1),
    ]);
    fields.extend(map(pairs));
    fields.retain(|_, v| !v.is_empty());
    to_xml(&fields)
}

#[test]
fn a_refund_notice_only_makes_us_ask() {
    let facts = read(&*channel(), NoticeKind::Refund, refund_notice(&[]));
    assert_eq!(facts, Ok(vec![NoticeFact::AskRefund { refund_no: "RF20240601000001".to_owned() }]));
}

#[test]
fn a_refund_notice_of_another_key_is_not_verified() {
    let plain = "<root><out_refund_no>RF1</out_refund_no></root>";
    for info in
        [sign::tests::seal(plain, "another_key_another_key_another_"), "AAAA".to_owned(), sign::tests::seal("garbage", KEY)]
    {
        assert_eq!(read(&*channel(), NoticeKind::Refund, refund_notice(&[("req_info", &info)])), Err(NoticeError::Signature));
    }
}

#[test]
fn broken_refund_notices_are_told_apart() {
    let nameless = sign::tests::seal("<root><refund_status>SUCCESS</refund_status></root>", KEY);
    for pair in [("return_code", "FAIL"), ("req_info", ""), ("req_info", nameless.as_str())] {
        assert!(
            matches!(read(&*channel(), NoticeKind::Refund, refund_notice(&[pair])), Err(NoticeError::Unreadable(_))),
            "{pair:?}"
        );
    }
    for (pair, name) in [(("appid", "wx0"), "appid"), (("mch_id", "1"), "mch_id"), (("mch_id", ""), "mch_id")] {
        assert_eq!(
            read(&*channel(), NoticeKind::Refund, refund_notice(&[pair])),
            Err(NoticeError::WrongAccount(name.to_owned()))
        );
    }
}

#[test]
fn acknowledgements_are_exact() {
    let channel = channel();
    for kind in [NoticeKind::Pay, NoticeKind::Refund] {
        let answer = channel.answer(kind, NoticeOutcome::Accepted);
        let body = "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>";
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
        for outcome in [NoticeOutcome::Refused, NoticeOutcome::Unavailable] {
            let fields = xml::read(channel.answer(kind, outcome).body.as_bytes(), "xml").unwrap();
            assert_eq!(fields["return_code"], "FAIL");
            assert!(!fields["return_msg"].is_empty());
        }
    }
}
