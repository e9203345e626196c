//! Unified order: what each trade type yields, and the rules for submitting a number again; query and close.

use super::{Bench, NO, fault};

#[tokio::test]
async fn each_trade_type_yields_a_token_and_only_native_a_code() {
    let bench = Bench::new();
    let native = bench.order(&[]).await;
    assert_eq!(fault(&native), "");
    assert_eq!((native["retcode"].as_str(), native["retmsg"].as_str(), native["trade_type"].as_str()), ("0", "ok", "NATIVE"));
    let id = native["code_url"].strip_prefix("http://127.0.0.1:3100/qr/").expect("a code link");
    assert!(id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    let token = native["prepay_id"].as_bytes();
    assert!(token.len() == 32 && token[0] == b'5' && token[1].is_ascii_uppercase(), "{}", native["prepay_id"]);
    for trade_type in ["JSAPI", "APP", "MINIAPP"] {
        let reply = bench.order(&[("trade_type", trade_type), ("out_trade_no", trade_type)]).await;
        assert_eq!((fault(&reply), reply["trade_type"].as_str()), ("", trade_type));
        assert!(reply.contains_key("prepay_id") && !reply.contains_key("code_url"), "{trade_type}");
    }
}

#[tokio::test]
async fn a_code_needs_no_app_and_a_wallet_call_does() {
    let bench = Bench::new();
    let native = bench.order(&[("appid", "")]).await;
    assert_eq!(fault(&native), "");
    assert!(!native.contains_key("appid"));
    assert_eq!(fault(&bench.order(&[("appid", ""), ("trade_type", "JSAPI"), ("out_trade_no", "JS-1")]).await), "LACK_PARAMS");
}

#[tokio::test]
async fn the_same_order_again_gives_a_code_again() {
    let bench = Bench::new();
    bench.order(&[("time_expire", "20240601123000")]).await;
    // Chance and times may differ; the first time to pay stands.
    let again = bench.order(&[("time_expire", "20240601130000"), ("nonce_str", "another")]).await;
    assert_eq!(fault(&again), "");
    bench.advance(30 * 60);
    assert_eq!(bench.pay(&again["code_url"], "ok").await.1["error"], "expired");
    assert_eq!(bench.query(NO).await["trade_state"], "CLOSED");
}

#[tokio::test]
async fn the_same_number_with_another_order_is_refused() {
    let bench = Bench::new();
    bench.order(&[]).await;
    for change in
        [("total_fee", "889"), ("body", "x"), ("trade_type", "APP"), ("attach", "x"), ("notify_url", "https://b.example.com/n")]
    {
        assert_eq!(fault(&bench.order(&[change]).await), "OUT_TRADE_NO_USED", "{change:?}");
    }
    assert_eq!(fault(&bench.order(&[("out_trade_no", "cs20240601000001"), ("total_fee", "7")]).await), "", "case counts");
}

#[tokio::test]
async fn closing_ends_an_order_and_a_second_close_says_so() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    assert_eq!(bench.query(NO).await["trade_state"], "NOTPAY");
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", NO), ("total_fee", "1")]).await), "PARAM_ERROR");
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", NO), ("total_fee", "888")]).await), "");
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", NO)]).await), "ORDERCLOSED");
    assert_eq!(fault(&bench.order(&[]).await), "ORDERCLOSED");
    assert_eq!(bench.query(NO).await["trade_state"], "CLOSED");
    assert_eq!(bench.pay(&order["code_url"], "ok").await.1["error"], "closed");
    assert_eq!(fault(&bench.call("close_order", &[("out_trade_no", "NO-SUCH-ORDER")]).await), "ORDERNOTEXIST");
    assert_eq!(fault(&bench.query("NO-SUCH-ORDER").await), "ORDERNOTEXIST");
}
