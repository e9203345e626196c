//! What comes in without being asked for.

use super::*;

fn channel() -> Arc<dyn Channel> {
    open_at("http://127.0.0.1:9", &[]).unwrap()
}

fn read(channel: &dyn Channel, kind: NoticeKind, body: impl AsRef<[u8]>) -> Result<Vec<NoticeFact>, NoticeError> {
    channel.read_notice(&RawNotice { kind, headers: &[], query: "", body: body.as_ref(), now_ms: NOON })
}

/// With a declaration and an empty field, and without any result code.
const RECORDED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>
<xml>
<appid><![CDATA[100619284]]></appid>
<mch_id><![CDATA[1900000109]]></mch_id>
<nonce_str><![CDATA[30a8ffd4c3bb1c8a0a5e6e1a5e1f2b3c]]></nonce_str>
<device_info><![CDATA[WP00000001]]></device_info>
<trade_type><![CDATA[NATIVE]]></trade_type>
<trade_state><![CDATA[SUCCESS]]></trade_state>
<bank_type><![CDATA[BALANCE]]></bank_type>
<fee_type><![CDATA[CNY]]></fee_type>
<total_fee><![CDATA[888]]></total_fee>
<cash_fee><![CDATA[800]]></cash_fee>
<coupon_fee><![CDATA[88]]></coupon_fee>
<transaction_id><![CDATA[1353933301461607211903715555]]></transaction_id>
<out_trade_no><![CDATA[CS20240601000001]]></out_trade_no>
<attach><![CDATA[]]></attach>
<time_end><![CDATA[20240601120130]]></time_end>
<openid><![CDATA[9E2C4D5A1B7F4E0C8A6D3B2F1C0E9D8A]]></openid>
<sign><![CDATA[3BEFC491B961F42BCB5C74C9C78DD0C4]]></sign>
</xml>";

const SIGN: &str = "3BEFC491B961F42BCB5C74C9C78DD0C4";

fn recorded_fact() -> NoticeFact {
    let paid = Paid {
        trade_no: TRADE_NO.to_owned(),
        amount: Amount::from_fen(888).unwrap(),
        payer: Some("9E2C4D5A1B7F4E0C8A6D3B2F1C0E9D8A".to_owned()),
        paid_at: Some(NOON + 90_000),
    };
    NoticeFact::Payment { pay_no: "CS20240601000001".to_owned(), remote: Remote::Paid(paid) }
}

#[test]
fn a_notice_without_result_codes_tells_the_total_not_the_cash() {
    assert_eq!(read(&*channel(), NoticeKind::Pay, RECORDED), Ok(vec![recorded_fact()]));
}

#[test]
fn spacing_case_and_a_channel_without_app_change_nothing() {
    for body in [
        RECORDED.replace('\n', ""),
        RECORDED.replace("<![CDATA[", "").replace("]]>", ""),
        RECORDED.replace("<attach><![CDATA[]]></attach>", ""),
        RECORDED.replace(SIGN, &SIGN.to_ascii_lowercase()),
    ] {
        assert_eq!(read(&*channel(), NoticeKind::Pay, &body), Ok(vec![recorded_fact()]));
    }
    let without_app = open_at("http://127.0.0.1:9", &[("appid", "")]).unwrap();
    assert_eq!(read(&*without_app, NoticeKind::Pay, RECORDED), Ok(vec![recorded_fact()]));
}

#[test]
fn tampered_notices_are_refused() {
    for (what, body) in [
        ("amount", RECORDED.replace("[888]", "[1]")),
        ("number", RECORDED.replace("CS20240601000001", "CS20240601000002")),
        ("white space inside a value", RECORDED.replace("[BALANCE]", "[BALANCE ]")),
        ("field added", RECORDED.replace("</xml>", "<extra>1</extra></xml>")),
        ("field removed", RECORDED.replace("<coupon_fee><![CDATA[88]]></coupon_fee>", "")),
        ("sign removed", RECORDED.replace(&format!("<sign><![CDATA[{SIGN}]]></sign>"), "")),
        ("sign empty", RECORDED.replace(SIGN, "")),
        ("sign cut", RECORDED.replace(SIGN, &SIGN[..16])),
    ] {
        assert_eq!(read(&*channel(), NoticeKind::Pay, &body), Err(NoticeError::Signature), "{what}");
    }
    let other = open_at("http://127.0.0.1:9", &[("key", "another_key_another_key_another_")]).unwrap();
    assert_eq!(read(&*other, NoticeKind::Pay, RECORDED), Err(NoticeError::Signature));
}

#[test]
fn dangerous_and_ambiguous_messages_are_unreadable() {
    let entity = RECORDED.replacen("<xml>", "<!DOCTYPE xml [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml>", 1);
    for (what, body) in [
        ("document type", entity),
        ("entity", RECORDED.replace("[BALANCE]", "]]>&e;<![CDATA[")),
        ("doubled element", RECORDED.replace("</xml>", "<total_fee>888</total_fee></xml>")),
        ("nesting", RECORDED.replace("<total_fee><![CDATA[888]]></total_fee>", "<total_fee><x>888</x></total_fee>")),
        ("comment", RECORDED.replace("<total_fee>", "<total_fee><!-- -->")),
        ("truncated", RECORDED[..RECORDED.len() - 10].to_owned()),
        ("too large", format!("{RECORDED}{}", " ".repeat(70_000))),
        ("empty", String::new()),
        ("form", "out_trade_no=1&sign=2".to_owned()),
    ] {
        assert!(matches!(read(&*channel(), NoticeKind::Pay, &body), Err(NoticeError::Unreadable(_))), "{what}");
    }
    for kind in [NoticeKind::Refund, NoticeKind::Audit] {
        assert!(matches!(read(&*channel(), kind, RECORDED), Err(NoticeError::Unreadable(_))), "there is no such notice");
    }
}

fn notice(pairs: &[(&str, &str)]) -> String {
    let common = map(&[
        ("appid", APPID),
        ("mch_id", MCH_ID),
        ("nonce_str", "n"),
        ("trade_type", "NATIVE"),
        ("trade_state", "SUCCESS"),
        ("fee_type", "CNY"),
        ("out_trade_no", PAY_NO),
        ("transaction_id", TRADE_NO),
        ("total_fee", "888"),
        ("cash_fee", "888"),
        ("time_end", "20240601120130"),
    ]);
    to_xml(&sealed(common, pairs))
}

#[test]
fn rightly_signed_notices_for_others_are_told_so() {
    for (pair, name) in [
        (("appid", "100000000"), "appid"),
        (("mch_id", "1900000110"), "mch_id"),
        (("mch_id", ""), "mch_id"),
        (("sub_mch_id", "1900000111"), "sub_mch_id"),
    ] {
        assert_eq!(read(&*channel(), NoticeKind::Pay, notice(&[pair])), Err(NoticeError::WrongAccount(name.to_owned())));
    }
    assert!(read(&*channel(), NoticeKind::Pay, notice(&[("appid", "")])).is_ok(), "the app's id is optional");
}

#[test]
fn verified_notices_without_usable_facts_are_unreadable() {
    for pair in [
        ("trade_state", ""),
        ("out_trade_no", ""),
        ("transaction_id", ""),
        ("total_fee", ""),
        ("total_fee", "8.88"),
        ("total_fee", "-1"),
        ("fee_type", "USD"),
    ] {
        assert!(matches!(read(&*channel(), NoticeKind::Pay, notice(&[pair])), Err(NoticeError::Unreadable(_))), "{pair:?}");
    }
}

#[test]
fn another_state_is_no_news_about_money() {
    for state in ["USERPAYING", "CLOSED", "NEVER_HEARD_OF"] {
        assert_eq!(read(&*channel(), NoticeKind::Pay, notice(&[("trade_state", state)])), Ok(vec![NoticeFact::Nothing]));
    }
}

#[test]
fn acknowledgements_are_exact() {
    let channel = channel();
    let body = |outcome| channel.answer(NoticeKind::Pay, outcome).body;
    assert_eq!(body(NoticeOutcome::Accepted), "<xml><return_code>SUCCESS</return_code></xml>");
    for outcome in [NoticeOutcome::Refused, NoticeOutcome::Unavailable] {
        let body = body(outcome);
        let fields = xml::read(body.as_bytes(), "xml").unwrap();
        let reason = &fields["return_msg"];
        assert_eq!(body, format!("<xml><return_code>FAIL</return_code><return_msg>{reason}</return_msg></xml>"));
        assert!(!reason.is_empty());
    }
    assert_eq!(channel.answer(NoticeKind::Pay, NoticeOutcome::Accepted).status, 200);
}
