//! Filters as they stand in a URL, read into those of the store. Empty means any.

use super::zone::{midnight, minutes_east};
use crate::model::views::admin::*;
use crate::model::{Amount, AppId, CaseKind, CaseStatus, ChannelId, EventType, Method, OrderStatus, UiError, UnknownName};
use crate::model::{RefundStatus, RefundedPart, WebhookStatus};
use crate::pay::store::{CaseFilter, EventFilter, NoticeFilter, OrderFilter, Page, PageRequest, RefundFilter};

/// Rows on one page of a list.
const ROWS: i64 = 50;
const DAY_MS: i64 = 86_400_000;

type Result<T> = std::result::Result<T, UiError>;

fn invalid(field: &str, rule: &str) -> UiError {
    UiError::Invalid { field: field.to_owned(), rule: rule.to_owned() }
}

/// A word of a closed set.
fn word<T>(field: &str, text: &str, parse: fn(&str) -> std::result::Result<T, UnknownName>) -> Result<Option<T>> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some).map_err(|_| invalid(field, "is not known")) }
}

fn app(text: &str) -> Result<Option<AppId>> {
    if text.is_empty() { Ok(None) } else { AppId::parse(text).map(Some).map_err(|_| invalid("app", "is not known")) }
}

fn day(field: &str, text: &str, plus_ms: i64) -> Result<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    midnight(text, minutes_east()).map(|at| Some(at + plus_ms)).ok_or_else(|| invalid(field, "must be a day such as 2026-11-25"))
}

fn yuan(field: &str, text: &str) -> Result<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    Amount::parse_yuan(text).map(|a| Some(a.fen())).map_err(|e| invalid(field, &e.to_string()))
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub fn page(before: &str, after: &str) -> PageRequest {
    PageRequest { before: some(before), after: some(after), limit: ROWS }
}

pub fn pager<T>(page: &Page<T>) -> Pager {
    Pager { older: page.older.clone(), newer: page.newer.clone() }
}

pub fn orders(q: &OrderQuery) -> Result<OrderFilter> {
    Ok(OrderFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, OrderStatus::parse)?,
        refund_status: word("refund", &q.refund, RefundedPart::parse)?,
        method: word("method", &q.method, Method::parse)?,
        from: day("from", &q.from, 0)?,
        to: day("to", &q.to, DAY_MS)?,
        amount_min: yuan("min", &q.min)?,
        amount_max: yuan("max", &q.max)?,
        number: some(&q.q),
    })
}

pub fn refunds(q: &RefundQuery) -> Result<RefundFilter> {
    Ok(RefundFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, RefundStatus::parse)?,
        number: some(&q.q),
        from: day("from", &q.from, 0)?,
        to: day("to", &q.to, DAY_MS)?,
    })
}

pub fn cases(q: &CaseQuery) -> Result<CaseFilter> {
    Ok(CaseFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, CaseStatus::parse)?,
        kind: word("kind", &q.kind, CaseKind::parse)?,
    })
}

pub fn events(q: &EventQuery) -> Result<EventFilter> {
    Ok(EventFilter {
        app_id: app(&q.app)?,
        status: word("status", &q.status, WebhookStatus::parse)?,
        kind: word("kind", &q.kind, EventType::parse)?,
        number: some(&q.q),
    })
}

pub fn notices(q: &NoticeQuery) -> Result<NoticeFilter> {
    let channel_id = match q.channel.as_str() {
        "" => None,
        text => Some(ChannelId::parse(text).map_err(|_| invalid("channel", "is not known"))?),
    };
    let verified = match q.verified.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    Ok(NoticeFilter { channel_id, verified, number: some(&q.q) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_url_asks_for_everything() {
        assert_eq!(orders(&OrderQuery::default()).unwrap(), OrderFilter::default());
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
        let filter = orders(&q).unwrap();
        assert_eq!(filter.to.unwrap() - filter.from.unwrap(), DAY_MS);
        assert_eq!((filter.amount_min, filter.number.as_deref()), (Some(150), Some("42")));
    }

    #[test]
    fn nonsense_names_its_field() {
        let status = OrderQuery { status: "payed".into(), ..OrderQuery::default() };
        let min = OrderQuery { min: "1e3".into(), ..OrderQuery::default() };
        let from = OrderQuery { from: "yesterday".into(), ..OrderQuery::default() };
        for (q, wanted) in [(status, "status"), (min, "min"), (from, "from")] {
            assert!(matches!(orders(&q), Err(UiError::Invalid { field, .. }) if field == wanted));
        }
    }
}
