//! Refunds: rows, statements and the list.

use super::database::Database;
use super::list::{List, lower_bound, upper_bound};
use super::row::{Record, Row};
use super::statement::{Expect, Statement};
use crate::model::{AppId, CaseId, OrderNo, PayNo, RefundNo, RefundStatus};
use crate::pay::Refund;
use crate::pay::store::{Page, PageRequest, RefundFilter, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! refund_columns {
    () => {
        "refund_no, app_id, out_refund_no, order_no, pay_no, case_id, amount, reason, notify_url, requested_by, created_at, \
         status, provider_refund_no, error_code, error_message, succeeded_at"
    };
}
pub(super) use refund_columns;

pub(super) fn insert(r: &Refund) -> Statement {
    Statement::new(concat!(
        "insert into refunds (",
        refund_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    ))
    .bind(r.refund_no.as_str())
    .bind(r.app_id.as_str())
    .bind(&r.out_refund_no)
    .opt_word(r.order_no.as_ref())
    .bind(r.pay_no.as_str())
    .opt_word(r.case_id.as_ref())
    .bind(r.amount)
    .bind(&r.reason)
    .bind(r.notify_url.clone())
    .bind(&r.requested_by)
    .bind(r.created_at)
    .bind(r.status.as_str())
    .bind(r.provider_refund_no.clone())
    .bind(r.error_code.clone())
    .bind(r.error_message.clone())
    .bind(r.succeeded_at)
}

pub(super) fn save(r: &Refund, was: RefundStatus) -> Statement {
    Statement::new(
        "update refunds set status = $3, provider_refund_no = $4, error_code = $5, error_message = $6, succeeded_at = $7 \
         where refund_no = $1 and status = $2",
    )
    .bind(r.refund_no.as_str())
    .bind(was.as_str())
    .bind(r.status.as_str())
    .bind(r.provider_refund_no.clone())
    .bind(r.error_code.clone())
    .bind(r.error_message.clone())
    .bind(r.succeeded_at)
    .expect(Expect::Fresh)
}

/// Those of the order that the given SQL names, oldest first.
macro_rules! of_order {
    ($order_no:literal) => {
        concat!(
            "select ",
            $crate::storage::refunds::refund_columns!(),
            " from refunds where order_no = ",
            $order_no,
            " order by created_at, refund_no"
        )
    };
}
pub(super) use of_order;

pub(super) fn read(row: &Record) -> Result<Refund> {
    let mut r = Row::of("refunds", row);
    Ok(Refund {
        refund_no: r.word(RefundNo::parse)?,
        app_id: r.word(AppId::parse)?,
        out_refund_no: r.text()?,
        order_no: r.opt_word(OrderNo::parse)?,
        pay_no: r.word(PayNo::parse)?,
        case_id: r.opt_word(CaseId::parse)?,
        amount: r.amount()?,
        reason: r.text()?,
        notify_url: r.opt_text()?,
        requested_by: r.text()?,
        created_at: r.int()?,
        status: r.word(RefundStatus::parse)?,
        provider_refund_no: r.opt_text()?,
        error_code: r.opt_text()?,
        error_message: r.opt_text()?,
        succeeded_at: r.opt_int()?,
    })
}

impl Database {
    pub(super) async fn find_refund(&self, refund_no: &RefundNo) -> Result<Option<Refund>> {
        let query =
            Statement::new(concat!("select ", refund_columns!(), " from refunds where refund_no = $1")).bind(refund_no.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_refund_by_out_no(&self, app_id: &AppId, out_refund_no: &str) -> Result<Option<Refund>> {
        let query =
            Statement::new(concat!("select ", refund_columns!(), " from refunds where out_refund_no = $1 and app_id = $2"))
                .bind(out_refund_no)
                .bind(app_id.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn list_refunds(&self, filter: &RefundFilter, page: &PageRequest) -> Result<Page<Refund>> {
        let mut list = List::new(concat!("select ", refund_columns!(), " from refunds where 1 = 1"), "refund_no");
        // Beside a number every other condition is written so that no index of its own can lead.
        let free = filter.number.is_none();
        if let Some(number) = &filter.number {
            list.add(" and refund_no in (select refund_no from refunds where refund_no = ").arg(number);
            list.add(" union select refund_no from refunds where out_refund_no = ").arg(number);
            list.add(" union select refund_no from refunds where order_no = ").arg(number);
            list.add(" union select refund_no from refunds where pay_no = ").arg(number);
            list.add(" union select refund_no from refunds where provider_refund_no = ").arg(number).add(")");
        }
        if let Some(app_id) = &filter.app_id {
            list.add(if free { " and app_id = " } else { " and app_id || '' = " }).arg(app_id.as_str());
        }
        if let Some(status) = filter.status {
            list.add(if free { " and status = " } else { " and status || '' = " }).arg(status.as_str());
        }
        if let Some(from) = filter.from {
            list.add(" and created_at >= ").arg(from).add(" and refund_no >= ").arg(lower_bound(from));
        }
        if let Some(to) = filter.to {
            list.add(" and created_at < ").arg(to).add(" and refund_no < ").arg(upper_bound(to));
        }
        list.fetch(self, page, read, |r| r.refund_no.to_string()).await
    }
}
