//! Filters as they stand in a URL, read into those of the store. Empty means any. Days are those of a zone, given in minutes
//! east of UTC.

use super::input::given;
use super::zone::{DAY_MS, midnight};
use crate::model::views::admin::*;
use crate::model::{Amount, AppId, CaseKind, CaseStatus, ChannelId, EventType, Method, OrderStatus, UiError, UnknownName};
use crate::model::{RefundStatus, RefundedPart, WebhookStatus};
use crate::pay::FailedEvents;
use crate::pay::store::{CaseFilter, EventFilter, NoticeFilter, OrderFilter, Page, PageRequest, RefundFilter};

/// Rows on one page of a list.
const ROWS: i64 = 50;

type Result<T> = std::result::Result<T, UiError>;

/// A word of a closed set.
fn word<T>(field: &str, text: &str, parse: fn(&str) -> std::result::Result<T, UnknownName>) -> Result<Option<T>> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some).map_err(|_| UiError::invalid(field, "is not known")) }
}

fn app(text: &str) -> Result<Option<AppId>> {
    if text.is_empty() { Ok(None) } else { AppId::parse(text).map(Some).map_err(|_| UiError::invalid("app", "is not known")) }
}

/// UTC ms at which a day begins in a zone.
fn begin(field: &str, day: &str, zone: i32) -> Result<Option<i64>> {
    if day.is_empty() {
        return Ok(None);
    }
    midnight(day, zone).map(Some).ok_or_else(|| UiError::invalid(field, "must be a day such as 2026-11-25"))
}

/// UTC ms at which a day is over in a zone.
fn end(field: &str, day: &str, zone: i32) -> Result<Option<i64>> {
    Ok(begin(field, day, zone)?.map(|at| at + DAY_MS))
}

fn yuan(field: &str, text: &str) -> Result<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    Amount::parse_yuan(text).map(|a| Some(a.fen())).map_err(|e| UiError::invalid(field, e.to_string()))
}

/// Where a list's page begins, by the cursors in its URL.
pub fn page(before: &str, after: &str) -> PageRequest {
    PageRequest { before: given(before), after: given(after), limit: ROWS }
}

/// The cursors of the pages beside this one.
pub fn pager<T>(page: &Page<T>) -> Pager {
    Pager { older: page.older.clone(), newer: page.newer.clone() }
}

/// Of the orders list. `zone` is in minutes east of UTC.
///
/// # Errors
/// `Invalid` naming the first filter that cannot be read.
pub fn orders(q: &OrderQuery, zone: i32) -> Result<OrderFilter> {
    Ok(OrderFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, OrderStatus::parse)?,
        refund_status: word("refund", &q.refund, RefundedPart::parse)?,
        method: word("method", &q.method, Method::parse)?,
        from: begin("from", &q.from, zone)?,
        to: end("to", &q.to, zone)?,
        amount_min: yuan("min", &q.min)?,
        amount_max: yuan("max", &q.max)?,
        number: given(&q.q),
    })
}

/// Of the refunds list. `zone` is in minutes east of UTC.
///
/// # Errors
/// `Invalid` naming the first filter that cannot be read.
pub fn refunds(q: &RefundQuery, zone: i32) -> Result<RefundFilter> {
    Ok(RefundFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, RefundStatus::parse)?,
        number: given(&q.q),
        from: begin("from", &q.from, zone)?,
        to: end("to", &q.to, zone)?,
    })
}

/// Of the cases list.
///
/// # Errors
/// `Invalid` naming the first filter that cannot be read.
pub fn cases(q: &CaseQuery) -> Result<CaseFilter> {
    Ok(CaseFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, CaseStatus::parse)?,
        kind: word("kind", &q.kind, CaseKind::parse)?,
    })
}

/// Of the webhooks list. `zone` is in minutes east of UTC.
///
/// # Errors
/// `Invalid` naming the first filter that cannot be read.
pub fn events(q: &EventQuery, zone: i32) -> Result<EventFilter> {
    Ok(EventFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, WebhookStatus::parse)?,
        kind: word("kind", &q.kind, EventType::parse)?,
        number: given(&q.q),
        from: begin("from", &q.from, zone)?,
        to: end("to", &q.to, zone)?,
    })
}

/// Of the webhooks that are to be sent again. Both days are needed. `zone` is in minutes east of UTC.
///
/// # Errors
/// `Invalid` naming the first field that is missing or cannot be read, or a last day before the first.
pub fn failed_events(app_id: &str, from: &str, to: &str, zone: i32) -> Result<FailedEvents> {
    let app_id = app(app_id)?;
    let from = begin("from", from, zone)?.ok_or_else(|| UiError::invalid("from", "is required"))?;
    let to = end("to", to, zone)?.ok_or_else(|| UiError::invalid("to", "is required"))?;
    Ok(FailedEvents::new(app_id, from, to)?)
}

/// Of the notices list.
///
/// # Errors
/// `Invalid` for what is no channel's id.
pub fn notices(q: &NoticeQuery) -> Result<NoticeFilter> {
    let channel_id = match q.channel.as_str() {
        "" => None,
        text => Some(ChannelId::parse(text).map_err(|_| UiError::invalid("channel", "is not known"))?),
    };
    let verified = match q.verified.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    Ok(NoticeFilter { channel_id, verified, number: given(&q.q) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_url_asks_for_everything() {
        assert_eq!(orders(&OrderQuery::default(), 480).unwrap(), OrderFilter::default());
    }

    #[test]
    fn days_are_whole_and_amounts_are_fen() {
        let q = OrderQuery {
            from: "2026-11-25".into(),
            to: "2026-11-25".into(),
            min: "1.5".into(),
            q: " 42 ".into(),
            ..OrderQuery::default()
        };
        let filter = orders(&q, 480).unwrap();
        assert_eq!(filter.to.unwrap() - filter.from.unwrap(), DAY_MS);
        assert_eq!((filter.amount_min, filter.number.as_deref()), (Some(150), Some("42")));
    }

    #[test]
    fn a_day_begins_and_ends_where_the_person_is() {
        let q = OrderQuery { from: "2026-11-25".into(), to: "2026-11-25".into(), ..OrderQuery::default() };
        let (china, new_york) = (orders(&q, 480).unwrap(), orders(&q, -300).unwrap());
        let later = (480 + 300) * 60_000;
        assert_eq!((new_york.from, new_york.to), (china.from.map(|at| at + later), china.to.map(|at| at + later)));
    }

    #[test]
    fn nonsense_names_its_field() {
        let status = OrderQuery { status: "payed".into(), ..OrderQuery::default() };
        let min = OrderQuery { min: "1e3".into(), ..OrderQuery::default() };
        let from = OrderQuery { from: "yesterday".into(), ..OrderQuery::default() };
        for (q, wanted) in [(status, "status"), (min, "min"), (from, "from")] {
            assert!(matches!(orders(&q, 480), Err(UiError::Invalid { field, .. }) if field == wanted));
        }
    }
}
