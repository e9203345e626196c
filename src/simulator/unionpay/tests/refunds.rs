//! Money going back.

use super::*;

const BACK: &str = "/gateway/api/backTransReq.do";

impl Scene {
    async fn send_back(&self, txn_type: &str, number: &str, fen: &str, original: &str) -> Sent {
        let (now, inbox) = (self.now(), self.inbox.clone());
        let pairs = [
            ("txnType", txn_type),
            ("txnSubType", "00"),
            ("bizType", "000000"),
            ("channelType", "08"),
            ("orderId", number),
            ("txnTime", &now),
            ("txnAmt", fen),
            ("origQryId", original),
            ("backUrl", &inbox),
        ];
        self.call(BACK, &pairs).await
    }
}

#[tokio::test]
async fn a_refund_is_taken_in_first_and_done_later() {
    let mut scene = Scene::new().await;
    let original = scene.paid().await["queryId"].clone();
    let taken = scene.send_back("04", REFUND, "2000", &original).await;
    assert_eq!((taken["respCode"].as_str(), taken["origQryId"].as_str()), ("00", original.as_str()));
    assert_eq!(scene.query(REFUND).await["origRespCode"], "05");
    scene.advance(Duration::from_secs(2)).await;
    let notice = scene.notice().await;
    assert_eq!(signer(&notice).as_deref(), Some(UNIONPAY));
    for (name, value) in
        [("txnType", "04"), ("orderId", REFUND), ("txnAmt", "2000"), ("origQryId", &original), ("queryId", &taken["queryId"])]
    {
        assert_eq!(notice[name], value, "{name}");
    }
    assert_eq!(scene.query(REFUND).await["origRespCode"], "00");
    assert_eq!(scene.query(PAYMENT).await["origRespCode"], "00", "the payment stays what it was");
    assert_eq!(scene.send_back("04", "REFUND02", "6889", &original).await["respCode"], "36");
    assert_eq!(scene.send_back("04", "REFUND02", "6888", &original).await["respCode"], "00");
    assert_eq!(scene.send_back("04", "REFUND03", "1", &original).await["respCode"], "45");
    assert_eq!(scene.send_back("04", "REFUND02", "1", &original).await["respCode"], "12");
    assert_eq!(scene.send_back("04", "REFUND04", "1", "742403011200009999998").await["respCode"], "35");
}

#[tokio::test]
async fn undoing_is_for_the_whole_of_the_same_day() {
    let mut scene = Scene::new().await;
    let original = scene.paid().await["queryId"].clone();
    assert_eq!(scene.send_back("31", "UNDO0001", "8887", &original).await["respCode"], "36");
    assert_eq!(scene.send_back("31", "UNDO0001", "8888", &original).await["respCode"], "00");
    scene.advance(Duration::from_secs(2)).await;
    assert_eq!(scene.notice().await["txnType"], "31");
    assert_eq!(scene.send_back("04", "REFUND01", "1", &original).await["respCode"], "45");

    let mut scene = Scene::new().await;
    let original = scene.paid().await["queryId"].clone();
    scene.advance(Duration::from_secs(11 * 3600)).await;
    assert_eq!(scene.send_back("31", "UNDO0001", "8888", &original).await["respCode"], "39", "at 23:00 the day is over");
    assert_eq!(scene.send_back("04", "REFUND01", "8888", &original).await["respCode"], "00");
}

#[tokio::test]
async fn a_refund_may_fail_or_be_held_back() {
    let mut scene = Scene::new().await;
    let original = scene.paid().await["queryId"].clone();
    scene.switch(json!({ "switch": "refund_fails" })).await;
    assert_eq!(scene.send_back("04", REFUND, "8888", &original).await["respCode"], "00");
    scene.advance(Duration::from_secs(2)).await;
    assert_eq!(scene.query(REFUND).await["origRespCode"], "01");
    assert!(scene.notices.try_recv().is_err(), "a failure is not told");

    let provider = scene.simulator.look_up(PAYMENT).expect("known").0;
    provider.behave(PAYMENT, Behaviour::RefundStuck).expect("known");
    let at = scene.now();
    assert_eq!(scene.send_back("04", "REFUND02", "8888", &original).await["respCode"], "00");
    scene.advance(Duration::from_secs(3600)).await;
    assert_eq!(scene.query_at("REFUND02", &at).await["origRespCode"], "05");
    assert_eq!(scene.simulator.release_refunds(), 1);
    assert_eq!(scene.query_at("REFUND02", &at).await["origRespCode"], "00");
    let book = scene.simulator.book();
    let states: Vec<&str> =
        book["trades"][0]["refunds"].as_array().expect("a list").iter().map(|r| r["state"].as_str().expect("text")).collect();
    assert_eq!(states, ["failed", "succeeded"]);
}
