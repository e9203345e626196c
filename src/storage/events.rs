//! Webhook events and their deliveries.

use super::database::Database;
use super::list::{List, bound, lower_bound, upper_bound};
use super::row::{Record, Row};
use super::statement::{Expect, Statement};
use crate::model::{AppId, EventId, EventType, OrderNo, WebhookStatus};
use crate::pay::store::{EventFilter, Page, PageRequest, StoreError};
use crate::pay::{Delivery, Event};

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! event_columns {
    () => {
        "event_id, app_id, kind, order_no, about, url, body, created_at, status, attempts, delivered_at"
    };
}

macro_rules! delivery_columns {
    () => {
        "id, event_id, attempt, at, duration_ms, request_headers, status_code, reply, error"
    };
}

pub(super) fn insert(e: &Event) -> Statement {
    Statement::new(concat!(
        "insert into webhook_events (",
        event_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    ))
    .bind(e.event_id.as_str())
    .bind(e.app_id.as_str())
    .bind(e.kind.as_str())
    .opt_word(e.order_no.as_ref())
    .bind(&e.about)
    .bind(&e.url)
    .bind(&e.body)
    .bind(e.created_at)
    .bind(e.status.as_str())
    .bind(e.attempts)
    .bind(e.delivered_at)
}

pub(super) fn save(e: &Event) -> Statement {
    Statement::of_row(1, "update webhook_events set status = $2, attempts = $3, delivered_at = $4 where event_id = $1")
        .bind(e.event_id.as_str())
        .bind(e.status.as_str())
        .bind(e.attempts)
        .bind(e.delivered_at)
        .expect(Expect::Fresh)
}

pub(super) fn retry(event_id: &EventId) -> Statement {
    Statement::of_row(1, "update webhook_events set status = 'pending' where event_id = $1 and status = 'failed'")
        .bind(event_id.as_str())
        .expect(Expect::Fresh)
}

pub(super) fn insert_delivery(d: &Delivery) -> Statement {
    Statement::new(concat!(
        "insert into webhook_deliveries (",
        delivery_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    ))
    .bind(&d.id)
    .bind(d.event_id.as_str())
    .bind(d.attempt)
    .bind(d.at)
    .bind(d.duration_ms)
    .bind(&d.request_headers)
    .bind(d.status_code)
    .bind(d.reply.clone())
    .bind(d.error.clone())
}

/// The event's id for a number: it begins with its time, too, behind a prefix.
pub(super) fn key(number: &str) -> String {
    format!("evt_{}", number.to_lowercase())
}

fn read(row: &Record) -> Result<Event> {
    let mut r = Row::of("webhook_events", row);
    Ok(Event {
        event_id: r.word(EventId::parse)?,
        app_id: r.word(AppId::parse)?,
        kind: r.word(EventType::parse)?,
        order_no: r.opt_word(OrderNo::parse)?,
        about: r.text()?,
        url: r.text()?,
        body: r.text()?,
        created_at: r.int()?,
        status: r.word(WebhookStatus::parse)?,
        attempts: r.int()?,
        delivered_at: r.opt_int()?,
    })
}

fn read_delivery(row: &Record) -> Result<Delivery> {
    let mut r = Row::of("webhook_deliveries", row);
    Ok(Delivery {
        id: r.text()?,
        event_id: r.word(EventId::parse)?,
        attempt: r.int()?,
        at: r.int()?,
        duration_ms: r.int()?,
        request_headers: r.text()?,
        status_code: r.opt_int()?,
        reply: r.opt_text()?,
        error: r.opt_text()?,
    })
}

fn conditions(list: &mut List, filter: &EventFilter) {
    // Beside a number every other condition is written so that no index of its own can lead.
    let free = filter.number.is_none();
    if let Some(number) = &filter.number {
        list.add(" and event_id in (select event_id from webhook_events where event_id = ").arg(number);
        list.add(" union select event_id from webhook_events where about = ").arg(number);
        list.add(" union select event_id from webhook_events where order_no = ").arg(number);
        list.add(
            " union select e.event_id from orders o join webhook_events e on e.order_no = o.order_no where o.out_order_no = ",
        );
        list.arg(number).add(")");
    }
    if let Some(app_id) = &filter.app_id {
        list.add(if free { " and app_id = " } else { " and app_id || '' = " }).arg(app_id.as_str());
    }
    match filter.status {
        // Spelt out: the index of an app's failed events is used only where its own condition stands in the query.
        Some(WebhookStatus::Failed) if free => {
            list.add(" and status = 'failed'");
        }
        Some(status) => {
            list.add(if free { " and status = " } else { " and status || '' = " }).arg(status.as_str());
        }
        None => {}
    }
    if let Some(kind) = filter.kind {
        list.add(if free { " and kind = " } else { " and kind || '' = " }).arg(kind.as_str());
    }
    if let Some(from) = filter.from {
        list.add(" and created_at >= ").arg(from).add(" and event_id >= ").arg(key(&lower_bound(from)));
    }
    if let Some(to) = filter.to {
        list.add(" and created_at < ").arg(to).add(" and event_id < ").arg(key(&upper_bound(to)));
    }
}

impl Database {
    pub(super) async fn find_event(&self, event_id: &EventId) -> Result<Option<Event>> {
        let query = Statement::new(concat!("select ", event_columns!(), " from webhook_events where event_id = $1"))
            .bind(event_id.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_events_of_order(&self, order_no: &OrderNo) -> Result<Vec<Event>> {
        let query =
            Statement::new(concat!("select ", event_columns!(), " from webhook_events where order_no = $1 order by event_id"))
                .bind(order_no.as_str());
        self.rows(query).await?.iter().map(read).collect()
    }

    pub(super) async fn find_deliveries(&self, event_id: &EventId) -> Result<Vec<Delivery>> {
        let query =
            Statement::new(concat!("select ", delivery_columns!(), " from webhook_deliveries where event_id = $1 order by id"))
                .bind(event_id.as_str());
        self.rows(query).await?.iter().map(read_delivery).collect()
    }

    pub(super) async fn list_events(&self, filter: &EventFilter, page: &PageRequest) -> Result<Page<Event>> {
        let mut list = List::new(concat!("select ", event_columns!(), " from webhook_events where 1 = 1"), "event_id");
        conditions(&mut list, filter);
        list.fetch(self, page, read, |e| e.event_id.to_string()).await
    }

    pub(super) async fn count_events(&self, filter: &EventFilter, most: i64) -> Result<i64> {
        let mut list = List::new("select count(*) from (select 1 from webhook_events where 1 = 1", "event_id");
        conditions(&mut list, filter);
        list.add(" limit ").arg(most).add(") as counted");
        list.rows(self).await?.first().map_or(Ok(0), |row| Row::of("webhook_events", row).int())
    }

    /// Two index entries of each app, however many events there are.
    pub(super) async fn find_apps_with_failures(&self, from: i64, turn: i64, limit: i64) -> Result<Vec<AppId>> {
        let query = Statement::new(
            "select a.app_id from apps a where exists (select 1 from webhook_events e where e.status = 'failed' \
             and e.app_id = a.app_id and e.event_id >= $1 and e.event_id < $2) and exists (select 1 from webhook_events e \
             where e.status = 'failed' and e.app_id = a.app_id and e.event_id >= $2) order by a.app_id limit $3",
        )
        .bind(key(&bound(from)))
        .bind(key(&bound(turn)))
        .bind(limit);
        self.scan(query).await?.iter().map(|row| Row::of("apps", row).word(AppId::parse)).collect()
    }
}
