//! The JSON interfaces: reads a call, finds out who it is, runs it, signs the answer. Provider's document: 商户支付结果查询.

use super::check;
use super::ledger::State;
use super::notice::{self, json};
use super::play::Lianlian;
use super::refunds;
use super::refusal::No;
use super::sign::Fields;
use crate::model::ChannelKind;
use axum::body::Bytes;
use axum::extract::State as Ctx;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

/// What an interface does with the fields of a verified call: the signed fields of its answer, and those beside them.
pub type Work = fn(&Arc<Lianlian>, &Fields) -> Result<(Fields, Fields), No>;

/// One JSON interface.
pub fn interface(work: Work) -> axum::routing::MethodRouter<Arc<Lianlian>> {
    axum::routing::post(move |Ctx(lianlian): Ctx<Arc<Lianlian>>, headers: HeaderMap, body: Bytes| async move {
        run(&lianlian, &headers, &body, work).await
    })
}

async fn run(lianlian: &Arc<Lianlian>, headers: &HeaderMap, body: &[u8], work: Work) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let fields = if content_type.starts_with("application/json") { read(body) } else { Err(No::unreadable()) };
    let identified = fields.and_then(|fields| lianlian.account.identify(&fields).map(|how| (how, fields)));
    let (how, fields) = match identified {
        Ok(known) => known,
        // Nobody knows yet who is asking: the answer carries no signature.
        Err(no) => return refuse(lianlian, &no, Fields::new()),
    };
    if let Some(broken) = hindrance(lianlian, &fields).await {
        return broken;
    }
    match work(lianlian, &fields) {
        Ok((mut signed, beside)) => {
            signed.insert("ret_code".to_owned(), "0000".to_owned());
            signed.insert("ret_msg".to_owned(), "交易成功".to_owned());
            let mut answer = lianlian.account.seal(how, signed, false);
            answer.extend(beside);
            reply(&answer)
        }
        Err(no) => {
            let said = Fields::from([("ret_code".to_owned(), no.code.to_owned()), ("ret_msg".to_owned(), no.words.clone())]);
            let answer = lianlian.account.seal(how, said, false);
            refuse(lianlian, &no, answer)
        }
    }
}

/// Flat JSON; numbers count by their text.
fn read(body: &[u8]) -> Result<Fields, No> {
    let object: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(|_| No::unreadable())?;
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    };
    object.into_iter().map(|(name, value)| Some((name, text(value)?))).collect::<Option<_>>().ok_or_else(No::unreadable)
}

fn reply(fields: &Fields) -> Response {
    ([(header::CONTENT_TYPE, "application/json;charset=utf-8")], json(fields)).into_response()
}

fn refuse(lianlian: &Lianlian, no: &No, mut answer: Fields) -> Response {
    lianlian.stage.refused(ChannelKind::Lianlian, no.code);
    answer.insert("ret_code".to_owned(), no.code.to_owned());
    answer.insert("ret_msg".to_owned(), no.words.clone());
    reply(&answer)
}

async fn hindrance(lianlian: &Lianlian, fields: &Fields) -> Option<Response> {
    let (behaviour, since) = {
        let ledger = lianlian.ledger();
        let get = |name: &str| fields.get(name).filter(|value| !value.is_empty());
        let order = get("no_order").and_then(|no| ledger.by_no_order(no));
        let order = order.or_else(|| get("oid_paybill").and_then(|no| ledger.by_paybill(no)));
        let at = order.or_else(|| get("no_refund").and_then(|no| ledger.by_no_refund(no)).map(|(at, _)| at))?;
        (ledger.trades[at].behaviour, ledger.trades[at].behaviour_at)
    };
    lianlian.stage.hindrance(behaviour, since).await
}

/// `orderquery.htm`.
pub fn order_query(lianlian: &Arc<Lianlian>, fields: &Fields) -> Result<(Fields, Fields), No> {
    let version = check::word(fields, "query_version", &["1.0", "1.1"])?;
    if check::word(fields, "type_dc", &["0", "1"])?.as_deref() == Some("1") {
        return Err(No::no_record());
    }
    let ledger = lianlian.ledger();
    let at = match (check::optional(fields, "oid_paybill", 18)?, check::optional(fields, "no_order", 32)?) {
        (Some(paybill), _) => ledger.by_paybill(&paybill),
        // The order's time is part of its name.
        (None, Some(no_order)) => {
            let (dt_order, _) = check::moment(fields, "dt_order")?;
            ledger.by_no_order(&no_order).filter(|at| ledger.trades[*at].order.dt_order == dt_order)
        }
        (None, None) => return Err(No::parameter("no_order")),
    };
    let trade = &ledger.trades[at.ok_or_else(No::no_record)?];
    let mut beside = Fields::new();
    if version.as_deref() == Some("1.1") {
        let memo = match trade.state {
            State::Failure => "银行拒绝交易",
            State::Expired => "订单已过期",
            _ => "",
        };
        if trade.paid.is_some() {
            beside.insert("bank_name".to_owned(), "中国工商银行".to_owned());
        }
        beside.insert("memo".to_owned(), memo.to_owned());
    }
    Ok((notice::payment_fields(trade), beside))
}

/// `refund.htm`.
pub fn refund(lianlian: &Arc<Lianlian>, fields: &Fields) -> Result<(Fields, Fields), No> {
    Ok((refunds::apply(lianlian, fields)?, Fields::new()))
}

/// `refundquery.htm`.
pub fn refund_query(lianlian: &Arc<Lianlian>, fields: &Fields) -> Result<(Fields, Fields), No> {
    Ok((refunds::look(lianlian, fields)?, Fields::new()))
}
