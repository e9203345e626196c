//! Bar codes and reverse.

use super::{Bench, Fields, fault};
use serde_json::json;

async fn micropay(bench: &Bench, number: &str, auth_code: &str) -> Fields {
    let fields = [
        ("body", "茶壶"),
        ("out_trade_no", number),
        ("total_fee", "100"),
        ("spbill_create_ip", "203.0.113.7"),
        ("auth_code", auth_code),
    ];
    bench.call("/pay/micropay", &fields).await
}

async fn issued(bench: &Bench, behaviour: &str) -> String {
    let (_, answer) = bench.json("/wallet/codes", json!({ "kind": "wechat_v2", "behaviour": behaviour })).await;
    answer["auth_code"].as_str().expect("a code").to_owned()
}

async fn reverse(bench: &Bench, number: &str) -> Fields {
    bench.call("/secapi/pay/reverse", &[("out_trade_no", number)]).await
}

#[tokio::test]
async fn a_bar_code_pays_at_once_and_once() {
    let bench = Bench::new();
    let code = issued(&bench, "ok").await;
    let reply = micropay(&bench, "BAR-01", &code).await;
    assert_eq!((fault(&reply), reply["trade_type"].as_str(), reply["total_fee"].as_str()), ("", "MICROPAY", "100"));
    assert_eq!(fault(&micropay(&bench, "BAR-01", &code).await), "ORDERPAID");
    assert_eq!(fault(&micropay(&bench, "BAR-02", &code).await), "AUTH_CODE_ERROR");
    let other = issued(&bench, "ok").await;
    assert_eq!(fault(&micropay(&bench, "BAR-01", &other).await), "OUT_TRADE_NO_USED");
    assert_eq!(fault(&bench.call("/pay/closeorder", &[("out_trade_no", "BAR-01")]).await), "TRADE_STATE_ERROR");
}

#[tokio::test]
async fn a_bar_code_lives_a_minute() {
    let bench = Bench::new();
    let code = issued(&bench, "ok").await;
    bench.advance(60);
    assert_eq!(fault(&micropay(&bench, "BAR-01", &code).await), "AUTHCODEEXPIRE");
    assert_eq!(fault(&bench.query("BAR-01").await), "ORDERNOTEXIST");
}

#[tokio::test]
async fn codes_of_other_wallets_are_not_valid() {
    let bench = Bench::new();
    for code in ["280000000000000007", "1300000000000000", "16000000000000000a", "160000000000000007"] {
        assert_eq!(fault(&micropay(&bench, "BAR-01", code).await), "AUTH_CODE_INVALID", "{code}");
    }
}

#[tokio::test]
async fn printed_codes_do_what_their_last_digits_say() {
    let bench = Bench::new();
    for (digits, answer, state) in [
        ("89", "", "SUCCESS"),
        ("00", "AUTHCODEEXPIRE", ""),
        ("01", "USERPAYING", "USERPAYING"),
        ("02", "NOTENOUGH", "PAYERROR"),
        ("03", "SYSTEMERROR", "SUCCESS"),
        ("04", "BANKERROR", "PAYERROR"),
        ("05", "USERPAYING", "USERPAYING"),
        ("06", "AUTH_CODE_ERROR", ""),
    ] {
        let number = format!("PRINTED-{digits}");
        let reply = micropay(&bench, &number, &format!("1345678901234567{digits}")).await;
        assert_eq!(fault(&reply), answer, "{digits}");
        let found = bench.query(&number).await;
        assert_eq!(found.get("trade_state").map(String::as_str).unwrap_or_default(), state, "{digits}");
    }
}

#[tokio::test]
async fn a_password_is_typed_by_and_by_or_when_told() {
    let bench = Bench::new();
    let code = issued(&bench, "password").await;
    assert_eq!(fault(&micropay(&bench, "BAR-01", &code).await), "USERPAYING");
    assert_eq!(bench.query("BAR-01").await["trade_state"], "USERPAYING");
    let code = issued(&bench, "password").await;
    assert_eq!(fault(&micropay(&bench, "BAR-02", &code).await), "USERPAYING");
    assert_eq!(bench.pay("BAR-02", "ok").await.1["ok"], true);
    assert_eq!(bench.query("BAR-02").await["trade_state"], "SUCCESS");
    bench.advance(10);
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.query("BAR-01").await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn reverse_waits_fifteen_seconds_and_gives_the_money_back() {
    let bench = Bench::new();
    let code = issued(&bench, "ok").await;
    micropay(&bench, "BAR-01", &code).await;
    let early = reverse(&bench, "BAR-01").await;
    assert_eq!((fault(&early), early["recall"].as_str()), ("USERPAYING", "Y"));
    bench.advance(15);
    let done = reverse(&bench, "BAR-01").await;
    assert_eq!((fault(&done), done["recall"].as_str()), ("", "N"));
    assert_eq!(fault(&reverse(&bench, "BAR-01").await), "");
    assert_eq!(bench.query("BAR-01").await["trade_state"], "REVOKED");
    let book = bench.simulator.book();
    assert_eq!((&book["trades"][0]["state"], &book["trades"][0]["refunded_amount"]), (&json!("reversed"), &json!(100)));
    assert_eq!(fault(&micropay(&bench, "BAR-01", &code).await), "ORDERREVERSED");
}

#[tokio::test]
async fn only_bar_code_trades_of_a_week_can_be_reversed() {
    let bench = Bench::new();
    bench.order(&[]).await;
    assert_eq!(fault(&reverse(&bench, "CS20240601000001").await), "TRADE_ERROR");
    let code = issued(&bench, "ok").await;
    micropay(&bench, "BAR-01", &code).await;
    bench.advance(7 * 24 * 3600 + 1);
    assert_eq!(fault(&reverse(&bench, "BAR-01").await), "REVERSE_EXPIRE");
    assert_eq!(fault(&reverse(&bench, "NO-SUCH-ORDER").await), "ORDERNOTEXIST");
}
