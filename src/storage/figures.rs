//! Counts for the metrics and the panel's overview, each from an index.

use super::address::Dialect;
use super::database::Database;
use super::list::bound;
use super::row::Row;
use super::statement::Statement;
use crate::model::OrderStatus;
use crate::pay::store::{Figures, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

impl Database {
    async fn number(&self, query: Statement) -> Result<Option<i64>> {
        self.scan(query).await?.first().map_or(Ok(None), |row| Row::of("figures", row).opt_int())
    }

    pub(super) async fn count_figures(&self, since: i64) -> Result<Figures> {
        // One range of the status index for each; grouping them would walk the index of all orders there ever were.
        let by_status = Statement::new(
            "select 'created', count(*), cast(coalesce(sum(amount), 0) as bigint) from orders \
             where status = 'created' and order_no >= $1 \
             union all select 'paying', count(*), cast(coalesce(sum(amount), 0) as bigint) from orders \
             where status = 'paying' and order_no >= $1 \
             union all select 'paid', count(*), cast(coalesce(sum(amount), 0) as bigint) from orders \
             where status = 'paid' and order_no >= $1 \
             union all select 'closed', count(*), cast(coalesce(sum(amount), 0) as bigint) from orders \
             where status = 'closed' and order_no >= $1",
        );
        let mut figures = Figures::default();
        for row in &self.scan(by_status.bind(bound(since))).await? {
            let mut r = Row::of("orders", row);
            let (status, count, sum) = (r.word(OrderStatus::parse)?, r.int()?, r.int()?);
            if count > 0 {
                figures.orders.push((status, count));
            }
            if status == OrderStatus::Paid {
                figures.paid_amount = sum;
            }
        }
        figures.orders.sort();
        let count = async |sql| Ok::<i64, StoreError>(self.number(Statement::new(sql)).await?.unwrap_or(0));
        figures.open_cases = count("select count(*) from cases where status = 'open'").await?;
        figures.open_refunds = count("select count(*) from refunds where status in ('created', 'processing')").await?;
        figures.pending_webhooks = count("select count(*) from webhook_events where status = 'pending'").await?;
        figures.failed_webhooks = count("select count(*) from webhook_events where status = 'failed'").await?;
        let oldest = "select min(created_at) from webhook_events where status = 'pending'";
        figures.oldest_pending_webhook = self.number(Statement::new(oldest)).await?;
        let due = Statement::new(
            "select min(due_at) from (select min(due_at) as due_at from tasks where kind = 'expire_order' \
             union all select min(due_at) from tasks where kind = 'close_payment' \
             union all select min(due_at) from tasks where kind = 'query_payment' \
             union all select min(due_at) from tasks where kind = 'watch_payment' \
             union all select min(due_at) from tasks where kind = 'push_refund' \
             union all select min(due_at) from tasks where kind = 'answer_case' \
             union all select min(due_at) from tasks where kind = 'deliver_event') as firsts where due_at <= $1",
        );
        figures.oldest_due = self.number(due.bind(self.world().now_ms())).await?;
        Ok(figures)
    }

    /// The database's own clock, UTC ms.
    pub(super) async fn clock_ms(&self) -> Result<i64> {
        let text = match self.dialect() {
            Dialect::Sqlite => "select cast(round((julianday('now') - 2440587.5) * 86400000.0) as bigint)",
            Dialect::Postgres => "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
        };
        let ms = self.number(Statement::new(text)).await?;
        ms.ok_or_else(|| StoreError::Unavailable("the database does not tell its time".to_owned()))
    }
}
