//! The history of orders.

use super::database::Database;
use super::row::{Record, Row, json_text};
use super::statement::Statement;
use crate::model::OrderNo;
use crate::pay::store::StoreError;
use crate::pay::{TimelineEntry, TimelineKind};

type Result<T> = std::result::Result<T, StoreError>;

pub(super) fn insert(t: &TimelineEntry) -> Result<Statement> {
    Ok(Statement::new("insert into timeline (id, order_no, at, kind, actor, about, data) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(&t.id)
        .bind(t.order_no.as_str())
        .bind(t.at)
        .bind(t.kind.as_str())
        .bind(&t.actor)
        .bind(t.about.clone())
        .bind(json_text(&t.data)?))
}

fn read(row: &Record) -> Result<TimelineEntry> {
    let mut r = Row::of("timeline", row);
    Ok(TimelineEntry {
        id: r.text()?,
        order_no: r.word(OrderNo::parse)?,
        at: r.int()?,
        kind: r.word(TimelineKind::parse)?,
        actor: r.text()?,
        about: r.opt_text()?,
        data: r.json()?,
    })
}

impl Database {
    /// Oldest first; entries of one millisecond stay in the order of their ids.
    pub(super) async fn find_timeline(&self, order_no: &OrderNo) -> Result<Vec<TimelineEntry>> {
        let query =
            Statement::new("select id, order_no, at, kind, actor, about, data from timeline where order_no = $1 order by at, id")
                .bind(order_no.as_str());
        self.rows(query).await?.iter().map(read).collect()
    }
}
