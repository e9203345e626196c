//! What the provider refuses, and in which words.

use super::{Bench, fault};
use axum::body::Body;
use axum::http::{Request, StatusCode};

async fn refusal(bench: &Bench, path: &str, body: impl Into<Body>) -> String {
    let (status, body) = bench.post(path, body).await;
    assert_eq!(status, StatusCode::OK);
    fault(&super::xml::read(&body, "xml").expect("XML")).to_owned()
}

#[tokio::test]
async fn unreadable_messages_are_refused_without_a_signature() {
    let bench = Bench::new();
    let path = "/pay/orderquery";
    assert_eq!(refusal(&bench, path, "").await, "post数据为空");
    assert_eq!(refusal(&bench, path, "{\"a\":1}").await, "XML格式错误");
    assert_eq!(refusal(&bench, path, "<!DOCTYPE x><xml></xml>").await, "XML格式错误");
    assert_eq!(refusal(&bench, path, b"<xml><mch_id>\xff</mch_id></xml>".as_slice()).await, "编码格式错误，请使用UTF-8编码格式");
    assert_eq!(refusal(&bench, path, "<xml></xml>").await, "缺少参数mch_id");
    let (_, body) = bench.raw(Request::get(path).body(Body::empty()).expect("request")).await;
    let reply = super::xml::read(&body, "xml").expect("XML");
    assert_eq!((fault(&reply), reply.contains_key("sign")), ("请使用post方法", false));
}

#[tokio::test]
async fn a_wrong_signature_gets_the_documented_answer_and_is_counted() {
    let bench = Bench::new();
    let good = bench.request(&[("out_trade_no", "CS20240601000001")]);
    let documented = "<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[签名错误]]></return_msg></xml>";
    let lower = {
        let at = good.find("<sign><![CDATA[").expect("a signature") + 15;
        format!("{}{}{}", &good[..at], good[at..at + 64].to_ascii_lowercase(), &good[at + 64..])
    };
    let unsigned = format!("{}</xml>", good.split("<sign>").next().expect("a part"));
    for bad in [good.replace("CS20240601000001", "CS20240601000002"), lower, unsigned] {
        let (_, body) = bench.post("/pay/orderquery", bad).await;
        assert_eq!(std::str::from_utf8(&body), Ok(documented));
    }
    assert_eq!(bench.simulator.book()["refusals"]["wechat_v2"]["签名错误"], 3);
    // A field nobody knows belongs to the signature as well.
    assert_eq!(
        fault(&bench.call("/pay/orderquery", &[("out_trade_no", "CS20240601000001"), ("new", "x")]).await),
        "ORDERNOTEXIST"
    );
}

#[tokio::test]
async fn identities_are_checked() {
    let bench = Bench::new();
    for (changed, expected) in [
        (("mch_id", "1900000000"), "商户号mch_id或sub_mch_id不存在"),
        (("appid", "wx0000000000000000"), "APPID_MCHID_NOT_MATCH"),
        (("appid", "1234"), "APPID_NOT_EXIST"),
        (("sign_type", "SHA1"), "签名类型错误"),
        (("nonce_str", "123456789012345678901234567890123"), "nonce_str参数长度有误"),
    ] {
        let reply = bench.call("/pay/orderquery", &[("out_trade_no", "CS20240601000001"), changed]).await;
        assert_eq!(fault(&reply), expected, "{changed:?}");
    }
}

#[tokio::test]
async fn fields_of_an_order_are_checked() {
    let bench = Bench::new();
    let long = "x".repeat(128);
    let cjk = "好".repeat(43);
    let no_site = r#"{"h5_info":{"type":"Wap"}}"#;
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("body", "")], "LACK_PARAMS"),
        (&[("body", &long)], "PARAM_ERROR"),
        (&[("body", &cjk)], "PARAM_ERROR"),
        (&[("body", "tea 🍵")], "PARAM_ERROR"),
        (&[("attach", &long)], "PARAM_ERROR"),
        (&[("out_trade_no", "")], "LACK_PARAMS"),
        (&[("out_trade_no", "12345")], "PARAM_ERROR"),
        (&[("out_trade_no", "123456789012345678901234567890123")], "PARAM_ERROR"),
        (&[("out_trade_no", "no space here")], "PARAM_ERROR"),
        (&[("out_trade_no", "订单编号123")], "PARAM_ERROR"),
        (&[("total_fee", "0")], "PARAM_ERROR"),
        (&[("total_fee", "-1")], "PARAM_ERROR"),
        (&[("total_fee", "1.00")], "PARAM_ERROR"),
        (&[("total_fee", "01")], "PARAM_ERROR"),
        (&[("total_fee", "1e2")], "PARAM_ERROR"),
        (&[("total_fee", "")], "LACK_PARAMS"),
        (&[("fee_type", "USD")], "PARAM_ERROR"),
        (&[("spbill_create_ip", "")], "LACK_PARAMS"),
        (&[("spbill_create_ip", "localhost")], "PARAM_ERROR"),
        (&[("notify_url", "")], "LACK_PARAMS"),
        (&[("notify_url", "https://pay.example.com/n?a=1")], "PARAM_ERROR"),
        (&[("notify_url", "/n")], "PARAM_ERROR"),
        (&[("notify_url", "ftp://pay.example.com/n")], "PARAM_ERROR"),
        (&[("trade_type", "")], "LACK_PARAMS"),
        (&[("trade_type", "QR")], "PARAM_ERROR"),
        (&[("product_id", "")], "LACK_PARAMS"),
        (&[("trade_type", "JSAPI")], "PARAM_ERROR"),
        (&[("trade_type", "JSAPI"), ("openid", "not an id")], "PARAM_ERROR"),
        (&[("trade_type", "MWEB")], "LACK_PARAMS"),
        (&[("trade_type", "MWEB"), ("scene_info", "h5")], "PARAM_ERROR"),
        (&[("trade_type", "MWEB"), ("scene_info", no_site)], "PARAM_ERROR"),
        (&[("detail", "{")], "PARAM_ERROR"),
        (&[("time_expire", "20240601115959")], "PARAM_ERROR"),
        (&[("time_expire", "20240601120050")], "PARAM_ERROR"),
        (&[("time_expire", "2024-06-01 13:00:00")], "PARAM_ERROR"),
        (&[("time_start", "20240601140000"), ("time_expire", "20240601130000")], "PARAM_ERROR"),
    ];
    for (changes, expected) in cases {
        let reply = bench.order(changes).await;
        assert_eq!(fault(&reply), *expected, "{changes:?}");
    }
    assert_eq!(bench.simulator.book()["trades"], serde_json::json!([]));
    for changes in [
        [("time_expire", "20240601120100"), ("out_trade_no", "EDGE-1")],
        [("spbill_create_ip", "2001:db8::1"), ("out_trade_no", "EDGE-2")],
        [("total_fee", "1000000000000"), ("out_trade_no", "a_-|*9")],
        [
            ("body", "好的茶壶四十二字好的茶壶四十二字好的茶壶四十二字好的茶壶四十二字好的茶壶四十二字好的"),
            ("out_trade_no", "EDGE-4"),
        ],
    ] {
        assert_eq!(fault(&bench.order(&changes).await), "", "{changes:?}");
    }
}
