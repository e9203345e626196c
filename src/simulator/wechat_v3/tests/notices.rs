//! Notices: what they carry, who signed them, and how long they are repeated.

use super::*;

async fn pay(bench: &Bench, receiver: &Receiver, behaviour: &str) {
    let code = bench.code(&[("notify_url", json!(receiver.url))]).await;
    bench.pay(&code, behaviour).await;
}

#[tokio::test]
async fn a_notice_is_repeated_until_the_status_says_it_was_received() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[500, 401, 302]).await;
    pay(&bench, &receiver, "ok").await;
    let got = receiver.wait_for(4).await;
    assert!(got.iter().all(|g| g.reply().is_signed_by(&bench.public)));
    assert!(got.iter().all(|g| g.body == got[0].body));
    let nonces: std::collections::BTreeSet<_> = got.iter().map(|g| g.reply().header("wechatpay-nonce").to_owned()).collect();
    assert_eq!(nonces.len(), 4, "every try is signed afresh");
    let body = got[3].reply().json();
    assert_eq!((&body["event_type"], &body["resource_type"]), (&json!("TRANSACTION.SUCCESS"), &json!("encrypt-resource")));
    assert_eq!(body["resource"]["original_type"], "transaction");
    let object = got[3].object(&bench);
    assert_eq!((&object["out_trade_no"], &object["amount"]["total"]), (&json!(NO), &json!(100)));
    assert_eq!((&object["trade_state"], &object["mchid"]), (&json!("SUCCESS"), &json!(bench.id("mchid"))));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.wait_for(4).await.len(), 4);
}

#[tokio::test]
async fn a_probe_comes_first_then_a_wrong_signature_then_the_right_one() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[401, 401]).await;
    pay(&bench, &receiver, "bad_signature").await;
    let got = receiver.wait_for(3).await;
    assert!(got[0].reply().header("wechatpay-signature").starts_with("WECHATPAY/SIGNTEST/"));
    let good: Vec<bool> = got.iter().map(|g| g.reply().is_signed_by(&bench.public)).collect();
    assert_eq!(good, [false, false, true]);
}

#[tokio::test]
async fn twice_means_two_and_no_notice_means_none() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    pay(&bench, &receiver, "twice").await;
    receiver.wait_for(2).await;
    let silent = Receiver::start(&[]).await;
    bench.order(&[("notify_url", json!(silent.url)), ("out_trade_no", json!("SILENT-1"))]).await;
    bench.pay("SILENT-1", "no_notice").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(silent.wait_for(0).await.len(), 0);
    assert_eq!(bench.query("SILENT-1").await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn tricks_change_what_is_told_or_how_it_is_signed() {
    for trick in ["probe", "stale", "other_merchant", "extra_fields", "empty_associated"] {
        let bench = Bench::fast();
        bench.switch(json!({ "notices": trick })).await;
        let receiver = Receiver::start(&[]).await;
        pay(&bench, &receiver, "ok").await;
        let got = receiver.wait_for(1).await.remove(0);
        let reply = got.reply();
        assert_eq!(reply.is_signed_by(&bench.public), trick != "probe", "{trick}");
        let age = bench.now() - reply.header("wechatpay-timestamp").parse::<i64>().expect("seconds");
        assert_eq!(age > 300, trick == "stale", "{trick}");
        let object = got.object(&bench);
        assert_eq!(object["mchid"] != bench.id("mchid"), trick == "other_merchant", "{trick}");
        assert_eq!(object.get("trade_scene").is_some(), trick == "extra_fields", "{trick}");
        assert_eq!(reply.json()["resource"]["associated_data"] == "", trick == "empty_associated", "{trick}");
    }
}

#[tokio::test]
async fn the_switch_over_decides_which_key_signs() {
    let bench = Bench::fast();
    bench.switch(json!({ "public_key_percent": 0 })).await;
    let receiver = Receiver::start(&[]).await;
    pay(&bench, &receiver, "ok").await;
    let reply = receiver.wait_for(1).await[0].reply();
    assert!(reply.is_signed_by(&Keys::new(Some(1)).rsa("wechat_v3/certificate/0")));
    assert_eq!(reply.header("wechatpay-serial").len(), 40);
}

#[tokio::test]
async fn a_refund_that_is_over_is_told_with_its_own_field_names() {
    for (status, event) in [("SUCCESS", "REFUND.SUCCESS"), ("CLOSED", "REFUND.CLOSED"), ("ABNORMAL", "REFUND.ABNORMAL")] {
        let bench = Bench::fast();
        let receiver = Receiver::start(&[]).await;
        bench.order(&[]).await;
        bench.pay(NO, "refund_stuck").await;
        let refund = json!({
            "out_trade_no": NO, "out_refund_no": "RF1", "notify_url": receiver.url,
            "amount": {"refund": 30, "total": 100, "currency": "CNY"}
        });
        assert_eq!(bench.post("/v3/refund/domestic/refunds", &refund).await.status, 200);
        bench.wallet("/wallet/wechat_v3/refunds", json!({"out_refund_no": "RF1", "status": status})).await;
        let got = receiver.wait_for(1).await.remove(0);
        assert!(got.reply().is_signed_by(&bench.public));
        assert_eq!(got.reply().json()["event_type"], event);
        let object = got.object(&bench);
        assert_eq!((&object["refund_status"], object.get("status")), (&json!(status), None));
        assert_eq!(object["amount"], json!({"total": 100, "refund": 30, "payer_total": 100, "payer_refund": 30}));
        assert_eq!(object.get("success_time").is_some(), status == "SUCCESS");
    }
}
