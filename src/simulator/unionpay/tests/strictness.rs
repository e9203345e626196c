//! What the gateway refuses, and how it says so.

use super::*;

const QR: &str = "/gateway/api/backTransReq.do";

impl Scene {
    /// The code of a payment call that differs in these fields.
    async fn verdict(&self, path: &str, changed: &[(&str, &str)]) -> String {
        let (channel_type, biz_type, sub_type) = if path == QR { ("08", "000000", "07") } else { ("08", "000201", "01") };
        let mut pairs = self.payment(channel_type, biz_type, sub_type);
        pairs.extend(changed);
        self.call(path, &pairs).await["respCode"].clone()
    }
}

#[tokio::test]
async fn fields_are_held_to_their_forms() {
    let scene = Scene::new().await;
    for (name, value, code) in [
        ("version", "5.0.0", "10"),
        ("encoding", "GBK", "10"),
        ("signMethod", "11", "11"),
        ("certId", "69903319369", "11"),
        ("certId", "1046900201", "11"),
        ("accessType", "1", "10"),
        ("merId", "777290058199999", "31"),
        ("merId", "short", "10"),
        ("merId", "", "13"),
        ("orderId", "SHORT", "10"),
        ("orderId", "WITH-DASH-1", "10"),
        ("orderId", "", "13"),
        ("txnTime", "20240301115000", "00"),
        ("txnTime", "20240301114959", "10"),
        ("txnTime", "20240301040000", "10"),
        ("txnTime", "2024030112000", "10"),
        ("txnAmt", "88.88", "10"),
        ("txnAmt", "-1", "10"),
        ("txnAmt", "0", "10"),
        ("txnAmt", "1234567890123", "10"),
        ("currencyCode", "840", "10"),
        ("channelType", "07", "10"),
        ("bizType", "000202", "10"),
        ("payTimeout", "20240301115959", "10"),
        ("backUrl", "ftp://x", "10"),
        ("backUrl", "", "13"),
        ("txnType", "77", "10"),
        ("txnSubType", "06", "32"),
        ("txnType", "02", "32"),
        ("orderDesc", "三十三个字节是这样的长度的文字吗", "10"),
        ("riskRateInfo", "{commodityName=a&b}", "10"),
    ] {
        assert_eq!(scene.verdict(QR, &[(name, value)]).await, code, "{name}={value}");
    }
}

#[tokio::test]
async fn a_wrong_signature_is_refused_whatever_is_wrong() {
    let scene = Scene::new().await;
    let rightly = scene.signed(&scene.payment("08", "000000", "07"));
    let code = async |fields: &Sent| cut(&scene.post(QR, fields).await.2)["respCode"].clone();
    for (name, value) in [("txnAmt", "8889"), ("signature", "AAAA"), ("signature", "?"), ("reserved", "{x=1}")] {
        let mut changed = rightly.clone();
        changed.insert(name.to_owned(), value.to_owned());
        assert_eq!(code(&changed).await, "11", "{name}");
    }
    let mut bare = rightly.clone();
    bare.remove("signature");
    assert_eq!(code(&bare).await, "13");
    assert_eq!(code(&rightly).await, "00");
    let (_, _, text) = scene.post_raw(QR, "application/x-www-form-urlencoded", "a=%zz".to_owned()).await;
    assert_eq!(cut(&text)["respCode"], "10");
    assert_eq!(scene.simulator.book()["refusals"]["unionpay"]["11"], 4);
}

#[tokio::test]
async fn number_and_time_together_are_used_once() {
    let scene = Scene::new().await;
    assert_eq!(scene.verdict(QR, &[]).await, "00");
    assert_eq!(scene.verdict(QR, &[]).await, "12");
    assert_eq!(scene.verdict(QR, &[("txnTime", "20240301120001")]).await, "00", "another transaction");
}

#[tokio::test]
async fn answers_are_unencoded_and_in_order() {
    let scene = Scene::new().await;
    let (_, _, text) = scene.post(QR, &scene.signed(&scene.payment("08", "000000", "07"))).await;
    assert!(text.contains("&reqReserved=Y2g9Nw==&") && text.contains("\r\n") && text.contains("respMsg=成功[0000000]"), "{text}");
    let names: Vec<&str> = text.split('&').filter_map(|part| part.split_once('=')).map(|(n, _)| n).collect();
    let (front, last) = names.split_at(names.len() - 2);
    assert!(front.is_sorted(), "{names:?}");
    assert_eq!(last, ["signPubKeyCert", "signature"]);
    assert!(!text.contains("-----END CERTIFICATE-----\r\n&"), "no line end after the last line");
}

#[tokio::test]
async fn questions_without_end_are_refused() {
    let scene = Scene::new().await;
    scene.code().await;
    for _ in 0..60 {
        assert_eq!(scene.query(PAYMENT).await["respCode"], "00");
    }
    assert_eq!(scene.query(PAYMENT).await["respCode"], "37");
    scene.advance(Duration::from_secs(60)).await;
    assert_eq!(scene.query(PAYMENT).await["respCode"], "00");
}

#[tokio::test]
async fn faults_are_switched_on_for_one_answer() {
    let scene = Scene::new().await;
    scene.code().await;
    let question = scene.signed(&[
        ("txnType", "00"),
        ("txnSubType", "00"),
        ("bizType", "000000"),
        ("orderId", PAYMENT),
        ("txnTime", "20240301120000"),
    ]);
    let ask = async || cut(&scene.post("/gateway/api/queryTrans.do", &question).await.2);
    for (switch, name) in [
        ("drop_sign", None),
        ("corrupt_sign", None),
        ("line_ends", None),
        ("wrong_name", Some("041@Z2024-01-01@777290058199999:SIGN@00000009")),
        ("expired", Some(UNIONPAY)),
        ("foreign_authority", Some(UNIONPAY)),
    ] {
        scene.switch(json!({ "switch": switch })).await;
        assert_eq!(signer(&ask().await).as_deref(), name, "{switch}");
        assert_eq!(signer(&ask().await).as_deref(), Some(UNIONPAY), "{switch} is over");
    }
    let before = ask().await["signPubKeyCert"].clone();
    scene.switch(json!({ "switch": "rotate" })).await;
    let after = ask().await;
    assert_eq!(signer(&after).as_deref(), Some(UNIONPAY));
    assert_ne!(after["signPubKeyCert"], before);
    scene.switch(json!({ "switch": "original", "code": "04" })).await;
    assert_eq!(ask().await["origRespCode"], "04");
    scene.switch(json!({ "switch": "answer", "code": "05" })).await;
    let doubtful = ask().await;
    assert_eq!((doubtful["respCode"].as_str(), doubtful.get("origRespCode")), ("05", None));
    scene.switch(json!({ "switch": "http_502" })).await;
    assert_eq!(scene.post("/gateway/api/queryTrans.do", &question).await.0, StatusCode::BAD_GATEWAY);
    let (status, _, _) = scene.post_raw("/unionpay/switches", "application/json", r#"{"switch":"no"}"#.to_owned()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
