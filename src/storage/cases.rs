//! Cases: rows, statements and the list.

use super::database::Database;
use super::list::List;
use super::row::{Record, Row};
use super::statement::{Expect, Statement};
use crate::model::{AppId, CaseAnswer, CaseId, CaseKind, CaseStatus, ChannelId, OrderNo, PayNo, RefundNo};
use crate::pay::Case;
use crate::pay::store::{CaseFilter, Page, PageRequest, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! case_columns {
    () => {
        "case_id, kind, app_id, channel_id, order_no, pay_no, claimed_no, provider_trade_no, amount, created_at, status, answer, \
         refund_no, resolved_at, resolved_by"
    };
}
pub(super) use case_columns;

pub(super) fn insert(c: &Case) -> Statement {
    Statement::new(concat!(
        "insert into cases (",
        case_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    ))
    .bind(c.case_id.as_str())
    .bind(c.kind.as_str())
    .opt_word(c.app_id.as_ref())
    .bind(c.channel_id.as_str())
    .opt_word(c.order_no.as_ref())
    .opt_word(c.pay_no.as_ref())
    .bind(&c.claimed_no)
    .bind(&c.provider_trade_no)
    .bind(c.amount)
    .bind(c.created_at)
    .bind(c.status.as_str())
    .bind(c.answer.map(CaseAnswer::as_str))
    .opt_word(c.refund_no.as_ref())
    .bind(c.resolved_at)
    .bind(c.resolved_by.clone())
}

pub(super) fn save(c: &Case, was: CaseStatus) -> Statement {
    Statement::new(
        "update cases set status = $3, answer = $4, refund_no = $5, resolved_at = $6, resolved_by = $7 \
         where case_id = $1 and status = $2",
    )
    .bind(c.case_id.as_str())
    .bind(was.as_str())
    .bind(c.status.as_str())
    .bind(c.answer.map(CaseAnswer::as_str))
    .opt_word(c.refund_no.as_ref())
    .bind(c.resolved_at)
    .bind(c.resolved_by.clone())
    .expect(Expect::Fresh)
}

/// Those of the order that the given SQL names, oldest first.
macro_rules! of_order {
    ($order_no:literal) => {
        concat!(
            "select ",
            $crate::storage::cases::case_columns!(),
            " from cases where order_no = ",
            $order_no,
            " order by created_at, case_id"
        )
    };
}
pub(super) use of_order;

pub(super) fn read(row: &Record) -> Result<Case> {
    let mut r = Row::of("cases", row);
    Ok(Case {
        case_id: r.word(CaseId::parse)?,
        kind: r.word(CaseKind::parse)?,
        app_id: r.opt_word(AppId::parse)?,
        channel_id: r.word(ChannelId::parse)?,
        order_no: r.opt_word(OrderNo::parse)?,
        pay_no: r.opt_word(PayNo::parse)?,
        claimed_no: r.text()?,
        provider_trade_no: r.text()?,
        amount: r.amount()?,
        created_at: r.int()?,
        status: r.word(CaseStatus::parse)?,
        answer: r.opt_word(CaseAnswer::parse)?,
        refund_no: r.opt_word(RefundNo::parse)?,
        resolved_at: r.opt_int()?,
        resolved_by: r.opt_text()?,
    })
}

impl Database {
    pub(super) async fn find_case(&self, case_id: &CaseId) -> Result<Option<Case>> {
        let query = Statement::new(concat!("select ", case_columns!(), " from cases where case_id = $1")).bind(case_id.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn list_cases(&self, filter: &CaseFilter, page: &PageRequest) -> Result<Page<Case>> {
        let mut list = List::new(concat!("select ", case_columns!(), " from cases where 1 = 1"), "case_id");
        if let Some(app_id) = &filter.app_id {
            list.add(" and app_id = ").arg(app_id.as_str());
        }
        if let Some(status) = filter.status {
            list.add(" and status = ").arg(status.as_str());
        }
        if let Some(kind) = filter.kind {
            list.add(" and kind = ").arg(kind.as_str());
        }
        list.fetch(self, page, read, |c| c.case_id.to_string()).await
    }
}
