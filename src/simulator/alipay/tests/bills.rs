//! Bills: refused too early, fetched in time, right in every cell.

use super::stage::{Merchant, Scene};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

async fn ask(merchant: &Merchant, date: &str) -> Value {
    merchant.call("alipay.data.dataservice.bill.downloadurl.query", json!({ "bill_type": "trade", "bill_date": date })).await
}

/// The stored entries of an archive: names and contents, from GBK.
fn entries(zip: &[u8]) -> Vec<(String, String)> {
    let word = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().expect("4")) as usize;
    let half = |at: usize| u16::from_le_bytes(zip[at..at + 2].try_into().expect("2")) as usize;
    let (mut at, mut found) = (0, Vec::new());
    while zip[at..].starts_with(b"PK\x03\x04") {
        assert_eq!(half(at + 6) & 0x0800, 0, "names are not flagged as UTF-8");
        let (size, name_len) = (word(at + 18), half(at + 26));
        let name = &zip[at + 30..at + 30 + name_len];
        let content = &zip[at + 30 + name_len..at + 30 + name_len + size];
        let text =
            |bytes: &[u8]| encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(bytes).expect("GBK").into_owned();
        found.push((text(name), text(content)));
        at += 30 + name_len + size;
    }
    found
}

#[tokio::test]
async fn yesterdays_bill_holds_trades_and_refunds() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "100.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    merchant.refund("N1", "30.00", "R1").await;
    assert_eq!(ask(&merchant, "2024-03-01").await["sub_code"], "isp.bill_not_exist", "the day is not over");
    scene.advance(Duration::from_secs(24 * 60 * 60)).await;
    assert_eq!(ask(&merchant, "2024-02-29").await["sub_code"], "isp.bill_not_exist", "nothing happened");
    let url = ask(&merchant, "2024-03-01").await["bill_download_url"].as_str().expect("an address").to_owned();
    let path = url.strip_prefix("http://127.0.0.1:3100").expect("our own address");
    let (status, _, zip) = scene.get(path).await;
    assert_eq!(status, StatusCode::OK);
    let files = entries(&zip);
    assert_eq!(files.len(), 2);
    assert_eq!(files[0].0, format!("{}0156_20240301_业务明细.csv", merchant.seller_id));
    let detail = &files[0].1;
    assert!(detail.starts_with("#支付宝业务明细查询"));
    let rows: Vec<Vec<&str>> =
        detail.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split(',').map(str::trim).collect()).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|r| r.len() == 25));
    assert_eq!((rows[0][1], rows[0][2], rows[0][11], rows[0][22]), ("N1", "交易", "100.00", "-0.60"));
    assert_eq!((rows[1][1], rows[1][2], rows[1][11], rows[1][21], rows[1][22]), ("N1", "退款", "-30.00", "R1", "0.18"));
    assert!(detail.contains("#交易合计：1笔，商家实收共100.00元"));
    assert!(detail.contains("#退款合计：1笔，商家实收退款共-30.00元"));
    assert!(files[1].1.starts_with("#支付宝业务汇总查询"));
    scene.advance(Duration::from_secs(30)).await;
    assert_eq!(scene.get(path).await.0, StatusCode::FORBIDDEN, "the address has run out");
}

#[tokio::test]
async fn odd_requests_are_refused() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    for date in ["20240301", "2024-3-1", "yesterday"] {
        assert_eq!(ask(&merchant, date).await["sub_code"], "isv.invalid-parameter");
    }
    assert_eq!(ask(&merchant, "2015-12-31").await["sub_code"], "isp.bill_not_exist");
}

#[tokio::test]
async fn the_running_day_can_be_had_on_demand() {
    let scene = Scene::new();
    let merchant = scene.merchant();
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    scene.switch("bills_for_today").await;
    assert_eq!(ask(&merchant, "2024-03-01").await["code"], "10000");
}
