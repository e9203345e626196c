//! Unified order: what each trade type yields, and the rules for submitting a number again.

use super::{Bench, fault};

#[tokio::test]
async fn each_trade_type_yields_its_own_code() {
    let bench = Bench::new();
    let native = bench.order(&[]).await;
    assert_eq!(fault(&native), "");
    assert!(native["code_url"].starts_with("weixin://wxpay/bizpayurl?pr="));
    assert!(native["prepay_id"].starts_with("wx20240601120000") && native["prepay_id"].len() == 36);
    assert!(!native.contains_key("mweb_url"));

    let scene = r#"{"h5_info":{"type":"Wap","wap_url":"https://pay.example.com","wap_name":"Example"}}"#;
    let h5 = bench.order(&[("trade_type", "MWEB"), ("out_trade_no", "H5-0001"), ("scene_info", scene)]).await;
    assert!(h5["mweb_url"].starts_with("http://127.0.0.1:3100/cgi-bin/mmpayweb-bin/checkmweb?prepay_id="));
    assert!(!h5.contains_key("code_url"));

    let jsapi =
        bench.order(&[("trade_type", "JSAPI"), ("out_trade_no", "JS-0001"), ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")]).await;
    assert_eq!((fault(&jsapi), jsapi["trade_type"].as_str()), ("", "JSAPI"));
    let app = bench.order(&[("trade_type", "APP"), ("out_trade_no", "APP-0001")]).await;
    assert_eq!((fault(&app), app["trade_type"].as_str()), ("", "APP"));
}

#[tokio::test]
async fn md5_orders_are_answered_in_md5() {
    let bench = Bench { algorithm: super::Algorithm::Md5, ..Bench::new() };
    let reply = bench.order(&[]).await;
    assert_eq!((fault(&reply), reply["sign"].len()), ("", 32));
}

#[tokio::test]
async fn the_same_order_again_gives_a_code_again() {
    let bench = Bench::new();
    bench.order(&[("time_expire", "20240601123000")]).await;
    // Chance and times may differ; the first time to pay stands.
    let again = bench.order(&[("time_expire", "20240601130000"), ("nonce_str", "another")]).await;
    assert_eq!(fault(&again), "");
    bench.advance(31 * 60);
    let (status, answer) = bench.pay(&again["code_url"], "ok").await;
    assert_eq!((status.as_u16(), answer["error"].as_str()), (409, Some("expired")));
}

#[tokio::test]
async fn the_same_number_with_another_order_is_refused() {
    let bench = Bench::new();
    bench.order(&[]).await;
    for change in
        [("total_fee", "101"), ("body", "x"), ("trade_type", "APP"), ("attach", "x"), ("notify_url", "https://b.example.com/n")]
    {
        let reply = bench.order(&[change]).await;
        assert_eq!((fault(&reply), reply["err_code_des"].as_str()), ("INVALID_REQUEST", "201 商户订单号重复"), "{change:?}");
    }
}

#[tokio::test]
async fn numbers_are_case_sensitive() {
    let bench = Bench::new();
    bench.order(&[("out_trade_no", "abcdef")]).await;
    assert_eq!(fault(&bench.order(&[("out_trade_no", "ABCDEF"), ("total_fee", "7")]).await), "");
}

#[tokio::test]
async fn closing_ends_an_order_and_a_second_close_says_so() {
    let bench = Bench::new();
    let order = bench.order(&[]).await;
    let number = [("out_trade_no", "CS20240601000001")];
    assert_eq!(fault(&bench.call("/pay/closeorder", &number).await), "");
    assert_eq!(fault(&bench.call("/pay/closeorder", &number).await), "ORDERCLOSED");
    assert_eq!(fault(&bench.order(&[]).await), "ORDERCLOSED");
    assert_eq!(bench.query("CS20240601000001").await["trade_state"], "CLOSED");
    assert_eq!(bench.pay(&order["code_url"], "ok").await.1["error"], "closed");
    assert_eq!(fault(&bench.call("/pay/closeorder", &[("out_trade_no", "NO-SUCH-ORDER")]).await), "ORDERNOTEXIST");
}

#[tokio::test]
async fn an_order_without_a_time_limit_closes_after_seven_days() {
    let bench = Bench::new();
    bench.order(&[]).await;
    bench.advance(7 * 24 * 3600 - 1);
    assert_eq!(bench.query("CS20240601000001").await["trade_state"], "NOTPAY");
    bench.advance(3600);
    assert_eq!(bench.query("CS20240601000001").await["trade_state"], "CLOSED");
}

#[tokio::test]
async fn a_sub_merchant_is_echoed_and_unknown_ones_are_refused() {
    let bench = Bench::new();
    let sub = format!("16{}", crate::simulator::Keys::new(Some(1)).digits("wechat_v2/sub_mch_id", 8));
    let reply = bench.order(&[("sub_mch_id", &sub)]).await;
    assert_eq!((fault(&reply), &reply["sub_mch_id"]), ("", &sub));
    assert_eq!(fault(&bench.order(&[("sub_mch_id", "1600000000")]).await), "受理关系不存在");
}
