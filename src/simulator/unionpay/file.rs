//! Settlement files: one line per transaction of a settlement day, of fixed width in bytes of GBK, zipped, deflated, in
//! base64.
//!
//! Specification 5.1.0, chapter 对账文件下载, and the layout of file ZM.

use super::account::PAYEE;
use super::desk::{Desk, Unionpay};
use super::ledger::{Kind, State, Transaction};
use super::message::Message;
use super::moment::{self, DAY_MS};
use super::refusal::{Refusal, SUCCESS};
use super::rules;
use crate::simulator::zip::Archive;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A day's file is made this long after the day has ended at 23:00.
const MAKING_MS: i64 = 10 * 60 * 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Answers with the file of a day.
///
/// # Errors
/// 98 when there is none.
pub fn answer(unionpay: &Unionpay, desk: &mut Desk, message: &Message) -> Result<Message, Refusal> {
    let date = rules::need(message, "settleDate")?;
    let now = unionpay.now_ms();
    rules::present(message, now)?;
    rules::need(message, "fileType")?;
    let absent = || Refusal::new("98", "文件不存在[9800001]");
    // The newest day of that name whose file is made.
    let ready = if desk.switches.files_at_once { now + DAY_MS } else { now - MAKING_MS - HOUR_MS };
    let day = (0..366).map(|back| now - back * DAY_MS).find(|at| moment::settle_date(*at) == date);
    let day = day.filter(|at| end_of(*at) <= ready + HOUR_MS).ok_or_else(absent)?;
    let name = moment::settle_day(day);
    let of_day = desk.ledger.all().filter(|t| t.state == State::Done && moment::settle_day(t.moment()) == name);
    let mut lines = Vec::new();
    for transaction in of_day {
        let original = transaction.order.original.as_deref().and_then(|id| desk.ledger.by_query_id(id));
        lines.extend(line(transaction, original, &unionpay.account.mer_id, PAYEE));
        lines.extend(b"\r\n");
    }
    if lines.is_empty() {
        return Err(absent());
    }
    let mut archive = Archive::default();
    archive.add(format!("INN{name}88ZM_{}", unionpay.account.mer_id).as_bytes(), &lines);
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&archive.finish(), 6);
    Ok(Message::default()
        .with("version", "5.1.0")
        .with("encoding", "UTF-8")
        .with("signMethod", "01")
        .with("accessType", "0")
        .with("merId", &unionpay.account.mer_id)
        .with("bizType", "000000")
        .with("txnType", "76")
        .with("txnSubType", "01")
        .with("txnTime", message.text_of("txnTime"))
        .with("settleDate", date)
        .with("fileType", "00")
        .with("fileName", format!("RD20{name}_{}.zip", unionpay.account.mer_id))
        .with("fileContent", STANDARD.encode(packed))
        .with("respCode", "00")
        .with("respMsg", SUCCESS))
}

/// When the settlement day of a moment ends.
fn end_of(ms: i64) -> i64 {
    let day = (ms + 9 * HOUR_MS).div_euclid(DAY_MS);
    (day + 1) * DAY_MS - 9 * HOUR_MS
}

/// 0.6 %, rounded.
fn fee(fen: i64) -> i64 {
    (fen * 6 + 500) / 1000
}

/// Twelve digits of fen after a letter: `C` to the merchant, `D` from it.
fn directed(letter: char, fen: i64) -> String {
    format!("{letter}{fen:012}")
}

/// A line; `original` is the payment that a refund is about.
pub fn line(transaction: &Transaction, original: Option<&Transaction>, mer_id: &str, payee: &str) -> Vec<u8> {
    let order = &transaction.order;
    let is_payment = order.kind == Kind::Payment;
    let (charge, fee) = (transaction.charge, fee(transaction.charge));
    let (to, from) = if is_payment { ('C', 'D') } else { ('D', 'C') };
    let net = directed(to, charge - fee);
    let text = |value: &str| value.to_owned();
    let fields: [(usize, String); 41] = [
        (3, text(if is_payment { "S22" } else { "S30" })),
        (11, text("48020000")),
        (11, text("00040000")),
        (6, transaction.trace_no.clone()),
        (10, moment::without_year(transaction.moment())),
        (19, text("621626******0018")),
        (12, format!("{charge:012}")),
        (4, text("5311")),
        (2, order.channel_type.clone()),
        (21, transaction.query_id.clone()),
        (2, String::new()),
        (32, order.key.0.clone()),
        (2, text("01")),
        (6, original.map(|t| t.trace_no.clone()).unwrap_or_default()),
        (10, original.map(|t| moment::without_year(t.moment())).unwrap_or_default()),
        (13, directed(from, fee)),
        (13, net.clone()),
        (4, text("0001")),
        (15, String::new()),
        (2, text(order.kind.txn_type())),
        (2, order.sub_type.clone()),
        (6, order.biz_type.clone()),
        (2, String::new()),
        (4, String::new()),
        (32, String::new()),
        (1, String::new()),
        (21, order.original.clone().unwrap_or_default()),
        (15, text(mer_id)),
        (1, String::new()),
        (15, String::new()),
        (32, text(payee)),
        (13, String::new()),
        (13, net),
        (8, String::new()),
        (32, order.reserved.clone().unwrap_or_default()),
        (13, String::new()),
        (13, String::new()),
        (12, String::new()),
        (2, String::new()),
        (1, String::new()),
        (131, original.unwrap_or(transaction).order.key.0.clone()),
    ];
    let mut out = Vec::with_capacity(607);
    for (at, (width, value)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        let (gbk, _, _) = encoding_rs::GBK.encode(value);
        let end = out.len() + width;
        out.extend(gbk.iter().take(*width));
        out.resize(end, b' ');
    }
    out
}
