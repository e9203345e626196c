//! Notices: what they carry, and how long they are repeated.

use super::{Bench, Receiver, fault, xml};
use serde_json::json;

fn is_rightly_signed(bench: &Bench, body: &[u8]) -> bool {
    let notice = xml::read(body, "xml").expect("XML");
    bench.signature(&notice).eq_ignore_ascii_case(&notice["sign"])
}

async fn pay(bench: &Bench, receiver: &Receiver, behaviour: &str) {
    let order = bench.order(&[("notify_url", &receiver.url)]).await;
    assert_eq!(fault(&order), "");
    bench.pay(&order["code_url"], behaviour).await;
}

#[tokio::test]
async fn a_notice_says_its_state_and_has_no_result_codes() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    let order = bench.order(&[("notify_url", &receiver.url)]).await;
    bench.json("/wallet/pay", json!({ "code": order["code_url"], "account": "coupons" })).await;
    let body = receiver.wait_for(1).await.remove(0);
    assert!(body.starts_with(b"<?xml"));
    let notice = xml::read(&body, "xml").expect("XML");
    let of = |name: &str| notice[name].as_str();
    assert_eq!((of("trade_state"), of("total_fee"), of("cash_fee"), of("coupon_fee")), ("SUCCESS", "888", "800", "88"));
    assert_eq!((of("trade_type"), of("fee_type"), of("mch_id"), of("attach")), ("NATIVE", "CNY", &*bench.mch_id, ""));
    for absent in ["return_code", "result_code", "retcode"] {
        assert!(!notice.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn a_notice_is_repeated_until_it_is_acknowledged() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&["success", "", "<xml><return_code>FAIL</return_code></xml>"]).await;
    pay(&bench, &receiver, "ok").await;
    let got = receiver.wait_for(4).await;
    assert!(got.iter().all(|body| is_rightly_signed(&bench, body)));
    // 180 s of the plan are 180 ms here: a fifth one would have come by then.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(receiver.wait_for(4).await.len(), 4);
    let book = bench.simulator.book();
    let outcomes: Vec<_> = book["notices"].as_array().expect("tries").iter().map(|t| t["outcome"].as_str()).collect();
    assert_eq!(outcomes, [Some("refused"), Some("refused"), Some("refused"), Some("accepted")]);
}

#[tokio::test]
async fn both_cases_of_a_signature_occur() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    for n in 0..24 {
        let number = format!("CASE-{n}");
        let order = bench.order(&[("notify_url", &receiver.url), ("out_trade_no", &number)]).await;
        bench.pay(&order["code_url"], "ok").await;
    }
    let got = receiver.wait_for(24).await;
    assert!(got.iter().all(|body| is_rightly_signed(&bench, body)));
    let is_upper = |body: &[u8]| {
        let sign = xml::read(body, "xml").expect("XML")["sign"].clone();
        sign == sign.to_ascii_uppercase()
    };
    let upper = got.iter().filter(|body| is_upper(body)).count();
    assert!(0 < upper && upper < 24, "{upper}");
}

#[tokio::test]
async fn bad_signatures_come_first_and_good_ones_follow() {
    let bench = Bench::fast();
    let receiver =
        Receiver::start(&["<xml><return_code>FAIL</return_code></xml>", "<xml><return_code>FAIL</return_code></xml>"]).await;
    pay(&bench, &receiver, "bad_signature").await;
    let got = receiver.wait_for(3).await;
    let good: Vec<_> = got.iter().map(|body| is_rightly_signed(&bench, body)).collect();
    assert_eq!(good, [false, false, true]);
}

#[tokio::test]
async fn twice_means_two_and_no_notice_means_none() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    pay(&bench, &receiver, "twice").await;
    receiver.wait_for(2).await;

    let silent = Receiver::start(&[]).await;
    let order = bench.order(&[("notify_url", &silent.url), ("out_trade_no", "SILENT-1")]).await;
    bench.pay(&order["code_url"], "no_notice").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(silent.wait_for(0).await.len(), 0);
    assert_eq!(bench.query("SILENT-1").await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn the_amount_really_paid_is_told() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    pay(&bench, &receiver, "wrong_amount").await;
    let body = receiver.wait_for(1).await.remove(0);
    assert!(is_rightly_signed(&bench, &body));
    assert_eq!(xml::read(&body, "xml").expect("XML")["total_fee"], "887");
}

#[tokio::test]
async fn a_payment_code_is_told_too_and_a_refund_is_not() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    let fields = Bench::order_fields(&[
        ("trade_type", "MICROPAY"),
        ("device_info", "TILL-7"),
        ("auth_code", "911234567890123456"),
        ("notify_url", &receiver.url),
    ]);
    assert_eq!(fault(&bench.call("micro_pay", &fields).await), "");
    let notice = xml::read(&receiver.wait_for(1).await[0], "xml").expect("XML");
    assert_eq!((notice["trade_type"].as_str(), notice["device_info"].as_str()), ("MICROPAY", "TILL-7"));
    let refund = [("out_trade_no", super::NO), ("out_refund_no", "R1"), ("refund_fee", "888")];
    assert_eq!(fault(&bench.operate("refund", &refund).await), "");
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let query = bench.call("refund_query", &[("out_refund_no", "R1")]).await;
    assert_eq!((query["refund_status_0"].as_str(), receiver.wait_for(1).await.len()), ("SUCCESS", 1));
}
