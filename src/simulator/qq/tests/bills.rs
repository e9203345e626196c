//! The trade bill's text.

use super::{Bench, NO, xml};
use serde_json::json;

const PATH: &str = "/cgi-bin/sp_download/qpay_mch_statement_down.cgi";

async fn bill(bench: &Bench, fields: &[(&str, &str)]) -> String {
    String::from_utf8(bench.post(PATH, bench.request(fields)).await.1.to_vec()).expect("UTF-8")
}

async fn refusal(bench: &Bench, fields: &[(&str, &str)]) -> String {
    let text = bill(bench, fields).await;
    assert!(text.starts_with('<'), "{text}");
    xml::read(text.as_bytes(), "xml").expect("XML")["retmsg"].clone()
}

async fn busy_day(bench: &Bench) {
    let order = bench.order(&[("body", "茶壶,蓝色"), ("attach", "a,b")]).await;
    bench.json("/wallet/pay", json!({ "code": order["code_url"], "account": "coupons" })).await;
    bench.order(&[("out_trade_no", "UNPAID-1")]).await;
    bench.advance(60);
    bench.operate("refund", &[("out_trade_no", NO), ("out_refund_no", "R1"), ("refund_fee", "100")]).await;
}

#[tokio::test]
async fn yesterdays_bill_holds_payments_and_refunds_in_yuan() {
    let bench = Bench::new();
    busy_day(&bench).await;
    bench.advance(24 * 3600);
    for (sort, columns, rows) in [("ALL", 30, 2), ("REFUND", 30, 1), ("SUCCESS", 22, 1)] {
        let text = bill(&bench, &[("bill_date", "20240601"), ("bill_type", sort)]).await;
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(lines.len(), rows + 3, "{text}"); // header, rows, summary, nothing
        assert_eq!(lines[0].split(',').count(), columns, "{sort}");
        for line in &lines[1..=rows] {
            assert_eq!(line.strip_prefix('`').expect("a tick").split(",`").count(), columns, "{sort}: {line}");
        }
    }
    let text = bill(&bench, &[("bill_date", "20240601"), ("bill_type", "ALL")]).await;
    let rows: Vec<Vec<&str>> = text.split("\r\n").skip(1).take(2).map(|line| line[1..].split(",`").collect()).collect();
    let (payment, refund) = (&rows[0], &rows[1]);
    assert_eq!((payment[0], payment[8], payment[17]), ("2024-06-01 12:00:00", NO, "SUCCESS"));
    assert_eq!((payment[12], payment[15], payment[16], payment[26]), ("8.88", "0.88", "8.00", "茶壶,蓝色"));
    assert_eq!((refund[17], refund[19], refund[21], refund[22]), ("REFUND", "R1", "1.00", "0.88"));
}

#[tokio::test]
async fn bills_that_are_not_there_say_why() {
    let bench = Bench::new();
    busy_day(&bench).await;
    let all = ("bill_type", "ALL");
    assert_eq!(refusal(&bench, &[("bill_date", "20240601"), all]).await, "账单不存在");
    bench.advance(15 * 3600);
    assert_eq!(refusal(&bench, &[("bill_date", "20240601"), all]).await, "账单不存在", "before nine");
    assert_eq!(refusal(&bench, &[("bill_date", "20240531"), all]).await, "账单不存在");
    assert_eq!(refusal(&bench, &[("bill_date", "2024-06-01"), all]).await, "bill_date参数格式有误");
    assert_eq!(refusal(&bench, &[("bill_date", "20240601")]).await, "bill_type参数格式有误");
    assert_eq!(refusal(&bench, &[all]).await, "缺少参数bill_date");
}
