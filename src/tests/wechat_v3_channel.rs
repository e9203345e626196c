//! Our WeChat Pay v3 channel against the simulated provider. Both were written from the provider's documents without sight
//! of each other, so what they agree on is probably right.

mod stage;

use crate::model::{Amount, Method};
use crate::pay::channel::{
    BillKind, ChannelError, Closing, NextStep, NoticeError, NoticeFact, NoticeKind, PaymentRef, Remote, RemoteRefund,
    StartRequest,
};
use crate::simulator::{Behaviour, HandClock};
use stage::{Bench, Mode, open};
use std::sync::Arc;
use std::time::Duration;

const NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";
const RF: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0RF";

#[tokio::test]
async fn a_code_is_paid_told_and_refunded() {
    for mode in [Mode::PublicKey, Mode::Certificate] {
        let bench = Bench::start(mode).await;
        let NextStep::Qr { code_url, .. } = bench.started(NO, Method::WechatNative).await else { panic!("no code") };
        let payment = bench.payment(NO);
        assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Pending));

        if mode == Mode::Certificate {
            bench.switch(serde_json::json!({ "public_key_percent": 0 })).await;
        }
        bench.pays(&code_url, Behaviour::Ok).await;
        let Ok(Remote::Paid(paid)) = bench.channel.query(&payment).await else { panic!("not paid") };
        assert_eq!(paid.amount, payment.amount);
        let told = NoticeFact::Payment { pay_no: NO.to_owned(), remote: Remote::Paid(paid.clone()) };
        assert_eq!(bench.said(NoticeKind::Pay, 1).await, [Ok(vec![told])], "{mode:?}");
        let known = PaymentRef { provider_trade_no: Some(paid.trade_no.clone()), ..payment.clone() };
        assert_eq!(bench.channel.query(&known).await, Ok(Remote::Paid(paid)));
        assert_eq!(bench.channel.close(&payment).await, Ok(Closing::AlreadyPaid));

        let refund = bench.refund(NO, RF, 2_800);
        assert!(matches!(bench.channel.refund(&refund).await, Ok(RemoteRefund::Processing { provider_refund_no: Some(_) })));
        let told = bench.said(NoticeKind::Refund, 1).await.remove(0).expect("a good notice");
        let asked = bench.channel.query_refund(&refund).await.expect("an answer");
        assert!(matches!(asked, RemoteRefund::Succeeded { succeeded_at: Some(_), .. }), "{asked:?}");
        assert_eq!(told, [NoticeFact::AskRefund { refund_no: RF.to_owned() }]);
        // Still paid, although some of it went back.
        assert!(matches!(bench.channel.query(&payment).await, Ok(Remote::Paid(_))));
        let refusals = bench.simulator.book()["refusals"]["wechat_v3"].clone();
        assert_eq!(refusals, serde_json::json!({"ORDERPAID 该订单已支付": 1}), "nothing else was refused");
    }
}

#[tokio::test]
async fn probes_and_wrong_signatures_are_refused_until_a_good_notice_comes() {
    let bench = Bench::start(Mode::PublicKey).await;
    bench.started(NO, Method::WechatNative).await;
    bench.pays(NO, Behaviour::BadSignature).await;
    let said = bench.said(NoticeKind::Pay, 3).await;
    assert_eq!(said[..2], [Err(NoticeError::Signature), Err(NoticeError::Signature)]);
    assert!(said[2].is_ok());
    // The provider notes a try once our answer has reached it.
    let mut outcomes: Vec<Option<u64>> = Vec::new();
    for _ in 0..2_000 {
        let book = bench.simulator.book();
        outcomes = book["notices"].as_array().expect("tries").iter().map(|t| t["status"].as_u64()).collect();
        if outcomes.len() >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(outcomes, [Some(401), Some(401), Some(200)]);
}

#[tokio::test]
async fn odd_notices_are_judged_one_by_one() {
    for (trick, expected) in [
        ("probe", Err(NoticeError::Signature)),
        ("stale", Err(NoticeError::Stale)),
        ("other_merchant", Err(NoticeError::WrongAccount("mchid".to_owned()))),
        ("extra_fields", Ok(())),
        ("empty_associated", Ok(())),
    ] {
        let bench = Bench::start(Mode::PublicKey).await;
        bench.switch(serde_json::json!({ "notices": trick })).await;
        bench.started(NO, Method::WechatNative).await;
        bench.pays(NO, Behaviour::Ok).await;
        assert_eq!(bench.said(NoticeKind::Pay, 1).await.remove(0).map(|_| ()), expected, "{trick}");
    }
}

#[tokio::test]
async fn while_a_merchant_switches_over_both_keys_are_believed() {
    let bench = Bench::start(Mode::PublicKey).await;
    bench.switch(serde_json::json!({ "public_key_percent": 0 })).await;
    bench.started(NO, Method::WechatNative).await;
    bench.pays(NO, Behaviour::Ok).await;
    let said = bench.said(NoticeKind::Pay, 2).await;
    assert!(matches!(said[0], Err(NoticeError::UnknownKey(_))), "{:?}", said[0]);
    assert!(said[1].is_ok(), "the repeat is read with the certificate that was fetched: {:?}", said[1]);
    assert!(matches!(bench.channel.query(&bench.payment(NO)).await, Ok(Remote::Paid(_))), "replies come with the public key");
}

/// 2024-06-01 12:00:00 in Shanghai.
const NOON: i64 = 1_717_214_400_000;

#[tokio::test]
async fn a_new_certificate_is_picked_up_on_the_way() {
    let clock = Arc::new(HandClock::at(NOON));
    let bench = Bench::at(Mode::Certificate, Some(Arc::clone(&clock))).await;
    bench.started(NO, Method::WechatNative).await;
    bench.switch(serde_json::json!({ "rotate": true })).await;
    // Fetched a moment ago: the new number is doubted first, as a made-up one would be.
    assert!(matches!(bench.channel.query(&bench.payment(NO)).await, Err(ChannelError::Unclear(_))));
    clock.advance(Duration::from_secs(90));
    assert_eq!(bench.channel.query(&bench.payment(NO)).await, Ok(Remote::Pending));
    bench.switch(serde_json::json!({ "retire": true })).await;
    assert_eq!(bench.channel.query(&bench.payment(NO)).await, Ok(Remote::Pending));
}

#[tokio::test]
async fn a_days_bill_lists_what_was_paid_and_refunded() {
    let clock = Arc::new(HandClock::at(NOON));
    let bench = Bench::at(Mode::PublicKey, Some(Arc::clone(&clock))).await;
    bench.started(NO, Method::WechatNative).await;
    bench.pays(NO, Behaviour::NoNotice).await;
    clock.advance(Duration::from_secs(60));
    bench.channel.refund(&bench.refund(NO, RF, 2_800)).await.expect("taken");
    let bills = bench.channel.bills().expect("it has bills");
    assert!(bills.bill("2024-05-31").await.expect("an empty bill").lines.is_empty());
    clock.advance(Duration::from_secs(21 * 3600));
    assert!(matches!(bills.bill("2024-06-01").await, Err(ChannelError::Unclear(_))), "not made yet");
    clock.advance(Duration::from_secs(2 * 3600));
    let lines = bills.bill("2024-06-01").await.expect("a bill").lines;
    let told: Vec<_> = lines.iter().map(|l| (l.kind, l.number.as_str(), l.amount.fen(), l.fee_fen, l.at)).collect();
    assert_eq!(told, [(BillKind::Payment, NO, 12_800, Some(77), NOON), (BillKind::Refund, RF, 2_800, Some(-17), NOON + 60_000)]);
}

#[tokio::test]
async fn replies_that_prove_nothing_are_doubted() {
    let bench = Bench::start(Mode::PublicKey).await;
    bench.started(NO, Method::WechatNative).await;
    for trick in ["probe", "wrong_serial"] {
        bench.switch(serde_json::json!({ "replies": trick })).await;
        let asked = bench.channel.query(&bench.payment(NO)).await;
        assert!(matches!(asked, Err(ChannelError::Unclear(_))), "{trick}: {asked:?}");
    }
    bench.switch(serde_json::json!({})).await;
    assert_eq!(bench.channel.query(&bench.payment(NO)).await, Ok(Remote::Pending));
}

#[tokio::test]
async fn links_bridges_and_apps_open_the_same_wallet() {
    let bench = Bench::start(Mode::PublicKey).await;
    let NextStep::Redirect { url } = bench.started("H5-0000001", Method::WechatH5).await else { panic!("no link") };
    let page = super::app::client().get(&url).send().await.expect("answers").text().await.expect("text");
    assert!(page.contains("¥ 128.00") && page.contains("https://pay.example.com/return/1"), "{page}");
    bench.pays(&url, Behaviour::Ok).await;
    for (number, method, name) in [
        ("JS-0000001", Method::WechatJsapi, "package"),
        ("MINI-00001", Method::WechatMini, "package"),
        ("APP-000001", Method::WechatApp, "prepayId"),
    ] {
        let NextStep::Invoke { params, .. } = bench.started(number, method).await else { panic!("no bridge") };
        bench.pays(params[name].as_str().expect("text"), Behaviour::Ok).await;
        assert!(matches!(bench.channel.query(&bench.payment(number)).await, Ok(Remote::Paid(_))));
    }
}

#[tokio::test]
async fn closed_means_closed_and_unknown_is_told_apart() {
    let bench = Bench::start(Mode::PublicKey).await;
    let payment = bench.payment(NO);
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Unknown));
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed), "never arrived");
    bench.started(NO, Method::WechatNative).await;
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.close(&payment).await, Ok(Closing::Closed));
    assert_eq!(bench.channel.query(&payment).await, Ok(Remote::Closed));
    bench.pays(NO, Behaviour::Late).await;
    assert!(matches!(bench.channel.query(&payment).await, Ok(Remote::Paid(_))));
    assert_eq!(bench.channel.query_refund(&bench.refund(NO, "R-1", 1)).await, Ok(RemoteRefund::Unknown));
}

#[tokio::test]
async fn an_amount_that_differs_is_told_as_it_is() {
    let bench = Bench::start(Mode::PublicKey).await;
    bench.started(NO, Method::WechatNative).await;
    bench.pays(NO, Behaviour::WrongAmount).await;
    let said = bench.said(NoticeKind::Pay, 1).await.remove(0).expect("rightly signed");
    let [NoticeFact::Payment { remote: Remote::Paid(paid), .. }] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(paid.amount.fen(), 12_799);
}

#[tokio::test]
async fn a_repeated_start_renews_the_code_and_another_order_is_doubt() {
    let bench = Bench::start(Mode::PublicKey).await;
    let request = bench.request(NO, Method::WechatNative);
    let first = bench.channel.start(&request).await.expect("starts").next;
    let second = bench.channel.start(&request).await.expect("starts again").next;
    let NextStep::Qr { code_url, .. } = &second else { panic!("no code") };
    assert_ne!(first, second);
    let other = StartRequest { amount: Amount::from_fen(1).expect("in range"), ..request };
    assert!(matches!(bench.channel.start(&other).await, Err(ChannelError::Unclear(_))));
    bench.pays(code_url, Behaviour::Ok).await;
    assert!(matches!(bench.channel.start(&other).await, Err(ChannelError::Unclear(_))), "paid: only a query tells");
}

#[tokio::test]
async fn a_payer_who_types_is_waited_for() {
    let bench = Bench::start(Mode::PublicKey).await;
    bench.started(NO, Method::WechatNative).await;
    bench.pays(NO, Behaviour::Password).await;
    // Ten seconds of typing are ten milliseconds here.
    bench.said(NoticeKind::Pay, 1).await;
    assert!(matches!(bench.channel.query(&bench.payment(NO)).await, Ok(Remote::Paid(_))));
}

#[tokio::test]
async fn wrong_keys_are_told_apart_by_the_check() {
    let bench = Bench::start(Mode::PublicKey).await;
    assert!(bench.channel.check().await.expect("a report").ok);
    let by_certificate = open(&bench.simulator, Mode::Certificate, &bench.world);
    let report = by_certificate.check().await.expect("a report");
    assert!(report.ok, "{report:?}");
    bench.switch(serde_json::json!({ "has_certificates": false })).await;
    let report = open(&bench.simulator, Mode::Certificate, &bench.world).check().await.expect("a report");
    assert!(!report.ok, "{report:?}");
}
