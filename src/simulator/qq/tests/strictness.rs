//! What the provider refuses, and in which words.

use super::{Bench, fault, xml};
use axum::body::Body;
use axum::http::{Request, StatusCode};

const PATH: &str = "/cgi-bin/pay/qpay_order_query.cgi";

async fn refusal(bench: &Bench, body: impl Into<Body>) -> String {
    let (status, body) = bench.post(PATH, body).await;
    assert_eq!(status, StatusCode::OK);
    let reply = xml::read(&body, "xml").expect("XML");
    assert!(!reply.contains_key("sign"));
    fault(&reply).to_owned()
}

#[tokio::test]
async fn unreadable_messages_are_refused_without_a_signature() {
    let bench = Bench::new();
    assert_eq!(refusal(&bench, "").await, "post数据为空");
    assert_eq!(refusal(&bench, "{\"a\":1}").await, "XML格式错误");
    assert_eq!(refusal(&bench, "<!DOCTYPE x><xml></xml>").await, "XML格式错误");
    assert_eq!(refusal(&bench, b"<xml><mch_id>\xff</mch_id></xml>".as_slice()).await, "编码格式错误，请使用UTF-8编码格式");
    assert_eq!(refusal(&bench, "<xml></xml>").await, "缺少参数mch_id");
    let (_, body) = bench.raw(Request::get(PATH).body(Body::empty()).expect("request")).await;
    assert_eq!(fault(&xml::read(&body, "xml").expect("XML")), "请使用post方法");
}

#[tokio::test]
async fn a_signature_counts_in_either_case_and_over_every_field() {
    let bench = Bench::new();
    let good = bench.request(&[("out_trade_no", "CS20240601000001")]);
    let at = good.find("<sign><![CDATA[").expect("a signature") + 15;
    let lower = format!("{}{}{}", &good[..at], good[at..at + 32].to_ascii_lowercase(), &good[at + 32..]);
    for accepted in [good.clone(), lower, bench.request(&[("out_trade_no", "CS20240601000001"), ("new", "x")])] {
        let (_, body) = bench.post(PATH, accepted).await;
        assert_eq!(fault(&xml::read(&body, "xml").expect("XML")), "ORDERNOTEXIST");
    }
    let unsigned = format!("{}</xml>", good.split("<sign>").next().expect("a part"));
    let altered = good.replace("CS20240601000001", "CS20240601000002");
    let cut = format!("{}{}", &good[..at], &good[at + 16..]);
    for bad in [unsigned, altered, cut] {
        assert_eq!(refusal(&bench, bad).await, "签名错误");
    }
    assert_eq!(bench.simulator.book()["refusals"]["qq"]["签名错误"], 3);
}

#[tokio::test]
async fn identities_are_checked() {
    let bench = Bench::new();
    for (changed, expected) in [
        (("mch_id", "1400000000"), "商户号不存在"),
        (("appid", "100000000"), "appid和mch_id不匹配"),
        (("sub_mch_id", "1400000001"), "受理关系不存在"),
        (("nonce_str", ""), "缺少参数nonce_str"),
        (("nonce_str", "123456789012345678901234567890123"), "nonce_str参数长度有误"),
    ] {
        let reply = bench.call("order_query", &[("out_trade_no", "CS20240601000001"), changed]).await;
        assert_eq!(fault(&reply), expected, "{changed:?}");
    }
    assert_eq!(fault(&bench.call("order_query", &[]).await), "LACK_PARAMS");
}

#[tokio::test]
async fn fields_of_an_order_are_checked() {
    let bench = Bench::new();
    let long = "x".repeat(129);
    let cjk = "好".repeat(43);
    let address = format!("https://pay.example.com/{}", "n".repeat(240));
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("body", "")], "LACK_PARAMS"),
        (&[("body", &long)], "PARAM_ERROR"),
        (&[("body", &cjk)], "PARAM_ERROR"),
        (&[("body", "tea 🍵")], "PARAM_ERROR"),
        (&[("attach", &long)], "PARAM_ERROR"),
        (&[("out_trade_no", "")], "LACK_PARAMS"),
        (&[("out_trade_no", "123456789012345678901234567890123")], "PARAM_ERROR"),
        (&[("out_trade_no", "no space here")], "PARAM_ERROR"),
        (&[("out_trade_no", "订单编号123")], "PARAM_ERROR"),
        (&[("fee_type", "")], "LACK_PARAMS"),
        (&[("fee_type", "USD")], "PARAM_ERROR"),
        (&[("total_fee", "0")], "PARAM_ERROR"),
        (&[("total_fee", "-1")], "PARAM_ERROR"),
        (&[("total_fee", "8.88")], "PARAM_ERROR"),
        (&[("total_fee", "01")], "PARAM_ERROR"),
        (&[("total_fee", "")], "LACK_PARAMS"),
        (&[("spbill_create_ip", "")], "LACK_PARAMS"),
        (&[("spbill_create_ip", "2001:db8::1")], "PARAM_ERROR"),
        (&[("spbill_create_ip", "localhost")], "PARAM_ERROR"),
        (&[("notify_url", "")], "LACK_PARAMS"),
        (&[("notify_url", "https://pay.example.com/n?a=1")], "PARAM_ERROR"),
        (&[("notify_url", "/n")], "PARAM_ERROR"),
        (&[("notify_url", &address)], "PARAM_ERROR"),
        (&[("trade_type", "")], "LACK_PARAMS"),
        (&[("trade_type", "MWEB")], "PARAM_ERROR"),
        (&[("trade_type", "MICROPAY")], "PARAM_ERROR"),
        (&[("limit_pay", "no_money")], "PARAM_ERROR"),
        (&[("device_info", "123456789012345678901234567890123")], "PARAM_ERROR"),
        (&[("mini_app_param", "{")], "PARAM_ERROR"),
        (&[("time_expire", "20240601120000")], "PARAM_ERROR"),
        (&[("time_expire", "2024-06-01 13:00:00")], "PARAM_ERROR"),
        (&[("time_start", "20240601140000"), ("time_expire", "20240601130000")], "PARAM_ERROR"),
    ];
    for (changes, expected) in cases {
        assert_eq!(fault(&bench.order(changes).await), *expected, "{changes:?}");
    }
    assert_eq!(bench.simulator.book()["trades"].as_array().map(Vec::len), Some(0));
}
