//! Codes and app numbers: paid, failed, late, told.

use super::*;

#[tokio::test]
async fn a_scanned_code_is_paid_told_and_known() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    assert!(code.starts_with("https://qr.95516.com/00010000/62"), "{code}");
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "01", "nobody has paid");
    let receipt = scene.pay(&code, "ok").await.expect("paid");
    assert!(receipt.ok);
    let notice = scene.notice().await;
    assert_eq!(signer(&notice).as_deref(), Some(UNIONPAY));
    for (name, value) in [
        ("respCode", "00"),
        ("respMsg", "success"),
        ("txnType", "01"),
        ("txnSubType", "07"),
        ("bizType", "000000"),
        ("merId", &scene.mer_id),
        ("orderId", PAYMENT),
        ("txnTime", "20240301120000"),
        ("txnAmt", "8888"),
        ("settleAmt", "8888"),
        ("currencyCode", "156"),
        ("settleDate", "0301"),
        ("traceTime", "0301120000"),
        ("reqReserved", "Y2g9Nw=="),
        ("queryId", &receipt.trade_no),
    ] {
        assert_eq!(notice[name], value, "{name}");
    }
    let state = scene.query(PAYMENT).await;
    assert_eq!((state["respCode"].as_str(), state["origRespCode"].as_str()), ("00", "00"));
    assert_eq!((state["queryId"].as_str(), state["txnAmt"].as_str()), (receipt.trade_no.as_str(), "8888"));
    let by_number = [("txnType", "00"), ("txnSubType", "02"), ("bizType", "000000"), ("queryId", receipt.trade_no.as_str())];
    assert_eq!(scene.call("/gateway/api/queryTrans.do", &by_number).await["orderId"], PAYMENT);
    assert_eq!(scene.pay(&code, "ok").await.expect_err("paid before").code, "paid");
    assert_eq!(scene.query("NOBODY00").await["respCode"], "34");
    assert_eq!(scene.query_at(PAYMENT, "20240301120001").await["respCode"], "34", "another time is another transaction");
}

#[tokio::test]
async fn an_app_number_is_paid_by_whoever_has_it() {
    let mut scene = Scene::new().await;
    let answer = scene.call("/gateway/api/appTransReq.do", &scene.payment("08", "000201", "01")).await;
    let number = &answer["tn"];
    assert!(number.len() == 21 && number.bytes().all(|b| b.is_ascii_digit()), "{number}");
    let offer = scene.simulator.look_up(number).expect("known").1;
    assert_eq!((offer.subject.as_str(), offer.amount.fen()), ("茶壶", 8888));
    scene.pay(number, "ok").await.expect("paid");
    assert_eq!(scene.notice().await["txnSubType"], "01");
}

#[tokio::test]
async fn after_its_time_only_a_late_payment_arrives() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.advance(Duration::from_secs(15 * 60)).await;
    assert_eq!(scene.pay(&code, "ok").await.expect_err("too late").code, "expired");
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "01");
    assert!(scene.pay(&code, "late").await.expect("paid all the same").ok);
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "00");
    scene.advance(Behaviour::LATENESS).await;
    assert_eq!(scene.notice().await["orderId"], PAYMENT);
}

#[tokio::test]
async fn a_failed_try_leaves_the_payment_open() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    assert!(!scene.pay(&code, "fail").await.expect("tried").ok);
    let state = scene.query(PAYMENT).await;
    assert_eq!((state["respCode"].as_str(), state["origRespCode"].as_str()), ("00", "60"));
    let poor = Pay { behaviour: Behaviour::Ok, account: Account::Poor };
    assert!(!scene.simulator.pay(&code, poor).await.expect("tried").ok);
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "64");
    assert!(scene.pay(&code, "ok").await.expect("paid").ok);
}

#[tokio::test]
async fn a_password_takes_its_time() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    assert!(!scene.pay(&code, "password").await.expect("typing").ok);
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "05");
    scene.advance(Behaviour::TYPING).await;
    assert_eq!(scene.notice().await["respCode"], "00");
}

#[tokio::test]
async fn notices_go_wrong_as_asked() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.pay(&code, "wrong_amount").await.expect("paid");
    assert_eq!(scene.notice().await["txnAmt"], "8887");
    assert_eq!(scene.query(PAYMENT).await["txnAmt"], "8887");

    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.pay(&code, "twice").await.expect("paid");
    assert_eq!(scene.notice().await, scene.notice().await);

    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.pay(&code, "bad_signature").await.expect("paid");
    assert_eq!(signer(&scene.notice().await), None);

    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.pay(&code, "no_notice").await.expect("paid");
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "00");
    assert!(scene.notices.try_recv().is_err());
}

#[test]
fn a_notice_is_repeated_by_the_plan_until_its_status_is_right() {
    use super::super::notice::{RETRY_PLAN, acknowledged};
    assert_eq!(RETRY_PLAN, [60, 120, 240, 300]);
    for (status, arrived) in [(200, true), (302, true), (201, false), (400, false), (500, false)] {
        assert_eq!(acknowledged(status, b"fail"), arrived, "{status}");
    }
}

#[tokio::test]
async fn an_outage_and_a_slow_answer_pass() {
    let mut scene = Scene::new().await;
    let code = scene.code().await;
    scene.pay(&code, "down").await.expect("paid");
    assert_eq!(scene.notice().await["respCode"], "00", "what happened is told all the same");
    let question = scene.signed(&[
        ("txnType", "00"),
        ("txnSubType", "00"),
        ("bizType", "000000"),
        ("orderId", PAYMENT),
        ("txnTime", "20240301120000"),
    ]);
    assert_eq!(scene.post("/gateway/api/queryTrans.do", &question).await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(scene.query("SOMEBODY").await["respCode"], "34", "others are not affected");
    scene.advance(Behaviour::OUTAGE).await;
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "00");
    let provider = scene.simulator.look_up(PAYMENT).expect("known").0;
    provider.behave(PAYMENT, Behaviour::Slow).expect("known");
    let (answer, ()) = tokio::join!(scene.query(PAYMENT), scene.advance(Behaviour::SLOWNESS));
    assert_eq!(answer["origRespCode"], "00");
}
