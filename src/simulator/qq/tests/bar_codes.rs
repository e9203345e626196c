//! Payment codes and reverse.

use super::{Bench, Fields, NO, fault};
use serde_json::json;

fn fields<'a>(number: &'a str, auth_code: &'a str) -> Vec<(&'a str, &'a str)> {
    Bench::order_fields(&[
        ("out_trade_no", number),
        ("trade_type", "MICROPAY"),
        ("device_info", "TILL-7"),
        ("auth_code", auth_code),
    ])
}

async fn micropay(bench: &Bench, number: &str, auth_code: &str) -> Fields {
    bench.call("micro_pay", &fields(number, auth_code)).await
}

async fn issued(bench: &Bench, behaviour: &str) -> String {
    let (_, answer) = bench.json("/wallet/codes", json!({ "kind": "qq", "behaviour": behaviour })).await;
    answer["auth_code"].as_str().expect("a code").to_owned()
}

async fn reverse(bench: &Bench, number: &str) -> Fields {
    bench.operate("reverse", &[("out_trade_no", number)]).await
}

#[tokio::test]
async fn a_payment_code_pays_at_once_and_once() {
    let bench = Bench::new();
    let code = issued(&bench, "ok").await;
    assert!(code.len() == 18 && code.starts_with("91"));
    let reply = micropay(&bench, "BAR-01", &code).await;
    let of = |name: &str| reply[name].as_str();
    assert_eq!((fault(&reply), of("trade_state"), of("trade_type"), of("total_fee")), ("", "SUCCESS", "MICROPAY", "888"));
    assert_eq!(fault(&micropay(&bench, "BAR-01", &code).await), "ORDERPAID");
    assert_eq!(fault(&micropay(&bench, "BAR-02", &code).await), "AUTH_CODE_ERROR");
    let other = issued(&bench, "ok").await;
    assert_eq!(fault(&micropay(&bench, "BAR-01", &other).await), "OUT_TRADE_NO_USED");
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", "BAR-01")]).await), "PARAM_ERROR");
}

#[tokio::test]
async fn device_address_and_code_are_wanted() {
    let bench = Bench::new();
    for (changed, expected) in [
        (("device_info", ""), "LACK_PARAMS"),
        (("notify_url", ""), "LACK_PARAMS"),
        (("fee_type", ""), "LACK_PARAMS"),
        (("trade_type", ""), "LACK_PARAMS"),
        (("trade_type", "NATIVE"), "PARAM_ERROR"),
        (("auth_code", ""), "LACK_PARAMS"),
        (("auth_code", "134567890123456789"), "AUTH_CODE_INVALID"),
        (("auth_code", "9112345678901234"), "AUTH_CODE_INVALID"),
        (("auth_code", "91123456789012345a"), "AUTH_CODE_INVALID"),
    ] {
        let mut all = fields("BAR-01", "911234567890123456");
        all.retain(|(name, _)| *name != changed.0);
        all.push(changed);
        assert_eq!(fault(&bench.call("micro_pay", &all).await), expected, "{changed:?}");
    }
    assert_eq!(bench.simulator.book()["trades"], json!([]));
}

#[tokio::test]
async fn a_payment_code_lives_a_minute() {
    let bench = Bench::new();
    let code = issued(&bench, "ok").await;
    bench.advance(60);
    assert_eq!(fault(&micropay(&bench, "BAR-01", &code).await), "AUTHCODEEXPIRE");
    assert_eq!(fault(&bench.query("BAR-01").await), "ORDERNOTEXIST");
}

#[tokio::test]
async fn printed_codes_do_what_their_last_digits_say() {
    let bench = Bench::new();
    for (digits, answer, state) in [
        ("89", "", "SUCCESS"),
        ("00", "AUTHCODEEXPIRE", ""),
        ("01", "USERPAYING", "USERPAYING"),
        ("02", "NOTENOUGH", "CLOSED"),
        ("03", "SYSTEMERROR", "SUCCESS"),
        ("04", "SYSTEMERROR", "CLOSED"),
        ("05", "USERPAYING", "USERPAYING"),
        ("06", "AUTH_CODE_ERROR", ""),
    ] {
        let number = format!("PRINTED-{digits}");
        let reply = micropay(&bench, &number, &format!("9145678901234567{digits}")).await;
        assert_eq!(fault(&reply), answer, "{digits}");
        let found = bench.query(&number).await;
        assert_eq!(found.get("trade_state").map(String::as_str).unwrap_or_default(), state, "{digits}");
    }
    bench.pass(60).await;
    assert_eq!(bench.query("PRINTED-01").await["trade_state"], "SUCCESS");
    assert_eq!(bench.query("PRINTED-05").await["trade_state"], "USERPAYING");
    bench.advance(7 * 24 * 3600);
    assert_eq!(bench.query("PRINTED-05").await["trade_state"], "CLOSED");
}

#[tokio::test]
async fn a_password_is_typed_by_and_by_or_when_told() {
    let bench = Bench::new();
    for number in ["BAR-01", "BAR-02"] {
        let code = issued(&bench, "password").await;
        assert_eq!(fault(&micropay(&bench, number, &code).await), "USERPAYING");
    }
    assert_eq!(bench.pay("BAR-02", "ok").await.1["ok"], true);
    assert_eq!(bench.query("BAR-02").await["trade_state"], "SUCCESS");
    assert_eq!(bench.query("BAR-01").await["trade_state"], "USERPAYING");
    bench.pass(10).await;
    assert_eq!(bench.query("BAR-01").await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn reverse_waits_five_minutes_and_gives_the_money_back() {
    let bench = Bench::new();
    let code = issued(&bench, "ok").await;
    micropay(&bench, "BAR-01", &code).await;
    bench.advance(299);
    let early = reverse(&bench, "BAR-01").await;
    assert_eq!((fault(&early), early["recall"].as_str()), ("USERPAYING", "Y"));
    bench.advance(1);
    let done = reverse(&bench, "BAR-01").await;
    assert_eq!((fault(&done), done["recall"].as_str()), ("", "N"));
    assert_eq!(fault(&reverse(&bench, "BAR-01").await), "");
    assert_eq!(bench.query("BAR-01").await["trade_state"], "REVOKED");
    let book = bench.simulator.book();
    assert_eq!((&book["trades"][0]["state"], &book["trades"][0]["refunded_amount"]), (&json!("reversed"), &json!(888)));
}

#[tokio::test]
async fn only_payment_code_trades_are_reversed_and_only_by_an_operator() {
    let bench = Bench::new();
    bench.order(&[]).await;
    assert_eq!(fault(&reverse(&bench, NO).await), "PARAM_ERROR");
    assert_eq!(fault(&reverse(&bench, "NO-SUCH-ORDER").await), "ORDERNOTEXIST");
    let code = issued(&bench, "ok").await;
    micropay(&bench, "BAR-01", &code).await;
    bench.advance(300);
    assert_eq!(fault(&bench.call("reverse", &[("out_trade_no", "BAR-01")]).await), "LACK_PARAMS");
    let wrong = [("out_trade_no", "BAR-01"), ("op_user_passwd", "96e79218965eb72c92a549dd5a330112")];
    assert_eq!(fault(&bench.operate("reverse", &wrong).await), "PARAM_ERROR");
    assert_eq!(bench.query("BAR-01").await["trade_state"], "SUCCESS");
}
