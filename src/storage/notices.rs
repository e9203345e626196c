//! Providers' messages as they were kept.

use super::database::Database;
use super::list::List;
use super::row::{Record, Row};
use super::statement::Statement;
use crate::model::{ChannelId, OrderNo};
use crate::pay::NoticeRow;
use crate::pay::store::{NoticeFilter, Page, PageRequest, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! notice_columns {
    () => {
        "id, channel_id, kind, received_at, headers, body_base64, verified, result, pay_no, order_no"
    };
}

pub(super) fn insert(n: &NoticeRow) -> Statement {
    Statement::new(concat!("insert into notices (", notice_columns!(), ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"))
        .bind(&n.id)
        .bind(n.channel_id.as_str())
        .bind(&n.kind)
        .bind(n.received_at)
        .bind(&n.headers)
        .bind(&n.body_base64)
        .bind(n.verified)
        .bind(&n.result)
        .bind(n.pay_no.clone())
        .opt_word(n.order_no.as_ref())
}

fn read(row: &Record) -> Result<NoticeRow> {
    let mut r = Row::of("notices", row);
    Ok(NoticeRow {
        id: r.text()?,
        channel_id: r.word(ChannelId::parse)?,
        kind: r.text()?,
        received_at: r.int()?,
        headers: r.text()?,
        body_base64: r.text()?,
        verified: r.flag()?,
        result: r.text()?,
        pay_no: r.opt_text()?,
        order_no: r.opt_word(OrderNo::parse)?,
    })
}

impl Database {
    pub(super) async fn find_notice(&self, id: &str) -> Result<Option<NoticeRow>> {
        let query = Statement::new(concat!("select ", notice_columns!(), " from notices where id = $1")).bind(id);
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_notices_of_order(&self, order_no: &OrderNo) -> Result<Vec<NoticeRow>> {
        let query = Statement::new(concat!("select ", notice_columns!(), " from notices where order_no = $1 order by id"))
            .bind(order_no.as_str());
        self.rows(query).await?.iter().map(read).collect()
    }

    pub(super) async fn count_unverified(&self, channel_id: &ChannelId, since: i64) -> Result<i64> {
        let query = Statement::new("select count(*) from notices where verified = 0 and channel_id = $1 and received_at >= $2")
            .bind(channel_id.as_str())
            .bind(since);
        self.row(query).await?.map_or(Ok(0), |row| Row::of("notices", &row).int())
    }

    pub(super) async fn list_notices(&self, filter: &NoticeFilter, page: &PageRequest) -> Result<Page<NoticeRow>> {
        let mut list = List::new(concat!("select ", notice_columns!(), " from notices where 1 = 1"), "id");
        // Beside a number every other condition is written so that no index of its own can lead.
        let free = filter.number.is_none();
        if let Some(number) = &filter.number {
            list.add(" and id in (select id from notices where id = ").arg(number);
            list.add(" union select id from notices where pay_no = ").arg(number);
            list.add(" union select id from notices where order_no = ").arg(number);
            list.add(" union select n.id from orders o join notices n on n.order_no = o.order_no where o.out_order_no = ");
            list.arg(number).add(")");
        }
        if let Some(channel_id) = &filter.channel_id {
            list.add(if free { " and channel_id = " } else { " and channel_id || '' = " }).arg(channel_id.as_str());
        }
        if let Some(verified) = filter.verified {
            list.add(if free { " and verified = " } else { " and verified + 0 = " }).arg(verified);
        }
        list.fetch(self, page, read, |n| n.id.clone()).await
    }
}
