//! The trade bill's text, byte for byte where it matters.

use super::{Bench, xml};

async fn bill(bench: &Bench, fields: &[(&str, &str)]) -> Vec<u8> {
    bench.post("/pay/downloadbill", bench.request(fields)).await.1.to_vec()
}

async fn refusal(bench: &Bench, fields: &[(&str, &str)]) -> (String, String) {
    let reply = xml::read(&bill(bench, fields).await, "xml").expect("XML");
    assert_eq!(reply["return_code"], "FAIL");
    (reply["return_msg"].clone(), reply["error_code"].clone())
}

async fn busy_day(bench: &Bench) {
    let order = bench.order(&[("body", "茶壶,蓝色"), ("attach", "a,b")]).await;
    bench.pay(&order["code_url"], "ok").await;
    bench.order(&[("out_trade_no", "UNPAID-1")]).await;
    bench.advance(60);
    let refund = [("out_trade_no", "CS20240601000001"), ("out_refund_no", "R1"), ("total_fee", "100"), ("refund_fee", "30")];
    bench.call("/secapi/pay/refund", &refund).await;
}

#[tokio::test]
async fn yesterdays_bill_holds_payments_and_refunds() {
    let bench = Bench::new();
    busy_day(&bench).await;
    bench.advance(24 * 3600);
    let text = String::from_utf8(bill(&bench, &[("bill_date", "20240601"), ("bill_type", "ALL")]).await).expect("UTF-8");
    let lines: Vec<_> = text.strip_prefix('\u{feff}').expect("a BOM").split("\r\n").collect();
    assert_eq!(lines.len(), 6, "{text}"); // header, two rows, summary header, summary, nothing
    assert_eq!(lines[0].split(',').count(), 27);
    let payment: Vec<_> = lines[1].strip_prefix('`').expect("a tick").split(",`").collect();
    assert_eq!(payment.len(), 27, "{payment:?}");
    assert_eq!((payment[0], payment[6], payment[9], payment[12]), ("2024-06-01 12:00:00", "CS20240601000001", "SUCCESS", "1.00"));
    assert_eq!((payment[14], payment[20], payment[22], payment[24]), ("0", "茶壶,蓝色", "0.00600", "1.00"));
    let refund: Vec<_> = lines[2].strip_prefix('`').expect("a tick").split(",`").collect();
    assert_eq!((refund[9], refund[12], refund[15], refund[16], refund[22]), ("REFUND", "0.00", "R1", "0.30", "-0.00180"));
    assert_eq!(lines[4], "`2.0,`1.00,`0.30,`0.0,`0.00420,`1.00,`0.30");
}

#[tokio::test]
async fn other_sorts_have_their_own_columns() {
    let bench = Bench::new();
    busy_day(&bench).await;
    bench.advance(24 * 3600);
    for (sort, columns, rows) in [("SUCCESS", 20, 1), ("REFUND", 29, 1)] {
        let text = String::from_utf8(bill(&bench, &[("bill_date", "20240601"), ("bill_type", sort)]).await).expect("UTF-8");
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!((lines[0].split(',').count(), lines.len()), (columns, rows + 4), "{sort}");
        assert_eq!(lines[1].split(",`").count(), columns, "{sort}");
    }
}

#[tokio::test]
async fn a_zipped_bill_is_a_gzip_stream() {
    let bench = Bench::new();
    busy_day(&bench).await;
    bench.advance(24 * 3600);
    let plain = bill(&bench, &[("bill_date", "20240601")]).await;
    let zipped = bill(&bench, &[("bill_date", "20240601"), ("tar_type", "GZIP")]).await;
    assert_eq!(zipped[..3], [0x1f, 0x8b, 8]);
    assert_eq!(zipped[15..15 + plain.len()], plain);
}

#[tokio::test]
async fn bills_that_are_not_there_say_why() {
    let bench = Bench::new();
    busy_day(&bench).await;
    let of = |text: &str, number: &str| (text.to_owned(), number.to_owned());
    assert_eq!(refusal(&bench, &[("bill_date", "20240601")]).await, of("No Bill Exist", "20002"));
    bench.advance(15 * 3600);
    assert_eq!(refusal(&bench, &[("bill_date", "20240601")]).await, of("Bill Creating", "20002"));
    assert_eq!(refusal(&bench, &[("bill_date", "20240531")]).await, of("No Bill Exist", "20002"));
    assert_eq!(refusal(&bench, &[("bill_date", "2024-06-01")]).await, of("data format error", "20001"));
    assert_eq!(refusal(&bench, &[("bill_date", "20240601"), ("bill_type", "ANY")]).await, of("invalid bill_type", "20001"));
    assert_eq!(refusal(&bench, &[]).await, of("missing parameter", "20001"));
}
