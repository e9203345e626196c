//! Bills: ticket, address, hash, and the text itself.

use super::*;
use sha1::{Digest, Sha1};

async fn a_day_later() -> Bench {
    let bench = Bench::new();
    bench.order(&[("description", json!("茶壶,蓝色")), ("amount", json!({"total": 12_800}))]).await;
    bench.pay(NO, "ok").await;
    bench.advance(60);
    let refund =
        json!({"out_trade_no": NO, "out_refund_no": "RF1", "amount": {"refund": 30, "total": 12_800, "currency": "CNY"}});
    assert_eq!(bench.post("/v3/refund/domestic/refunds", &refund).await.status, 200);
    bench.advance(86_400);
    bench
}

fn path_of(ticket: &Value) -> String {
    let url = ticket["download_url"].as_str().expect("an address");
    url.strip_prefix("https://api.mch.weixin.qq.com").expect("the provider's host").to_owned()
}

#[tokio::test]
async fn a_bill_is_downloaded_unsigned_and_fits_its_hash() {
    let bench = a_day_later().await;
    let ticket = bench.get("/v3/bill/tradebill?bill_date=2024-06-01&bill_type=ALL").await.json();
    let file = bench.get(&path_of(&ticket)).await;
    assert_eq!(file.header("wechatpay-signature"), "");
    assert_eq!(ticket["hash_value"], hex::encode(Sha1::digest(&file.body)));
    let text = String::from_utf8(file.body.to_vec()).expect("text");
    assert!(text.starts_with("\u{feff}交易时间,") && text.ends_with("\r\n"));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[1].contains("`茶壶,蓝色,`") && lines[1].contains("`0.77000,`0.60%,`128.00,"), "{}", lines[1]);
    assert!(lines[2].contains("`REFUND,") && lines[2].contains("`RF1,`0.30,"), "{}", lines[2]);
    assert!(lines[4].starts_with("`2.0,`128.00,`0.30,"), "{}", lines[4]);
    // Unsigned does not mean open.
    let anonymous = Request::get(path_of(&ticket)).header("accept", "*/*").header("user-agent", "x").body(Body::empty());
    assert_eq!(bench.send(anonymous.expect("request")).await.status, 401);
}

#[tokio::test]
async fn a_zipped_bill_has_the_hash_of_what_is_inside() {
    let bench = a_day_later().await;
    let plain = bench.get("/v3/bill/tradebill?bill_date=2024-06-01").await.json();
    let zipped = bench.get("/v3/bill/tradebill?bill_date=2024-06-01&tar_type=GZIP").await.json();
    assert_eq!(plain["hash_value"], zipped["hash_value"]);
    assert!(path_of(&zipped).ends_with("&tartype=gzip"));
    assert!(bench.get(&path_of(&zipped)).await.body.starts_with(&[0x1f, 0x8b]));
}

#[tokio::test]
async fn addresses_end_after_five_minutes() {
    let bench = a_day_later().await;
    let ticket = bench.get("/v3/bill/tradebill?bill_date=2024-06-01").await.json();
    bench.advance(301);
    assert_eq!(bench.get(&path_of(&ticket)).await.fault().1, "PARAM_ERROR");
}

#[tokio::test]
async fn other_kinds_and_other_days() {
    let bench = a_day_later().await;
    for (target, code) in [
        ("tradebill?bill_date=2024-05-31", "NO_STATEMENT_EXIST"),
        ("tradebill?bill_date=2024-06-02", "NO_STATEMENT_EXIST"),
        ("tradebill?bill_date=2024-06-01&bill_type=RECHARGE_REFUND", "NO_STATEMENT_EXIST"),
        ("tradebill?bill_date=20240601", "PARAM_ERROR"),
        ("tradebill?bill_date=2024-06-01&bill_type=X", "PARAM_ERROR"),
        ("tradebill?bill_date=2024-06-01&tar_type=ZIP", "PARAM_ERROR"),
        ("fundflowbill?bill_date=2024-06-01&account_type=FEES", "NO_STATEMENT_EXIST"),
    ] {
        assert_eq!(bench.get(&format!("/v3/bill/{target}")).await.fault().1, code, "{target}");
    }
    for (target, rows) in [
        ("tradebill?bill_date=2024-06-01&bill_type=SUCCESS", 1),
        ("tradebill?bill_date=2024-06-01&bill_type=REFUND", 1),
        ("fundflowbill?bill_date=2024-06-01", 2),
    ] {
        let ticket = bench.get(&format!("/v3/bill/{target}")).await.json();
        let file = bench.get(&path_of(&ticket)).await;
        let text = String::from_utf8(file.body.to_vec()).expect("text");
        let columns = text.lines().next().expect("a header").split(',').count();
        let data: Vec<&str> = text.lines().filter(|l| l.starts_with("`2024")).collect();
        assert_eq!(data.len(), rows, "{text}");
        assert!(data.iter().all(|l| l[1..].split(",`").count() == columns), "{text}");
    }
}

#[tokio::test]
async fn yesterdays_bill_is_ready_at_ten() {
    let bench = Bench::new();
    bench.order(&[]).await;
    bench.pay(NO, "ok").await;
    bench.advance(21 * 3600);
    assert_eq!(bench.get("/v3/bill/tradebill?bill_date=2024-06-01").await.fault().1, "STATEMENT_CREATING");
    bench.advance(3600);
    assert_eq!(bench.get("/v3/bill/tradebill?bill_date=2024-06-01").await.status, 200);
}
