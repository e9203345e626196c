//! Refunds that a provider asked about: rows and statements.

use super::database::Database;
use super::row::{Record, Row};
use super::statement::{Expect, Statement};
use crate::model::{AppId, AuditDecision, ChannelId, OrderNo, RefundNo};
use crate::pay::RefundAudit;
use crate::pay::store::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! audit_columns {
    () => {
        "audit_id, channel_id, provider_refund_no, pay_no, order_no, app_id, asked_at, amount, decision, refund_no, decided_by, \
         decided_at"
    };
}

pub(super) fn insert(a: &RefundAudit) -> Statement {
    Statement::new(concat!(
        "insert into refund_audits (",
        audit_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    ))
    .bind(&a.audit_id)
    .bind(a.channel_id.as_str())
    .bind(&a.provider_refund_no)
    .bind(&a.pay_no)
    .opt_word(a.order_no.as_ref())
    .opt_word(a.app_id.as_ref())
    .bind(a.asked_at)
    .bind(a.amount)
    .bind(a.decision.map(AuditDecision::as_str))
    .opt_word(a.refund_no.as_ref())
    .bind(a.decided_by.clone())
    .bind(a.decided_at)
}

pub(super) fn decide(a: &RefundAudit) -> Statement {
    Statement::new(
        "update refund_audits set amount = $2, decision = $3, refund_no = $4, decided_by = $5, decided_at = $6 \
         where audit_id = $1 and decision is null",
    )
    .bind(&a.audit_id)
    .bind(a.amount)
    .bind(a.decision.map(AuditDecision::as_str))
    .opt_word(a.refund_no.as_ref())
    .bind(a.decided_by.clone())
    .bind(a.decided_at)
    .expect(Expect::Fresh)
}

fn read(row: &Record) -> Result<RefundAudit> {
    let mut r = Row::of("refund_audits", row);
    Ok(RefundAudit {
        audit_id: r.text()?,
        channel_id: r.word(ChannelId::parse)?,
        provider_refund_no: r.text()?,
        pay_no: r.text()?,
        order_no: r.opt_word(OrderNo::parse)?,
        app_id: r.opt_word(AppId::parse)?,
        asked_at: r.int()?,
        amount: r.amount()?,
        decision: r.opt_word(AuditDecision::parse)?,
        refund_no: r.opt_word(RefundNo::parse)?,
        decided_by: r.opt_text()?,
        decided_at: r.opt_int()?,
    })
}

impl Database {
    pub(super) async fn find_refund_audit(&self, audit_id: &str) -> Result<Option<RefundAudit>> {
        let query =
            Statement::new(concat!("select ", audit_columns!(), " from refund_audits where audit_id = $1")).bind(audit_id);
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_refund_audit_by_no(&self, channel_id: &ChannelId, number: &str) -> Result<Option<RefundAudit>> {
        let query = Statement::new(concat!(
            "select ",
            audit_columns!(),
            " from refund_audits where channel_id = $1 and provider_refund_no = $2"
        ))
        .bind(channel_id.as_str())
        .bind(number);
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_open_refund_audits(&self, limit: i64) -> Result<Vec<RefundAudit>> {
        let query = Statement::new(concat!(
            "select ",
            audit_columns!(),
            " from refund_audits where decision is null order by audit_id limit $1"
        ))
        .bind(limit);
        self.rows(query).await?.iter().map(read).collect()
    }
}
