//! Money going back: taken in is not done, doubt is asked about, and no second transaction begins before the first is known.

use super::*;
use crate::pay::channel::{Channel, RemoteRefund};

const TAKEN: &[(&str, &str)] = &[("orderId", REFUND_NO), ("queryId", "742403011300001234608")];

fn processing(number: Option<&str>) -> RemoteRefund {
    RemoteRefund::Processing { provider_refund_no: number.map(str::to_owned) }
}

/// What the gateway knows of a refund: its type, its time, its state.
fn known(txn_type: &'static str, time: &'static str, code: &'static str) -> Script {
    answer(&[
        ("orderId", REFUND_NO),
        ("txnType", txn_type),
        ("txnTime", time),
        ("txnAmt", "8888"),
        ("queryId", "742403011300001234608"),
        ("traceTime", "0301120002"),
        ("origRespCode", code),
        ("origRespMsg", "说明"),
    ])
}

fn is_question(fields: &Fields) -> bool {
    fields["txnType"] == "00"
}

// W-5's fields; pitfall 10.
#[tokio::test]
async fn a_refund_taken_in_is_in_progress() {
    let stage = Stage::answering(TAKEN).await;
    assert_eq!(stage.channel.refund(&refund(2000, 1)).await, Ok(processing(Some("742403011300001234608"))));
    let (path, sent) = stage.last();
    assert_eq!(path, "/gateway/api/backTransReq.do");
    let names: Vec<&str> = sent.keys().map(String::as_str).filter(|n| *n != "signature").collect();
    let vector = cut(include_str!("../vectors/w5.text"));
    assert_eq!(names, vector.keys().map(String::as_str).collect::<Vec<_>>());
    for (name, value) in [
        ("txnType", "04"),
        ("txnSubType", "00"),
        ("bizType", "000201"),
        ("channelType", "07"),
        ("orderId", REFUND_NO),
        ("txnTime", "20240301120000"),
        ("txnAmt", "2000"),
        ("origQryId", "742403011200001234568"),
        ("backUrl", "https://cashier.example.com/notify/ch_1/refund"),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
}

#[tokio::test]
async fn all_the_money_of_the_same_settlement_day_is_undone() {
    let minute = |text: &str| shanghai::parse_compact(text).unwrap();
    for (fen, paid_at, created_at, txn_type) in [
        (8888, "20240229230000", "20240301120000", "31"),
        (8888, "20240301120000", "20240301225959", "31"),
        (8888, "20240301120000", "20240301230000", "04"),
        (8888, "20240229225959", "20240301120000", "04"),
        (8887, "20240301115900", "20240301120000", "04"),
    ] {
        let stage = Stage::answering(TAKEN).await;
        let mut request = refund(fen, 0);
        (request.paid_at, request.created_at) = (Some(minute(paid_at)), minute(created_at));
        request.method = Method::UnionpayQr;
        assert!(stage.channel.refund(&request).await.is_ok());
        let sent = stage.sent();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].1["txnType"], txn_type, "{fen} {paid_at} {created_at}");
        assert_eq!((sent[0].1["bizType"].as_str(), sent[0].1["channelType"].as_str()), ("000000", "08"));
    }
}

fn same_day(seconds: i64) -> RefundRequest {
    RefundRequest { paid_at: Some(NOON - MINUTE), ..refund(8888, seconds) }
}

#[tokio::test]
async fn what_cannot_be_undone_is_refunded() {
    let stage = Stage::set(|fields| match fields["txnType"].as_str() {
        "31" => answer(&[("respCode", "32"), ("respMsg", "无此交易权限")]),
        _ => answer(TAKEN),
    })
    .await;
    assert_eq!(stage.channel.refund(&same_day(1)).await, Ok(processing(Some("742403011300001234608"))));
    let sent: Vec<(String, String)> =
        stage.sent().into_iter().map(|(_, f)| (f["txnType"].clone(), f["txnTime"].clone())).collect();
    let expected = [("31", "20240301120000"), ("04", "20240301120001")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(sent, expected, "the second is a transaction of its own");

    // Asked for later, both are asked about.
    let stage = Stage::set(|fields| match fields["txnTime"].as_str() {
        "20240301120000" => about(fields, &[("respCode", "34")]),
        time => known("04", if time == "20240301120001" { "20240301120001" } else { "20240301120002" }, "00"),
    })
    .await;
    let state = stage.channel.query_refund(&same_day(90)).await.unwrap();
    assert!(matches!(state, RemoteRefund::Succeeded { .. }), "{state:?}");
}

#[tokio::test]
async fn an_undoing_that_failed_later_is_followed_by_a_refund() {
    let stage = Stage::set(|fields| match (fields["txnType"].as_str(), fields["txnTime"].as_str()) {
        ("00", "20240301120000") => known("31", "20240301120000", "35"),
        ("00", _) => about(fields, &[("respCode", "34")]),
        ("31", _) => answer(&[("respCode", "12"), ("respMsg", "重复交易")]),
        _ => answer(TAKEN),
    })
    .await;
    assert_eq!(stage.channel.query_refund(&same_day(5)).await, Ok(RemoteRefund::Unknown), "to be submitted again");
    assert_eq!(stage.channel.refund(&same_day(6)).await, Ok(processing(Some("742403011300001234608"))));
    assert_eq!(stage.last().1["txnType"], "04");
}

#[tokio::test]
async fn a_definite_no_ends_a_refund_at_once() {
    for code in ["01", "35", "36", "39", "45", "64"] {
        let stage = Stage::set(move |_| answer(&[("respCode", code), ("respMsg", "说明")])).await;
        let refused = Err(ChannelError::Refused { code: code.to_owned(), message: "说明".to_owned() });
        assert_eq!(stage.channel.refund(&refund(2000, 1)).await, refused);
        assert_eq!(stage.sent().len(), 1, "no question needed");
    }
    let stage = Stage::answering(TAKEN).await;
    let numberless = RefundRequest { provider_trade_no: None, ..refund(2000, 1) };
    assert!(matches!(stage.channel.refund(&numberless).await, Err(ChannelError::Refused { .. })));
    assert!(stage.sent().is_empty());
}

// Pitfall 12.
#[tokio::test]
async fn doubt_is_asked_about_with_the_same_number_only() {
    for code in ["03", "04", "05", "06", "99"] {
        let stage = Stage::set(move |fields| {
            if is_question(fields) {
                about(fields, &[("respCode", "34")])
            } else {
                answer(&[("respCode", code), ("respMsg", "说明")])
            }
        })
        .await;
        let outcome = stage.channel.refund(&refund(8888, 1)).await;
        assert_eq!(outcome, Err(ChannelError::Unclear(format!("{code} 说明"))));
        let sent = stage.sent();
        assert_eq!(sent.iter().filter(|(_, f)| !is_question(f)).count(), 1, "never sent twice");
        assert_eq!(sent.iter().filter(|(_, f)| is_question(f)).count(), 2);
        assert!(sent.iter().all(|(_, f)| f["orderId"] == REFUND_NO && f["txnTime"] == "20240301120000"));
    }
    let stage =
        Stage::set(|fields| if is_question(fields) { known("04", "20240301120000", "00") } else { Script::status(502, "") })
            .await;
    let outcome = stage.channel.refund(&refund(8888, 1)).await.unwrap();
    let succeeded_at = Some(NOON + 2000);
    let provider_refund_no = Some("742403011300001234608".to_owned());
    assert_eq!(outcome, RemoteRefund::Succeeded { provider_refund_no, succeeded_at });
}

// The test before this one counts the questions of a shorter plan; here is the plan that a real channel works by.
#[test]
fn a_channel_as_opened_asks_by_the_specification() {
    assert_eq!(open_at(None, &[]).unwrap().ask_after, [1, 2, 4].map(Duration::from_secs));
    assert!(super::super::ASK_WITHIN > Duration::from_secs(7), "the last is asked too");
}

/// The caller waits; the core's own plan asks again later.
#[tokio::test]
async fn questions_that_are_not_answered_in_time_leave_the_doubt() {
    let mut stage = Stage::set(|fields| match is_question(fields) {
        true => Script::Silence,
        false => answer(&[("respCode", "04"), ("respMsg", "说明")]),
    })
    .await;
    stage.channel.ask_within = Duration::from_millis(50);
    let outcome = tokio::time::timeout(Duration::from_secs(4), stage.channel.refund(&refund(8888, 1))).await;
    assert_eq!(outcome.expect("in time"), Err(ChannelError::Unclear("04 说明".to_owned())));
}

#[tokio::test]
async fn a_repeat_is_no_second_refund() {
    let stage = Stage::set(|fields| {
        if is_question(fields) {
            known("04", "20240301120000", "05")
        } else {
            answer(&[("respCode", "12"), ("respMsg", "重复交易")])
        }
    })
    .await;
    assert_eq!(stage.channel.refund(&refund(8888, 200)).await, Ok(processing(Some("742403011300001234608"))));
}

#[tokio::test]
async fn a_code_of_no_table_is_a_no_only_after_a_question() {
    let refusing = |state: fn(&Fields) -> Script| {
        move |fields: &Fields| {
            if is_question(fields) { state(fields) } else { answer(&[("respCode", "47"), ("respMsg", "说明")]) }
        }
    };
    let stage = Stage::set(refusing(|fields| about(fields, &[("respCode", "34")]))).await;
    assert!(matches!(stage.channel.refund(&refund(8888, 1)).await, Err(ChannelError::Refused { code, .. }) if code == "47"));
    let stage = Stage::set(refusing(|_| known("04", "20240301120000", "00"))).await;
    assert!(matches!(stage.channel.refund(&refund(8888, 1)).await, Ok(RemoteRefund::Succeeded { .. })));
    let stage = Stage::set(refusing(|_| Script::status(502, ""))).await;
    assert!(matches!(stage.channel.refund(&refund(8888, 1)).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn the_state_of_a_refund_is_that_of_its_own_transaction() {
    let failed = RemoteRefund::Failed { code: "01".to_owned(), message: "说明".to_owned() };
    for (code, expected) in
        [("03", processing(Some("742403011300001234608"))), ("05", processing(Some("742403011300001234608"))), ("01", failed)]
    {
        let stage = Stage::set(move |_| known("04", "20240301120000", code)).await;
        assert_eq!(stage.channel.query_refund(&refund(8888, 1)).await, Ok(expected), "{code}");
        let (path, sent) = stage.last();
        assert_eq!((path.as_str(), sent["orderId"].as_str()), ("/gateway/api/queryTrans.do", REFUND_NO));
    }
    for code in ["00", "A6"] {
        let stage = Stage::set(move |_| known("04", "20240301120000", code)).await;
        assert!(matches!(stage.channel.query_refund(&refund(8888, 1)).await, Ok(RemoteRefund::Succeeded { .. })));
        let other = stage.channel.query_refund(&refund(2000, 1)).await;
        assert!(matches!(other, Err(ChannelError::Unclear(_))), "another amount: {other:?}");
    }
    let stage = Stage::set(|_| known("01", "20240301120000", "00")).await;
    assert!(matches!(stage.channel.query_refund(&refund(8888, 1)).await, Err(ChannelError::Unclear(_))));
    let stage = Stage::answering(&[("respCode", "37")]).await;
    assert!(matches!(stage.channel.query_refund(&refund(8888, 1)).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn a_refund_not_known_there_may_still_be_on_its_way() {
    let stage = Stage::answering(&[("respCode", "34")]).await;
    assert_eq!(stage.channel.query_refund(&refund(8888, 59)).await, Ok(processing(None)));
    assert_eq!(stage.channel.query_refund(&refund(8888, 60)).await, Ok(RemoteRefund::Unknown));
}
