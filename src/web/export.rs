//! The orders list as a CSV file, with the filters of the page. Read page by page while it is sent, so that a year of
//! orders takes no more memory than fifty.

use super::asking::{Asking, Person};
use crate::model::UiError;
use crate::model::views::admin::OrderQuery;
use crate::pay::objects::rfc3339;
use crate::pay::store::PageRequest;
use crate::pay::{Cashier, Order};
use crate::rpc::session::{Need, who_in};
use crate::rpc::{filters, zone};
use crate::ui::LonePage;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures::stream;
use tower_sessions::Session;

/// Rows that are read, and sent, at once.
const ROWS: i64 = 500;
const COLUMNS: [&str; 14] = [
    "order_no",
    "out_order_no",
    "app_id",
    "subject",
    "amount_yuan",
    "status",
    "refund_status",
    "refunded_yuan",
    "method",
    "pay_no",
    "created_at",
    "paid_at",
    "closed_at",
    "close_reason",
];

/// `GET /admin/orders.csv`. Needs the right to move money: it is the whole book. The days of the filters are those of the
/// person's zone, as on the page.
pub async fn orders_csv(
    State(cashier): State<Cashier>,
    session: Session,
    query: Result<Query<OrderQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let (asking, zone) = (Asking::of(&request), zone::of_headers(request.headers()));
    let allowed = who_in(session, cashier.clone(), Need::MoveMoney).await;
    let query = query.map_err(|_| UiError::Transport);
    let filter = match allowed.and_then(|_| filters::orders(&query?.0, zone)) {
        Ok(filter) => filter,
        Err(error) => return refused(&asking, request.uri(), &error),
    };
    let first = (cashier, filter, Some(PageRequest { before: None, after: None, limit: ROWS }), true);
    let pages = stream::try_unfold(first, |(cashier, filter, request, is_first)| async move {
        let Some(request) = request else { return Ok(None) };
        let page = cashier.store().orders(&filter, &request).await.map_err(std::io::Error::other)?;
        let bytes = chunk(&page.items, is_first).map_err(std::io::Error::other)?;
        let next = page.older.map(|before| PageRequest { before: Some(before), after: None, limit: ROWS });
        Ok::<_, std::io::Error>(Some((bytes, (cashier, filter, next, false))))
    });
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"orders.csv\"")];
    (headers, Body::from_stream(pages)).into_response()
}

/// A person who is not signed in does so first, and then finds the list that was to be exported.
fn refused(asking: &Asking, uri: &Uri, error: &UiError) -> Response {
    if matches!((asking, error), (Asking::Person(_), UiError::Unauthenticated)) {
        let list = uri.path_and_query().map_or("", |p| p.as_str()).replacen(".csv", "", 1);
        let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &list).finish();
        return Redirect::to(&format!("/admin/login?{next}")).into_response();
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = |person: &Person| match error {
        UiError::Unavailable { .. } => LonePage::unavailable(person.lang).again(person.again.as_deref()),
        UiError::Internal { .. } => LonePage::fault(person.lang).again(person.again.as_deref()),
        other => LonePage::no_export(person.lang, other),
    };
    asking.answer(status, page, error.to_string())
}

fn chunk(orders: &[Order], is_first: bool) -> Result<Bytes, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    if is_first {
        // The mark makes spreadsheet programs read Chinese text as UTF-8.
        out.write_record(COLUMNS.iter().enumerate().map(|(i, c)| if i == 0 { format!("\u{feff}{c}") } else { (*c).to_owned() }))?;
    }
    for o in orders {
        let text = |v: Option<&str>| v.unwrap_or_default().to_owned();
        let time = |at: Option<i64>| at.map(rfc3339).unwrap_or_default();
        out.write_record([
            o.order_no.to_string(),
            harmless(&o.out_order_no),
            o.app_id.to_string(),
            harmless(&o.subject),
            o.amount.yuan(),
            o.status.to_string(),
            o.refund_status.to_string(),
            o.refunded_amount.yuan(),
            text(o.method.map(|m| m.as_str())),
            text(o.pay_no.as_ref().map(|n| n.as_str())),
            time(Some(o.created_at)),
            time(o.paid_at),
            time(o.closed_at),
            text(o.close_reason.map(|r| r.as_str())),
        ])?;
    }
    let bytes = out.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
    Ok(Bytes::from(bytes))
}

/// A cell that begins like a formula gets an apostrophe: a spreadsheet must not run a merchant's text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://evil\")", "＝1"] {
            assert!(harmless(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(harmless("蓝茶壶 = 好"), "蓝茶壶 = 好");
    }
}
