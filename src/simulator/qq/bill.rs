//! `qpay_mch_statement_down.cgi` (provider's document: 对账单下载): plain text made from the ledger. The columns are those of
//! integrators' code; the text of the summary is not published.

use super::super::clock::beijing;
use super::super::flat_xml as xml;
use super::super::tls::Transport;
use super::call::{Call, Certificate, admit};
use super::check::spaced;
use super::play::Wallet;
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

/// A refusal: `retcode` and `retmsg`.
type Refused = (&'static str, &'static str);

const NO_BILL: Refused = ("66200020", "账单不存在");

pub async fn download(wallet: Arc<Wallet>, method: Method, transport: Transport, body: Bytes) -> Response {
    let call = match admit(&wallet, &method, transport, &body, Certificate::None) {
        Ok(call) => call,
        Err(refused) => return refused,
    };
    match bill(&wallet, &call) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
        Err((code, text)) => {
            wallet.stage.refused(ChannelKind::Qq, text);
            let pairs = [("return_code", "FAIL"), ("return_msg", text), ("retcode", code), ("retmsg", text)];
            let body = xml::write("xml", &pairs.map(|(n, v)| (n.to_owned(), v.to_owned())), true);
            ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], body).into_response()
        }
    }
}

fn bill(wallet: &Wallet, call: &Call) -> Result<String, Refused> {
    let day = call.get("bill_date").ok_or(("66200021", "缺少参数bill_date"))?;
    let day = Date::parse(day, format_description!("[year][month][day]")).map_err(|_| ("66200021", "bill_date参数格式有误"))?;
    let sort = match call.get("bill_type") {
        Some("ALL") => Sort::All,
        Some("SUCCESS") => Sort::Success,
        Some("REFUND") => Sort::Refund,
        Some("RECHAR") => return Err(NO_BILL),
        _ => return Err(("66200021", "bill_type参数格式有误")),
    };
    if call.get("tar_type").is_some() {
        return Err(("66200022", "演示环境不提供压缩账单"));
    }
    if !is_ready(day, beijing(wallet.now())) {
        return Err(NO_BILL);
    }
    let ledger = wallet.ledger();
    let mut rows: Vec<(i64, Vec<String>)> = ledger.trades.iter().flat_map(|trade| rows_of(wallet, trade, sort)).collect();
    rows.retain(|(at, _)| beijing(*at).date() == day);
    rows.sort_by_key(|(at, _)| *at);
    if rows.is_empty() {
        return Err(NO_BILL);
    }
    let mut lines = vec![header_of(sort)];
    lines.extend(rows.iter().map(|(_, cells)| ticked(cells)));
    lines.push(format!("总交易单数,`{}", rows.len()));
    Ok(lines.into_iter().map(|line| line + "\r\n").collect())
}

/// From nine o'clock of the next day, for three months.
fn is_ready(day: Date, now: OffsetDateTime) -> bool {
    let yesterday = now.date() - Duration::days(1);
    (day < yesterday || (day == yesterday && now.hour() >= 9)) && day >= now.date() - Duration::days(92)
}

const HEAD: &str = "交易时间,商户号,商户APPID,子商户号,子商户APPID,用户标识,设备号,支付方式,商户订单号,QQ钱包订单号,付款银行,货币种类,订单金额,商户优惠金额,商户应收金额,QQ钱包优惠金额,用户支付金额,交易状态";
const REFUND_PART: &str =
    ",退款提交时间,商户退款订单号,QQ钱包退款订单号,退款金额,退还QQ钱包优惠金额,退款状态,退款成功时间,退款方式";
const TAIL: &str = ",商品名称,商户数据包,手续费金额,费率";

fn header_of(sort: Sort) -> String {
    format!("{HEAD}{}{TAIL}", if sort == Sort::Success { "" } else { REFUND_PART })
}

fn rows_of(wallet: &Wallet, trade: &Trade, sort: Sort) -> Vec<(i64, Vec<String>)> {
    let Some(paid) = &trade.paid else { return vec![] };
    let mut rows = vec![];
    if sort != Sort::Refund {
        let none = [""; 8].map(str::to_owned).to_vec();
        let part = if sort == Sort::Success { vec![] } else { none };
        rows.push((paid.at, row(wallet, trade, paid.at, "SUCCESS", part)));
    }
    if sort != Sort::Success {
        for refund in trade.refunds.iter().filter(|r| r.state != RefundState::Fail) {
            rows.push((refund.created_at, row(wallet, trade, refund.created_at, "REFUND", refund_cells(refund))));
        }
        if let (State::Revoked, Some(at)) = (trade.state, trade.closed_at) {
            let whole = Refund {
                refund_id: trade.transaction_id.clone().unwrap_or_default(),
                out_refund_no: trade.out_trade_no.clone(),
                amount: paid.amount,
                coupon: paid.coupon,
                state: RefundState::Success,
                created_at: at,
                succeeded_at: Some(at),
            };
            rows.push((at, row(wallet, trade, at, "REVOKED", refund_cells(&whole))));
        }
    }
    rows
}

fn row(wallet: &Wallet, trade: &Trade, at: i64, state: &str, refund: Vec<String>) -> Vec<String> {
    let account = &wallet.account;
    let paid = trade.paid.as_ref();
    let money = |of: fn(&super::trade::Paid) -> Amount| paid.map_or(Amount::ZERO, of).yuan();
    let mut cells = vec![
        spaced(beijing(at)),
        account.mch_id.clone(),
        account.appid.clone(),
        String::new(),
        String::new(),
        paid.map(|p| p.openid.clone()).unwrap_or_default(),
        trade.device_info.clone(),
        trade.trade_type.as_str().to_owned(),
        trade.out_trade_no.clone(),
        trade.transaction_id.clone().unwrap_or_default(),
        "BALANCE".to_owned(),
        "CNY".to_owned(),
        money(|p| p.amount),
        "0.00".to_owned(),
        money(|p| p.amount),
        money(|p| p.coupon),
        money(|p| p.cash()),
        state.to_owned(),
    ];
    cells.extend(refund);
    cells.extend([trade.subject.clone(), trade.attach.clone(), "0.00".to_owned(), "0.60%".to_owned()]);
    cells
}

fn refund_cells(refund: &Refund) -> Vec<String> {
    vec![
        spaced(beijing(refund.created_at)),
        refund.out_refund_no.clone(),
        refund.refund_id.clone(),
        refund.amount.yuan(),
        refund.coupon.yuan(),
        refund.state.as_str().to_owned(),
        refund.succeeded_at.map(|at| spaced(beijing(at))).unwrap_or_default(),
        "ORIGINAL".to_owned(),
    ]
}

/// Every value behind a back-tick; a comma in a product's name is told apart by the missing one.
fn ticked(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| format!("`{}", cell.replace(['\r', '\n'], " "))).collect();
    cells.join(",")
}
