//! Asking for a day's bill.

use super::*;
use crate::pay::channel::BillKind;

/// The clock stands at noon of 2024-06-01.
async fn bill(day: &str, body: &'static str) -> (Stage, Result<Bill, ChannelError>) {
    let stage = Stage::set(move |_| Script::ok(body)).await;
    let result = stage.channel.bills().unwrap().bill(day).await;
    (stage, result)
}

#[tokio::test]
async fn a_day_is_listed() {
    let body = "交易时间,商户号,商户订单号,QQ钱包订单号,订单金额\r\n`2024-05-31 09:00:00,`1900000109,`CS1,`135,`8.88\r\n总交易单数,`1\r\n";
    let (stage, result) = bill("2024-05-31", body).await;
    let bill = result.unwrap();
    assert_eq!((bill.lines.len(), bill.lines[0].kind, bill.lines[0].amount.fen()), (1, BillKind::Payment, 888));
    assert_eq!(bill.raw, body.as_bytes());
    let (path, fields) = stage.last();
    assert_eq!(path, "/cgi-bin/sp_download/qpay_mch_statement_down.cgi");
    assert_eq!((fields["bill_date"].as_str(), fields["bill_type"].as_str()), ("20240531", "ALL"));
}

#[tokio::test]
async fn a_day_without_payments_is_an_empty_bill_once_bills_are_out() {
    let none = "<xml><return_code>FAIL</return_code><retcode>66200020</retcode><retmsg>账单不存在</retmsg></xml>";
    assert_eq!(bill("2024-05-31", none).await.1.unwrap().lines, []);
    assert_eq!(word(&bill("2024-06-01", none).await.1), "refused 66200020", "today's is not out yet");
}

#[tokio::test]
async fn other_answers_are_no_bill() {
    for (body, expected) in [
        ("<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>", "refused SIGNERROR"),
        ("<xml><return_code>FAIL</return_code><retcode>7</retcode><retmsg>x</retmsg></xml>", "refused 7"),
        ("<html><body>Bad Gateway</body></html>", "unclear"),
        ("<xml><a>", "unclear"),
        ("nonsense", "unclear"),
    ] {
        assert_eq!(word(&bill("2024-05-31", body).await.1), expected, "{body}");
    }
    assert_eq!(word(&bill("31 May", "").await.1), "refused PARAM_ERROR");
}
