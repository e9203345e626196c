//! Holds our database against the providers' book, from outside: with SQL of its own and numbers only. Every difference
//! is a line of text; there must be none.

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use std::collections::BTreeMap;

/// A question to the database whose answer must be empty, and what a row of it means.
const MUST_BE_EMPTY: &[(&str, &str)] = &[
    (
        "two payments pay one order",
        "select order_no from payments where pays_order = 1 group by order_no having count(*) > 1",
    ),
    (
        "a paid order without its paying payment",
        "select order_no from orders o where status = 'paid' and not exists
         (select 1 from payments p where p.order_no = o.order_no and p.pays_order = 1 and p.status = 'succeeded' and p.received = o.amount)",
    ),
    (
        "a payment pays an order that is not paid",
        "select p.order_no from payments p join orders o on o.order_no = p.order_no where p.pays_order = 1 and o.status <> 'paid'",
    ),
    (
        "money that neither pays an order nor is a case",
        "select pay_no from payments p where received is not null and pays_order = 0 and not exists
         (select 1 from cases c where c.pay_no = p.pay_no)",
    ),
    (
        "a paid order is not told exactly once",
        "select order_no from orders o where status = 'paid' and
         (select count(*) from webhook_events e where e.order_no = o.order_no and e.kind = 'order.paid') <> 1",
    ),
    (
        "an order that is not paid is told as paid",
        "select e.order_no from webhook_events e join orders o on o.order_no = e.order_no
         where e.kind = 'order.paid' and o.status <> 'paid'",
    ),
    (
        "an event is neither delivered nor due",
        "select event_id from webhook_events e where status = 'pending' and not exists
         (select 1 from tasks t where t.kind = 'deliver_event' and t.about = e.event_id)",
    ),
    (
        "more is reserved for refunds than was received",
        "select pay_no from payments where refund_reserved > coalesce(received, amount)",
    ),
    (
        "the reservation differs from the refunds",
        "select pay_no from payments p where refund_reserved <>
         (select coalesce(cast(sum(r.amount) as bigint), 0) from refunds r where r.pay_no = p.pay_no and r.status <> 'failed')",
    ),
    (
        "the order's refunded amount differs from its refunds",
        "select order_no from orders o where refunded_amount <>
         (select coalesce(cast(sum(r.amount) as bigint), 0) from refunds r
          where r.order_no = o.order_no and r.case_id is null and r.status = 'succeeded')",
    ),
    (
        "an open payment that nobody will ask about",
        "select pay_no from payments p where status in ('created', 'pending') and not exists
         (select 1 from tasks t where t.kind in ('query_payment', 'close_payment') and t.about = p.pay_no)",
    ),
    (
        "an open order that nobody will expire",
        "select order_no from orders o where status in ('created', 'paying') and not exists
         (select 1 from tasks t where t.kind = 'expire_order' and t.about = o.order_no)",
    ),
    (
        "an open refund that nobody will push",
        "select refund_no from refunds r where status in ('created', 'processing') and not exists
         (select 1 from tasks t where t.kind = 'push_refund' and t.about = r.refund_no)",
    ),
    (
        "an order without its first step",
        "select order_no from orders o where not exists
         (select 1 from timeline t where t.order_no = o.order_no and t.kind = 'order_created')",
    ),
];

pub struct Auditor {
    connection: AnyConnection,
    differences: Vec<String>,
}

impl Auditor {
    /// `url`: the database, which may be in use.
    pub async fn open(url: &str) -> Self {
        sqlx::any::install_default_drivers();
        Self { connection: AnyConnection::connect(url).await.expect("the database opens"), differences: Vec::new() }
    }

    pub async fn rows(&mut self, sql: &str) -> Vec<AnyRow> {
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut self.connection).await;
        rows.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    pub async fn count(&mut self, sql: &str) -> i64 {
        self.rows(sql).await[0].get(0)
    }

    /// All differences: within the database, and between it and the simulator's `book`. `now`: UTC milliseconds.
    pub async fn differences(mut self, book: &Value, now: i64) -> Vec<String> {
        for (meaning, sql) in MUST_BE_EMPTY {
            for row in self.rows(sql).await {
                let id: String = row.get(0);
                self.differences.push(format!("{meaning}: {id}"));
            }
        }
        // A lease that ran out is taken up at the next look; a minute later somebody has forgotten it.
        for row in self.rows(&format!("select kind, about from tasks where lease_until < {}", now - 60_000)).await {
            let (kind, about): (String, String) = (row.get(0), row.get(1));
            self.differences.push(format!("a lease past its end: {kind} {about}"));
        }
        self.payments(book).await;
        self.refunds(book).await;
        self.sums().await;
        self.differences
    }

    async fn payments(&mut self, book: &Value) {
        let sql = "select pay_no, status, received, provider_trade_no from payments";
        let mut ours = BTreeMap::new();
        for row in self.rows(sql).await {
            let (pay_no, status): (String, String) = (row.get(0), row.get(1));
            let (received, trade_no): (Option<i64>, Option<String>) = (row.get(2), row.get(3));
            ours.insert(pay_no, (status, received, trade_no));
        }
        for trade in trades(book).filter(|t| t["state"] == "paid") {
            let pay_no = text(&trade["out_trade_no"]);
            let theirs = (trade["paid_amount"].as_i64(), trade["trade_no"].as_str().map(str::to_owned));
            match ours.remove(&pay_no) {
                Some((_, received, trade_no)) if (received, trade_no.clone()) == theirs => {}
                Some((status, received, trade_no)) => {
                    self.differences
                        .push(format!("{pay_no}: the book says {theirs:?}, we say {status} {received:?} {trade_no:?}"));
                }
                None => self.differences.push(format!("{pay_no}: paid in the book, unknown here")),
            }
        }
        for (pay_no, (status, received, _)) in ours {
            if received.is_some() || status == "succeeded" {
                self.differences.push(format!("{pay_no}: {status} {received:?} here, not paid in the book"));
            }
        }
    }

    async fn refunds(&mut self, book: &Value) {
        let mut ours = BTreeMap::new();
        for row in self.rows("select refund_no, status, amount from refunds").await {
            let (refund_no, status, amount): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
            ours.insert(refund_no, (status, amount));
        }
        for refund in trades(book).flat_map(|t| t["refunds"].as_array().cloned().unwrap_or_default()) {
            let refund_no = text(&refund["out_refund_no"]);
            let (state, amount) = (text(&refund["state"]), refund["amount"].as_i64().unwrap_or_default());
            match ours.remove(&refund_no) {
                Some((status, here)) if status == state && here == amount => {}
                other => self.differences.push(format!("refund {refund_no}: the book says {state} {amount}, we say {other:?}")),
            }
        }
        for (refund_no, (status, amount)) in ours.into_iter().filter(|(_, (status, _))| status == "succeeded") {
            self.differences.push(format!("refund {refund_no}: {status} {amount} here, not in the book"));
        }
    }

    /// Payments = orders + cases.
    async fn sums(&mut self) {
        let sum = "select coalesce(cast(sum(received) as bigint), 0) from payments";
        let received = self.count(sum).await;
        let orders = self.count("select coalesce(cast(sum(amount) as bigint), 0) from orders where status = 'paid'").await;
        let cases = "select coalesce(cast(sum(received) as bigint), 0) from payments p where pays_order = 0 and exists
                     (select 1 from cases c where c.pay_no = p.pay_no)";
        let cases = self.count(cases).await;
        if received != orders + cases {
            self.differences.push(format!("received {received}, but orders {orders} + cases {cases}"));
        }
    }
}

fn trades(book: &Value) -> impl Iterator<Item = &Value> {
    book["trades"].as_array().expect("trades").iter()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
