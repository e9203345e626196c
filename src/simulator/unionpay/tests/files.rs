//! Settlement files.

use super::*;

impl Scene {
    async fn file(&self, date: &str) -> Sent {
        let now = self.now();
        let pairs = [
            ("txnType", "76"),
            ("txnSubType", "01"),
            ("bizType", "000000"),
            ("settleDate", date),
            ("fileType", "00"),
            ("txnTime", &now),
        ];
        self.call("/", &pairs).await
    }
}

#[tokio::test]
async fn a_days_money_is_in_its_file_the_next_morning() {
    let mut scene = Scene::new().await;
    let query_id = scene.paid().await["queryId"].clone();
    assert_eq!(scene.file("0301").await["respCode"], "98", "the day is not over");
    scene.advance(Duration::from_secs(20 * 3600 + 3599)).await;
    assert_eq!(scene.file("0301").await["respCode"], "98", "08:59");
    scene.advance(Duration::from_secs(1)).await;
    let answer = scene.file("0301").await;
    assert_eq!(answer["respCode"], "00");
    let packed = STANDARD.decode(&answer["fileContent"]).expect("base64");
    let archive = miniz_oxide::inflate::decompress_to_vec_zlib(&packed).expect("deflated");
    assert!(archive.starts_with(b"PK\x03\x04"));
    let name = format!("INN24030188ZM_{}", scene.mer_id);
    let whole = String::from_utf8_lossy(&archive);
    assert!(whole.contains(&name) && whole.contains(&query_id) && whole.contains(PAYMENT), "{whole}");
    assert_eq!(scene.file("0302").await["respCode"], "98", "nothing was paid");
    assert_eq!(scene.file("0230").await["respCode"], "98", "no such day");
}

#[tokio::test]
async fn files_can_be_had_at_once() {
    let mut scene = Scene::new().await;
    scene.paid().await;
    scene.switch(json!({ "switch": "files_at_once" })).await;
    assert_eq!(scene.file("0301").await["respCode"], "00");
}
