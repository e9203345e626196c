//! Bills (provider's documents: 申请交易账单, 申请资金账单, 下载账单): a signed ticket with an address that soon ends and a hash,
//! and an unsigned file, made from the ledger.

use super::super::clock::beijing;
use super::super::gzip;
use super::call::{self, Call};
use super::play::Wechat;
use super::reply::{Answer, Fault};
use super::trade::{Refund, RefundState, Trade};
use crate::model::Amount;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha1::{Digest, Sha1};
use std::sync::{Arc, PoisonError};
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

/// How long an address for a download lives.
const TOKEN_LIFE_MS: i64 = 5 * 60 * 1000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    All,
    Success,
    Refund,
}

pub fn trade_bill(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    let sort = match call.query("bill_type") {
        None | Some("ALL") => Sort::All,
        Some("SUCCESS") => Sort::Success,
        Some("REFUND") => Sort::Refund,
        Some("RECHARGE_REFUND") => return Err(none()),
        Some(_) => return Err(Fault::wrong("/query/bill_type", "的值不正确")),
    };
    let day = day(wechat, call)?;
    let mut rows: Vec<(i64, Row)> = vec![];
    for trade in &wechat.ledger().trades {
        let wanted = call.query("sub_mchid").is_none() || trade.partner;
        rows.extend(rows_of(wechat, trade, sort).into_iter().filter(|(at, _)| wanted && beijing(*at).date() == day));
    }
    if rows.is_empty() {
        return Err(none());
    }
    rows.sort_by_key(|(at, _)| *at);
    ticket(wechat, call, text(rows.into_iter().map(|(_, row)| row).collect(), sort))
}

pub fn fund_flow_bill(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    match call.query("account_type") {
        None | Some("BASIC") => {}
        Some("OPERATION" | "FEES") => return Err(none()),
        Some(_) => return Err(Fault::wrong("/query/account_type", "的值不正确")),
    }
    let day = day(wechat, call)?;
    let mut rows: Vec<(i64, Vec<String>, i64)> = vec![];
    for trade in &wechat.ledger().trades {
        for (at, row) in rows_of(wechat, trade, Sort::All).into_iter().filter(|(at, _)| beijing(*at).date() == day) {
            let amount = row.ordered - row.refunded;
            let (word, sort) = if amount < 0 { ("退款", "支出") } else { ("交易", "收入") };
            let number = if amount < 0 { &row.cells[14] } else { &row.cells[5] };
            let cells = vec![
                spaced(beijing(at)),
                trade.transaction_id.clone().unwrap_or_default(),
                number.clone(),
                word.to_owned(),
                word.to_owned(),
                sort.to_owned(),
                yuan(amount.abs()),
            ];
            rows.push((at, cells, amount));
        }
    }
    if rows.is_empty() {
        return Err(none());
    }
    rows.sort_by_key(|(at, ..)| *at);
    let head = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
    let mut lines = vec![head.to_owned()];
    let mut balance = 0;
    for (_, cells, amount) in &rows {
        balance += amount;
        let mut cells = cells.clone();
        cells.extend([signed_yuan(balance), "system".to_owned(), String::new(), cells[2].clone()]);
        lines.push(ticked(&cells));
    }
    let part = |sign: i64| rows.iter().map(|(.., a)| *a).filter(|a| a.signum() == sign).fold((0, 0), |(n, s), a| (n + 1, s + a));
    let ((came, came_sum), (went, went_sum)) = (part(1), part(-1));
    lines.push("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额".to_owned());
    let totals = [format!("{}.0", came + went), format!("{came}.0"), yuan(came_sum), format!("{went}.0"), yuan(-went_sum)];
    lines.push(ticked(&totals));
    ticket(wechat, call, joined(&lines))
}

fn none() -> Fault {
    Fault::new(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在", 268_435_464)
}

/// The day asked for: from ten o'clock of the next day, for three months.
fn day(wechat: &Wechat, call: &Call) -> Result<Date, Fault> {
    let wrong = || Fault::wrong("/query/bill_date", "格式不正确，应为yyyy-MM-DD");
    let day = call.query("bill_date").ok_or_else(wrong)?;
    let day = Date::parse(day, format_description!("[year]-[month]-[day]")).map_err(|_| wrong())?;
    if call.query("tar_type").is_some_and(|tar| tar != "GZIP") {
        return Err(Fault::wrong("/query/tar_type", "的值不正确"));
    }
    let now = beijing(wechat.now());
    if day >= now.date() || day < now.date() - Duration::days(92) {
        return Err(none());
    }
    if day == now.date() - Duration::days(1) && now.hour() < 10 {
        return Err(Fault::new(400, "STATEMENT_CREATING", "账单文件正在生成，请稍后再试", 268_435_464));
    }
    Ok(day)
}

fn ticket(wechat: &Wechat, call: &Call, text: String) -> Answer {
    let hash = hex::encode(Sha1::digest(&text));
    let zipped = call.query("tar_type").is_some();
    let file = if zipped { gzip::stored(text.as_bytes()) } else { text.into_bytes() };
    let token = wechat.stage.token(48);
    let mut tokens = wechat.tokens.lock().unwrap_or_else(PoisonError::into_inner);
    let now = wechat.now();
    tokens.retain(|_, (dies_at, _)| now < *dies_at);
    tokens.insert(token.clone(), (now + TOKEN_LIFE_MS, file));
    let tar = if zipped { "&tartype=gzip" } else { "" };
    let url = format!("https://api.mch.weixin.qq.com/v3/billdownload/file?token={token}{tar}");
    Ok(Some(json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url })))
}

/// `GET /v3/billdownload/file`: wants an `Authorization`, answers without a signature.
pub async fn download(State(wechat): State<Arc<Wechat>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let call = match call::admit(&wechat, &method, uri, &headers, &body) {
        Ok(call) => call,
        Err(fault) => return call::refuse(&wechat, None, fault),
    };
    let now = wechat.now();
    let file = {
        let tokens = wechat.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let found = call.query("token").and_then(|token| tokens.get(token)).filter(|(dies_at, _)| now < *dies_at);
        found.map(|(_, file)| file.clone())
    };
    match file {
        Some(file) => ([(header::CONTENT_TYPE, "application/octet-stream")], file).into_response(),
        None => call::refuse(&wechat, None, Fault::new(400, "PARAM_ERROR", "下载链接已失效", 268_435_461)),
    }
}

struct Row {
    cells: Vec<String>,
    refunded: i64,
    ordered: i64,
    /// 0.6 % in units of 10^-5 yuan, whole fen.
    fee: i64,
}

fn rows_of(wechat: &Wechat, trade: &Trade, sort: Sort) -> Vec<(i64, Row)> {
    let Some(paid) = &trade.paid else { return vec![] };
    let mut rows = vec![];
    if sort != Sort::Refund {
        let mut cells = head(wechat, trade, paid.at, "SUCCESS");
        cells.extend([paid.amount.yuan(), "0.00".into()]);
        if sort == Sort::All {
            cells.extend(["0", "0", "0.00", "0.00", "", ""].map(str::to_owned));
        }
        let fee = fee(paid.amount.fen());
        let attach = trade.attach.clone().unwrap_or_default();
        cells.extend([trade.description.clone(), attach, five(fee), "0.60%".into(), paid.amount.yuan()]);
        if sort == Sort::All {
            cells.push("0.00".into());
        }
        cells.push(String::new());
        rows.push((paid.at, Row { cells, refunded: 0, ordered: paid.amount.fen(), fee }));
    }
    if sort != Sort::Success {
        let refunds = trade.refunds.iter().filter(|r| r.state != RefundState::Closed);
        rows.extend(refunds.map(|refund| (refund.created_at, refund_row(wechat, trade, refund, sort))));
    }
    rows
}

/// Rounded to fen, as the provider settles it.
fn fee(fen: i64) -> i64 {
    (fen * 6 + 500) / 1000 * 1000
}

fn head(wechat: &Wechat, trade: &Trade, at: i64, state: &str) -> Vec<String> {
    let account = &wechat.account;
    let openid = trade.paid.as_ref().map(|p| p.openid.clone()).unwrap_or_default();
    vec![
        spaced(beijing(at)),
        account.app.appid.clone(),
        account.mchid.clone(),
        if trade.partner { account.sub_mchid.clone() } else { "0".into() },
        String::new(),
        trade.transaction_id.clone().unwrap_or_default(),
        trade.out_trade_no.clone(),
        openid,
        trade.trade_type.as_str().into(),
        state.into(),
        "OTHERS".into(),
        "CNY".into(),
    ]
}

fn refund_row(wechat: &Wechat, trade: &Trade, refund: &Refund, sort: Sort) -> Row {
    let fee = -fee(refund.amount.fen());
    let mut cells = head(wechat, trade, refund.created_at, "REFUND");
    cells.extend(["0.00".to_owned(), "0.00".to_owned()]);
    if sort == Sort::Refund {
        cells.push(spaced(beijing(refund.created_at)));
        cells.push(refund.succeeded_at.map(|at| spaced(beijing(at))).unwrap_or_default());
    }
    let status = match refund.state {
        RefundState::Processing => "PROCESSING",
        RefundState::Success => "SUCCESS",
        RefundState::Abnormal | RefundState::Closed => "FAIL",
    };
    cells.extend([refund.refund_id.clone(), refund.out_refund_no.clone(), refund.amount.yuan(), "0.00".into()]);
    let attach = trade.attach.clone().unwrap_or_default();
    cells.extend(["ORIGINAL".into(), status.into(), trade.description.clone(), attach]);
    cells.extend([five(fee), "0.60%".into(), "0.00".into(), refund.amount.yuan(), String::new()]);
    Row { cells, refunded: refund.amount.fen(), ordered: 0, fee }
}

fn spaced(at: OffsetDateTime) -> String {
    at.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")).unwrap_or_default()
}

/// Five decimals from units of 10^-5 yuan.
fn five(units: i64) -> String {
    let sign = if units < 0 { "-" } else { "" };
    format!("{sign}{}.{:05}", units.abs() / 100_000, units.abs() % 100_000)
}

fn yuan(fen: i64) -> String {
    Amount::from_stored(fen).unwrap_or_default().yuan()
}

fn signed_yuan(fen: i64) -> String {
    format!("{}{}", if fen < 0 { "-" } else { "" }, yuan(fen.abs()))
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
    lines.extend(rows.iter().map(|row| ticked(&row.cells)));
    lines.push(SUMMARY.to_owned());
    lines.push(ticked(&[
        format!("{}.0", rows.len()),
        yuan(sum(|r| r.ordered)),
        yuan(sum(|r| r.refunded)),
        "0.0".to_owned(),
        five(sum(|r| r.fee)),
        yuan(sum(|r| r.ordered)),
        yuan(sum(|r| r.refunded)),
    ]));
    joined(&lines)
}

fn joined(lines: &[String]) -> String {
    let mut text = String::from('\u{feff}');
    for line in lines {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text
}

/// Every value behind a back-tick; a comma in a product's name is told apart by the missing one.
fn ticked(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| format!("`{}", cell.replace(['\r', '\n'], " "))).collect();
    cells.join(",")
}
