//! Bills: a day's consumed orders and what is settled of each. The files' columns are made up; Baidu describes none.

use super::desk::Baidu;
use super::refusal::{self, Refusal};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// The commission of anything but games: 0.6 %, rounded to whole fen.
pub fn commission(total: i64) -> i64 {
    (total * 6 + 500) / 1000
}

fn day_of(ms: i64) -> String {
    let at = crate::simulator::beijing(ms);
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
}

/// What the bill calls answer: where the file of a day lies.
///
/// # Errors
/// For a text that is no day.
pub fn offer(baidu: &Baidu, kind: &str, day: &str) -> Result<Value, Refusal> {
    if !is_day(day) {
        return Err(refusal::PARAMETER);
    }
    let entry = json!({
        "createTime": baidu.now_ms() / 1000,
        "downloadName": format!("{kind}-{day}.csv"),
        "exportStatus": 2,
        "url": format!("{}/baidu/bill/{kind}/{day}", baidu.stage.origin()),
    });
    Ok(json!({ "data": [entry], "totalCount": 1 }))
}

/// `GET /baidu/bill/{kind}/{day}`.
pub async fn download(State(baidu): State<Arc<Baidu>>, Path((_, day)): Path<(String, String)>) -> Response {
    if !is_day(&day) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut csv = "orderId,tpOrderId,totalMoney,commission,settleMoney\n".to_owned();
    let desk = baidu.desk();
    for order in desk.ledger.all().filter(|order| order.consumed) {
        let Some(paid) = order.paid.as_ref().filter(|paid| day_of(paid.at_ms) == day) else { continue };
        let fee = commission(paid.total);
        let _ = writeln!(csv, "{},{},{},{fee},{}", order.order_id, order.info.tp_order_id, paid.total, paid.total - fee);
    }
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fen_may_be_eaten_whole_or_not_at_all() {
        assert_eq!([1, 83, 84, 100, 10_000].map(commission), [0, 0, 1, 1, 60]);
    }
}
