//! `/pay/downloadbill` (provider's document: 下载交易账单): plain text made from the ledger, BOM and CRLF included.

use super::super::clock::beijing;
use super::super::gzip;
use super::super::tls::Transport;
use super::call::{Call, Certificate, admit};
use super::check::spaced;
use super::play::Wechat;
use super::trade::{Refund, RefundState, State, Trade};
use crate::model::{Amount, ChannelKind};
use axum::body::Bytes;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    All,
    Success,
    Refund,
}

/// A refusal: text for `return_msg`, number for `error_code`.
type Refused = (&'static str, &'static str);

pub async fn download(wechat: Arc<Wechat>, method: Method, transport: Transport, body: Bytes) -> Response {
    let call = match admit(&wechat, &method, transport, &body, Certificate::None) {
        Ok(call) => call,
        Err(refused) => return refused,
    };
    match bill(&wechat, &call) {
        Ok(text) if call.get("tar_type") == Some("GZIP") => {
            ([(header::CONTENT_TYPE, "application/x-gzip")], gzip::stored(text.as_bytes())).into_response()
        }
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain")], text).into_response(),
        Err((text, number)) => {
            wechat.stage.refused(ChannelKind::WechatV2, text);
            let body = format!(
                "<xml><return_code><![CDATA[FAIL]]></return_code>\n<return_msg><![CDATA[{text}]]></return_msg>\n<error_code><![CDATA[{number}]]></error_code>\n</xml>"
            );
            ([(header::CONTENT_TYPE, "text/plain")], body).into_response()
        }
    }
}

fn bill(wechat: &Wechat, call: &Call) -> Result<String, Refused> {
    let day = call.get("bill_date").ok_or(("missing parameter", "20001"))?;
    let day = Date::parse(day, format_description!("[year][month][day]")).map_err(|_| ("data format error", "20001"))?;
    let sort = match call.get("bill_type") {
        None | Some("ALL") => Sort::All,
        Some("SUCCESS") => Sort::Success,
        Some("REFUND") => Sort::Refund,
        Some("RECHARGE_REFUND") => return Err(("No Bill Exist", "20002")),
        Some(_) => return Err(("invalid bill_type", "20001")),
    };
    if call.get("tar_type").is_some_and(|tar| tar != "GZIP") {
        return Err(("data format error", "20001"));
    }
    available(day, beijing(wechat.now()))?;
    let ledger = wechat.ledger();
    let mut rows: Vec<(i64, Row)> = vec![];
    for trade in &ledger.trades {
        rows.extend(rows_of(wechat, trade, sort).into_iter().filter(|(at, _)| beijing(*at).date() == day));
    }
    rows.sort_by_key(|(at, _)| *at);
    if rows.is_empty() {
        return Err(("No Bill Exist", "20002"));
    }
    Ok(text(rows.into_iter().map(|(_, row)| row).collect(), sort))
}

/// From nine o'clock of the next day, for three months.
fn available(day: Date, now: OffsetDateTime) -> Result<(), Refused> {
    if day >= now.date() || day < now.date() - Duration::days(92) {
        return Err(("No Bill Exist", "20002"));
    }
    if day == now.date() - Duration::days(1) && now.hour() < 9 {
        return Err(("Bill Creating", "20002"));
    }
    Ok(())
}

struct Row {
    cells: Vec<String>,
    settled: i64,
    refunded: i64,
    ordered: i64,
    /// 0.6 % in units of 10^-5 yuan.
    fee: i64,
}

fn rows_of(wechat: &Wechat, trade: &Trade, sort: Sort) -> Vec<(i64, Row)> {
    let Some(paid) = &trade.paid else { return vec![] };
    let mut rows = vec![];
    if sort != Sort::Refund {
        rows.push((paid.at, payment_row(wechat, trade, sort)));
    }
    if sort == Sort::Success {
        return rows;
    }
    if trade.state == State::Revoked
        && let Some(at) = trade.closed_at
    {
        let whole = Refund {
            refund_id: trade.transaction_id.clone().unwrap_or_default(),
            out_refund_no: trade.out_trade_no.clone(),
            amount: paid.amount,
            state: RefundState::Success,
            notify_url: None,
            account: String::new(),
            created_at: at,
            succeeded_at: Some(at),
        };
        rows.push((at, refund_row(wechat, trade, &whole, "REVOKED", sort)));
    }
    let refunds = trade.refunds.iter().filter(|r| r.state != RefundState::Close);
    rows.extend(refunds.map(|refund| (refund.created_at, refund_row(wechat, trade, refund, "REFUND", sort))));
    rows
}

fn head(wechat: &Wechat, trade: &Trade, at: i64, state: &str) -> Vec<String> {
    let account = &wechat.account;
    let paid = trade.paid.as_ref();
    vec![
        spaced(beijing(at)),
        account.app.appid.clone(),
        account.mch_id.clone(),
        if trade.with_sub { account.sub_mch_id.clone() } else { "0".into() },
        trade.device_info.clone(),
        trade.transaction_id.clone().unwrap_or_default(),
        trade.out_trade_no.clone(),
        paid.map(|p| p.openid.clone()).unwrap_or_default(),
        trade.trade_type.as_str().into(),
        state.into(),
        "OTHERS".into(),
        "CNY".into(),
    ]
}

fn payment_row(wechat: &Wechat, trade: &Trade, sort: Sort) -> Row {
    let Some(paid) = &trade.paid else { return Row { cells: vec![], settled: 0, refunded: 0, ordered: 0, fee: 0 } };
    let settled = paid.settlement_total_fee();
    let free = paid.amount.checked_sub(settled).unwrap_or_default();
    let fee = settled.fen() * 6;
    let mut cells = head(wechat, trade, paid.at, "SUCCESS");
    cells.extend([settled.yuan(), free.yuan()]);
    if sort == Sort::All {
        cells.extend(["0", "0", "0.00", "0.00", "", ""].map(str::to_owned));
    }
    cells.extend([trade.subject.clone(), trade.attach.clone(), five(fee), "0.60%".into(), paid.amount.yuan()]);
    if sort == Sort::All {
        cells.push("0.00".into());
    }
    cells.push(String::new());
    Row { cells, settled: settled.fen(), refunded: 0, ordered: paid.amount.fen(), fee }
}

fn refund_row(wechat: &Wechat, trade: &Trade, refund: &Refund, state: &str, sort: Sort) -> Row {
    let fee = -refund.amount.fen() * 6;
    let mut cells = head(wechat, trade, refund.created_at, state);
    cells.extend(["0.00".to_owned(), "0.00".to_owned()]);
    if sort == Sort::Refund {
        cells.push(spaced(beijing(refund.created_at)));
        cells.push(refund.succeeded_at.map(|at| spaced(beijing(at))).unwrap_or_default());
    }
    let status = match refund.state {
        RefundState::Processing => "PROCESSING",
        RefundState::Success => "SUCCESS",
        RefundState::Change | RefundState::Close => "FAIL",
    };
    cells.extend([refund.refund_id.clone(), refund.out_refund_no.clone(), refund.amount.yuan(), "0.00".into()]);
    cells.extend(["ORIGINAL".into(), status.into(), trade.subject.clone(), trade.attach.clone()]);
    cells.extend([five(fee), "0.60%".into(), "0.00".into(), refund.amount.yuan(), String::new()]);
    Row { cells, settled: 0, refunded: refund.amount.fen(), ordered: 0, fee }
}

/// Five decimals from units of 10^-5 yuan.
fn five(units: i64) -> String {
    let sign = if units < 0 { "-" } else { "" };
    format!("{sign}{}.{:05}", units.abs() / 100_000, units.abs() % 100_000)
}

fn yuan(fen: i64) -> String {
    Amount::from_stored(fen).unwrap_or_default().yuan()
}

const HEAD: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额";
const REFUND_TIMES: &str = ",退款申请时间,退款成功时间";
const REFUND_PART: &str = ",微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态";
const TAIL: &str = ",商品名称,商户数据包,手续费,费率,订单金额";
const SUMMARY: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

fn text(rows: Vec<Row>, sort: Sort) -> String {
    let (times, part, asked) = match sort {
        Sort::All => ("", REFUND_PART, ",申请退款金额"),
        Sort::Success => ("", "", ""),
        Sort::Refund => (REFUND_TIMES, REFUND_PART, ",申请退款金额"),
    };
    let mut lines = vec![format!("{HEAD}{times}{part}{TAIL}{asked},费率备注")];
    let sum = |of: fn(&Row) -> i64| rows.iter().map(of).sum::<i64>();
    let total = |of: fn(&Row) -> i64| yuan(sum(of));
    lines.extend(rows.iter().map(|row| ticked(&row.cells)));
    lines.push(SUMMARY.to_owned());
    lines.push(ticked(&[
        format!("{}.0", rows.len()),
        total(|r| r.settled),
        total(|r| r.refunded),
        "0.0".to_owned(),
        five(sum(|r| r.fee)),
        total(|r| r.ordered),
        total(|r| r.refunded),
    ]));
    let mut text = String::from('\u{feff}');
    for line in lines {
        text.push_str(&line);
        text.push_str("\r\n");
    }
    text
}

/// Every value behind a back-tick; a comma in a product's name is told apart by the missing one.
fn ticked(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| format!("`{}", cell.replace(['\r', '\n'], " "))).collect();
    cells.join(",")
}
