//! A day's bill, fetched from the simulated provider and compared line by line with what the server has.

use super::app::{TestApp, eventually};
use super::browsers::order;
use super::merchant::Merchant;
use crate::model::ChannelId;
use crate::pay::{Agreement, Error};

/// A UnionPay code, paid; the order's number and the payment's.
async fn paid(app: &TestApp, merchant: &Merchant, out: &str, behaviour: &str) -> (String, String) {
    let (order_no, _) = order(merchant, out).await;
    let fields = [("order_no", order_no.as_str()), ("method", "unionpay_qr")];
    let started = merchant.call("/api/v1/payments", &fields).await.done();
    app.wallet(started["next"]["code_url"].as_str().expect("code"), behaviour).await;
    (order_no, started["pay_no"].as_str().expect("number").to_owned())
}

async fn status(merchant: &Merchant, order_no: &str, field: &str) -> String {
    let order = merchant.call("/api/v1/orders/query", &[("order_no", order_no)]).await.done();
    order[field].as_str().expect("text").to_owned()
}

/// Number and agreement of each line, sorted.
async fn compared(app: &TestApp, channel: &ChannelId, day: &str) -> Vec<(String, Agreement)> {
    let lines = app.cashier.compare_bill(channel, day).await.expect("a bill");
    let mut lines: Vec<_> = lines.into_iter().map(|c| (c.line.number, c.agreement)).collect();
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    lines
}

#[tokio::test]
async fn a_bill_shows_money_that_is_not_known_here() {
    // Nobody asks by plan: a payment without a notice stays unknown here.
    let app = TestApp::start_with(&[("plans.query_s", "3600"), ("plans.refund_s", "3600")]).await;
    let channel = app.channel("unionpay").await;
    let merchant = app.merchant().await;
    let (known, known_pay_no) = paid(&app, &merchant, "A-1", "ok").await;
    eventually("the notice arrives", async || status(&merchant, &known, "status").await == "paid").await;
    let fields = [("order_no", known.as_str()), ("out_refund_no", "R-1"), ("amount", "1000"), ("reason", "late")];
    let refund = merchant.call("/api/v1/refunds", &fields).await.done();
    eventually("the refund is told", async || status(&merchant, &known, "refund_status").await == "partial").await;
    let (_, silent_pay_no) = paid(&app, &merchant, "A-2", "no_notice").await;
    let switch = app.anonymous.post(format!("{}/unionpay/switches", app.simulator_url));
    switch.json(&serde_json::json!({ "switch": "files_at_once" })).send().await.expect("answer");

    // A settlement day begins at 23:00 of the day before.
    let day = crate::simulator::beijing(app.cashier.world().now_ms() + 3_600_000).date().to_string();
    let mut expected = vec![
        (known_pay_no, Agreement::Same),
        (refund["refund_no"].as_str().expect("number").to_owned(), Agreement::Same),
        (silent_pay_no, Agreement::State("pending")),
    ];
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(compared(&app, &channel, &day).await, expected);
    // The same account as another channel: the money is another channel's.
    let other = app.channel_with("unionpay", |input| input.name = "second".to_owned()).await;
    assert!(compared(&app, &other, &day).await.iter().all(|(_, agreement)| *agreement == Agreement::Unknown));

    let refused = async |channel: &ChannelId, day: &str| app.cashier.compare_bill(channel, day).await.expect_err("no bill");
    assert!(matches!(refused(&channel, "today").await, Error::Invalid { field, .. } if field == "day"));
    let jd = app.channel("jd").await;
    assert!(matches!(refused(&jd, &day).await, Error::Invalid { field, .. } if field == "channel"));
    let nobody = ChannelId::parse(&app.cashier.world().id("ch")).expect("id");
    assert!(matches!(refused(&nobody, &day).await, Error::NotFound { .. }));
}
