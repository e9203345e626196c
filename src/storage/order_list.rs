//! The filtered list of orders. With a million orders the choice of the index decides between a millisecond and a second.
//!
//! PostgreSQL knows the distribution of its columns and chooses well by itself. SQLite does not, so here the narrowest
//! filter is found by counting a few index entries of each, and the others are written so that only it can lead.

use super::address::Dialect;
use super::database::Database;
use super::list::{List, lower_bound, upper_bound};
use super::orders::{order_columns, read};
use super::row::Row;
use crate::model::RefundedPart;
use crate::pay::Order;
use crate::pay::store::{OrderFilter, Page, PageRequest, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

/// How far a filter's rows are counted.
const PROBE: i64 = 20_000;
/// Up to so many rows it is cheaper to collect an amount's orders and sort them than to walk the list for them.
const FEW: i64 = 3_000;

/// The filter whose index is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// The list itself, by order number.
    Key,
    App,
    Status,
    Method,
    Refunded,
    Amount,
    Number,
    /// Whatever the planner says.
    Planner,
}

impl Lead {
    /// Whether a condition of this filter may use an index.
    fn admits(self, filter: Self) -> bool {
        self == Self::Planner || self == filter
    }
}

/// The index-free form of a condition means the same and keeps its index out of the planner's choice.
fn conditions(list: &mut List, filter: &OrderFilter, lead: Lead) {
    if let Some(app_id) = &filter.app_id {
        list.add(if lead.admits(Lead::App) { " and app_id = " } else { " and app_id || '' = " }).arg(app_id.as_str());
    }
    if let Some(status) = filter.status {
        list.add(if lead.admits(Lead::Status) { " and status = " } else { " and status || '' = " }).arg(status.as_str());
    }
    if let Some(method) = filter.method {
        list.add(if lead.admits(Lead::Method) { " and method = " } else { " and method || '' = " }).arg(method.as_str());
    }
    if let Some(part) = filter.refund_status {
        if lead.admits(Lead::Refunded) && part != RefundedPart::None {
            // The partial index is used only where its own condition stands in the query.
            list.add(" and refund_status <> 'none' and refund_status = ").arg(part.as_str());
        } else {
            list.add(" and refund_status || '' = ").arg(part.as_str());
        }
    }
    if let Some(min) = filter.amount_min {
        list.add(if lead.admits(Lead::Amount) { " and amount >= " } else { " and amount + 0 >= " }).arg(min);
    }
    if let Some(max) = filter.amount_max {
        list.add(if lead.admits(Lead::Amount) { " and amount <= " } else { " and amount + 0 <= " }).arg(max);
    }
}

fn period(list: &mut List, filter: &OrderFilter) {
    if let Some(from) = filter.from {
        list.add(" and order_no >= ").arg(lower_bound(from)).add(" and created_at >= ").arg(from);
    }
    if let Some(to) = filter.to {
        list.add(" and order_no < ").arg(upper_bound(to)).add(" and created_at < ").arg(to);
    }
}

/// The orders that a number means, whosever number it is.
fn numbered(list: &mut List, number: &str) {
    list.add(" and order_no in (select order_no from orders where order_no = ").arg(number);
    list.add(" union select order_no from orders where out_order_no = ").arg(number);
    list.add(" union select order_no from payments where pay_no = ").arg(number);
    list.add(" union select order_no from payments where provider_trade_no = ").arg(number);
    list.add(" union select p.order_no from refunds r join payments p on p.pay_no = r.pay_no where r.refund_no = ").arg(number);
    list.add(" union select p.order_no from refunds r join payments p on p.pay_no = r.pay_no where r.out_refund_no = ")
        .arg(number);
    list.add(" union select p.order_no from refunds r join payments p on p.pay_no = r.pay_no where r.provider_refund_no = ");
    list.arg(number).add(")");
}

impl Database {
    pub(super) async fn list_orders(&self, filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>> {
        let lead = self.lead(filter).await?;
        let mut list = List::new(concat!("select ", order_columns!(), " from orders where 1 = 1"), "order_no");
        if let Some(number) = &filter.number {
            numbered(&mut list, number);
        }
        if lead == Lead::Amount {
            // Inside, only the amount can lead; outside, only the numbers found.
            list.add(" and order_no in (select order_no from orders where 1 = 1");
            conditions(&mut list, filter, lead);
            list.add(")");
        } else {
            conditions(&mut list, filter, lead);
        }
        period(&mut list, filter);
        list.fetch(self, page, read, |o| o.order_no.to_string()).await
    }

    async fn lead(&self, filter: &OrderFilter) -> Result<Lead> {
        if self.dialect() == Dialect::Postgres {
            return Ok(Lead::Planner);
        }
        if filter.number.is_some() {
            return Ok(Lead::Number);
        }
        let by_amount = filter.amount_min.is_some() || filter.amount_max.is_some();
        let leads: Vec<Lead> = [
            (Lead::Refunded, filter.refund_status.is_some_and(|part| part != RefundedPart::None)),
            (Lead::Method, filter.method.is_some()),
            (Lead::Status, filter.status.is_some()),
            (Lead::App, filter.app_id.is_some()),
            (Lead::Amount, by_amount),
        ]
        .into_iter()
        .filter_map(|(lead, given)| given.then_some(lead))
        .collect();
        match leads.as_slice() {
            [] => return Ok(Lead::Key),
            [one] if *one != Lead::Amount => return Ok(*one),
            _ => {}
        }
        let mut best = (Lead::Key, i64::MAX);
        for lead in leads {
            let count = self.probe(filter, lead).await?;
            // An amount's index is not in the order of the list: with many rows it is no help.
            if count < best.1 && (lead != Lead::Amount || count <= FEW) {
                best = (lead, count);
            }
            if count <= FEW / 10 {
                break;
            }
        }
        Ok(best.0)
    }

    /// Counts the rows of one filter within the period, but not far.
    async fn probe(&self, filter: &OrderFilter, lead: Lead) -> Result<i64> {
        let mut alone = OrderFilter { ..OrderFilter::default() };
        match lead {
            Lead::App => alone.app_id.clone_from(&filter.app_id),
            Lead::Status => alone.status = filter.status,
            Lead::Method => alone.method = filter.method,
            Lead::Refunded => alone.refund_status = filter.refund_status,
            _ => (alone.amount_min, alone.amount_max) = (filter.amount_min, filter.amount_max),
        }
        let mut list = List::new("select count(*) from (select 1 from orders where 1 = 1", "order_no");
        conditions(&mut list, &alone, lead);
        if lead != Lead::Amount {
            if let Some(from) = filter.from {
                list.add(" and order_no >= ").arg(lower_bound(from));
            }
            if let Some(to) = filter.to {
                list.add(" and order_no < ").arg(upper_bound(to));
            }
        }
        list.add(" limit ").arg(PROBE).add(") as probed");
        list.rows(self).await?.first().map_or(Ok(0), |row| Row::of("orders", row).int())
    }
}
