//! Settlement files: fetched, unpacked, cut by bytes.
//!
//! Specification 5.1.0, chapter 对账文件下载, and the layout of file ZM. Lines are of fixed width in bytes of GBK, so they are
//! cut before anything is decoded. Amounts carry a letter for their direction whose sense the layout does not explain: the
//! type of the transaction decides instead.

use super::codes::Meaning;
use super::{Unionpay, exchange, message, moment, zip};
use crate::channels::shanghai;
use crate::model::Amount;
use crate::pay::channel::{Bill, BillKind, BillLine, ChannelError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The request names no year, so an old day would be answered with another year's.
const OLDEST_MS: i64 = 300 * DAY_MS;
/// Counted from the day's own beginning; the file is there the next morning. From noon on, no file means no money.
const READY_MS: i64 = DAY_MS + DAY_MS / 2;

/// Widths of a line's fields in bytes; one space stands between two of them.
const WIDTHS: [usize; 41] = [
    3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32,
    13, 13, 12, 2, 1, 131,
];
/// Where in a line the fields stand that are read.
const TIME: usize = 4;
const AMOUNT: usize = 6;
const QUERY_ID: usize = 9;
const ORDER_ID: usize = 11;
const FEE: usize = 15;
const TXN_TYPE: usize = 19;
const MER_ID: usize = 27;
const NET: usize = 32;

impl Unionpay {
    /// The bill of a settlement day, which ends at 23:00 of the day it is named by.
    pub(super) async fn settlement(&self, day: &str) -> Result<Bill, ChannelError> {
        let refused = |code: &str, message: &str| ChannelError::Refused { code: code.to_owned(), message: message.to_owned() };
        let begin = shanghai::parse_spaced(&format!("{day} 00:00:00")).ok_or_else(|| refused("10", "the day is no date"))?;
        let now_ms = self.world.now_ms();
        if now_ms - begin > OLDEST_MS {
            return Err(refused("98", "UnionPay's requests name no year: only the last 300 days can be had"));
        }
        let date: String = day.get(5..).unwrap_or_default().replace('-', "");
        let fields = message::of([
            ("txnType", "76"),
            ("txnSubType", "01"),
            ("bizType", "000000"),
            ("settleDate", &date),
            ("fileType", "00"),
            ("txnTime", &shanghai::compact(now_ms)),
        ]);
        let reply = self.ask(exchange::BILL, fields, now_ms).await?;
        match reply.meaning() {
            Meaning::Done => {}
            Meaning::Refused if reply.code() == "98" && now_ms - begin >= READY_MS => {
                return Ok(Bill { lines: Vec::new(), raw: Vec::new() });
            }
            Meaning::Refused => return Err(reply.refused()),
            _ => return Err(reply.unclear()),
        }
        let raw = unpack(reply.need("fileContent")?).map_err(|problem| ChannelError::Unclear(format!("the file {problem}")))?;
        let lines = read(&raw, &self.mer_id, begin).map_err(|problem| ChannelError::Unclear(format!("the file {problem}")))?;
        Ok(Bill { lines, raw })
    }
}

/// Base64 around zlib around a ZIP archive; of its files the transactions alone, one after the other.
///
/// # Errors
/// The problem, in words.
pub fn unpack(file_content: &str) -> Result<Vec<u8>, &'static str> {
    let compact: String = file_content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let packed = STANDARD.decode(compact).map_err(|_| "is not base64")?;
    let archive = zip::inflate(&packed)?;
    let is_transactions = |name: &[u8]| name.windows(3).any(|part| part == b"ZM_");
    let files = zip::entries(&archive)?.into_iter().filter(|entry| is_transactions(&entry.name));
    Ok(files.flat_map(|entry| entry.content).collect())
}

/// The lines that are money of this merchant's. `begin` is the day's beginning, UTC ms.
///
/// # Errors
/// The problem, in words.
pub fn read(raw: &[u8], mer_id: &str, begin: i64) -> Result<Vec<BillLine>, &'static str> {
    let lines = raw.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut found = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let kind = match field(line, TXN_TYPE)? {
            "01" => BillKind::Payment,
            "04" | "31" => BillKind::Refund,
            _ => continue,
        };
        if field(line, MER_ID)? != mer_id {
            continue;
        }
        let fen = digits(field(line, AMOUNT)?).ok_or("has a line without an amount")?;
        found.push(BillLine {
            kind,
            number: field(line, ORDER_ID)?.to_owned(),
            provider_no: field(line, QUERY_ID)?.to_owned(),
            amount: Amount::from_stored(fen).map_err(|_| "has an amount that is out of range")?,
            fee_fen: fee(kind, fen, field(line, FEE)?, field(line, NET)?),
            at: moment::of(field(line, TIME)?, begin).ok_or("has a line without a time")?,
        });
    }
    Ok(found)
}

fn field(line: &[u8], index: usize) -> Result<&str, &'static str> {
    let start = WIDTHS[..index].iter().map(|width| width + 1).sum::<usize>();
    let bytes = line.get(start..start + WIDTHS[index]).ok_or("has a line that is too short")?;
    std::str::from_utf8(bytes).map(str::trim).map_err(|_| "has a line whose columns are shifted")
}

fn digits(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

/// The fee, where amount and net agree on it; given back with a refund.
fn fee(kind: BillKind, fen: i64, fee: &str, net: &str) -> Option<i64> {
    let size = |text: &str| text.strip_prefix(['C', 'D']).and_then(digits);
    let (fee, net) = (size(fee)?, size(net)?);
    (fen.checked_sub(fee) == Some(net)).then_some(if kind == BillKind::Payment { fee } else { -fee })
}
